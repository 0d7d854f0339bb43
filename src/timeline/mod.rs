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
mod export;
mod json;
mod jsonl;
mod mapping;
mod reject;
mod spool;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, VecDeque},
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use ::csv::StringRecord;

use crate::{
    error::{Error, ErrorKind, Result},
    post::Account,
    timeline::{
        encoding::Text,
        jsonl::Layout,
        spool::{Others, Places, Spool},
    },
};

pub use export::{Findings, Include, Platform, Skip, day, utc_if_certain};
pub use mapping::{Field, Mapping};
pub use reject::{Reject, RejectReason};

/// Rows that are read when a table is opened.
const AHEAD: usize = 50;

/// How a timeline is opened: what the user says of the file. The default says nothing.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Columns named for fields. They come before what the headers say; an empty name says that the file has no
    /// column for that field, whatever its headers.
    pub map: Vec<(Field, String)>,
    /// The account of posts that do not say it themselves; `None` means professional.
    pub account: Option<Account>,
    /// The platform of an export; `None` means that its contents tell.
    pub from: Option<Platform>,
    /// What is taken from an export though it is left out by default.
    pub include: Include,
    /// Whose posts an export holds, where it does not say it or says a number.
    pub author: Option<String>,
    /// A table of identifiers and texts in which the parents of replies are looked up that the timeline itself does not hold.
    pub parents: Option<PathBuf>,
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
    /// Whether it has turned out while reading that the file is no UTF-8.
    late: Arc<AtomicBool>,
    rows: Rows,
    /// Rows that were read when opening, so that a file without any is refused there.
    ahead: VecDeque<(StringRecord, Row)>,
    /// A failure while rows were put aside, to be said behind them.
    failed: Option<Error>,
    /// Whether reading has come to its end or failed.
    ended: bool,
    findings: Option<Findings>,
    /// Keys of JSON objects that no column holds, of rows that were put aside.
    unknown_keys: BTreeMap<String, u64>,
    amend: Option<Amend>,
}

/// What is changed in each row before it is handed on.
pub type Amend = Box<dyn Fn(&Mapping, &mut StringRecord) + Send>;

/// Where rows come from.
enum Rows {
    Records(Box<dyn Records>),
    Spool(Box<Spool>),
}

/// Files that are one timeline: a table, or all exports of platforms together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    paths: Vec<PathBuf>,
    is_export: bool,
}

impl Source {
    /// Looks at every file and puts the exports together, where the first of them stands.
    pub fn group(paths: &[PathBuf], options: &Options) -> Result<Vec<Self>> {
        let mut sources: Vec<Self> = Vec::new();
        for path in paths {
            let is_export = export::is_export(path, options)?;
            match sources.iter_mut().find(|source| is_export && source.is_export) {
                Some(source) => source.paths.push(path.clone()),
                None => sources.push(Self { paths: vec![path.clone()], is_export }),
            }
        }
        Ok(sources)
    }

    /// A file that is a table whatever it looks like.
    pub fn table(path: &Path) -> Self {
        Self { paths: vec![path.to_owned()], is_export: false }
    }

    /// Opens the timeline.
    pub fn open(&self, options: &Options) -> Result<Timeline> {
        match self.paths.as_slice() {
            [path] if !self.is_export => Timeline::open_table(path, options),
            paths => Timeline::open_exports(paths, options),
        }
    }
}

impl Timeline {
    /// Opens the file at `path`, or standard input for `-`, and reads its first row. An export of a platform is read as a whole.
    ///
    /// Fails where it cannot be read, is not text, has no rows, or has no column for the text or one that was named.
    pub fn open(path: &Path, options: &Options) -> Result<Self> {
        if export::is_export(path, options)? {
            Self::open_exports(&[path.to_owned()], options)
        } else {
            Self::open_table(path, options)
        }
    }

    fn open_table(path: &Path, options: &Options) -> Result<Self> {
        if path.as_os_str() == "-" {
            return Self::from_reader(Box::new(io::stdin()), Path::new("standard input"), options);
        }
        let file = File::open(path).map_err(|source| Error::io(path, "open", source))?;
        Self::from_reader(Box::new(file), path, options)
    }

