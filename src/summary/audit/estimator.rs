//! Coded posts → a share with intervals: by design, and with the model's help.
//!
//! Of stratum h there are `N` posts, `n` of them coded, each standing for `w = N/n`. The share is that of the weighted
//! sums (Horvitz–Thompson over Horvitz–Thompson, as of Hájek 1971). Its variance is that of stratified sampling
//! without replacement of the linearized residuals `e = y − p·d`, with the finite-population correction:
//!
//! > v = Σ N²·(1 − n/N)·s²(e)/n / D²
//!
//! The model's help is the difference estimator (Särndal, Swensson, Wretman 1992, ch. 6; as prediction-powered
//! inference, Angelopoulos et al. 2023): `p + λ·(mean prediction of all posts − weighted mean prediction of the coded)`.
//! λ is the one that makes the variance least (PPI++), shrunk towards 0 as far as chance alone could have made
//! it, so that a useless model costs nothing.
//!
//! Intervals are Wilson's at an effective number of posts, which is how many posts of a simple random sample without
//! end would tell as much (Korn and Graubard 1998; Franco et al. 2019), with Student's quantile. What is gained or
//! lost by weights, strata, threads and model is believed only as far as there are posts to know it from: where few posts
//! bear the pole, an effect on the variance is shrunk towards none by m/(m + 3), m the number of coded posts that
//! bear it or of those that do not, whichever is less; that of the strata, to which nothing is fitted, by m/(m + 1).
//!
//! Of a finite number of posts a share is a whole number of them, and no fewer bear the pole than were found to. Wilson's
//! interval lies too far from the nearer end (Brown and others 2001, *Interval estimation for a binomial proportion*):
//! it is moved there by half a post, times the share of posts that nobody has read. Moving both bounds, not only the
//! near one, costs no coverage at any rate and no width. `benches/coverage.rs` measures what all this comes to.

use std::collections::BTreeMap;

use crate::summary::interval::{Interval, student_quantile, wilson};

/// From this many posts of the rarer kind on an effect on the variance counts at half and more.
const PRIOR_POSTS: f64 = 3.0;
/// The same for the effect of the strata, which are drawn up before anything is coded: nothing is fitted to the coded posts.
const PRIOR_POSTS_OF_STRATA: f64 = 1.0;

/// What is known of one coded post.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// Its stratum, a place among the strata.
    pub stratum: usize,
    /// Its thread; posts of one thread are no independent witnesses.
    pub thread: u64,
    /// Whether it is one of those that are spoken of.
    pub member: bool,
    /// Whether it could bear the pole; only a member can.
    pub of: bool,
    /// Whether it bears the pole; only one that could does.
    pub bears: bool,
    /// The model's probability that it bears the pole; 0 for no member.
    pub predicted: f64,
    /// The model's probability that it could bear the pole; 0 for no member.
    pub predicted_of: f64,
}

/// Sums over all posts that are spoken of, coded or not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// How many.
    pub members: f64,
    /// Of the model's probabilities that they bear the pole.
    pub predicted: f64,
    /// Of the model's probabilities that they could bear it.
    pub predicted_of: f64,
    /// Whether every member could bear the pole, so that nothing but the pole is to be estimated.
    pub all_could: bool,
}

/// A share, estimated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimator {
    /// Coded posts that could bear the pole.
    pub n: u64,
    /// Those of them that bear it.
    pub n_bearing: u64,
    /// The share by design.
    pub design: f64,
    /// Variance of it.
    pub design_variance: f64,
    /// Its interval.
    pub design_interval: Interval,
    /// The share with the model's help.
    pub assisted: f64,
    /// Its interval.
    pub assisted_interval: Interval,
    /// How far the model's probabilities are used, from 0.
    pub lambda: f64,
    /// The width that the assisted interval would have with twice as many posts coded.
    pub width_if_doubled: f64,
}

/// Sums of squares and products within strata, each weighted by N²·(1 − n/N)/(n·(n − 1)).
#[derive(Default)]
struct Within {
    ee: f64,
    eg: f64,
    gg: f64,
    /// As `ee`, of the sums of threads.
    threads: f64,
}

