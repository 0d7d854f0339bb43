//! Terms and their columns: one or two stems in a row, each with a readable name.
//!
//! Explicit, no hashing. A term enters only if posts of at least two authors hold it, so that no name of one
//! person's life is stored in a model, or if it comes from a public list of words.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::features::pair::{PairFilter, pair, unpair};

/// Stands for a stem that is not known.
pub const UNKNOWN: u32 = u32::MAX;

/// Numbers stems.
pub trait StemIds {
    /// The number of a stem, [`UNKNOWN`] where it has none.
    fn id(&mut self, stem: &str) -> u32;

    /// Whether the stem of that number is one of the commonest, as far as anything is known of it.
    fn is_common(&self, _id: u32) -> bool {
        false
    }
}

/// Numbers stems in the order in which they first come.
#[derive(Default)]
pub struct Interner {
    ids: FxHashMap<Arc<str>, u32>,
    names: Vec<Arc<str>>,
}

impl StemIds for Interner {
    fn id(&mut self, stem: &str) -> u32 {
        if let Some(&id) = self.ids.get(stem) {
            return id;
        }
        let id = self.names.len() as u32;
        let name: Arc<str> = stem.into();
        self.ids.insert(Arc::clone(&name), id);
        self.names.push(name);
        id
    }
}

/// From this many texts on a term must occur in three of them, below in two. Terms of two texts are half of all and say
/// nothing: on public data 4,000 columns did as well as 12,000.
const MANY_TEXTS: u32 = 2000;

/// Inverse document frequency up to which a stem is common: it stands in every fiftieth text, ln(50) + 1.
const COMMON_IDF: f32 = 4.912;

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

/// The terms of a model: a fixed column for each, those of one stem before those of two, each by how common they are. What
/// is often used lies close together that way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vocabulary {
    /// The stems. Each is a term, and its number is its column. Shared with `ids`: a model has tens of thousands, and each is
    /// put into memory when the program starts.
    stems: Vec<Arc<str>>,
    ids: FxHashMap<Arc<str>, u32>,
    /// First and second stem of the terms of two stems.
    pairs: Vec<[u32; 2]>,
    /// The column of two stems in a row, by [`pair`].
    pair_columns: FxHashMap<u64, u32>,
    /// Tells most pairs that are no terms from those that are.
    filter: PairFilter<{ 1 << 11 }>,
    /// Inverse document frequency of each column: ln((1 + posts) / (1 + posts with the term)) + 1.
    idf: Vec<f32>,
}

impl StemIds for &Vocabulary {
    fn id(&mut self, stem: &str) -> u32 {
        self.ids.get(stem).copied().unwrap_or(UNKNOWN)
    }

    fn is_common(&self, id: u32) -> bool {
        id != UNKNOWN && self.idf[id as usize] <= COMMON_IDF
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
        // As scikit-learn smooths it.
        let idf =
            |seen: &Seen| (((1.0 + f64::from(n_texts)) / (1.0 + f64::from(seen.n_texts))).ln() + 1.0) as f32;
        let name = |stem: u32| &interner.names[stem as usize];
        let seen = |stem: u32| &unigrams[stem as usize];
        let mut singles: Vec<u32> = (0..unigrams.len() as u32).filter(|&stem| is_kept(seen(stem))).collect();
        singles.extend(listed.iter().filter(|&&stem| !is_kept(seen(stem))));
        // Bits of numbers above 0 are in the order of the numbers.
        singles.sort_by_cached_key(|&stem| (idf(seen(stem)).to_bits(), name(stem)));
        let mut translation = vec![UNKNOWN; interner.names.len()];
        for (id, &stem) in singles.iter().enumerate() {
            translation[stem as usize] = id as u32;
        }
        // Both stems of a pair are terms: they occur wherever it does.
        let mut pairs: Vec<(f32, [u32; 2])> = Vec::new();
        #[expect(clippy::iter_over_hash_type, reason = "sorted right below")]
        for (&key, seen) in &bigrams {
            if is_kept(seen) {
                pairs.push((idf(seen), unpair(key).map(|stem| translation[stem as usize])));
            }
        }
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        let from_texts = singles.iter().map(|&stem| is_kept(seen(stem))).chain(pairs.iter().map(|_| true));
        let all_idf = singles.iter().map(|&stem| idf(seen(stem))).chain(pairs.iter().map(|&(idf, _)| idf));
        let (from_texts, all_idf) = (from_texts.collect(), all_idf.collect());
        let stems = singles.iter().map(|&stem| name(stem).clone()).collect();
        let pairs = pairs.into_iter().map(|(_, pair)| pair).collect();
        (Self::index(stems, pairs, all_idf), translation, from_texts)
    }

