//! Do the intervals of `audit estimate` hold the truth as often as they say?
//!
//! `cargo bench --bench coverage` trains on part of the written posts; `cargo bench --bench coverage -- FILE LABEL …` on a
//! labelled file with a column `split` (or without one, on a random half), the pole *upholds* of that label. With the
//! posts that the model has not seen it makes accounts of 500 posts with a known rate, draws audit samples as
//! `audit sample` does, codes them with the labels, estimates as `audit estimate` does, and counts how often the 95 %
//! intervals hold the rate. Also shown: what the interval of a plain count of tags does. Environment: `REPETITIONS`
//! (default 16,000: a third of a point of chance either way; four minutes). Fails where an interval holds the truth in fewer than 93 or more
//! than 98 of 100 cases, or the model's is wider than the hand count's. `COVERAGE.md` keeps the figures.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that shows a table")]

use std::{io::Read, path::Path, process::ExitCode, time::Instant};

use rayon::prelude::*;
use sociable::{
    Codebook, Model, Pole, Scorer, Timeline,
    summary::{Candidate, Estimator, Interval, SampleSize, Totals, Unit, draw, wilson_of_count},
    text::Language,
    timeline::Options,
    training::{LabelledPosts, Prevalence, TrainParams, train},
};

const POSTS: usize = 500;
const RATES: [f64; 5] = [0.02, 0.05, 0.15, 0.3, 0.5];
const SAMPLES: [u64; 3] = [50, 100, 200];
const ALLOWED: [f64; 2] = [0.93, 0.98];

/// A post that the model has not seen: probability, tag, label.
#[derive(Clone, Copy)]
struct Post {
    probability: f64,
    tagged: bool,
    bears: bool,
}

/// How often an interval held the truth, and how wide it was on average.
#[derive(Clone, Copy, Default)]
struct Method {
    held: u32,
    width: f64,
}

impl Method {
    fn add(&mut self, interval: Interval, rate: f64) {
        self.held += u32::from(interval.holds(rate));
        self.width += interval.width();
    }
}

#[derive(Clone, Copy, Default)]
struct Cell {
    tags: Method,
    hand: Method,
    assisted: Method,
    error: f64,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let repetitions: u32 =
        std::env::var("REPETITIONS").ok().and_then(|given| given.parse().ok()).unwrap_or(16_000);
    let written = concat!(env!("CARGO_MANIFEST_DIR"), "/data/professional.csv");
    let jobs: Vec<(String, String)> = if args.is_empty() {
        ["humanity", "learning"].map(|label| (written.to_owned(), label.to_owned())).to_vec()
    } else {
        args.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
    };
    println!("{repetitions} repetitions a cell; held / width of the interval, in %");
    println!(
        "{:<28} {:>4} {:>4}   {:>11}   {:>11}   {:>11}   {:>5}",
        "posts, label", "n", "rate", "tags", "hand count", "assisted", "error"
    );
    let mut problems = Vec::new();
    for (path, label) in jobs {
        let start = Instant::now();
        let posts = unseen_posts(Path::new(&path), &label);
        let name = Path::new(&path).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bearing = posts.iter().filter(|post| post.bears).count();
        println!("{name} {label}: {} posts not seen in training, {bearing} bear it", posts.len());
        let mut widths = [0.0; 2];
        for n in SAMPLES {
            for rate in RATES {
                let cell = simulate(&posts, rate, n, repetitions);
                let of = f64::from(repetitions);
                let shown = |method: Method| {
                    format!("{:>5.1} {:>5.1}", 100.0 * f64::from(method.held) / of, 100.0 * method.width / of)
                };
                println!(
                    "{:<28} {n:>4} {rate:>4}   {}   {}   {}   {:>5.1}",
                    "",
                    shown(cell.tags),
                    shown(cell.hand),
                    shown(cell.assisted),
                    100.0 * cell.error / of
                );
                for (method, of_method) in [("hand count", cell.hand), ("assisted", cell.assisted)] {
                    let held = f64::from(of_method.held) / of;
                    if !(ALLOWED[0]..=ALLOWED[1]).contains(&held) {
                        problems.push(format!("{name} {label} n {n} rate {rate}: {method} held {held:.3}"));
                    }
                }
                if cell.assisted.width > cell.hand.width * (1.0 + 1e-9) {
                    problems
                        .push(format!("{name} {label} n {n} rate {rate}: the model made the interval wider"));
                }
                widths[0] += cell.hand.width;
                widths[1] += cell.assisted.width;
            }
        }
        println!(
            "{:<28} width of the assisted interval: {:.3} of the hand count's; {:.0} s",
            "",
            widths[1] / widths[0],
            start.elapsed().as_secs_f64()
        );
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Trains on one part of a file and scores the other: on the rows whose `split` is `train`, or on those of half of the
/// authors where there are none.
fn unseen_posts(path: &Path, label: &str) -> Vec<Post> {
    let shipped = Codebook::shipped();
    let mut codebook = Codebook::from_labels(&[label]);
    if let Some(own) = shipped.characteristics.iter().find(|own| own.slug == label) {
        codebook = Codebook { characteristics: vec![own.clone()], ..shipped };
    }
    let [seen, unseen] = halves(path).map(|csv| {
        let reader = Box::new(std::io::Cursor::new(csv));
        let mut timeline = Timeline::from_reader(reader, path, &Options::default()).expect("a table");
        let mut posts = LabelledPosts::default();
        posts.add(&mut timeline, &codebook, true, &[], |_| Ok(())).expect("the label is in the file");
        posts
    });
    let params = TrainParams {
        name: "coverage".to_owned(),
        language: Language::English,
        seed: 1,
        prevalence: Prevalence::default(),
    };
    let model: Model = train(&seen, &codebook, &params).expect("the labels can be learned").model;
    let mut scorer = Scorer::new(&model);
    (0..unseen.len())
        .filter_map(|at| {
            let scored = scorer.score(&unseen.post(at));
            Some(Post {
                probability: scored.probabilities[0][0]?,
                tagged: scored.values[0]? == Pole::Upholds.value(),
                bears: unseen.label(at, 0)? == Pole::Upholds.value(),
            })
        })
        .collect()
}

/// The rows to learn from and the others, each as CSV.
fn halves(path: &Path) -> [Vec<u8>; 2] {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut text).expect("gzip");
    } else {
        text = bytes;
    }
    let mut reader = csv::Reader::from_reader(&text[..]);
    let header = reader.headers().expect("a header").clone();
    let column = |name: &str| header.iter().position(|column| column == name);
    let records: Vec<csv::StringRecord> = reader.records().map(|record| record.expect("a row")).collect();
    let split = column("split").filter(|&at| records.iter().any(|record| &record[at] == "train"));
    let author = column("author").expect("a column author");
    let is_seen = |record: &csv::StringRecord| match split {
        Some(at) => &record[at] == "train",
        None => blake3::hash(record[author].as_bytes()).as_bytes()[0].is_multiple_of(2),
    };
    [true, false].map(|seen| {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&header).expect("memory");
        for record in records.iter().filter(|record| is_seen(record) == seen) {
            writer.write_record(record).expect("memory");
        }
        writer.into_inner().expect("memory")
    })
}

