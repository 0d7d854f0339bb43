//! Files in: opening them, saying what was found in them, and accounting for rows that cannot be used.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use csv::StringRecord;

use crate::{
    cli::{
        Outcome,
        args::{Included, Input, ModelFile},
        output::{Output, check_places},
        terminal::{Console, first_names, plural, setting},
    },
    codebook::Codebook,
    error::{Error, ErrorKind, Result},
    model::Model,
    pipeline::Tally,
    summary::{MIN_SECRET, Pseudonyms, redact},
    timeline::{Field, Findings, Include, Mapping, Options, Reject, Source, Timeline},
};

/// Columns that a message names.
pub const SHOWN_COLUMNS: usize = 6;
/// Rejected rows that are shown one by one.
const SHOWN_REJECTS: u64 = 5;

/// What the user says of the files.
pub fn options(input: &Input) -> Options {
    Options {
        map: input.map.clone(),
        account: input.account,
        from: input.from,
        include: Include {
            reposts: input.include.contains(&Included::Reposts),
            private: input.include.contains(&Included::Private),
        },
        author: input.author.clone(),
        parents: input.parents.clone(),
    }
}

/// The timelines that the files are: a table each, and all exports together.
pub fn sources(input: &Input) -> Result<Vec<Source>> {
    Source::group(&input.posts, &options(input))
}

/// Opens a timeline, without names where that is asked for.
pub fn open_source(source: &Source, input: &Input) -> Result<Timeline> {
    let mut timeline = source.open(&options(input))?;
    if let Some(path) = &input.pseudonymise {
        let pseudonyms = load_pseudonyms(path)?;
        timeline.amend(Box::new(move |mapping, record| pseudonymise(&pseudonyms, mapping, record)));
    }
    Ok(timeline)
}

fn load_pseudonyms(path: &Path) -> Result<Pseudonyms> {
    let secret = fs::read(path).map_err(|source| Error::io(path, "read", source))?;
    Pseudonyms::new(&secret).ok_or_else(|| {
        let found = format!("a key of {} bytes", secret.len());
        setting(
            &path.display().to_string(),
            &found,
            &format!("{MIN_SECRET} bytes or more that nobody can guess"),
        )
    })
}

/// Puts pseudonyms in the place of who wrote a post and of what it is found by.
fn pseudonymise(pseudonyms: &Pseudonyms, mapping: &Mapping, record: &mut StringRecord) {
    let amended = record.iter().enumerate().map(|(at, cell)| match mapping.field(at) {
        Some(Field::Author) => pseudonyms.author(cell),
        Some(Field::Id | Field::ReplyToId) => pseudonyms.post(cell),
        Some(Field::Text | Field::Parent) => redact(cell),
        Some(Field::Url) => String::new(),
        _ => cell.to_owned(),
    });
    *record = amended.collect();
}

/// Opens a timeline and says what its user should know of it.
pub fn open(source: &Source, input: &Input, console: &Console) -> Result<Timeline> {
    let timeline = open_source(source, input)?;
    if input.pseudonymise.is_some() {
        say_what_stays(&timeline, console);
    }
    if let Some(findings) = timeline.findings() {
        for line in describe(findings) {
            console.say(&format!("{}: {line}", timeline.path().display()));
        }
    }
    say_what_was_found(&timeline, console);
    Ok(timeline)
}

/// Says which columns may still name somebody.
fn say_what_stays(timeline: &Timeline, console: &Console) {
    let mapping = timeline.mapping();
    let stay: Vec<&str> = (timeline.columns().iter().enumerate())
        .filter(|(at, name)| mapping.field(*at).is_none() && !name.is_empty())
        .map(|(_, name)| name)
        .collect();
    if !stay.is_empty() {
        let (path, shown) = (timeline.path().display(), first_names(&stay, SHOWN_COLUMNS));
        console.say(&format!("{path}: no names are looked for in columns that serve no field: {shown}"));
    }
}

/// Says what the user of a timeline should know of it.
pub fn say_what_was_found(timeline: &Timeline, console: &Console) {
    for warning in timeline.warnings() {
        console.say(&format!("{}: {warning}", timeline.path().display()));
    }
    let mapping = timeline.mapping().describe();
    if !mapping.is_empty() {
        console.say(&format!("{}: {mapping}", timeline.path().display()));
    }
}

/// Says what has turned out while a timeline was read.
pub fn close(timeline: &Timeline, console: &Console) {
    if let Some(warning) = timeline.late_warning() {
        console.say(&format!("{}: {warning}", timeline.path().display()));
    }
    if timeline.findings().is_none() {
        for (key, count) in timeline.unknown_keys() {
            let path = timeline.path().display();
            console.say(&format!("{path}: key {key} of {count} later objects is in no column"));
        }
    }
}

