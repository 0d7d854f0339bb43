//! Rows put aside, to be read again with the texts of their parents. Floor 2.
//!
//! A reply may stand before the post that it answers, so rows are written to memory, or beyond a bound to an unnamed temporary file, and
//! read back in their order. Of the posts only those are remembered that a reply asks for, by a 16-byte key, with where their text stands:
//! memory grows with the replies and not with the texts.

use std::{
    collections::{HashMap, HashSet},
    io::{self, Read, Seek, SeekFrom, Write},
};

use csv::StringRecord;
use tempfile::SpooledTempFile;

use crate::{
    error::{Error, Result},
    timeline::{
        Reject, Row,
        mapping::{is_missing, is_missing_id},
    },
};

/// Bytes of rows that stay in memory.
const IN_MEMORY: usize = 32 << 20;
/// Bytes of a text that replies to it get: a million replies to a long one would be a file without end. Posts are shorter.
const LONGEST_PARENT: usize = 64 << 10;
/// Bytes that are written or read at once.
const BUFFER: usize = 1 << 18;

/// What stands for an identifier.
pub type Key = [u8; 16];

/// The key of an identifier, without the `.0` that makes a number of it in some tables.
pub fn key(id: &str) -> Key {
    let id = id.trim();
    let id = id.strip_suffix(".0").filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())).unwrap_or(id);
    let mut key = [0; 16];
    key.copy_from_slice(&blake3::hash(id.as_bytes()).as_bytes()[..16]);
    key
}

/// Which columns the spool needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// Identifiers of posts.
    pub id: usize,
    /// Identifiers of the posts that they answer.
    pub reply_to_id: usize,
    /// Texts of posts.
    pub text: usize,
    /// Texts of parents as the rows have them, if they do.
    pub own_parent: Option<usize>,
    /// Where the text of the parent is put: a column, or one behind the last.
    pub parent: usize,
}

/// Rows put aside.
pub struct Spool {
    file: SpooledTempFile,
    /// Bytes on their way to the file, or read from it.
    buffer: Vec<u8>,
    /// Where the buffer begins in the file.
    start: u64,
    /// Where in the buffer the next row begins.
    at: usize,
    /// Whether rows are being read, and none written any more.
    reading: bool,
    /// Bytes of rows in all.
    length: u64,
    places: Places,
    /// Identifiers that replies ask for.
    wanted: HashSet<Key>,
    /// Where the texts of those that are there stand; nothing of an identifier that different posts have.
    found: HashMap<Key, Option<(u64, usize)>>,
}

/// What a row begins with: whether it was kept, the line, the number of its fields or bytes.
const HEAD: usize = 1 + 8 + 4;

impl Spool {
    /// No rows yet.
    pub fn new(places: Places) -> Self {
        Self {
            file: SpooledTempFile::new(IN_MEMORY),
            buffer: Vec::new(),
            start: 0,
            at: 0,
            reading: false,
            length: 0,
            places,
            wanted: HashSet::new(),
            found: HashMap::new(),
        }
    }

    /// Puts a row aside.
    pub fn push(&mut self, record: &StringRecord, row: &Row) -> Result<()> {
        match row {
            Row::Kept { line } => {
                self.head(true, *line, record.len());
                for field in record {
                    self.buffer.extend_from_slice(&(field.len() as u32).to_le_bytes());
                }
                self.buffer.extend_from_slice(record.as_slice().as_bytes());
                let answers = record.get(self.places.reply_to_id).unwrap_or_default();
                if !is_missing_id(answers) && is_missing(self.own_parent(record)) {
                    self.wanted.insert(key(answers));
                }
            }
            Row::Rejected(reject) => {
                let json = serde_json::to_vec(reject).map_err(|error| failed(error.into()))?;
                self.head(false, reject.line, json.len());
                self.buffer.extend_from_slice(&json);
            }
        }
        if self.buffer.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    /// Makes the rows readable, and finds the texts of parents: among the rows, then in `others`.
    pub fn rewind(&mut self, others: Option<&mut dyn Others>) -> Result<()> {
        self.flush()?;
        if !self.wanted.is_empty() {
            self.begin();
            let mut record = StringRecord::new();
            let mut texts: HashMap<Key, Key> = HashMap::new();
            while let Some(row_start) = self.next_row(&mut record).map_err(failed)?.map(|(_, start)| start) {
                let (id, text) = (record.get(self.places.id), record.get(self.places.text));
                let (Some(id), Some(text)) = (id, text) else { continue };
                let id = key(id);
                if !is_missing(text) && self.wanted.contains(&id) {
                    let before: usize = record.iter().take(self.places.text).map(str::len).sum();
                    let at = row_start + (HEAD + 4 * record.len() + before) as u64;
                    let own = key(text);
                    if *texts.entry(id).or_insert(own) == own {
                        self.found.entry(id).or_insert(Some((at, parent_in(text).len())));
                    } else {
                        self.found.insert(id, None);
                    }
                }
            }
            if let Some(others) = others {
                self.add(others)?;
            }
        }
        self.begin();
        Ok(())
    }

    /// Whether any reply is without the text that it answers.
    pub fn wants_parents(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// Reads the next row, in the order in which they were put aside.
    pub fn read(&mut self, record: &mut StringRecord) -> io::Result<Option<Row>> {
        let mut stored = StringRecord::new();
        let Some((row, _)) = self.next_row(&mut stored)? else { return Ok(None) };
        if let Row::Kept { .. } = row {
            let parent = self.parent_of(&stored)?;
            record.clear();
            for (place, field) in stored.iter().enumerate() {
                record.push_field(if place == self.places.parent { &parent } else { field });
            }
            if self.places.parent >= stored.len() {
                record.push_field(&parent);
            }
        }
        Ok(Some(row))
    }

    /// The text of the post that a row answers: its own word for it, or the post that is here.
    fn parent_of(&mut self, record: &StringRecord) -> io::Result<String> {
        let own = self.own_parent(record);
        let answers = record.get(self.places.reply_to_id).unwrap_or_default();
        if !is_missing(own) || is_missing_id(answers) || self.found.is_empty() {
            return Ok(own.to_owned());
        }
        let asked = key(answers);
        let is_itself = record.get(self.places.id).is_some_and(|id| key(id) == asked);
        match self.found.get(&asked).copied().flatten().filter(|_| !is_itself) {
            None => Ok(own.to_owned()),
            Some((at, length)) => {
                let mut text = vec![0; length];
                self.file.seek(SeekFrom::Start(at))?;
                self.file.read_exact(&mut text)?;
                Ok(String::from_utf8_lossy(&text).into_owned())
            }
        }
    }

    fn own_parent<'r>(&self, record: &'r StringRecord) -> &'r str {
        self.places.own_parent.and_then(|place| record.get(place)).unwrap_or_default()
    }

