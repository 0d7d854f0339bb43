//! The solver against linfa-logistic, scikit-learn and itself.

use linfa::{DatasetBase, ParamGuard, traits::Fit};
use linfa_logistic::{LogisticRegression, MultiLogisticRegression};
use ndarray::{Array1, Array2};
use serde::Deserialize;

use crate::{
    error::{Error, Result},
    training::{Fitted, Rows, SolverParams, ValidSolverParams, contrast::penalty_factors, objective::Sample},
};

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
        serde_json::from_str(include_str!("../../../tests/fixtures/solver.json"))
            .expect("committed, and made by a script")
    }

    fn rows(&self, order: impl IntoIterator<Item = usize>) -> Rows {
        let mut rows = Rows::new(self.n_columns);
        for i in order {
            rows.push(&self.rows[i], &[]).expect("made within bounds");
        }
        rows
    }

    fn classes(&self, n_classes: usize) -> &[usize] {
        &self.classes[n_classes - 2]
    }

    fn dense(&self) -> Array2<f64> {
        let mut dense = Array2::zeros((self.rows.len(), self.n_columns));
        for (i, row) in self.rows.iter().enumerate() {
            for &(column, value) in row {
                dense[[i, column as usize]] = f64::from(value);
            }
        }
        dense
    }

    fn fit(&self, params: &SolverParams, n_classes: usize) -> Fitted {
        let targets = Array1::from(self.classes(n_classes).to_vec());
        params.fit(&DatasetBase::new(self.rows(0..self.rows.len()), targets)).expect("sound by construction")
    }
}

fn check_close(found: (&[f64], &[f64]), expected: (&[f64], &[f64]), tolerance: f64, of: &str) {
    for (part, (a, b)) in [("weight", (found.0, expected.0)), ("intercept", (found.1, expected.1))] {
        assert_eq!(a.len(), b.len(), "{of}: number of {part}s");
        for (i, (x, y)) in a.iter().zip(b).enumerate() {
            assert!((x - y).abs() < tolerance, "{of}, {part} {i}: found {x}, expected {y}");
        }
    }
}

#[test]
fn equals_scikit_learn() {
    let fixture = Fixture::read();
    for fit in &fixture.fits {
        let of = format!("{} classes, alpha {}", fit.n_classes, fit.alpha);
        let fitted = fixture.fit(&SolverParams::new(fit.n_classes).alpha(fit.alpha), fit.n_classes);
        let columns = 0..fixture.n_columns;
        let weights: Vec<f64> = columns.flat_map(|j| fit.weights.iter().map(move |w| w[j])).collect();
        assert!(fitted.converged, "{of}");
        assert!((fitted.loss / fit.loss - 1.0).abs() < 1e-8, "{of}: {} and {}", fitted.loss, fit.loss);
        check_close((&fitted.weights, &fitted.intercepts), (&weights, &fit.intercepts), 1e-4, &of);
    }
}

#[test]
fn equals_linfa_logistic() {
    let fixture = Fixture::read();
    for alpha in [0.1, 1.0, 10.0] {
        let dense =
            |n_classes| DatasetBase::new(fixture.dense(), Array1::from(fixture.classes(n_classes).to_vec()));
        let params = LogisticRegression::default().alpha(alpha).max_iterations(1000).gradient_tolerance(1e-6);
        let theirs = params.fit(&dense(2)).expect("sound by construction");
        // Their positive class is the more frequent one.
        let sign = if theirs.labels().pos.class == 1 { 1.0 } else { -1.0 };
        let ours = fixture.fit(&SolverParams::new(2).alpha(alpha), 2);
        check_close(
            (&ours.weights, &ours.intercepts),
            (&theirs.params().mapv(|w| sign * w).to_vec(), &[sign * theirs.intercept()]),
            1e-4,
            &format!("2 classes, alpha {alpha}"),
        );

        let params =
            MultiLogisticRegression::default().alpha(alpha).max_iterations(1000).gradient_tolerance(1e-6);
        let theirs = params.fit(&dense(3)).expect("sound by construction");
        let theirs = Fitted {
            weights: theirs.params().iter().copied().collect(),
            intercepts: theirs.intercept().to_vec(),
            loss: 0.0,
            iterations: 0,
            converged: true,
        };
        let (ours, theirs) =
            (fixture.fit(&SolverParams::new(3).alpha(alpha), 3).against(1), theirs.against(1));
        check_close((&ours.0, &ours.1), (&theirs.0, &theirs.1), 1e-4, &format!("3 classes, alpha {alpha}"));
    }
}

#[test]
fn a_lighter_penalty_is_a_longer_column() -> Result<()> {
    // A column that pays a quarter of alpha gets the weight that it gets at alpha when its values are doubled, twice.
    let fixture = Fixture::read();
    let (classes, all) = (fixture.classes(3), (0..fixture.rows.len()).collect::<Vec<_>>());
    let rows = fixture.rows(0..fixture.rows.len());
    let factors = penalty_factors::<3>(Sample { rows: &rows, chosen: &all, classes });
    let mut scaled = Rows::new(fixture.n_columns);
    for row in &fixture.rows {
        let entry = |&(column, value): &(u32, f32)| {
            (column, (f64::from(value) / factors[column as usize].sqrt()) as f32)
        };
        scaled.push(&row.iter().map(entry).collect::<Vec<_>>(), &[])?;
    }
    let params = SolverParams::new(3).alpha(0.3).gradient_tolerance(1e-7);
    let ours = params.clone().by_contrast().check()?.fit_rows(&rows, &all, classes, None)?;
    let of_scaled = params.check()?.fit_rows(&scaled, &all, classes, None)?;
    let outputs = of_scaled.weights.chunks_exact(3).zip(&factors);
    let weights: Vec<f64> =
        outputs.flat_map(|(output, factor)| output.iter().map(|w| w / factor.sqrt())).collect();
    assert!(ours.converged);
    check_close((&ours.weights, &ours.intercepts), (&weights, &of_scaled.intercepts), 1e-4, "by contrast");
    Ok(())
}

