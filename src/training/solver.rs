//! The sparse multinomial logistic solver, a linfa estimator: L-BFGS from argmin over CSR rows. Floor 5.
//!
//! linfa-logistic fits the same objective over dense rows, two to three orders of magnitude slower at our sizes; it is
//! the oracle of the tests here. The objective's formula stands in `objective.rs`.

use argmin::{
    core::{Executor, IterState},
    solver::{linesearch::MoreThuenteLineSearch, quasinewton::LBFGS},
};
use argmin_math::ArgminL2Norm;
use linfa::{DatasetBase, ParamGuard, traits::Fit};
use ndarray::Array1;

use crate::{
    error::{Error, ErrorKind, Result},
    training::{
        contrast::penalty_factors,
        objective::{Objective, Sample},
        rows::Rows,
        vector::Vector,
    },
};

/// How to fit, not yet checked; see [`ValidSolverParams`].
#[derive(Debug, Clone, PartialEq)]
pub struct SolverParams(ValidSolverParams);

/// How to fit, with values that can be used: made by `SolverParams::check`.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidSolverParams {
    n_classes: usize,
    alpha: f64,
    by_contrast: bool,
    max_iterations: u64,
    gradient_tolerance: Option<f64>,
}

/// A fitted model, with `n_outputs` 1 for two classes (the logit of class 1 against class 0) and otherwise one for each
/// class. The outputs of three and more classes sum to zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// `n_columns` × `n_outputs`, row-major: the outputs of a column stand side by side.
    pub weights: Vec<f64>,
    /// `n_outputs`.
    pub intercepts: Vec<f64>,
    /// The objective there, in nats: sum of log-losses and penalty.
    pub loss: f64,
    /// Iterations of L-BFGS.
    pub iterations: u64,
    /// Whether the optimum was reached: the gradient's norm is within the tolerance, or no lower loss can be told
    /// apart in f64 and less than 10⁻⁹ of the loss is left to gain. Otherwise this is the best that was found.
    pub converged: bool,
}

impl Fitted {
    /// Weights and intercepts less those of class `reference`, whose own output is left out: the logits of the other
    /// classes against it, in the order of the classes. Shapes `n_columns` × k and k. A model of one output, or a
    /// class that it does not have, comes back as it is.
    pub fn against(&self, reference: usize) -> (Vec<f64>, Vec<f64>) {
        let n_outputs = self.intercepts.len();
        if n_outputs == 1 || reference >= n_outputs {
            return (self.weights.clone(), self.intercepts.clone());
        }
        let less = |outputs: &[f64]| -> Vec<f64> {
            let others = |row: &[f64]| {
                let base = row[reference];
                let others = row.iter().enumerate().filter(|&(class, _)| class != reference);
                others.map(|(_, weight)| weight - base).collect::<Vec<_>>()
            };
            outputs.chunks_exact(n_outputs).flat_map(others).collect()
        };
        (less(&self.weights), less(&self.intercepts))
    }
}

impl SolverParams {
    /// Parameters for `n_classes` classes (2 to 5), with alpha 1 for all columns, at most 1,000 iterations and the default
    /// gradient tolerance.
    pub fn new(n_classes: usize) -> Self {
        Self(ValidSolverParams {
            n_classes,
            alpha: 1.0,
            by_contrast: false,
            max_iterations: 1000,
            gradient_tolerance: None,
        })
    }

