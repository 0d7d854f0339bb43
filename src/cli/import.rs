//! `sociable import`: exports of platforms in, one table of posts with the canonical columns out.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    fmt::Write,
};

use csv::StringRecord;
use serde_json::{Value as Json, json};

use crate::{
    cli::{
        Outcome,
        args::{Import, TextOrJson},
        input::{Rejects, describe, open_source, sources},
        output::{Output, guard},
        terminal::{Console, plural},
    },
    error::{Error, Result},
    pipeline::Tally,
    post::Parent,
    text::Language,
    timeline::{Field, Findings, Row, Timeline, day, utc_if_certain},
};

/// Posts whose language is guessed.
const GUESSED: u64 = 300;

/// Runs the command.
pub fn run(args: &Import, console: &Console) -> Result<Outcome> {
    // Programs read one object and nothing beside it.
    let silent = Console::new(true);
    let lines = if let TextOrJson::Text = args.format { console } else { &silent };
    let mut rejects = Rejects::new(&args.input, &[], args.output.as_deref().as_slice(), lines)?;
    let mut output = Output::open(args.output.as_deref())?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(Field::ALL.map(Field::name)).map_err(in_memory)?;
    let mut gathered = Gathered::default();
    let progress = console.progress("posts");
    for source in sources(&args.input)? {
        let mut timeline = open_source(&source, &args.input)?;
        let name = timeline.path().to_owned();
        let mut tally = Tally::default();
        let mut record = StringRecord::new();
        while let Some(row) = timeline.read(&mut record)? {
            match row {
                Row::Kept { .. } => {
                    tally.rows_out += 1;
                    if let Some(cells) = gathered.note(&timeline, &record) {
                        for cell in &cells {
                            let cell = if args.spreadsheet_safe {
                                guard(cell)
                            } else {
                                Cow::Borrowed(cell.as_ref())
                            };
                            writer.write_field(&*cell).map_err(in_memory)?;
                        }
                        writer.write_record(None::<&[u8]>).map_err(in_memory)?;
                    }
                }
                Row::Rejected(reject) => {
                    *tally.rejected.entry(reject.reason.name()).or_default() += 1;
                    rejects.note(&name, &reject)?;
                }
            }
            if writer.get_ref().len() >= 1 << 16 {
                writer.flush().map_err(|error| Error::io("memory", "write", error))?;
                output.write(writer.get_ref())?;
                writer = csv::Writer::from_writer(Vec::new());
            }
            progress.inc(1);
        }
        gathered.add(&timeline, tally.rows_out);
        rejects.add(&timeline, &tally);
    }
    progress.finish_and_clear();
    output.write(&writer.into_inner().map_err(|error| in_memory(error.into_error().into()))?)?;
    output.finish()?;
    match args.format {
        TextOrJson::Text => gathered.lines().iter().for_each(|line| console.say(line)),
        TextOrJson::Json => console.say(&gathered.json(rejects.by_reason()).to_string()),
    }
    rejects.finish()
}

fn in_memory(error: csv::Error) -> Error {
    Error::io("memory", "write", std::io::Error::other(error))
}

/// What was found, kept and skipped.
#[derive(Default)]
struct Gathered {
    findings: Findings,
    /// Tables that were read, and how their columns were mapped.
    tables: Vec<(String, String)>,
    n_parents: u64,
    n_orphans: u64,
    first: String,
    last: String,
    /// Posts without a date that can be read.
    n_undated: u64,
    /// Languages of the first posts, by name.
    languages: BTreeMap<&'static str, u64>,
    n_guessed: u64,
    seen: HashSet<[u8; 16]>,
}

