//! What every target does: the bytes become files, the files are read as an export or a table, and every row is looked at.
//! Errors are answers; a panic is a finding, and so is a post that is neither kept nor counted.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use sociable::timeline::{Include, Options, Row, Timeline};
use tempfile::TempDir;

pub use sociable::timeline::Platform;

/// Files of one input; an export has some dozens.
const MOST_FILES: usize = 12;

/// Reads the bytes as an export of that platform, with everything included. Each file stands behind a line
/// `==> NAME <==`, as `head` shows several files; what stands before the first of them is a file of the name given.
pub fn read(platform: Platform, name: &str, bytes: &[u8]) {
    let folder = folder();
    for (name, bytes) in files(name, bytes) {
        let path = folder.path().join(name);
        // A name that is a folder already is no file of an export.
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, bytes));
        let _ = written;
    }
    read_path(folder.path(), &Options { from: Some(platform), ..Options::default() });
}

/// Reads the bytes as one file of that name, whatever it is.
pub fn read_file(name: &str, bytes: &[u8]) {
    let folder = folder();
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("the folder can be written");
    read_path(&path, &Options::default());
}

/// Reads the first file of the bytes as a table, and a second one as the table of parents.
pub fn read_table(name: &str, bytes: &[u8]) {
    let folder = folder();
    let mut paths = files(name, bytes).into_iter().zip(["table", "parents"]).map(|((_, bytes), name)| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("the folder can be written");
        path
    });
    let Some(path) = paths.next() else { return };
    let options = Options { from: Some(Platform::Table), parents: paths.next(), ..Options::default() };
    read_path(&path, &options);
}

fn read_path(path: &Path, options: &Options) {
    let options = Options { include: Include { reposts: true, private: true }, ..options.clone() };
    let Ok(mut timeline) = Timeline::open(path, &options) else { return };
    let mut record = csv::StringRecord::new();
    let mut n_kept = 0;
    while let Ok(Some(row)) = timeline.read(&mut record) {
        if let Row::Kept { .. } = row {
            n_kept += 1;
            assert!(record.len() >= timeline.columns().len());
            timeline.mapping().post(&record);
        }
    }
    if let Some(findings) = timeline.findings() {
        let found: u64 = findings.files.iter().map(|(_, count)| count).sum();
        assert!(findings.n_kept() + findings.n_skipped() >= found, "posts were lost");
        assert_eq!(findings.n_kept(), n_kept, "posts were counted that are not there");
    }
}

/// A folder that is gone afterwards, in memory where the system has such a place.
fn folder() -> TempDir {
    let shared = PathBuf::from("/dev/shm");
    let folder = if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() };
    folder.expect("a temporary folder can be made")
}

/// The files of an input; none has a name that leads out of its folder.
fn files<'a>(first: &str, bytes: &'a [u8]) -> Vec<(PathBuf, &'a [u8])> {
    let mut files = vec![(PathBuf::from(first), 0, 0)];
    let mut at = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let name = line.strip_prefix(b"==> ").and_then(|rest| rest.trim_ascii_end().strip_suffix(b" <=="));
        if let Some(name) = name.and_then(|name| std::str::from_utf8(name).ok()) {
            let is_plain = |part: &Component| matches!(part, Component::Normal(name) if name.len() < 200);
            let name: PathBuf = Path::new(name).components().filter(is_plain).take(6).collect();
            files.push((name, at, at + line.len()));
        }
        at += line.len();
    }
    let ends: Vec<usize> = files.iter().skip(1).map(|(_, end, _)| *end).chain([bytes.len()]).collect();
    files
        .into_iter()
        .zip(ends)
        .map(|((name, _, start), end)| (name, &bytes[start..end]))
        .filter(|(name, bytes)| !bytes.is_empty() && name.iter().next().is_some())
        .take(MOST_FILES)
        .collect()
}
