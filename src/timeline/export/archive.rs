//! What an export comes in: a folder, a zip, a tar, or one file. Floor 2.
//!
//! Names are labels here and nothing is ever unpacked under them. A zip or folder hands out its members one by one; a tar, which can
//! only be read in one go, has the members that may hold posts copied into one unnamed file first. All that an
//! archive unpacks to is bounded by its size, so that a bomb is refused before it has cost much.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use flate2::{Crc, bufread::DeflateDecoder, read::MultiGzDecoder};
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive, ZipArchiveEntryWayfinder};
use walkdir::WalkDir;

use crate::{
    error::{Error, ErrorKind, Result},
    timeline::export::name::Name,
};

/// Bytes that any archive may unpack to.
const UNPACKED_FLOOR: u64 = 64 << 20;
/// How many times its own size an archive may unpack to. Exports stay below 30.
const UNPACKED_RATIO: u64 = 200;
/// Members that may hold posts, of one archive. Exports have some hundreds.
const MOST_MEMBERS: usize = 50_000;
/// Bytes of the longest name of a member.
const LONGEST_NAME: usize = 1024;
/// Folders within folders.
const DEEPEST: usize = 32;

/// An export as its user has it.
pub struct Archive {
    path: PathBuf,
    zip: Option<ZipArchive<rawzip::FileReader>>,
    /// Members of a tar that may hold posts, one behind the other.
    copied: Option<File>,
    /// What may hold posts, in the order of the names.
    pub members: Vec<Member>,
    /// What cannot hold posts, counted by what it is.
    pub left: BTreeMap<&'static str, u64>,
    /// Bytes that may still be unpacked.
    budget: Arc<AtomicU64>,
}

/// A file of an export.
pub struct Member {
    /// Its name.
    pub name: Name,
    place: Place,
}

enum Place {
    File(PathBuf),
    GzipFile(PathBuf),
    Zip { wayfinder: ZipArchiveEntryWayfinder, method: CompressionMethod, crc: u32, size: u64 },
    Copied { start: u64, length: u64 },
}

/// What a path is, judged by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// A folder.
    Folder,
    /// A zip file.
    Zip,
    /// A tar file.
    Tar,
    /// A gzipped tar file.
    GzipTar,
    /// A gzipped file that is no tar.
    Gzip,
    /// Any other file.
    File,
}

impl Container {
    /// Looks at the path.
    pub fn of(path: &Path) -> io::Result<Self> {
        if path.is_dir() {
            return Ok(Self::Folder);
        }
        let mut head = Vec::new();
        File::open(path)?.take(512).read_to_end(&mut head)?;
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            return Ok(Self::Zip);
        }
        if head.starts_with(b"\x1f\x8b") {
            let mut start = Vec::new();
            // What is damaged is found when it is read.
            let _ = MultiGzDecoder::new(File::open(path)?).take(512).read_to_end(&mut start);
            return Ok(if is_tar(&start) { Self::GzipTar } else { Self::Gzip });
        }
        Ok(if is_tar(&head) { Self::Tar } else { Self::File })
    }
}

fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

impl Archive {
    /// Lists what is in the path.
    pub fn open(path: &Path, container: Container) -> Result<Self> {
        let size = path.metadata().map_or(0, |metadata| metadata.len());
        let unpacked = if matches!(container, Container::Folder | Container::File) {
            u64::MAX
        } else {
            UNPACKED_FLOOR.max(size.saturating_mul(UNPACKED_RATIO))
        };
        let mut archive = Self {
            path: path.to_owned(),
            zip: None,
            copied: None,
            members: Vec::new(),
            left: BTreeMap::new(),
            budget: Arc::new(AtomicU64::new(unpacked)),
        };
        match container {
            Container::Folder => archive.list_folder()?,
            Container::Zip => archive.list_zip()?,
            Container::Tar | Container::GzipTar => archive.copy_tar(container)?,
            Container::Gzip | Container::File => {
                let name = path.file_name().unwrap_or(OsStr::new("-")).to_string_lossy();
                let name = Name::new(name.strip_suffix(".gz").unwrap_or(&name));
                let place = if container == Container::File { Place::File } else { Place::GzipFile };
                archive.members.push(Member { name, place: place(path.to_owned()) });
            }
        }
        archive.members.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(archive)
    }

