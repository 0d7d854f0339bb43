//! Stems, cues and context → one sparse row; the vocabulary. Floor 3.
//!
//! A row has three blocks of columns: terms (one or two stems in a row, L2-normalised), cues of the post itself, and
//! context that comes from its parent. Knows nothing of labels and weights. Cannot fail on any string.

mod analysis;
mod cache;
mod cues;
mod pair;
mod row;
mod vocabulary;

pub use self::{
    analysis::{Analysis, Analyzer, Scratch},
    cues::{CueList, N_STRUCTURAL_CUES},
    row::{Columns, RowBuffer},
    vocabulary::{Interner, StemIds, UNKNOWN, Vocabulary},
};
