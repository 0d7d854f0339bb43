//! Terms and their columns: one or two stems in a row, each with a readable name.
//!
//! Explicit, no hashing. A term enters only if posts of at least two authors hold it, so that no name of one
//! person's life is stored in a model, or if it comes from a public list of words.

use rustc_hash::FxHashMap;

/// Stands for a stem that is not known.
pub const UNKNOWN: u32 = u32::MAX;

/// Numbers stems.
pub trait StemIds {
    /// The number of a stem, [`UNKNOWN`] where it has none.
    fn id(&mut self, stem: &str) -> u32;
}

/// Numbers stems in the order in which they first come.
#[derive(Default)]
pub struct Interner {
    ids: FxHashMap<Box<str>, u32>,
    names: Vec<Box<str>>,
}

impl StemIds for Interner {
    fn id(&mut self, stem: &str) -> u32 {
        if let Some(&id) = self.ids.get(stem) {
            return id;
        }
        let id = self.names.len() as u32;
        self.ids.insert(stem.into(), id);
        self.names.push(stem.into());
        id
    }
}

/// From this many texts on a term must occur in three of them, below in two. Terms of two texts are half of all and say
/// nothing: on public data 4,000 columns did as well as 12,000.
const MANY_TEXTS: u32 = 2000;

/// Where a term was seen.
#[derive(Clone, Default)]
struct Seen {
    /// Texts that hold it.
    n_texts: u32,
    /// The last of them, counted from 1.
    last_text: u32,
    author: u32,
    several_authors: bool,
}

impl Seen {
    fn note(&mut self, text: u32, author: u32) {
        if self.last_text != text {
            self.several_authors |= self.n_texts > 0 && self.author != author;
            self.n_texts += 1;
            self.last_text = text;
            self.author = author;
        }
    }
}

/// The terms of a model: a fixed column for each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vocabulary {
    /// The stems, sorted.
    stems: Vec<Box<str>>,
    ids: FxHashMap<Box<str>, u32>,
    /// The column of a stem by itself.
    unigrams: Vec<u32>,
    /// The column of two stems in a row, by [`pair`].
    bigrams: FxHashMap<u64, u32>,
    /// Tells most pairs that are no terms from those that are.
    filter: PairFilter,
    /// First and second stem of each column; the second is [`UNKNOWN`] for a term of one stem.
    terms: Vec<[u32; 2]>,
    /// Inverse document frequency of each column: ln((1 + posts) / (1 + posts with the term)) + 1.
    idf: Vec<f32>,
}

impl StemIds for &Vocabulary {
    fn id(&mut self, stem: &str) -> u32 {
        self.ids.get(stem).copied().unwrap_or(UNKNOWN)
    }
}

impl Vocabulary {
    /// The terms that occur in texts of at least two authors, and in enough texts. `texts` gives for each its author's
    /// number and its stems, numbered by `interner`; `listed` stems are terms in any case. The second value translates
    /// those numbers into the vocabulary's; the third says of each column whether the texts alone would have made it.
    pub fn build<'a>(
        texts: impl Iterator<Item = (u32, &'a [u32])>,
        interner: &Interner,
        listed: &[u32],
    ) -> (Self, Vec<u32>, Vec<bool>) {
        let mut unigrams = vec![Seen::default(); interner.names.len()];
        let mut bigrams: FxHashMap<u64, Seen> = FxHashMap::default();
        let mut n_texts = 0;
        for (author, stems) in texts {
            n_texts += 1;
            for &stem in stems {
                unigrams[stem as usize].note(n_texts, author);
            }
            for window in stems.windows(2) {
                bigrams.entry(pair(window[0], window[1])).or_default().note(n_texts, author);
            }
        }
        let least = if n_texts < MANY_TEXTS { 2 } else { 3 };
        let is_kept = |seen: &Seen| seen.several_authors && seen.n_texts >= least;
        // A bigram is kept only where both its stems are: they occur wherever it does.
        let mut kept: Vec<u32> =
            (0..unigrams.len() as u32).filter(|&stem| is_kept(&unigrams[stem as usize])).collect();
        kept.extend(listed.iter().filter(|&&stem| !is_kept(&unigrams[stem as usize])));
        kept.sort_by(|&a, &b| interner.names[a as usize].cmp(&interner.names[b as usize]));
        let mut translation = vec![UNKNOWN; interner.names.len()];
        for (id, &stem) in kept.iter().enumerate() {
            translation[stem as usize] = id as u32;
        }
        let single = |(id, &stem): (u32, &u32)| {
            let seen = &unigrams[stem as usize];
            ([id, UNKNOWN], seen.n_texts, is_kept(seen))
        };
        let mut terms: Vec<([u32; 2], u32, bool)> = (0_u32..).zip(&kept).map(single).collect();
        #[expect(clippy::iter_over_hash_type, reason = "sorted right below")]
        for (&key, seen) in &bigrams {
            if is_kept(seen) {
                let [first, second] = unpair(key);
                terms.push(([translation[first as usize], translation[second as usize]], seen.n_texts, true));
            }
        }
        terms.sort_unstable_by_key(|&([first, second], ..)| (first, second.wrapping_add(1)));
        // As scikit-learn smooths it.
        let idf = |with: u32| ((1.0 + f64::from(n_texts)) / (1.0 + f64::from(with))).ln() + 1.0;
        let idf = terms.iter().map(|&(_, with, _)| idf(with) as f32).collect();
        let from_texts = terms.iter().map(|&(.., from_texts)| from_texts).collect();
        let terms = terms.into_iter().map(|(term, ..)| term).collect();
        let stems = kept.iter().map(|&stem| interner.names[stem as usize].clone()).collect();
        (Self::index(stems, terms, idf), translation, from_texts)
    }

