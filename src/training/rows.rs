//! Posts as sparse rows (CSR), the records of a linfa dataset. Floor 5.

use linfa::dataset::Records;

use crate::error::{ErrorKind, Result};

/// A sparse matrix of shape (`n_rows` × `n_columns`), stored row by row.
///
/// Values are kept as `f32`, half the memory traffic of a fit; all arithmetic on them is `f64`. Every value is
/// finite and every column below `n_columns`, by construction.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// Where each row begins in `indices` and `values`, and at the end where the last one ends (`n_rows` + 1).
    indptr: Vec<usize>,
    /// The column of each entry.
    indices: Vec<u32>,
    /// The value of each entry.
    values: Vec<f32>,
    n_columns: usize,
}

impl Rows {
    /// A matrix without rows, of `n_columns` columns.
    pub fn new(n_columns: usize) -> Self {
        Self { indptr: vec![0], indices: Vec::new(), values: Vec::new(), n_columns }
    }

    /// Adds a row of (column, value) entries, in any order; entries of one column add up. A column out of range
    /// or a value that is not finite is refused, and the matrix stays as it was.
    pub fn push(&mut self, row: &[(u32, f32)]) -> Result<()> {
        for &(column, value) in row {
            let problem = if column as usize >= self.n_columns {
                format!("column {column}, expected one below {}", self.n_columns)
            } else if !value.is_finite() {
                format!("value {value} in column {column}, expected a finite number")
            } else {
                continue;
            };
            let what = format!("row {}", self.n_rows());
            return Err(ErrorKind::Fit { what, problem: format!("found {problem}") }.into());
        }
        self.indices.extend(row.iter().map(|&(column, _)| column));
        self.values.extend(row.iter().map(|&(_, value)| value));
        self.indptr.push(self.indices.len());
        Ok(())
    }

    /// The number of rows.
    pub fn n_rows(&self) -> usize {
        self.indptr.len() - 1
    }

    /// The number of columns.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// The number of stored entries.
    pub fn n_entries(&self) -> usize {
        self.indices.len()
    }

    /// The columns and values of row `row`, which must be below `n_rows`; both slices have one length.
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let range = self.indptr[row]..self.indptr[row + 1];
        (&self.indices[range.clone()], &self.values[range])
    }
}

impl Records for Rows {
    type Elem = f32;

    fn nsamples(&self) -> usize {
        self.n_rows()
    }

    fn nfeatures(&self) -> usize {
        self.n_columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_was_pushed() -> Result<()> {
        let mut rows = Rows::new(4);
        rows.push(&[(3, 1.5), (0, 2.0)])?;
        rows.push(&[])?;
        assert_eq!((rows.n_rows(), rows.n_columns(), rows.n_entries()), (2, 4, 2));
        assert_eq!(rows.row(0), (&[3, 0][..], &[1.5, 2.0][..]));
        assert_eq!(rows.row(1), (&[][..], &[][..]));
        assert_eq!((rows.nsamples(), rows.nfeatures()), (2, 4));
        Ok(())
    }

    #[test]
    fn refuses_with_place_and_numbers() {
        let mut rows = Rows::new(4);
        let refusal = |row: &[(u32, f32)], rows: &mut Rows| rows.push(row).map_err(|e| e.to_string());
        assert_eq!(
            refusal(&[(0, 1.0), (4, 1.0)], &mut rows),
            Err("row 0: found column 4, expected one below 4".into())
        );
        assert_eq!(
            refusal(&[(1, f32::NAN)], &mut rows),
            Err("row 0: found value NaN in column 1, expected a finite number".into())
        );
        assert_eq!(rows, Rows::new(4));
    }
}
