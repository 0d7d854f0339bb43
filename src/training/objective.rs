//! The penalised log-loss of a logistic model over sparse rows, with its gradient. Floor 5.
//!
//! For posts i of class y(i) and logits l(i) = x(i)·W + b the objective is that of linfa-logistic and scikit-learn,
//!
//! ```text
//! f(W, b) = Σᵢ [ log Σ꜀ exp(l(i)꜀) − l(i)_y(i) ] + alpha/2 · ‖W‖²
//! ```
//!
//! or with a penalty of its own for each column j, alpha(j)/2 · ‖W(j)‖².
//!
//! Two classes have one logit, that of class 1 against class 0. Three and more have one weight vector a class, and
//! the penalty makes these sum to zero at the optimum; so the fit runs in an orthonormal basis of that plane, with
//! one coordinate fewer than classes and the same penalty, and takes a third off the work for three classes.
//! The unpenalised intercepts, free up to a common term, are thereby the ones that sum to zero.

use std::cell::{Cell, RefCell};

use argmin::core::{ArgminError, CostFunction, Error, Gradient};

use crate::training::{
    rows::{Row, Rows},
    vector::Vector,
};

/// As many evaluations in a row without a lower loss end a line search; one that gets somewhere takes one to five.
const MAX_IN_VAIN: u32 = 20;
/// Products of totals up to this are far from overflow.
const LARGE: f64 = 1e200;

/// The posts of one fit: row `chosen[i]` of `rows` has class `classes[i]`. Checked by the solver.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    pub rows: &'a Rows,
    pub chosen: &'a [usize],
    pub classes: &'a [usize],
}

/// Weights and gradient in unscaled coordinates, kept from one evaluation to the next.
struct Scratch<const K: usize> {
    weights: Vec<[f64; K]>,
    slopes: Vec<[f64; K]>,
}

/// The objective for `N` classes, in `K` coordinates: 1 for two classes, `N` − 1 otherwise.
///
/// Its variable is `u`, of length (`n_columns` + 1) × `K`, row-major by column, the intercepts last. Coordinates are
/// scaled, `w = scale · u`, to a curvature of about one in all of them: term counts follow Zipf's law, and without the
/// scaling L-BFGS spends most of its iterations on finding out which columns are frequent.
pub struct Objective<'a, const K: usize, const N: usize> {
    sample: Sample<'a>,
    /// The penalty of each column.
    alphas: Vec<f64>,
    /// Logits from coordinates, (`K` × `N`).
    basis: [[f64; N]; K],
    /// (`n_columns` + 1) × `K`, the intercepts last.
    scales: Vec<[f64; K]>,
    /// The last variable with its loss and gradient: argmin asks for both in turn.
    last: RefCell<Option<(Vector, f64, Vector)>>,
    scratch: RefCell<Scratch<K>>,
    lowest: Cell<f64>,
    /// Evaluations since the lowest loss.
    vain: Cell<u32>,
}

impl<'a, const K: usize, const N: usize> Objective<'a, K, N> {
    /// The objective over `sample`, with the penalty of each column; `frequencies` are the shares of the classes, none of
    /// them 0.
    pub fn new(sample: Sample<'a>, alphas: Vec<f64>, frequencies: [f64; N]) -> Self {
        let basis = basis();
        // The curvature of the log-loss along a coordinate where all posts have the base rates as probabilities.
        let curvature = basis.map(|logits: [f64; N]| {
            let moment =
                |power| -> f64 { logits.iter().zip(frequencies).map(|(l, p)| p * l.powi(power)).sum() };
            moment(2) - moment(1).powi(2)
        });
        let mut squares = vec![0.0; sample.rows.n_columns()];
        for &row in sample.chosen {
            for (column, value) in sample.rows.entries(row) {
                squares[column] += value * value;
            }
        }
        let columns = alphas.iter().zip(squares).chain([(&0.0, sample.chosen.len() as f64)]);
        let scales: Vec<[f64; K]> =
            columns.map(|(alpha, square)| curvature.map(|c| (alpha + c * square).sqrt().recip())).collect();
        let scratch = Scratch { weights: vec![[0.0; K]; scales.len()], slopes: vec![[0.0; K]; scales.len()] };
        Self {
            sample,
            alphas,
            basis,
            scales,
            last: RefCell::new(None),
            scratch: RefCell::new(scratch),
            lowest: Cell::new(f64::INFINITY),
            vain: Cell::new(0),
        }
    }

