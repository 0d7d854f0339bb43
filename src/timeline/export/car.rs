//! A repository of the AT protocol: blocks of a CAR file, and the tree over them. Floor 2.
//!
//! A file may be made by anybody: lengths are held against bounds before memory is taken, the walk has no recursion, goes into no node
//! twice and not deeper than any real tree. What the walk does not reach is handed out behind it, without a key.

use std::{
    collections::HashMap,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
};

use ipld_core::{cid::Cid, ipld::Ipld};
use tempfile::SpooledTempFile;

/// Bytes of the longest block that is read; records are below 1 MiB by the protocol.
const LONGEST_BLOCK: u64 = 4 << 20;
/// Blocks of the largest file: far above any account, and some 500 MB of what is remembered of them.
const MOST_BLOCKS: usize = 8 << 20;
/// Bytes of the longest key, by the protocol.
const LONGEST_KEY: usize = 1024;
/// Nodes from the root to a leaf. A tree of a billion records has some 20.
const DEEPEST: usize = 200;
/// Bytes of blocks that stay in memory.
const IN_MEMORY: usize = 32 << 20;

/// Whether a file begins as a CAR file does: a length, and a map with `roots` and `version`.
pub fn is_car(head: &[u8]) -> bool {
    let mut start = &head[..head.len().min(128)];
    let Ok(length) = varint(&mut start) else { return false };
    length < 1 << 16
        && start.first().is_some_and(|byte| byte & 0xe0 == 0xa0)
        && memchr::memmem::find(start, b"eroots").is_some()
}

/// A repository, all of whose blocks were found in the file.
pub struct Repository {
    blocks: SpooledTempFile,
    /// Where each block stands, in the order of the file, and whether it was handed out or is a node.
    places: Vec<Place>,
    /// Blocks by the digest of their identifier.
    by_digest: HashMap<Digest, u32>,
    /// Who owns it.
    pub did: String,
    /// What is wrong with the file; the walk is not complete then.
    pub problem: Option<String>,
    path: Vec<Frame>,
    /// The next block to look at once the walk is over.
    rest: usize,
}

type Digest = [u8; 16];

struct Place {
    at: u64,
    length: u32,
    used: bool,
}

/// A node on the way from the root to where the walk stands.
struct Frame {
    /// The subtree before the first entry.
    left: Option<Cid>,
    entries: std::vec::IntoIter<Ipld>,
    /// The record and the subtree of the entry that was taken last.
    record: Option<Cid>,
    right: Option<Cid>,
    key: Vec<u8>,
}

/// A record and its key, such as `app.bsky.feed.post/3k…`; without a key where the tree did not lead to it.
pub struct Record {
    /// The key, empty where it is not known.
    pub key: String,
    /// The record.
    pub value: Ipld,
    /// The identifier of the block, as 16 bytes of its digest.
    pub digest: String,
}

impl Repository {
    /// Takes in all blocks of a file. Fails only where it is no CAR file at all.
    pub fn read(reader: impl Read) -> io::Result<Self> {
        let mut reader = BufReader::with_capacity(1 << 16, reader);
        let header = block(&mut reader)?.ok_or_else(|| damage("an empty file"))?;
        let header: Ipld = serde_ipld_dagcbor::from_slice(&header)
            .map_err(|error| damage(&format!("no header: {error}")))?;
        let mut repository = Self {
            blocks: SpooledTempFile::new(IN_MEMORY),
            places: Vec::new(),
            by_digest: HashMap::new(),
            did: String::new(),
            problem: None,
            path: Vec::new(),
            rest: 0,
        };
        let mut at = 0;
        loop {
            match block(&mut reader) {
                Ok(None) => break,
                Err(error) => {
                    // The blocks before the damage are there.
                    repository.problem = Some(error.to_string());
                    break;
                }
                Ok(Some(_)) if repository.places.len() == MOST_BLOCKS => {
                    repository.problem = Some(format!("more than {MOST_BLOCKS} blocks"));
                    break;
                }
                Ok(Some(bytes)) => {
                    let mut rest = bytes.as_slice();
                    let Ok(cid) = Cid::read_bytes(&mut rest) else {
                        repository.problem = Some("a block without an identifier".to_owned());
                        continue;
                    };
                    repository.blocks.write_all(rest)?;
                    repository.by_digest.entry(digest(&cid)).or_insert(repository.places.len() as u32);
                    repository.places.push(Place { at, length: rest.len() as u32, used: false });
                    at += rest.len() as u64;
                }
            }
        }
        match get(&header, "roots") {
            Some(Ipld::List(roots)) => match roots.first() {
                Some(Ipld::Link(root)) => repository.begin(root)?,
                _ => repository.fail("no root"),
            },
            _ => repository.fail("no root"),
        }
        Ok(repository)
    }

    fn begin(&mut self, root: &Cid) -> io::Result<()> {
        let Some(commit) = self.block(root)? else {
            self.fail("its root is missing");
            return Ok(());
        };
        if let Some(Ipld::String(did)) = get(&commit, "did") {
            self.did.clone_from(did);
        }
        match get(&commit, "data") {
            Some(Ipld::Link(data)) => self.enter(data)?,
            _ => self.fail("its root is no commit"),
        }
        Ok(())
    }