    /// Sets the strength of the penalty alpha/2 · ‖w‖²; above 0. The default is 1. scikit-learn's C is 1/alpha.
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.0.alpha = alpha;
        self
    }

    /// Penalises the sparse columns that tell classes apart less than those that hardly do, in place of all alike: alpha is
    /// multiplied by a factor a column, found from the rows that are fitted.
    #[must_use]
    pub fn by_contrast(mut self) -> Self {
        self.0.by_contrast = true;
        self
    }

    /// Sets the greatest number of iterations of L-BFGS. The default is 1,000.
    #[must_use]
    pub fn max_iterations(mut self, max_iterations: u64) -> Self {
        self.0.max_iterations = max_iterations;
        self
    }

    /// Sets the Euclidean norm of the gradient at which the fit ends; above 0.
    ///
    /// The default is 10⁻⁴ · alpha, but at least 10⁻⁷ and at most 10⁻⁴. The penalty makes the objective strongly convex:
    /// weights are no further than ‖gradient‖ / alpha from the optimum, so within 10⁻⁴ for all alpha from 10⁻³. With
    /// [`Self::by_contrast`] columns that are penalised less may be further off by as much.
    #[must_use]
    pub fn gradient_tolerance(mut self, gradient_tolerance: f64) -> Self {
        self.0.gradient_tolerance = Some(gradient_tolerance);
        self
    }
}

impl ParamGuard for SolverParams {
    type Checked = ValidSolverParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&ValidSolverParams> {
        let refuse = |name: &str, found: String, expected: &str| {
            Err(ErrorKind::Setting { name: name.to_owned(), found, expected: expected.to_owned() }.into())
        };
        let params = &self.0;
        let positive = |x: f64| x.is_finite() && x > 0.0;
        if !(2..=5).contains(&params.n_classes) {
            return refuse("classes", params.n_classes.to_string(), "2 to 5");
        }
        if !positive(params.alpha) {
            return refuse("alpha", params.alpha.to_string(), "a number above 0");
        }
        match params.gradient_tolerance {
            Some(tolerance) if !positive(tolerance) => {
                refuse("gradient tolerance", tolerance.to_string(), "a number above 0")
            }
            _ => Ok(params),
        }
    }

    fn check(self) -> Result<ValidSolverParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}

impl Fit<Rows, Array1<usize>, Error> for ValidSolverParams {
    type Object = Fitted;

    fn fit(&self, dataset: &DatasetBase<Rows, Array1<usize>>) -> Result<Fitted> {
        let chosen: Vec<usize> = (0..dataset.records.n_rows()).collect();
        self.fit_rows(&dataset.records, &chosen, &dataset.targets.to_vec(), None)
    }
}

impl ValidSolverParams {
    /// Fits rows `chosen` of `rows`, where row `chosen[i]` has class `classes[i]`, 0 to `n_classes` − 1; nothing is copied.
    ///
    /// `initial` is a model to start from, such as that of a neighbouring alpha: it does not change the optimum.
    /// Without one the fit starts from weights 0 and the base rates. Refused are: no rows, a class without posts,
    /// and lengths or indices that do not fit.
    pub fn fit_rows(
        &self,
        rows: &Rows,
        chosen: &[usize],
        classes: &[usize],
        initial: Option<&Fitted>,
    ) -> Result<Fitted> {
        let sample = Sample { rows, chosen, classes };
        // The sizes are constants of the inner loops, which the compiler then unrolls.
        match self.n_classes {
            2 => self.fit_sample::<1, 2>(sample, initial),
            3 => self.fit_sample::<2, 3>(sample, initial),
            4 => self.fit_sample::<3, 4>(sample, initial),
            _ => self.fit_sample::<4, 5>(sample, initial),
        }
    }

    fn fit_sample<const K: usize, const N: usize>(
        &self,
        sample: Sample<'_>,
        initial: Option<&Fitted>,
    ) -> Result<Fitted> {
        let frequencies = frequencies::<N>(sample)?;
        let n_outputs = if N == 2 { 1 } else { N };
        let n_columns = sample.rows.n_columns();
        let mut alphas = vec![self.alpha; n_columns];
        if self.by_contrast {
            for (alpha, factor) in alphas.iter_mut().zip(penalty_factors::<N>(sample)) {
                *alpha *= factor;
            }
        }
        let objective = Objective::<K, N>::new(sample, alphas, frequencies);
        let n_weights = n_outputs * n_columns;
        let start = if let Some(model) = initial {
            let (weights, intercepts) = (model.weights.len(), model.intercepts.len());
            if (weights, intercepts) != (n_weights, n_outputs) {
                return Err(refusal(format!(
                    "found {weights} weights and {intercepts} intercepts to start from, \
                     expected {n_weights} and {n_outputs}"
                )));
            }
            objective.variable(&model.weights, &model.intercepts)
        } else {
            let logits = frequencies.map(f64::ln);
            let intercepts = if N == 2 { &[logits[1] - logits[0]][..] } else { &logits[..] };
            objective.variable(&vec![0.0; n_weights], intercepts)
        };
        self.minimise(&objective, start)
    }

