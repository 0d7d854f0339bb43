//! Bytes -> UTF-8: gzip, byte order marks, UTF-16 and Windows-1252, all streaming. Floor 2.
//!
//! Everything is judged on the file's head, except that a file whose head is all ASCII is judged again where the first other byte
//! stands. What is refused here is refused because no text can be had of it; bytes that are not
//! UTF-8 in a file that otherwise is are left standing for the reader to reject row by row.

use std::{
    io::{self, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::read::MultiGzDecoder;

use crate::error::{Error, ErrorKind, Result};

/// Bytes of the file on which its encoding is judged.
const JUDGED: usize = 1 << 20;
/// Bytes of the text that a reader may look at before it begins.
const SEEN: usize = 1 << 16;

/// A text and what should be known of it.
pub struct Text {
    /// The text, UTF-8 but for damage, without a byte order mark.
    pub reader: Peeked,
    /// Sentences for the user.
    pub warnings: Vec<String>,
    /// Whether it has turned out while reading that the file is no UTF-8.
    pub late: Arc<AtomicBool>,
}

/// What is said of a file that is read as Windows-1252.
pub const AS_WINDOWS_1252: &str =
    "not UTF-8, read as Windows-1252; if letters look wrong, save the file as UTF-8";

/// Decompresses and decodes `reader`; `path` is for messages.
pub fn text(reader: Box<dyn Read + Send>, path: &Path) -> Result<Text> {
    let failed = |source| Error::io(path, "read", source);
    let mut bytes = Peeked::new(reader, JUDGED).map_err(failed)?;
    if bytes.head().starts_with(b"\x1f\x8b") {
        bytes = Peeked::new(Box::new(MultiGzDecoder::new(bytes)), JUDGED).map_err(failed)?;
    }
    if bytes.head().is_empty() {
        return Err(ErrorKind::NoRows { path: path.to_owned(), found: "an empty file" }.into());
    }

    let (encoding, mark) = judge(bytes.head(), bytes.is_whole())
        .map_err(|found| Error::from(ErrorKind::NotText { path: path.to_owned(), found }))?;
    bytes.skip(mark);
    let mut warnings = Vec::new();
    let late = Arc::new(AtomicBool::new(false));
    let decoded: Box<dyn Read + Send> = match encoding {
        None if mark == 0 && !bytes.is_whole() && bytes.head().is_ascii() => Box::new(Undecided {
            bytes: Box::new(bytes),
            is_decided: false,
            is_windows_1252: Arc::clone(&late),
        }),
        None => Box::new(bytes),
        Some(encoding) => {
            if encoding == WINDOWS_1252 {
                warnings.push(AS_WINDOWS_1252.to_owned());
            }
            Box::new(DecodeReaderBytesBuilder::new().encoding(Some(encoding)).build(bytes))
        }
    };
    let reader = Peeked::new(decoded, SEEN).map_err(failed)?;
    Ok(Text { reader, warnings, late })
}

/// The beginning of a file as UTF-8 where it is text, and as it stands where it is none.
pub fn preview(head: &[u8]) -> Vec<u8> {
    match judge(head, false) {
        Ok((Some(encoding), mark)) => {
            encoding.decode_without_bom_handling(&head[mark..]).0.into_owned().into_bytes()
        }
        Ok((None, mark)) => head[mark..].to_vec(),
        Err(_) => head.to_vec(),
    }
}

/// The encoding of a file with this head, `None` for UTF-8, and the bytes of its byte order mark; else what it is instead of text.
fn judge(head: &[u8], whole: bool) -> std::result::Result<(Option<&'static Encoding>, usize), String> {
    const UTF_8_MARK: &[u8] = b"\xEF\xBB\xBF";
    // Before UTF-16, whose mark is the first half of this one.
    if head.starts_with(b"\xFF\xFE\0\0") || head.starts_with(b"\0\0\xFE\xFF") {
        return Err("UTF-32".to_owned());
    }
    if head.starts_with(b"\xFF\xFE") {
        return Ok((Some(UTF_16LE), 2));
    }
    if head.starts_with(b"\xFE\xFF") {
        return Ok((Some(UTF_16BE), 2));
    }
    if let Some((_, found)) = SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature)) {
        return Err((*found).to_owned());
    }
    if let Some(encoding) = utf_16_by_zeros(head) {
        return Ok((Some(encoding), 0));
    }
    if let Some(at) = head.iter().position(|&byte| byte == 0) {
        return Err(format!("binary data: a zero at byte {}", at + 1));
    }
    if head.starts_with(UTF_8_MARK) {
        // The mark says UTF-8; damage further on is damage.
        return Ok((None, UTF_8_MARK.len()));
    }
    Ok((if is_windows_1252(head, whole) { Some(WINDOWS_1252) } else { None }, 0))
}

