//! `sociable train`.

use std::path::Path;

use sociable::Model;

use crate::cli::{Csv, Fixture};

/// Sixty posts by twenty authors with a label `kind` that some words tell, and a column `split`.
pub fn own_labels() -> String {
    let mut text = "id,author,split,text,kind,rare\n".to_owned();
    for id in 0..60 {
        let (words, kind) = [
            ("thank you all for a lovely warm day", "1"),
            ("what a rude and cold answer that was", "-1"),
            ("the clinic opens at nine and ends at five", "0"),
        ][id % 3];
        let split = if id % 5 == 0 { "test" } else { "train" };
        let rare = if id < 3 { "-1" } else { ["0", "1"][id % 2] };
        text.push_str(&format!("{id},author{},{split},{words} on the ward {id},{kind},{rare}\n", id / 3));
    }
    text
}

#[test]
fn own_labels_make_a_model_and_a_card() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", own_labels());
    let run = fixture.done(&["train", "posts.csv", "--labels", "kind", "-o", "mine.model"]);
    assert_eq!(run.stdout, "");
    assert_eq!(
        run.stderr.lines().last(),
        Some("out-of-fold figures of 60 posts by 20 authors; wrote mine.model and mine.md")
    );
    assert_eq!(fixture.files(), ["mine.md", "mine.model", "posts.csv"]);
    let model = Model::from_bytes(&fixture.read("mine.model"), Path::new("mine.model")).expect("a model");
    assert_eq!((model.name.as_str(), model.provenance.n_posts), ("mine", 60));
    let scored = Csv::parse(&fixture.done(&["score", "posts.csv", "--model", "mine.model"]).stdout);
    assert_eq!(scored.header[6..10], ["status", "tags", "kind", "not-kind"]);
    assert_eq!(scored.column("model")[0], model.id());
}

#[test]
fn where_takes_part_of_the_file() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", own_labels());
    for (condition, n_posts) in [("split=train", 48), ("split!=test", 48), ("split!=train", 12)] {
        // Twelve posts are too few to train on, and enough to evaluate.
        if n_posts == 48 {
            let args = ["train", "posts.csv", "--labels", "kind", "--where", condition, "-o", "mine.model"];
            fixture.done(&args);
            let model =
                Model::from_bytes(&fixture.read("mine.model"), Path::new("mine.model")).expect("a model");
            assert_eq!(model.provenance.n_posts, n_posts, "{condition}");
        }
        let args = ["evaluate", "posts.csv", "--labels", "kind", "--where", condition, "-m", "mine.model"];
        let run = fixture.done(&[&args[..], &["--format", "json"]].concat());
        let evaluation: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
        assert_eq!(evaluation["characteristics"][0]["n"], n_posts, "{condition}");
    }
    let said = fixture.refused(&["train", "posts.csv", "--labels", "kind", "--where", "fold=1"]);
    assert!(said.starts_with("sociable: posts.csv: no column fold, found ‘id’, "), "{said}");
}

#[test]
fn a_pole_with_too_few_examples_is_named() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", own_labels());
    let run = fixture.done(&["train", "posts.csv", "--labels", "kind,rare", "-o", "mine.model"]);
    let notes: Vec<&str> = run.stderr.lines().filter(|line| line.contains("not fitted")).collect();
    assert_eq!(notes.len(), 1, "{}", run.stderr);
    assert!(notes[0].contains("rare"), "{}", notes[0]);
}

#[test]
fn an_unknown_language_is_refused() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", own_labels());
    let run = fixture.run(&["train", "posts.csv", "--labels", "kind", "--language", "xx"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.starts_with("sociable: --language: found xx, expected one of "), "{}", run.stderr);
}

#[test]
fn a_tag_of_the_shipped_model_is_about_as_likely_as_not() {
    let model = Model::shipped().expect("the shipped model is sound");
    let heads = model.panels.iter().flat_map(|panel| &panel.heads);
    let thresholds: Vec<f64> = heads.flat_map(|head| head.thresholds).collect();
    assert_eq!(thresholds.len(), 32);
    assert!(thresholds.iter().all(|threshold| *threshold >= 0.4), "{thresholds:?}");
}

#[test]
fn what_is_expected_moves_intercepts_and_is_said_in_the_model() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", own_labels());
    let train = |expected: &str| {
        fixture.write("expected.toml", format!("[kind]\nupholds = 0.2\nbreaches = 0.05\n{expected}"));
        fixture.run(&[
            "train",
            "posts.csv",
            "--labels",
            "kind",
            "--prevalence",
            "expected.toml",
            "-o",
            "mine.model",
        ])
    };
    let panel = |expected: &str| {
        let run = train(expected);
        assert_eq!(run.status, 0, "{}", run.stderr);
        let model = Model::from_bytes(&fixture.read("mine.model"), Path::new("mine.model")).expect("a model");
        model.panels.into_iter().next().expect("a panel")
    };
    let (plain, raised) = (panel(""), panel("upholds_odds = 4\n"));
    assert_eq!(plain.heads[0].prevalence, [0.2, 0.05]);
    assert_eq!((plain.heads[0].prevalence, plain.weights), (raised.heads[0].prevalence, raised.weights));
    let moved: Vec<f32> = raised.intercepts.iter().zip(&plain.intercepts).map(|(a, b)| a - b).collect();
    // Breaches, then upholds, each against neither.
    assert!(moved[0].abs() < 1e-5 && (moved[1] - 4.0_f32.ln()).abs() < 1e-5, "found {moved:?}");
    for (wrong, problem) in [
        (
            "upholds_odds = 0\n",
            "expected.toml: kind: found upholds_odds 0 and breaches_odds 1, expected numbers above 0",
        ),
        ("odds = 2\n", "unknown field `odds`"),
    ] {
        let run = train(wrong);
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains(problem), "{}", run.stderr);
    }
}

#[test]
fn the_card_does_not_take_the_place_of_the_model() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", own_labels());
    assert_eq!(
        fixture.refused(&["train", "posts.csv", "--labels", "kind", "-o", "mine.md"]),
        "sociable: mine.md: found a file for two results, expected another name to write to\n"
    );
}

#[test]
fn a_label_must_not_be_called_as_a_column_of_every_scored_table_is() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", own_labels().replace("kind", "status"));
    let said = fixture.refused(&["train", "posts.csv", "--labels", "status", "-o", "mine.model"]);
    assert!(said.contains("the tag status names a column of every scored table"), "{said}");
}

#[test]
fn a_slug_that_is_not_trained_is_named() {
    let fixture = Fixture::new();
    fixture
        .write("posts.csv", own_labels())
        .write("expected.toml", "[knid]\nupholds = 0.2\nbreaches = 0.05\n");
    let args =
        ["train", "posts.csv", "--labels", "kind", "--prevalence", "expected.toml", "-o", "mine.model"];
    let run = fixture.done(&args);
    assert!(run.stderr.contains("knid: shares are expected of it, but it is not trained"), "{}", run.stderr);
}

#[test]
fn what_another_model_scored_is_not_scored_anew() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", own_labels());
    fixture.done(&["train", "posts.csv", "--labels", "kind", "-o", "mine.model"]);
    fixture.done(&["score", "posts.csv", "--model", "mine.model", "-o", "scored.csv"]);
    assert_eq!(
        fixture.refused(&["summarize", "scored.csv"]).lines().last(),
        Some("sociable: scored.csv: found posts scored with another model, expected --model with that model")
    );
    fixture.done(&["summarize", "scored.csv", "--model", "mine.model"]);
}