    /// Runs L-BFGS, again from its best point with an empty memory where a line search fails but had made progress.
    fn minimise<const K: usize, const N: usize>(
        &self,
        objective: &Objective<'_, K, N>,
        start: Vector,
    ) -> Result<Fitted> {
        // As many pairs as linfa-logistic and scikit-learn keep.
        const MEMORY: usize = 10;
        let failed = |error: argmin::core::Error| refusal(error.to_string());
        let tolerance = self.gradient_tolerance.unwrap_or(1e-4 * self.alpha.clamp(1e-3, 1.0));
        let (mut loss, mut gradient) = objective.evaluate(&start).map_err(failed)?;
        let (mut best, mut iterations, mut progress) = (start, 0, true);
        while progress && gradient.l2_norm() >= tolerance && iterations < self.max_iterations {
            let lbfgs = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY)
                .with_tolerance_grad(tolerance)
                .and_then(|lbfgs| lbfgs.with_tolerance_cost(f64::EPSILON * loss))
                .map_err(failed)?;
            // Not the loss: argmin would take it for a first step that gained nothing, and end.
            let (param, left) = (best.clone(), self.max_iterations - iterations);
            let configure =
                |state: IterState<Vector, Vector, (), (), (), f64>| state.param(param).max_iters(left);
            let outcome = Executor::new(objective, lbfgs).configure(configure).ctrlc(false).run();
            let mut state = outcome.map_err(failed)?.state;
            iterations += state.iter;
            // A gain in the last digits is not worth another run.
            progress = state.best_cost < loss * (1.0 - 4.0 * f64::EPSILON);
            if let Some(param) = state.best_param.take()
                && let Ok(found) = objective.evaluate(&param)
            {
                (loss, gradient) = found;
                best = param;
            }
        }
        let norm = gradient.l2_norm();
        // Strong convexity bounds what is left to gain by ‖gradient‖² / (2·alpha), of the column that pays least.
        let at_floor = !progress && norm * norm / (2.0 * objective.softest()) <= 1e-9 * loss;
        let (weights, intercepts) = objective.weights(&best);
        Ok(Fitted { weights, intercepts, loss, iterations, converged: norm < tolerance || at_floor })
    }
}

/// The shares of the classes; refuses a sample that cannot be fitted.
fn frequencies<const N: usize>(sample: Sample<'_>) -> Result<[f64; N]> {
    let Sample { rows, chosen, classes } = sample;
    if chosen.len() != classes.len() {
        return Err(refusal(format!("found {} classes for {} rows", classes.len(), chosen.len())));
    }
    if chosen.is_empty() {
        return Err(refusal("found no rows, expected at least one of each class".to_owned()));
    }
    if let Some(row) = chosen.iter().find(|&&row| row >= rows.n_rows()) {
        return Err(refusal(format!("found row {row}, expected one below {}", rows.n_rows())));
    }
    let mut counts = [0_usize; N];
    for &class in classes {
        let Some(count) = counts.get_mut(class) else {
            return Err(refusal(format!("found class {class}, expected one below {N}")));
        };
        *count += 1;
    }
    if let Some(empty) = counts.iter().position(|&count| count == 0) {
        return Err(refusal(format!("found no rows of class {empty}, expected at least one of each class")));
    }
    Ok(counts.map(|count| count as f64 / chosen.len() as f64))
}

fn refusal(problem: String) -> Error {
    ErrorKind::Fit { what: "logistic model".to_owned(), problem }.into()
}

impl From<linfa::Error> for Error {
    fn from(error: linfa::Error) -> Self {
        refusal(error.to_string())
    }
}

#[cfg(test)]
mod tests;
