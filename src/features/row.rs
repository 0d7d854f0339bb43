//! An analysis → one sparse row: terms by sublinear count × inverse document frequency, L2-normalised, then cues and context at half weight.

use crate::features::{Analysis, CueList, Vocabulary, analysis::context_names};

/// Cues and context are worth half of what they count, against terms of length 1 together (measured on public
/// advice and empathy data before this program was written).
const CUE_SCALE: f32 = 0.5;

/// Where the blocks of columns lie: terms, then cues, then context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// Number of terms.
    pub n_terms: usize,
    /// Number of cues.
    pub n_cues: usize,
    /// Number of context columns.
    pub n_context: usize,
}

impl Columns {
    /// The blocks of a vocabulary and cue lists.
    pub fn new(vocabulary: &Vocabulary, cues: &CueList) -> Self {
        Self { n_terms: vocabulary.n_terms(), n_cues: cues.n_cues(), n_context: context_names().len() }
    }

    /// Number of columns in all.
    pub fn len(self) -> usize {
        self.n_terms + self.n_cues + self.n_context
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The first column of context.
    pub fn context_start(self) -> usize {
        self.n_terms + self.n_cues
    }

    /// The readable name of a column: a term as it is, a cue as `[name]`, context as `[parent: name]`.
    pub fn name(self, column: usize, vocabulary: &Vocabulary, cues: &CueList) -> String {
        if column < self.n_terms {
            vocabulary.name(column as u32)
        } else if column < self.context_start() {
            format!("[{}]", cues.names().nth(column - self.n_terms).unwrap_or_default())
        } else {
            let names = context_names();
            format!("[parent: {}]", names.get(column - self.context_start()).map_or("", String::as_str))
        }
    }
}

/// A sparse row, and the room to make the next in.
#[derive(Default)]
pub struct RowBuffer {
    columns: Vec<u32>,
    /// Columns and values that are not 0, in the order of the columns. Terms have an L2 norm of 1 together.
    pub entries: Vec<(u32, f32)>,
}

impl RowBuffer {
    /// Makes the row of an analysis, whose stems are numbered by `vocabulary` or translated by `translation`.
    pub fn fill(&mut self, analysis: &Analysis, vocabulary: &Vocabulary) {
        self.columns.clear();
        self.entries.clear();
        vocabulary.for_each_term(&analysis.stems, |column| self.columns.push(column));
        self.columns.sort_unstable();
        let mut squares = 0.0;
        for run in self.columns.chunk_by(|a, b| a == b) {
            let value = (1.0 + (run.len() as f32).ln()) * vocabulary.idf()[run[0] as usize];
            squares += value * value;
            self.entries.push((run[0], value));
        }
        let scale = if squares > 0.0 { squares.sqrt().recip() } else { 0.0 };
        for (_, value) in &mut self.entries {
            *value *= scale;
        }
        let numbers = analysis.cues.iter().chain(&analysis.context);
        for (column, &number) in (vocabulary.n_terms() as u32..).zip(numbers) {
            if number != 0.0 {
                self.entries.push((column, number * CUE_SCALE));
            }
        }
    }
}
