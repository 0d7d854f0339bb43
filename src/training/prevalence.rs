//! How common each pole is expected to be where a model will be used: labelled posts are chosen or written so that rare
//! poles occur, and a model that took their shares for true would tag too much of what is rare.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// Expected shares of posts by slug of the characteristic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prevalence(BTreeMap<String, Shares>);

/// Expected shares of the posts that can be judged, each in (0, 1) and below 1 together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shares {
    upholds: f64,
    breaches: f64,
}

impl Prevalence {
    /// Reads a TOML file: a table a characteristic, named by its slug, with the shares `upholds` and `breaches`.
    pub fn read(path: &Path) -> Result<Self> {
        let refuse = |problem: String| ErrorKind::Prevalence { path: path.to_owned(), problem };
        let text = std::fs::read_to_string(path).map_err(|source| Error::io(path, "read", source))?;
        let prevalence: Self = toml::from_str(&text).map_err(|e| refuse(e.message().to_owned()))?;
        for (slug, shares) in &prevalence.0 {
            let Shares { upholds, breaches } = *shares;
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

    /// Expected shares of upholds and breaches of the characteristic of that slug.
    pub fn of(&self, slug: &str) -> Option<[f64; 2]> {
        self.0.get(slug).map(|shares| [shares.upholds, shares.breaches])
    }
}
