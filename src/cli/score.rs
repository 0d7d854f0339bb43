//! `sociable score`: posts in, the same posts with tags and probabilities out.

use std::slice;

use csv::StringRecord;
use serde_json::{Map, Value as Json};

use crate::{
    cli::{
        Outcome,
        adapt::load_adapted,
        args::{PostFormat, Score},
        input::{Rejects, SHOWN_COLUMNS, close, open, sources},
        output::{Output, guard},
        summarize,
        terminal::{Console, bold, clean, first_names, setting, stdout_is_terminal, width},
    },
    codebook::{Codebook, Pole},
    error::Result,
    model::{Model, Scored, ScoredTable, Status, as_written, write_cell},
    pipeline,
    post::{Account, Parent, Post, PostKind},
    summary::{MIN_POSTS, Rates, Summary},
    timeline::{Field, Timeline, day},
};

/// Characters of a parent that are shown above its reply.
const SHOWN_PARENT: usize = 160;

/// Runs the command.
pub fn run(args: &Score, console: &Console) -> Result<Outcome> {
    let mut rejects = Rejects::new(
        &args.input,
        &[args.model.model.as_deref()],
        args.output.as_deref().as_slice(),
        console,
    )?;
    let model = load_adapted(&args.model, &args.adapt, &args.input, console)?;
    let format = args.format.unwrap_or(if args.output.is_none() && stdout_is_terminal() {
        PostFormat::Text
    } else {
        PostFormat::Csv
    });
    let mut output = Output::open(args.output.as_deref())?;
    let mut summary = Summary::default();
    let sources = sources(&args.input)?;
    let mut timelines = Vec::with_capacity(sources.len());
    for source in &sources {
        timelines.push(open(source, &args.input, console)?);
    }
    let columns = Columns::of(&timelines);
    if format == PostFormat::Jsonl {
        check_keys(&timelines, &model)?;
    }
    let table = ScoredTable::new(&model.codebook, columns.account);
    let twice: Vec<&str> = table.taken(&columns.names).collect();
    if format == PostFormat::Csv && !twice.is_empty() {
        console
            .say(&format!("columns that stand twice, yours first: {}", first_names(&twice, SHOWN_COLUMNS)));
    }
    let progress = console.progress("posts");
    for (place, mut timeline) in timelines.into_iter().enumerate() {
        let writer = RowWriter {
            format,
            columns: if format == PostFormat::Csv {
                columns.names.clone()
            } else {
                timeline.columns().clone()
            },
            places: (!columns.is_same(place)).then(|| columns.places[place].clone()),
            table: table.clone(),
            model: &model,
            model_id: model.id(),
            spreadsheet_safe: args.spreadsheet_safe,
        };
        if place == 0 {
            output.write(&writer.header())?;
        }
        let name = timeline.path().to_owned();
        let tally = pipeline::score(
            &mut timeline,
            &model,
            |chunk| {
                let mut piece = (Vec::new(), Summary::default());
                chunk.for_each(|record, post, scored| {
                    writer.write(record, post, scored, &mut piece.0);
                    if format == PostFormat::Text {
                        piece.1.add(post, &[], scored, &model.codebook);
                    }
                });
                piece
            },
            |(bytes, part), n_rows| {
                summary.merge(&part);
                progress.inc(n_rows as u64);
                output.write(&bytes)
            },
            |reject| rejects.note(&name, &reject),
        )?;
        close(&timeline, console);
        rejects.add(&timeline, &tally);
    }
    progress.finish_and_clear();
    if format == PostFormat::Text {
        let rates = Rates::new(&model.codebook, MIN_POSTS, &[], 0);
        output.write(summarize::overview(&summary, &rates).as_bytes())?;
        output.write(format!("{}\n", summarize::COUNTS_OF_TAGS).as_bytes())?;
    }
    output.finish()?;
    rejects.finish()
}