    /// The smallest penalty of a column.
    pub fn softest(&self) -> f64 {
        self.alphas.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The variable that stands for weights and intercepts as a fit gives them.
    pub fn variable(&self, weights: &[f64], intercepts: &[f64]) -> Vector {
        let n_outputs = intercepts.len();
        let outputs = weights.chunks(n_outputs).chain([intercepts]);
        outputs
            .zip(&self.scales)
            .flat_map(|(output, scale)| {
                let coordinate = |k: usize| -> f64 {
                    // With two classes the one output is the logit of class 1, and the basis is (0, 1).
                    let basis = &self.basis[k][N - n_outputs..];
                    output.iter().zip(basis).map(|(w, b)| w * b).sum()
                };
                std::array::from_fn::<f64, K, _>(|k| coordinate(k) / scale[k])
            })
            .collect()
    }

    /// Weights (`n_columns` × `n_outputs`, row-major) and intercepts (`n_outputs`) of a variable.
    pub fn weights(&self, variable: &Vector) -> (Vec<f64>, Vec<f64>) {
        let n_outputs = if N == 2 { 1 } else { N };
        let coordinates: Vec<f64> = variable.iter().collect();
        let (coordinates, _) = coordinates.as_chunks::<K>();
        let mut weights = Vec::with_capacity(self.scales.len() * n_outputs);
        for (coordinate, scale) in coordinates.iter().zip(&self.scales) {
            let logits = self.logits(&std::array::from_fn(|k| coordinate[k] * scale[k]));
            weights.extend_from_slice(&logits[N - n_outputs..]);
        }
        let intercepts = weights.split_off((self.scales.len() - 1) * n_outputs);
        (weights, intercepts)
    }

    /// Loss and gradient at `variable`, calculated once for calls in a row at one and the same vector. The gradient's
    /// reported norm is the one in unscaled coordinates, the one that linfa and scikit-learn judge by.
    ///
    /// An error, which ends argmin's line search, where the loss is not finite or many evaluations in a row found no
    /// lower one: argmin's search has no limit of its own, and at the last digits of f64 it may look for ever.
    pub fn evaluate(&self, variable: &Vector) -> Result<(f64, Vector), Error> {
        if let Some((last, loss, gradient)) = &*self.last.borrow()
            && last.is(variable)
        {
            return Ok((*loss, gradient.clone()));
        }
        let (loss, gradient) = self.calculate(variable);
        if !loss.is_finite() {
            return Err(refusal("the loss is not finite"));
        }
        self.vain.set(if loss < self.lowest.get() { 0 } else { self.vain.get() + 1 });
        self.lowest.set(self.lowest.get().min(loss));
        if self.vain.get() > MAX_IN_VAIN {
            self.vain.set(0);
            return Err(refusal("no lower loss found"));
        }
        *self.last.borrow_mut() = Some((variable.clone(), loss, gradient.clone()));
        Ok((loss, gradient))
    }

    fn calculate(&self, variable: &Vector) -> (f64, Vector) {
        let mut scratch = self.scratch.borrow_mut();
        let Scratch { weights, slopes } = &mut *scratch;
        let mut numbers = variable.iter();
        for (weight, scale) in weights.iter_mut().zip(&self.scales) {
            for (w, s) in weight.iter_mut().zip(scale) {
                *w = s * numbers.next().unwrap_or_default();
            }
        }
        slopes.fill([0.0; K]);
        let mut loss = self.log_losses(weights, slopes);

        let penalised = self.sample.rows.n_columns();
        let mut norm = 0.0;
        let columns = weights[..penalised].iter().zip(&mut slopes[..penalised]);
        for ((weight, slope), alpha) in columns.zip(&self.alphas) {
            let mut squares = 0.0;
            for (w, g) in weight.iter().zip(slope) {
                squares += w * w;
                *g += alpha * w;
            }
            loss.add(0.5 * alpha * squares);
        }
        let mut gradient = Vec::with_capacity(slopes.len() * K);
        for (slope, scale) in slopes.iter().zip(&self.scales) {
            for (g, s) in slope.iter().zip(scale) {
                norm += g * g;
                gradient.push(g * s);
            }
        }
        (loss.total(), Vector::new(gradient).with_norm(norm.sqrt()))
    }

    /// The sum of the log-losses; adds its gradient to `slopes`. One pass: the post's probabilities need the whole row,
    /// and while its entries are in the cache the gradient takes them too.
    fn log_losses(&self, weights: &[[f64; K]], slopes: &mut [[f64; K]]) -> Sum {
        let Sample { rows, chosen, classes } = self.sample;
        let intercept = rows.n_columns();
        let bias = weights[intercept];
        let mut bias_slope = [0.0; K];
        // Dense columns are taken a coordinate at a time, in which they are runs of numbers.
        let (sparse_weights, dense_weights) = weights[..intercept].split_at(rows.n_sparse());
        let dense_weights = coordinates(dense_weights);
        let (sparse_slopes, dense_slopes) = slopes[..intercept].split_at_mut(rows.n_sparse());
        let mut dense_sums = coordinates(dense_slopes);
        let mut loss = Sum::default();
        // One logarithm of a product for many rows; no total is above N.
        let mut totals = 1.0;
        for (&row, &class) in chosen.iter().zip(classes) {
            let row = rows.row(row);
            let mut coordinates = add(bias, sparse_product(row, sparse_weights));
            for (coordinate, weights) in coordinates.iter_mut().zip(&dense_weights) {
                *coordinate += dense_product(row.dense, weights);
            }
            // Softmax and log-sum-exp, relative to the row's own greatest logit: no overflow, and no underflow of all.
            let mut shares = self.logits(&coordinates);
            let own = shares[class];
            let greatest = shares.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let mut total = 0.0;
            for share in &mut shares {
                // Of the greatest it is 1, without a call.
                *share = if *share == greatest { 1.0 } else { (*share - greatest).exp() };
                total += *share;
            }
            loss.add(greatest - own);
            totals *= total;
            if totals > LARGE {
                loss.add(totals.ln());
                totals = 1.0;
            }
            let mut residual = [0.0; K];
            for (k, residual) in residual.iter_mut().enumerate() {
                for (basis, share) in self.basis[k].iter().zip(shares) {
                    *residual += basis * share / total;
                }
                *residual -= self.basis[k][class];
                bias_slope[k] += *residual;
            }
            for (&column, &value) in row.columns.iter().zip(row.values) {
                add_to(&mut sparse_slopes[column as usize], f64::from(value), &residual);
            }
            for (sums, residual) in dense_sums.iter_mut().zip(residual) {
                for (sum, &value) in sums.iter_mut().zip(row.dense) {
                    *sum += residual * f64::from(value);
                }
            }
        }
        loss.add(totals.ln());
        for (at, slope) in dense_slopes.iter_mut().enumerate() {
            *slope = std::array::from_fn(|k| dense_sums[k][at]);
        }
        slopes[intercept] = bias_slope;
        loss
    }

    fn logits(&self, coordinates: &[f64; K]) -> [f64; N] {
        let mut logits = [0.0; N];
        for (basis, coordinate) in self.basis.iter().zip(coordinates) {
            for (logit, b) in logits.iter_mut().zip(basis) {
                *logit += b * coordinate;
            }
        }
        logits
    }
}

impl<const K: usize, const N: usize> CostFunction for &Objective<'_, K, N> {
    type Param = Vector;
    type Output = f64;

