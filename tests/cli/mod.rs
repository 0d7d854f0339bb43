//! The program as its users run it: arguments and files in, exit status, standard output and standard error out.

mod audit;
mod bad_input;
mod bench;
mod codebook;
mod evaluate;
mod explain;
mod pseudonymise;
pub mod report;
mod score;
mod summarize;
mod train;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use tempfile::TempDir;

/// A folder of its own in which the program is run.
pub struct Fixture {
    folder: TempDir,
}

/// What a run left behind.
#[derive(Debug)]
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Fixture {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder can be made") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        fs::write(self.path(name), bytes).expect("the folder can be written");
        self
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The names of all files in the folder, hidden ones too.
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("the folder can be read");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry can be read").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sociable"));
        command.args(args).current_dir(self.folder.path()).env("NO_COLOR", "1").env("COLUMNS", "100");
        command
    }

    pub fn run(&self, args: &[&str]) -> Run {
        self.run_with_input(args, b"")
    }

    pub fn run_with_input(&self, args: &[&str], input: &[u8]) -> Run {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program can be run");
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        let input = input.to_vec();
        // A program that does not read its input closes it; that is its right.
        let writer = thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().expect("the program ends");
        writer.join().expect("the writer ends");
        let run = Run {
            status: output.status.code().expect("no signal ended the program"),
            stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        };
        assert!(!run.stderr.contains("panicked"), "{args:?} panicked: {}", run.stderr);
        run
    }

    /// Runs a command that has to be refused, and gives what it said.
    pub fn refused(&self, args: &[&str]) -> String {
        let run = self.run(args);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{args:?}: {}", run.stderr);
        run.stderr
    }

    /// Runs what has to be all done, with exit status 0.
    pub fn done(&self, args: &[&str]) -> Run {
        let run = self.run(args);
        assert_eq!(run.status, 0, "{args:?}: {}", run.stderr);
        run
    }
}

/// The path of a file of the repository.
pub fn repository(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path).to_string_lossy().into_owned()
}

/// A CSV file in memory: its header and its rows.
pub struct Csv {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Csv {
    pub fn parse(text: &str) -> Self {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
        let header = cells(reader.headers().expect("a header"));
        let rows =
            reader.records().map(|record| cells(&record.expect("a row of the header's length"))).collect();
        Self { header, rows }
    }

    pub fn at(&self, column: &str) -> usize {
        let at = self.header.iter().position(|name| name == column);
        at.unwrap_or_else(|| panic!("no column {column} in {:?}", self.header))
    }

    pub fn column(&self, column: &str) -> Vec<&str> {
        let at = self.at(column);
        self.rows.iter().map(|row| row[at].as_str()).collect()
    }
}

/// The tags of an account in the order of the columns.
pub fn tags(account: sociable::Account) -> Vec<String> {
    let codebook = sociable::Codebook::shipped();
    let judged = codebook.judged(account);
    judged
        .flat_map(|(_, characteristic)| sociable::Pole::ALL.map(|pole| characteristic.pole(pole).tag.clone()))
        .collect()
}
