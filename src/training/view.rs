//! All posts as the rows that heads are fitted on. Floor 5.
//!
//! To a row of terms, cues and context comes the sum of its words' vectors, each at the value of its term. Being linear, what
//! a head learns of that folds into the weights of terms, those of words that no training post holds among them.

use crate::{
    error::Result,
    features::{Analysis, Analyzer, Columns, CueList, Interner, RowBuffer, Scratch, StemIds, Vocabulary},
    post::Post,
    training::{
        Rows,
        word_vectors::{N_DIMENSIONS, Vector, WordVectors},
    },
};

/// The length of a word's vector beside its term. All columns of vectors bear on most posts, so what single columns tell says
/// little of them; their part in a fit is set by this.
const VECTOR_LENGTH: f32 = 0.5;

/// Posts, read once: what views are made of.
pub struct AnalyzedPosts<'a> {
    analyzer: &'a Analyzer,
    vectors: &'static WordVectors,
    interner: Interner,
    /// Stems that are terms in any case.
    listed: Vec<u32>,
    authors: Vec<u32>,
    analyses: Vec<Analysis>,
}

impl<'a> AnalyzedPosts<'a> {
    /// Reads posts; each comes with its author's number.
    pub fn new<'p>(posts: impl Iterator<Item = (u32, Post<'p>)>, analyzer: &'a Analyzer) -> Self {
        let mut interner = Interner::default();
        let mut scratch = Scratch::default();
        let (authors, analyses) = posts
            .map(|(author, post)| {
                let mut analysis = Analysis::default();
                analyzer.analyze(&post, &mut interner, &mut scratch, &mut analysis);
                (author, analysis)
            })
            .unzip();
        let vectors = WordVectors::shipped(analyzer.language());
        let listed = vectors.stems().iter().map(|stem| interner.id(stem)).collect();
        Self { analyzer, vectors, interner, listed, authors, analyses }
    }

    /// Whether any post has context.
    pub fn has_context(&self) -> bool {
        self.analyses.iter().any(|analysis| analysis.context.iter().any(|number| *number != 0.0))
    }

    /// The vocabulary of the posts that count, and the rows of all.
    pub fn view(&self, counts: impl Fn(usize) -> bool) -> Result<(Vocabulary, View)> {
        let texts = self.authors.iter().zip(&self.analyses).enumerate();
        let texts = texts
            .filter(|(place, _)| counts(*place))
            .map(|(_, (author, analysis))| (*author, analysis.stems.as_slice()));
        let (vocabulary, translation, from_texts) = Vocabulary::build(texts, &self.interner, &self.listed);
        let mut view = View::new(&vocabulary, &from_texts, self.analyzer.cues(), self.vectors);
        let mut row = RowBuffer::default();
        for analysis in &self.analyses {
            let stems = analysis.stems.iter().map(|&stem| translation[stem as usize]).collect();
            row.fill(&Analysis { stems, ..analysis.clone() }, &vocabulary);
            view.push(&row.entries)?;
        }
        Ok((vocabulary, view))
    }
}

/// The rows of all posts over one vocabulary, with and without context, and which posts it was built on.
pub struct View {
    /// The columns of the vocabulary's rows.
    columns: Columns,
    /// Where each column lies in the rows below, before those of the vectors; none if it gets no weight of its own.
    places: Vec<Option<u32>>,
    /// The vector of each term.
    vectors: Vec<Option<&'static Vector>>,
    /// The columns of the vectors: none in a language without.
    n_dense: usize,
    /// All columns.
    rows: Rows,
    /// Context left out: its columns hold nothing.
    without_context: Rows,
}

impl View {
    /// A view without rows. Of the columns, those of terms that are not `from_texts` get no weight of their own.
    fn new(
        vocabulary: &Vocabulary,
        from_texts: &[bool],
        cues: &CueList,
        vectors: &'static WordVectors,
    ) -> Self {
        let columns = Columns::new(vocabulary, cues);
        let mut learned = 0_u32..;
        let mut place = |column| {
            let is_learned = from_texts.get(column).is_none_or(|own| *own);
            if is_learned { learned.next() } else { None }
        };
        let places: Vec<Option<u32>> = (0..columns.len()).map(&mut place).collect();
        let n_dense = if vectors.stems().is_empty() { 0 } else { N_DIMENSIONS };
        let rows = Rows::with_dense(places.iter().flatten().count(), n_dense);
        let vectors = vectors.by_term(vocabulary);
        Self { columns, places, vectors, n_dense, without_context: rows.clone(), rows }
    }

