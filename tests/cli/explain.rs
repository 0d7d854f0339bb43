//! `sociable explain`. Figures change with the model, so only what holds for any model is held here.

use serde_json::Value as Json;

use crate::cli::{Csv, Fixture};

const TEXT: &str =
    "I was tired after nights and wrote it all down; please talk to somebody before you burn out.";

fn number(value: &Json) -> f64 {
    value.as_f64().expect("a number")
}

#[test]
fn contributions_and_intercept_make_the_logit() {
    let run = Fixture::new().done(&["explain", TEXT, "--format", "json"]);
    let explanation: Json = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(explanation["status"], "ok");
    let tags = explanation["tags"].as_array().expect("a list");
    assert_eq!(tags.len(), 16);
    for tag in tags {
        let contributions = tag["contributions"].as_array().expect("a list");
        let sum: f64 = contributions.iter().map(|entry| number(&entry["contribution"])).sum();
        let difference = sum + number(&tag["intercept"]) - number(&tag["logit"]);
        assert!(difference.abs() <= 1e-6, "{}: {difference}", tag["tag"]);
        for entry in contributions {
            let product = number(&entry["value"]) * number(&entry["weight"]);
            assert!((product - number(&entry["contribution"])).abs() <= 1e-6, "{entry}");
        }
        assert_eq!(
            tag["tagged"].as_bool().expect("a truth"),
            number(&tag["probability"]) >= number(&tag["threshold"])
        );
    }
}

#[test]
fn probabilities_are_those_of_score() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", format!("text\n\"{TEXT}\"\n"));
    let scored = Csv::parse(&fixture.done(&["score", "posts.csv"]).stdout);
    let run = fixture.run_with_input(&["explain", "--format", "json"], TEXT.as_bytes());
    let explanation: Json = serde_json::from_str(&run.stdout).expect("JSON");
    for tag in explanation["tags"].as_array().expect("a list") {
        let name = tag["tag"].as_str().expect("a name");
        assert_eq!(scored.column(name), [format!("{:.4}", number(&tag["probability"]))], "{name}");
    }
}

#[test]
fn text_lists_every_tag_with_its_sum() {
    let run = Fixture::new().done(&["explain", TEXT, "--all"]);
    for tag in crate::cli::tags(sociable::Account::Professional) {
        let heads = run.stdout.lines().filter(|line| line.starts_with(&format!("{tag}  "))).count();
        assert_eq!(heads, 1, "{tag}");
    }
    let ending = |end: &str| run.stdout.lines().filter(|line| line.ends_with(end)).count();
    assert_eq!((ending("  where a post of 20 words starts"), ending("  logit")), (16, 16));
    let last = run.stdout.lines().last().expect("a line");
    assert!(
        last.starts_with("words are shown by their stems, cues in [brackets]; model sociable-en@"),
        "{last}"
    );
}

#[test]
fn length_is_told_against_a_usual_post() {
    let explained = |n_words: usize| -> Json {
        let run =
            Fixture::new().done(&["explain", vec!["tea"; n_words].join(" ").as_str(), "--format", "json"]);
        serde_json::from_str(&run.stdout).expect("JSON")
    };
    let length = |explanation: &Json| {
        let contributions = explanation["tags"][0]["contributions"].as_array().expect("a list").clone();
        contributions.iter().find(|entry| entry["name"] == "[length]").map(|entry| number(&entry["value"]))
    };
    assert!(length(&explained(10)).is_some_and(|value| value < 0.0));
    assert_eq!(length(&explained(20)), None);
    assert!(length(&explained(40)).is_some_and(|value| value > 0.0));
}

#[test]
fn what_is_not_judged_is_said() {
    let fixture = Fixture::new();
    let run = fixture.done(&["explain", "Hm"]);
    assert!(run.stdout.starts_with("not judged: too-short\n"), "{}", run.stdout);
    let run = fixture.done(&["explain", TEXT, "--orphan"]);
    let undecided = "undecided, what the post answers is not known";
    assert!(run.stdout.lines().any(|line| line.ends_with(undecided)), "{}", run.stdout);
}
