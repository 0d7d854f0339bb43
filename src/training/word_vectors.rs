//! What words have in common, known before any post is read: 64 numbers a stem, from a public language model.
//!
//! Knows nothing of posts.

use std::sync::LazyLock;

use safetensors::SafeTensors;

use crate::{features::Vocabulary, text::Language};

/// Numbers a stem.
pub const N_DIMENSIONS: usize = 64;

/// Made by `models/word_vectors.py`, which says from what.
static SHIPPED: &[u8] = include_bytes!("../../models/word-vectors.safetensors");

/// What is known of a stem.
pub type Vector = [f32; N_DIMENSIONS];

/// Stems and their vectors, each of length 1.
pub struct WordVectors {
    /// Sorted.
    stems: Vec<&'static str>,
    vectors: Vec<Vector>,
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
    pub fn by_term(&'static self, vocabulary: &Vocabulary) -> Vec<Option<&'static Vector>> {
        let vector = |stem: &str| Some(&self.vectors[self.stems.binary_search(&stem).ok()?]);
        vocabulary
            .stems()
            .iter()
            .map(|stem| vector(stem))
            .chain(vocabulary.pairs().iter().map(|_| None))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
