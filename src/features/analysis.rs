//! A post and its parent → numbered stems, cues and context.
//!
//! The cues are those that public advice data showed to matter (should, need to, imperatives, who is spoken of …);
//! the context is what tells advice that was asked for from advice that was not.
//!
//! Over 500 lines because a text is read once, and all that is counted on the way, with its tests, stands together.

use std::{hash::Hasher, sync::LazyLock};

use rustc_hash::FxHasher;

use crate::{
    features::{
        StemIds, UNKNOWN,
        cache::{Key, TokenCache},
        cues::{CueFinder, CueList, CueWord, STRUCTURAL, WordClass},
    },
    post::{Parent, Post},
    text::{Language, Stemmer, Token, TokenKind, tokenize, write_normalized},
};

/// Counts of a cue beyond this say nothing more.
const SATURATION: u32 = 3;
/// Sentences beyond this say nothing more.
const MAX_SENTENCES: u32 = 10;
/// Words at which the length counts as 1.
const LONG: f32 = 200.0;
/// ln(1 + [`LONG`]), which no constant can compute.
const LN_LONG: f32 = 5.303_304_9;
/// A parent of fewer words is short.
const SHORT_PARENT: u32 = 12;

/// The cues that are crossed with whether the parent asks.
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

/// Context columns before the crossed ones.
const PLAIN_CONTEXT: [&str; 12] = [
    "known",
    "unknown",
    "?",
    "asks",
    "empty",
    "short",
    "length",
    "you",
    "i",
    "shared stems, share",
    "shared stems, jaccard",
    "shared stems, count",
];

/// Names of the context columns, in their order.
pub(super) fn context_names() -> &'static [String] {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let plain = PLAIN_CONTEXT.into_iter().map(str::to_owned);
        let asked = CROSSED.into_iter().map(|cue| format!("asks \u{d7} {cue}"));
        let unasked = CROSSED.into_iter().map(|cue| format!("does not ask \u{d7} {cue}"));
        plain.chain(asked).chain(unasked).collect()
    });
    &NAMES
}

/// What is known of a post before any vocabulary or weight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Analysis {
    /// Numbers of the stems in the order of the text, [`UNKNOWN`] among them.
    pub stems: Vec<u32>,
    /// Cues, in \[0, 1\].
    pub cues: Vec<f32>,
    /// Context, in \[0, 1\]; empty where the post answers nothing.
    pub context: Vec<f32>,
    /// Number of words.
    pub n_words: u32,
    /// Number of words whose stem has a number, those that are common counted twice.
    pub n_familiar: u32,
}

/// Analyzes posts in one language with one set of cue lists.
pub struct Analyzer {
    language: Language,
    cues: CueList,
    stemmer: Stemmer,
    finder: CueFinder,
    crossed: [usize; CROSSED.len()],
    you: usize,
    i: usize,
}

/// What an analysis needs room for. Belongs to one analyzer and one numbering of stems: it remembers numbers.
#[derive(Default)]
pub struct Scratch {
    tokens: Vec<Token>,
    /// Places and keys of tokens that were not found at once.
    late: Vec<(u32, Key)>,
    /// What is known of each token.
    infos: Vec<TokenInfo>,
    word: String,
    cache: TokenCache<TokenInfo>,
    own: Reading,
    parent: Reading,
}

/// What is known of a raw token.
#[derive(Clone, Copy, Default)]
struct TokenInfo {
    stem: u32,
    /// A hash of the stem, for overlaps: stems without number must differ too.
    hash: u32,
    cue_word: CueWord,
    class: WordClass,
    sign: Sign,
    /// 1 for a stem that has a number, 2 for a common one.
    familiar: u8,
}

/// What a token of punctuation counts as.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Sign {
    #[default]
    Other,
    Question,
    Exclamation,
    Ellipsis,
    Quote,
}