impl Estimator {
    /// Estimates a share from coded posts, those of a stratum side by side. `strata` holds the number of posts of each
    /// stratum. `None` where no coded post could bear the pole.
    pub fn new(units: &[Unit], strata: &[f64], totals: Totals) -> Option<Self> {
        let mut n_coded = vec![0.0_f64; strata.len()];
        for unit in units {
            n_coded[unit.stratum] += 1.0;
        }
        let weight = |unit: &Unit| strata[unit.stratum] / n_coded[unit.stratum];
        let left = |stratum: usize| (1.0 - n_coded[stratum] / strata[stratum]).max(0.0);
        let sum = |of: &dyn Fn(&Unit) -> f64| units.iter().map(|unit| weight(unit) * of(unit)).sum::<f64>();
        let (d, y, m) =
            (sum(&|unit| bit(unit.of)), sum(&|unit| bit(unit.bears)), sum(&|unit| bit(unit.member)));
        if d == 0.0 {
            return None;
        }
        let n_of = units.iter().filter(|unit| unit.of).count() as f64;
        let bearing = units.iter().filter(|unit| unit.bears).count() as f64;
        let share = y / d;
        let residual = |unit: &Unit| bit(unit.bears) - share * bit(unit.of);
        // What the model predicts of the residual, around its mean.
        let prediction = |unit: &Unit| unit.predicted - share * unit.predicted_of;
        let mean = sum(&prediction) / m;
        let centred = |unit: &Unit| prediction(unit) - mean * bit(unit.member);
        let within = within(units, strata, &n_coded, residual, centred);

        let weights: f64 = units.iter().filter(|unit| unit.of).map(weight).sum();
        let squares: f64 = units.iter().filter(|unit| unit.of).map(|unit| weight(unit).powi(2)).sum();
        let left_squares: f64 =
            units.iter().filter(|unit| unit.of).map(|unit| weight(unit).powi(2) * left(unit.stratum)).sum();
        // The finite-population correction, and what unequal weights cost (Kish 1965).
        let finite = left_squares / squares;
        let kish = n_of * squares / (weights * weights);
        let unstratified: f64 =
            units.iter().map(|unit| weight(unit).powi(2) * left(unit.stratum) * residual(unit).powi(2)).sum();
        let simple = finite * share * (1.0 - share) / n_of * d * d;

        let n_strata = n_coded.iter().filter(|n| **n > 0.0).count() as f64;
        let freedom = (n_of - n_strata).max(1.0);
        let effects = Effects::new(&within, simple, unstratified, kish, freedom, bearing.min(n_of - bearing));
        let lambda = effects.lambda;
        let assisted = share
            + lambda * ((totals.predicted - share * totals.predicted_of) / totals.members - mean) * (m / d);
        let n_design = n_of / (finite * effects.of_design());
        let bounds = Bounds::new(&totals, n_of, bearing, finite);
        let quantile = student_quantile(freedom);
        let doubled = if totals.all_could { (1.0 - 2.0 * n_of / totals.members).max(0.0) } else { finite };
        // Of twice as many, other shares are left unread; where none is, this is without end.
        let n_doubled = 2.0 * n_of / (doubled * effects.of_design() * effects.model);
        let assisted = bounds.clamp(assisted);
        Some(Self {
            n: n_of as u64,
            n_bearing: bearing as u64,
            design: share,
            design_variance: within.ee / (d * d),
            design_interval: bounds.cut(share, wilson(share, n_design, quantile)),
            assisted,
            assisted_interval: bounds.cut(assisted, wilson(assisted, n_design / effects.model, quantile)),
            lambda,
            width_if_doubled: wilson(assisted, n_doubled, quantile).width(),
        })
    }

    /// How much narrower the model made the interval, as a share of the width of that by design.
    pub fn narrowing(&self) -> f64 {
        let without = self.design_interval.width();
        if without > 0.0 { 1.0 - self.assisted_interval.width() / without } else { 0.0 }
    }
}

/// By what the variance of a simple random sample is multiplied, as far as that is believed.
struct Effects {
    weights: f64,
    strata: f64,
    threads: f64,
    model: f64,
    /// How far the model's probabilities are used.
    lambda: f64,
}