/// Refuses objects that have a key which the result of scoring would take, unless they were scored before.
fn check_keys(timelines: &[Timeline], model: &Model) -> Result<()> {
    let table = ScoredTable::new(&model.codebook, None);
    let is_ours = |timeline: &Timeline| ScoredTable::find(timeline.columns(), &model.codebook).is_some();
    for timeline in timelines.iter().filter(|timeline| !is_ours(timeline)) {
        if let Some(taken) = table.taken(timeline.columns()).next() {
            let found = format!("a column {taken} in {}", timeline.path().display());
            return Err(setting("--format jsonl", &found, "none that score writes; --format csv keeps both"));
        }
    }
    Ok(())
}

/// The columns of several timelines side by side.
struct Columns {
    /// Those of the first timeline, then what the others have besides.
    names: StringRecord,
    /// For each timeline where its columns stand among all.
    places: Vec<Vec<usize>>,
    /// The account of all posts, where no column says it.
    account: Option<Account>,
}

impl Columns {
    /// A column stands where one of the same field stands, or else one of the same name.
    fn of(timelines: &[Timeline]) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut fields: Vec<Option<Field>> = Vec::new();
        let mut places = Vec::new();
        for timeline in timelines {
            let mut own = Vec::new();
            for (column, name) in timeline.columns().iter().enumerate() {
                let field =
                    Field::ALL.into_iter().find(|field| timeline.mapping().column(*field) == Some(column));
                let same =
                    (0..names.len()).filter(|at| !own.contains(at)).find(|&at| match (field, fields[at]) {
                        (Some(field), Some(other)) => field == other,
                        _ => names[at] == name,
                    });
                own.push(same.unwrap_or_else(|| {
                    names.push(name.to_owned());
                    fields.push(field);
                    names.len() - 1
                }));
            }
            places.push(own);
        }
        let is_mixed = timelines.iter().any(|timeline| timeline.mapping().column(Field::Account).is_some());
        let account = timelines.first().map(|timeline| timeline.mapping().default_account());
        Self { names: names.into(), places, account: account.filter(|_| !is_mixed) }
    }

    /// Whether a timeline has all columns, in their order.
    fn is_same(&self, timeline: usize) -> bool {
        let places = &self.places[timeline];
        places.len() == self.names.len() && places.iter().enumerate().all(|(at, &place)| at == place)
    }
}

/// Writes scored rows.
pub struct RowWriter<'m> {
    format: PostFormat,
    columns: StringRecord,
    /// Where the cells of a row go, if not as they stand.
    places: Option<Vec<usize>>,
    table: ScoredTable,
    model: &'m Model,
    model_id: String,
    spreadsheet_safe: bool,
}

impl<'m> RowWriter<'m> {
    /// A writer of CSV under the columns of one timeline.
    pub fn of_csv(timeline: &Timeline, model: &'m Model) -> Self {
        let columns = Columns::of(slice::from_ref(timeline));
        Self {
            format: PostFormat::Csv,
            columns: columns.names,
            places: None,
            table: ScoredTable::new(&model.codebook, columns.account),
            model,
            model_id: model.id(),
            spreadsheet_safe: false,
        }
    }

    fn header(&self) -> Vec<u8> {
        match self.format {
            PostFormat::Text | PostFormat::Jsonl => Vec::new(),
            PostFormat::Csv => {
                let mut line = Vec::new();
                for name in &self.columns {
                    self.write_own(name, &mut line);
                }
                for (at, name) in self.table.header().enumerate() {
                    if at > 0 {
                        line.push(b',');
                    }
                    write_cell(name, &mut line);
                }
                line.push(b'\n');
                line
            }
        }
    }

    /// Adds the row of a post to a piece of the output.
    pub fn write(&self, record: &StringRecord, post: &Post, scored: &Scored, piece: &mut Vec<u8>) {
        match self.format {
            PostFormat::Text => {
                piece.extend_from_slice(readable(post, scored, &self.model.codebook).as_bytes());
            }
            PostFormat::Csv => self.write_csv(record, scored, piece),
            PostFormat::Jsonl => self.write_json(record, scored, piece),
        }
    }

