//! One characteristic's head: alpha by cross-validation, out-of-fold logits, calibration, thresholds, final weights.

use crate::{
    codebook::{Pole, Value},
    error::Result,
    evaluation::Judgement,
    model::HeadKind,
    training::{
        Calibration, Expected, Fitted, SolverParams,
        calibration::log_loss,
        threshold::{Forecast, best_thresholds},
        view::View,
    },
};
use linfa::ParamGuard;

/// The penalties that are tried, strongest first, so that each fit starts from the one before.
pub const ALPHAS: [f64; 3] = [3.0, 1.0, 0.3];
/// The gradient's length at which a fit of the search ends, for each post that is not of the commonest value: the gradients of
/// rare values are small from the start. On public labels average precision out of fold was within .001 of what it is where fits go
/// on to a length of 0.1.
const SEARCH_TOLERANCE: f64 = 1e-3;
/// The same of the last fit.
const FIT_TOLERANCE: f64 = 2e-5;
/// The thresholds where shares are told. A pole's F1 is greatest at half of what it comes to (Lipton et al. 2014), so this is the
/// best for one that is told at .8; what is best for poles that are hard to tell would tag mostly posts that do not bear
/// them. Set on real posts, see `models/README.md`.
const ABOUT_AS_LIKELY_AS_NOT: [f64; 2] = [0.4; 2];

/// What a head is fitted on.
pub struct HeadTask<'a> {
    /// Which values it tells apart.
    pub kind: HeadKind,
    /// Posts that it is fitted on, by place.
    pub posts: Vec<usize>,
    /// The value of each of these.
    pub values: Vec<Value>,
    /// The fold of each of these.
    pub folds: Vec<usize>,
    /// A view a fold, whose vocabulary comes from the other folds.
    pub views: &'a [View],
    /// The view of all posts.
    pub whole: &'a View,
    /// Whether any post has context.
    pub has_context: bool,
    /// What is expected where the model will be used; the shares of the posts themselves if nothing is.
    pub expected: Option<Expected>,
}

/// A fitted head.
pub struct FittedHead {
    /// Weights of the vocabulary's columns with calibration folded in: columns × outputs.
    pub weights: Vec<f64>,
    /// Intercepts with calibration folded in.
    pub intercepts: Vec<f64>,
    /// From which probability a post is tagged: upholds, breaches.
    pub thresholds: [f64; 2],
    /// The shares of posts that it is calibrated for: upholds, breaches.
    pub prevalence: [f64; 2],
    /// The penalty that was chosen.
    pub alpha: f64,
    /// Whether context was chosen.
    pub with_context: bool,
    /// The map from raw to calibrated logits.
    pub calibration: Calibration,
    /// Whether the last fit reached its optimum.
    pub converged: bool,
    /// What was predicted for each post from models, calibrations and thresholds that had not seen its fold.
    pub judgements: Vec<Judgement>,
}