impl Sign {
    fn of(token: &str) -> Self {
        match token {
            "?" => Self::Question,
            "!" => Self::Exclamation,
            "\u{2026}" => Self::Ellipsis,
            sign if sign.starts_with("..") => Self::Ellipsis,
            "\"" | "\u{201c}" | "\u{201d}" | "\u{201e}" | "\u{ab}" | "\u{bb}" => Self::Quote,
            _ => Self::Other,
        }
    }
}

/// One text, read.
#[derive(Default)]
struct Reading {
    /// Hashes of the words' stems, made where there is a parent to share them with.
    hashes: Vec<u32>,
    cue_words: Vec<CueWord>,
    counts: Vec<u32>,
    n_words: u32,
    n_familiar: u32,
    n_past: u32,
    n_sentences: u32,
    n_imperatives: u32,
    imperative_first: bool,
    question_word_first: bool,
    n_urls: u32,
    n_mentions: u32,
    n_hashes: u32,
    n_numbers: u32,
    n_emoji: u32,
    n_questions: u32,
    n_exclamations: u32,
    n_quotes: u32,
    n_ellipses: u32,
    ends_with_question: bool,
}

impl Analyzer {
    /// An analyzer of that language and those cue lists.
    pub fn new(language: Language, cues: CueList) -> Self {
        let finder = CueFinder::new(&cues);
        // A list may do without one of these; a column that no cue has is then always 0.
        let position = |name| cues.position(name).unwrap_or(usize::MAX);
        let crossed = CROSSED.map(position);
        let (you, i) = (position("you"), position("i"));
        Self { language, stemmer: Stemmer::new(language), finder, crossed, you, i, cues }
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The cue lists.
    pub fn cues(&self) -> &CueList {
        &self.cues
    }

    /// Analyzes a post into `analysis`, numbering stems by `ids`.
    pub fn analyze(
        &self,
        post: &Post,
        ids: &mut impl StemIds,
        scratch: &mut Scratch,
        analysis: &mut Analysis,
    ) {
        self.look_up(post.text, ids, scratch);
        analysis.stems.clear();
        analysis.stems.extend(scratch.infos.iter().map(|info| info.stem));
        self.read(&scratch.tokens, &scratch.infos, &mut scratch.own);
        self.write_cues(post.text, &scratch.own, &mut analysis.cues);
        analysis.context.clear();
        if post.parent != Parent::None {
            analysis.context.resize(context_names().len(), 0.0);
        }
        if let Parent::Text(text) = post.parent {
            write_hashes(&scratch.tokens, &scratch.infos, &mut scratch.own.hashes);
            self.look_up(text, ids, scratch);
            self.read(&scratch.tokens, &scratch.infos, &mut scratch.parent);
            write_hashes(&scratch.tokens, &scratch.infos, &mut scratch.parent.hashes);
            let Scratch { own, parent, .. } = scratch;
            self.write_context(own, parent, &analysis.cues, &mut analysis.context);
        } else if post.parent == Parent::Unknown {
            analysis.context[1] = 1.0;
        }
        analysis.n_words = scratch.own.n_words;
        analysis.n_familiar = scratch.own.n_familiar;
    }

    /// Cuts a text into `scratch.tokens` and says in `scratch.infos` what is known of them.
    fn look_up(&self, text: &str, ids: &mut impl StemIds, scratch: &mut Scratch) {
        let Scratch { tokens, late, infos, word, cache, .. } = scratch;
        tokenize(text, tokens);
        late.clear();
        infos.clear();
        infos.extend((0..).zip(tokens.iter()).map(|(at, &token)| {
            let key = Key::of(token, text);
            let (is_known, info) = cache.get_first(key);
            if !is_known {
                late.push((at, key));
            }
            info
        }));
        for &(at, key) in &*late {
            let token = tokens[at as usize];
            infos[at as usize] = cache.get_or_insert_with(key, || self.info(token, text, ids, word));
        }
    }

    fn read(&self, tokens: &[Token], infos: &[TokenInfo], reading: &mut Reading) {
        let Reading { hashes, cue_words, counts, .. } = std::mem::take(reading);
        *reading = Reading { hashes, cue_words, counts, ..Reading::default() };
        reading.cue_words.clear();
        reading.counts.clear();
        reading.counts.resize(self.finder.n_counts(), 0);
        // Whether only fillers came since the sentence started.
        let mut verb_may_come = false;
        for (token, info) in tokens.iter().zip(infos) {
            match token.kind {
                TokenKind::SentenceStart => {
                    reading.n_sentences += 1;
                    verb_may_come = true;
                    reading.cue_words.push(0);
                }
                TokenKind::Word => {
                    reading.n_words += 1;
                    reading.n_familiar += u32::from(info.familiar);
                    reading.n_past += u32::from(info.class.has(WordClass::PAST));
                    if verb_may_come {
                        if reading.n_sentences == 1 && info.class.has(WordClass::QUESTION) {
                            reading.question_word_first = true;
                        }
                        if info.class.has(WordClass::VERB) {
                            reading.n_imperatives += 1;
                            reading.imperative_first |= reading.n_sentences == 1;
                        }
                        verb_may_come = info.class.has(WordClass::FILLER);
                    }
                    reading.ends_with_question = false;
                    reading.cue_words.push(info.cue_word);
                }
                TokenKind::Url => reading.n_urls += 1,
                TokenKind::Mention | TokenKind::Email => reading.n_mentions += 1,
                TokenKind::Hash => reading.n_hashes += 1,
                TokenKind::Number => {
                    reading.n_numbers += 1;
                    reading.ends_with_question = false;
                    reading.cue_words.push(0);
                }
                TokenKind::Emoji => reading.n_emoji += 1,
                TokenKind::Punctuation => {
                    reading.n_questions += u32::from(info.sign == Sign::Question);
                    reading.n_exclamations += u32::from(info.sign == Sign::Exclamation);
                    reading.n_ellipses += u32::from(info.sign == Sign::Ellipsis);
                    reading.n_quotes += u32::from(info.sign == Sign::Quote);
                    reading.ends_with_question = info.sign == Sign::Question;
                    reading.cue_words.push(0);
                }
            }
        }
        self.finder.count(&reading.cue_words, &mut reading.counts);
    }

    /// Finds out what is to be known of a token.
    fn info(&self, token: Token, text: &str, ids: &mut impl StemIds, word: &mut String) -> TokenInfo {
        write_normalized(token.of(text), word);
        let stem = self.stemmer.stem(token.kind, word);
        let mut hasher = FxHasher::default();
        hasher.write(stem.as_bytes());
        let is_sign = token.kind == TokenKind::Punctuation;
        // The bytes of an address, a name or a number are nobody's cue.
        let is_word = token.kind == TokenKind::Word;
        let (cue_word, class) = if is_word { self.finder.look_up(word) } else { Default::default() };
        let stem_id = ids.id(&stem);
        TokenInfo {
            stem: stem_id,
            hash: hasher.finish() as u32,
            cue_word,
            class,
            sign: if is_sign { Sign::of(token.of(text)) } else { Sign::Other },
            familiar: u8::from(stem_id != UNKNOWN) + u8::from(ids.is_common(stem_id)),
        }
    }

    fn write_cues(&self, text: &str, reading: &Reading, cues: &mut Vec<f32>) {
        cues.clear();
        cues.extend(reading.counts[..self.cues.cue.len()].iter().map(|&count| saturated(count)));
        let structural: [f32; STRUCTURAL.len()] = [
            flag(reading.question_word_first),
            saturated(reading.n_past),
            flag(reading.n_imperatives > 0),
            flag(reading.imperative_first),
            reading.n_imperatives.min(reading.n_sentences) as f32 / reading.n_sentences.max(1) as f32,
            flag(reading.ends_with_question),
            flag(reading.n_questions > 0),
            flag(reading.n_exclamations > 0),
            length(reading.n_words),
            flag(reading.n_words < 5),
            saturated(reading.n_urls),
            saturated(reading.n_mentions),
            saturated(reading.n_hashes),
            share_of_capitals(text),
            saturated(reading.n_numbers),
            flag(reading.n_quotes > 0),
            saturated(reading.n_ellipses),
            saturated(reading.n_emoji),
            reading.n_sentences.min(MAX_SENTENCES) as f32 / MAX_SENTENCES as f32,
        ];
        cues.extend(structural);
    }

    fn write_context(&self, own: &Reading, parent: &Reading, cues: &[f32], context: &mut [f32]) {
        let asks = parent.counts[self.finder.asks] > 0;
        let shared = count_shared(&own.hashes, &parent.hashes);
        let union = (own.hashes.len() + parent.hashes.len()) as f32 - shared;
        let count = |cue: usize| parent.counts.get(cue).copied().map_or(0.0, saturated);
        let plain: [f32; PLAIN_CONTEXT.len()] = [
            1.0,
            0.0,
            flag(parent.n_questions > 0),
            flag(asks),
            flag(parent.n_words == 0),
            flag(parent.n_words < SHORT_PARENT),
            length(parent.n_words),
            count(self.you),
            count(self.i),
            shared / (own.hashes.len().max(1) as f32),
            if union > 0.0 { shared / union } else { 0.0 },
            (shared / 10.0).min(1.0),
        ];
        context[..plain.len()].copy_from_slice(&plain);
        let crossed_start = plain.len() + if asks { 0 } else { CROSSED.len() };
        for (place, &cue) in context[crossed_start..].iter_mut().zip(&self.crossed) {
            *place = cues.get(cue).copied().unwrap_or(0.0);
        }
    }
}

/// Puts the hashes of the words' stems into `hashes`, sorted and without repeats.
fn write_hashes(tokens: &[Token], infos: &[TokenInfo], hashes: &mut Vec<u32>) {
    hashes.clear();
    let words = tokens.iter().zip(infos).filter(|(token, _)| token.kind == TokenKind::Word);
    hashes.extend(words.map(|(_, info)| info.hash));
    hashes.sort_unstable();
    hashes.dedup();
}

fn flag(holds: bool) -> f32 {
    f32::from(u8::from(holds))
}

fn saturated(count: u32) -> f32 {
    count.min(SATURATION) as f32 / SATURATION as f32
}

/// 0 for no words, 1 from [`LONG`] words on, logarithmic between.
pub(super) fn length(n_words: u32) -> f32 {
    if n_words as f32 >= LONG { 1.0 } else { (1.0 + n_words as f32).ln() / LN_LONG }
}

/// Upper-case letters among all letters.
fn share_of_capitals(text: &str) -> f32 {
    /// Few enough to be counted in a byte; whole runs only, which a processor counts without a loop.
    const RUN: usize = 32;
    let (runs, rest) = text.as_bytes().as_chunks::<RUN>();
    let mut last = [0; RUN];
    last[..rest.len()].copy_from_slice(rest);
    let (mut capitals, mut letters) = (0_u32, 0_u32);
    // No byte of another character is one of ASCII.
    for run in runs.iter().chain([&last]) {
        capitals += u32::from(run.iter().map(|byte| u8::from(byte.is_ascii_uppercase())).sum::<u8>());
        letters += u32::from(run.iter().map(|byte| u8::from(byte.is_ascii_alphabetic())).sum::<u8>());
    }
    if !text.is_ascii() {
        for character in text.chars().filter(|character| !character.is_ascii() && character.is_alphabetic()) {
            letters += 1;
            capitals += u32::from(character.is_uppercase());
        }
    }
    if letters == 0 { 0.0 } else { capitals as f32 / letters as f32 }
}

/// How many numbers two sorted lists without repeats share.
fn count_shared(a: &[u32], b: &[u32]) -> f32 {
    let (mut i, mut j, mut shared) = (0, 0, 0_u32);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                shared += 1;
                i += 1;
                j += 1;
            }
        }
    }
    shared as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::features::{Columns, Interner, RowBuffer, Vocabulary};

    fn analyze(text: &str, parent: Parent) -> Analysis {
        let analyzer = Analyzer::new(Language::English, CueList::shipped());
        let mut analysis = Analysis::default();
        let post = Post { parent, ..Post::from_text(text) };
        analyzer.analyze(&post, &mut Interner::default(), &mut Scratch::default(), &mut analysis);
        analysis
    }

    /// Cues and context that are not 0, by name, length and capitals left out.
    fn check(text: &str, parent: Parent, expected: &[&str]) {
        let cues = CueList::shipped();
        let columns = Columns::new(&Vocabulary::default(), &cues);
        let analysis = analyze(text, parent);
        let named: Vec<String> = analysis
            .cues
            .iter()
            .chain(&analysis.context)
            .enumerate()
            .filter(|(_, number)| **number > 0.0)
            .map(|(column, _)| columns.name(column, &Vocabulary::default(), &cues))
            .filter(|name| {
                !["length", "capitals", "sentences", "short"].iter().any(|left_out| name.contains(left_out))
            })
            .collect();
        assert_eq!(named, expected, "{text}");
    }

    #[test]
    fn lengths_go_from_0_to_1() {
        assert_eq!((1.0 + LONG).ln(), LN_LONG);
        assert_eq!([0, 200, 500].map(length), [0.0, 1.0, 1.0]);
    }

    #[test]
    fn capitals_are_counted_in_every_script() {
        assert_eq!(share_of_capitals("aB Cd 12"), 0.5);
        assert_eq!(share_of_capitals("Éa я Ж 🙂"), 0.5);
        assert_eq!(share_of_capitals("…"), 0.0);
    }

    #[test]
    fn cues_are_found() {
        check("You should rest.", Parent::None, &["[should]", "[you]", "[fewer than 5 words]"]);
        check(
            "Please make sure the door is shut",
            Parent::None,
            &["[recommend]", "[imperative]", "[imperative first]", "[share of imperatives]"],
        );
        check(
            "Anyone up at this hour? 🙋",
            Parent::None,
            &["[question word first]", "[ends with ?]", "[?]", "[emoji]"],
        );
        check(
            "We walked 3 miles… \"lovely\" #hills",
            Parent::None,
            &["[we]", "[past tense]", "[hashtag]", "[number]", "[quotation]", "[ellipsis]"],
        );
    }

    #[test]
    fn advice_is_crossed_with_whether_the_parent_asks() {
        let text = "Try the early clinic on Mondays";
        let own = ["[try]", "[imperative]", "[imperative first]", "[share of imperatives]"];
        let asked = ["[parent: known]", "[parent: ?]", "[parent: asks]"];
        check(
            text,
            Parent::Text("Any tips for parking near that hospital?"),
            &[&own[..], &asked, &["[parent: asks × try]", "[parent: asks × imperative]"]].concat(),
        );
        check(
            text,
            Parent::Text("Parked."),
            &[
                &own[..],
                &["[parent: known]", "[parent: does not ask × try]", "[parent: does not ask × imperative]"],
            ]
            .concat(),
        );
    }

    #[test]
    fn an_orphan_reply_knows_only_that_it_is_one() {
        check("so true of every ward here", Parent::Unknown, &["[parent: unknown]"]);
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in any::<String>(), parent in any::<String>()) {
            let analysis = analyze(&text, Parent::Text(&parent));
            for number in analysis.cues.iter().chain(&analysis.context) {
                prop_assert!((0.0..=1.0).contains(number));
            }
            let mut row = RowBuffer::default();
            row.fill(&Analysis { stems: Vec::new(), ..analysis }, &Vocabulary::default());
            prop_assert!(row.entries.is_sorted_by_key(|(column, _)| *column), "no terms, so all in order");
        }
    }
}