/// Accounts with that rate, audited with samples of `n`.
fn simulate(posts: &[Post], rate: f64, n: u64, repetitions: u32) -> Cell {
    let (bearing, others): (Vec<Post>, Vec<Post>) = posts.iter().partition(|post| post.bears);
    let n_bearing = (rate * POSTS as f64).round() as usize;
    let cells: Vec<Cell> = (0..repetitions)
        .into_par_iter()
        .map(|repetition| {
            let mut lots = blake3::Hasher::new()
                .update(&repetition.to_le_bytes())
                .update(&rate.to_le_bytes())
                .update(&n.to_le_bytes())
                .finalize_xof();
            let mut pick = |from: &[Post]| {
                let mut number = [0; 4];
                lots.fill(&mut number);
                from[((u64::from(u32::from_le_bytes(number)) * from.len() as u64) >> 32) as usize]
            };
            let account: Vec<Post> =
                (0..POSTS).map(|at| pick(if at < n_bearing { &bearing } else { &others })).collect();
            audit(&account, rate, n, u64::from(repetition))
        })
        .collect();
    cells.into_iter().fold(Cell::default(), |mut sum, cell| {
        for (own, more) in
            [(&mut sum.tags, cell.tags), (&mut sum.hand, cell.hand), (&mut sum.assisted, cell.assisted)]
        {
            own.held += more.held;
            own.width += more.width;
        }
        sum.error += cell.error;
        sum
    })
}

fn audit(account: &[Post], rate: f64, n: u64, seed: u64) -> Cell {
    let candidates: Vec<Candidate> = account
        .iter()
        .enumerate()
        .map(|(at, post)| Candidate {
            key: at.to_string(),
            author: String::new(),
            probability: post.probability,
        })
        .collect();
    let mut drawn = draw(&candidates, SampleSize::PerAuthor(n), seed);
    drawn.sort_by_key(|post| post.stratum);
    let mut strata = vec![0.0; drawn.last().map_or(0, |post| post.stratum as usize)];
    let units: Vec<Unit> = drawn
        .iter()
        .map(|post| {
            let stratum = post.stratum as usize - 1;
            strata[stratum] = post.stratum_posts as f64;
            let own = account[post.place];
            Unit {
                stratum,
                thread: post.place as u64,
                member: true,
                of: true,
                bears: own.bears,
                predicted: own.probability,
                predicted_of: 1.0,
            }
        })
        .collect();
    let members = account.len() as f64;
    let predicted = account.iter().map(|post| post.probability).sum();
    let totals = Totals { members, predicted, predicted_of: members, all_could: true };
    let found = Estimator::new(&units, &strata, totals).expect("posts were coded");
    let n_tagged = account.iter().filter(|post| post.tagged).count();
    let mut cell = Cell::default();
    cell.tags.add(wilson_of_count(n_tagged as u64, POSTS as u64).expect("posts"), rate);
    cell.hand.add(found.design_interval, rate);
    cell.assisted.add(found.assisted_interval, rate);
    cell.error = (found.assisted - rate).abs();
    cell
}
