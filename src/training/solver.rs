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
    /// Parameters for `n_classes` classes (2 to 5), with alpha 1, at most 1,000 iterations and the default gradient
    /// tolerance.
    pub fn new(n_classes: usize) -> Self {
        Self(ValidSolverParams {
            n_classes,
            alpha: 1.0,
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

    /// Sets the greatest number of iterations of L-BFGS. The default is 1,000.
    #[must_use]
    pub fn max_iterations(mut self, max_iterations: u64) -> Self {
        self.0.max_iterations = max_iterations;
        self
    }

    /// Sets the Euclidean norm of the gradient at which the fit ends; above 0.
    ///
    /// The default is 10⁻⁴ · alpha, but at least 10⁻⁷ and at most 10⁻⁴. The penalty makes the objective strongly convex:
    /// weights are no further than ‖gradient‖ / alpha from the optimum, so within 10⁻⁴ for all alpha from 10⁻³.
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
            Err(ErrorKind::Setting {
                name: name.to_owned(),
                found,
                expected: expected.to_owned(),
            }
            .into())
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
        let sample = Sample {
            rows,
            chosen,
            classes,
        };
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
        let objective = Objective::<K, N>::new(sample, self.alpha, frequencies);
        let start = match initial {
            Some(model) => {
                let (weights, intercepts) = (model.weights.len(), model.intercepts.len());
                if intercepts != n_outputs || weights != n_outputs * sample.rows.n_columns() {
                    return Err(refusal(format!(
                        "found {weights} weights and {intercepts} intercepts to start from, expected {} and {n_outputs}",
                        n_outputs * sample.rows.n_columns()
                    )));
                }
                objective.variable(&model.weights, &model.intercepts)
            }
            None => {
                let logits = frequencies.map(f64::ln);
                let intercepts = if N == 2 {
                    &[logits[1] - logits[0]][..]
                } else {
                    &logits[..]
                };
                objective.variable(&vec![0.0; n_outputs * sample.rows.n_columns()], intercepts)
            }
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
        let tolerance = self
            .gradient_tolerance
            .unwrap_or(1e-4 * self.alpha.clamp(1e-3, 1.0));
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
            let outcome = Executor::new(objective, lbfgs)
                .configure(configure)
                .ctrlc(false)
                .run();
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
        // Strong convexity bounds what is left to gain by ‖gradient‖² / (2·alpha).
        let at_floor = !progress && norm * norm / (2.0 * self.alpha) <= 1e-9 * loss;
        let (weights, intercepts) = objective.weights(&best);
        Ok(Fitted {
            weights,
            intercepts,
            loss,
            iterations,
            converged: norm < tolerance || at_floor,
        })
    }
}

/// The shares of the classes; refuses a sample that cannot be fitted.
fn frequencies<const N: usize>(sample: Sample<'_>) -> Result<[f64; N]> {
    let Sample {
        rows,
        chosen,
        classes,
    } = sample;
    if chosen.len() != classes.len() {
        return Err(refusal(format!(
            "found {} classes for {} rows",
            classes.len(),
            chosen.len()
        )));
    }
    if chosen.is_empty() {
        return Err(refusal(
            "found no rows, expected at least one of each class".to_owned(),
        ));
    }
    if let Some(row) = chosen.iter().find(|&&row| row >= rows.n_rows()) {
        return Err(refusal(format!(
            "found row {row}, expected one below {}",
            rows.n_rows()
        )));
    }
    let mut counts = [0_usize; N];
    for &class in classes {
        let Some(count) = counts.get_mut(class) else {
            return Err(refusal(format!("found class {class}, expected one below {N}")));
        };
        *count += 1;
    }
    if let Some(empty) = counts.iter().position(|&count| count == 0) {
        return Err(refusal(format!(
            "found no rows of class {empty}, expected at least one of each class"
        )));
    }
    Ok(counts.map(|count| count as f64 / chosen.len() as f64))
}

fn refusal(problem: String) -> Error {
    ErrorKind::Fit {
        what: "logistic model".to_owned(),
        problem,
    }
    .into()
}

impl From<linfa::Error> for Error {
    fn from(error: linfa::Error) -> Self {
        refusal(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use linfa_logistic::{LogisticRegression, MultiLogisticRegression};
    use ndarray::Array2;
    use serde::Deserialize;

    use super::*;

    /// Small made data; `tests/fixtures/solver.py` wrote it and fitted it by scikit-learn.
    #[derive(Deserialize)]
    struct Fixture {
        n_columns: usize,
        rows: Vec<Vec<(u32, f32)>>,
        /// For 2 and for 3 classes.
        classes: Vec<Vec<usize>>,
        fits: Vec<Expected>,
    }

    #[derive(Deserialize)]
    struct Expected {
        n_classes: usize,
        alpha: f64,
        loss: f64,
        /// `n_outputs` × `n_columns`, as scikit-learn has them.
        weights: Vec<Vec<f64>>,
        intercepts: Vec<f64>,
    }

    impl Fixture {
        fn read() -> Self {
            serde_json::from_str(include_str!("../../tests/fixtures/solver.json"))
                .expect("committed, and made by a script")
        }

        fn rows(&self, order: impl IntoIterator<Item = usize>) -> Rows {
            let mut rows = Rows::new(self.n_columns);
            order
                .into_iter()
                .for_each(|i| rows.push(&self.rows[i]).expect("made within bounds"));
            rows
        }

        fn classes(&self, n_classes: usize) -> &[usize] {
            &self.classes[n_classes - 2]
        }

        fn dense(&self) -> Array2<f64> {
            let mut dense = Array2::zeros((self.rows.len(), self.n_columns));
            for (i, row) in self.rows.iter().enumerate() {
                row.iter()
                    .for_each(|&(column, value)| dense[[i, column as usize]] = f64::from(value));
            }
            dense
        }

        fn fit(&self, params: SolverParams, n_classes: usize) -> Fitted {
            let targets = Array1::from(self.classes(n_classes).to_vec());
            params
                .fit(&DatasetBase::new(self.rows(0..self.rows.len()), targets))
                .expect("sound by construction")
        }
    }

    fn check_close(found: (&[f64], &[f64]), expected: (&[f64], &[f64]), tolerance: f64, of: &str) {
        for (part, (a, b)) in [
            ("weight", (found.0, expected.0)),
            ("intercept", (found.1, expected.1)),
        ] {
            assert_eq!(a.len(), b.len(), "{of}: number of {part}s");
            for (i, (x, y)) in a.iter().zip(b).enumerate() {
                assert!(
                    (x - y).abs() < tolerance,
                    "{of}, {part} {i}: found {x}, expected {y}"
                );
            }
        }
    }

    #[test]
    fn equals_scikit_learn() {
        let fixture = Fixture::read();
        for fit in &fixture.fits {
            let of = format!("{} classes, alpha {}", fit.n_classes, fit.alpha);
            let fitted = fixture.fit(SolverParams::new(fit.n_classes).alpha(fit.alpha), fit.n_classes);
            let columns = 0..fixture.n_columns;
            let weights: Vec<f64> = columns
                .flat_map(|j| fit.weights.iter().map(move |w| w[j]))
                .collect();
            assert!(fitted.converged, "{of}");
            assert!(
                (fitted.loss / fit.loss - 1.0).abs() < 1e-8,
                "{of}: {} and {}",
                fitted.loss,
                fit.loss
            );
            check_close(
                (&fitted.weights, &fitted.intercepts),
                (&weights, &fit.intercepts),
                1e-4,
                &of,
            );
        }
    }

    #[test]
    fn equals_linfa_logistic() {
        let fixture = Fixture::read();
        for alpha in [0.1, 1.0, 10.0] {
            let dense = |n_classes| {
                DatasetBase::new(fixture.dense(), Array1::from(fixture.classes(n_classes).to_vec()))
            };
            let params = LogisticRegression::default()
                .alpha(alpha)
                .max_iterations(1000)
                .gradient_tolerance(1e-6);
            let theirs = params.fit(&dense(2)).expect("sound by construction");
            // Their positive class is the more frequent one.
            let sign = if theirs.labels().pos.class == 1 { 1.0 } else { -1.0 };
            let ours = fixture.fit(SolverParams::new(2).alpha(alpha), 2);
            check_close(
                (&ours.weights, &ours.intercepts),
                (
                    &theirs.params().mapv(|w| sign * w).to_vec(),
                    &[sign * theirs.intercept()],
                ),
                1e-4,
                &format!("2 classes, alpha {alpha}"),
            );

            let params = MultiLogisticRegression::default()
                .alpha(alpha)
                .max_iterations(1000)
                .gradient_tolerance(1e-6);
            let theirs = params.fit(&dense(3)).expect("sound by construction");
            let theirs = Fitted {
                weights: theirs.params().iter().copied().collect(),
                intercepts: theirs.intercept().to_vec(),
                loss: 0.0,
                iterations: 0,
                converged: true,
            };
            let (ours, theirs) = (
                fixture.fit(SolverParams::new(3).alpha(alpha), 3).against(1),
                theirs.against(1),
            );
            check_close(
                (&ours.0, &ours.1),
                (&theirs.0, &theirs.1),
                1e-4,
                &format!("3 classes, alpha {alpha}"),
            );
        }
    }

    #[test]
    fn same_input_gives_the_same_bits_and_rows_in_another_order_nearly() {
        let fixture = Fixture::read();
        let (params, n) = (SolverParams::new(3).gradient_tolerance(1e-8), fixture.rows.len());
        let fitted = fixture.fit(params.clone(), 3);
        assert_eq!(fitted, fixture.fit(params.clone(), 3));
        let backwards = fixture.rows((0..n).rev());
        let classes: Array1<usize> = fixture.classes(3).iter().rev().copied().collect();
        let again = params
            .fit(&DatasetBase::new(backwards, classes))
            .expect("sound by construction");
        check_close(
            (&again.weights, &again.intercepts),
            (&fitted.weights, &fitted.intercepts),
            1e-6,
            "backwards",
        );
    }

    #[test]
    fn a_choice_of_rows_fits_as_their_copy_and_an_empty_column_weighs_nothing() -> Result<()> {
        let fixture = Fixture::read();
        let chosen: Vec<usize> = (0..fixture.rows.len()).filter(|i| i % 3 != 0).collect();
        let classes: Vec<usize> = chosen.iter().map(|&i| fixture.classes(3)[i]).collect();
        let params = SolverParams::new(3).check()?;
        let of_choice = params.fit_rows(&fixture.rows(0..fixture.rows.len()), &chosen, &classes, None)?;
        let copy = fixture.rows(chosen.iter().copied());
        let all: Vec<usize> = (0..chosen.len()).collect();
        assert_eq!(of_choice, params.fit_rows(&copy, &all, &classes, None)?);

        let mut wider = Rows::new(fixture.n_columns + 1);
        chosen.iter().try_for_each(|&i| wider.push(&fixture.rows[i]))?;
        let mut of_wider = params.fit_rows(&wider, &all, &classes, None)?;
        assert!(
            of_wider
                .weights
                .split_off(3 * fixture.n_columns)
                .iter()
                .all(|w| w.abs() < 1e-15)
        );
        check_close(
            (&of_wider.weights, &of_wider.intercepts),
            (&of_choice.weights, &of_choice.intercepts),
            1e-6,
            "wider",
        );
        Ok(())
    }

    #[test]
    fn a_warm_start_ends_where_a_cold_one_does() -> Result<()> {
        let fixture = Fixture::read();
        let (rows, all) = (
            fixture.rows(0..fixture.rows.len()),
            (0..fixture.rows.len()).collect::<Vec<_>>(),
        );
        for n_classes in [2, 3] {
            let fit = |alpha: f64, initial: Option<&Fitted>| {
                let params = SolverParams::new(n_classes)
                    .alpha(alpha)
                    .gradient_tolerance(1e-7)
                    .check()?;
                params.fit_rows(&rows, &all, fixture.classes(n_classes), initial)
            };
            let (cold, neighbour) = (fit(1.0, None)?, fit(2.0, None)?);
            let warm = fit(1.0, Some(&neighbour))?;
            check_close(
                (&warm.weights, &warm.intercepts),
                (&cold.weights, &cold.intercepts),
                1e-6,
                "warm",
            );
            let again = fit(1.0, Some(&cold))?;
            assert!(again.iterations <= 1, "{}", again.iterations);
        }
        Ok(())
    }

    #[test]
    fn ends_at_the_last_digits_and_says_when_it_was_cut_short() {
        let fixture = Fixture::read();
        let fitted = fixture.fit(SolverParams::new(3).gradient_tolerance(1e-300), 3);
        assert!(
            fitted.converged && fitted.iterations < 200,
            "{} iterations",
            fitted.iterations
        );
        assert!(!fixture.fit(SolverParams::new(3).max_iterations(2), 3).converged);
    }

    #[test]
    fn separable_classes_and_tiny_alpha_stay_finite() -> Result<()> {
        let mut rows = Rows::new(2);
        rows.push(&[(0, 1.0)])?;
        rows.push(&[(1, 1e6)])?;
        for alpha in [1e-12, 1e-3, 1e6] {
            let fitted =
                SolverParams::new(2)
                    .alpha(alpha)
                    .check()?
                    .fit_rows(&rows, &[0, 1], &[0, 1], None)?;
            assert!(
                fitted
                    .weights
                    .iter()
                    .chain(&fitted.intercepts)
                    .all(|w| w.is_finite())
            );
            assert!(fitted.loss.is_finite());
        }
        Ok(())
    }

    #[test]
    fn refusals_say_what_was_found_and_what_was_expected() -> Result<()> {
        let setting = |params: SolverParams| {
            params
                .check()
                .map_err(|e| e.to_string())
                .err()
                .unwrap_or_default()
        };
        assert_eq!(setting(SolverParams::new(1)), "classes: found 1, expected 2 to 5");
        assert_eq!(
            setting(SolverParams::new(2).alpha(0.0)),
            "alpha: found 0, expected a number above 0"
        );
        assert_eq!(
            setting(SolverParams::new(2).gradient_tolerance(f64::NAN)),
            "gradient tolerance: found NaN, expected a number above 0"
        );
        let mut rows = Rows::new(1);
        rows.push(&[(0, 1.0)])?;
        rows.push(&[])?;
        let check = |chosen: &[usize], classes: &[usize], initial: Option<&Fitted>, expected: &str| {
            let params = SolverParams::new(2).check()?;
            let refused = params
                .fit_rows(&rows, chosen, classes, initial)
                .map_err(|e| e.to_string());
            assert_eq!(refused.err().as_deref(), Some(expected));
            Ok::<_, Error>(())
        };
        check(&[0, 1], &[0], None, "logistic model: found 1 classes for 2 rows")?;
        check(
            &[],
            &[],
            None,
            "logistic model: found no rows, expected at least one of each class",
        )?;
        check(
            &[0, 2],
            &[0, 1],
            None,
            "logistic model: found row 2, expected one below 2",
        )?;
        check(
            &[0, 1],
            &[0, 2],
            None,
            "logistic model: found class 2, expected one below 2",
        )?;
        let empty = "logistic model: found no rows of class 0, expected at least one of each class";
        check(&[0, 1], &[1, 1], None, empty)?;
        let mut other = SolverParams::new(2)
            .check()?
            .fit_rows(&rows, &[0, 1], &[0, 1], None)?;
        other.weights.push(0.0);
        let start = "logistic model: found 2 weights and 1 intercepts to start from, expected 1 and 1";
        check(&[0, 1], &[0, 1], Some(&other), start)
    }

    #[test]
    fn autotraits() {
        fn has_autotraits<T: Send + Sync + Unpin>() {}
        has_autotraits::<Rows>();
        has_autotraits::<SolverParams>();
        has_autotraits::<ValidSolverParams>();
        has_autotraits::<Fitted>();
    }
}