impl Effects {
    /// `simple` is the variance of a simple random sample, `unstratified` that with the weights, `kish` what these are expected to
    /// cost, and `fewer` the number of coded posts that bear the pole or of those that do not, whichever is less.
    fn new(within: &Within, simple: f64, unstratified: f64, kish: f64, freedom: f64, fewer: f64) -> Self {
        if simple <= 0.0 || unstratified <= 0.0 || within.ee <= 0.0 {
            return Self { weights: kish, strata: 1.0, threads: 1.0, model: 1.0, lambda: 0.0 };
        }
        let believed_after = |prior: f64, effect: f64| 1.0 + fewer / (fewer + prior) * (effect - 1.0);
        let believed = |effect: f64| believed_after(PRIOR_POSTS, effect);
        let lambda = shrunk_slope(within, freedom - 1.0);
        let explained = 2.0 * lambda * within.eg - lambda * lambda * within.gg;
        let lost = freedom / (freedom - 1.0).max(1.0);
        Self {
            weights: kish * believed(unstratified / simple / kish),
            strata: believed_after(PRIOR_POSTS_OF_STRATA, within.ee / unstratified),
            threads: believed((within.threads / within.ee).max(1.0)),
            model: believed(((within.ee - explained) / within.ee * lost).min(1.0)),
            lambda,
        }
    }

    /// All but what the model gains.
    fn of_design(&self) -> f64 {
        self.weights * self.strata * self.threads
    }
}

/// The slope that makes the variance least, shrunk towards 0 as far as chance could have made it: by 1 − 1/t², t the
/// slope over its standard error.
fn shrunk_slope(within: &Within, freedom: f64) -> f64 {
    if within.gg <= 0.0 || within.eg <= 0.0 {
        return 0.0;
    }
    let explained = within.eg * within.eg / (within.ee * within.gg);
    let t_squared = explained / (1.0 - explained).max(f64::MIN_POSITIVE) * freedom.max(0.0);
    if t_squared > 1.0 { within.eg / within.gg * (1.0 - 1.0 / t_squared) } else { 0.0 }
}

fn within(
    units: &[Unit],
    strata: &[f64],
    n_coded: &[f64],
    residual: impl Fn(&Unit) -> f64,
    centred: impl Fn(&Unit) -> f64,
) -> Within {
    let mut sum = Within::default();
    for own in units.chunk_by(|left, right| left.stratum == right.stratum) {
        let (size, n) = (strata[own[0].stratum], n_coded[own[0].stratum]);
        let mean = |of: &dyn Fn(&Unit) -> f64| own.iter().map(of).sum::<f64>() / n;
        // A single post says nothing of the spread in its stratum; its distance from the whole stands in.
        let (mean_e, mean_g) = if n > 1.0 { (mean(&residual), mean(&centred)) } else { (0.0, 0.0) };
        let factor = size * size * (1.0 - n / size).max(0.0) / (n * (n - 1.0).max(1.0));
        let mut threads: BTreeMap<u64, f64> = BTreeMap::new();
        for unit in own {
            let (e, g) = (residual(unit) - mean_e, centred(unit) - mean_g);
            sum.ee += factor * e * e;
            sum.eg += factor * e * g;
            sum.gg += factor * g * g;
            *threads.entry(unit.thread).or_default() += e;
        }
        let m = threads.len() as f64;
        let factor = size * size * (1.0 - n / size).max(0.0) / (n * n) * m / (m - 1.0).max(1.0);
        sum.threads += factor * threads.values().map(|sum| sum * sum).sum::<f64>();
    }
    sum
}

/// What a share can be given the posts that were read.
struct Bounds {
    low: f64,
    high: f64,
    /// The share that half a post is, times the share of posts that were not read; 0 where it is not known how many
    /// posts could bear the pole.
    half_post: f64,
}

impl Bounds {
    fn new(totals: &Totals, n: f64, bearing: f64, unread: f64) -> Self {
        if !totals.all_could || totals.members <= 0.0 {
            return Self { low: 0.0, high: 1.0, half_post: 0.0 };
        }
        let low = (bearing / totals.members).min(1.0);
        let high = (1.0 - (n - bearing) / totals.members).clamp(low, 1.0);
        Self { low, high, half_post: 0.5 * unread / totals.members }
    }

