//! One big JSON document -> its items one after another, without holding it. Floor 2.
//!
//! Items are the elements of an array that is the document, or of arrays right below the object that it is; whatever else
//! stands under a key of that object is an item itself. A script such as `window.YTD.tweets.part0 = […]` is read from
//! behind its first `=`. Memory holds one item at a time, and no item above a bound.

use std::io::{self, BufRead, BufReader, Read};

use memchr::{memchr, memchr2};

use crate::timeline::{RejectReason, count_byte};

/// Bytes that are read at once.
const BUFFER: usize = 1 << 16;
/// Bytes of the largest item that is kept: far above any post.
const LARGEST: usize = 16 << 20;
/// Bytes before the `=` of a script.
const LONGEST_NAME: usize = 1024;

/// A document being read.
pub struct Document<R> {
    text: BufReader<R>,
    place: Place,
    /// Whether an object is around the array that is being read.
    in_object: bool,
    line: u64,
    key: String,
    raw: Vec<u8>,
}

/// An element of an array, or a value of the object around.
#[derive(Debug)]
pub struct Item<'a> {
    /// The key under which it or its array stands; empty in a document that is an array.
    pub key: &'a str,
    /// Whether it is an element of an array.
    pub is_element: bool,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Its JSON.
    pub raw: &'a [u8],
    /// Why it cannot be used, if that is known already.
    pub checked: Result<(), RejectReason>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Before,
    Object,
    Array,
    Line,
    After,
}

/// How a value ended.
enum End {
    Whole,
    TooLarge,
    Cut,
}

impl<R: Read> Document<R> {
    /// Reads from the beginning of a document.
    pub fn new(text: R) -> Self {
        Self {
            text: BufReader::with_capacity(BUFFER, text),
            place: Place::Before,
            in_object: false,
            line: 1,
            key: String::new(),
            raw: Vec::new(),
        }
    }

    /// Reads a text with an item a line.
    pub fn lines(text: R) -> Self {
        Self { place: Place::Line, ..Self::new(text) }
    }

