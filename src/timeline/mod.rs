//! Bytes on disk -> rows of a table, with a mapping from its columns to the fields of a post. Floor 2.
//!
//! The way in: `encoding` makes UTF-8 of whatever the bytes are (gzip, UTF-16, Windows-1252), a reader
//! (`csv`, `jsonl`) yields records under one header, `mapping` says which column serves which field.
//! The rows are handed on as they stand, so that whoever writes them again can write them unchanged; a post is
//! borrowed from a row by [`Mapping::post`]. A row that cannot be used is handed on too, as a [`Reject`]: rows in
//! are rows out and rejects, always.
//!
//! A reader for a further format implements `Records`. Nothing here knows what is done with a post, and nothing
//! here prints.

mod csv;
mod encoding;
mod jsonl;
mod mapping;
mod reject;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use ::csv::StringRecord;

use crate::{
    error::{Error, ErrorKind, Result},
    post::Account,
    timeline::{encoding::Text, jsonl::Layout},
};

pub use mapping::{Field, Mapping};
pub use reject::{Reject, RejectReason};

/// How a timeline is opened: what the user says of the file. The default says nothing.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Columns named for fields. They come before what the headers say; an empty name says that the file has no
    /// column for that field, whatever its headers.
    pub map: Vec<(Field, String)>,
    /// The account of posts that do not say it themselves; `None` means professional.
    pub account: Option<Account>,
}

/// A row of a timeline, kept or rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// The row stands in the record that was handed in.
    Kept {
        /// The line on which the row begins, from 1.
        line: u64,
    },
    /// The row cannot be used; what the record holds means nothing.
    Rejected(Reject),
}

/// An open timeline: a header, a mapping, and rows one after another.
pub struct Timeline {
    path: PathBuf,
    columns: StringRecord,
    mapping: Mapping,
    warnings: Vec<String>,
    records: Box<dyn Records>,
    /// The first row, read when opening so that a file without any is refused there.
    first: Option<(StringRecord, Row)>,
    /// Whether reading has come to its end or failed.
    ended: bool,
}

impl Timeline {
    /// Opens the file at `path`, or standard input for `-`, and reads its first row.
    ///
    /// Fails where it cannot be read, is not text, has no rows, or has no column for the text or one that was named.
    pub fn open(path: &Path, options: &Options) -> Result<Self> {
        if path.as_os_str() == "-" {
            return Self::from_reader(Box::new(io::stdin()), Path::new("standard input"), options);
        }
        let file = File::open(path).map_err(|source| Error::io(path, "open", source))?;
        Self::from_reader(Box::new(file), path, options)
    }

    /// The same as [`Timeline::open`] on any bytes; `path` is what messages call them.
    pub fn from_reader(reader: Box<dyn Read + Send>, path: &Path, options: &Options) -> Result<Self> {
        let Text { reader, warnings } = encoding::text(reader, path)?;
        let records: Box<dyn Records> = match jsonl::layout(reader.head()) {
            Some(Layout::Lines) => Box::new(jsonl::Lines::new(reader, path)?),
            Some(Layout::Array) => Box::new(jsonl::Lines::array(reader, path)?),
            None => Box::new(csv::Table::new(reader, path, options)?),
        };
        let columns = records.columns().clone();
        let mapping = Mapping::new(&columns, options, path)?;
        let mut timeline =
            Self { path: path.to_owned(), columns, mapping, warnings, records, first: None, ended: false };
        let mut record = StringRecord::new();
        match timeline.read(&mut record)? {
            Some(row) => timeline.first = Some((record, row)),
            None => {
                return Err(ErrorKind::NoRows { path: path.to_owned(), found: "only a header" }.into());
            }
        }
        Ok(timeline)
    }

    /// The path, or what stands for it in messages.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The header: the columns' names, trimmed.
    pub fn columns(&self) -> &StringRecord {
        &self.columns
    }

    /// Which column serves which field.
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// What the user should know of the file though nothing failed, such as an encoding that was guessed.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The keys of JSON objects read so far that no column holds, each with how many objects had it. Always empty for CSV.
    pub fn unknown_keys(&self) -> BTreeMap<String, u64> {
        self.records.unknown_keys().cloned().unwrap_or_default()
    }

    /// Reads the next row into `record`, whose memory is used again; `None` at the end.
    ///
    /// Fails only where the bytes cannot be read, as of a truncated gzip file; the rows before have been handed on by then, and there is nothing to
    /// be read afterwards.
    pub fn read(&mut self, record: &mut StringRecord) -> Result<Option<Row>> {
        if let Some((first, row)) = self.first.take() {
            *record = first;
            return Ok(Some(row));
        }
        if self.ended {
            return Ok(None);
        }
        let entry = match self.records.read(record) {
            Ok(Some(entry)) => entry,
            Ok(None) => {
                self.ended = true;
                return Ok(None);
            }
            Err(source) => {
                self.ended = true;
                return Err(Error::io(&self.path, "read", source));
            }
        };
        let checked = entry.checked.and_then(|()| self.mapping.check(record));
        Ok(Some(match checked {
            Ok(()) => Row::Kept { line: entry.line },
            Err(reason) => {
                Row::Rejected(Reject { line: entry.line, reason, raw: self.records.raw().to_vec() })
            }
        }))
    }
}

/// What a reader of a format does: yields records under one header.
trait Records: Send {
    /// The names of the columns.
    fn columns(&self) -> &StringRecord;

    /// Reads the next row into `record`; one that cannot be used has its reason.
    fn read(&mut self, record: &mut StringRecord) -> io::Result<Option<Entry>>;

    /// The bytes of the row that was read last, without the line's end.
    fn raw(&self) -> &[u8];

    /// Keys that no column holds and how many rows had them, in formats where that can be.
    fn unknown_keys(&self) -> Option<&BTreeMap<String, u64>> {
        None
    }
}

/// A row as a reader found it.
struct Entry {
    /// The line on which it begins, from 1.
    line: u64,
    /// Why it cannot be used, if it cannot.
    checked: std::result::Result<(), RejectReason>,
}

/// How often a byte stands in `bytes`.
#[expect(clippy::naive_bytecount, reason = "this is vectorized, and a small part of reading a row")]
fn count_byte(bytes: &[u8], byte: u8) -> u64 {
    bytes.iter().filter(|&&other| other == byte).count() as u64
}
