//! Rows that cannot be used, and why. Floor 2.

use std::{borrow::Cow, fmt};

use csv::StringRecord;
use serde::{Deserialize, Serialize};

/// A row that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// The file within an export in which it stands; `None` where the timeline is one file.
    pub member: Option<String>,
    /// The line on which the row begins, from 1; 0 where no line can be named.
    pub line: u64,
    /// Why.
    pub reason: RejectReason,
    /// The row as it stood, without the line's end; UTF-8 unless the reason is that it is not.
    pub raw: Vec<u8>,
}

impl Reject {
    /// A row that was read whole and cannot be used all the same. `record` may have more than the `n_columns` of its file.
    pub fn of_record(line: u64, reason: RejectReason, record: &StringRecord, n_columns: usize) -> Self {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Nothing fails in memory.
        let written = writer.write_record(record.iter().take(n_columns));
        let mut raw = writer.into_inner().ok().filter(|_| written.is_ok()).unwrap_or_default();
        raw.truncate(raw.trim_ascii_end().len());
        Self { member: None, line, reason, raw }
    }
}

/// Why a row cannot be used. Displayed as a clause: `3 fields, expected 6`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RejectReason {
    /// The row is shorter than the header.
    TooFewFields {
        /// Fields in the row.
        found: usize,
        /// Fields in the header.
        expected: usize,
    },
    /// The row is longer than the header.
    TooManyFields {
        /// Fields in the row.
        found: usize,
        /// Fields in the header.
        expected: usize,
    },
    /// A quoted field runs to the end of the file, and the rows after it with it.
    OpenQuote {
        /// Line breaks in the row: how many lines at most it took with it.
        lines: u64,
    },
    /// The row is not UTF-8 though the rest of the file is.
    InvalidUtf8,
    /// The account is neither of the two; the value as it stands.
    UnknownAccount(String),
    /// A label is none of 1, 0, −1 and blank.
    BadLabel {
        /// The label's column.
        column: String,
        /// What stands there.
        found: String,
    },
    /// What stands in a column of a scored table is nothing that scoring writes.
    BadScore {
        /// The column.
        column: String,
        /// What stands there.
        found: String,
    },
    /// The line or element is not JSON; the parser's answer.
    BadJson(String),
    /// The line or element is JSON but no object; what it is instead.
    NotAnObject(Cow<'static, str>),
    /// A piece of a file is larger than any post.
    TooLarge {
        /// Bytes that would do.
        most: usize,
    },
    /// The rest of a file of an export cannot be read; why.
    Unreadable(String),
}

impl RejectReason {
    /// A short name to count by, the same whatever the numbers.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooFewFields { .. } => "too few fields",
            Self::TooManyFields { .. } => "too many fields",
            Self::OpenQuote { .. } => "open quote",
            Self::InvalidUtf8 => "invalid UTF-8",
            Self::UnknownAccount(_) => "unknown account",
            Self::BadLabel { .. } => "unknown label",
            Self::BadScore { .. } => "not a score",
            Self::BadJson(_) => "not JSON",
            Self::NotAnObject(_) => "not a JSON object",
            Self::TooLarge { .. } => "too large",
            Self::Unreadable(_) => "unreadable file",
        }
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewFields { found, expected } | Self::TooManyFields { found, expected } => {
                let noun = if *found == 1 { "field" } else { "fields" };
                write!(f, "{found} {noun}, expected {expected}")
            }
            Self::OpenQuote { lines } => {
                write!(f, "a quoted field does not end, and took {lines} more lines with it")
            }
            Self::InvalidUtf8 => f.write_str("not UTF-8"),
            Self::UnknownAccount(found) => {
                write!(f, "account \u{2018}{found}\u{2019}, expected professional or organisation")
            }
            Self::BadLabel { column, found } => {
                write!(f, "label \u{2018}{found}\u{2019} in column {column}, expected 1, 0, -1 or nothing")
            }
            Self::BadScore { column, found } => {
                write!(f, "\u{2018}{found}\u{2019} in column {column}, expected what score writes there")
            }
            Self::BadJson(answer) => write!(f, "not JSON: {answer}"),
            Self::NotAnObject(found) => write!(f, "{found}, expected a JSON object"),
            Self::TooLarge { most } => write!(f, "larger than {most} bytes, as no post is"),
            Self::Unreadable(answer) => write!(f, "the rest of the file cannot be read: {answer}"),
        }
    }
}