    fn cost(&self, variable: &Vector) -> Result<f64, Error> {
        self.evaluate(variable).map(|(loss, _)| loss)
    }
}

impl<const K: usize, const N: usize> Gradient for &Objective<'_, K, N> {
    type Param = Vector;
    type Gradient = Vector;

    fn gradient(&self, variable: &Vector) -> Result<Vector, Error> {
        self.evaluate(variable).map(|(_, gradient)| gradient)
    }
}

/// A sum with the lost digits carried along (Neumaier 1974). Near the optimum a step gains less than what a plain sum of
/// thousands of losses rounds off, and the line search would go astray on noise.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, x: f64) {
        let sum = self.sum + x;
        self.lost += if self.sum.abs() >= x.abs() { (self.sum - sum) + x } else { (x - sum) + self.sum };
        self.sum = sum;
    }

    fn total(self) -> f64 {
        self.sum + self.lost
    }
}

/// The sparse entries of a row times their weights.
fn sparse_product<const K: usize>(row: Row<'_>, weights: &[[f64; K]]) -> [f64; K] {
    let (columns, column_rest) = row.columns.as_chunks::<2>();
    let (values, value_rest) = row.values.as_chunks::<2>();
    // An addition waits for the one before, so that every other entry has a sum of its own.
    let (mut one, mut other) = ([0.0; K], [0.0; K]);
    for (columns, values) in columns.iter().zip(values) {
        add_to(&mut one, f64::from(values[0]), &weights[columns[0] as usize]);
        add_to(&mut other, f64::from(values[1]), &weights[columns[1] as usize]);
    }
    for (&column, &value) in column_rest.iter().zip(value_rest) {
        add_to(&mut one, f64::from(value), &weights[column as usize]);
    }
    add(one, other)
}

