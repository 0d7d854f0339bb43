//! JSON Lines, and an array of JSON objects -> records. Floor 2.
//!
//! The columns are the keys of the first thousand objects in the order they come; what stands under other keys later is counted by
//! key. Values are kept as their JSON text and only strings are unescaped, so that a long number stays what it is and no nesting is
//! deep enough to hurt.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, VecDeque},
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use csv::StringRecord;

use crate::{
    error::{Error, ErrorKind, Result},
    timeline::{
        Entry, LONGEST_ROW, Records, RejectReason, count_byte,
        encoding::Peeked,
        json::{cell, parse},
        too_long,
    },
};

/// Objects that are read ahead to know the columns.
const READ_AHEAD: usize = 1_000;
/// Bytes that are read at once.
const BUFFER: usize = 1 << 16;

/// How JSON objects stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// An object a line.
    Lines,
    /// The elements of one array.
    Array,
}

/// The layout of a text that begins so; `None` if that is no JSON.
pub fn layout(head: &[u8]) -> Option<Layout> {
    let mut bytes = head.iter().filter(|byte| !byte.is_ascii_whitespace());
    // The second byte tells a header such as `[id],[text]` from JSON.
    match (bytes.next()?, bytes.next()) {
        (b'{', Some(b'"' | b'}')) => Some(Layout::Lines),
        (b'[', Some(b'{' | b']')) => Some(Layout::Array),
        _ => None,
    }
}

/// A table out of JSON objects.
pub struct Lines {
    source: Source,
    columns: StringRecord,
    places: HashMap<String, usize>,
    ahead: VecDeque<(u64, Vec<u8>)>,
    /// A failure while reading ahead, to be said after what was read.
    failed: Option<io::Error>,
    raw: Vec<u8>,
    unknown_keys: BTreeMap<String, u64>,
}

impl Lines {
    /// Reads an object a line.
    pub fn new(text: Peeked, path: &Path) -> Result<Self> {
        Self::read_ahead(text, Layout::Lines, path)
    }

    /// Reads the elements of an array.
    pub fn array(text: Peeked, path: &Path) -> Result<Self> {
        Self::read_ahead(text, Layout::Array, path)
    }

    fn read_ahead(text: Peeked, layout: Layout, path: &Path) -> Result<Self> {
        let mut source =
            Source { text: BufReader::with_capacity(BUFFER, text), layout, line: 1, place: Place::Before };
        let mut ahead = VecDeque::new();
        let (mut columns, mut places) = (StringRecord::new(), HashMap::new());
        let mut failed = None;
        let mut objects = 0;
        // Rejects count too, so that a file full of them is not read into memory.
        while ahead.len() < READ_AHEAD {
            let mut raw = Vec::new();
            match source.next(&mut raw) {
                Ok(Some(line)) => {
                    if let Ok(object) = parse(&raw) {
                        objects += 1;
                        for (key, _) in object.0 {
                            if !places.contains_key(key.0.as_ref()) {
                                columns.push_field(&key.0);
                                places.insert(key.0.into_owned(), places.len());
                            }
                        }
                    }
                    ahead.push_back((line, raw));
                }
                Ok(None) => break,
                Err(error) if ahead.is_empty() => return Err(Error::io(path, "read", error)),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        if ahead.is_empty() {
            return Err(ErrorKind::NoRows { path: path.to_owned(), found: "an empty JSON array" }.into());
        }
        if objects == 0 {
            let found = "JSON that is not one object a line".to_owned();
            return Err(ErrorKind::NotText { path: path.to_owned(), found }.into());
        }
        Ok(Self { source, columns, places, ahead, failed, raw: Vec::new(), unknown_keys: BTreeMap::new() })
    }

    /// Writes the object in `raw` into `record`, a field a column.
    fn fill(&mut self, record: &mut StringRecord) -> std::result::Result<(), RejectReason> {
        let object = parse(&self.raw)?;
        let mut cells: Vec<Cow<'_, str>> = vec![Cow::Borrowed(""); self.places.len()];
        for (key, value) in object.0 {
            match self.places.get(key.0.as_ref()) {
                Some(&place) => cells[place] = cell(value.get())?,
                None => *self.unknown_keys.entry(key.0.into_owned()).or_default() += 1,
            }
        }
        record.clear();
        for cell in &cells {
            record.push_field(cell);
        }
        Ok(())
    }
}

impl Records for Lines {
    fn columns(&self) -> &StringRecord {
        &self.columns
    }

    fn read(&mut self, record: &mut StringRecord) -> io::Result<Option<Entry>> {
        let line = if let Some((line, raw)) = self.ahead.pop_front() {
            self.raw = raw;
            line
        } else if let Some(error) = self.failed.take() {
            return Err(error);
        } else if let Some(line) = self.source.next(&mut self.raw)? {
            line
        } else {
            return Ok(None);
        };
        Ok(Some(Entry { line, checked: self.fill(record) }))
    }

    fn raw(&self) -> &[u8] {
        &self.raw
    }

    fn unknown_keys(&self) -> Option<&BTreeMap<String, u64>> {
        Some(&self.unknown_keys)
    }
}

/// A text that is cut into the JSON of one row after another.
struct Source {
    text: BufReader<Peeked>,
    layout: Layout,
    /// The line on which the text stands, from 1.
    line: u64,
    place: Place,
}

/// Where in the file an array's reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Before,
    Within,
    After,
}

impl Source {
    /// Reads the next row's JSON into `raw` and says on which line it begins; `None` at the end.
    fn next(&mut self, raw: &mut Vec<u8>) -> io::Result<Option<u64>> {
        raw.clear();
        match (self.layout, self.place) {
            (Layout::Array, Place::Before) => {
                self.skip(b"")?;
                self.text.consume(1);
                self.place = Place::Within;
                self.next_element(raw)
            }
            (Layout::Array, Place::Within) => self.next_element(raw),
            _ => self.next_line(raw),
        }
    }

