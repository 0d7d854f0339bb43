//! The fast path against a slow and plain one: the same statuses, the same tags, the same printed digits.

mod reference;
mod tokens;

use std::{
    fs,
    path::{Path, PathBuf},
};

use proptest::prelude::*;
use sociable::{
    Account, Codebook, Model, Parent, Pole, Post, Scored, Scorer, Timeline,
    synthetic::{Corpus, Generator},
    timeline::{Options, Row},
};

use crate::{
    cli::{Csv, Fixture, repository},
    parity::reference::{Judged, Reference},
};

/// The fast path adds in f32: this much a probability may lie off.
const TOLERANCE: f64 = 5e-6;
/// And this much, relatively, what a threshold is compared with.
const MARGIN: f64 = 2e-4;

fn shipped() -> Reference {
    Reference::read(&fs::read(repository("models/sociable-en.safetensors")).expect("the model is there"))
}

/// What is compared, and how often the exact number lay so near an edge that f32 fell on its other side.
#[derive(Default)]
struct Comparison {
    n_posts: u64,
    n_probabilities: u64,
    n_edges: u64,
    n_other_tags: u64,
}

impl Comparison {
    /// A printed probability, or a blank, against the exact one.
    fn probability(&mut self, printed: &str, expected: Option<f64>, what: &dyn Fn() -> String) {
        let Some(expected) = expected else {
            assert_eq!(printed, "", "{}", what());
            return;
        };
        self.n_probabilities += 1;
        if printed == format!("{:.4}", (expected * 1e4).round() / 1e4) {
            return;
        }
        let found: f64 = printed.parse().unwrap_or_else(|_| panic!("{}: found {printed:?}", what()));
        // Half of the last digit, where one rounds up and the other down.
        assert!(
            (found - expected).abs() < 0.5e-4 + TOLERANCE,
            "{}: found {found}, expected {expected}",
            what()
        );
        self.n_edges += 1;
    }

    fn say(&self, of: &str) {
        println!(
            "{of}: {} posts, {} probabilities, {} of them rounded the other way; {} tags decided the other way",
            self.n_posts, self.n_probabilities, self.n_edges, self.n_other_tags
        );
        assert!(self.n_edges * 500 <= self.n_probabilities + 500, "{of}: {} edges", self.n_edges);
    }
}

/// The program's table of a file against the reference.
fn compare_table(reference: &Reference, path: &Path) -> Comparison {
    let run = Fixture::new().done(&["score", "-q", &path.to_string_lossy()]);
    let found = Csv::parse(&run.stdout);
    let mut timeline = Timeline::open(path, &Options::default()).expect("a timeline");
    let mapping = timeline.mapping().clone();
    let codebook = Codebook::shipped();
    let place = |name: &str| found.header.iter().rposition(|own| own == name);
    let (status, tag_list) = (place("status").expect("a column"), place("tags").expect("a column"));
    let mut record = csv::StringRecord::new();
    let mut comparison = Comparison::default();
    let mut rows = found.rows.iter();
    while let Some(read) = timeline.read(&mut record).expect("a row") {
        if let Row::Rejected(_) = read {
            continue;
        }
        let post = mapping.post(&record);
        let row = rows.next().expect("a row a post");
        let judged = reference.judge(&post);
        let what = || format!("{}: {:?} in answer to {:?}", path.display(), post.text, post.parent);
        assert_eq!(row[status], judged.status, "{}", what());
        comparison.n_posts += 1;
        let tags: Vec<&str> = row[tag_list].split(';').collect();
        for (at, characteristic) in codebook.characteristics.iter().enumerate() {
            for pole in Pole::ALL {
                let tag = &characteristic.pole(pole).tag;
                let Some(column) = place(tag) else { continue };
                let expected = judged.probabilities[at][pole as usize];
                comparison.probability(&row[column], expected, &|| format!("{tag} of {}", what()));
                let tagged = judged.values[at] == Some(pole.value());
                let same = tags.contains(&tag.as_str()) == tagged;
                comparison.n_other_tags += u64::from(!same);
                assert!(same || judged.margins[at] < MARGIN, "{tag} of {}", what());
            }
        }
    }
    assert!(rows.next().is_none(), "{}: more rows than posts", path.display());
    comparison
}

fn compare_scored(scored: &Scored, judged: &Judged, post: &Post) {
    let what = || format!("{:?} in answer to {:?}", post.text, post.parent);
    assert_eq!(scored.status.name(), judged.status, "{}", what());
    for (at, expected) in judged.probabilities.iter().enumerate() {
        for pole in Pole::ALL {
            let (found, expected) = (scored.probabilities[at][pole as usize], expected[pole as usize]);
            let near = match (found, expected) {
                (Some(found), Some(expected)) => (found - expected).abs() < TOLERANCE,
                (found, expected) => found == expected,
            };
            assert!(near, "{at}: found {found:?}, expected {expected:?}, {}", what());
        }
        let same = scored.values[at] == judged.values[at];
        assert!(same || judged.margins[at] < MARGIN, "{at}: another value, {}", what());
    }
}

