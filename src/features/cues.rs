//! The lists of cue words, and the small automaton that finds their phrases.
//!
//! The lists are data: `src/features/cues.toml`, or what a model carries. What is not a list (length, capitals,
//! imperatives …) is counted in `analysis.rs`.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::features::pair::{PairFilter, pair};

/// The shipped lists as they stand in `cues.toml`.
const SHIPPED: &str = include_str!("cues.toml");

/// Number of cues that are counted by code, behind those that are lists.
pub const N_STRUCTURAL_CUES: usize = STRUCTURAL.len();

/// Names of the cues that are counted by code, in the order of their columns.
pub(super) const STRUCTURAL: [&str; 19] = [
    "question word first",
    "past tense",
    "imperative",
    "imperative first",
    "share of imperatives",
    "ends with ?",
    "?",
    "!",
    "length",
    "fewer than 5 words",
    "url",
    "mention",
    "hashtag",
    "capitals",
    "number",
    "quotation",
    "ellipsis",
    "emoji",
    "sentences",
];

/// The place of the number of words among them.
pub(super) const LENGTH: usize = 8;

/// The lists of cue words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CueList {
    /// The cues that are lists of phrases.
    pub cue: Vec<PhraseCue>,
    /// What a parent says that asks for advice.
    pub asks: Phrases,
    /// Words that make a question when they come first.
    pub question: Words,
    /// Verbs that make an instruction when they come first.
    pub imperative: Imperatives,
    /// Past forms that do not end in -ed.
    pub past: Words,
}

/// A cue: how often one of its phrases occurs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhraseCue {
    /// The name that an explanation shows.
    pub name: String,
    /// Words in a row, in lower case.
    pub phrases: Vec<String>,
}

/// A list of phrases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrases {
    /// Words in a row, in lower case.
    pub phrases: Vec<String>,
}

/// A list of words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Words in lower case.
    pub words: Vec<String>,
}

/// Verbs at the start of a sentence, and what may come before them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imperatives {
    /// Words that do not stop a verb from being first.
    pub fillers: Vec<String>,
    /// Base forms.
    pub verbs: Vec<String>,
}

impl CueList {
    /// The shipped lists.
    ///
    /// # Panics
    /// Never: a test reads them.
    pub fn shipped() -> Self {
        toml::from_str(SHIPPED).expect("the shipped cues are valid")
    }

    /// Number of cue columns.
    pub fn n_cues(&self) -> usize {
        self.cue.len() + N_STRUCTURAL_CUES
    }

    /// Names of the cue columns, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.cue.iter().map(|cue| cue.name.as_str()).chain(STRUCTURAL)
    }

    /// The column of the cue of that name.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.names().position(|own| own == name)
    }
}

/// What the lists say of one word; a bit a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct WordClass(u8);

impl WordClass {
    pub(super) const PAST: Self = Self(1);
    pub(super) const QUESTION: Self = Self(1 << 1);
    pub(super) const FILLER: Self = Self(1 << 2);
    pub(super) const VERB: Self = Self(1 << 3);

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Finds phrases in a run of words.
pub(super) struct CueFinder {
    words: FxHashMap<Box<str>, (CueWord, WordClass)>,
    /// What each cue word is a phrase of by itself.
    own: Vec<Own>,
    /// For each cue word the other phrases that begin with it.
    phrases: Vec<Vec<Phrase>>,
    /// Tells most two words in a row that begin none of these phrases from those that do. What begins one is mostly a
    /// common word, and seldom goes on as a phrase.
    filter: PairFilter<64>,
    /// The number that the matches of *asks* are counted under.
    pub(super) asks: usize,
}

/// Stands for a word that occurs in a phrase; 0 for all others.
pub(super) type CueWord = u16;

#[derive(Clone, Copy)]
struct Own {
    /// The cue, or one beyond *asks* for none.
    cue: u32,
    /// Whether there are more, among the other phrases.
    more: bool,
}

struct Phrase {
    rest: Vec<CueWord>,
    cue: u32,
}

impl CueFinder {
    pub(super) fn new(list: &CueList) -> Self {
        let asks = list.cue.len();
        let mut finder = Self {
            words: FxHashMap::default(),
            own: Vec::new(),
            phrases: Vec::new(),
            filter: PairFilter::default(),
            asks,
        };
        finder.add_word();
        for (cue, entry) in list.cue.iter().enumerate() {
            finder.add(cue, &entry.phrases);
        }
        finder.add(asks, &list.asks.phrases);
        for (words, class) in [
            (&list.past.words, WordClass::PAST),
            (&list.question.words, WordClass::QUESTION),
            (&list.imperative.fillers, WordClass::FILLER),
            (&list.imperative.verbs, WordClass::VERB),
        ] {
            for word in words {
                let entry = finder.words.entry(word.as_str().into()).or_default();
                entry.1 = entry.1.with(class);
            }
        }
        finder
    }