impl HeadTask<'_> {
    fn classes(&self) -> Vec<usize> {
        let values = self.kind.values();
        self.values.iter().map(|value| values.iter().position(|own| own == value).unwrap_or(0)).collect()
    }

    fn solver(&self, alpha: f64, tolerance: f64) -> SolverParams {
        let count = |value: &Value| self.values.iter().filter(|own| *own == value).count();
        let commonest = self.kind.values().iter().map(count).max().unwrap_or(0);
        let n_others = self.values.len() - commonest;
        SolverParams::new(self.kind.values().len())
            .alpha(alpha)
            .by_contrast()
            .gradient_tolerance(tolerance * n_others as f64)
    }

    /// Fits the head.
    pub fn fit(&self) -> Result<FittedHead> {
        let classes = self.classes();
        let mut best = self.search(&classes, true, &ALPHAS, &[])?;
        if self.has_context {
            let without = self.search(&classes, false, &[best.alpha], &best.fits)?;
            if without.loss < best.loss {
                best = without;
            }
        }
        let mut calibration = self.calibrate(&best.logits, &classes, |_| true)?;
        let thresholds = if let Some(expected) = self.expected {
            self.move_to(expected, &mut calibration);
            ABOUT_AS_LIKELY_AS_NOT
        } else {
            self.thresholds(&calibration, &best.logits, |_| true)
        };
        let judgements = self.judge(&best.logits, &classes)?;
        let rows = self.whole.rows(best.with_context);
        let params = self.solver(best.alpha, FIT_TOLERANCE).check()?;
        let fitted = params.fit_rows(rows, &self.posts, &classes, None)?;
        let (mut weights, mut intercepts) = against_reference(&fitted);
        for column in weights.chunks_exact_mut(self.kind.n_outputs()) {
            calibration.turn(column);
        }
        calibration.apply(&mut intercepts);
        Ok(FittedHead {
            weights: self.whole.column_weights(&weights, self.kind.n_outputs()),
            intercepts,
            thresholds,
            prevalence: self.prevalence(),
            alpha: best.alpha,
            with_context: best.with_context,
            calibration,
            converged: fitted.converged,
            judgements,
        })
    }

    /// Out-of-fold logits under the best of `alphas` by log-loss. `starts` are models a fold to start from, if there are any.
    fn search(
        &self,
        classes: &[usize],
        with_context: bool,
        alphas: &[f64],
        starts: &[Option<Fitted>],
    ) -> Result<Search> {
        let k = self.kind.n_outputs();
        let mut searches: Vec<Search> = alphas
            .iter()
            .map(|&alpha| Search {
                alpha,
                with_context,
                loss: 0.0,
                logits: vec![0.0; k * self.posts.len()],
                fits: Vec::new(),
            })
            .collect();
        for (fold, view) in self.views.iter().enumerate() {
            let (inside, outside): (Vec<usize>, Vec<usize>) =
                (0..self.posts.len()).partition(|&place| self.folds[place] != fold);
            if outside.is_empty() {
                for search in &mut searches {
                    search.fits.push(None);
                }
                continue;
            }
            let rows = view.rows(with_context);
            let posts: Vec<usize> = inside.iter().map(|&place| self.posts[place]).collect();
            let inside_classes: Vec<usize> = inside.iter().map(|&place| classes[place]).collect();
            let mut start = starts.get(fold).and_then(Option::as_ref);
            for search in &mut searches {
                let params = self.solver(search.alpha, SEARCH_TOLERANCE).check()?;
                let next = params.fit_rows(rows, &posts, &inside_classes, start)?;
                let (weights, intercepts) = against_reference(&next);
                for &place in &outside {
                    let logits = &mut search.logits[place * k..][..k];
                    logits.copy_from_slice(&intercepts);
                    for (column, value) in rows.entries(self.posts[place]) {
                        for (logit, weight) in logits.iter_mut().zip(&weights[column * k..][..k]) {
                            *logit += value * weight;
                        }
                    }
                    search.loss += log_loss(logits, classes[place]);
                }
                search.fits.push(Some(next));
                start = search.fits[fold].as_ref();
            }
        }
        let best = searches.into_iter().min_by(|a, b| a.loss.total_cmp(&b.loss));
        Ok(best.expect("at least one alpha is tried"))
    }

    /// Calibration from the out-of-fold logits of the folds that `counts`.
    fn calibrate(
        &self,
        logits: &[f64],
        classes: &[usize],
        counts: impl Fn(usize) -> bool,
    ) -> Result<Calibration> {
        let k = self.kind.n_outputs();
        let places: Vec<usize> = (0..self.posts.len()).filter(|&place| counts(self.folds[place])).collect();
        let logits: Vec<f64> = places.iter().flat_map(|&place| &logits[place * k..][..k]).copied().collect();
        let classes: Vec<usize> = places.iter().map(|&place| classes[place]).collect();
        Calibration::fit(&logits, &classes, self.kind.values().len())
    }

    /// Thresholds from the out-of-fold logits of the folds that `counts`.
    fn thresholds(
        &self,
        calibration: &Calibration,
        logits: &[f64],
        counts: impl Fn(usize) -> bool,
    ) -> [f64; 2] {
        let k = self.kind.n_outputs();
        let forecast = |place: usize| Forecast {
            probabilities: self.probabilities(calibration, &logits[place * k..][..k]),
            label: self.values[place],
        };
        let places = (0..self.posts.len()).filter(|&place| counts(self.folds[place]));
        best_thresholds(self.kind, &places.map(forecast).collect::<Vec<_>>())
    }

    /// The shares of upholds and breaches among the values that the head tells apart.
    fn prevalence(&self) -> [f64; 2] {
        let share = |value| if self.kind.values().contains(&value) { self.share(value) } else { 0.0 };
        let total: f64 = Value::ALL.map(share).iter().sum();
        Pole::ALL.map(|pole| share(pole.value()) / total)
    }

    /// The share of posts with a value where the model will be used.
    fn share(&self, value: Value) -> f64 {
        match (self.expected, value) {
            (None, _) => self.count(value) / self.values.len() as f64,
            (Some(expected), Value::Upholds) => expected.upholds,
            (Some(expected), Value::Breaches) => expected.breaches,
            (Some(expected), Value::Neither) => 1.0 - expected.upholds - expected.breaches,
        }
    }

    fn count(&self, value: Value) -> f64 {
        self.values.iter().filter(|own| **own == value).count() as f64
    }

    /// Moves a calibration to what is expected.
    fn move_to(&self, expected: Expected, calibration: &mut Calibration) {
        let ratio = |value: Value| {
            let odds = match value {
                Value::Upholds => expected.upholds_odds,
                Value::Breaches => expected.breaches_odds,
                Value::Neither => 1.0,
            };
            odds * self.share(value) / self.count(value)
        };
        for (intercept, shift) in calibration.intercept.iter_mut().zip(self.kind.shifts(ratio)) {
            *intercept += shift;
        }
    }

    /// What is predicted for each post, with calibration and thresholds from the other folds, at the posts' own shares.
    fn judge(&self, logits: &[f64], classes: &[usize]) -> Result<Vec<Judgement>> {
        let k = self.kind.n_outputs();
        let without = |fold: usize| {
            let calibration = self.calibrate(logits, classes, |own| own != fold)?;
            let thresholds = self.thresholds(&calibration, logits, |own| own != fold);
            Ok((calibration, thresholds))
        };
        let by_fold = (0..self.views.len()).map(without).collect::<Result<Vec<_>>>()?;
        let judge = |place: usize| {
            let (calibration, thresholds) = &by_fold[self.folds[place]];
            let probabilities = self.probabilities(calibration, &logits[place * k..][..k]);
            Judgement {
                label: Some(self.values[place]),
                predicted: Some(self.kind.decide(probabilities, *thresholds)),
                probabilities,
            }
        };
        Ok((0..self.posts.len()).map(judge).collect())
    }

    fn probabilities(&self, calibration: &Calibration, logits: &[f64]) -> [Option<f64>; 2] {
        let mut calibrated = [0.0; 2];
        let calibrated = &mut calibrated[..logits.len()];
        calibrated.copy_from_slice(logits);
        calibration.apply(calibrated);
        self.kind.probabilities(calibrated)
    }
}

struct Search {
    alpha: f64,
    with_context: bool,
    loss: f64,
    logits: Vec<f64>,
    /// What was fitted without each fold; none where no post lies in it.
    fits: Vec<Option<Fitted>>,
}

/// Weights and intercepts against *neither* where there are three values.
fn against_reference(fitted: &Fitted) -> (Vec<f64>, Vec<f64>) {
    const NEITHER: usize = 1;
    fitted.against(NEITHER)
}
