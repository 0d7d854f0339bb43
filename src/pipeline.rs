//! Read → score in parallel → hand on in order. Floor 5, and the home of rayon while posts are scored.
//!
//! Rows are read by one thread while the others score the batch before; results come in input order at any number
//! of threads. Memory holds two batches, whatever the length of the timeline. Knows nothing of what is made of a
//! scored post.

use std::{collections::BTreeMap, sync::Mutex};

use csv::StringRecord;
use rayon::prelude::*;

use crate::{
    error::Result,
    model::{Model, Scored, Scorer},
    post::Post,
    timeline::{Mapping, Reject, Row, Timeline},
};

/// Rows that are read before they are scored together.
const BATCH_ROWS: usize = 4096;
/// Rows that one thread scores in a go.
const CHUNK_ROWS: usize = 256;

/// What became of the rows of a timeline. Rows in are rows out and rejected rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows that were handed on.
    pub rows_out: u64,
    /// Rows that could not be used, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Rows that could not be used.
    pub fn n_rejected(&self) -> u64 {
        self.rejected.values().sum()
    }

    /// Adds what became of the rows of another timeline.
    pub fn merge(&mut self, other: &Self) {
        self.rows_out += other.rows_out;
        for (reason, count) in &other.rejected {
            *self.rejected.entry(reason).or_default() += count;
        }
    }
}

#[derive(Default)]
struct Batch {
    records: Vec<StringRecord>,
    len: usize,
    rejects: Vec<Reject>,
}

/// Scores every row of a timeline.
///
/// `work` is called in parallel with a run of rows, in any order of runs, and makes one piece of them; `done` gets the
/// pieces in input order, `rejected` each row that cannot be used, at latest before the piece behind it is done.
pub fn score<P: Send>(
    timeline: &mut Timeline,
    model: &Model,
    work: impl Fn(&mut Chunk) -> P + Sync,
    mut done: impl FnMut(P, usize) -> Result<()>,
    mut rejected: impl FnMut(Reject) -> Result<()>,
) -> Result<Tally> {
    let mut tally = Tally::default();
    let mapping = timeline.mapping().clone();
    // Scorers remember tokens from batch to batch; which of them scores what changes no result.
    let scorers: Mutex<Vec<Scorer>> = Mutex::default();
    let (mut current, mut next) = (Batch::default(), Batch::default());
    read_batch(timeline, &mut current)?;
    while current.len > 0 || !current.rejects.is_empty() {
        for reject in current.rejects.drain(..) {
            *tally.rejected.entry(reject.reason.name()).or_default() += 1;
            rejected(reject)?;
        }
        let records = &current.records[..current.len];
        let (pieces, read) = rayon::join(
            || -> Vec<(P, usize)> {
                // Everything in this closure runs in parallel.
                records
                    .par_chunks(CHUNK_ROWS)
                    .map(|records| {
                        let scorer = scorers.lock().ok().and_then(|mut pool| pool.pop());
                        let scorer = scorer.unwrap_or_else(|| Scorer::new(model));
                        let mut chunk = Chunk { records, mapping: &mapping, scorer };
                        let piece = work(&mut chunk);
                        if let Ok(mut pool) = scorers.lock() {
                            pool.push(chunk.scorer);
                        }
                        (piece, records.len())
                    })
                    .collect()
            },
            || read_batch(timeline, &mut next),
        );
        // Nothing from here on does.
        for (piece, n_rows) in pieces {
            tally.rows_out += n_rows as u64;
            done(piece, n_rows)?;
        }
        read?;
        std::mem::swap(&mut current, &mut next);
    }
    Ok(tally)
}

/// A run of rows that one thread scores.
pub struct Chunk<'a, 'm> {
    records: &'a [StringRecord],
    mapping: &'a Mapping,
    scorer: Scorer<'m>,
}

impl Chunk<'_, '_> {
    /// Calls `each` with every row, its post and what the model says of it.
    pub fn for_each(&mut self, mut each: impl FnMut(&StringRecord, &Post, &Scored)) {
        for record in self.records {
            let post = self.mapping.post(record);
            each(record, &post, self.scorer.score(&post));
        }
    }
}

fn read_batch(timeline: &mut Timeline, batch: &mut Batch) -> Result<()> {
    batch.len = 0;
    while batch.len < BATCH_ROWS && batch.rejects.len() < BATCH_ROWS {
        if batch.records.len() == batch.len {
            batch.records.push(StringRecord::new());
        }
        match timeline.read(&mut batch.records[batch.len])? {
            Some(Row::Kept { .. }) => batch.len += 1,
            Some(Row::Rejected(reject)) => batch.rejects.push(reject),
            None => break,
        }
    }
    Ok(())
}