    fn clamp(&self, share: f64) -> f64 {
        share.clamp(self.low, self.high)
    }

    fn cut(&self, share: f64, interval: Interval) -> Interval {
        let nearer = if share < 0.5 {
            -self.half_post
        } else if share > 0.5 {
            self.half_post
        } else {
            0.0
        };
        Interval { low: self.clamp(interval.low + nearer), high: self.clamp(interval.high + nearer) }
    }
}

fn bit(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `coded` posts a stratum of 100 posts, of which so many bear the pole; the model is sure of each.
    fn units(coded: &[(usize, usize)], sure: bool) -> Vec<Unit> {
        let mut units = Vec::new();
        for (stratum, &(n, bearing)) in coded.iter().enumerate() {
            for at in 0..n {
                let bears = at < bearing;
                let predicted = if sure { bit(bears) * 0.8 + 0.1 } else { 0.5 };
                let thread = units.len() as u64;
                units.push(Unit {
                    stratum,
                    thread,
                    member: true,
                    of: true,
                    bears,
                    predicted,
                    predicted_of: 1.0,
                });
            }
        }
        units
    }

    fn totals(strata: &[f64], predicted: f64) -> Totals {
        let members = strata.iter().sum();
        Totals { members, predicted, predicted_of: members, all_could: true }
    }

    #[test]
    fn every_post_coded_leaves_no_doubt() {
        let found = Estimator::new(&units(&[(100, 30)], false), &[100.0], totals(&[100.0], 50.0));
        let found = found.expect("posts were coded");
        assert_eq!((found.design, found.design_interval), (0.3, Interval { low: 0.3, high: 0.3 }));
        assert_eq!(found.width_if_doubled, 0.0);
    }

    #[test]
    fn a_useless_model_changes_nothing() {
        let strata = [100.0, 100.0];
        let found = Estimator::new(&units(&[(20, 3), (20, 11)], false), &strata, totals(&strata, 100.0));
        let found = found.expect("posts were coded");
        assert_eq!(found.lambda, 0.0);
        assert_eq!((found.assisted, found.assisted_interval), (found.design, found.design_interval));
    }

    #[test]
    fn a_good_model_moves_the_share_and_narrows_the_interval() {
        let strata = [200.0];
        // Of all posts the model expects 0.8 · share + 0.1; the sample happens to hold 20 of 40, the whole 80 of 200.
        let found = Estimator::new(&units(&[(40, 20)], true), &strata, totals(&strata, 0.8 * 80.0 + 20.0));
        let found = found.expect("posts were coded");
        assert!((found.assisted - 0.4).abs() < 0.01, "{}", found.assisted);
        assert!(found.assisted_interval.width() < 0.8 * found.design_interval.width());
        assert!(found.narrowing() > 0.2);
    }

    #[test]
    fn posts_of_one_thread_are_no_independent_witnesses() {
        let mut together = units(&[(40, 20)], false);
        for (at, unit) in together.iter_mut().enumerate() {
            unit.thread = at as u64 / 10;
        }
        let apart = Estimator::new(&units(&[(40, 20)], false), &[400.0], totals(&[400.0], 200.0));
        let together = Estimator::new(&together, &[400.0], totals(&[400.0], 200.0));
        let [apart, together] = [apart, together].map(|found| found.expect("posts were coded"));
        assert!(together.design_interval.width() > 1.3 * apart.design_interval.width());
    }

    #[test]
    fn nothing_found_bounds_the_share_from_above_only() {
        let found = Estimator::new(&units(&[(50, 0)], true), &[500.0], totals(&[500.0], 60.0));
        let found = found.expect("posts were coded");
        assert_eq!((found.design, found.design_interval.low), (0.0, 0.0));
        assert!((0.05..0.08).contains(&found.design_interval.high), "{:?}", found.design_interval);
    }

    #[test]
    fn without_a_post_that_could_bear_it_there_is_no_share() {
        assert_eq!(Estimator::new(&[], &[], Totals::default()), None);
    }
}
