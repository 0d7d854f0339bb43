//! How common each pole is expected to be where a model will be used: labelled posts are chosen or written so that rare
//! poles occur, and a model that took their shares for true would tag too much of what is rare.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// What is expected, by slug of the characteristic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prevalence(BTreeMap<String, Expected>);

/// What is expected of one characteristic.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The share that upholds, of the posts that can be judged, in (0, 1) and below 1 with that of breaches.
    pub upholds: f64,
    /// The share that breaches.
    pub breaches: f64,
    /// By what the odds of upholds are multiplied besides, above 0: more than 1 where posts show it less plainly than those that
    /// the model learns from.
    #[serde(default = "one")]
    pub upholds_odds: f64,
    /// The same of breaches.
    #[serde(default = "one")]
    pub breaches_odds: f64,
}

fn one() -> f64 {
    1.0
}

impl Prevalence {
    /// Reads a TOML file: a table a characteristic, named by its slug, with the fields of [`Expected`].
    pub fn read(path: &Path) -> Result<Self> {
        let refuse = |problem: String| ErrorKind::Prevalence { path: path.to_owned(), problem };
        let text = std::fs::read_to_string(path).map_err(|source| Error::io(path, "read", source))?;
        let prevalence: Self = toml::from_str(&text).map_err(|e| refuse(e.message().to_owned()))?;
        for (slug, expected) in &prevalence.0 {
            let Expected { upholds, breaches, upholds_odds, breaches_odds } = *expected;
            let is_factor = |odds: f64| odds.is_finite() && odds > 0.0;
            if !(is_factor(upholds_odds) && is_factor(breaches_odds)) {
                return Err(refuse(format!(
                    "{slug}: found upholds_odds {upholds_odds} and breaches_odds {breaches_odds}, expected numbers above 0"
                ))
                .into());
            }
            if !(upholds > 0.0 && breaches > 0.0 && upholds + breaches < 1.0) {
                return Err(refuse(format!(
                    "{slug}: found upholds {upholds} and breaches {breaches}, expected shares above 0 and below 1 \
                     together"
                ))
                .into());
            }
        }
        Ok(prevalence)
    }

    /// The slugs of which something is expected.
    pub fn slugs(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// What is expected of the characteristic of that slug.
    pub fn of(&self, slug: &str) -> Option<Expected> {
        self.0.get(slug).copied()
    }
}
