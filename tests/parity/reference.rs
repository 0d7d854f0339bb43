//! Scoring as the documents describe it, in strings, hash maps and f64, from nothing but the model's file.

use std::collections::{BTreeMap, HashMap, HashSet};

use rust_stemmers::{Algorithm, Stemmer};
use safetensors::SafeTensors;
use serde_json::Value as Json;
use sociable::{Codebook, Parent, Post, Value, features::CueList, text::Language};

use crate::parity::tokens::{Kind, Token, normalized, tokens};

const CROSSED: [&str; 12] = [
    "should",
    "need to",
    "could",
    "try",
    "recommend",
    "you",
    "i",
    "imperative",
    "?",
    "feel",
    "if i were",
    "question word first",
];

/// A model as its file holds it.
pub struct Reference {
    codebook: Codebook,
    cues: CueList,
    panels: Vec<Panel>,
}

struct Panel {
    account: Option<String>,
    stems: HashSet<String>,
    /// One stem or two → column.
    columns: HashMap<Vec<String>, usize>,
    idf: Vec<f32>,
    weights: Vec<f32>,
    intercepts: Vec<f32>,
    heads: Vec<Json>,
}

/// A judgement, and how near it was to another one.
pub struct Judged {
    pub status: &'static str,
    /// Upholds and breaches of each characteristic of the codebook.
    pub probabilities: Vec<[Option<f64>; 2]>,
    pub values: Vec<Option<Value>>,
    /// By how much, relatively, a threshold or the other pole was missed; the least of a characteristic.
    pub margins: Vec<f64>,
}

impl Reference {
    pub fn read(bytes: &[u8]) -> Self {
        let (_, metadata) = SafeTensors::read_metadata(bytes).expect("a safetensors file");
        let header = &metadata.metadata().as_ref().expect("metadata")["sociable"];
        let header: Json = serde_json::from_str(header).expect("JSON");
        assert_eq!(header["language"], "en", "the reference stems English");
        let tensors = SafeTensors::deserialize(bytes).expect("a safetensors file");
        let panels = header["panels"].as_array().expect("a list of panels").iter().enumerate();
        let panels = panels.map(|(place, panel)| {
            let data = |part: &str| {
                tensors.tensor(&format!("panel{place}.{part}")).expect("a tensor").data().to_vec()
            };
            let fours = |part: &str| -> Vec<[u8; 4]> { data(part).as_chunks().0.to_vec() };
            let floats = |part: &str| fours(part).into_iter().map(f32::from_le_bytes).collect::<Vec<_>>();
            let stems = String::from_utf8(data("stems")).expect("UTF-8");
            let stems: Vec<String> = stems.split('\n').map(str::to_owned).collect();
            let ids: Vec<u32> = fours("pairs").into_iter().map(u32::from_le_bytes).collect();
            let pairs = ids.chunks(2).map(|pair| pair.iter().map(|&id| stems[id as usize].clone()).collect());
            let names = stems.iter().map(|stem| vec![stem.clone()]).chain(pairs);
            Panel {
                account: panel["account"].as_str().map(str::to_owned),
                columns: names.zip(0..).collect(),
                stems: stems.iter().cloned().collect(),
                idf: floats("idf"),
                weights: floats("weights"),
                intercepts: floats("intercepts"),
                heads: panel["heads"].as_array().expect("a list of heads").clone(),
            }
        });
        Self {
            panels: panels.collect(),
            codebook: serde_json::from_value(header["codebook"].clone()).expect("a codebook"),
            cues: serde_json::from_value(header["cues"].clone()).expect("cue lists"),
        }
    }