    /// Adds the row of a post, as (column, value).
    fn push(&mut self, row: &[(u32, f32)]) -> Result<()> {
        let mut sum = [0.0; N_DIMENSIONS];
        for &(column, value) in row {
            if let Some(Some(vector)) = self.vectors.get(column as usize) {
                for (sum, number) in sum.iter_mut().zip(*vector) {
                    *sum += VECTOR_LENGTH * value * number;
                }
            }
        }
        let placed = |&(column, value): &(u32, f32)| Some((self.places[column as usize]?, value));
        let context = self.columns.context_start() as u32..self.columns.len() as u32;
        let all: Vec<(u32, f32)> = row.iter().filter_map(placed).collect();
        let without: Vec<(u32, f32)> =
            row.iter().filter(|(column, _)| !context.contains(column)).filter_map(placed).collect();
        self.rows.push(&all, &sum[..self.n_dense])?;
        self.without_context.push(&without, &sum[..self.n_dense])
    }

    /// The rows.
    pub fn rows(&self, with_context: bool) -> &Rows {
        if with_context { &self.rows } else { &self.without_context }
    }

    /// The weights of the vocabulary's columns, `k` each, from those of the rows' columns.
    pub fn column_weights(&self, learned: &[f64], k: usize) -> Vec<f64> {
        let (own, of_vectors) = learned.split_at(learned.len() - self.n_dense * k);
        let mut own = own.chunks_exact(k);
        let none = vec![0.0; k];
        let rows = self.places.iter().map(|place| place.and_then(|_| own.next()).unwrap_or(&none));
        let mut weights: Vec<f64> = rows.flatten().copied().collect();
        for (term, vector) in weights.chunks_exact_mut(k).zip(&self.vectors) {
            let Some(vector) = vector else { continue };
            for (&number, dimension) in vector.iter().zip(of_vectors.chunks_exact(k)) {
                for (weight, of_vector) in term.iter_mut().zip(dimension) {
                    *weight += f64::from(VECTOR_LENGTH * number) * of_vector;
                }
            }
        }
        weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    #[test]
    fn the_weights_of_columns_give_the_same_sums() -> Result<()> {
        let mut interner = Interner::default();
        let stems: Vec<u32> = ["nurs", "tea", "nurs", "zzyzx"].iter().map(|stem| interner.id(stem)).collect();
        let listed = [interner.id("doctor")];
        let texts = [(0, &stems[..]), (1, &stems[..]), (2, &stems[..])];
        let (vocabulary, _, from_texts) = Vocabulary::build(texts.into_iter(), &interner, &listed);
        let cues = CueList::shipped();
        let mut view = View::new(&vocabulary, &from_texts, &cues, WordVectors::shipped(Language::English));
        let columns = Columns::new(&vocabulary, &cues);
        let row: Vec<(u32, f32)> = (0..columns.len() as u32).map(|column| (column, 0.5)).collect();
        view.push(&row)?;
        // Every column of the rows but that of the listed stem, and those of the vectors.
        assert_eq!(view.rows(true).n_columns(), columns.len() - 1 + N_DIMENSIONS);
        let (n_context, own) = (columns.n_context, view.rows(false).row(0).columns.len());
        assert_eq!(view.rows(true).row(0).columns.len(), own + n_context);
        let learned: Vec<f64> = (0..view.rows(true).n_columns() * 2).map(|at| (at as f64).sin()).collect();
        let weights = view.column_weights(&learned, 2);
        assert_eq!(weights.len(), columns.len() * 2);
        let sum = |row: &mut dyn Iterator<Item = (usize, f64)>, weights: &[f64], output: usize| -> f64 {
            row.map(|(column, value)| value * weights[column * 2 + output]).sum()
        };
        for output in [0, 1] {
            let before = sum(&mut view.rows(true).entries(0), &learned, output);
            let after = sum(
                &mut row.iter().map(|&(column, value)| (column as usize, f64::from(value))),
                &weights,
                output,
            );
            assert!((before - after).abs() < 1e-5, "{before} {after}");
        }
        Ok(())
    }
}