    /// Whether it is a file by itself.
    pub fn is_one_file(&self) -> bool {
        matches!(self.members.as_slice(), [Member { place: Place::File(path) | Place::GzipFile(path), .. }] if *path == self.path)
    }

    /// The beginning of a member and all that follows it.
    pub fn read(&self, member: &Member) -> io::Result<Box<dyn Read + Send>> {
        let reader: Box<dyn Read + Send> = match &member.place {
            Place::File(path) => return Ok(Box::new(File::open(path)?)),
            Place::GzipFile(path) => Box::new(MultiGzDecoder::new(BufReader::new(File::open(path)?))),
            Place::Zip { wayfinder, method, crc, size } => {
                self.read_zip(*wayfinder, *method, (*crc, *size))?
            }
            Place::Copied { start, length } => {
                let Some(copied) = &self.copied else { return Ok(Box::new(io::empty())) };
                // The clone shares its place with the original: one member is read at a time.
                let mut file = copied.try_clone()?;
                file.seek(SeekFrom::Start(*start))?;
                return Ok(Box::new(file.take(*length)));
            }
        };
        Ok(Box::new(Bounded { reader, budget: Arc::clone(&self.budget) }))
    }

    fn read_zip(
        &self,
        wayfinder: ZipArchiveEntryWayfinder,
        method: CompressionMethod,
        expected: (u32, u64),
    ) -> io::Result<Box<dyn Read + Send>> {
        let zip = self.zip.as_ref().ok_or_else(|| io::Error::other("no zip file"))?;
        let entry = zip.get_entry(wayfinder).map_err(|error| io::Error::other(error.to_string()))?;
        let (start, end) = entry.compressed_data_range();
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(start))?;
        let data = BufReader::with_capacity(1 << 16, file.take(end.saturating_sub(start)));
        let reader: Box<dyn Read + Send> = match method {
            CompressionMethod::STORE => Box::new(data),
            CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(data)),
            method => {
                return Err(io::Error::other(format!(
                    "compressed by {method:?}, expected stored or deflated"
                )));
            }
        };
        Ok(Box::new(Checked { reader, crc: Crc::new(), expected }))
    }

    fn list_folder(&mut self) -> Result<()> {
        let walk = WalkDir::new(&self.path).follow_links(false).max_depth(DEEPEST).sort_by_file_name();
        for entry in walk {
            let entry = entry.map_err(|error| {
                let path = error.path().unwrap_or(&self.path).to_owned();
                Error::io(path, "read", error.into())
            })?;
            if !entry.file_type().is_file() {
                continue;
            }
            let below = entry.path().strip_prefix(&self.path).unwrap_or(entry.path());
            let name = below.to_string_lossy().replace('\\', "/");
            let size = entry.metadata().map_or(0, |metadata| metadata.len());
            self.note(name.as_bytes(), size, |_| Ok(Place::File(entry.path().to_owned())))?;
        }
        Ok(())
    }

    fn list_zip(&mut self) -> Result<()> {
        let failed = |path: &Path, error: rawzip::Error| {
            damaged(path, &format!("a zip file that is damaged: {error}"))
        };
        let path = self.path.clone();
        let file = File::open(&path).map_err(|source| Error::io(&path, "open", source))?;
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let zip = ZipArchive::from_file(file, &mut buffer).map_err(|error| failed(&path, error))?;
        let mut entries = zip.entries(&mut buffer);
        let mut count = 0_u64;
        while let Some(entry) = entries.next_entry().map_err(|error| failed(&path, error))? {
            count += 1;
            if entry.is_dir() {
                continue;
            }
            let raw = entry.file_path();
            let (wayfinder, method) = (entry.wayfinder(), entry.compression_method());
            let (crc, size) = (entry.crc32(), entry.uncompressed_size_hint());
            self.note(raw.as_bytes(), size, |_| Ok(Place::Zip { wayfinder, method, crc, size }))?;
        }
        if count < zip.entries_hint() {
            *self.left.entry(MISSING).or_default() += zip.entries_hint() - count;
        }
        self.zip = Some(zip);
        Ok(())
    }

    fn copy_tar(&mut self, container: Container) -> Result<()> {
        let path = self.path.clone();
        let failed = |source| Error::io(&path, "read", source);
        let file = BufReader::new(File::open(&path).map_err(|source| Error::io(&path, "open", source))?);
        let reader: Box<dyn Read + Send> =
            if container == Container::Tar { Box::new(file) } else { Box::new(MultiGzDecoder::new(file)) };
        let mut tar = tar::Archive::new(Bounded { reader, budget: Arc::clone(&self.budget) });
        let mut copy =
            tempfile::tempfile().map_err(|source| Error::io("a temporary file", "open", source))?;
        let mut at = 0;
        for entry in tar.entries().map_err(failed)? {
            let mut entry = match entry {
                Ok(entry) => entry,
                // What was read before the damage is there; the rest is missing and said to be.
                Err(error) if !self.members.is_empty() => {
                    *self.left.entry(cut_or_bomb(&error)).or_default() += 1;
                    break;
                }
                Err(error) => return Err(failed(error)),
            };
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let (name, size) = (entry.path_bytes().into_owned(), entry.size());
            let mut is_cut = false;
            self.note(&name, size, |left| {
                let length = match io::copy(&mut entry, &mut copy) {
                    Ok(length) => length,
                    Err(error) => {
                        *left.entry(cut_or_bomb(&error)).or_default() += 1;
                        is_cut = true;
                        copy.stream_position().map_err(failed)?.saturating_sub(at)
                    }
                };
                let place = Place::Copied { start: at, length };
                at += length;
                Ok(place)
            })?;
            if is_cut {
                break;
            }
        }
        copy.flush().map_err(failed)?;
        self.copied = Some(copy);
        Ok(())
    }

    /// Keeps a member that may hold posts, and counts any other.
    fn note(
        &mut self,
        name: &[u8],
        size: u64,
        place: impl FnOnce(&mut BTreeMap<&'static str, u64>) -> Result<Place>,
    ) -> Result<()> {
        let left = if name.len() > LONGEST_NAME || is_unsafe(name) {
            Some("with an unsafe name")
        } else {
            Name::new(&String::from_utf8_lossy(name)).cannot_hold_posts()
        };
        if let Some(reason) = left.or((size == 0).then_some("empty")) {
            *self.left.entry(reason).or_default() += 1;
            return Ok(());
        }
        if self.members.len() == MOST_MEMBERS {
            return Err(damaged(&self.path, &format!("more than {MOST_MEMBERS} files that may hold posts")));
        }
        let place = place(&mut self.left)?;
        self.members.push(Member { name: Name::new(&String::from_utf8_lossy(name)), place });
        Ok(())
    }
}