    pub fn judge(&self, post: &Post) -> Judged {
        let n = self.codebook.characteristics.len();
        let mut judged = Judged {
            status: "ok",
            probabilities: vec![[None; 2]; n],
            values: vec![None; n],
            margins: vec![f64::INFINITY; n],
        };
        let account = post.account.name();
        let panel =
            self.panels.iter().find(|panel| panel.account.as_deref().is_none_or(|own| own == account));
        if post.text.trim().is_empty() {
            judged.status = "empty";
            return judged;
        }
        let Some(panel) = panel else {
            judged.status = "not-covered";
            return judged;
        };
        let reading = Reading::of(post.text);
        judged.status = status(post, &reading, panel);
        if judged.status != "ok" {
            return judged;
        }
        let row = self.row(post, &reading, panel);
        for head in &panel.heads {
            let number = |name: &str| head[name].as_u64().expect("a number") as usize;
            let characteristic = number("characteristic");
            if self.codebook.characteristics[characteristic].needs_parent && post.parent == Parent::Unknown {
                continue;
            }
            let n_outputs = panel.intercepts.len();
            let logit = |output: usize| {
                let added =
                    row.iter().map(|(column, x)| x * f64::from(panel.weights[column * n_outputs + output]));
                f64::from(panel.intercepts[output]) + added.sum::<f64>()
            };
            let first = logit(number("output"));
            let alone = |logit: f64| logit.exp() / (1.0 + logit.exp());
            let kind = head["kind"].as_str().expect("a kind");
            let [upholds, breaches] = match kind {
                "ternary" => {
                    let (breaches, upholds) = (first.exp(), logit(number("output") + 1).exp());
                    let sum = 1.0 + breaches + upholds;
                    [Some(upholds / sum), Some(breaches / sum)]
                }
                "upholds" => [Some(alone(first)), None],
                "breaches" => [None, Some(alone(first))],
                "opposed" => [Some(alone(first)), Some(alone(-first))],
                _ => panic!("found a head of kind {kind}"),
            };
            judged.probabilities[characteristic] = [upholds, breaches];
            let threshold = |pole: usize| head["thresholds"][pole].as_f64().expect("a threshold");
            let reach = [upholds.unwrap_or(0.0) / threshold(0), breaches.unwrap_or(0.0) / threshold(1)];
            let value = if reach[0] >= 1.0 && (reach[0] >= reach[1] || kind == "opposed") {
                Value::Upholds
            } else if reach[1] >= 1.0 || kind == "opposed" {
                Value::Breaches
            } else {
                Value::Neither
            };
            judged.values[characteristic] = Some(value);
            let apart = [reach[0] - 1.0, reach[1] - 1.0, reach[0] - reach[1]];
            judged.margins[characteristic] = apart.into_iter().map(f64::abs).fold(f64::INFINITY, f64::min);
        }
        judged
    }

    /// Terms by (1 + ln count) × idf, those of one stem and those of two each of length 1; cues and context at half.
    fn row(&self, post: &Post, reading: &Reading, panel: &Panel) -> BTreeMap<usize, f64> {
        let mut row = BTreeMap::new();
        for n_stems in [1, 2] {
            let mut counts: BTreeMap<usize, f64> = BTreeMap::new();
            for term in reading.stems.windows(n_stems) {
                if let Some(&column) = panel.columns.get(term) {
                    *counts.entry(column).or_default() += 1.0;
                }
            }
            let weighed = counts
                .into_iter()
                .map(|(column, count)| (column, (1.0 + count.ln()) * f64::from(panel.idf[column])));
            let weighed: Vec<(usize, f64)> = weighed.collect();
            let length = weighed.iter().map(|(_, x)| x * x).sum::<f64>().sqrt();
            row.extend(weighed.into_iter().map(|(column, x)| (column, x / length)));
        }
        let cues = reading.cues(&self.cues);
        let context = self.context(post, reading, &cues);
        let numbers = cues.into_iter().map(|(_, number)| number).chain(context);
        row.extend((panel.idf.len()..).zip(numbers.map(|number| number / 2.0)));
        row
    }

