//! One characteristic's linear head: logits → probabilities of its poles → a value.

use serde::{Deserialize, Serialize};

use crate::codebook::{Pole, Value};

/// Which values a head tells apart: those that its labels held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HeadKind {
    /// Breaches, neither, upholds: two logits, breaches and upholds, each against neither.
    Ternary,
    /// Neither and upholds: one logit.
    Upholds,
    /// Neither and breaches: one logit.
    Breaches,
    /// Breaches and upholds: one logit, of upholds against breaches.
    Opposed,
}

/// A characteristic's part of a panel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Place of the characteristic in the codebook.
    pub characteristic: usize,
    /// Which values it tells apart.
    pub kind: HeadKind,
    /// The first of its outputs in the panel.
    pub output: usize,
    /// The probability from which a post is tagged: upholds, breaches. In (0, 1).
    pub thresholds: [f64; 2],
    /// The shares of posts for which its probabilities are calibrated: upholds, breaches; 0 for a pole that it does not judge.
    pub prevalence: [f64; 2],
}

impl HeadKind {
    /// Number of logits.
    pub const fn n_outputs(self) -> usize {
        match self {
            Self::Ternary => 2,
            Self::Upholds | Self::Breaches | Self::Opposed => 1,
        }
    }

    /// The pole that a logit speaks for.
    pub const fn output_pole(self, output: usize) -> Pole {
        match (self, output) {
            (Self::Breaches, _) | (Self::Ternary, 0) => Pole::Breaches,
            _ => Pole::Upholds,
        }
    }

    /// Whether it gives a probability of that pole.
    pub const fn judges(self, pole: Pole) -> bool {
        match self {
            Self::Ternary | Self::Opposed => true,
            Self::Upholds => matches!(pole, Pole::Upholds),
            Self::Breaches => matches!(pole, Pole::Breaches),
        }
    }

    /// The values that it tells apart, in the order of a solver's classes.
    pub const fn values(self) -> &'static [Value] {
        match self {
            Self::Ternary => &[Value::Breaches, Value::Neither, Value::Upholds],
            Self::Upholds => &[Value::Neither, Value::Upholds],
            Self::Breaches => &[Value::Neither, Value::Breaches],
            Self::Opposed => &[Value::Breaches, Value::Upholds],
        }
    }

    /// Probabilities of the poles from its logits, `None` for a pole that it does not judge: upholds, breaches.
    pub fn probabilities(self, logits: &[f64]) -> [Option<f64>; 2] {
        match (self, logits) {
            (Self::Ternary, &[breaches, upholds]) => {
                let most = upholds.max(breaches).max(0.0);
                let [upholds, breaches, neither] = [upholds, breaches, 0.0].map(|logit| exp(logit - most));
                let sum = upholds + breaches + neither;
                [Some(upholds / sum), Some(breaches / sum)]
            }
            (Self::Upholds, &[logit]) => [Some(sigmoid(logit)), None],
            (Self::Breaches, &[logit]) => [None, Some(sigmoid(logit))],
            (Self::Opposed, &[logit]) => [Some(sigmoid(logit)), Some(sigmoid(-logit))],
            _ => [None, None],
        }
    }

    /// What each of its logits moves by where each value becomes `ratio` times as common: by Bayes' rule the logarithm of the
    /// change of its odds against the value that logits are told against.
    pub fn shifts(self, ratio: impl Fn(Value) -> f64) -> impl Iterator<Item = f64> {
        let reference = if self == Self::Opposed { Value::Breaches } else { Value::Neither };
        (0..self.n_outputs())
            .map(move |output| (ratio(self.output_pole(output).value()) / ratio(reference)).ln())
    }

    /// The value that probabilities come to under thresholds. Where both poles reach theirs, the one that reaches
    /// further wins; a head without *neither* always takes a side, by the threshold of upholds.
    pub fn decide(self, probabilities: [Option<f64>; 2], thresholds: [f64; 2]) -> Value {
        let reach =
            |pole: usize| probabilities[pole].map_or(0.0, |probability| probability / thresholds[pole]);
        let (upholds, breaches) = (reach(0), reach(1));
        if self == Self::Opposed {
            return if upholds >= 1.0 { Value::Upholds } else { Value::Breaches };
        }
        if upholds >= 1.0 && upholds >= breaches {
            Value::Upholds
        } else if breaches >= 1.0 {
            Value::Breaches
        } else {
            Value::Neither
        }
    }
}

/// Of the values the likeliest is left as it is: e to the 0 costs a call like any other.
fn exp(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { x.exp() }
}

fn sigmoid(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_pole_is_tagged_from_its_threshold_on() {
        let decide =
            |upholds, breaches| HeadKind::Ternary.decide([Some(upholds), Some(breaches)], [0.5, 0.2]);
        assert_eq!(decide(0.5, 0.0), Value::Upholds);
        assert_eq!(decide(0.49, 0.19), Value::Neither);
        assert_eq!(decide(0.5, 0.3), Value::Breaches);
        assert_eq!(HeadKind::Opposed.decide([Some(0.4), Some(0.6)], [0.5, 0.5]), Value::Breaches);
    }

    proptest! {
        #[test]
        fn probabilities_are_probabilities(upholds in -1e3..1e3, breaches in -1e3..1e3) {
            let [Some(u), Some(b)] = HeadKind::Ternary.probabilities(&[breaches, upholds]) else {
                panic!("both poles are judged");
            };
            prop_assert!((0.0..=1.0).contains(&u) && (0.0..=1.0).contains(&b) && u + b <= 1.0 + 1e-12);
        }
    }
}
