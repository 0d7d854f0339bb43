//! An analysis → one sparse row: terms by sublinear count × inverse document frequency, those of one stem and those of
//! two each L2-normalised, then cues and context at half weight.

use crate::features::{
    Analysis, CueList, N_STRUCTURAL_CUES, Vocabulary,
    analysis::{context_names, length},
    cues::LENGTH,
};

/// Cues and context are worth half of what they count, against terms of length 1 (measured on public advice and empathy
/// data before this program was written).
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

    /// The column of the number of words, and its value in a post of so many.
    pub fn length(self, n_words: u32) -> (usize, f32) {
        (self.context_start() - N_STRUCTURAL_CUES + LENGTH, length(n_words) * CUE_SCALE)
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
    /// How often each term has occurred in the row that is being made; all 0 between rows.
    counts: Vec<u32>,
    /// Columns, each once, and values that are not 0: terms of one stem as they first come, then terms of two, then cues
    /// and context by column. Terms of one stem have an L2 norm of 1 together, and so have terms of two.
    pub entries: Vec<(u32, f32)>,
}

impl RowBuffer {
    /// Makes the row of an analysis, whose stems are numbered by `vocabulary`.
    pub fn fill(&mut self, analysis: &Analysis, vocabulary: &Vocabulary) {
        let Self { counts, entries } = self;
        entries.clear();
        if counts.len() < vocabulary.n_terms() {
            counts.resize(vocabulary.n_terms(), 0);
        }
        vocabulary.for_each_single(&analysis.stems, |column| note(column, counts, entries));
        let n_singles = entries.len();
        vocabulary.for_each_pair(&analysis.stems, |column| note(column, counts, entries));
        let (singles, pairs) = entries.split_at_mut(n_singles);
        for block in [singles, pairs] {
            let mut squares = 0.0;
            for (column, value) in &mut *block {
                let count = std::mem::take(&mut counts[*column as usize]);
                let tf = if count == 1 { 1.0 } else { 1.0 + (count as f32).ln() };
                *value = tf * vocabulary.idf()[*column as usize];
                squares += *value * *value;
            }
            let scale = squares.sqrt().recip();
            for (_, value) in block {
                *value *= scale;
            }
        }
        let context_start = vocabulary.n_terms() + analysis.cues.len();
        for (start, numbers) in [(vocabulary.n_terms(), &analysis.cues), (context_start, &analysis.context)] {
            let numbers = (start as u32..).zip(numbers).filter(|(_, number)| **number != 0.0);
            entries.extend(numbers.map(|(column, &number)| (column, number * CUE_SCALE)));
        }
    }
}

/// Counts a term; the first time it becomes an entry.
fn note(column: u32, counts: &mut [u32], entries: &mut Vec<(u32, f32)>) {
    let count = &mut counts[column as usize];
    *count += 1;
    if *count == 1 {
        entries.push((column, 0.0));
    }
}
