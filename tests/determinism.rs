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

#[test]
fn training_is_the_same_bytes_and_makes_the_shipped_model() {
    let fixture = Fixture::new();
    let files = ["data/professional.csv", "data/organisation.csv"].map(repository);
    for threads in ["1", "2"] {
        fs::create_dir(fixture.path(threads)).expect("the folder can be written");
        let output = format!("{threads}/sociable-en.safetensors");
        let args = ["train", &files[0], &files[1], "--name", "sociable-en", "-t", threads, "-o", &output];
        fixture.done(&args);
    }
    for name in ["sociable-en.safetensors", "sociable-en.md"] {
        let one = fixture.read(&format!("1/{name}"));
        assert!(one == fixture.read(&format!("2/{name}")), "{name}: two threads write other bytes than one");
        let shipped = fs::read(repository(&format!("models/{name}"))).expect("the shipped model is there");
        assert!(one == shipped, "models/{name} is not what the files in data/ make: train it anew");
    }
}