    fn write_csv(&self, record: &StringRecord, scored: &Scored, line: &mut Vec<u8>) {
        if let Some(places) = &self.places {
            let mut cells = vec![""; self.columns.len()];
            for (&place, cell) in places.iter().zip(record) {
                cells[place] = cell;
            }
            for cell in cells {
                self.write_own(cell, line);
            }
        } else {
            for cell in record.iter().take(self.columns.len()) {
                self.write_own(cell, line);
            }
        }
        self.table.write(scored, &self.model_id, line);
        line.push(b'\n');
    }

    /// Writes a cell of the user's own columns and a comma.
    fn write_own(&self, cell: &str, line: &mut Vec<u8>) {
        if self.spreadsheet_safe {
            write_cell(&guard(cell), line);
        } else {
            write_cell(cell, line);
        }
        line.push(b',');
    }

    fn write_json(&self, record: &StringRecord, scored: &Scored, piece: &mut Vec<u8>) {
        let text = |cell: &str| Json::String(cell.to_owned());
        let mut object: Map<String, Json> =
            self.columns.iter().zip(record).map(|(column, cell)| (column.to_owned(), text(cell))).collect();
        object.insert("status".to_owned(), text(scored.status.name()));
        let tags: Vec<Json> = tag_names(scored, &self.model.codebook).map(|(name, _)| text(name)).collect();
        object.insert("tags".to_owned(), Json::Array(tags));
        let tags = self.table.header().skip(2);
        for (name, probability) in tags.zip(self.table.probabilities(scored)) {
            object.insert(name.to_owned(), probability.map(as_written).into());
        }
        object.insert("model".to_owned(), text(&self.model_id));
        piece.extend_from_slice(Json::Object(object).to_string().as_bytes());
        piece.push(b'\n');
    }
}

/// Names of the tags of a post with their probabilities.
fn tag_names<'a>(scored: &'a Scored, codebook: &'a Codebook) -> impl Iterator<Item = (&'a str, f64)> {
    scored.tags().map(|(place, pole): (usize, Pole)| {
        let probability = scored.probabilities[place][pole as usize].unwrap_or_default();
        (codebook.characteristics[place].pole(pole).tag.as_str(), probability)
    })
}

/// A post as a person reads it: who and when, what it answers, what it says, what it is tagged.
fn readable(post: &Post, scored: &Scored, codebook: &Codebook) -> String {
    let day = day(post.created_at);
    let mut head: Vec<&str> = [post.author, day.as_deref().unwrap_or(post.created_at)]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    if post.account == Account::Organisation {
        head.push("organisation");
    }
    if post.kind != PostKind::Post {
        head.push(post.kind.name());
    }
    let mut shown = bold(&clean(&head.join(" \u{b7} ")));
    shown.push('\n');
    match post.parent {
        Parent::Text(parent) => {
            let mut start: String = clean(parent).chars().take(SHOWN_PARENT).collect();
            if start.len() < clean(parent).len() {
                start.push('\u{2026}');
            }
            shown.push_str(&indented(&start, "  > "));
        }
        Parent::Unknown => shown.push_str("  > (the post that this answers is not known)\n"),
        Parent::None => {}
    }
    shown.push_str(&indented(&clean(post.text), "  "));
    if scored.status == Status::Ok {
        let tags: Vec<String> = tag_names(scored, codebook)
            .map(|(name, probability)| format!("{name} {probability:.2}"))
            .collect();
        let tags = if tags.is_empty() { "no tag".to_owned() } else { tags.join(", ") };
        shown.extend(["  \u{2192} ", &tags, "\n\n"]);
    } else {
        shown.extend(["  \u{2192} not judged: ", scored.status.name(), "\n\n"]);
    }
    shown
}

fn indented(text: &str, indent: &str) -> String {
    let options = textwrap::Options::new(width()).initial_indent(indent).subsequent_indent(indent);
    textwrap::fill(text, options) + "\n"
}
