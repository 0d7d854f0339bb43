//! `sociable bench`: how fast this machine scores, a stage a line.
//!
//! Each stage is run together with those before it, on one thread and on posts in memory, and takes what it adds to
//! them. Every few hundred posts are timed by themselves, and the least of a few rounds is taken, which other programs
//! disturbed least.

use std::{
    fmt::Write,
    io::Cursor,
    path::{Path, PathBuf},
    time::Instant,
};

use csv::StringRecord;
use serde_json::{Value as Json, json};

use crate::{
    cli::{
        Outcome,
        args::{Bench, TextOrJson},
        input::load_model,
        output::write_all,
        score::RowWriter,
        terminal::{Console, plural, threads},
    },
    codebook::{Codebook, Pole},
    error::{ErrorKind, Result},
    features::{Analysis, RowBuffer, Scratch},
    model::{Model, Panel, Scorer},
    pipeline,
    post::Post,
    report::grouped,
    synthetic::{Corpus, Generator},
    text::tokenize,
    timeline::{Options, Row, Timeline},
};

/// Times that each stage is measured.
const ROUNDS: usize = 3;
/// Rows that are timed together, and written before their memory is used again, as in the pipeline.
const PIECE_ROWS: usize = 256;
/// The stages in the order of the data.
const STAGES: [&str; 6] = ["read", "tokenize", "stem and cues", "features", "score", "format"];

/// Runs the command.
pub fn run(args: &Bench, console: &Console) -> Result<Outcome> {
    let model = load_model(&args.model)?;
    let options = Options { map: args.map.clone(), account: args.account, ..Options::default() };
    let sample = match &args.posts {
        Some(path) => Sample::of_file(path, &options, args.most)?,
        None => Sample::made(args.most),
    };
    let progress = console.progress("rounds");
    let mut least = Times::default();
    for round in 0..ROUNDS {
        let times = sample.measure(&model, &options)?;
        least = if round == 0 { times } else { least.least(times) };
        progress.inc(1);
    }
    progress.finish_and_clear();
    let shown = match args.format {
        TextOrJson::Text => readable(&sample, &model, &least),
        TextOrJson::Json => {
            let json = as_json(&sample, &model, &least);
            serde_json::to_string_pretty(&json).expect("strings and finite numbers are JSON") + "\n"
        }
    };
    write_all(None, shown.as_bytes())?;
    Ok(Outcome::Done)
}

/// Posts to be measured on, as a CSV file in memory.
struct Sample {
    source: PathBuf,
    bytes: Vec<u8>,
    n_posts: u64,
}

/// Seconds on all posts.
#[derive(Default)]
struct Times {
    /// Each stage with those before it but the reading, on one thread, piece by piece.
    stages: [Vec<f64>; STAGES.len()],
    /// The whole job, on all threads.
    whole: f64,
}

impl Times {
    fn least(mut self, other: Self) -> Self {
        let pieces = self.stages.iter_mut().flatten().zip(other.stages.into_iter().flatten());
        pieces.for_each(|(own, other)| *own = own.min(other));
        Self { whole: self.whole.min(other.whole), ..self }
    }

    /// What each stage adds. One that adds less than chance does adds nothing.
    fn added(&self) -> [f64; STAGES.len()] {
        let mut added: [f64; STAGES.len()] = std::array::from_fn(|stage| self.stages[stage].iter().sum());
        for stage in (2..added.len()).rev() {
            added[stage] = (added[stage] - added[stage - 1]).max(0.0);
        }
        added
    }
}

impl Sample {
    /// The first posts of a file.
    fn of_file(path: &Path, options: &Options, most: u64) -> Result<Self> {
        let mut timeline = Timeline::open(path, options)?;
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut written = writer.write_record(timeline.columns());
        let n_columns = timeline.columns().len();
        let mut record = StringRecord::new();
        let mut n_posts = 0;
        while n_posts < most
            && let Some(row) = timeline.read(&mut record)?
        {
            if let Row::Kept { .. } = row {
                // A parent that was looked up stands behind the columns, and will be looked up again.
                written = written.and_then(|()| writer.write_record(record.iter().take(n_columns)));
                n_posts += 1;
            }
        }
        debug_assert!(written.is_ok(), "writing to memory cannot fail, and rows are as long as their header");
        if n_posts == 0 {
            let found = "no row that can be used";
            return Err(ErrorKind::NoRows { path: path.to_owned(), found }.into());
        }
        Ok(Self { source: path.to_owned(), bytes: writer.into_inner().unwrap_or_default(), n_posts })
    }

    /// Posts made from the examples of the codebook.
    fn made(n_posts: u64) -> Self {
        let codebook = Codebook::shipped();
        let examples = codebook
            .characteristics
            .iter()
            .flat_map(|characteristic| Pole::ALL.map(|pole| &characteristic.pole(pole).examples))
            .flatten();
        let texts = examples.flat_map(|example| [Some(example.text.as_str()), example.parent.as_deref()]);
        let mut bytes = Vec::new();
        let written = Generator::new(Corpus::Mixed, texts.flatten(), 1).write_csv(n_posts, &mut bytes);
        debug_assert!(written.is_ok(), "writing to memory cannot fail");
        Self { source: "posts made from the codebook's examples".into(), bytes, n_posts }
    }

    fn open(&self, options: &Options) -> Result<Timeline> {
        Timeline::from_reader(Box::new(Cursor::new(self.bytes.clone())), &self.source, options)
    }