    /// The next line that is not blank.
    fn next_line(&mut self, raw: &mut Vec<u8>) -> io::Result<Option<u64>> {
        loop {
            raw.clear();
            if self.text.by_ref().take(LONGEST_ROW as u64).read_until(b'\n', raw)? == 0 {
                return Ok(None);
            }
            if raw.len() == LONGEST_ROW {
                return Err(too_long());
            }
            let line = self.line;
            self.line += 1;
            let end = raw.trim_ascii_end().len();
            raw.truncate(end);
            if end > 0 {
                return Ok(Some(line));
            }
        }
    }

    /// The next element of the array: all bytes up to a comma or bracket that is the array's own.
    fn next_element(&mut self, raw: &mut Vec<u8>) -> io::Result<Option<u64>> {
        let end = self.skip(b",")?;
        let line = self.line;
        if end == Some(b']') {
            self.text.consume(1);
            self.place = Place::After;
            // Whatever follows is no element and is rejected line by line.
            return self.next_line(raw);
        }
        if end.is_none() {
            self.place = Place::After;
            // The missing bracket stands for the rows that are missing with it: it is rejected, not passed over.
            return Ok(Some(line));
        }
        let (mut depth, mut quoted, mut escaped) = (0_u64, false, false);
        loop {
            let buffer = self.text.fill_buf()?;
            if buffer.is_empty() {
                // An element that is open is rejected, and the missing bracket with it.
                if depth > 0 || quoted {
                    self.place = Place::After;
                }
                raw.truncate(raw.trim_ascii_end().len());
                return Ok(Some(line));
            }
            let mut end = None;
            for (at, &byte) in buffer.iter().enumerate() {
                if quoted {
                    quoted = escaped || byte != b'"';
                    escaped = !escaped && byte == b'\\';
                    continue;
                }
                match byte {
                    b'"' => quoted = true,
                    b'{' | b'[' => depth += 1,
                    b',' | b']' if depth == 0 => end = Some(at),
                    b'}' | b']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if end.is_some() {
                    break;
                }
            }
            let taken = &buffer[..end.unwrap_or(buffer.len())];
            self.line += count_byte(taken, b'\n');
            raw.extend_from_slice(taken);
            if raw.len() > LONGEST_ROW {
                return Err(too_long());
            }
            let count = taken.len();
            self.text.consume(count);
            if end.is_some() {
                raw.truncate(raw.trim_ascii_end().len());
                return Ok(Some(line));
            }
        }
    }

    /// Passes over white space and `also`, and shows the byte that follows.
    fn skip(&mut self, also: &[u8]) -> io::Result<Option<u8>> {
        loop {
            let buffer = self.text.fill_buf()?;
            let Some(&byte) = buffer.first() else {
                return Ok(None);
            };
            if !byte.is_ascii_whitespace() && !also.contains(&byte) {
                return Ok(Some(byte));
            }
            self.line += u64::from(byte == b'\n');
            self.text.consume(1);
        }
    }
}
