//! Posts as sparse rows (CSR), the records of a linfa dataset. Floor 5.

use linfa::dataset::Records;

use crate::error::{ErrorKind, Result};

/// A matrix of shape (`n_rows` × `n_columns`), stored row by row: sparse columns, then a few dense ones.
///
/// Values are kept as `f32`, half the memory traffic of a fit; all arithmetic on them is `f64`. Every value is
/// finite and every column below `n_columns`, by construction.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// Where each row begins in `indices` and `values`, and at the end where the last one ends (`n_rows` + 1).
    indptr: Vec<usize>,
    /// The column of each sparse entry.
    indices: Vec<u32>,
    /// The value of each sparse entry.
    values: Vec<f32>,
    n_sparse: usize,
    /// The values of the dense columns, `n_rows` × `n_dense`.
    dense: Vec<f32>,
    n_dense: usize,
}

/// One row of a matrix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<'a> {
    /// The columns of the sparse entries.
    pub columns: &'a [u32],
    /// Their values.
    pub values: &'a [f32],
    /// The values of the dense columns, which come last.
    pub dense: &'a [f32],
}

impl Rows {
    /// A matrix without rows, of `n_columns` sparse columns.
    pub fn new(n_columns: usize) -> Self {
        Self::with_dense(n_columns, 0)
    }

    /// A matrix without rows, of `n_sparse` sparse columns and behind them `n_dense` dense ones.
    pub fn with_dense(n_sparse: usize, n_dense: usize) -> Self {
        Self {
            indptr: vec![0],
            indices: Vec::new(),
            values: Vec::new(),
            n_sparse,
            dense: Vec::new(),
            n_dense,
        }
    }

    /// Adds a row of (column, value) entries, in any order; entries of one column add up. Refused, and the matrix stays as it
    /// was: a column that is none of the sparse ones, a value that is not finite, and another number of `dense` values than
    /// there are dense columns.
    pub fn push(&mut self, sparse: &[(u32, f32)], dense: &[f32]) -> Result<()> {
        let refuse = |problem: String| {
            let what = format!("row {}", self.n_rows());
            Err(ErrorKind::Fit { what, problem: format!("found {problem}") }.into())
        };
        if dense.len() != self.n_dense {
            return refuse(format!("{} dense values, expected {}", dense.len(), self.n_dense));
        }
        if let Some((column, _)) = sparse.iter().find(|(column, _)| *column as usize >= self.n_sparse) {
            return refuse(format!("column {column}, expected one below {}", self.n_sparse));
        }
        let of_dense = (self.n_sparse as u32..).zip(dense.iter().copied());
        if let Some((column, value)) =
            sparse.iter().copied().chain(of_dense).find(|entry| !entry.1.is_finite())
        {
            return refuse(format!("value {value} in column {column}, expected a finite number"));
        }
        self.indices.extend(sparse.iter().map(|&(column, _)| column));
        self.values.extend(sparse.iter().map(|&(_, value)| value));
        self.indptr.push(self.indices.len());
        self.dense.extend_from_slice(dense);
        Ok(())
    }

    /// The number of rows.
    pub fn n_rows(&self) -> usize {
        self.indptr.len() - 1
    }

    /// The number of columns.
    pub fn n_columns(&self) -> usize {
        self.n_sparse + self.n_dense
    }

    /// The number of sparse columns, which come first.
    pub fn n_sparse(&self) -> usize {
        self.n_sparse
    }

    /// The number of stored entries, those of dense columns among them.
    pub fn n_entries(&self) -> usize {
        self.indices.len() + self.dense.len()
    }

    /// Row `row`, which must be below `n_rows`.
    pub fn row(&self, row: usize) -> Row<'_> {
        let range = self.indptr[row]..self.indptr[row + 1];
        Row {
            columns: &self.indices[range.clone()],
            values: &self.values[range],
            dense: &self.dense[row * self.n_dense..][..self.n_dense],
        }
    }

    /// All entries of row `row`, which must be below `n_rows`, as (column, value).
    pub fn entries(&self, row: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let Row { columns, values, dense } = self.row(row);
        let sparse = columns.iter().map(|&column| column as usize).zip(values);
        sparse.chain((self.n_sparse..).zip(dense)).map(|(column, &value)| (column, f64::from(value)))
    }
}

impl Records for Rows {
    type Elem = f32;

    fn nsamples(&self) -> usize {
        self.n_rows()
    }

    fn nfeatures(&self) -> usize {
        self.n_columns()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_was_pushed() -> Result<()> {
        let mut rows = Rows::with_dense(4, 2);
        rows.push(&[(3, 1.5), (0, 2.0)], &[0.5, 0.0])?;
        rows.push(&[], &[1.0, -1.0])?;
        assert_eq!((rows.n_rows(), rows.n_columns(), rows.n_sparse(), rows.n_entries()), (2, 6, 4, 6));
        assert_eq!(rows.row(0), Row { columns: &[3, 0], values: &[1.5, 2.0], dense: &[0.5, 0.0] });
        assert_eq!(rows.row(1), Row { columns: &[], values: &[], dense: &[1.0, -1.0] });
        assert_eq!(rows.entries(0).collect::<Vec<_>>(), [(3, 1.5), (0, 2.0), (4, 0.5), (5, 0.0)]);
        assert_eq!((rows.nsamples(), rows.nfeatures()), (2, 6));
        Ok(())
    }

    #[test]
    fn refuses_with_place_and_numbers() {
        let mut rows = Rows::with_dense(4, 1);
        let refusal = |sparse: &[(u32, f32)], dense: &[f32], rows: &mut Rows| {
            rows.push(sparse, dense).map_err(|e| e.to_string()).err().unwrap_or_default()
        };
        assert_eq!(
            refusal(&[(0, 1.0), (4, 1.0)], &[1.0], &mut rows),
            "row 0: found column 4, expected one below 4"
        );
        assert_eq!(
            refusal(&[(1, f32::NAN)], &[1.0], &mut rows),
            "row 0: found value NaN in column 1, expected a finite number"
        );
        assert_eq!(
            refusal(&[], &[f32::INFINITY], &mut rows),
            "row 0: found value inf in column 4, expected a finite number"
        );
        assert_eq!(refusal(&[], &[], &mut rows), "row 0: found 0 dense values, expected 1");
        assert_eq!(rows, Rows::with_dense(4, 1));
    }
}