    /// A vocabulary from its lists, as a model file holds them; `None` where they contradict each other.
    pub fn from_parts(stems: Vec<Arc<str>>, pairs: Vec<[u32; 2]>, idf: Vec<f32>) -> Option<Self> {
        let weighed =
            idf.len() == stems.len() + pairs.len() && idf.iter().all(|idf| idf.is_finite() && *idf > 0.0);
        let known = pairs.iter().flatten().all(|&stem| (stem as usize) < stems.len());
        if !weighed || !known {
            return None;
        }
        let (of_stems, of_pairs) = idf.split_at(stems.len());
        let sorted = of_stems.iter().zip(&stems).is_sorted_by(|a, b| a < b)
            && of_pairs.iter().zip(&pairs).is_sorted_by(|a, b| a < b);
        let vocabulary = Self::index(stems, pairs, idf);
        let each_once = vocabulary.ids.len() == vocabulary.stems.len()
            && vocabulary.pair_columns.len() == vocabulary.pairs.len();
        (sorted && each_once).then_some(vocabulary)
    }

    fn index(stems: Vec<Arc<str>>, pairs: Vec<[u32; 2]>, idf: Vec<f32>) -> Self {
        let ids = stems.iter().zip(0..).map(|(stem, id)| (stem.clone(), id)).collect();
        let mut filter = PairFilter::default();
        let mut pair_columns = FxHashMap::default();
        for (&[first, second], column) in pairs.iter().zip(stems.len() as u32..) {
            pair_columns.insert(pair(first, second), column);
            filter.add(pair(first, second));
        }
        Self { stems, ids, pairs, pair_columns, filter, idf }
    }

    /// Number of terms, each a column.
    pub fn n_terms(&self) -> usize {
        self.idf.len()
    }

    /// The stems, each a term: its place is its column.
    pub fn stems(&self) -> &[Arc<str>] {
        &self.stems
    }

    /// First and second stem of the terms of two stems, whose columns follow.
    pub fn pairs(&self) -> &[[u32; 2]] {
        &self.pairs
    }

    /// Inverse document frequencies by column, above 0.
    pub fn idf(&self) -> &[f32] {
        &self.idf
    }

    /// The readable name of a term.
    pub fn name(&self, column: u32) -> String {
        let column = column as usize;
        match self.stems.get(column) {
            Some(stem) => stem.to_string(),
            None => self.pairs[column - self.stems.len()].map(|stem| &*self.stems[stem as usize]).join(" "),
        }
    }

    /// Calls `found` with the column of every term of one stem in a run of stems.
    pub fn for_each_single(&self, stems: &[u32], found: impl FnMut(u32)) {
        stems.iter().copied().filter(|&stem| stem != UNKNOWN).for_each(found);
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
                .filter_map(|key| self.pair_columns.get(key))
                .for_each(|&column| found(column));
        }
    }
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
        assert_eq!(names(&vocabulary), ["likes", "tea", "ben", "likes tea"]);
        assert!(!vocabulary.stems().iter().any(|stem| &**stem == "ann"));
    }

    #[test]
    fn a_listed_stem_is_a_term_in_any_case() {
        let mut interner = Interner::default();
        let stems = [interner.id("tea"), interner.id("ann")];
        let listed = [interner.id("ben"), interner.id("tea")];
        let texts = [(0, &stems[..]), (1, &stems[..1])];
        let (vocabulary, _, from_texts) = Vocabulary::build(texts.into_iter(), &interner, &listed);
        assert_eq!((names(&vocabulary), from_texts), (vec!["tea".into(), "ben".into()], vec![true, false]));
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
        let again = Vocabulary::from_parts(one.stems().to_vec(), one.pairs().to_vec(), one.idf().to_vec());
        assert_eq!(again, Some(one));
        let parts = |stems: &[&str], pairs: &[[u32; 2]], idf: &[f32]| {
            let stems = stems.iter().map(|&stem| stem.into()).collect();
            Vocabulary::from_parts(stems, pairs.to_vec(), idf.to_vec())
        };
        assert!(parts(&["b", "a"], &[[1, 0], [0, 1]], &[1.0, 2.0, 1.0, 3.0]).is_some());
        assert!(parts(&["b", "a"], &[[1, 2]], &[1.0, 2.0, 1.0]).is_none(), "a stem that is not there");
        assert!(parts(&["b", "a"], &[], &[1.0, 1.0]).is_none(), "not in order");
        assert!(parts(&["a", "a"], &[], &[1.0, 2.0]).is_none(), "one stem twice");
        assert!(parts(&["a"], &[[0, 0], [0, 0]], &[1.0, 1.0, 2.0]).is_none(), "one pair twice");
        assert!(parts(&["a"], &[], &[]).is_none(), "a stem without a frequency");
    }
}