    /// A vocabulary from its lists, as a model file holds them; `None` where they contradict each other.
    pub fn from_parts(stems: Vec<Box<str>>, terms: Vec<[u32; 2]>, idf: Vec<f32>) -> Option<Self> {
        let known = |stem: u32| (stem as usize) < stems.len();
        let sorted = stems.is_sorted_by(|a, b| a < b);
        let strict = terms.is_sorted_by(|a, b| (a[0], a[1].wrapping_add(1)) < (b[0], b[1].wrapping_add(1)));
        let sound = terms.iter().all(|&[first, second]| known(first) && (second == UNKNOWN || known(second)));
        let weighed = idf.len() == terms.len() && idf.iter().all(|idf| idf.is_finite() && *idf > 0.0);
        (sorted && strict && sound && weighed).then(|| Self::index(stems, terms, idf))
    }

    fn index(stems: Vec<Box<str>>, terms: Vec<[u32; 2]>, idf: Vec<f32>) -> Self {
        let ids = stems.iter().enumerate().map(|(id, stem)| (stem.clone(), id as u32)).collect();
        let mut unigrams = vec![UNKNOWN; stems.len()];
        let mut bigrams = FxHashMap::default();
        let mut filter = PairFilter::default();
        for (column, &[first, second]) in terms.iter().enumerate() {
            if second == UNKNOWN {
                unigrams[first as usize] = column as u32;
            } else {
                bigrams.insert(pair(first, second), column as u32);
                filter.add(pair(first, second));
            }
        }
        Self { stems, ids, unigrams, bigrams, filter, terms, idf }
    }

    /// Number of terms, each a column.
    pub fn n_terms(&self) -> usize {
        self.terms.len()
    }

    /// The stems, sorted.
    pub fn stems(&self) -> &[Box<str>] {
        &self.stems
    }

    /// The terms by column: first and second stem, the second [`UNKNOWN`] for a term of one stem.
    pub fn terms(&self) -> &[[u32; 2]] {
        &self.terms
    }

    /// Whether a term is two stems in a row.
    pub fn is_pair(&self, column: u32) -> bool {
        self.terms[column as usize][1] != UNKNOWN
    }

    /// Inverse document frequencies by column, above 0.
    pub fn idf(&self) -> &[f32] {
        &self.idf
    }

    /// The readable name of a term.
    pub fn name(&self, column: u32) -> String {
        let [first, second] = self.terms[column as usize];
        let first = &self.stems[first as usize];
        if second == UNKNOWN { first.to_string() } else { format!("{first} {}", self.stems[second as usize]) }
    }

    /// Calls `found` with the column of every term of one stem in a run of stems.
    pub fn for_each_single(&self, stems: &[u32], mut found: impl FnMut(u32)) {
        for &stem in stems {
            if stem != UNKNOWN && self.unigrams[stem as usize] != UNKNOWN {
                found(self.unigrams[stem as usize]);
            }
        }
    }

