//! Average precision: how well a probability ranks, whatever the threshold.

use std::cmp::Ordering;

/// Average precision of scores, each with whether its post is an example: Σ (Rₖ − Rₖ₋₁)·Pₖ over the distinct scores
/// from the highest down, as scikit-learn's `average_precision_score`. Equal scores enter together, so the order of
/// the input does not matter.
///
/// From 0 to 1; a random ranking gives about the share of examples, a perfect one 1. A score that is not a number
/// is left out. `None` without an example: scikit-learn says 0 there, which would read as a bad ranking.
pub fn average_precision(scores: &[(f64, bool)]) -> Option<f64> {
    let mut ranked: Vec<_> = scores.iter().copied().filter(|(score, _)| !score.is_nan()).collect();
    let n_examples = ranked.iter().filter(|(_, example)| *example).count();
    if n_examples == 0 {
        return None;
    }
    ranked.sort_unstable_by(|left, right| right.0.total_cmp(&left.0));

    let (mut n_seen, mut n_found, mut sum) = (0_usize, 0_usize, 0.0);
    for tied in ranked.chunk_by(|left, right| left.0.partial_cmp(&right.0) == Some(Ordering::Equal)) {
        let n_new = tied.iter().filter(|(_, example)| *example).count();
        n_seen += tied.len();
        n_found += n_new;
        sum += n_new as f64 * n_found as f64 / n_seen as f64;
    }
    // The sum of as many terms of at most 1 can end a rounding above their number.
    Some((sum / n_examples as f64).min(1.0))
}

#[cfg(test)]
mod tests {
    use crate::evaluation::average_precision;

    fn check(scores: &[(f64, bool)], expected: Option<f64>) {
        let found = average_precision(scores);
        assert_eq!(found.is_some(), expected.is_some(), "{scores:?}: {found:?}, expected {expected:?}");
        if let (Some(found), Some(expected)) = (found, expected) {
            assert!((found - expected).abs() < 1e-12, "{scores:?}: {found}, expected {expected}");
        }
    }

    #[test]
    fn ranks_as_scikit_learn() {
        // The example of scikit-learn's documentation.
        check(&[(0.1, false), (0.4, false), (0.35, true), (0.8, true)], Some(0.833_333_333_333_333_3));
        check(&[(0.9, true), (0.2, false)], Some(1.0));
        check(&[(0.2, true), (0.9, false)], Some(0.5));
    }

    #[test]
    fn equal_scores_enter_together() {
        check(&[(0.5, true), (0.5, false), (0.5, false), (0.5, true)], Some(0.5));
        check(&[(0.0, true), (-0.0, false)], Some(0.5));
    }

    #[test]
    fn no_example_defines_nothing() {
        check(&[], None);
        check(&[(0.3, false)], None);
        check(&[(f64::NAN, true)], None);
    }
}
