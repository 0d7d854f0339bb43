//! Delimited text -> records. Floor 2.
//!
//! Over the csv crate's parse it adds the delimiter, lines that are right under every line ending, the row as it
//! stood for a file of rejects, and word of a quote that swallows the rest of the file.

use std::{
    io::{self, Read},
    iter,
    path::Path,
};

use csv::{ByteRecord, ErrorKind as CsvErrorKind, Reader, ReaderBuilder, StringRecord};

use crate::{
    error::{Error, ErrorKind, Result},
    timeline::{
        Entry, LONGEST_ROW, Options, Records, RejectReason, count_byte, encoding::Peeked, mapping, too_long,
    },
};

/// The delimiters that are looked for, the commonest first.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
/// The delimiter of a table with one column: a byte that no UTF-8 holds, so that a comma in a post is a comma.
const NO_DELIMITER: u8 = 0xFF;
/// Bytes that are read at once.
const BUFFER: usize = 1 << 16;

/// A table of delimited text.
pub struct Table {
    reader: Reader<Tap>,
    columns: StringRecord,
    delimiter: u8,
    /// The byte that takes a quote its meaning, besides a second quote.
    escape: Option<u8>,
    /// Memory for the next record, on its way between the caller's and here.
    spare: Option<ByteRecord>,
    /// Lines before the place where the reader stands.
    lines: u64,
    /// The line break that is counted.
    line_break: u8,
}

impl Table {
    /// Finds the delimiter and reads the header.
    pub fn new(mut text: Peeked, path: &Path, options: &Options) -> Result<Self> {
        let declared = skip_declaration(&mut text);
        let delimiter = declared.unwrap_or_else(|| find_delimiter(text.head(), options));
        Self::open(text, path, delimiter, None, u64::from(declared.is_some()))
    }

    /// Finds the header that has these columns, behind whatever stands before it, and reads it; `None` where there is none.
    pub fn with_columns(
        mut text: Peeked,
        path: &Path,
        escape: Option<u8>,
        columns: &[&str],
    ) -> Result<Option<Self>> {
        let declared = skip_declaration(&mut text);
        let Some((delimiter, start)) = find_header(text.head(), columns) else { return Ok(None) };
        let lines = count_byte(&text.head()[..start], b'\n') + u64::from(declared.is_some());
        text.skip(start);
        Self::open(text, path, delimiter, escape, lines).map(Some)
    }

    /// Whether a column has that name, in any spelling.
    pub fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| mapping::plain(column) == mapping::plain(name))
    }

    fn open(text: Peeked, path: &Path, delimiter: u8, escape: Option<u8>, lines: u64) -> Result<Self> {
        // A file from an old Macintosh ends its lines with a carriage return alone.
        let head = text.head();
        let line_break = if head.contains(&b'\n') || !head.contains(&b'\r') { b'\n' } else { b'\r' };
        let reader = reader_builder(delimiter).escape(escape).buffer_capacity(BUFFER).from_reader(Tap {
            text,
            kept: Vec::new(),
            start: 0,
            needed: 0,
            ended: false,
        });
        let mut table =
            Self { reader, columns: StringRecord::new(), delimiter, escape, spare: None, lines, line_break };
        let mut header = ByteRecord::new();
        let read = table.read_bytes(&mut header);
        let line = read.map_err(|source| Error::io(path, "read", source))?;
        let found = match line {
            None => Some("an empty file"),
            Some(_) if header.iter().all(<[u8]>::is_empty) => Some("a header without names"),
            Some(_) => None,
        };
        if let Some(found) = found {
            return Err(ErrorKind::NoRows { path: path.to_owned(), found }.into());
        }
        table.columns = names(&header);
        Ok(table)
    }

    /// Reads the next record as bytes and says on which line it begins.
    fn read_bytes(&mut self, record: &mut ByteRecord) -> io::Result<Option<u64>> {
        self.reader.get_mut().needed = self.reader.position().byte();
        let read = self.reader.read_byte_record(record).map_err(|error| match error.into_kind() {
            CsvErrorKind::Io(source) => source,
            kind => io::Error::other(format!("{kind:?}")),
        })?;
        if !read {
            return Ok(None);
        }
        // Line ends before the row are the second half of the last one, and blank lines.
        let row = self.consumed();
        let blank = row.iter().take_while(|&&byte| is_line_end(byte)).count();
        let (before, within) =
            (count_byte(&row[..blank], self.line_break), count_byte(&row[blank..], self.line_break));
        let line = self.lines + before + 1;
        self.lines += before + within;
        Ok(Some(line))
    }

    /// The bytes that the record read last was made of, with line ends around it.
    fn consumed(&self) -> &[u8] {
        let tap = self.reader.get_ref();
        let at = |byte: u64| (byte.saturating_sub(tap.start) as usize).min(tap.kept.len());
        &tap.kept[at(tap.needed)..at(self.reader.position().byte())]
    }

    /// Whether the fields are as many as the columns and end before the file does.
    fn check(&self, found: usize) -> std::result::Result<(), RejectReason> {
        // A quote that is never closed is found where the file has ended and only there.
        if self.reader.get_ref().ended && ends_in_quotes(self.raw(), self.delimiter, self.escape) {
            let lines = count_byte(self.raw(), self.line_break);
            return Err(RejectReason::OpenQuote { lines });
        }
        let expected = self.columns.len();
        match found {
            _ if found == expected => Ok(()),
            _ if self.delimiter == NO_DELIMITER => Err(RejectReason::InvalidUtf8),
            _ if found < expected => Err(RejectReason::TooFewFields { found, expected }),
            _ => Err(RejectReason::TooManyFields { found, expected }),
        }
    }
}