    /// Reads exports of platforms into one timeline: a post that stands in several of them is there once.
    pub fn open_exports(paths: &[PathBuf], options: &Options) -> Result<Self> {
        let (mut spool, findings) = export::read(paths, options)?;
        find_parents(&mut spool, options)?;
        let path = match paths {
            [path] => path.clone(),
            [path, others @ ..] => format!("{} and {} more", path.display(), others.len()).into(),
            [] => PathBuf::new(),
        };
        Ok(Self {
            path,
            columns: Field::ALL.iter().map(|field| field.name()).collect(),
            mapping: Mapping::canonical(options.account),
            warnings: findings.notes.clone(),
            late: Arc::default(),
            rows: Rows::Spool(Box::new(spool)),
            ahead: VecDeque::new(),
            failed: None,
            ended: false,
            findings: Some(findings),
            unknown_keys: BTreeMap::new(),
            amend: None,
        })
    }

    /// The same as [`Timeline::open`] on any bytes that are a table; `path` is what messages call them.
    pub fn from_reader(reader: Box<dyn Read + Send>, path: &Path, options: &Options) -> Result<Self> {
        let Text { reader, warnings, late } = encoding::text(reader, path)?;
        let records: Box<dyn Records> = match jsonl::layout(reader.head()) {
            Some(Layout::Lines) => Box::new(jsonl::Lines::new(reader, path)?),
            Some(Layout::Array) => Box::new(jsonl::Lines::array(reader, path)?),
            None => Box::new(csv::Table::new(reader, path, options)?),
        };
        let columns = records.columns().clone();
        let mapping = Mapping::new(&columns, options, path)?;
        let mut timeline = Self {
            path: path.to_owned(),
            columns,
            mapping,
            warnings,
            late,
            rows: Rows::Records(records),
            ahead: VecDeque::new(),
            failed: None,
            ended: false,
            findings: None,
            unknown_keys: BTreeMap::new(),
            amend: None,
        };
        timeline.read_ahead(options)?;
        timeline.resolve_parents(options)?;
        Ok(timeline)
    }

    /// Reads the first rows, and sees in them whether a column called account says whose account it is: some hold handles.
    fn read_ahead(&mut self, options: &Options) -> Result<()> {
        let Rows::Records(records) = &mut self.rows else { return Ok(()) };
        let mut rows = Vec::new();
        while rows.len() < AHEAD {
            let mut record = StringRecord::new();
            match records.read(&mut record) {
                Ok(Some(entry)) => rows.push((record, entry, records.raw().to_vec())),
                Ok(None) => break,
                Err(source) if rows.is_empty() => return Err(Error::io(&self.path, "read", source)),
                Err(source) => {
                    self.failed = Some(Error::io(&self.path, "read", source));
                    break;
                }
            }
        }
        if rows.is_empty() {
            return Err(ErrorKind::NoRows { path: self.path.clone(), found: "only a header" }.into());
        }
        let is_chosen = options.map.iter().any(|(field, _)| *field == Field::Account);
        let usable = rows.iter().filter(|(_, entry, _)| entry.checked.is_ok()).map(|(record, _, _)| record);
        if let Some(column) = self.mapping.column(Field::Account).filter(|_| !is_chosen)
            && self.mapping.names_no_account(usable)
        {
            let becomes =
                if self.mapping.drop_account() { "it is read as the author" } else { "it is not used" };
            self.warnings.push(format!(
                "column {} names neither professional nor organisation in the first rows, so {becomes}; --map account=COLUMN names another",
                &self.columns[column]
            ));
        }
        for (record, entry, raw) in rows {
            let row = self.mapping.row(&record, entry, || raw);
            self.ahead.push_back((record, row));
        }
        // A failure is said behind the rows that came before it.
        self.ended = self.failed.is_some();
        Ok(())
    }

    /// Puts the rows of a table that says what its posts answer aside, to find the texts of their parents among them.
    fn resolve_parents(&mut self, options: &Options) -> Result<()> {
        let place = |field| self.mapping.column(field);
        let (Some(id), Some(reply_to_id), Some(text)) =
            (place(Field::Id), place(Field::ReplyToId), place(Field::Text))
        else {
            return Ok(());
        };
        let parent = self.columns.len();
        let own_parent = place(Field::Parent);
        let mut spool = Spool::new(Places { id, reply_to_id, text, own_parent, parent });
        let mut record = StringRecord::new();
        loop {
            match self.read(&mut record) {
                Ok(Some(row)) => spool.push(&record, &row)?,
                Ok(None) => break,
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            }
        }
        find_parents(&mut spool, options)?;
        self.mapping.set_parent(parent);
        self.ended = false;
        self.unknown_keys = self.unknown_keys();
        self.rows = Rows::Spool(Box::new(spool));
        Ok(())
    }