/// Whether a name leads out of its archive.
fn is_unsafe(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name);
    name.starts_with(['/', '\\'])
        || name.as_bytes().get(1) == Some(&b':')
        || name.split(['/', '\\']).any(|part| part == "..")
        || name.contains('\0')
}

/// Why files of an export are not read, or not whole, though they may hold posts.
pub const DAMAGE: [&str; 3] = [TOO_LARGE, CUT_OFF, MISSING];
const TOO_LARGE: &str = "beyond the bound of unpacking";
const CUT_OFF: &str = "cut off";
const MISSING: &str = "missing from a damaged zip file";

fn cut_or_bomb(error: &io::Error) -> &'static str {
    if error.kind() == io::ErrorKind::FileTooLarge { TOO_LARGE } else { CUT_OFF }
}

fn damaged(path: &Path, problem: &str) -> Error {
    ErrorKind::Export {
        path: path.to_owned(),
        problem: problem.to_owned(),
        advice: "download the export once more, or unpack it and give the folder".to_owned(),
    }
    .into()
}

/// Bytes of an archive as long as it may unpack any.
struct Bounded {
    reader: Box<dyn Read + Send>,
    budget: Arc<AtomicU64>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let spent = self
            .budget
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(count as u64));
        if spent.is_err() {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("unpacks to more than {UNPACKED_RATIO} times its size, as no export does"),
            ));
        }
        Ok(count)
    }
}

/// Bytes of a zip's member, held against what the zip says of them.
struct Checked {
    reader: Box<dyn Read + Send>,
    crc: Crc,
    expected: (u32, u64),
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.crc.update(&buffer[..count]);
        if count == 0 && !buffer.is_empty() {
            // `amount` wraps at 4 GiB.
            let (crc, size) = self.expected;
            if self.crc.sum() != crc || self.crc.amount() != size as u32 {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "its bytes are not those that were packed",
                ));
            }
        }
        Ok(count)
    }
}