impl Records for Table {
    fn columns(&self) -> &StringRecord {
        &self.columns
    }

    fn read(&mut self, record: &mut StringRecord) -> io::Result<Option<Entry>> {
        let mut bytes = self.spare.take().unwrap_or_default();
        let Some(line) = self.read_bytes(&mut bytes)? else {
            return Ok(None);
        };
        let checked = self.check(bytes.len());
        // The two records change places instead of being copied.
        let checked = match StringRecord::from_byte_record(bytes) {
            Ok(valid) => {
                self.spare = Some(std::mem::replace(record, valid).into_byte_record());
                checked
            }
            Err(error) => {
                self.spare = Some(error.into_byte_record());
                checked.and(Err(RejectReason::InvalidUtf8))
            }
        };
        Ok(Some(Entry { line, checked }))
    }

    fn raw(&self) -> &[u8] {
        let row = self.consumed();
        let start = row.iter().position(|&byte| !is_line_end(byte)).unwrap_or(row.len());
        // One line end belongs to the row and is taken off; more could only be within quotes that do not end.
        let row = &row[start..];
        let row = row.strip_suffix(b"\n").unwrap_or(row);
        row.strip_suffix(b"\r").unwrap_or(row)
    }
}

fn is_line_end(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

fn reader_builder(delimiter: u8) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder.delimiter(delimiter).has_headers(false).flexible(true);
    builder
}

/// The names of the columns. A byte order mark may stand here still where two were written.
fn names(header: &ByteRecord) -> StringRecord {
    header
        .iter()
        .map(|name| {
            String::from_utf8_lossy(name)
                .trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
                .to_owned()
        })
        .collect()
}

/// Passes over a line that declares the delimiter.
fn skip_declaration(text: &mut Peeked) -> Option<u8> {
    let (delimiter, length) = declared_delimiter(text.head())?;
    text.skip(length);
    Some(delimiter)
}

/// The delimiter and the start of the first line that has all these columns.
fn find_header(head: &[u8], columns: &[&str]) -> Option<(u8, usize)> {
    /// Lines that may stand before a header.
    const PREAMBLE: usize = 40;
    let mut start = 0;
    for line in head.split_inclusive(|&byte| byte == b'\n').take(PREAMBLE) {
        for delimiter in DELIMITERS {
            let mut header = ByteRecord::new();
            // Reading from memory does not fail.
            let read = reader_builder(delimiter).from_reader(line).read_byte_record(&mut header);
            let names: Vec<String> = names(&header).iter().map(mapping::plain).collect();
            if read.is_ok() && columns.iter().all(|column| names.contains(&mapping::plain(column))) {
                return Some((delimiter, start));
            }
        }
        start += line.len();
    }
    None
}

/// The delimiter of a first line `sep=;`, as spreadsheets write it, and the line's length in bytes.
fn declared_delimiter(head: &[u8]) -> Option<(u8, usize)> {
    let (&delimiter, rest) = head.strip_prefix(b"sep=")?.split_first()?;
    let end = if rest.starts_with(b"\r\n") { 2 } else { 1 };
    let is_line = rest.first().is_some_and(|&byte| is_line_end(byte));
    (is_line && DELIMITERS.contains(&delimiter)).then_some((delimiter, "sep=;".len() + end))
}

/// The delimiter under which the header has a text, then most known names, then most fields.
fn find_delimiter(head: &[u8], options: &Options) -> u8 {
    let mut best = None;
    for delimiter in iter::once(NO_DELIMITER).chain(DELIMITERS) {
        let mut header = ByteRecord::new();
        // Reading from memory does not fail.
        if reader_builder(delimiter).from_reader(head).read_byte_record(&mut header).is_err() {
            continue;
        }
        let (has_text, known) = mapping::recognized(&names(&header), options);
        let score = (has_text, known, header.len());
        if best.is_none_or(|(_, other)| score > other) {
            best = Some((delimiter, score));
        }
    }
    best.map_or(NO_DELIMITER, |(delimiter, _)| delimiter)
}

/// Whether the row ends within a quoted field. Walks as the csv crate does: a quote opens only at the start of a field.
fn ends_in_quotes(row: &[u8], delimiter: u8, escape: Option<u8>) -> bool {
    let (mut at_start, mut quoted, mut closing, mut escaped) = (true, false, false, false);
    for &byte in row {
        if quoted && (escaped || escape == Some(byte)) {
            escaped = !escaped;
        } else if quoted {
            if byte == b'"' {
                (quoted, closing) = (false, true);
            }
        } else if byte == b'"' && (at_start || closing) {
            (quoted, closing, at_start) = (true, false, false);
        } else {
            at_start = byte == delimiter;
            closing = false;
        }
    }
    quoted
}

/// Hands bytes to the csv crate and keeps those that the current row may need.
struct Tap {
    text: Peeked,
    kept: Vec<u8>,
    /// The offset of the first byte that is kept.
    start: u64,
    /// The offset of the first byte that is needed.
    needed: u64,
    ended: bool,
}

impl Read for Tap {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.text.read(buffer)?;
        let done = (self.needed.saturating_sub(self.start) as usize).min(self.kept.len());
        self.kept.drain(..done);
        self.start += done as u64;
        self.kept.extend_from_slice(&buffer[..count]);
        if self.kept.len() > LONGEST_ROW + BUFFER {
            return Err(too_long());
        }
        self.ended |= count == 0 && !buffer.is_empty();
        Ok(count)
    }
}
