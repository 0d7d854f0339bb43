//! Agreement beyond chance, between a model and the labels or between people who coded the same posts.

use crate::codebook::Value;

/// Krippendorff's alpha for nominal values (Krippendorff 2011, *Computing Krippendorff's alpha-reliability*).
///
/// A unit is a post: a slot a coder, `None` where that coder gave no value, any number of coders. A unit with fewer
/// than two values says nothing and is left out. 1 is perfect agreement, 0 what chance would give, below 0
/// systematic disagreement (never below −1). `None` where no unit has two values, or where all values are the same:
/// without variation there is nothing to agree on.
pub fn krippendorff_alpha<U: AsRef<[Option<Value>]>>(units: &[U]) -> Option<f64> {
    let mut coincidences = [[0.0; 3]; 3];
    for unit in units {
        let mut counts = [0_u32; 3];
        for value in unit.as_ref().iter().flatten() {
            counts[*value as usize] += 1;
        }
        let n_values: u32 = counts.iter().sum();
        if n_values < 2 {
            continue;
        }
        for (row, &left) in counts.iter().enumerate() {
            for (column, &right) in counts.iter().enumerate() {
                // A value is not paired with itself.
                let others = if row == column { right.saturating_sub(1) } else { right };
                coincidences[row][column] += f64::from(left) * f64::from(others) / f64::from(n_values - 1);
            }
        }
    }
    alpha_of_coincidences(&coincidences)
}

/// Cohen's kappa, unweighted, of two coders (Cohen 1960, *A coefficient of agreement for nominal scales*), as
/// scikit-learn's `cohen_kappa_score`.
///
/// One pair a post; a pair that lacks a value is left out. From −1 to 1: 1 is perfect agreement, 0 what chance would
/// give. `None` without pairs, or where both coders gave one and the same value throughout.
pub fn cohen_kappa(pairs: &[[Option<Value>; 2]]) -> Option<f64> {
    let mut table = [[0; 3]; 3];
    for pair in pairs {
        if let [Some(left), Some(right)] = pair {
            table[*left as usize][*right as usize] += 1;
        }
    }
    kappa_of_table(&table)
}

/// Nominal alpha of two coders from their table of counts, rows one coder, columns the other.
pub(crate) fn alpha_of_table(table: &[[u64; 3]; 3]) -> Option<f64> {
    let mut coincidences = [[0.0; 3]; 3];
    for (row, counts) in table.iter().enumerate() {
        for (column, &count) in counts.iter().enumerate() {
            coincidences[row][column] += count as f64;
            coincidences[column][row] += count as f64;
        }
    }
    alpha_of_coincidences(&coincidences)
}

/// Kappa from the table of counts of two coders.
pub(crate) fn kappa_of_table(table: &[[u64; 3]; 3]) -> Option<f64> {
    let [rows, columns] = margins(&table.map(|row| row.map(|count| count as f64)));
    let n_pairs: f64 = rows.iter().sum();
    let agreed: u64 = (0..3).map(|value| table[value][value]).sum();
    let expected = rows.iter().zip(columns).map(|(row, column)| row * column).sum::<f64>() / n_pairs;
    // All quantities are counts of pairs; with no pairs `expected` is not a number and the comparison fails.
    (n_pairs > expected).then(|| (agreed as f64 - expected) / (n_pairs - expected))
}

/// 1 − observed / expected disagreement, from a symmetric table of coincidences.
fn alpha_of_coincidences(coincidences: &[[f64; 3]; 3]) -> Option<f64> {
    let [totals, _] = margins(coincidences);
    let n_values: f64 = totals.iter().sum();
    let (mut observed, mut expected) = (0.0, 0.0);
    for row in 0..3 {
        for column in (0..3).filter(|column| *column != row) {
            observed += coincidences[row][column];
            expected += totals[row] * totals[column];
        }
    }
    (expected > 0.0).then(|| 1.0 - (n_values - 1.0) * observed / expected)
}

/// The sums of the rows, and those of the columns.
fn margins(table: &[[f64; 3]; 3]) -> [[f64; 3]; 2] {
    let rows = table.map(|row| row.iter().sum());
    let columns = std::array::from_fn(|column| table.iter().map(|row| row[column]).sum());
    [rows, columns]
}

#[cfg(test)]
mod tests {
    use crate::{
        codebook::Value::{self, Breaches, Neither, Upholds},
        evaluation::{cohen_kappa, krippendorff_alpha},
    };

    type Pair = [Option<Value>; 2];

    fn check(pairs: &[Pair], alpha: Option<f64>, kappa: Option<f64>) {
        let found = [krippendorff_alpha(pairs), cohen_kappa(pairs)];
        for (found, expected) in found.into_iter().zip([alpha, kappa]) {
            let near = match (found, expected) {
                (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
                (found, expected) => found == expected,
            };
            assert!(near, "{pairs:?}: {found:?}, expected {expected:?}");
        }
    }

    #[test]
    fn agrees_with_the_textbook() {
        // Krippendorff 2011, section A: ten units, two coders, two values, alpha = 0.095.
        let meg = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0];
        let owen = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0];
        let value = |code: i32| Some(if code == 1 { Upholds } else { Neither });
        let pairs: Vec<Pair> =
            meg.into_iter().zip(owen).map(|(meg, owen)| [value(meg), value(owen)]).collect();
        check(&pairs, Some(1.0 - 19.0 * 8.0 / (2.0 * 14.0 * 6.0)), Some((6.0 - 5.6) / (10.0 - 5.6)));
    }

    #[test]
    fn without_variation_or_pairs_nothing_is_defined() {
        check(&[], None, None);
        check(&[[Some(Neither), None], [None, Some(Upholds)]], None, None);
        check(&[[Some(Neither); 2], [Some(Neither); 2]], None, None);
    }

    #[test]
    fn a_missing_value_leaves_its_pair_out() {
        let pairs = [[Some(Upholds); 2], [Some(Breaches); 2], [Some(Upholds), None]];
        check(&pairs, Some(1.0), Some(1.0));
    }

    #[test]
    fn three_coders_agree_as_far_as_they_do() {
        let units = [
            vec![Some(Upholds), Some(Upholds), Some(Upholds)],
            vec![Some(Neither), Some(Neither), None],
            vec![None, None, Some(Breaches)],
        ];
        assert_eq!(krippendorff_alpha(&units), Some(1.0));
    }
}
