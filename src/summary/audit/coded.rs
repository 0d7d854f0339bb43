//! A sample as it comes back from its coders.

use std::collections::BTreeMap;

use crate::codebook::Value;

/// One coded post.
#[derive(Clone, Debug, PartialEq)]
pub struct CodedRow {
    /// What the post is known by, see [`post_key`](crate::summary::post_key).
    pub key: String,
    /// Number of its stratum as it stands in the file.
    pub stratum: String,
    /// Posts in the stratum, drawn or not.
    pub stratum_posts: u64,
    /// Name of its thread; empty where it has none.
    pub thread: String,
    /// Its values, one a characteristic of the codebook; `None` where blank.
    pub values: Vec<Option<Value>>,
}

/// A coded sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CodedSample {
    /// The rows, in the order of the file.
    pub rows: Vec<CodedRow>,
    places: BTreeMap<String, usize>,
}

impl CodedSample {
    /// Adds a row; one that has been there before is refused.
    ///
    /// # Errors
    /// The key, where it stands twice.
    pub fn push(&mut self, row: CodedRow) -> Result<(), String> {
        if self.places.contains_key(&row.key) {
            return Err(row.key);
        }
        self.places.insert(row.key.clone(), self.rows.len());
        self.rows.push(row);
        Ok(())
    }

    /// The place of a post among the rows.
    pub fn place(&self, key: &str) -> Option<usize> {
        self.places.get(key).copied()
    }

    /// Rows with any value.
    pub fn n_coded(&self) -> usize {
        self.rows.iter().filter(|row| row.values.iter().any(Option::is_some)).count()
    }
}