    /// Calls `found` with the column of every term of two stems in a run of stems.
    pub fn for_each_pair(&self, stems: &[u32], mut found: impl FnMut(u32)) {
        /// Pairs that are filtered before one is looked up, so that few look-ups are in vain.
        const RUN: usize = 64;
        let mut likely = [0; RUN];
        for start in (1..stems.len()).step_by(RUN) {
            let mut n_likely = 0;
            for window in stems[start - 1..].windows(2).take(RUN) {
                likely[n_likely] = pair(window[0], window[1]);
                n_likely += usize::from(self.filter.may_hold(likely[n_likely]));
            }
            likely[..n_likely]
                .iter()
                .filter_map(|key| self.bigrams.get(key))
                .for_each(|&column| found(column));
        }
    }
}

/// A bit for each hash of a pair: little enough to stay in the processor's nearest cache.
#[derive(Clone, Debug, PartialEq)]
struct PairFilter(Box<[u64; 1 << 11]>);

impl Default for PairFilter {
    fn default() -> Self {
        Self(Box::new([0; 1 << 11]))
    }
}

impl PairFilter {
    fn add(&mut self, pair: u64) {
        let (word, bit) = Self::place(pair);
        self.0[word] |= 1 << bit;
    }

    fn may_hold(&self, pair: u64) -> bool {
        let (word, bit) = Self::place(pair);
        self.0[word] >> bit & 1 == 1
    }

    fn place(pair: u64) -> (usize, u64) {
        let hash = pair.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 47;
        (hash as usize >> 6, hash & 63)
    }
}

fn pair(first: u32, second: u32) -> u64 {
    u64::from(first) << 32 | u64::from(second)
}

fn unpair(key: u64) -> [u32; 2] {
    [(key >> 32) as u32, key as u32]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(texts: &[(u32, &str)]) -> Vocabulary {
        let mut interner = Interner::default();
        let texts: Vec<(u32, Vec<u32>)> = texts
            .iter()
            .map(|(author, text)| (*author, text.split(' ').map(|stem| interner.id(stem)).collect()))
            .collect();
        Vocabulary::build(texts.iter().map(|(author, stems)| (*author, stems.as_slice())), &interner, &[]).0
    }

    fn names(vocabulary: &Vocabulary) -> Vec<String> {
        (0..vocabulary.n_terms() as u32).map(|column| vocabulary.name(column)).collect()
    }

    #[test]
    fn a_term_of_one_author_only_is_not_stored() {
        let vocabulary =
            vocabulary(&[(0, "ann likes tea"), (0, "ann likes tea"), (1, "likes tea ben"), (2, "ben")]);
        assert_eq!(names(&vocabulary), ["ben", "likes", "likes tea", "tea"]);
        assert!(!vocabulary.stems().iter().any(|stem| &**stem == "ann"));
    }

    #[test]
    fn a_listed_stem_is_a_term_in_any_case() {
        let mut interner = Interner::default();
        let stems = [interner.id("tea"), interner.id("ann")];
        let listed = [interner.id("ben"), interner.id("tea")];
        let texts = [(0, &stems[..]), (1, &stems[..1])];
        let (vocabulary, _, from_texts) = Vocabulary::build(texts.into_iter(), &interner, &listed);
        assert_eq!((names(&vocabulary), from_texts), (vec!["ben".into(), "tea".into()], vec![false, true]));
    }

    #[test]
    fn the_order_of_texts_changes_nothing() {
        let one = vocabulary(&[(0, "b a c"), (1, "a c b"), (2, "c b a")]);
        let other = vocabulary(&[(2, "c b a"), (0, "b a c"), (1, "a c b")]);
        assert_eq!(one, other);
    }

    #[test]
    fn the_parts_make_the_same_vocabulary_again() {
        let one = vocabulary(&[(0, "b a c"), (1, "a c b"), (2, "c b a")]);
        let again = Vocabulary::from_parts(one.stems().to_vec(), one.terms().to_vec(), one.idf().to_vec());
        assert_eq!(again, Some(one));
        assert_eq!(Vocabulary::from_parts(vec!["a".into()], vec![[1, UNKNOWN]], vec![1.0]), None);
        assert_eq!(Vocabulary::from_parts(vec!["b".into(), "a".into()], vec![], vec![]), None);
    }
}