/// The dense entries of a row times one coordinate of their weights, in strands as in `vector.rs`.
fn dense_product(values: &[f32], weights: &[f64]) -> f64 {
    const STRANDS: usize = 8;
    let (value_chunks, value_rest) = values.as_chunks::<STRANDS>();
    let (weight_chunks, weight_rest) = weights.as_chunks::<STRANDS>();
    let mut strands = [0.0; STRANDS];
    for (values, weights) in value_chunks.iter().zip(weight_chunks) {
        for i in 0..STRANDS {
            strands[i] += f64::from(values[i]) * weights[i];
        }
    }
    let rest: f64 =
        value_rest.iter().zip(weight_rest).map(|(&value, weight)| f64::from(value) * weight).sum();
    strands.iter().sum::<f64>() + rest
}

/// The numbers of each coordinate, one coordinate after the other.
fn coordinates<const K: usize>(columns: &[[f64; K]]) -> [Vec<f64>; K] {
    std::array::from_fn(|k| columns.iter().map(|column| column[k]).collect())
}

fn add<const K: usize>(one: [f64; K], other: [f64; K]) -> [f64; K] {
    std::array::from_fn(|k| one[k] + other[k])
}

fn add_to<const K: usize>(sum: &mut [f64; K], factor: f64, numbers: &[f64; K]) {
    for k in 0..K {
        sum[k] += factor * numbers[k];
    }
}

/// One row (0, 1) for two classes; for more, Helmert's orthonormal basis of the vectors that sum to zero.
fn basis<const K: usize, const N: usize>() -> [[f64; N]; K] {
    if N == 2 {
        return [std::array::from_fn(|class| class as f64); K];
    }
    std::array::from_fn(|k| {
        let (before, length) = (k + 1, (((k + 1) * (k + 2)) as f64).sqrt());
        std::array::from_fn(|class| match class {
            _ if class < before => 1.0 / length,
            _ if class == before => -(before as f64) / length,
            _ => 0.0,
        })
    })
}

/// Ends argmin's line search; the solver goes on from the best variable so far.
fn refusal(text: &str) -> Error {
    ArgminError::ConditionViolated { text: text.to_owned() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_is_that_of_finite_differences() -> Result<(), Box<dyn std::error::Error>> {
        let mut rows = Rows::with_dense(4, 2);
        rows.push(&[(0, 1.0), (2, -0.5)], &[0.4, 1.0])?;
        rows.push(&[(1, 2.0)], &[0.0, -0.7])?;
        rows.push(&[(0, 0.3), (1, 0.1), (2, 0.7)], &[0.1, 0.2])?;
        rows.push(&[], &[0.5, 0.5])?;
        let chosen = [0, 1, 2, 3, 2];
        let three = Sample { rows: &rows, chosen: &chosen, classes: &[0, 1, 2, 1, 0] };
        check(&Objective::<2, 3>::new(three, vec![0.7, 0.2, 3.0, 1.0, 0.5, 0.6], [0.4, 0.4, 0.2]));
        let two = Sample { classes: &[0, 1, 1, 1, 0], ..three };
        check(&Objective::<1, 2>::new(two, vec![0.7; 6], [0.4, 0.6]));
        Ok(())
    }

    fn check<const K: usize, const N: usize>(objective: &Objective<'_, K, N>) {
        const STEP: f64 = 1e-6;
        let length = objective.scales.len() * K;
        let at = |i: usize| (i as f64 * 1.7).sin();
        let (_, gradient) = objective.calculate(&(0..length).map(at).collect());
        let mut norm = 0.0;
        for (i, (slope, scale)) in gradient.iter().zip(objective.scales.as_flattened()).enumerate() {
            let loss = |step: f64| {
                objective.calculate(&(0..length).map(|j| at(j) + if i == j { step } else { 0.0 }).collect()).0
            };
            let difference = (loss(STEP) - loss(-STEP)) / (2.0 * STEP);
            assert!((difference - slope).abs() < 1e-7, "{i}: found {slope}, expected {difference}");
            norm += (slope / scale).powi(2);
        }
        assert!((argmin_math::ArgminL2Norm::l2_norm(&gradient) - norm.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn rows_of_large_norm_neither_overflow_nor_vanish() -> Result<(), Box<dyn std::error::Error>> {
        let mut rows = Rows::new(1);
        rows.push(&[(0, 1e6)], &[])?;
        rows.push(&[(0, 1.0)], &[])?;
        let sample = Sample { rows: &rows, chosen: &[0, 1], classes: &[0, 1] };
        let objective = Objective::<1, 2>::new(sample, vec![1.0], [0.5, 0.5]);
        let (loss, _) = objective.evaluate(&objective.variable(&[1.0], &[0.0]))?;
        let expected = 1e6 + (1.0 + (-1.0_f64).exp()).ln() + 0.5;
        assert!((loss - expected).abs() < 1e-9, "found {loss}, expected {expected}");
        Ok(())
    }
}
