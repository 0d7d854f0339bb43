//! Calibration: an affine map of a characteristic's logits, fitted to out-of-fold posts by linfa-logistic. Floor 5.
//!
//! Dense and tiny, which is what linfa-logistic is made for.

use linfa::{DatasetBase, traits::Fit};
use linfa_logistic::{LogisticRegression, MultiLogisticRegression};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use crate::error::{ErrorKind, Result};

/// The penalty on the slopes, with logits scaled to a root mean square of 1.
///
/// It only has to keep slopes finite where the logits separate the classes. A pole has ten out-of-fold posts and more, so
/// that the curvature of the log-loss is some units at the least; 0.1 then moves a slope by a few hundredths at most, and
/// by nothing that shows with a hundred posts.
const ALPHA: f64 = 0.1;
/// More than fits of three numbers or six ever took; linfa's default is 100.
const MAX_ITERATIONS: u64 = 1000;

/// The affine map z′ = A·z + b of the k logits of a characteristic: one with two values (Platt's scaling), two with three
/// values, breaches and upholds each against neither.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// A, (k × k), row-major.
    pub slope: Vec<f64>,
    /// b, (k).
    pub intercept: Vec<f64>,
    /// Whether no usable map was found and this is the identity instead: a value was missing from the posts, the fit did
    /// not end in finite numbers or ended at a loss above that of the identity, or a logit would have lowered its own probability.
    pub fallback: bool,
}

impl Calibration {
    /// Fits the map to out-of-fold logits, (n × k) row-major with k = `n_classes` − 1, of posts with the given values.
    ///
    /// With two classes value 1 is the one that the logit speaks for. With three the values are 0 breaches, 1 neither,
    /// 2 upholds, and the logits those of 0 and of 2, each against 1. Minimises the sum of log-losses plus
    /// 0.1 / 2 · ‖W‖² over logits scaled to a root mean square of 1. Refused are other numbers of classes, shapes that do
    /// not fit and logits that are not finite; data from which no map can be made gives the identity and `fallback`.
    pub fn fit(logits: &[f64], values: &[usize], n_classes: usize) -> Result<Self> {
        let k = n_classes.saturating_sub(1);
        let problem = if !(2..=3).contains(&n_classes) {
            format!("found {n_classes} classes, expected 2 or 3")
        } else if logits.len() != k * values.len() {
            format!("found {} logits for {} posts, expected {k} a post", logits.len(), values.len())
        } else if let Some(value) = values.iter().find(|&&value| value >= n_classes) {
            format!("found value {value}, expected one below {n_classes}")
        } else if let Some(logit) = logits.iter().find(|logit| !logit.is_finite()) {
            format!("found logit {logit}, expected a finite number")
        } else {
            return Ok(Self::try_fit(logits, values, n_classes).unwrap_or_else(|| Self::identity(k, true)));
        };
        Err(ErrorKind::Fit { what: "calibration".to_owned(), problem }.into())
    }

    /// The map of `k` logits that changes nothing; `fallback` says whether it stands in for a fit.
    pub fn identity(k: usize, fallback: bool) -> Self {
        let slope = (0..k * k).map(|i| f64::from(u8::from(i % (k + 1) == 0))).collect();
        Self { slope, intercept: vec![0.0; k], fallback }
    }

    /// The number of logits.
    pub fn n_outputs(&self) -> usize {
        self.intercept.len()
    }

    /// Replaces the logits `z` of one post, k of them, by the calibrated ones.
    pub fn apply(&self, z: &mut [f64]) {
        self.turn(z);
        for (z, b) in z.iter_mut().zip(&self.intercept) {
            *z += b;
        }
    }

    /// Replaces the k weights `w` of one column by A·w. A model with all its columns turned and its intercepts passed
    /// through `apply` gives calibrated logits by itself.
    pub fn turn(&self, w: &mut [f64]) {
        let before = w.to_vec();
        for (w, slope) in w.iter_mut().zip(self.slope.chunks(self.n_outputs().max(1))) {
            *w = slope.iter().zip(&before).map(|(a, x)| a * x).sum();
        }
    }

