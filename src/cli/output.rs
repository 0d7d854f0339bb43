//! Where results go: a file that is there whole or not at all, or standard output.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::{
    cli::terminal::setting,
    error::{Error, Result},
};

/// A file being written, or standard output.
pub struct Output {
    path: PathBuf,
    target: Target,
}

enum Target {
    Stdout(BufWriter<io::Stdout>),
    /// Written beside its target, to be renamed at the end.
    Beside(BufWriter<NamedTempFile>),
    /// A device or pipe, which cannot be replaced by a file.
    Device(BufWriter<File>),
}

impl Output {
    /// Opens the file, or standard output for none and `-`.
    pub fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
            return Ok(Self {
                path: "standard output".into(),
                target: Target::Stdout(BufWriter::with_capacity(1 << 16, io::stdout())),
            });
        };
        let is_device = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir());
        let target = if is_device {
            let file = File::options().write(true).open(path);
            Target::Device(BufWriter::new(file.map_err(|source| Error::io(path, "open", source))?))
        } else {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let mut builder = tempfile::Builder::new();
            builder.prefix(".sociable-");
            // Like any other new file, not readable by its owner only.
            #[cfg(unix)]
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
            let file = builder.tempfile_in(folder.unwrap_or_else(|| Path::new(".")));
            Target::Beside(BufWriter::with_capacity(
                1 << 16,
                file.map_err(|source| Error::io(path, "write", source))?,
            ))
        };
        Ok(Self { path: path.into(), target })
    }

    /// Writes bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let written = match &mut self.target {
            Target::Stdout(writer) => writer.write_all(bytes),
            Target::Beside(writer) => writer.write_all(bytes),
            Target::Device(writer) => writer.write_all(bytes),
        };
        written.map_err(|source| Error::io(&self.path, "write", source))
    }

    /// Writes what is left and puts the file in its place. Without this call no file appears.
    pub fn finish(self) -> Result<()> {
        let failed = |source| Error::io(&self.path, "write", source);
        match self.target {
            Target::Stdout(mut writer) => writer.flush().map_err(failed),
            Target::Device(mut writer) => writer.flush().map_err(failed),
            Target::Beside(writer) => {
                let file = writer.into_inner().map_err(|error| failed(error.into_error()))?;
                file.persist(&self.path).map_err(|error| failed(error.error))?;
                Ok(())
            }
        }
    }
}

/// Refuses files to write that are read too, or that are written twice. Devices and standard output are no files.
pub fn check_places(read: &[&Path], written: &[&Path]) -> Result<()> {
    let mut places: Vec<PathBuf> = read.iter().filter_map(|path| place(path)).collect();
    let n_read = places.len();
    for path in written {
        let Some(own) = place(path) else { continue };
        if let Some(at) = places.iter().position(|other| *other == own) {
            let found = if at < n_read { "a file that is read" } else { "a file for two results" };
            return Err(setting(&path.display().to_string(), found, "another name to write to"));
        }
        places.push(own);
    }
    Ok(())
}

/// Whether what is written there will be a file, and not standard output or a device.
pub fn is_file(path: &Path) -> bool {
    place(path).is_some()
}

/// Where a file lies or will lie, whatever it is called; `None` for what is no file.
fn place(path: &Path) -> Option<PathBuf> {
    if path.as_os_str() == "-" || fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return None;
    }
    let beside = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        Some(fs::canonicalize(folder.unwrap_or_else(|| Path::new("."))).ok()?.join(path.file_name()?))
    };
    fs::canonicalize(path).ok().or_else(beside)
}

/// Writes a whole file or standard output at once.
pub fn write_all(path: Option<&Path>, bytes: &[u8]) -> Result<()> {
    let mut output = Output::open(path)?;
    output.write(bytes)?;
    output.finish()
}

/// Rows as CSV.
pub fn csv_rows(rows: &[Vec<String>]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = rows.iter().try_for_each(|row| writer.write_record(row));
    debug_assert!(written.is_ok(), "writing to memory cannot fail, and rows are as long as their header");
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// A cell that no spreadsheet runs: one that begins like a formula gets a leading `'`.
pub fn guard(cell: &str) -> std::borrow::Cow<'_, str> {
    // A negative number is no formula.
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if is_formula { format!("'{cell}").into() } else { cell.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_formulas_are_guarded() {
        for (cell, expected) in
            [("=1+1", "'=1+1"), ("@a hi", "'@a hi"), ("-0.5", "-0.5"), ("a=b", "a=b"), ("", "")]
        {
            assert_eq!(guard(cell), expected);
        }
    }
}