    /// The next record in the order of the keys, then those that the tree did not lead to.
    pub fn next(&mut self) -> io::Result<Option<Record>> {
        while let Some(frame) = self.path.last_mut() {
            if let Some(left) = frame.left.take() {
                self.enter(&left)?;
                continue;
            }
            if let Some(cid) = frame.record.take() {
                let key = String::from_utf8_lossy(&frame.key).into_owned();
                match self.block(&cid)? {
                    Some(value) => return Ok(Some(Record { key, value, digest: hex(&digest(&cid)) })),
                    None => self.fail("a record is missing"),
                }
                continue;
            }
            if let Some(right) = frame.right.take() {
                self.enter(&right)?;
                continue;
            }
            match frame.entries.next() {
                None => {
                    self.path.pop();
                }
                Some(entry) => {
                    let (Some(Ipld::Integer(shared)), Some(Ipld::Bytes(own)), Some(Ipld::Link(value))) =
                        (get(&entry, "p"), get(&entry, "k"), get(&entry, "v"))
                    else {
                        self.fail("a node whose entries are none");
                        continue;
                    };
                    let shared = usize::try_from(*shared).unwrap_or(usize::MAX);
                    if shared > frame.key.len() || shared + own.len() > LONGEST_KEY {
                        self.fail("a key that cannot be");
                        continue;
                    }
                    frame.key.truncate(shared);
                    frame.key.extend_from_slice(own);
                    frame.record = Some(*value);
                    frame.right = match get(&entry, "t") {
                        Some(Ipld::Link(right)) => Some(*right),
                        _ => None,
                    };
                }
            }
        }
        while self.rest < self.places.len() {
            self.rest += 1;
            if self.problem.is_some()
                && let Some(value) = self.take(self.rest - 1)?
            {
                return Ok(Some(Record {
                    key: String::new(),
                    value,
                    digest: format!("block-{}", self.rest),
                }));
            }
        }
        Ok(None)
    }

    /// Goes into a node.
    fn enter(&mut self, cid: &Cid) -> io::Result<()> {
        if self.path.len() >= DEEPEST {
            self.fail("a tree that is too deep");
            return Ok(());
        }
        let Some(node) = self.block(cid)? else {
            self.fail("a node is missing, or is its own parent");
            return Ok(());
        };
        let left = match get(&node, "l") {
            Some(Ipld::Link(left)) => Some(*left),
            _ => None,
        };
        let Ipld::Map(mut node) = node else {
            self.fail("a node that is none");
            return Ok(());
        };
        let Some(Ipld::List(entries)) = node.remove("e") else {
            self.fail("a node that is none");
            return Ok(());
        };
        let entries = entries.into_iter();
        self.path.push(Frame { left, entries, record: None, right: None, key: Vec::new() });
        Ok(())
    }

    /// The block of that identifier, once only.
    fn block(&mut self, cid: &Cid) -> io::Result<Option<Ipld>> {
        match self.by_digest.get(&digest(cid)) {
            Some(&place) => self.take(place as usize),
            None => Ok(None),
        }
    }

    fn take(&mut self, place: usize) -> io::Result<Option<Ipld>> {
        let place = &mut self.places[place];
        if std::mem::replace(&mut place.used, true) {
            return Ok(None);
        }
        let mut bytes = vec![0; place.length as usize];
        self.blocks.seek(SeekFrom::Start(place.at))?;
        self.blocks.read_exact(&mut bytes)?;
        let value = serde_ipld_dagcbor::from_slice(&bytes).ok();
        if value.is_none() {
            self.fail("a block that is no DAG-CBOR");
        }
        Ok(value)
    }

    fn fail(&mut self, problem: &str) {
        self.problem.get_or_insert_with(|| problem.to_owned());
    }
}

/// The value under a key of a map.
pub fn get<'a>(value: &'a Ipld, key: &str) -> Option<&'a Ipld> {
    match value {
        Ipld::Map(map) => map.get(key),
        _ => None,
    }
}

/// The next length and its bytes; `None` at the end.
fn block(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    if reader.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let length = varint(reader)?;
    if length > LONGEST_BLOCK {
        return Err(damage(&format!("a block of {length} bytes, expected at most {LONGEST_BLOCK}")));
    }
    let mut bytes = Vec::new();
    reader.take(length).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length {
        return Err(damage("cut off within a block"));
    }
    Ok(Some(bytes))
}

/// An unsigned number of at most 63 bits, seven bits a byte, the lowest first.
fn varint(reader: &mut impl Read) -> io::Result<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let mut byte = [0];
        reader.read_exact(&mut byte).map_err(|_| damage("cut off within a length"))?;
        number |= u64::from(byte[0] & 0x7f) << shift;
        if byte[0] < 0x80 {
            return Ok(number);
        }
    }
    Err(damage("a length above 2^63"))
}

fn digest(cid: &Cid) -> Digest {
    let mut digest = [0; 16];
    let whole = cid.hash().digest();
    let length = whole.len().min(digest.len());
    digest[..length].copy_from_slice(&whole[..length]);
    digest
}

fn hex(digest: &Digest) -> String {
    use std::fmt::Write;
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn damage(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