    /// The fitted map, if there is a usable one.
    fn try_fit(logits: &[f64], values: &[usize], n_classes: usize) -> Option<Self> {
        let k = n_classes - 1;
        if (0..n_classes).any(|class| !values.contains(&class)) {
            return None;
        }
        // Scaled, for linfa's sake too: its multinomial goes wrong on rows of large norm.
        let scale = (logits.iter().map(|z| z * z).sum::<f64>() / logits.len() as f64).sqrt();
        if !(scale.is_normal() && scale > 0.0) {
            return None;
        }
        let records = Array2::from_shape_fn((values.len(), k), |(i, j)| logits[i * k + j] / scale);
        let dataset = DatasetBase::new(records, Array1::from(values.to_vec()));
        let (mut slope, intercept) = match n_classes {
            2 => binary(&dataset, scale)?,
            _ => multinomial(&dataset, scale)?,
        };
        for a in &mut slope {
            *a /= scale;
        }
        let finite = slope.iter().chain(&intercept).all(|x| x.is_finite());
        let rising = slope.iter().step_by(k + 1).all(|&own| own > 0.0);
        let fitted = Self { slope, intercept, fallback: false };
        // linfa says nothing of a line search that went astray.
        let objective = |map: &Self| map.loss(logits, values) + map.penalty(scale);
        let sound = || objective(&fitted) <= objective(&Self::identity(k, true));
        (finite && rising && sound()).then_some(fitted)
    }

    /// The penalty on the weights of scaled logits: one output's with two classes, those of three classes that sum to 0 with three.
    fn penalty(&self, scale: f64) -> f64 {
        let k = self.n_outputs();
        let of_logit = |j: usize| {
            let weights = || self.slope.iter().skip(j).step_by(k);
            let squares: f64 = weights().map(|w| w * w).sum();
            squares - if k == 1 { 0.0 } else { weights().sum::<f64>().powi(2) / (k + 1) as f64 }
        };
        ALPHA / 2.0 * scale * scale * (0..k).map(of_logit).sum::<f64>()
    }

    /// The sum of the log-losses of calibrated logits.
    fn loss(&self, logits: &[f64], values: &[usize]) -> f64 {
        let of_post = |(z, &value): (&[f64], &usize)| {
            let mut z = z.to_vec();
            self.apply(&mut z);
            log_loss(&z, value)
        };
        logits.chunks(self.n_outputs()).zip(values).map(of_post).sum()
    }
}

/// Minus the logarithm of the probability of `class`, in nats.
pub(super) fn log_loss(logits: &[f64], class: usize) -> f64 {
    let own = match (logits, class) {
        (&[logit], 1) => logit,
        (&[breaches, _], 0) => breaches,
        (&[_, upholds], 2) => upholds,
        _ => 0.0,
    };
    let most = logits.iter().copied().fold(0.0, f64::max);
    let sum: f64 = logits.iter().map(|logit| (logit - most).exp()).sum::<f64>() + (-most).exp();
    most + sum.ln() - own
}

type Dataset = DatasetBase<Array2<f64>, Array1<usize>>;

// Both fits start from the identity, in scaled logits: these are calibrated nearly. From 0, where linfa starts, the first step goes as
// far as the gradient is long, and with ten thousands of posts and a rare value the line search may not find back.

/// Slope and intercept of the logit of class 1.
fn binary(dataset: &Dataset, identity: f64) -> Option<(Vec<f64>, Vec<f64>)> {
    // linfa's positive class is the more frequent one, whatever its documentation says.
    let n_ones: usize = dataset.targets.iter().sum();
    let start = if 2 * n_ones > dataset.targets.len() { identity } else { -identity };
    let params = LogisticRegression::default()
        .alpha(ALPHA)
        .max_iterations(MAX_ITERATIONS)
        .initial_params(Array1::from(vec![start, 0.0]));
    let model = params.fit(dataset).ok()?;
    let sign = if model.labels().pos.class == 1 { 1.0 } else { -1.0 };
    Some((model.params().iter().map(|w| sign * w).collect(), vec![sign * model.intercept()]))
}

