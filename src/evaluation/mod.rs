//! Predictions against labels: how often a tag is right, whether a probability means what it says, and how far
//! two judges agree. Floor 4.
//!
//! Values in, values out: this folder knows neither files nor models nor the terminal. What counts and what does
//! not is decided here and nowhere else:
//!
//! - A post with a blank label is left out of that characteristic.
//! - A labelled post that the program did not judge is *undecided*. It is counted as such. It carries no tag, so in
//!   accuracy, precision, recall and F1 it stands as predicted *neither*: an example that was not judged stays a
//!   missed example. Alpha and kappa leave it out, as they do with every value that a coder did not give.
//! - Average precision and calibration use every labelled post with a probability, undecided or not.
//! - A metric that is not defined is `None`: `null` in JSON, `-` in a table, never 0.

mod agreement;
mod calibration;
mod confusion;
mod curves;
mod metrics;
mod table;

use serde::{Deserialize, Serialize};

use crate::codebook::{Characteristic, Value};

pub use agreement::{cohen_kappa, krippendorff_alpha};
pub use calibration::{CALIBRATION_BINS, expected_calibration_error};
pub use confusion::Confusion;
pub use curves::average_precision;
pub use metrics::{CharacteristicMetrics, PoleMetrics};

/// The support from which a pole counts in [`Evaluation::macro_f1_min_support_8`]. With fewer examples one post more
/// or less moves a pole's recall by more than 0.125.
pub const SOLID_SUPPORT: u64 = 8;

/// What is known of one post on one characteristic.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Judgement {
    /// The label, `None` where it is blank: the post does not count.
    pub label: Option<Value>,
    /// The value that the program gives, `None` where it did not judge.
    pub predicted: Option<Value>,
    /// The probabilities of upholds and breaches, each from 0 to 1. `None` where that pole is not fitted or the post was not
    /// judged.
    pub probabilities: [Option<f64>; 2],
}

/// The metrics of every characteristic, and one figure over all of them.
///
/// As JSON: `{"characteristics": [{"id", …, "poles": [{"pole", …}]}], "macro_f1", "macro_f1_min_support_8"}`.
/// [`Display`](std::fmt::Display) writes it as a table of at most 100 columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The characteristics, in the order in which they were given.
    pub characteristics: Vec<CharacteristicMetrics>,
    /// Mean F1 of all poles with support, from 0 to 1.
    pub macro_f1: Option<f64>,
    /// Mean F1 of all poles with a support of at least [`SOLID_SUPPORT`], from 0 to 1.
    pub macro_f1_min_support_8: Option<f64>,
}

impl Evaluation {
    /// The metrics of characteristics, each with its judgements: one a post, in any order.
    pub fn new<'a>(judged: impl IntoIterator<Item = (&'a Characteristic, &'a [Judgement])>) -> Self {
        judged
            .into_iter()
            .map(|(characteristic, judgements)| CharacteristicMetrics::new(characteristic, judgements))
            .collect()
    }

    /// The poles of all characteristics, in order.
    pub fn poles(&self) -> impl Iterator<Item = &PoleMetrics> {
        self.characteristics.iter().flat_map(|characteristic| &characteristic.poles)
    }

    /// Mean F1, from 0 to 1, of the poles with a support of at least `min_support` posts. A pole without support
    /// never counts: a `min_support` of 0 is taken as 1.
    pub fn macro_f1(&self, min_support: u64) -> Option<f64> {
        macro_f1(self.poles(), min_support)
    }
}

impl FromIterator<CharacteristicMetrics> for Evaluation {
    fn from_iter<I: IntoIterator<Item = CharacteristicMetrics>>(characteristics: I) -> Self {
        let characteristics: Vec<_> = characteristics.into_iter().collect();
        let over = |min_support| macro_f1(characteristics.iter().flat_map(|own| &own.poles), min_support);
        Self { macro_f1: over(1), macro_f1_min_support_8: over(SOLID_SUPPORT), characteristics }
    }
}

/// Mean F1 of the poles with a support of at least `min_support`, and at least 1.
fn macro_f1<'a>(poles: impl IntoIterator<Item = &'a PoleMetrics>, min_support: u64) -> Option<f64> {
    mean(poles.into_iter().filter(|pole| pole.support >= min_support.max(1)).filter_map(|pole| pole.f1))
}

/// The arithmetic mean; `None` of nothing.
fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.into_iter().fold((0.0, 0_u64), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}

/// A share of counts, from 0 to 1; `None` of nothing.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
