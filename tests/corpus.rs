//! The labelled posts of `data/`: sound, balanced enough, and nobody else's words.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    hash::{DefaultHasher, Hash, Hasher},
    io::Read,
    path::{Path, PathBuf},
};

use flate2::read::GzDecoder;
use sociable::{Account, Codebook, Pole, Value};

use crate::cli::{Csv, repository};

const LEAST_A_POLE: usize = 200;
const NEAR: f64 = 0.8;
/// Words in a row that nobody writes twice by chance.
const RUN: usize = 8;

fn corpus(account: Account) -> Csv {
    read(&format!("data/{}.csv", account.name()))
}

fn read(path: &str) -> Csv {
    Csv::parse(&fs::read_to_string(repository(path)).expect("a file of the repository"))
}

fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '\u{2019}');
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[test]
fn columns_labels_and_ids_are_as_documented() {
    let codebook = Codebook::shipped();
    let mut ids = HashSet::new();
    for account in Account::ALL {
        let corpus = corpus(account);
        let slugs: Vec<&str> = codebook.judged(account).map(|(_, own)| own.slug.as_str()).collect();
        let columns = ["id", "account", "author", "platform", "kind", "parent", "text"];
        assert_eq!(corpus.header, [&columns[..], &slugs].concat());
        assert!(corpus.column("account").iter().all(|own| *own == account.name()));
        for id in corpus.column("id") {
            assert!(!id.is_empty() && ids.insert(id.to_owned()), "the id {id} stands twice");
        }
        for slug in slugs {
            for (row, label) in corpus.column(slug).iter().enumerate() {
                assert!(["1", "0", "-1", ""].contains(label), "{}: {slug} is {label}", corpus.rows[row][0]);
            }
            for pole in Pole::ALL {
                let labels = corpus.column(slug).into_iter().filter_map(Value::from_cell);
                let support = labels.filter(|value| *value == pole.value()).count();
                assert!(support >= LEAST_A_POLE, "{slug} {}: {support} posts", pole.name());
            }
        }
        for row in &corpus.rows {
            assert!(!row[corpus.at("text")].trim().is_empty(), "{}: no text", row[0]);
            assert!(!row[corpus.at("author")].trim().is_empty(), "{}: no author", row[0]);
            let kind = row[corpus.at("kind")].as_str();
            assert!(["post", "reply", "quote", "comment"].contains(&kind), "{}: {kind}", row[0]);
            let has_parent = !row[corpus.at("parent")].is_empty();
            assert!(!has_parent || kind != "post", "{}: a post of its own with a parent", row[0]);
        }
    }
}

#[test]
fn no_post_stands_twice_or_nearly() {
    let mut by_parent: HashMap<String, Vec<(String, HashSet<String>)>> = HashMap::new();
    for corpus in Account::ALL.map(corpus) {
        for row in &corpus.rows {
            let own: HashSet<String> = words(&row[corpus.at("text")]).into_iter().collect();
            // Sets of posts that differ in their parent only are there on purpose.
            let others = by_parent.entry(row[corpus.at("parent")].clone()).or_default();
            for (id, other) in &*others {
                // As many words as the shorter has are the most that can be shared.
                let (shorter, longer) = (own.len().min(other.len()), own.len().max(other.len()));
                if shorter as f64 <= NEAR * longer as f64 {
                    continue;
                }
                let shared = own.intersection(other).count();
                let jaccard = shared as f64 / (own.len() + other.len() - shared).max(1) as f64;
                assert!(jaccard <= NEAR, "{} and {id} are nearly the same: {jaccard:.2}", row[0]);
            }
            others.push((row[0].clone(), own));
        }
    }
}

#[test]
fn the_sample_is_not_learned_from() {
    let sample = read("data/sample-timeline.csv");
    let sample: HashSet<&str> = sample.column("text").into_iter().filter(|text| !text.is_empty()).collect();
    for corpus in Account::ALL.map(corpus) {
        for row in &corpus.rows {
            assert!(!sample.contains(row[corpus.at("text")].as_str()), "{} is in the sample", row[0]);
        }
    }
}

fn runs(text: &str) -> Vec<(u64, String)> {
    let hash = |run: &[String]| {
        let mut hasher = DefaultHasher::new();
        run.hash(&mut hasher);
        (hasher.finish(), run.join(" "))
    };
    words(text).windows(RUN).map(hash).collect()
}

/// All tables of real posts below a folder.
fn tables(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(tables(&path));
        } else if path.to_string_lossy().ends_with(".csv") || path.to_string_lossy().ends_with(".csv.gz") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn no_run_of_words_is_somebody_elses() {
    let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/real");
    if !real.is_dir() {
        println!("skipped: no ../shared/real");
        return;
    }
    let mut ours: HashMap<u64, (String, String)> = HashMap::new();
    let files = ["data/professional.csv", "data/organisation.csv", "data/sample-timeline.csv"];
    for corpus in files.map(read) {
        for row in &corpus.rows {
            for column in ["text", "parent"] {
                for (hash, run) in runs(&row[corpus.at(column)]) {
                    ours.insert(hash, (row[0].clone(), run));
                }
            }
        }
    }
    let mut shared = Vec::new();
    let mut n_texts = 0;
    for folder in ["timelines", "labelled", "dev"] {
        for path in tables(&real.join(folder)) {
            let file = File::open(&path).expect("a file that was listed");
            let is_gzip = path.extension().is_some_and(|extension| extension == "gz");
            let reader: Box<dyn Read> = if is_gzip { Box::new(GzDecoder::new(file)) } else { Box::new(file) };
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
            let header = reader.headers().expect("a header").clone();
            let columns: Vec<usize> =
                (0..header.len()).filter(|at| ["text", "parent"].contains(&&header[*at])).collect();
            assert!(!columns.is_empty(), "{}: no text", path.display());
            for record in reader.records().flatten() {
                for text in columns.iter().filter_map(|at| record.get(*at)) {
                    n_texts += 1;
                    for window in words(text).windows(RUN) {
                        let mut hasher = DefaultHasher::new();
                        window.hash(&mut hasher);
                        if let Some((id, run)) = ours.get(&hasher.finish()) {
                            shared.push(format!("{id}: {run} ({})", path.display()));
                        }
                    }
                }
            }
        }
    }
    assert!(n_texts > 0, "no real posts read");
    shared.sort();
    shared.dedup();
    assert_eq!(shared, Vec::<String>::new());
}