/// How files begin that people hand in for a table.
const SIGNATURES: [(&[u8], &str); 13] = [
    (b"PK\x03\x04", "a zip file, as are .xlsx and .ods"),
    (b"PK\x05\x06", "an empty zip file"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG image"),
    (b"GIF8", "a GIF image"),
    (b"\xFF\xD8\xFF", "a JPEG image"),
    (b"\xD0\xCF\x11\xE0", "an old Office file, such as .xls"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"\x28\xB5\x2F\xFD", "a zstd file"),
    (b"BZh", "a bzip2 file"),
    (b"\xFD7zXZ\0", "an xz file"),
    (b"7z\xBC\xAF\x27\x1C", "a 7z file"),
];

/// UTF-16 without a mark: a header is mostly Latin letters, so every other of its bytes is zero.
fn utf_16_by_zeros(head: &[u8]) -> Option<&'static Encoding> {
    let start = &head[..head.len().min(256) & !1];
    let zeros = |parity: usize| start.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd, units) = (zeros(0), zeros(1), start.len() / 2);
    // At least two letters, and one side nearly all zeros while the other has nearly none.
    if units >= 2 && odd * 2 > units && even * 10 < units {
        Some(UTF_16LE)
    } else if units >= 2 && even * 2 > units && odd * 10 < units {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Whether more of the bytes above ASCII are damage, seen as UTF-8, than are characters.
fn is_windows_1252(head: &[u8], whole: bool) -> bool {
    let (mut characters, mut damage) = (0_u64, 0_u64);
    let mut chunks = head.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        if !chunk.valid().is_ascii() {
            characters += chunk.valid().bytes().filter(|&byte| byte >= 0xC0).count() as u64;
        }
        // A character cut in two where the head ends is none of the file's damage.
        let cut = !whole && chunks.peek().is_none() && is_cut(chunk.invalid());
        damage += u64::from(!chunk.invalid().is_empty() && !cut);
    }
    damage > characters
}

/// Whether the bytes are the beginning of a character.
fn is_cut(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

/// A file that was ASCII so far: its encoding is judged on what follows the first byte that is not.
struct Undecided {
    bytes: Box<dyn Read + Send>,
    is_decided: bool,
    is_windows_1252: Arc<AtomicBool>,
}

impl Read for Undecided {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        if self.is_decided {
            return Ok(count);
        }
        let Some(at) = buffer[..count].iter().position(|byte| !byte.is_ascii()) else {
            return Ok(count);
        };
        self.is_decided = true;
        let rest = std::mem::replace(&mut self.bytes, Box::new(io::empty()));
        let rest = Peeked::after(buffer[at..count].to_vec(), rest, JUDGED)?;
        self.bytes = if is_windows_1252(rest.head(), rest.is_whole()) {
            self.is_windows_1252.store(true, Ordering::Relaxed);
            Box::new(DecodeReaderBytesBuilder::new().encoding(Some(WINDOWS_1252)).build(rest))
        } else {
            Box::new(rest)
        };
        // What was ASCII has been read; where there is none, the rest begins at once.
        if at > 0 { Ok(at) } else { self.bytes.read(buffer) }
    }
}

/// A stream whose beginning can be seen before it is read.
pub struct Peeked {
    head: Vec<u8>,
    /// Bytes of the head that were read or skipped.
    at: usize,
    /// The stream failed within the head: to be said once the head was read.
    failed: Option<io::Error>,
    whole: bool,
    rest: Box<dyn Read + Send>,
}

impl Peeked {
    /// Takes up to `limit` bytes of the stream as its head. Fails only where there is nothing before the failure.
    fn new(rest: Box<dyn Read + Send>, limit: usize) -> io::Result<Self> {
        Self::after(Vec::new(), rest, limit)
    }

    /// The same for a stream of which some bytes were read already.
    fn after(mut head: Vec<u8>, mut rest: Box<dyn Read + Send>, limit: usize) -> io::Result<Self> {
        let limit = limit.max(head.len() + 1);
        let failed = match rest.by_ref().take((limit - head.len()) as u64).read_to_end(&mut head) {
            Ok(_) => None,
            Err(error) if head.is_empty() => return Err(error),
            Err(error) => Some(error),
        };
        let whole = head.len() < limit;
        Ok(Self { head, at: 0, failed, whole, rest })
    }

    /// The beginning of the stream.
    pub fn head(&self) -> &[u8] {
        &self.head[self.at..]
    }

    /// Whether the head is all there is.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Leaves out the next `count` bytes of the head.
    pub fn skip(&mut self, count: usize) {
        self.at = self.head.len().min(self.at + count);
    }
}

impl Read for Peeked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at < self.head.len() {
            let count = self.head().read(buffer)?;
            self.at += count;
            return Ok(count);
        }
        // The head has been read, and its memory is not needed any more.
        self.head = Vec::new();
        self.at = 0;
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if self.whole {
            return Ok(0);
        }
        loop {
            match self.rest.read(buffer) {
                // The csv crate takes an interruption for a failure.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}