    /// Numbers that are counted: one a cue, one for *asks* and one for what is no cue.
    pub(super) fn n_counts(&self) -> usize {
        self.asks + 2
    }

    fn add(&mut self, cue: usize, phrases: &[String]) {
        for phrase in phrases {
            let mut words = phrase.split(' ').map(|word| self.number(word)).collect::<Vec<_>>().into_iter();
            let Some(first) = words.next() else { continue };
            let rest: Vec<CueWord> = words.collect();
            let own = &mut self.own[usize::from(first)];
            if let Some(&second) = rest.first() {
                self.filter.add(pair(first.into(), second.into()));
            } else if own.cue as usize > self.asks {
                own.cue = cue as u32;
                continue;
            } else {
                own.more = true;
            }
            self.phrases[usize::from(first)].push(Phrase { rest, cue: cue as u32 });
        }
    }

    fn add_word(&mut self) -> CueWord {
        let number = self.phrases.len() as CueWord;
        self.own.push(Own { cue: self.asks as u32 + 1, more: false });
        self.phrases.push(Vec::new());
        number
    }

    fn number(&mut self, word: &str) -> CueWord {
        let number = self.words.get(word).map_or(0, |known| known.0);
        if number > 0 {
            return number;
        }
        let number = self.add_word();
        self.words.insert(word.into(), (number, WordClass::default()));
        number
    }

    /// What the lists know of a word in lower case.
    pub(super) fn look_up(&self, word: &str) -> (CueWord, WordClass) {
        let (number, class) = self.words.get(word).copied().unwrap_or_default();
        // Long enough that `bed` and `need` are not taken for it.
        let ends_in_ed = word.len() > 4 && word.ends_with("ed") && !word.ends_with("eed");
        (number, if ends_in_ed { class.with(WordClass::PAST) } else { class })
    }

    /// Counts the phrases in a run of words into `counts`, which are [`n_counts`](Self::n_counts).
    pub(super) fn count(&self, words: &[CueWord], counts: &mut [u32]) {
        for (at, &first) in words.iter().enumerate() {
            let own = self.own[usize::from(first)];
            counts[own.cue as usize] += 1;
            let rest = &words[at + 1..];
            let second = rest.first().copied().unwrap_or(0);
            if own.more || self.filter.may_hold(pair(first.into(), second.into())) {
                let phrases = self.phrases[usize::from(first)].iter();
                for phrase in phrases.filter(|phrase| rest.starts_with(&phrase.rest)) {
                    counts[phrase.cue as usize] += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(text: &str) -> Vec<(String, u32)> {
        let list = CueList::shipped();
        let finder = CueFinder::new(&list);
        let words: Vec<_> = text.split(' ').map(|word| finder.look_up(word).0).collect();
        let mut counts = vec![0; finder.n_counts()];
        finder.count(&words, &mut counts);
        let names = list.cue.iter().map(|cue| cue.name.clone()).chain(["asks".to_owned()]);
        names.zip(counts).filter(|(_, count)| *count > 0).collect()
    }

    #[test]
    fn phrases_are_found_where_their_words_stand_in_a_row() {
        assert_eq!(counts("make sure"), [("recommend".to_owned(), 1)]);
        assert_eq!(counts("make it sure"), []);
        assert_eq!(
            counts("should i should"),
            [("should".to_owned(), 2), ("i".to_owned(), 1), ("asks".to_owned(), 1)]
        );
    }

    #[test]
    fn every_phrase_of_the_list_is_spelled_as_words_come_out_of_the_text() {
        for cue in CueList::shipped().cue {
            for phrase in cue.phrases {
                assert!(
                    phrase.split(' ').all(|word| !word.is_empty() && word == word.to_lowercase()),
                    "{phrase}"
                );
            }
        }
    }
}