#[test]
fn made_posts_are_judged_as_the_reference_judges_them() {
    let reference = shipped();
    let written = fs::read_to_string(repository("data/sample-timeline.csv")).expect("the sample is there");
    let written = Csv::parse(&written);
    let fixture = Fixture::new();
    for corpus in Corpus::ALL {
        let n_posts = if corpus == Corpus::Long { 40 } else { 200 };
        let mut table = Vec::new();
        let mut generator = Generator::new(corpus, written.column("text"), 1);
        generator.write_csv(n_posts, &mut table).expect("memory can be written");
        fixture.write("made.csv", table);
        let comparison = compare_table(&reference, &fixture.path("made.csv"));
        assert_eq!(comparison.n_posts, n_posts);
        comparison.say(corpus.name());
    }
}

#[test]
fn written_posts_are_judged_as_the_reference_judges_them() {
    compare_table(&shipped(), Path::new(&repository("data/sample-timeline.csv"))).say("sample timeline");
}

/// Real timelines, from the folder `SOCIABLE_REAL_TIMELINES` or `../shared/real/timelines`; no part of this repository.
#[test]
fn real_posts_are_judged_as_the_reference_judges_them() {
    let folder = std::env::var_os("SOCIABLE_REAL_TIMELINES")
        .map_or_else(|| PathBuf::from(repository("../shared/real/timelines")), PathBuf::from);
    let Ok(entries) = fs::read_dir(&folder) else {
        println!("skipped: no folder {}", folder.display());
        return;
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{}: empty", folder.display());
    let reference = &shipped();
    std::thread::scope(|scope| {
        for half in paths.chunks(paths.len().div_ceil(2)) {
            scope.spawn(move || {
                for path in half {
                    compare_table(reference, path)
                        .say(&path.file_name().unwrap_or_default().to_string_lossy());
                }
            });
        }
    });
}

/// Pieces that the parts of the fast path treat each in its own way.
const PIECES: [&str; 48] = [
    "you",
    "should",
    "really",
    "try",
    "thanks",
    "We're",
    "don’t",
    "Don't",
    "patients",
    "PATIENTS",
    "soooo",
    "walked",
    "need",
    "to",
    "i",
    "if",
    "were",
    "make",
    "sure",
    "https://a.example/b",
    "www.a.example",
    "http:",
    "@ann",
    "@a@b.example",
    "x.y@z.example",
    "#hope",
    "#",
    "&amp;",
    "&;",
    "12",
    "3.5",
    "2nd",
    "1️⃣",
    "👩‍⚕️",
    "❤",
    "…",
    "...",
    "..",
    ".",
    "?",
    "!",
    ",",
    "\"",
    "“",
    "\n",
    "\u{301}",
    "naïve",
    "Ünïted",
];

fn pieces() -> impl Strategy<Value = String> {
    let piece =
        (prop::sample::select(PIECES.as_slice()), prop::sample::select(["", " ", " ", " "].as_slice()));
    prop::collection::vec(piece, 0..60)
        .prop_map(|pieces| pieces.into_iter().flat_map(|(piece, space)| [piece, space]).collect())
}

fn text() -> impl Strategy<Value = String> {
    let short = "[a-cA-CwW0-9@#:;&/\\._'’!?…,\"\\-é👍️\u{301} ]{0,60}";
    prop_oneof![4 => pieces(), 2 => short, 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_judged_as_the_reference_judges_it(
        posts in prop::collection::vec((text(), prop::option::of(text()), any::<bool>(), any::<bool>()), 1..4),
    ) {
        thread_local! {
            static MODELS: (Model, Reference) = (Model::shipped().expect("the shipped model is sound"), shipped());
        }
        MODELS.with(|(model, reference)| {
            // One scorer for all of them: what it remembers of one post must not show in the next.
            let mut scorer = Scorer::new(model);
            for (text, parent, orphan, organisation) in &posts {
                let parent = match parent {
                    Some(parent) => Parent::Text(parent),
                    None if *orphan => Parent::Unknown,
                    None => Parent::None,
                };
                let account = if *organisation { Account::Organisation } else { Account::Professional };
                let post = Post { parent, account, ..Post::from_text(text) };
                compare_scored(scorer.score(&post), &reference.judge(&post), &post);
            }
        });
    }
}
