//! Out-of-fold probabilities → the thresholds from which poles are tagged.

use crate::{
    codebook::{Pole, Value},
    model::HeadKind,
};

/// Thresholds stay within these, whatever few examples say.
const RANGE: (f64, f64) = (0.02, 0.98);
/// Turns in which the thresholds of two poles are chosen, each for the other's last; they hardly move after the second.
const TURNS: usize = 3;

/// What is known of one post.
#[derive(Clone, Copy)]
pub struct Forecast {
    /// Probabilities of upholds and of breaches.
    pub probabilities: [Option<f64>; 2],
    /// Its label.
    pub label: Value,
}

/// The thresholds of the best F1, halfway between the probabilities around them: the F1 of the pole where a head has
/// one pole, else the mean F1 of all its values, since there each post taken by one is lost to another. 0.5 where a
/// pole has no examples.
pub fn best_thresholds(kind: HeadKind, forecasts: &[Forecast]) -> [f64; 2] {
    // A pole with an infinite threshold takes no post.
    let mut thresholds = [f64::INFINITY; 2];
    if kind == HeadKind::Opposed {
        let upholds = best_threshold(kind, forecasts, Pole::Upholds, 1.0);
        return [upholds, 1.0 - upholds];
    }
    for _ in 0..TURNS {
        for pole in Pole::ALL.into_iter().filter(|&pole| kind.judges(pole)) {
            let other = thresholds[1 - pole as usize];
            thresholds[pole as usize] = best_threshold(kind, forecasts, pole, other);
        }
    }
    thresholds.map(|threshold| if threshold.is_finite() { threshold } else { 0.5 })
}

/// The best threshold of `pole` where the other pole has the threshold `other`.
fn best_threshold(kind: HeadKind, forecasts: &[Forecast], pole: Pole, other: f64) -> f64 {
    let rival = Pole::ALL[1 - pole as usize];
    if !forecasts.iter().any(|forecast| forecast.label == pole.value()) {
        return 0.5;
    }
    // Each post with the highest threshold at which this pole takes it, and the value that it has above that: what
    // `HeadKind::decide` does, seen from one pole.
    let mut posts: Vec<(f64, Value, &Forecast)> = forecasts
        .iter()
        .filter_map(|forecast| {
            let reach = forecast.probabilities[rival as usize].map_or(0.0, |probability| probability / other);
            let own = forecast.probabilities[pole as usize]?;
            Some(match kind {
                HeadKind::Opposed => (own, rival.value(), forecast),
                _ if reach >= 1.0 => (own / reach, rival.value(), forecast),
                _ => (own, Value::Neither, forecast),
            })
        })
        .collect();
    posts.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut counts = Counts::default();
    for &(_, value, post) in &posts {
        counts.add(value, post.label, 1);
    }
    let values = if kind.n_outputs() == 1 && kind != HeadKind::Opposed {
        std::slice::from_ref(if pole == Pole::Upholds { &Value::Upholds } else { &Value::Breaches })
    } else {
        kind.values()
    };
    // Below all of the range is below its start.
    let (mut best_score, mut threshold) = (f64::NEG_INFINITY, RANGE.0);
    for (place, &(probability, value, post)) in posts.iter().enumerate() {
        counts.add(value, post.label, -1);
        counts.add(pole.value(), post.label, 1);
        let next = posts.get(place + 1).map_or(0.0, |next| next.0);
        if next == probability {
            continue;
        }
        let between = f64::midpoint(probability, next).clamp(RANGE.0, RANGE.1);
        let is_within = next < between && between <= probability;
        let score: f64 = values.iter().map(|&value| counts.f1(value)).sum();
        if is_within && score > best_score {
            best_score = score;
            threshold = between;
        }
    }
    threshold
}

/// Posts by value: with that label, taken for it, and both.
#[derive(Default)]
struct Counts {
    labelled: [i64; 3],
    taken: [i64; 3],
    both: [i64; 3],
}

impl Counts {
    fn add(&mut self, taken_for: Value, label: Value, n: i64) {
        self.taken[taken_for as usize] += n;
        self.labelled[label as usize] += n;
        if taken_for == label {
            self.both[label as usize] += n;
        }
    }

    fn f1(&self, value: Value) -> f64 {
        let place = value as usize;
        2.0 * self.both[place] as f64 / (self.taken[place] + self.labelled[place]).max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_threshold_lies_between_what_is_told_apart() {
        let upholds = |probability, label| Forecast { probabilities: [Some(probability), None], label };
        let forecasts = [
            upholds(0.9, Value::Upholds),
            upholds(0.7, Value::Upholds),
            upholds(0.3, Value::Neither),
            upholds(0.1, Value::Neither),
        ];
        assert!((best_thresholds(HeadKind::Upholds, &forecasts)[0] - 0.5).abs() < 1e-12);
        let opposed = forecasts.map(|Forecast { probabilities: [own, _], label }| Forecast {
            probabilities: [own, own.map(|own| 1.0 - own)],
            label: if label == Value::Neither { Value::Breaches } else { label },
        });
        assert_eq!(best_thresholds(HeadKind::Opposed, &opposed), [0.5, 0.5]);
    }

    #[test]
    fn without_examples_it_is_a_half() {
        let post = Forecast { probabilities: [Some(0.2), None], label: Value::Neither };
        assert_eq!(best_thresholds(HeadKind::Upholds, &[post]), [0.5, 0.5]);
    }

    proptest! {
        /// The sweep counts as `HeadKind::decide` decides: no other threshold on a grid that tags anything does better.
        #[test]
        fn no_other_threshold_of_one_pole_is_better(
            drawn in prop::collection::vec((0.01..0.98_f64, 0.01..0.98_f64, 0..3_usize), 12..60)
        ) {
            let kind = HeadKind::Ternary;
            let forecasts: Vec<Forecast> = drawn
                .into_iter()
                .map(|(upholds, breaches, label)| Forecast {
                    probabilities: [upholds, breaches].map(|own| Some(own * 0.5)),
                    label: Value::ALL[label],
                })
                .collect();
            prop_assume!(Value::ALL.iter().all(|value| forecasts.iter().any(|post| post.label == *value)));
            let score = |thresholds: [f64; 2]| {
                let mut counts = Counts::default();
                for post in &forecasts {
                    counts.add(kind.decide(post.probabilities, thresholds), post.label, 1);
                }
                kind.values().iter().map(|&value| counts.f1(value)).sum::<f64>()
            };
            let [upholds, breaches] = best_thresholds(kind, &forecasts);
            for step in 1..48 {
                let other = f64::from(step) * 0.02;
                let takes = |post: &Forecast| kind.decide(post.probabilities, [upholds, other]) == Value::Breaches;
                // Breaches was chosen last, for the upholds that is returned.
                prop_assert!(
                    !forecasts.iter().any(takes)
                        || score([upholds, other]) <= score([upholds, breaches]) + 1e-9
                );
            }
        }
    }
}
