//! The characteristics that a post is tagged for: definitions, poles, tags, examples. Floor 1.
//!
//! Names of characteristics and tags come from a codebook and nowhere else. The shipped one is
//! `data/codebook.toml`; a model carries the one that it was trained with.

use std::{collections::BTreeSet, path::Path};

use serde::{Deserialize, Serialize};

use crate::{
    error::{ErrorKind, Result},
    post::{Account, PostKind},
};

/// The shipped codebook as it stands in `data/codebook.toml`.
pub const SHIPPED: &str = include_str!("../data/codebook.toml");

/// A list of characteristics with a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codebook {
    /// Version of the definitions.
    pub version: u32,
    /// Where the definitions come from.
    pub source: String,
    /// The characteristics, in the order in which everything lists them.
    #[serde(rename = "characteristic")]
    pub characteristics: Vec<Characteristic>,
}

/// One characteristic and its two poles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Characteristic {
    /// Short identifier such as `P7`.
    pub id: String,
    /// Name of its column in a labelled file, such as `advice`.
    pub slug: String,
    /// Whose posts are judged on it; `None` is everybody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// What it says of a person or a body.
    pub definition: String,
    /// Whether a reply cannot be judged on it while its parent is not known.
    #[serde(default)]
    pub needs_parent: bool,
    /// Which kinds of post count in a summary of it.
    #[serde(default = "own_words", skip_serializing_if = "is_own_words")]
    pub kinds: Vec<PostKind>,
    /// Of which posts a summary gives the share.
    #[serde(default, skip_serializing_if = "ShareOf::is_posts")]
    pub share_of: ShareOf,
    /// Whether its poles stand for giving and taking, and count in that balance.
    #[serde(default, skip_serializing_if = "is_false")]
    pub gives_and_takes: bool,
    /// What is no evidence of either pole.
    #[serde(default)]
    pub neither: String,
    /// Which characteristic gets a post that seems to fit several.
    #[serde(default)]
    pub neighbours: Vec<String>,
    /// Evidence that the post upholds it.
    pub upholds: PoleEntry,
    /// Evidence that the post breaches it.
    pub breaches: PoleEntry,
}

/// What the codebook says of one pole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoleEntry {
    /// The name that a report shows.
    pub tag: String,
    /// What counts as evidence in one post.
    pub evidence: String,
    /// Posts written as examples.
    #[serde(default)]
    pub examples: Vec<Example>,
}

/// A post written as an example.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The post that it answers, where the judgement needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The post.
    pub text: String,
}

/// Of which posts a summary gives the share that bear a pole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShareOf {
    /// Of all posts that were judged.
    #[default]
    Posts,
    /// Of the posts that bear one of the two poles: of advice, the share that nobody asked for.
    Poles,
}

impl ShareOf {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    fn is_posts(&self) -> bool {
        *self == Self::Posts
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// All kinds but reposts: what somebody passes on without a word is not their own.
fn own_words() -> Vec<PostKind> {
    PostKind::ALL.into_iter().filter(|kind| *kind != PostKind::Repost).collect()
}

fn is_own_words(kinds: &Vec<PostKind>) -> bool {
    *kinds == own_words()
}

/// The two ends of a characteristic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pole {
    /// Evidence for it.
    Upholds,
    /// Evidence against it.
    Breaches,
}

impl Pole {
    /// Both poles, in the order in which everything lists them.
    pub const ALL: [Self; 2] = [Self::Upholds, Self::Breaches];

    /// `upholds` or `breaches`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Upholds => "upholds",
            Self::Breaches => "breaches",
        }
    }

    /// The value that stands for this pole in a labelled file.
    pub const fn value(self) -> Value {
        match self {
            Self::Upholds => Value::Upholds,
            Self::Breaches => Value::Breaches,
        }
    }
}

/// What a post is on a characteristic. A blank, *not judged*, is `None` around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// `-1`.
    Breaches,
    /// `0`.
    Neither,
    /// `1`.
    Upholds,
}

impl Value {
    /// All values, lowest first.
    pub const ALL: [Self; 3] = [Self::Breaches, Self::Neither, Self::Upholds];

    /// The number that stands for it in a labelled file: −1, 0 or 1.
    pub const fn number(self) -> i8 {
        match self {
            Self::Breaches => -1,
            Self::Neither => 0,
            Self::Upholds => 1,
        }
    }

