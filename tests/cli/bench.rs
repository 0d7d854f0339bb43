//! `sociable bench`: what it says, not how long it took.

use serde_json::Value;

use crate::cli::{Fixture, repository};

/// The text with `#` for every figure that another run may give otherwise.
fn without_figures(shown: &str) -> String {
    let mut text = String::new();
    for line in shown.lines() {
        let words = line.split_whitespace().map(|word| match word {
            word if word.contains('@') => "MODEL;",
            // A stage that adds less than chance does has no speed.
            word if word == "-" || word.contains(|c: char| c.is_ascii_digit()) => "#",
            word => word,
        });
        text.push_str(&words.collect::<Vec<_>>().join(" "));
        text.push('\n');
    }
    text
}

#[test]
fn a_line_a_stage_and_the_whole_job() {
    let run = Fixture::new().done(&["bench", "--most", "300", "-t", "2"]);
    insta::assert_snapshot!(without_figures(&run.stdout), @r"
    posts made from the codebook's examples: # posts, # MB as CSV; MODEL; least of # rounds

    stage posts a second share
    read # # %
    tokenize # # %
    stem and cues # # %
    features # # %
    score # # %
    format # # %
    all, one thread # # %
    whole job, # threads #
    ");
}

#[test]
fn programs_get_the_figures_of_each_stage() {
    let sample = repository("data/sample-timeline.csv");
    let run = Fixture::new().done(&["bench", &sample, "--most", "20", "-t", "1", "--format", "json"]);
    let shown: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(shown["posts"], 20);
    assert_eq!(shown["source"], sample.as_str());
    assert_eq!(shown["whole_job"]["threads"], 1);
    let stages = shown["stages"].as_array().expect("a list of stages");
    let names: Vec<&str> = stages.iter().filter_map(|stage| stage["stage"].as_str()).collect();
    assert_eq!(names, ["read", "tokenize", "stem and cues", "features", "score", "format"]);
    let shares: f64 = stages.iter().filter_map(|stage| stage["share"].as_f64()).sum();
    assert!((shares - 1.0).abs() < 1e-9, "{shares}");
    assert!(shown["one_thread"]["posts_per_second"].as_f64() > Some(0.0));
}

#[test]
fn a_file_without_a_usable_row_is_refused() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", "account,text\nprofessional\n");
    let run = fixture.run(&["bench", "posts.csv"]);
    assert_eq!(run.status, 2);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("no row that can be used"), "{}", run.stderr);
}
