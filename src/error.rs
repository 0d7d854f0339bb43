//! What can go wrong, and how it is said: `where: what, found against expected; what to do`. Floor 0.
//!
//! Every message names its place, and says what can be done where something can. Nothing here knows how a command reacts to an error.

use std::{fmt, io, path::PathBuf};

/// The result of everything that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// An error, one pointer wide.
#[derive(Debug)]
pub struct Error(Box<ErrorKind>);

/// The kinds of error, each with its place and numbers.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Reading or writing failed. `doing` completes "cannot …".
    Io {
        /// The file, or `standard input` and the like.
        path: PathBuf,
        /// What was tried: `open`, `read`, `write`, `rename`.
        doing: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// The file holds something else than posts as text.
    NotText {
        /// The file.
        path: PathBuf,
        /// What was found.
        found: String,
    },
    /// The file holds nothing, or a header and nothing else.
    NoRows {
        /// The file.
        path: PathBuf,
        /// What was found instead of rows: `an empty file`, `only a header`.
        found: &'static str,
    },
    /// No column holds the text of the posts.
    NoTextColumn {
        /// The file.
        path: PathBuf,
        /// The columns that were found.
        columns: Vec<String>,
    },
    /// A column that was asked for is not there.
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The column that was asked for.
        column: String,
        /// The columns that were found.
        columns: Vec<String>,
    },
    /// A row was rejected and the run is strict.
    Rejected {
        /// The file.
        path: PathBuf,
        /// The line on which the row begins, from 1.
        line: u64,
        /// The reason, as a clause.
        reason: String,
    },
    /// A setting or an argument has a value that cannot be used.
    Setting {
        /// Its name as the user wrote it.
        name: String,
        /// What was found.
        found: String,
        /// What would do.
        expected: String,
    },
    /// Labelled posts from which no model can be made.
    Labels {
        /// The file or files.
        path: PathBuf,
        /// What is wrong, as a clause.
        problem: String,
        /// What to do.
        advice: String,
    },
    /// A file of expected shares that cannot be used.
    Prevalence {
        /// The file.
        path: PathBuf,
        /// What is wrong, found against expected.
        problem: String,
    },
    /// A model file that cannot be used.
    Model {
        /// The file, or `the embedded model`.
        path: PathBuf,
        /// What is wrong, found against expected.
        problem: String,
        /// What to do.
        advice: String,
    },
    /// A platform's export that cannot be used.
    Export {
        /// The archive, folder or file.
        path: PathBuf,
        /// What is wrong, found against expected.
        problem: String,
        /// What to do.
        advice: String,
    },
    /// A codebook that cannot be used.
    Codebook {
        /// The file, or `the embedded codebook`.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A linear model that could not be fitted.
    Fit {
        /// What was being fitted.
        what: String,
        /// What is wrong.
        problem: String,
    },
}

impl Error {
    /// The kind of this error.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// An error of reading or writing `path`; `doing` completes "cannot …".
    pub fn io(path: impl Into<PathBuf>, doing: &'static str, source: io::Error) -> Self {
        ErrorKind::Io { path: path.into(), doing, source }.into()
    }

    /// Whether the reader of our output has gone away, which is no fault of ours.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self.kind(), ErrorKind::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self(Box::new(kind))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.kind() {
            ErrorKind::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            ErrorKind::Io { path, doing, source } => {
                write!(f, "{}: cannot {doing}: {}", path.display(), system_message(source))
            }
            ErrorKind::NotText { path, found } => write!(
                f,
                "{}: not a text file, found {found}; export the posts as CSV or JSON Lines",
                path.display()
            ),
            ErrorKind::NoRows { path, found } => {
                write!(f, "{}: no posts, found {found}; check the export", path.display())
            }
            ErrorKind::NoTextColumn { path, columns } => write!(
                f,
                "{}: no column with the text of the posts, found {}; name it with --map text=COLUMN",
                path.display(),
                list(columns)
            ),
            ErrorKind::NoColumn { path, column, columns } => {
                write!(f, "{}: no column {column}, found {}", path.display(), list(columns))
            }
            ErrorKind::Rejected { path, line, reason } => write!(
                f,
                "{}:{line}: {reason}; mend the row, or leave out --strict to go on without it",
                path.display()
            ),
            ErrorKind::Setting { name, found, expected } => {
                write!(f, "{name}: found {found}, expected {expected}")
            }
            ErrorKind::Labels { path, problem, advice }
            | ErrorKind::Model { path, problem, advice }
            | ErrorKind::Export { path, problem, advice } => {
                write!(f, "{}: {problem}; {advice}", path.display())
            }
            ErrorKind::Codebook { path, problem } | ErrorKind::Prevalence { path, problem } => {
                write!(f, "{}: {problem}", path.display())
            }
            ErrorKind::Fit { what, problem } => write!(f, "{what}: {problem}"),
        }
    }
}

/// The system's message without Rust's `(os error 28)`.
fn system_message(source: &io::Error) -> String {
    let message = source.to_string();
    match message.find(" (os error") {
        Some(end) => message[..end].to_owned(),
        None => message,
    }
}

/// At most a dozen names, quoted, for a message.
fn list(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let mut text =
        names.iter().take(SHOWN).map(|name| format!("\u{2018}{name}\u{2019}")).collect::<Vec<_>>().join(", ");
    if names.is_empty() {
        text.push_str("none");
    }
    if names.len() > SHOWN {
        text.push_str(" and ");
        text.push_str(&(names.len() - SHOWN).to_string());
        text.push_str(" more");
    }
    text
}