    /// The value written in a cell: `1`, `0` or `-1` (a minus sign or `1.0` as spreadsheets write them too).
    /// `None` for anything else, a blank included.
    pub fn from_cell(cell: &str) -> Option<Self> {
        match cell.trim() {
            "1" | "+1" | "1.0" => Some(Self::Upholds),
            "0" | "0.0" => Some(Self::Neither),
            "-1" | "\u{2212}1" | "-1.0" => Some(Self::Breaches),
            _ => None,
        }
    }
}

impl Characteristic {
    /// What the codebook says of a pole.
    pub fn pole(&self, pole: Pole) -> &PoleEntry {
        match pole {
            Pole::Upholds => &self.upholds,
            Pole::Breaches => &self.breaches,
        }
    }

    /// Whether a post of that kind counts in a summary of it.
    pub fn counts(&self, kind: PostKind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Whether posts of that account are judged on it.
    pub fn judges(&self, account: Account) -> bool {
        self.account.is_none_or(|own| own == account)
    }
}

/// The columns of a scored table that are no tag's: what became of a post, its tags, and the model.
pub const SCORED_COLUMNS: [&str; 3] = ["status", "tags", "model"];

impl Codebook {
    /// The shipped codebook.
    ///
    /// # Panics
    /// Never: a test reads it.
    pub fn shipped() -> Self {
        Self::from_toml(SHIPPED, Path::new("the embedded codebook")).expect("the shipped codebook is valid")
    }

    /// Reads a codebook; `path` is named in the error.
    pub fn from_toml(text: &str, path: &Path) -> Result<Self> {
        let codebook: Self = toml::from_str(text)
            .map_err(|error| ErrorKind::Codebook { path: path.into(), problem: error.to_string() })?;
        codebook.check(path)?;
        Ok(codebook)
    }

    /// A codebook of the user's own label columns: the tags of `a` are `a` and `not-a`, everybody's posts are judged.
    pub fn from_labels<S: AsRef<str>>(labels: &[S]) -> Self {
        let entry = |tag: String| PoleEntry { tag, evidence: String::new(), examples: Vec::new() };
        let characteristics = labels
            .iter()
            .map(|label| {
                let label = label.as_ref();
                Characteristic {
                    id: label.to_owned(),
                    slug: label.to_owned(),
                    account: None,
                    definition: String::new(),
                    needs_parent: false,
                    kinds: PostKind::ALL.to_vec(),
                    share_of: ShareOf::Posts,
                    gives_and_takes: false,
                    neither: String::new(),
                    neighbours: Vec::new(),
                    upholds: entry(label.to_owned()),
                    breaches: entry(format!("not-{label}")),
                }
            })
            .collect();
        Self { version: 0, source: "label columns of the user".to_owned(), characteristics }
    }

    /// The characteristics that posts of an account are judged on, with their place in the codebook.
    pub fn judged(&self, account: Account) -> impl Iterator<Item = (usize, &Characteristic)> {
        self.characteristics
            .iter()
            .enumerate()
            .filter(move |(_, characteristic)| characteristic.judges(account))
    }

    /// Refuses a codebook without characteristics, or with a name that stands twice or cannot be a column of its own among those
    /// that `score` writes.
    pub(crate) fn check(&self, path: &Path) -> Result<()> {
        let fail = |problem: String| Err(ErrorKind::Codebook { path: path.into(), problem }.into());
        if self.characteristics.is_empty() {
            return fail("no characteristics, expected at least one".to_owned());
        }
        let mut slugs = BTreeSet::new();
        let mut tags = BTreeSet::new();
        for characteristic in &self.characteristics {
            if !slugs.insert(characteristic.slug.as_str()) {
                return fail(format!("the slug {} stands twice, expected once", characteristic.slug));
            }
            for pole in Pole::ALL {
                let tag = characteristic.pole(pole).tag.as_str();
                if tag.is_empty() || tag.contains([';', ',', '"', '\n']) {
                    return fail(format!("the tag \u{2018}{tag}\u{2019} cannot name a column"));
                }
                if SCORED_COLUMNS.contains(&tag) {
                    return fail(format!("the tag {tag} names a column of every scored table"));
                }
                if !tags.insert(tag) {
                    return fail(format!("the tag {tag} stands twice, expected once"));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_or_pole_as_a_number_is_its_place_among_all() {
        assert_eq!(Value::ALL.map(|value| value as usize), [0, 1, 2]);
        assert_eq!(Pole::ALL.map(|pole| pole as usize), [0, 1]);
    }
}