impl Gathered {
    /// Counts a row and gives its canonical cells; `None` for one of a table that was there already.
    fn note<'r>(&mut self, timeline: &Timeline, record: &'r StringRecord) -> Option<Vec<Cow<'r, str>>> {
        let mapping = timeline.mapping();
        let post = mapping.post(record);
        if timeline.findings().is_none() {
            // Identifiers of tables may be row numbers: the same post has the same text too.
            if !post.id.is_empty() && !self.seen.insert(identity(&[post.id, post.created_at, post.text])) {
                *self.findings.skipped.entry("duplicate").or_default() += 1;
                return None;
            }
            *self.findings.kept.entry(post.kind.name()).or_default() += 1;
        }
        match post.parent {
            Parent::None => {}
            Parent::Unknown => self.n_orphans += 1,
            Parent::Text(_) => self.n_parents += 1,
        }
        let created_at: Cow<str> = match timeline.findings() {
            Some(_) => post.created_at.into(),
            None => utc_if_certain(post.created_at).into(),
        };
        if let Some(date) = day(&created_at) {
            if self.first.is_empty() || date < self.first {
                self.first.clone_from(&date);
            }
            self.last = date.max(std::mem::take(&mut self.last));
        } else {
            self.n_undated += 1;
        }
        if self.n_guessed < GUESSED && !post.text.is_empty() {
            self.n_guessed += 1;
            let language = Language::guess(post.text).map_or("unsure", Language::name);
            *self.languages.entry(language).or_default() += 1;
        }
        let kind = post.kind.name();
        let cells = Field::ALL.into_iter().map(|field| match field {
            Field::Account if timeline.findings().is_some() => record[field as usize].into(),
            Field::Kind => kind.into(),
            Field::Parent => post.parent.text().into(),
            Field::CreatedAt => created_at.clone(),
            field => mapping.value(record, field).into(),
        });
        Some(cells.collect())
    }

    /// Adds what was found in a timeline that has been read, and how many rows it had.
    fn add(&mut self, timeline: &Timeline, n_rows: u64) {
        let Some(found) = timeline.findings() else {
            let path = timeline.path().display().to_string();
            *self.findings.platforms.entry("table").or_default() += 1;
            let warnings = timeline.warnings().iter().map(String::as_str).chain(timeline.late_warning());
            self.findings.notes.extend(warnings.map(|warning| format!("{path}: {warning}")));
            self.findings.files.push((path.clone(), n_rows));
            self.tables.push((path, timeline.mapping().describe()));
            for (key, count) in timeline.unknown_keys() {
                *self.findings.unknown_keys.entry(key).or_default() += count;
            }
            return;
        };
        self.findings.merge(found);
    }

    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .tables
            .iter()
            .filter(|(_, mapping)| !mapping.is_empty())
            .map(|(path, mapping)| format!("{path}: {mapping}"))
            .collect();
        lines.extend(describe(&self.findings));
        if self.n_parents + self.n_orphans > 0 {
            lines.push(format!(
                "replies and comments: {} with what they answer, {} without",
                self.n_parents, self.n_orphans
            ));
        }
        if !self.first.is_empty() {
            lines.push(format!("dates: {} to {}", self.first, self.last));
        }
        if self.n_undated > 0 {
            lines.push(format!("without a date that can be read: {}", plural(self.n_undated, "post")));
        }
        if !self.languages.is_empty() {
            let mut languages: Vec<_> = self.languages.iter().collect();
            languages.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), **name));
            let mut line = format!("language guess of {} posts:", self.n_guessed);
            for (place, (name, count)) in languages.iter().take(5).enumerate() {
                let comma = if place == 0 { "" } else { "," };
                let _ = write!(line, "{comma} {name} {count}");
            }
            lines.push(line);
        }
        lines.extend(self.findings.notes.iter().cloned());
        lines
    }

    fn json(&self, rejected: &BTreeMap<&'static str, u64>) -> Json {
        let found = &self.findings;
        let date = |date: &str| if date.is_empty() { Json::Null } else { date.into() };
        json!({
            "platforms": found.platforms,
            "files": found.files.iter().map(|(file, posts)| json!({"file": file, "posts": posts})).collect::<Vec<_>>(),
            "kept": found.kept,
            "skipped": found.skipped,
            "rejected": rejected,
            "with_parent": self.n_parents,
            "without_parent": self.n_orphans,
            "first": date(&self.first),
            "last": date(&self.last),
            "without_date": self.n_undated,
            "languages": self.languages,
            "other_items": found.other_items,
            "other_files": found.n_other_files,
            "left_files": found.left_files,
            "unknown_files": found.unknown_files,
            "unknown_keys": found.unknown_keys,
            "notes": found.notes,
        })
    }
}

/// What tells a row of a table from all others.
fn identity(cells: &[&str]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    for cell in cells {
        hasher.update(&(cell.len() as u64).to_le_bytes()).update(cell.as_bytes());
    }
    let mut key = [0; 16];
    key.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    key
}
