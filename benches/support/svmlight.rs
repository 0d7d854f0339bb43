//! Rows in svmlight's format, which scikit-learn reads.

use std::{
    collections::BTreeMap,
    error::Error,
    fs::File,
    io::{BufWriter, Write},
};

use sociable::training::Rows;

/// Writes each row behind its label.
pub fn write(path: &str, rows: &Rows, labels: impl Iterator<Item = usize>) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::new(File::create(path)?);
    for (row, label) in labels.enumerate() {
        write!(file, "{label}")?;
        // The format wants columns in order.
        for (column, value) in rows.entries(row).collect::<BTreeMap<_, _>>() {
            write!(file, " {column}:{value}")?;
        }
        writeln!(file)?;
    }
    Ok(file.flush()?)
}
