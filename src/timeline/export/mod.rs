//! Exports of platforms -> canonical rows. Floor 2.
//!
//! The way: `archive` lists the files of a zip, tar, folder or single file; every reader of a platform says which of them are
//! its own, by name and beginning; each file goes to its reader, which hands posts to the `sink`; that
//! leaves out what nobody asked for, counts everything, and spools the rest. A further platform is one file below
//! `platform/`, a line in its list and a folder of fixtures.

mod archive;
mod car;
mod date;
mod document;
mod findings;
mod html;
mod mojibake;
mod name;
mod platform;
mod sink;
mod table;

use std::{
    collections::BTreeMap,
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, ErrorKind, Result},
    timeline::{
        Options,
        encoding::{self, Text},
        export::{
            archive::{Archive, Container, Member},
            name::Name,
            platform::{READERS, Reader},
        },
        spool::Spool,
    },
};

pub use date::{day, utc_if_certain};
pub use findings::Findings;
pub use platform::Platform;
pub use sink::{Include, Skip};

use sink::{Sink, Stop};

/// Bytes of a file by which it is recognized.
const HEAD: usize = 1 << 14;

/// What a file of an export is to the reader of a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    /// Says whose export it is; read first.
    About,
    /// Completes posts of other files; read before them.
    Notes,
    /// Holds posts.
    Posts,
    /// Known, and holds no posts.
    Other,
    /// The pages of an export that was asked for as HTML, which this program does not read.
    Html,
}

/// A file of an export, handed to its reader.
struct ExportFile<'a> {
    archive: &'a Archive,
    member: &'a Member,
    /// What messages call the export.
    path: &'a Path,
}

impl ExportFile<'_> {
    fn name(&self) -> &Name {
        &self.member.name
    }

    /// The bytes as they are.
    fn bytes(&self) -> io::Result<Box<dyn Read + Send>> {
        self.archive.read(self.member)
    }

    /// The file as UTF-8, whatever its encoding.
    fn text(&self, sink: &mut Sink) -> std::result::Result<encoding::Peeked, Stop> {
        let name = self.path.join(&self.name().path);
        let Text { reader, warnings, late } =
            encoding::text(self.bytes()?, &name).map_err(|error| match error.kind() {
                ErrorKind::Io { source, .. } => Stop::Member(source.to_string()),
                ErrorKind::NotText { found, .. } => Stop::Member(format!("not a text file, found {found}")),
                _ => Stop::Member("an empty file".to_owned()),
            })?;
        for warning in warnings {
            sink.findings.note(format!("{}: {warning}", name.display()));
        }
        sink.late.push((late, name));
        Ok(reader)
    }
}

/// Whether the path is an export of a platform and no plain table.
pub fn is_export(path: &Path, options: &Options) -> Result<bool> {
    // A pipe can be read once only, and not by those who look first.
    let is_pipe = path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir());
    if path.as_os_str() == "-" || is_pipe || options.from == Some(Platform::Table) {
        return Ok(false);
    }
    let container = Container::of(path).map_err(|source| Error::io(path, "open", source))?;
    if !matches!(container, Container::File | Container::Gzip) || options.from.is_some() {
        return Ok(true);
    }
    // Columns that the user names are those of a table.
    if !options.map.is_empty() {
        return Ok(false);
    }
    let archive = Archive::open(path, container)?;
    Ok(archive.members.iter().any(|member| recognize(&archive, member, options).is_some()))
}

/// Reads all exports into one spool of canonical rows.
pub fn read(paths: &[PathBuf], options: &Options) -> Result<(Spool, Findings)> {
    let mut sink = Sink::new(options);
    for path in paths {
        let container = Container::of(path).map_err(|source| Error::io(path, "open", source))?;
        let archive = Archive::open(path, container)?;
        read_archive(path, &archive, options, &mut sink)?;
    }
    Ok(sink.finish())
}

fn read_archive(path: &Path, archive: &Archive, options: &Options, sink: &mut Sink) -> Result<()> {
    sink.findings.note_left(&archive.left);
    // Files by reader, those that say whose export it is first.
    let mut by_reader: BTreeMap<usize, Vec<(Role, &Member)>> = BTreeMap::new();
    let mut is_html = false;
    for member in &archive.members {
        match recognize(archive, member, options) {
            Some((_, Role::Other)) => sink.findings.n_other_files += 1,
            Some((_, Role::Html)) => {
                is_html = true;
                sink.findings.n_other_files += 1;
            }
            Some((reader, role)) => by_reader.entry(reader).or_default().push((role, member)),
            None => sink.findings.note_unknown_file(&member.name.path),
        }
    }
    if !by_reader.values().flatten().any(|(role, _)| *role == Role::Posts) {
        return Err(no_posts(path, archive, is_html, options));
    }
    for (place, mut files) in by_reader {
        files.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
        let mut reader: Box<dyn Reader> = (READERS[place].1)();
        for (role, member) in files {
            let file = ExportFile { archive, member, path };
            sink.begin(READERS[place].0, &member.name.path, archive.is_one_file());
            match reader.read(&file, role, sink) {
                Ok(()) => {}
                Err(Stop::Member(answer)) => sink.reject_rest(answer)?,
                Err(Stop::Run(error)) => return Err(error),
            }
        }
        reader.finish(sink);
    }
    Ok(())
}

/// The reader whose file it is, as a place in `READERS`, and what it is to it.
fn recognize(archive: &Archive, member: &Member, options: &Options) -> Option<(usize, Role)> {
    let mut head = Vec::new();
    // A file that cannot be read is said to be so when it is read; its name may still tell.
    if let Ok(reader) = archive.read(member) {
        let _ = reader.take(HEAD as u64).read_to_end(&mut head);
    }
    let head = encoding::preview(&head);
    READERS.iter().enumerate().find_map(|(place, (platform, reader))| {
        if options.from.is_some_and(|from| from != *platform) {
            return None;
        }
        Some((place, reader().role(&member.name, &head)?))
    })
}

fn no_posts(path: &Path, archive: &Archive, is_html: bool, options: &Options) -> Error {
    let (problem, advice) = if is_html {
        (
            "an export as HTML, expected JSON".to_owned(),
            "ask the platform for the export once more, with JSON as its format".to_owned(),
        )
    } else {
        let mut names: Vec<String> =
            archive.members.iter().take(5).map(|member| member.name.path.clone()).collect();
        if archive.members.len() > names.len() {
            names.push(format!("{} more", archive.members.len() - names.len()));
        }
        names.extend(archive.left.iter().map(|(what, count)| format!("{what} {count}")));
        let found = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        let whose = options.from.map_or("any platform".to_owned(), |from| from.name().to_owned());
        (
            format!("no file with posts of {whose}, found {found}"),
            format!(
                "give the whole export, a table as a file of its own, or the platform with --from {}",
                Platform::ALL.map(Platform::name).join("|")
            ),
        )
    };
    ErrorKind::Export { path: path.to_owned(), problem, advice }.into()
}