    fn add(&mut self, others: &mut dyn Others) -> Result<()> {
        let mut end = self.length;
        self.file.seek(SeekFrom::Start(end)).map_err(failed)?;
        while let Some((id, text)) = others.next()? {
            let (id, text) = (key(id), parent_in(text));
            if self.wanted.contains(&id) && !self.found.contains_key(&id) && !is_missing(text) {
                self.file.write_all(text.as_bytes()).map_err(failed)?;
                self.found.insert(id, Some((end, text.len())));
                end += text.len() as u64;
            }
        }
        Ok(())
    }

    fn head(&mut self, kept: bool, line: u64, count: usize) {
        self.buffer.push(u8::from(kept));
        self.buffer.extend_from_slice(&line.to_le_bytes());
        self.buffer.extend_from_slice(&(count as u32).to_le_bytes());
    }

    fn flush(&mut self) -> Result<()> {
        if !self.reading {
            self.file.write_all(&self.buffer).map_err(failed)?;
            self.length += self.buffer.len() as u64;
            self.buffer.clear();
        }
        Ok(())
    }

    fn begin(&mut self) {
        self.reading = true;
        self.buffer.clear();
        (self.start, self.at) = (0, 0);
    }

    /// Reads the next row as it was put aside, with where it begins.
    fn next_row(&mut self, record: &mut StringRecord) -> io::Result<Option<(Row, u64)>> {
        let row_start = self.start + self.at as u64;
        if row_start >= self.length {
            return Ok(None);
        }
        let head = self.take(HEAD)?;
        let kept = head[0] == 1;
        let line = u64::from_le_bytes(head[1..9].try_into().unwrap_or_default());
        let count = u32::from_le_bytes(head[9..13].try_into().unwrap_or_default()) as usize;
        record.clear();
        if !kept {
            let reject: Reject = serde_json::from_slice(self.take(count)?)?;
            return Ok(Some((Row::Rejected(reject), row_start)));
        }
        let lengths: Vec<usize> = self
            .take(4 * count)?
            .chunks_exact(4)
            .map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap_or_default()) as usize)
            .collect();
        let fields = std::str::from_utf8(self.take(lengths.iter().sum())?).map_err(io::Error::other)?;
        let mut at = 0;
        for length in lengths {
            record.push_field(&fields[at..at + length]);
            at += length;
        }
        Ok(Some((Row::Kept { line }, row_start)))
    }

    /// The next so many bytes of rows.
    fn take(&mut self, count: usize) -> io::Result<&[u8]> {
        if self.at + count > self.buffer.len() {
            let from = self.start + self.at as u64;
            let left = (self.length - from) as usize;
            self.buffer.resize(count.max(BUFFER).min(left), 0);
            self.file.seek(SeekFrom::Start(from))?;
            self.file.read_exact(&mut self.buffer)?;
            (self.start, self.at) = (from, 0);
        }
        let taken = self.buffer.get(self.at..self.at + count).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.at += count;
        Ok(taken)
    }
}

/// Posts that are no rows of the timeline, to find parents among.
pub trait Others {
    /// The next post's identifier and text.
    fn next(&mut self) -> Result<Option<(&str, &str)>>;
}

/// A text as far as replies to it get it.
fn parent_in(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_PARENT)]
}

fn failed(source: io::Error) -> Error {
    Error::io("a temporary file", "use", source)
}
