//! The same bytes at any number of threads, and the shipped model from the shipped posts.

use std::fs;

use crate::cli::{Fixture, repository};

const REPEATS: usize = 400;

#[test]
fn scores_are_the_same_bytes_at_any_number_of_threads() {
    let sample = fs::read_to_string(repository("data/sample-timeline.csv")).expect("the sample is there");
    let (header, rows) = sample.split_once('\n').expect("the sample has a header");
    let fixture = Fixture::new();
    fixture.write("posts.csv", format!("{header}\n{}", rows.repeat(REPEATS)));
    for threads in ["1", "2", "7"] {
        fixture.done(&["score", "posts.csv", "-t", threads, "-o", &format!("{threads}.csv")]);
    }
    let one = fixture.read("1.csv");
    let n_rows = csv::Reader::from_reader(one.as_slice()).records().count();
    assert_eq!(n_rows, csv::Reader::from_reader(sample.as_bytes()).records().count() * REPEATS);
    // Megabytes: said in a word where they differ.
    assert!(one == fixture.read("2.csv"), "two threads write other bytes than one");
    assert!(one == fixture.read("7.csv"), "seven threads write other bytes than one");
}

/// Rows of each file that are trained on at two numbers of threads.
const SOME_ROWS: usize = 700;

#[test]
fn training_is_the_same_bytes_at_any_number_of_threads() {
    let fixture = Fixture::new();
    let files = ["professional.csv", "organisation.csv"];
    for name in files {
        let file = repository(&format!("data/{name}"));
        let mut reader = csv::Reader::from_path(file).expect("the corpus is there");
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(reader.headers().expect("a header")).expect("writing to memory");
        for record in reader.records().take(SOME_ROWS) {
            writer.write_record(&record.expect("a row")).expect("writing to memory");
        }
        fixture.write(name, writer.into_inner().expect("writing to memory"));
    }
    for threads in ["1", "2"] {
        fs::create_dir(fixture.path(threads)).expect("the folder can be written");
        let output = format!("{threads}/some.safetensors");
        fixture.done(&["train", files[0], files[1], "-t", threads, "-o", &output]);
    }
    for name in ["some.safetensors", "some.md"] {
        let one = fixture.read(&format!("1/{name}"));
        assert!(one == fixture.read(&format!("2/{name}")), "{name}: two threads write other bytes than one");
    }
}

#[test]
fn the_files_in_data_make_the_shipped_model() {
    let fixture = Fixture::new();
    let files = ["data/professional.csv", "data/organisation.csv", "data/prevalence.toml"].map(repository);
    let output = "sociable-en.safetensors";
    fixture.done(&["train", &files[0], &files[1], "--prevalence", &files[2], "-o", output]);
    for name in [output, "sociable-en.md"] {
        let shipped = fs::read(repository(&format!("models/{name}"))).expect("the shipped model is there");
        assert!(
            fixture.read(name) == shipped,
            "models/{name} is not what the files in data/ make: train it anew"
        );
    }
}