    /// One round.
    fn measure(&self, model: &Model, options: &Options) -> Result<Times> {
        let mut timeline = self.open(options)?;
        let writer = RowWriter::of_csv(&timeline, model);
        let mapping = timeline.mapping().clone();
        let mut records = Vec::new();
        let mut read = Vec::new();
        let mut ended = false;
        while !ended {
            let start = Instant::now();
            let mut record = StringRecord::new();
            for _ in 0..PIECE_ROWS {
                match timeline.read(&mut record)? {
                    Some(Row::Kept { .. }) => records.push(std::mem::take(&mut record)),
                    Some(Row::Rejected(_)) => {}
                    None => ended = true,
                }
            }
            read.push(start.elapsed().as_secs_f64());
        }
        let each = |stage: &mut dyn FnMut(&StringRecord, &Post)| -> Vec<f64> {
            let pieces = records.chunks(PIECE_ROWS).map(|records| {
                let start = Instant::now();
                for record in records {
                    stage(record, &mapping.post(record));
                }
                start.elapsed().as_secs_f64()
            });
            pieces.collect()
        };
        let mut tokens = Vec::new();
        let tokenized = each(&mut |_, post| {
            tokenize(post.text, &mut tokens);
            tokenize(post.parent.text(), &mut tokens);
        });
        let mut front = Front::new(model);
        let analyzed = each(&mut |_, post| {
            front.analyze(post);
        });
        let mut front = Front::new(model);
        let filled = each(&mut |_, post| front.fill(post));
        let mut scorer = Scorer::new(model);
        let scored = each(&mut |_, post| {
            scorer.score(post);
        });
        let mut scorer = Scorer::new(model);
        let mut piece = Vec::new();
        let mut n_rows = 0;
        let formatted = each(&mut |record, post| {
            if n_rows % PIECE_ROWS == 0 {
                piece.clear();
            }
            n_rows += 1;
            writer.write(record, post, scorer.score(post), &mut piece);
        });
        let start = Instant::now();
        let mut n_bytes = 0;
        pipeline::score(
            &mut self.open(options)?,
            model,
            |chunk| {
                let mut piece = Vec::new();
                chunk.for_each(|record, post, scored| writer.write(record, post, scored, &mut piece));
                piece
            },
            |piece, _| {
                n_bytes += piece.len();
                Ok(())
            },
            |_| Ok(()),
        )?;
        debug_assert!(n_bytes > self.n_posts as usize, "every post has its row");
        let stages = [read, tokenized, analyzed, filled, scored, formatted];
        Ok(Times { stages, whole: start.elapsed().as_secs_f64() })
    }
}

/// The way of a post to its row, as a scorer goes it.
struct Front<'m> {
    model: &'m Model,
    scratches: Vec<Scratch>,
    analysis: Analysis,
    row: RowBuffer,
}

impl<'m> Front<'m> {
    fn new(model: &'m Model) -> Self {
        let scratches = model.panels.iter().map(|_| Scratch::default()).collect();
        Self { model, scratches, analysis: Analysis::default(), row: RowBuffer::default() }
    }

    fn analyze(&mut self, post: &Post) -> Option<&'m Panel> {
        let at = self.model.panel_place(post.account)?;
        let panel = &self.model.panels[at];
        let mut ids = &panel.vocabulary;
        self.model.analyzer.analyze(post, &mut ids, &mut self.scratches[at], &mut self.analysis);
        Some(panel)
    }

    fn fill(&mut self, post: &Post) {
        if let Some(panel) = self.analyze(post) {
            self.row.fill(&self.analysis, &panel.vocabulary);
        }
    }
}

/// Posts a second and share of the time of each stage, and of all of them.
fn rows(sample: &Sample, times: &Times) -> Vec<(&'static str, f64, f64)> {
    let added = times.added();
    let all: f64 = added.iter().sum();
    let stages = STAGES.into_iter().zip(added).chain([("all, one thread", all)]);
    stages.map(|(name, seconds)| (name, sample.n_posts as f64 / seconds, seconds / all)).collect()
}

fn readable(sample: &Sample, model: &Model, times: &Times) -> String {
    let mut text = format!(
        "{}: {} posts, {:.1} MB as CSV; {}; least of {ROUNDS} rounds\n\n{:<22} {:>14} {:>8}\n",
        sample.source.display(),
        grouped(sample.n_posts),
        sample.bytes.len() as f64 / 1e6,
        model.id(),
        "stage",
        "posts a second",
        "share"
    );
    for (name, rate, share) in rows(sample, times) {
        // A stage too short to be measured.
        let rate = if rate.is_finite() { grouped(rate.round() as u64) } else { "-".to_owned() };
        let _ = writeln!(text, "{name:<22} {rate:>14} {:>6.1} %", 100.0 * share);
    }
    let whole = format!("whole job, {}", plural(threads() as u64, "thread"));
    let _ =
        writeln!(text, "{whole:<22} {:>14}", grouped((sample.n_posts as f64 / times.whole).round() as u64));
    text
}

fn as_json(sample: &Sample, model: &Model, times: &Times) -> Json {
    let stages = rows(sample, times).into_iter().zip(times.added());
    let stages = stages.map(|((name, rate, share), seconds)| {
        json!({ "stage": name, "seconds": seconds, "posts_per_second": rate, "share": share })
    });
    let one = times.added().iter().sum::<f64>();
    let posts = sample.n_posts as f64;
    json!({
        "source": sample.source.display().to_string(),
        "posts": sample.n_posts,
        "bytes": sample.bytes.len(),
        "model": model.id(),
        "rounds": ROUNDS,
        "stages": stages.collect::<Vec<_>>(),
        "one_thread": { "seconds": one, "posts_per_second": posts / one },
        "whole_job": { "threads": threads(), "seconds": times.whole, "posts_per_second": posts / times.whole },
    })
}
