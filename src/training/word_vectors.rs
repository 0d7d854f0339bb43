//! What words have in common, known before any post is read: 64 numbers a stem, from a public language model.
//!
//! A post's vector is the sum of its words' vectors, each at the value of its term; being linear, what a head learns of
//! it folds into the weights of terms, those of words that no training post holds among them. Knows nothing of heads.

use std::sync::LazyLock;

use safetensors::SafeTensors;

use crate::{
    features::{Columns, Vocabulary},
    text::Language,
};

/// Numbers a stem.
pub const N_DIMENSIONS: usize = 64;

/// Made by `models/word_vectors.py`, which says from what.
static SHIPPED: &[u8] = include_bytes!("../../models/word-vectors.safetensors");

/// Stems and their vectors, each of length 1.
pub struct WordVectors {
    /// Sorted.
    stems: Vec<&'static str>,
    vectors: Vec<[f32; N_DIMENSIONS]>,
}

impl WordVectors {
    /// Those of a language; none but the English ones are known.
    ///
    /// # Panics
    /// Never: the shipped file is tested.
    pub fn shipped(language: Language) -> &'static Self {
        static ENGLISH: LazyLock<WordVectors> =
            LazyLock::new(|| WordVectors::read().expect("the shipped vectors"));
        static NONE: WordVectors = WordVectors { stems: Vec::new(), vectors: Vec::new() };
        if language == Language::English { &ENGLISH } else { &NONE }
    }

    fn read() -> Option<Self> {
        let file = SafeTensors::deserialize(SHIPPED).ok()?;
        let bytes = |name: &str| file.tensor(name).ok().map(|tensor| tensor.data());
        let largest = f32::from_le_bytes(*bytes("largest")?.first_chunk()?);
        let stems = std::str::from_utf8(bytes("stems")?).ok()?.split('\n').collect();
        let (rows, _) = bytes("vectors")?.as_chunks::<N_DIMENSIONS>();
        let number = |byte: u8| f32::from(byte.cast_signed()) / 127.0 * largest;
        Some(Self { stems, vectors: rows.iter().map(|row| row.map(number)).collect() })
    }

    /// The stems that have a vector, sorted.
    pub fn stems(&self) -> &[&'static str] {
        &self.stems
    }

    /// The vector of each term of a vocabulary; terms of two stems have none.
    pub fn by_term(&self, vocabulary: &Vocabulary) -> Vec<Option<&[f32; N_DIMENSIONS]>> {
        let vector = |&[first, _]: &[u32; 2]| {
            let place = self.stems.binary_search(&&*vocabulary.stems()[first as usize]).ok()?;
            Some(&self.vectors[place])
        };
        let terms = (0..).zip(vocabulary.terms());
        terms.map(|(column, term)| if vocabulary.is_pair(column) { None } else { vector(term) }).collect()
    }
}

/// Adds the sum of the vectors of a row's terms to the row, in the columns behind `columns`.
pub fn append(row: &mut Vec<(u32, f32)>, by_term: &[Option<&[f32; N_DIMENSIONS]>], columns: Columns) {
    let mut sum = [0.0; N_DIMENSIONS];
    for &(column, value) in &*row {
        if let Some(Some(vector)) = by_term.get(column as usize) {
            for (sum, number) in sum.iter_mut().zip(*vector) {
                *sum += value * number;
            }
        }
    }
    row.extend((columns.len() as u32..).zip(sum).filter(|(_, number)| *number != 0.0));
}

/// Moves what was learned of vectors (the last `N_DIMENSIONS` of the columns, `n_outputs` weights each) into the weights
/// of terms.
pub fn fold(weights: &mut Vec<f64>, n_outputs: usize, by_term: &[Option<&[f32; N_DIMENSIONS]>]) {
    let of_vectors = weights.split_off(weights.len() - N_DIMENSIONS * n_outputs);
    for (term, vector) in weights.chunks_exact_mut(n_outputs).zip(by_term) {
        let Some(vector) = vector else { continue };
        for (&number, dimension) in vector.iter().zip(of_vectors.chunks_exact(n_outputs)) {
            for (weight, of_vector) in term.iter_mut().zip(dimension) {
                *weight += f64::from(number) * of_vector;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::{CueList, Interner, StemIds};

    #[test]
    fn the_shipped_vectors_are_sorted_and_of_length_one() {
        let vectors = WordVectors::shipped(Language::English);
        assert!(vectors.stems.is_sorted_by(|a, b| a < b));
        assert_eq!((vectors.stems.len(), vectors.vectors.len()), (14_146, 14_146));
        for vector in &vectors.vectors {
            let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
            assert!((length - 1.0).abs() < 0.02, "found {length}");
        }
        assert!(WordVectors::shipped(Language::German).stems().is_empty());
    }

    #[test]
    fn like_words_lie_closer_than_others() {
        let vectors = WordVectors::shipped(Language::English);
        let of = |stem: &str| &vectors.vectors[vectors.stems.binary_search(&stem).expect("a common word")];
        let cosine = |a, b| of(a).iter().zip(of(b)).map(|(a, b)| a * b).sum::<f32>();
        assert!(cosine("nurs", "doctor") > cosine("nurs", "gravel"));
        assert!(cosine("grate", "thank") < cosine("gratitud", "thank"));
    }

    #[test]
    fn folded_weights_give_the_same_sum() {
        let mut interner = Interner::default();
        let stems: Vec<u32> = ["nurs", "tea", "nurs", "zzyzx"].iter().map(|stem| interner.id(stem)).collect();
        let texts = [(0, &stems[..]), (1, &stems[..]), (2, &stems[..])];
        let (vocabulary, ..) = Vocabulary::build(texts.into_iter(), &interner, &[]);
        let columns = Columns::new(&vocabulary, &CueList::shipped());
        let by_term = WordVectors::shipped(Language::English).by_term(&vocabulary);
        let mut row: Vec<(u32, f32)> = (0..vocabulary.n_terms() as u32).map(|c| (c, 0.5)).collect();
        let plain = row.clone();
        append(&mut row, &by_term, columns);
        let mut weights: Vec<f64> =
            (0..(columns.len() + N_DIMENSIONS) * 2).map(|place| (place as f64).sin()).collect();
        let sum = |row: &[(u32, f32)], weights: &[f64], output: usize| -> f64 {
            row.iter().map(|&(column, value)| f64::from(value) * weights[column as usize * 2 + output]).sum()
        };
        let before = [0, 1].map(|output| sum(&row, &weights, output));
        fold(&mut weights, 2, &by_term);
        assert_eq!(weights.len(), columns.len() * 2);
        for (output, before) in before.into_iter().enumerate() {
            assert!((sum(&plain, &weights, output) - before).abs() < 1e-5);
        }
    }
}