/// Slopes (2 × 2) and intercepts of the logits of classes 0 and 2 against class 1.
fn multinomial(dataset: &Dataset, identity: f64) -> Option<(Vec<f64>, Vec<f64>)> {
    let start = ndarray::array![[identity, 0.0, 0.0], [0.0, 0.0, identity], [0.0, 0.0, 0.0]];
    let params =
        MultiLogisticRegression::default().alpha(ALPHA).max_iterations(MAX_ITERATIONS).initial_params(start);
    let model = params.fit(dataset).ok()?;
    let (weights, intercepts) = (model.params(), model.intercept());
    // All three values occur, so that linfa's classes, sorted, are ours.
    let slope = [0, 2].iter().flat_map(|&c| (0..2).map(move |j| weights[[j, c]] - weights[[j, 1]])).collect();
    Some((slope, vec![intercepts[0] - intercepts[1], intercepts[2] - intercepts[1]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Posts whose classes follow the logits `truth` of the logits: 4,000 of them, by a fixed sequence.
    fn sample(k: usize, truth: impl Fn(&[f64]) -> Vec<f64>) -> (Vec<f64>, Vec<usize>) {
        let mut seed = 1_u64;
        let mut uniform = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 11) as f64 / (1_u64 << 53) as f64
        };
        let (mut logits, mut values) = (Vec::new(), Vec::new());
        for _ in 0..4000 {
            let z: Vec<f64> = (0..k).map(|_| 8.0 * uniform() - 4.0).collect();
            let mut shares: Vec<f64> = truth(&z).iter().map(|l| l.exp()).collect();
            // Class 0 of two, and class 1 of three, has logit 0.
            shares.insert(k - 1, 1.0);
            let mut draw = uniform() * shares.iter().sum::<f64>();
            let value = shares.iter().position(|share| {
                draw -= share;
                draw < 0.0
            });
            values.push(value.unwrap_or(k));
            logits.extend(z);
        }
        (logits, values)
    }

    fn check_near(found: &[f64], expected: &[f64], tolerance: f64) {
        assert_eq!(found.len(), expected.len());
        let near = found.iter().zip(expected).all(|(x, y)| (x - y).abs() < tolerance);
        assert!(near, "found {found:?}, expected {expected:?}");
    }

    #[test]
    fn finds_the_map_of_two_classes_whichever_is_more_frequent() -> Result<()> {
        for shift in [-1.5, 1.5] {
            let (logits, values) = sample(1, |z| vec![0.6 * z[0] + shift]);
            let calibration = Calibration::fit(&logits, &values, 2)?;
            assert!(!calibration.fallback);
            check_near(&calibration.slope, &[0.6], 0.1);
            check_near(&calibration.intercept, &[shift], 0.2);
        }
        Ok(())
    }

    #[test]
    fn finds_the_map_of_three_classes() -> Result<()> {
        let (logits, values) =
            sample(2, |z| vec![0.7 * z[0] - 0.2 * z[1] - 1.0, 0.1 * z[0] + 0.5 * z[1] + 0.5]);
        let calibration = Calibration::fit(&logits, &values, 3)?;
        assert!(!calibration.fallback);
        check_near(&calibration.slope, &[0.7, -0.2, 0.1, 0.5], 0.1);
        check_near(&calibration.intercept, &[-1.0, 0.5], 0.2);
        Ok(())
    }

    #[test]
    fn equals_the_sparse_solver_at_the_same_objective() -> Result<()> {
        use linfa::ParamGuard;

        use crate::training::{Rows, SolverParams};

        let (logits, values) = sample(2, |z| vec![z[0] - 1.0, 2.0 * z[1]]);
        let scale = (logits.iter().map(|z| z * z).sum::<f64>() / logits.len() as f64).sqrt();
        let mut rows = Rows::new(2);
        for z in logits.chunks(2) {
            rows.push(&[(0, (z[0] / scale) as f32), (1, (z[1] / scale) as f32)], &[])?;
        }
        let all: Vec<usize> = (0..values.len()).collect();
        let solver = SolverParams::new(3).alpha(ALPHA).check()?;
        let (weights, intercepts) = solver.fit_rows(&rows, &all, &values, None)?.against(1);
        let calibration = Calibration::fit(&logits, &values, 3)?;
        let turned = [weights[0], weights[2], weights[1], weights[3]].map(|w| w / scale);
        check_near(&calibration.slope, &turned, 1e-4);
        check_near(&calibration.intercept, &intercepts, 1e-4);
        Ok(())
    }

    #[test]
    fn turned_weights_give_calibrated_logits() {
        let calibration =
            Calibration { slope: vec![2.0, -1.0, 0.5, 3.0], intercept: vec![0.1, -0.2], fallback: false };
        let mut z = [1.0, -2.0];
        calibration.apply(&mut z);
        check_near(&z, &[4.1, -5.7], 1e-12);
        // z = 0.5·w + b, by weights and by logits.
        let (mut w, mut b) = ([2.0, 4.0], [0.3, 0.7]);
        let mut whole = [1.3, 2.7];
        calibration.apply(&mut whole);
        calibration.turn(&mut w);
        calibration.apply(&mut b);
        check_near(&[0.5 * w[0] + b[0], 0.5 * w[1] + b[1]], &whole, 1e-12);
    }

    #[test]
    fn many_posts_of_a_rare_value_are_calibrated() -> Result<()> {
        let (mut logits, mut values) = (Vec::new(), Vec::new());
        let (some, classes) = sample(2, |z| vec![1.5 * z[0] - 5.0, 1.2 * z[1] - 5.0]);
        for _ in 0..5 {
            logits.extend(some.chunks(2).flat_map(|z| [z[0] - 4.0, z[1] - 4.0]));
            values.extend(&classes);
        }
        let calibration = Calibration::fit(&logits, &values, 3)?;
        assert!(!calibration.fallback);
        check_near(&calibration.slope, &[1.5, 0.0, 0.0, 1.2], 0.15);
        Ok(())
    }

    #[test]
    fn falls_back_to_the_identity_and_says_so() -> Result<()> {
        let identity = Calibration { slope: vec![1.0], intercept: vec![0.0], fallback: true };
        // A value is missing; the slope falls; the logits say nothing.
        assert_eq!(Calibration::fit(&[1.0, 2.0], &[1, 1], 2)?, identity);
        assert_eq!(Calibration::fit(&[1.0, 2.0, 3.0, 4.0], &[1, 1, 0, 0], 2)?, identity);
        assert_eq!(Calibration::fit(&[0.0, 0.0], &[0, 1], 2)?, identity);
        let two = Calibration::fit(&[1.0, 2.0], &[1], 3)?;
        assert_eq!(
            two,
            Calibration { slope: vec![1.0, 0.0, 0.0, 1.0], intercept: vec![0.0; 2], fallback: true }
        );
        assert_eq!(Calibration::fit(&[], &[], 2)?, identity);
        Ok(())
    }

    #[test]
    fn separated_classes_and_great_logits_stay_finite() -> Result<()> {
        let logits: Vec<f64> = (0..40).map(|i| if i < 20 { -1e5 } else { 1e5 + f64::from(i) }).collect();
        let values: Vec<usize> = (0..40).map(|i| usize::from(i >= 20)).collect();
        let calibration = Calibration::fit(&logits, &values, 2)?;
        assert!(!calibration.fallback && calibration.slope[0].is_finite());
        Ok(())
    }

    #[test]
    fn refusals_say_what_was_found_and_what_was_expected() {
        let check = |logits: &[f64], values: &[usize], n_classes, expected: &str| {
            let refused = Calibration::fit(logits, values, n_classes).map_err(|e| e.to_string());
            assert_eq!(refused.err().as_deref(), Some(expected));
        };
        check(&[], &[], 4, "calibration: found 4 classes, expected 2 or 3");
        check(&[], &[], 0, "calibration: found 0 classes, expected 2 or 3");
        check(&[1.0], &[1], 3, "calibration: found 1 logits for 1 posts, expected 2 a post");
        check(&[1.0], &[2], 2, "calibration: found value 2, expected one below 2");
        check(&[f64::NAN], &[1], 2, "calibration: found logit NaN, expected a finite number");
    }

    #[test]
    fn autotraits() {
        fn has_autotraits<T: Send + Sync + Unpin>() {}
        has_autotraits::<Calibration>();
    }
}
