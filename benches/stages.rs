//! Each stage by itself, and the whole job, over posts of every kind: `cargo bench --bench stages [-- FILTER]`.
//!
//! The posts are made from our own written ones (`data/`) by a seeded generator; nothing is downloaded. Every bench asserts its
//! answer: rows and tokens are known beforehand, and all ways to a tag have to find the same tags. About two minutes.

use std::{fs, hint::black_box, io::Cursor, path::Path, time::Duration};

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use csv::StringRecord;
use sociable::{
    Codebook, Model, Post, Scored, Scorer, Timeline,
    features::{Analysis, RowBuffer, Scratch},
    model::ScoredTable,
    pipeline,
    synthetic::{Corpus, Generator},
    text::{Language, Stemmer, tokenize, write_normalized},
    timeline::{Mapping, Options, Row},
    training::{LabelledPosts, Prevalence, TrainParams, train},
};

#[path = "support/written.rs"]
mod written;

/// Bytes of text of a corpus, about.
const CORPUS_BYTES: usize = 1 << 20;
const SEED: u64 = 1;

/// A corpus with what has to be found in it: posts, and tokens of texts and parents.
struct Expected {
    corpus: Corpus,
    n_posts: usize,
    n_tokens: usize,
}

const EXPECTED: [Expected; 9] = [
    Expected { corpus: Corpus::Mixed, n_posts: 6000, n_tokens: 216_719 },
    Expected { corpus: Corpus::Short, n_posts: 20_000, n_tokens: 119_755 },
    Expected { corpus: Corpus::Long, n_posts: 500, n_tokens: 235_892 },
    Expected { corpus: Corpus::Replies, n_posts: 3000, n_tokens: 216_719 },
    Expected { corpus: Corpus::Emoji, n_posts: 5000, n_tokens: 190_803 },
    Expected { corpus: Corpus::Scripts, n_posts: 6000, n_tokens: 194_789 },
    Expected { corpus: Corpus::LongTokens, n_posts: 250, n_tokens: 10_056 },
    Expected { corpus: Corpus::Quoted, n_posts: 6000, n_tokens: 239_589 },
    Expected { corpus: Corpus::Unrepeated, n_posts: 4000, n_tokens: 92_000 },
];

/// A corpus as bytes and as rows.
struct Table {
    bytes: Vec<u8>,
    records: Vec<StringRecord>,
    mapping: Mapping,
}

impl Table {
    fn make(expected: &Expected, written: &[String]) -> Self {
        let mut bytes = Vec::with_capacity(2 * CORPUS_BYTES);
        let mut generator = Generator::new(expected.corpus, written.iter().map(String::as_str), SEED);
        generator.write_csv(expected.n_posts as u64, &mut bytes).expect("memory can be written");
        let records = read(&bytes);
        let mapping = open(&bytes).mapping().clone();
        Self { bytes, records, mapping }
    }

    fn posts(&self) -> impl Iterator<Item = Post<'_>> {
        self.records.iter().map(|record| self.mapping.post(record))
    }

    fn text_bytes(&self) -> u64 {
        self.posts().map(|post| (post.text.len() + post.parent.text().len()) as u64).sum()
    }
}

fn open(bytes: &[u8]) -> Timeline {
    let reader = Box::new(Cursor::new(bytes.to_vec()));
    Timeline::from_reader(reader, Path::new("made posts"), &Options::default()).expect("a table")
}

fn read(bytes: &[u8]) -> Vec<StringRecord> {
    let mut timeline = open(bytes);
    let mut records = Vec::new();
    let mut record = StringRecord::new();
    while let Some(row) = timeline.read(&mut record).expect("memory can be read") {
        assert!(matches!(row, Row::Kept { .. }), "{row:?}");
        records.push(std::mem::take(&mut record));
    }
    records
}

fn stages(criterion: &mut Criterion) {
    let written = written::texts();
    let model = Model::shipped().expect("the shipped model is sound");
    for expected in &EXPECTED {
        let table = Table::make(expected, &written);
        let (n_posts, name) = (expected.n_posts, expected.corpus.name());
        let n_tags = count_tags(&model, &table);
        bench(criterion, "read", name, Throughput::Bytes(table.bytes.len() as u64), n_posts, || {
            let mut timeline = open(&table.bytes);
            let mut record = StringRecord::new();
            let mut n_rows = 0;
            while timeline.read(&mut record).expect("memory can be read").is_some() {
                n_rows += 1;
            }
            n_rows
        });
        let mut tokens = Vec::new();
        let text_bytes = Throughput::Bytes(table.text_bytes());
        bench(criterion, "tokenize", name, text_bytes.clone(), expected.n_tokens, || {
            let mut n_tokens = 0;
            for post in table.posts() {
                for text in [post.text, post.parent.text()] {
                    tokenize(text, &mut tokens);
                    n_tokens += tokens.len();
                }
            }
            n_tokens
        });
        // Without the memory for tokens that were met before: what one that was not met costs.
        let cut = cut(&table);
        let stemmer = Stemmer::new(Language::English);
        let mut word = String::new();
        bench(criterion, "stem", name, text_bytes, expected.n_tokens, || {
            let mut n_stems = 0;
            for &(kind, token) in &cut {
                write_normalized(token, &mut word);
                n_stems += usize::from(stemmer.stem(kind, &word).len() < usize::MAX);
            }
            n_stems
        });
        let posts = Throughput::Elements(n_posts as u64);
        let (mut scratch, mut analysis, mut row) =
            (Scratch::default(), Analysis::default(), RowBuffer::default());
        let vocabulary = &model.panels[0].vocabulary;
        bench(criterion, "features", name, posts.clone(), n_posts, || {
            let mut n_rows = 0;
            for post in table.posts() {
                model.analyzer.analyze(&post, &mut &*vocabulary, &mut scratch, &mut analysis);
                row.fill(&analysis, vocabulary);
                n_rows += usize::from(row.entries.iter().all(|(_, value)| value.is_finite()));
            }
            n_rows
        });
        let mut scorer = Scorer::new(&model);
        bench(criterion, "score", name, posts.clone(), n_tags, || {
            table.posts().map(|post| scorer.score(&post).tags().count()).sum()
        });
        let scored: Vec<Scored> = table.posts().map(|post| scorer.score(&post).clone()).collect();
        let writer = ScoredTable::new(&model.codebook, Some(sociable::Account::Professional));
        bench(criterion, "format", name, posts.clone(), n_tags, || {
            scored.iter().map(|scored| format(&writer, scored)).sum()
        });
        for threads in [1, 2] {
            let pool =
                rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be made");
            let stage = format!("whole job, {threads} thread{}", if threads == 1 { "" } else { "s" });
            bench(criterion, &stage, name, posts.clone(), n_tags, || {
                pool.install(|| whole_job(&model, &table))
            });
        }
    }
}

