//! Out-of-fold probabilities → the threshold from which a pole is tagged.

/// Thresholds stay within these, whatever few examples say.
const RANGE: (f64, f64) = (0.02, 0.98);

/// The threshold of the best F1, halfway between the probabilities around it; of equal ones the highest. 0.5 where
/// there are no examples. `forecasts` holds probability and whether the post has the pole.
pub fn best_f1(forecasts: &[(f64, bool)]) -> f64 {
    let n_positive = forecasts.iter().filter(|(_, is_positive)| *is_positive).count() as f64;
    best(forecasts, |true_positives, predicted| 2.0 * true_positives / (predicted + n_positive))
}

/// The threshold of the best mean F1 of both sides, for a head without *neither*: neither side is the one to find.
pub fn best_macro_f1(forecasts: &[(f64, bool)]) -> f64 {
    let n = forecasts.len() as f64;
    let n_positive = forecasts.iter().filter(|(_, is_positive)| *is_positive).count() as f64;
    best(forecasts, |true_positives, predicted| {
        let true_negatives = n - predicted - (n_positive - true_positives);
        let others = 2.0 * true_negatives / ((n - predicted) + (n - n_positive)).max(1.0);
        2.0 * true_positives / (predicted + n_positive) + others
    })
}

fn best(forecasts: &[(f64, bool)], score: impl Fn(f64, f64) -> f64) -> f64 {
    if !forecasts.iter().any(|(_, is_positive)| *is_positive) {
        return 0.5;
    }
    let mut sorted = forecasts.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut true_positives, mut best_score, mut threshold) = (0.0, f64::NEG_INFINITY, 0.5);
    for (place, &(probability, is_positive)) in sorted.iter().enumerate() {
        true_positives += f64::from(u8::from(is_positive));
        let next = sorted.get(place + 1).map_or(0.0, |next| next.0);
        if next == probability {
            continue;
        }
        let score = score(true_positives, place as f64 + 1.0);
        if score > best_score {
            best_score = score;
            threshold = f64::midpoint(probability, next);
        }
    }
    threshold.clamp(RANGE.0, RANGE.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_lies_between_what_is_told_apart() {
        let forecasts = [(0.9, true), (0.7, true), (0.3, false), (0.1, false)];
        assert!((best_f1(&forecasts) - 0.5).abs() < 1e-12);
        assert!((best_macro_f1(&forecasts) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn without_examples_it_is_a_half() {
        assert!((best_f1(&[(0.2, false)]) - 0.5).abs() < 1e-12);
    }
}