    fn context(&self, post: &Post, own: &Reading, cues: &[(String, f64)]) -> Vec<f64> {
        let mut context = vec![0.0; 12 + 2 * CROSSED.len()];
        let text = match post.parent {
            Parent::None => return context,
            Parent::Unknown => {
                context[1] = 1.0;
                return context;
            }
            Parent::Text(text) => text,
        };
        let parent = Reading::of(text);
        let asks = count(&parent.words, &self.cues.asks.phrases) > 0;
        let shared = own.stem_set().intersection(&parent.stem_set()).count() as f64;
        let all = own.stem_set().union(&parent.stem_set()).count() as f64;
        let parent_cues = parent.cues(&self.cues);
        context[..12].copy_from_slice(&[
            1.0,
            0.0,
            flag(parent.n("?") > 0),
            flag(asks),
            flag(parent.n_words() == 0),
            flag(parent.n_words() < 12),
            length(parent.n_words()),
            named(&parent_cues, "you"),
            named(&parent_cues, "i"),
            shared / (own.stem_set().len() as f64).max(1.0),
            if all > 0.0 { shared / all } else { 0.0 },
            (shared / 10.0).min(1.0),
        ]);
        let start = if asks { 12 } else { 12 + CROSSED.len() };
        for (place, name) in context[start..].iter_mut().zip(CROSSED) {
            *place = named(cues, name);
        }
        context
    }
}

fn status(post: &Post, reading: &Reading, panel: &Panel) -> &'static str {
    if reading.n_words() < 2 {
        return "too-short";
    }
    let words = reading.tokens.iter().zip(&reading.stems).filter(|(token, _)| token.kind == Kind::Word);
    let is_common = |stem: &String| {
        panel.columns.get(&vec![stem.clone()]).is_some_and(|&column| panel.idf[column] <= 4.912)
    };
    let familiar = |stem: &String| usize::from(panel.stems.contains(stem)) + usize::from(is_common(stem));
    let n_familiar: usize = words.map(|(_, stem)| familiar(stem)).sum();
    let claimed = Language::English.is_not(post.lang);
    let other = Language::English.is_plainly_not(post.text);
    if 5 * n_familiar < 4 * reading.n_words() && (claimed || other) { "other-language" } else { "ok" }
}

/// One text, read.
struct Reading {
    text: String,
    tokens: Vec<Token>,
    /// A stem a token.
    stems: Vec<String>,
    /// What phrases are looked for in: words, and nothing where a phrase cannot go on.
    words: Vec<Option<String>>,
}

impl Reading {
    fn of(text: &str) -> Self {
        let stemmer = Stemmer::create(Algorithm::English);
        let tokens = tokens(text);
        let stem = |token: &Token| match token.kind {
            Kind::SentenceStart => "<s>".to_owned(),
            Kind::Number => "<number>".to_owned(),
            Kind::Url => "<url>".to_owned(),
            Kind::Mention => "<mention>".to_owned(),
            Kind::Email => "<email>".to_owned(),
            Kind::Hash => "#".to_owned(),
            Kind::Word => stemmer.stem(&normalized(&token.text)).into_owned(),
            Kind::Punctuation if token.text.starts_with('.') && token.text.len() > 1 => "\u{2026}".to_owned(),
            Kind::Punctuation if is_quote(&token.text) => "\"".to_owned(),
            Kind::Emoji | Kind::Punctuation => normalized(&token.text),
        };
        let stems = tokens.iter().map(stem).collect();
        let words = tokens.iter().filter_map(|token| match token.kind {
            Kind::Word => Some(Some(normalized(&token.text))),
            Kind::SentenceStart | Kind::Number | Kind::Punctuation => Some(None),
            _ => None,
        });
        Self { text: text.to_owned(), words: words.collect(), stems, tokens }
    }

    fn n_kind(&self, kind: Kind) -> usize {
        self.tokens.iter().filter(|token| token.kind == kind).count()
    }

    fn n_words(&self) -> usize {
        self.n_kind(Kind::Word)
    }

    fn n(&self, sign: &str) -> usize {
        self.signs().filter(|own| *own == sign).count()
    }

    fn signs(&self) -> impl Iterator<Item = &str> {
        let signs = self.tokens.iter().filter(|token| token.kind == Kind::Punctuation);
        signs.map(|token| token.text.as_str())
    }

