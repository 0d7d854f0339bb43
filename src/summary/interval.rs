//! Intervals of shares: between which bounds a true share lies in 95 of 100 such samples.
//!
//! Wilson's interval (Wilson 1927) keeps its promise at small counts and near 0 and 1, where the usual ± does not; the
//! interval of a difference is Newcombe's hybrid of two of them (Newcombe 1998, method 10). Quantiles are statrs'.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// How sure an interval is, in \[0, 1\].
pub const CONFIDENCE: f64 = 0.95;

/// Two bounds, each in \[−1, 1\]; those of a share in \[0, 1\].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

impl Interval {
    /// The distance of the bounds.
    pub fn width(self) -> f64 {
        self.high - self.low
    }

    /// Whether a share lies between the bounds, up to rounding.
    pub fn holds(self, share: f64) -> bool {
        self.low - 1e-12 <= share && share <= self.high + 1e-12
    }
}

/// The standard normal quantile of [`CONFIDENCE`]: 1.96.
pub fn normal_quantile() -> f64 {
    Normal::standard().inverse_cdf(f64::midpoint(1.0, CONFIDENCE))
}

/// Student's quantile of [`CONFIDENCE`]; the normal one where the degrees of freedom are not above 0.
pub fn student_quantile(degrees_of_freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, degrees_of_freedom)
        .map_or_else(|_| normal_quantile(), |student| student.inverse_cdf(f64::midpoint(1.0, CONFIDENCE)))
}

/// Wilson's interval of a share found among `n` posts, which may be an effective number; `n` is above 0. Without end
/// `n` gives the share itself.
pub fn wilson(share: f64, n: f64, quantile: f64) -> Interval {
    let share = share.clamp(0.0, 1.0);
    if n.is_infinite() {
        return Interval { low: share, high: share };
    }
    let square = quantile * quantile;
    let centre = (share + square / (2.0 * n)) / (1.0 + square / n);
    let half = quantile / (1.0 + square / n) * (share * (1.0 - share) / n + square / (4.0 * n * n)).sqrt();
    // Where nothing or everything was found the bound is 0 or 1; the arithmetic may miss it by a rounding.
    let low = if share == 0.0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if share == 1.0 { 1.0 } else { (centre + half).min(1.0) };
    Interval { low, high }
}

/// Wilson's interval of a count; `None` of nothing.
pub fn wilson_of_count(count: u64, of: u64) -> Option<Interval> {
    (of > 0).then(|| wilson(count as f64 / of as f64, of as f64, normal_quantile()))
}

/// Newcombe's interval of the difference of two independent shares, the second less the first.
pub fn difference(first: (f64, Interval), second: (f64, Interval)) -> Interval {
    let ((share_1, own_1), (share_2, own_2)) = (first, second);
    let difference = share_2 - share_1;
    let below = (share_2 - own_2.low).hypot(own_1.high - share_1);
    let above = (own_2.high - share_2).hypot(share_1 - own_1.low);
    Interval { low: difference - below, high: difference + above }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: Interval, low: f64, high: f64) {
        assert!(
            (found.low - low).abs() < 1e-4 && (found.high - high).abs() < 1e-4,
            "{found:?}, expected {low} to {high}"
        );
    }

    #[test]
    fn agrees_with_newcombe() {
        // Newcombe 1998, Interval estimation for the difference, table II (a): 56/70 less 48/80, method 10.
        let [first, second] = [(48, 80), (56, 70)].map(|(count, of)| {
            (f64::from(count) / f64::from(of), wilson_of_count(count as u64, of as u64).expect("posts"))
        });
        check(difference(first, second), 0.0524, 0.3339);
    }

    #[test]
    fn nothing_found_bounds_at_nothing() {
        check(wilson_of_count(0, 20).expect("posts"), 0.0, 0.1611);
        check(wilson_of_count(20, 20).expect("posts"), 0.8389, 1.0);
        assert_eq!(wilson_of_count(0, 0), None);
    }

    #[test]
    fn all_posts_known_leave_no_doubt() {
        assert_eq!(wilson(0.25, f64::INFINITY, 1.96), Interval { low: 0.25, high: 0.25 });
    }
}