#[test]
fn same_input_gives_the_same_bits_and_rows_in_another_order_nearly() {
    let fixture = Fixture::read();
    let (params, n) = (SolverParams::new(3).gradient_tolerance(1e-8), fixture.rows.len());
    let fitted = fixture.fit(&params, 3);
    assert_eq!(fitted, fixture.fit(&params, 3));
    let backwards = fixture.rows((0..n).rev());
    let classes: Array1<usize> = fixture.classes(3).iter().rev().copied().collect();
    let again = params.fit(&DatasetBase::new(backwards, classes)).expect("sound by construction");
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
    chosen.iter().try_for_each(|&i| wider.push(&fixture.rows[i], &[]))?;
    let mut of_wider = params.fit_rows(&wider, &all, &classes, None)?;
    assert!(of_wider.weights.split_off(3 * fixture.n_columns).iter().all(|w| w.abs() < 1e-15));
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
    let (rows, all) = (fixture.rows(0..fixture.rows.len()), (0..fixture.rows.len()).collect::<Vec<_>>());
    for n_classes in [2, 3] {
        let fit = |alpha: f64, initial: Option<&Fitted>| {
            let params = SolverParams::new(n_classes).alpha(alpha).gradient_tolerance(1e-7).check()?;
            params.fit_rows(&rows, &all, fixture.classes(n_classes), initial)
        };
        let (cold, neighbour) = (fit(1.0, None)?, fit(2.0, None)?);
        let warm = fit(1.0, Some(&neighbour))?;
        check_close((&warm.weights, &warm.intercepts), (&cold.weights, &cold.intercepts), 1e-6, "warm");
        let again = fit(1.0, Some(&cold))?;
        assert!(again.iterations <= 1, "{}", again.iterations);
    }
    Ok(())
}

#[test]
fn ends_at_the_last_digits_and_says_when_it_was_cut_short() {
    let fixture = Fixture::read();
    let fitted = fixture.fit(&SolverParams::new(3).gradient_tolerance(1e-300), 3);
    assert!(fitted.converged && fitted.iterations < 200, "{} iterations", fitted.iterations);
    assert!(!fixture.fit(&SolverParams::new(3).max_iterations(2), 3).converged);
}

#[test]
fn separable_classes_and_tiny_alpha_stay_finite() -> Result<()> {
    let mut rows = Rows::new(2);
    rows.push(&[(0, 1.0)], &[])?;
    rows.push(&[(1, 1e6)], &[])?;
    for alpha in [1e-12, 1e-3, 1e6] {
        let fitted = SolverParams::new(2).alpha(alpha).check()?.fit_rows(&rows, &[0, 1], &[0, 1], None)?;
        assert!(fitted.weights.iter().chain(&fitted.intercepts).all(|w| w.is_finite()));
        assert!(fitted.loss.is_finite());
    }
    Ok(())
}

#[test]
fn refusals_say_what_was_found_and_what_was_expected() -> Result<()> {
    let setting = |params: SolverParams| params.check().map_err(|e| e.to_string()).err().unwrap_or_default();
    assert_eq!(setting(SolverParams::new(1)), "classes: found 1, expected 2 to 5");
    assert_eq!(setting(SolverParams::new(2).alpha(0.0)), "alpha: found 0, expected a number above 0");
    assert_eq!(
        setting(SolverParams::new(2).gradient_tolerance(f64::NAN)),
        "gradient tolerance: found NaN, expected a number above 0"
    );
    let mut rows = Rows::new(1);
    rows.push(&[(0, 1.0)], &[])?;
    rows.push(&[], &[])?;
    let check = |chosen: &[usize], classes: &[usize], initial: Option<&Fitted>, expected: &str| {
        let params = SolverParams::new(2).check()?;
        let refused = params.fit_rows(&rows, chosen, classes, initial).map_err(|e| e.to_string());
        assert_eq!(refused.err().as_deref(), Some(expected));
        Ok::<_, Error>(())
    };
    check(&[0, 1], &[0], None, "logistic model: found 1 classes for 2 rows")?;
    check(&[], &[], None, "logistic model: found no rows, expected at least one of each class")?;
    check(&[0, 2], &[0, 1], None, "logistic model: found row 2, expected one below 2")?;
    check(&[0, 1], &[0, 2], None, "logistic model: found class 2, expected one below 2")?;
    let empty = "logistic model: found no rows of class 0, expected at least one of each class";
    check(&[0, 1], &[1, 1], None, empty)?;
    let mut other = SolverParams::new(2).check()?.fit_rows(&rows, &[0, 1], &[0, 1], None)?;
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
