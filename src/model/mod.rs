//! A sparse row → probabilities → tags, with reasons; the model file. Floor 4.
//!
//! A model holds everything that scoring needs: language, cue lists, codebook, and a panel of linear heads for each
//! account that it judges. Knows nothing of labels; `training` makes models.

mod adapt;
mod explain;
mod file;
mod head;
mod score;
mod table;

use std::path::Path;

use crate::{
    codebook::Codebook,
    error::Result,
    features::{Analyzer, Columns, Vocabulary},
    post::Account,
};

pub use self::{
    adapt::{Adaptation, PostSample},
    explain::{Contribution, Explanation, TagExplanation, USUAL_WORDS},
    file::{FORMAT_VERSION, Provenance},
    head::{Head, HeadKind},
    score::{Scored, Scorer, Status},
    table::{ScoredTable, as_written, ten_thousandths, write_cell},
};

/// The shipped model, in the file format of [`Model::from_bytes`].
static SHIPPED: &[u8] = include_bytes!("../../models/sociable-en.safetensors");

/// A trained model.
pub struct Model {
    /// Name of the model, such as `sociable-en`.
    pub name: String,
    /// How posts are analyzed.
    pub analyzer: Analyzer,
    /// What posts are judged on.
    pub codebook: Codebook,
    /// A panel for each account, or one for everybody.
    pub panels: Vec<Panel>,
    /// Where it comes from.
    pub provenance: Provenance,
    /// BLAKE3 hash of all that it holds, in hexadecimal.
    pub hash: String,
}

/// The linear heads of one account's posts, side by side over one vocabulary.
pub struct Panel {
    /// Whose posts it judges; `None` is everybody's.
    pub account: Option<Account>,
    /// The terms.
    pub vocabulary: Vocabulary,
    /// Where the blocks of columns lie.
    pub columns: Columns,
    /// The heads, in the order of the codebook.
    pub heads: Vec<Head>,
    /// Weights, a row of `n_outputs` a column, calibration folded in: `columns.len() × n_outputs`.
    pub weights: Vec<f32>,
    /// Intercepts, one an output.
    pub intercepts: Vec<f32>,
}

impl Panel {
    /// Number of logits.
    pub fn n_outputs(&self) -> usize {
        self.intercepts.len()
    }
}

impl Model {
    /// The shipped model.
    pub fn shipped() -> Result<Self> {
        Self::from_bytes(SHIPPED, Path::new("the embedded model"))
    }

    /// Name and the first twelve digits of the hash, as it stands in every scored row.
    pub fn id(&self) -> String {
        format!("{}@{}", self.name, self.hash.get(..12).unwrap_or(&self.hash))
    }

    /// The place of the panel that judges posts of an account.
    pub fn panel_place(&self, account: Account) -> Option<usize> {
        self.panels.iter().position(|panel| panel.account.is_none_or(|own| own == account))
    }

    /// The model as bytes of its file; the same model gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        file::to_bytes(self)
    }

    /// Reads the bytes of a model file; `path` is named in the error. Never panics, whatever the bytes.
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self> {
        file::from_bytes(bytes, path)
    }
}