    fn stem_set(&self) -> HashSet<&str> {
        let words = self.tokens.iter().zip(&self.stems).filter(|(token, _)| token.kind == Kind::Word);
        words.map(|(_, stem)| stem.as_str()).collect()
    }

    /// Cues by name, in the order of their columns: those of the lists, then those that are counted by code.
    fn cues(&self, lists: &CueList) -> Vec<(String, f64)> {
        let listed = lists.cue.iter().map(|cue| saturated(count(&self.words, &cue.phrases)));
        let is_past = |word: &String| {
            let ends = word.len() > 4 && word.ends_with("ed") && !word.ends_with("eed");
            ends || lists.past.words.contains(word)
        };
        let n_past = self.words.iter().flatten().filter(|word| is_past(word)).count();
        let n_sentences = self.n_kind(Kind::SentenceStart);
        let (mut question_first, mut imperative_first, mut n_imperatives) = (false, false, 0);
        let (mut sentence, mut only_fillers) = (0, false);
        for token in &self.tokens {
            if token.kind == Kind::SentenceStart {
                sentence += 1;
                only_fillers = true;
            }
            if token.kind == Kind::Word && only_fillers {
                let word = normalized(&token.text);
                question_first |= sentence == 1 && lists.question.words.contains(&word);
                if lists.imperative.verbs.contains(&word) {
                    n_imperatives += 1;
                    imperative_first |= sentence == 1;
                }
                only_fillers = lists.imperative.fillers.contains(&word);
            }
        }
        let counted = [Kind::Word, Kind::Punctuation, Kind::Number];
        let last = self.tokens.iter().rfind(|token| counted.contains(&token.kind));
        let letters = self.text.chars().filter(|c| c.is_alphabetic()).count();
        let capitals = self.text.chars().filter(|c| c.is_alphabetic() && c.is_uppercase()).count();
        let numbers = [
            flag(question_first),
            saturated(n_past),
            flag(n_imperatives > 0),
            flag(imperative_first),
            n_imperatives.min(n_sentences) as f64 / n_sentences.max(1) as f64,
            flag(last.is_some_and(|token| token.text == "?")),
            flag(self.n("?") > 0),
            flag(self.n("!") > 0),
            length(self.n_words()),
            flag(self.n_words() < 5),
            saturated(self.n_kind(Kind::Url)),
            saturated(self.n_kind(Kind::Mention) + self.n_kind(Kind::Email)),
            saturated(self.n_kind(Kind::Hash)),
            if letters == 0 { 0.0 } else { capitals as f64 / letters as f64 },
            saturated(self.n_kind(Kind::Number)),
            flag(self.signs().any(is_quote)),
            saturated(self.signs().filter(|sign| *sign == "\u{2026}" || sign.starts_with("..")).count()),
            saturated(self.n_kind(Kind::Emoji)),
            (n_sentences as f64 / 10.0).min(1.0),
        ];
        lists.names().map(str::to_owned).zip(listed.chain(numbers)).collect()
    }
}

/// How often phrases stand in a run of words.
fn count(words: &[Option<String>], phrases: &[String]) -> usize {
    let at = |at: usize, phrase: &String| {
        let mut rest = words[at..].iter();
        phrase.split(' ').all(|word| rest.next().is_some_and(|own| own.as_deref() == Some(word)))
    };
    let places = |phrase: &String| (0..words.len()).filter(|&place| at(place, phrase)).count();
    phrases.iter().map(places).sum()
}

fn is_quote(sign: &str) -> bool {
    ["\"", "\u{201c}", "\u{201d}", "\u{201e}", "\u{ab}", "\u{bb}"].contains(&sign)
}

fn named(cues: &[(String, f64)], name: &str) -> f64 {
    cues.iter().find(|(own, _)| own == name).map_or(0.0, |(_, number)| *number)
}

fn flag(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

fn saturated(count: usize) -> f64 {
    count.min(3) as f64 / 3.0
}

fn length(n_words: usize) -> f64 {
    ((1.0 + n_words as f64).ln() / 201_f64.ln()).min(1.0)
}