    /// The path, or what stands for it in messages.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was found in an export; `None` for a table.
    pub fn findings(&self) -> Option<&Findings> {
        self.findings.as_ref()
    }

    /// The header: the columns' names, trimmed. A row may have one more field, the text of its parent where that was looked up.
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

    /// What has turned out while rows were read, and no warning has said.
    pub fn late_warning(&self) -> Option<&'static str> {
        self.late.load(Ordering::Relaxed).then_some(encoding::AS_WINDOWS_1252)
    }

    /// The keys of JSON objects read so far that no column holds, each with how many objects had it. Always empty for CSV.
    pub fn unknown_keys(&self) -> BTreeMap<String, u64> {
        match &self.rows {
            Rows::Records(records) => records.unknown_keys().cloned().unwrap_or_default(),
            Rows::Spool(_) => self.unknown_keys.clone(),
        }
    }

    /// Has each row that is kept changed before it is handed on, after parents have been found.
    pub fn amend(&mut self, amend: Amend) {
        self.amend = Some(amend);
    }

    /// Reads the next row into `record`, whose memory is used again; `None` at the end.
    ///
    /// Fails only where the bytes cannot be read, as of a truncated gzip file; the rows before have been handed on by then, and there is nothing to
    /// be read afterwards.
    pub fn read(&mut self, record: &mut StringRecord) -> Result<Option<Row>> {
        let row = self.next_row(record)?;
        if let (Some(amend), Some(Row::Kept { .. })) = (&self.amend, &row) {
            amend(&self.mapping, record);
        }
        Ok(row)
    }

    fn next_row(&mut self, record: &mut StringRecord) -> Result<Option<Row>> {
        if let Some((first, row)) = self.ahead.pop_front() {
            *record = first;
            return Ok(Some(row));
        }
        if self.ended {
            return self.failed.take().map_or(Ok(None), Err);
        }
        let read = match &mut self.rows {
            Rows::Spool(spool) => spool.read(record),
            Rows::Records(records) => read_checked(records.as_mut(), &self.mapping, record),
        };
        match read {
            Ok(Some(row)) => Ok(Some(row)),
            Ok(None) => {
                self.ended = true;
                self.failed.take().map_or(Ok(None), Err)
            }
            Err(source) => {
                self.ended = true;
                Err(Error::io(&self.path, "read", source))
            }
        }
    }
}

fn read_checked(
    records: &mut dyn Records,
    mapping: &Mapping,
    record: &mut StringRecord,
) -> io::Result<Option<Row>> {
    let Some(entry) = records.read(record)? else { return Ok(None) };
    Ok(Some(mapping.row(record, entry, || records.raw().to_vec())))
}

/// Finds the texts of parents among the rows put aside, then in the table that the user names.
fn find_parents(spool: &mut Spool, options: &Options) -> Result<()> {
    match &options.parents {
        Some(path) if spool.wants_parents() => spool.rewind(Some(&mut OtherPosts::open(path)?)),
        _ => spool.rewind(None),
    }
}

/// A table of posts among which parents are looked up.
struct OtherPosts {
    timeline: Timeline,
    record: StringRecord,
}

impl OtherPosts {
    fn open(path: &Path) -> Result<Self> {
        let timeline = Timeline::open(path, &Options::default())?;
        if timeline.mapping().column(Field::Id).is_none() {
            let columns = timeline.columns().iter().map(str::to_owned).collect();
            return Err(
                ErrorKind::NoColumn { path: path.to_owned(), column: "id".to_owned(), columns }.into()
            );
        }
        Ok(Self { timeline, record: StringRecord::new() })
    }
}

impl Others for OtherPosts {
    fn next(&mut self) -> Result<Option<(&str, &str)>> {
        while let Some(row) = self.timeline.read(&mut self.record)? {
            if let Row::Kept { .. } = row {
                let mapping = self.timeline.mapping();
                return Ok(Some((
                    mapping.value(&self.record, Field::Id),
                    mapping.value(&self.record, Field::Text),
                )));
            }
        }
        Ok(None)
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

/// Bytes of the longest row of a table: far above any post, and little enough to be held.
const LONGEST_ROW: usize = 64 << 20;

/// A row that is longer, as of a quote that never ends.
fn too_long() -> io::Error {
    io::Error::other(format!("a row of more than {} MiB, as no post is", LONGEST_ROW >> 20))
}

/// How often a byte stands in `bytes`.
fn count_byte(bytes: &[u8], byte: u8) -> u64 {
    memchr::memchr_iter(byte, bytes).count() as u64
}
