//! What every target does: the bytes become a file, the file is read as an export, and every row is looked at.

use std::{fs, path::PathBuf};

use sociable::timeline::{Include, Options, Row, Timeline};

pub use sociable::timeline::Platform;

/// Reads the bytes as a file of that name from that platform, with everything included. Errors are answers; a panic is a finding.
pub fn read(platform: Option<Platform>, name: &str, bytes: &[u8]) {
    // In memory where the system has such a place.
    let shared = PathBuf::from("/dev/shm");
    let folder = if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() };
    let folder = folder.expect("a temporary folder can be made");
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("the folder can be written");
    let include = Include { reposts: true, private: true };
    let options = Options { from: platform, include, ..Options::default() };
    let Ok(mut timeline) = Timeline::open(&path, &options) else { return };
    let mut record = csv::StringRecord::new();
    while let Ok(Some(row)) = timeline.read(&mut record) {
        if let Row::Kept { .. } = row {
            assert!(record.len() >= timeline.columns().len());
            timeline.mapping().post(&record);
        }
    }
    if let Some(findings) = timeline.findings() {
        let found: u64 = findings.files.iter().map(|(_, count)| count).sum();
        assert!(findings.n_kept() + findings.n_skipped() >= found, "posts were lost");
    }
}
