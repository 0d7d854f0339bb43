//! `sociable score`: posts in, the same posts with tags and probabilities out.

use csv::StringRecord;
use serde_json::{Map, Value as Json};

use crate::{
    cli::{
        Outcome,
        args::{PostFormat, Score},
        input::{Rejects, load_model, open},
        output::{Output, guard},
        summarize,
        terminal::{Console, bold, setting, stdout_is_terminal, width},
    },
    codebook::{Codebook, Pole},
    error::Result,
    model::{Model, Scored, ScoredTable, Status},
    pipeline,
    post::{Account, Parent, Post, PostKind},
    summary::{MIN_POSTS, Rates, Summary},
    timeline::Field,
};

/// Characters of a parent that are shown above its reply.
const SHOWN_PARENT: usize = 160;

/// Runs the command.
pub fn run(args: &Score, console: &Console) -> Result<Outcome> {
    let model = load_model(&args.model)?;
    let format = args.format.unwrap_or(if args.output.is_none() && stdout_is_terminal() {
        PostFormat::Text
    } else {
        PostFormat::Csv
    });
    let mut rejects = Rejects::new(&args.input, console)?;
    let mut output = Output::open(args.output.as_deref())?;
    let mut summary = Summary::default();
    let mut first: Option<(StringRecord, bool)> = None;
    let progress = console.progress("posts");
    for path in &args.input.posts {
        let mut timeline = open(path, &args.input, console)?;
        let is_mixed = timeline.mapping().column(Field::Account).is_some();
        let columns = timeline.columns().clone();
        let account = (!is_mixed).then(|| timeline.mapping().default_account());
        let writer = RowWriter {
            format,
            columns: columns.clone(),
            table: ScoredTable::new(&model.codebook, account),
            model: &model,
            model_id: model.id(),
            spreadsheet_safe: args.spreadsheet_safe,
        };
        match &first {
            None => {
                output.write(&writer.header())?;
                first = Some((columns, is_mixed));
            }
            Some(first) if *first != (columns, is_mixed) && format == PostFormat::Csv => {
                return Err(setting(
                    &path.display().to_string(),
                    "other columns than in the file before",
                    "the same; score these files one by one, or use --format jsonl",
                ));
            }
            Some(_) => {}
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
        for (key, count) in timeline.unknown_keys() {
            console.say(&format!("{}: key {key} of {count} later objects is in no column", name.display()));
        }
        rejects.add(&tally);
    }
    progress.finish_and_clear();
    if format == PostFormat::Text {
        let rates = Rates::new(&model.codebook, MIN_POSTS, &[], 0);
        output.write(summarize::overview(&summary, &rates).as_bytes())?;
    }
    output.finish()?;
    rejects.finish()
}

struct RowWriter<'m> {
    format: PostFormat,
    columns: StringRecord,
    table: ScoredTable,
    model: &'m Model,
    model_id: String,
    spreadsheet_safe: bool,
}

impl RowWriter<'_> {
    fn header(&self) -> Vec<u8> {
        match self.format {
            PostFormat::Text | PostFormat::Jsonl => Vec::new(),
            PostFormat::Csv => {
                let mut line = Vec::new();
                write_csv(&mut line, self.columns.iter().chain(self.table.header()));
                line
            }
        }
    }

    fn write(&self, record: &StringRecord, post: &Post, scored: &Scored, piece: &mut Vec<u8>) {
        match self.format {
            PostFormat::Text => {
                piece.extend_from_slice(readable(post, scored, &self.model.codebook).as_bytes());
            }
            PostFormat::Csv => self.write_csv(record, scored, piece),
            PostFormat::Jsonl => self.write_json(record, scored, piece),
        }
    }

    fn write_csv(&self, record: &StringRecord, scored: &Scored, piece: &mut Vec<u8>) {
        let mut writer = csv::Writer::from_writer(std::mem::take(piece));
        let written = record
            .iter()
            .try_for_each(|cell| {
                if self.spreadsheet_safe {
                    writer.write_field(&*guard(cell))
                } else {
                    writer.write_field(cell)
                }
            })
            .and_then(|()| self.table.write(scored, &self.model_id, |cell| writer.write_field(cell)))
            .and_then(|()| writer.write_record(None::<&[u8]>));
        debug_assert!(written.is_ok(), "writing to memory cannot fail");
        *piece = writer.into_inner().unwrap_or_default();
    }

    fn write_json(&self, record: &StringRecord, scored: &Scored, piece: &mut Vec<u8>) {
        let text = |cell: &str| Json::String(cell.to_owned());
        let mut object: Map<String, Json> =
            self.columns.iter().zip(record).map(|(column, cell)| (column.to_owned(), text(cell))).collect();
        object.insert("status".to_owned(), text(scored.status.name()));
        let tags: Vec<Json> = tag_names(scored, &self.model.codebook).map(|(name, _)| text(name)).collect();
        object.insert("tags".to_owned(), Json::Array(tags));
        let mut cells = Vec::new();
        let filled: std::result::Result<(), ()> = self.table.write(scored, &self.model_id, |cell| {
            cells.push(cell.to_owned());
            Ok(())
        });
        debug_assert!(filled.is_ok(), "filling a list cannot fail");
        for (name, cell) in self.table.header().zip(&cells).skip(2) {
            let value = match cell.parse::<f64>() {
                Ok(probability) => Json::from(probability),
                Err(_) if cell.is_empty() => Json::Null,
                Err(_) => text(cell),
            };
            object.insert(name.to_owned(), value);
        }
        piece.extend_from_slice(Json::Object(object).to_string().as_bytes());
        piece.push(b'\n');
    }
}

fn write_csv<'a>(line: &mut Vec<u8>, cells: impl Iterator<Item = &'a str>) {
    let mut writer = csv::Writer::from_writer(std::mem::take(line));
    let written = writer.write_record(cells);
    debug_assert!(written.is_ok(), "writing to memory cannot fail");
    *line = writer.into_inner().unwrap_or_default();
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
    let mut head: Vec<&str> = [post.author, post.created_at.get(..10).unwrap_or(post.created_at)]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    if post.account == Account::Organisation {
        head.push("organisation");
    }
    if post.kind != PostKind::Post {
        head.push(post.kind.name());
    }
    let mut shown = bold(&head.join(" \u{b7} "));
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

/// A text without the control characters that would steer a terminal.
fn clean(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

fn indented(text: &str, indent: &str) -> String {
    let options = textwrap::Options::new(width()).initial_indent(indent).subsequent_indent(indent);
    textwrap::fill(text, options) + "\n"
}