/// Runs a stage again and again, which has to come to the expected answer every time.
fn bench(
    criterion: &mut Criterion,
    stage: &str,
    corpus: &str,
    throughput: Throughput,
    expected: usize,
    mut work: impl FnMut() -> usize,
) {
    let mut group = criterion.benchmark_group(stage);
    group.throughput(throughput).sampling_mode(SamplingMode::Flat);
    group.bench_function(BenchmarkId::from_parameter(corpus), |bencher| {
        bencher.iter(|| assert_eq!(black_box(work()), expected, "{stage} of {corpus}"));
    });
    group.finish();
}

fn cut(table: &Table) -> Vec<(sociable::text::TokenKind, &str)> {
    let mut all = Vec::new();
    let mut tokens = Vec::new();
    for record in &table.records {
        let post = table.mapping.post(record);
        for text in [post.text, post.parent.text()] {
            tokenize(text, &mut tokens);
            all.extend(tokens.iter().map(|token| (token.kind, token.of(text))));
        }
    }
    all
}

/// The tags of all posts, by scorers that remember little of what came before.
fn count_tags(model: &Model, table: &Table) -> usize {
    let posts: Vec<Post> = table.posts().collect();
    let chunk = |posts: &[Post]| -> usize {
        let mut scorer = Scorer::new(model);
        posts.iter().map(|post| scorer.score(post).tags().count()).sum()
    };
    posts.chunks(500).map(chunk).sum()
}

/// Writes the cells of a post and gives the number of its tags, as they were written.
fn format(writer: &ScoredTable, scored: &Scored) -> usize {
    let mut line = Vec::new();
    writer.write(scored, "model@0", &mut line);
    let tags = black_box(&line).split(|&byte| byte == b',').nth(1).unwrap_or_default();
    tags.split(|&byte| byte == b';').filter(|tag| !tag.is_empty()).count()
}

fn whole_job(model: &Model, table: &Table) -> usize {
    let mut n_tags = 0;
    let writer = ScoredTable::new(&model.codebook, Some(sociable::Account::Professional));
    let tally = pipeline::score(
        &mut open(&table.bytes),
        model,
        |chunk| {
            let mut n_tags = 0;
            chunk.for_each(|_, _, scored| n_tags += format(&writer, scored));
            n_tags
        },
        |piece, _| {
            n_tags += piece;
            Ok(())
        },
        |_| Ok(()),
    );
    assert_eq!(tally.expect("memory can be read").rows_out, table.records.len() as u64);
    n_tags
}

fn model_load(criterion: &mut Criterion) {
    let bytes = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/models/sociable-en.safetensors"));
    let bytes = bytes.expect("the shipped model is there");
    let n_outputs = Model::shipped().expect("the shipped model is sound").panels[0].n_outputs();
    bench(criterion, "load", "model", Throughput::Bytes(bytes.len() as u64), n_outputs, || {
        Model::from_bytes(&bytes, Path::new("the model")).expect("the shipped model is sound").panels[0]
            .n_outputs()
    });
}

/// The first posts of `data/professional.csv`.
const TRAINED_POSTS: usize = 700;

fn training(criterion: &mut Criterion) {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/data/professional.csv"));
    let mut reader = csv::Reader::from_path(path).expect("the corpus is there");
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(reader.headers().expect("a header")).expect("memory can be written");
    for record in reader.records().take(TRAINED_POSTS) {
        table.write_record(&record.expect("a row")).expect("memory can be written");
    }
    let mut timeline = open(&table.into_inner().expect("memory can be written"));
    let codebook = Codebook::shipped();
    let mut posts = LabelledPosts::default();
    posts.add(&mut timeline, &codebook, false, &[], |_| Ok(())).expect("labelled posts");
    let params = TrainParams {
        name: "bench".to_owned(),
        language: Language::English,
        seed: 1,
        prevalence: Prevalence::default(),
    };
    let train =
        || train(&posts, &codebook, &params).expect("the labels can be learned").model.panels[0].heads.len();
    let n_heads = train();
    assert!(n_heads > 0);
    bench(criterion, "training", "professional", Throughput::Elements(TRAINED_POSTS as u64), n_heads, train);
}

fn config() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
}

criterion_group! { name = all; config = config(); targets = stages, model_load, training }
criterion_main!(all);
