//! Expected calibration error: whether of the posts with a probability of 0.8 four in five are examples.

/// The number of bins of the expected calibration error.
pub const CALIBRATION_BINS: usize = 15;

/// Expected calibration error of probabilities, each with whether it came true (Guo et al. 2017, *On calibration of
/// modern neural networks*, with the probability of an event in the place of the confidence).
///
/// [`CALIBRATION_BINS`] bins of equal width, each with its upper edge, the lowest with 0 as well, as scikit-learn's
/// `calibration_curve` has them. The distance between a bin's mean probability and its share of events, weighted by
/// the number of probabilities in it. From 0 (every bin as said) to 1. Rare events hide errors: where nearly every
/// probability is near 0, so is this figure.
///
/// A number outside 0 to 1 is left out. `None` where nothing remains.
pub fn expected_calibration_error(forecasts: &[(f64, bool)]) -> Option<f64> {
    let mut bins = [Bin::default(); CALIBRATION_BINS];
    let mut n_forecasts = 0_u64;
    for (probability, event) in forecasts.iter().copied() {
        if (0.0..=1.0).contains(&probability) {
            let bin = &mut bins[bin_of(probability)];
            bin.probabilities += probability;
            bin.events += f64::from(u8::from(event));
            n_forecasts += 1;
        }
    }
    let distance: f64 = bins.iter().map(|bin| (bin.probabilities - bin.events).abs()).sum();
    (n_forecasts > 0).then(|| distance / n_forecasts as f64)
}

/// Sums over the probabilities of a bin. Their number cancels out between the mean and the weight.
#[derive(Clone, Copy, Default)]
struct Bin {
    probabilities: f64,
    events: f64,
}

/// The bin of a probability from 0 to 1: the number of inner edges below it.
fn bin_of(probability: f64) -> usize {
    (1..CALIBRATION_BINS).take_while(|edge| *edge as f64 / (CALIBRATION_BINS as f64) < probability).count()
}

#[cfg(test)]
mod tests {
    use crate::evaluation::{CALIBRATION_BINS, calibration::bin_of, expected_calibration_error};

    #[test]
    fn an_edge_belongs_to_the_bin_below() {
        assert_eq!(bin_of(0.0), 0);
        assert_eq!(bin_of(0.2), 2);
        assert_eq!(bin_of(0.200_000_1), 3);
        assert_eq!(bin_of(1.0), CALIBRATION_BINS - 1);
    }

    #[test]
    fn errors_within_a_bin_cancel_and_between_bins_do_not() {
        let as_said = [(0.5, true), (0.5, false)];
        assert_eq!(expected_calibration_error(&as_said), Some(0.0));
        let wrong_way = [(0.0, true), (1.0, false)];
        assert_eq!(expected_calibration_error(&wrong_way), Some(1.0));
    }

    #[test]
    fn no_probability_defines_nothing() {
        assert_eq!(expected_calibration_error(&[]), None);
        assert_eq!(expected_calibration_error(&[(f64::NAN, true), (1.5, true), (-0.5, false)]), None);
    }
}