/// What was found in exports, a line a matter.
pub fn describe(findings: &Findings) -> Vec<String> {
    let list = |counts: &mut dyn Iterator<Item = (&str, u64)>| {
        counts.map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    };
    let platforms: Vec<&str> = findings.platforms.keys().copied().collect();
    let mut lines =
        vec![format!("{} read ({})", plural(findings.files.len() as u64, "file"), platforms.join(", "))];
    lines.push(format!(
        "{} kept{}{}",
        plural(findings.n_kept(), "post"),
        if findings.kept.is_empty() { "" } else { ": " },
        list(&mut findings.kept.iter().map(|(name, count)| (*name, *count)))
    ));
    if !findings.skipped.is_empty() {
        let skipped = list(&mut findings.skipped.iter().map(|(name, count)| (*name, *count)));
        lines.push(format!("{} skipped: {skipped}", plural(findings.n_skipped(), "post")));
    }
    if !findings.other_items.is_empty() {
        lines.push(format!("no posts: {}", some(&findings.other_items)));
    }
    if findings.n_other_files > 0 {
        lines.push(format!("files known to hold no posts: {}", findings.n_other_files));
    }
    if !findings.left_files.is_empty() {
        let left = list(&mut findings.left_files.iter().map(|(name, count)| (*name, *count)));
        lines.push(format!("files not read: {left}"));
    }
    if !findings.unknown_files.is_empty() {
        lines.push(format!("unknown files: {}", some(&findings.unknown_files)));
    }
    if !findings.unknown_keys.is_empty() {
        lines.push(format!("unknown keys: {}", some(&findings.unknown_keys)));
    }
    lines
}

/// The commonest names with their counts, and how many more there are.
fn some(counts: &BTreeMap<String, u64>) -> String {
    const SHOWN: usize = 8;
    let mut names: Vec<(&String, &u64)> = counts.iter().collect();
    names.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
    let mut shown: Vec<String> =
        names.iter().take(SHOWN).map(|(name, count)| format!("{name} {count}")).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    shown.join(", ")
}

/// Loads the model of that file, or the one in this program.
pub fn load_model(args: &ModelFile) -> Result<Model> {
    match &args.model {
        None => Model::shipped(),
        Some(path) => {
            let bytes = fs::read(path).map_err(|source| Error::io(path, "read", source))?;
            Model::from_bytes(&bytes, path)
        }
    }
}

/// Loads a codebook.
pub fn load_codebook(path: &Path) -> Result<Codebook> {
    let text = fs::read_to_string(path).map_err(|source| Error::io(path, "read", source))?;
    Codebook::from_toml(&text, path)
}

/// Accounts for rows that cannot be used.
pub struct Rejects<'a> {
    console: &'a Console,
    strict: bool,
    output: Option<Output>,
    n_shown: u64,
    tally: Tally,
    /// Whether an export could not be read whole.
    is_damaged: bool,
}

impl<'a> Rejects<'a> {
    /// Nothing rejected yet. Refuses to write any of `results`, or what is rejected, over each other or over a file that is read: the
    /// posts and what belongs to them, and `others`.
    pub fn new(
        input: &Input,
        others: &[Option<&Path>],
        results: &[&Path],
        console: &'a Console,
    ) -> Result<Self> {
        let own = input.posts.iter().chain(&input.parents).chain(&input.pseudonymise).map(PathBuf::as_path);
        let read: Vec<&Path> = own.chain(others.iter().copied().flatten()).collect();
        let written: Vec<&Path> = results.iter().copied().chain(input.rejects.as_deref()).collect();
        check_places(&read, &written)?;
        let mut output = input.rejects.as_deref().map(|path| Output::open(Some(path))).transpose()?;
        if let Some(output) = &mut output {
            output.write(b"file,line,reason,row\n")?;
        }
        Ok(Self {
            console,
            strict: input.strict,
            output,
            n_shown: 0,
            tally: Tally::default(),
            is_damaged: false,
        })
    }

    /// Notes one rejected row of a file.
    pub fn note(&mut self, path: &Path, reject: &Reject) -> Result<()> {
        let whole = reject.member.as_deref().map(|member| path.join(member));
        let path = whole.as_deref().unwrap_or(path);
        let place = if reject.line == 0 { String::new() } else { format!(":{}", reject.line) };
        if self.strict {
            let reason = reject.reason.to_string();
            return Err(ErrorKind::Rejected { path: path.into(), line: reject.line, reason }.into());
        }
        if self.n_shown < SHOWN_REJECTS {
            self.n_shown += 1;
            self.console.say(&format!("{}{place}: row left out: {}", path.display(), reject.reason));
        }
        if let Some(output) = &mut self.output {
            let mut writer = csv::Writer::from_writer(Vec::new());
            let (file, line, reason) =
                (path.display().to_string(), reject.line.to_string(), reject.reason.to_string());
            let row = [file.as_bytes(), line.as_bytes(), reason.as_bytes(), &reject.raw];
            let bytes = writer
                .write_byte_record(&row.into_iter().collect())
                .and_then(|()| writer.into_inner().map_err(|error| error.into_error().into()))
                .map_err(|error| Error::io(path, "write", std::io::Error::other(error)))?;
            output.write(&bytes)?;
        }
        Ok(())
    }

    /// Adds what became of the rows of a timeline.
    pub fn add(&mut self, timeline: &Timeline, tally: &Tally) {
        self.is_damaged |= timeline.findings().is_some_and(Findings::is_damaged);
        self.tally.merge(tally);
    }

    /// How many rows were left out, by reason.
    pub fn by_reason(&self) -> &std::collections::BTreeMap<&'static str, u64> {
        &self.tally.rejected
    }

    /// Says how many rows were left out, and why.
    pub fn finish(self) -> Result<Outcome> {
        let n_rejected = self.tally.n_rejected();
        if let Some(output) = self.output {
            output.finish()?;
        }
        if n_rejected == 0 {
            return Ok(if self.is_damaged { Outcome::Rejected } else { Outcome::Done });
        }
        let reasons: Vec<String> =
            self.tally.rejected.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        let rows = self.tally.rows_out + n_rejected;
        self.console.say(&format!(
            "{n_rejected} of {rows} rows left out: {}; --rejects FILE writes them down",
            reasons.join(", ")
        ));
        Ok(Outcome::Rejected)
    }
}
