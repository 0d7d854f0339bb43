//! What was found in exports: files, posts kept and skipped, and what nobody knows. Floor 2.

use std::collections::BTreeMap;

use crate::{post::PostKind, timeline::export::archive::DAMAGE};

/// Distinct names that are kept of anything unknown; further ones are counted together.
const MOST_NAMES: usize = 200;

/// What was found, to be shown to the user. Posts found are posts kept and posts skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// The platforms by name, each with the files that were read as its own.
    pub platforms: BTreeMap<&'static str, u64>,
    /// The files that were read, with the posts that each was found to hold.
    pub files: Vec<(String, u64)>,
    /// Files that are known to hold no posts.
    pub n_other_files: u64,
    /// Files that cannot hold posts, by what they are.
    pub left_files: BTreeMap<&'static str, u64>,
    /// Files that no reader knows, by name.
    pub unknown_files: BTreeMap<String, u64>,
    /// Keys and columns that no reader knows, with how many items had them.
    pub unknown_keys: BTreeMap<String, u64>,
    /// Things of the platform that are no posts, by its name for them.
    pub other_items: BTreeMap<String, u64>,
    /// Posts that were kept, by kind.
    pub kept: BTreeMap<&'static str, u64>,
    /// Posts that were skipped, by reason.
    pub skipped: BTreeMap<&'static str, u64>,
    /// Sentences for the user.
    pub notes: Vec<String>,
}

impl Findings {
    /// Posts that were kept.
    pub fn n_kept(&self) -> u64 {
        self.kept.values().sum()
    }

    /// Posts that were skipped.
    pub fn n_skipped(&self) -> u64 {
        self.skipped.values().sum()
    }

    /// Adds what was found elsewhere.
    pub fn merge(&mut self, other: &Self) {
        fn add<K: Clone + Ord>(counts: &mut BTreeMap<K, u64>, others: &BTreeMap<K, u64>) {
            for (name, count) in others {
                *counts.entry(name.clone()).or_default() += count;
            }
        }
        add(&mut self.platforms, &other.platforms);
        self.files.extend(other.files.iter().cloned());
        self.n_other_files += other.n_other_files;
        add(&mut self.left_files, &other.left_files);
        add(&mut self.unknown_files, &other.unknown_files);
        add(&mut self.unknown_keys, &other.unknown_keys);
        add(&mut self.other_items, &other.other_items);
        add(&mut self.kept, &other.kept);
        add(&mut self.skipped, &other.skipped);
        self.notes.extend(other.notes.iter().cloned());
    }

    /// Whether files that may hold posts could not be read, or not whole.
    pub fn is_damaged(&self) -> bool {
        DAMAGE.iter().any(|reason| self.left_files.contains_key(reason))
    }

    pub(super) fn note(&mut self, sentence: String) {
        if self.notes.len() < MOST_NAMES && !self.notes.contains(&sentence) {
            self.notes.push(sentence);
        }
    }

    pub(super) fn note_left(&mut self, left: &BTreeMap<&'static str, u64>) {
        for (reason, count) in left {
            *self.left_files.entry(reason).or_default() += count;
        }
    }

    pub(super) fn note_unknown_file(&mut self, path: &str) {
        count(&mut self.unknown_files, path);
    }

    pub(super) fn note_unknown_key(&mut self, key: &str) {
        count(&mut self.unknown_keys, key);
    }

    pub(super) fn note_other_item(&mut self, name: &str) {
        count(&mut self.other_items, name);
    }

    pub(super) fn note_kept(&mut self, kind: PostKind) {
        *self.kept.entry(kind.name()).or_default() += 1;
    }
}

/// Counts a name that a stranger chose: only so many of them take memory.
fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    const LONGEST: usize = 120;
    if let Some(count) = counts.get_mut(name) {
        *count += 1;
        return;
    }
    let name: String = name.chars().take(LONGEST).collect();
    let name = if counts.len() < MOST_NAMES { name } else { "others".to_owned() };
    *counts.entry(name).or_default() += 1;
}