    /// Reads the next item; `None` at the end.
    pub fn next(&mut self) -> io::Result<Option<Item<'_>>> {
        loop {
            match self.place {
                Place::Before => {
                    if !self.begin()? {
                        self.place = Place::After;
                        return Ok(Some(
                            self.item(Err(RejectReason::BadJson("no array or object".to_owned()))),
                        ));
                    }
                }
                Place::Object => match self.skip(b",")? {
                    Some(b'}') => {
                        self.text.consume(1);
                        self.place = Place::After;
                    }
                    None => return Ok(Some(self.cut())),
                    Some(_) => {
                        if let End::Cut = self.value()? {
                            return Ok(Some(self.cut()));
                        }
                        self.key = serde_json::from_slice(&self.raw)
                            .unwrap_or_else(|_| String::from_utf8_lossy(&self.raw).into_owned());
                        match self.skip(b":")? {
                            Some(b'[') => {
                                self.text.consume(1);
                                self.place = Place::Array;
                            }
                            None => return Ok(Some(self.cut())),
                            // A key without a value, which `value` would wait for.
                            Some(b'}' | b']' | b',') => {
                                return Ok(Some(
                                    self.item(Err(RejectReason::BadJson("no value".to_owned()))),
                                ));
                            }
                            Some(_) => return self.whole_value(false).map(Some),
                        }
                    }
                },
                Place::Array => match self.skip(b",")? {
                    Some(b']') => {
                        self.text.consume(1);
                        self.place = if self.in_object { Place::Object } else { Place::After };
                    }
                    None => return Ok(Some(self.cut())),
                    Some(_) => return self.whole_value(true).map(Some),
                },
                Place::Line => {
                    if self.skip(b"")?.is_none() {
                        return Ok(None);
                    }
                    return self.rest_of_line().map(Some);
                }
                Place::After => {
                    if self.skip(b";")?.is_none() {
                        return Ok(None);
                    }
                    // One reject for all of it.
                    io::copy(&mut self.text, &mut io::sink())?;
                    self.raw.clear();
                    let reason = RejectReason::BadJson("text behind the end".to_owned());
                    return Ok(Some(self.item(Err(reason))));
                }
            }
        }
    }

    fn rest_of_line(&mut self) -> io::Result<Item<'_>> {
        self.raw.clear();
        let (line, mut length) = (self.line, 0);
        loop {
            let buffer = self.text.fill_buf()?;
            let end = memchr(b'\n', buffer);
            let taken = &buffer[..end.unwrap_or(buffer.len())];
            length += taken.len();
            if length <= LARGEST {
                self.raw.extend_from_slice(taken);
            }
            let (count, is_over) = (taken.len(), end.is_some() || buffer.is_empty());
            self.text.consume(count);
            if is_over {
                let checked =
                    if length > LARGEST { Err(RejectReason::TooLarge { most: LARGEST }) } else { Ok(()) };
                self.raw.truncate(self.raw.trim_ascii_end().len());
                return Ok(Item { key: "", is_element: true, line, raw: &self.raw, checked });
            }
        }
    }

    fn item(&self, checked: Result<(), RejectReason>) -> Item<'_> {
        let is_element = self.place == Place::Array;
        Item { key: &self.key, is_element, line: self.line, raw: &self.raw, checked }
    }

    /// The file ends within an item, or before the end of the document.
    fn cut(&mut self) -> Item<'_> {
        self.place = Place::After;
        self.item(Err(RejectReason::BadJson("the file is cut off".to_owned())))
    }

    fn whole_value(&mut self, is_element: bool) -> io::Result<Item<'_>> {
        let line = self.line;
        let checked = match self.value()? {
            End::Whole => Ok(()),
            End::TooLarge => Err(RejectReason::TooLarge { most: LARGEST }),
            End::Cut => return Ok(self.cut()),
        };
        Ok(Item { key: &self.key, is_element, line, raw: &self.raw, checked })
    }

    /// Goes to the first bracket, behind the `=` of a script, and says whether there is one.
    fn begin(&mut self) -> io::Result<bool> {
        let mut first = self.skip(b"")?;
        if !matches!(first, Some(b'[' | b'{')) {
            let mut name = Vec::new();
            self.text.by_ref().take(LONGEST_NAME as u64).read_until(b'=', &mut name)?;
            self.line += count_byte(&name, b'\n');
            first = self.skip(b"")?;
        }
        self.place = match first {
            Some(b'[') => Place::Array,
            Some(b'{') => Place::Object,
            _ => return Ok(false),
        };
        self.in_object = self.place == Place::Object;
        self.text.consume(1);
        Ok(true)
    }

    /// Passes over white space and `also`, and shows the byte that follows.
    fn skip(&mut self, also: &[u8]) -> io::Result<Option<u8>> {
        loop {
            let buffer = self.text.fill_buf()?;
            if buffer.is_empty() {
                return Ok(None);
            }
            let passed = buffer
                .iter()
                .position(|byte| !byte.is_ascii_whitespace() && !also.contains(byte))
                .unwrap_or(buffer.len());
            self.line += count_byte(&buffer[..passed], b'\n');
            let found = buffer.get(passed).copied();
            self.text.consume(passed);
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Takes the value that begins here into `raw`.
    fn value(&mut self) -> io::Result<End> {
        self.raw.clear();
        let (mut depth, mut quoted, mut escaped) = (0_u64, false, false);
        let mut too_large = false;
        loop {
            let buffer = self.text.fill_buf()?;
            if buffer.is_empty() {
                return Ok(End::Cut);
            }
            let mut at = 0;
            let mut ended = false;
            while at < buffer.len() && !ended {
                if escaped {
                    escaped = false;
                    at += 1;
                } else if quoted {
                    match memchr2(b'"', b'\\', &buffer[at..]) {
                        Some(found) => {
                            at += found;
                            escaped = buffer[at] == b'\\';
                            quoted = escaped;
                            at += 1;
                            ended = !quoted && depth == 0;
                        }
                        None => at = buffer.len(),
                    }
                } else {
                    match buffer[at] {
                        b'"' => quoted = true,
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' if depth > 0 => {
                            depth -= 1;
                            ended = depth == 0;
                        }
                        // The end of a number or word, which belongs to what follows; one byte is taken at least.
                        b'}' | b']' | b',' | b':' if depth == 0 && (at > 0 || !self.raw.is_empty()) => {
                            ended = true;
                            continue;
                        }
                        byte if depth == 0 && byte.is_ascii_whitespace() => ended = true,
                        _ => {}
                    }
                    at += 1;
                }
            }
            let taken = &buffer[..at];
            self.line += count_byte(taken, b'\n');
            too_large |= self.raw.len() + taken.len() > LARGEST;
            if !too_large {
                self.raw.extend_from_slice(taken);
            }
            self.text.consume(at);
            if ended {
                let end = self.raw.trim_ascii_end().len();
                self.raw.truncate(end);
                return Ok(if too_large { End::TooLarge } else { End::Whole });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(json: &str) -> Vec<String> {
        // One byte at a time, so that every place is an end of the buffer once.
        let mut document = Document::new(OneByte(json.as_bytes()));
        let mut found = Vec::new();
        while let Some(item) = document.next().expect("memory can be read") {
            let raw = String::from_utf8_lossy(item.raw).into_owned();
            found.push(match item.checked {
                Ok(()) if item.key.is_empty() => format!("{} {raw}", item.line),
                Ok(()) if item.is_element => format!("{} {}[] {raw}", item.line, item.key),
                Ok(()) => format!("{} {} {raw}", item.line, item.key),
                Err(reason) => format!("! {reason}"),
            });
        }
        found
    }

    struct OneByte<'a>(&'a [u8]);

    impl Read for OneByte<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = buffer.len().min(1);
            self.0.read(&mut buffer[..count])
        }
    }

    #[test]
    fn items_of_every_layout_are_found() {
        let cases: [(&str, &[&str]); 12] = [
            ("[1, \"a]\\\"\",\n{\"b\": [2]}]", &["1 1", "1 \"a]\\\"\"", "2 {\"b\": [2]}"]),
            ("{\"a\": 1, \"b\": [2, {}], \"c\":{}}", &["1 a 1", "1 b[] 2", "1 b[] {}", "1 c {}"]),
            ("window.YTD.tweets.part0 = [ {\"t\":1} ]\n", &["1 {\"t\":1}"]),
            ("window.YTD.tweet.part0 =\n[\n{},\n{}\n];", &["3 {}", "4 {}"]),
            ("[]", &[]),
            ("{}", &[]),
            ("", &["! not JSON: no array or object"]),
            ("[1", &["! not JSON: the file is cut off"]),
            ("[{\"a\":1},", &["1 {\"a\":1}", "! not JSON: the file is cut off"]),
            ("{\"a\"", &["! not JSON: the file is cut off"]),
            ("{\"a\":}", &["! not JSON: no value"]),
            ("[1] x", &["1 1", "! not JSON: text behind the end"]),
        ];
        for (json, expected) in cases {
            assert_eq!(items(json), expected, "{json}");
        }
    }

    #[test]
    fn an_item_above_the_bound_is_not_held() {
        let json = format!("[\"{}\", 1]", "a".repeat(LARGEST));
        let mut document = Document::new(json.as_bytes());
        let first = document.next().expect("memory can be read").expect("an item");
        assert_eq!(first.checked, Err(RejectReason::TooLarge { most: LARGEST }));
        let second = document.next().expect("memory can be read").expect("an item");
        assert_eq!(second.raw, b"1");
    }
}
