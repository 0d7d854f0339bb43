//! How unlike a column's shares of the classes are: what a column that hardly tells classes apart pays in penalty. Floor 5.
//!
//! Knows single columns only, not what they tell together: that is the fit's part.

use crate::training::{objective::Sample, rows::Row};

/// What is added to each sum of values, so that a column seen in few posts is not taken for one that tells much. Values of a
/// row are of length about 1, so this is a handful of posts.
const SMOOTHING: f64 = 1.0;
/// The most that a column pays more than an ordinary one.
const MOST: f64 = 400.0;

/// By what the penalties of the sparse columns are multiplied, each in (0, 400].
///
/// Of the sums of a column's values in each class, naive Bayes takes the ratio of its share in one class to its share in the
/// others; the column's contrast is the largest logarithm of such a ratio, in absolute value. The factor is the root mean
/// square of all contrasts over the column's own. Wang and Manning (2012, "Baselines and bigrams") multiply columns by
/// the ratio's logarithm before a fit, which is to divide penalties by its square; the first power was better here, see
/// `models/README.md`.
pub fn penalty_factors<const N: usize>(sample: Sample<'_>) -> Vec<f64> {
    let Sample { rows, chosen, classes } = sample;
    let mut sums = vec![[SMOOTHING; N]; rows.n_sparse()];
    for (&row, &class) in chosen.iter().zip(classes) {
        let Row { columns, values, .. } = rows.row(row);
        for (&column, &value) in columns.iter().zip(values) {
            sums[column as usize][class] += f64::from(value.abs());
        }
    }
    let totals: [f64; N] = std::array::from_fn(|class| sums.iter().map(|sums| sums[class]).sum());
    let total: f64 = totals.iter().sum();
    let contrast = |sums: &[f64; N]| {
        let own: f64 = sums.iter().sum();
        let ratio = |class: usize| {
            (sums[class] / totals[class] / ((own - sums[class]) / (total - totals[class]))).ln().abs()
        };
        (0..N).map(ratio).fold(0.0, f64::max)
    };
    let contrasts: Vec<f64> = sums.iter().map(contrast).collect();
    let squares: f64 = contrasts.iter().map(|contrast| contrast * contrast).sum();
    let ordinary = (squares / contrasts.len() as f64).sqrt();
    // Where no column tells anything, all pay alike.
    contrasts
        .iter()
        .map(|contrast| if ordinary > 0.0 { (ordinary / contrast).min(MOST) } else { 1.0 })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::Result, training::Rows};

    fn factors(rows: &[&[(u32, f32)]], classes: &[usize]) -> Result<Vec<f64>> {
        let mut sparse = Rows::new(3);
        rows.iter().try_for_each(|row| sparse.push(row, &[]))?;
        let chosen: Vec<usize> = (0..rows.len()).collect();
        Ok(penalty_factors::<2>(Sample { rows: &sparse, chosen: &chosen, classes }))
    }

    #[test]
    fn a_column_of_one_class_pays_less_than_one_of_both() -> Result<()> {
        // Column 0 twice in each class, column 1 four times in class 0, column 2 four times in class 1: with one added to
        // each sum the shares are 3, 5, 1 of 9 and 3, 1, 5 of 9.
        let own = [&[(0, 1.0), (1, 2.0)][..], &[(0, 1.0), (1, 2.0)]];
        let other = [&[(0, -1.0), (2, 2.0)][..], &[(0, 1.0), (2, 2.0)]];
        let factors = factors(&[own, other].concat(), &[0, 0, 1, 1])?;
        let contrast = 5.0_f64.ln();
        let ordinary = (2.0 * contrast * contrast / 3.0).sqrt();
        assert_eq!(factors[0], MOST);
        for factor in &factors[1..] {
            assert!((factor - ordinary / contrast).abs() < 1e-12, "found {factor}");
        }
        Ok(())
    }

    #[test]
    fn columns_pay_alike_where_none_tells_anything() -> Result<()> {
        assert_eq!(factors(&[&[(0, 1.0)], &[(0, 1.0)]], &[0, 1])?, [1.0; 3]);
        Ok(())
    }
}
