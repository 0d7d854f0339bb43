//! The floor under everything that reads CSV: the `csv` crate's `ByteRecord` parse and nothing else.
//!
//! `cargo bench --bench parse FILE`, or built and run by `benches/peers/compare.py`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1).filter(|path| !path.starts_with("--")) else {
        return ExitCode::SUCCESS;
    };
    let parse = || -> csv::Result<u64> {
        let mut reader = csv::Reader::from_path(&path)?;
        let mut record = csv::ByteRecord::new();
        let mut rows = 0;
        while reader.read_byte_record(&mut record)? {
            rows += 1;
        }
        Ok(rows)
    };
    // No row at all would be a fast answer, and a wrong one.
    if parse().is_ok_and(|rows| rows > 0) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
