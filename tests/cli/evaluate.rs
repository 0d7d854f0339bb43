//! `sociable evaluate`. Figures change with the model, so only their names and ranges are held here.

use serde_json::Value as Json;

use crate::cli::{Fixture, repository, train::own_labels};

fn assert_share(value: &Json, name: &str) {
    let number = value[name].as_f64();
    assert!(number.is_some_and(|share| (0.0..=1.0).contains(&share)), "{name}: {}", value[name]);
}

#[test]
fn cross_validation_as_json_has_every_figure() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", own_labels());
    let args = ["evaluate", "posts.csv", "--labels", "kind", "--cross-validate", "--format", "json"];
    let run = fixture.done(&args);
    assert_eq!(fixture.files(), ["posts.csv"]);
    let evaluation: Json = serde_json::from_str(&run.stdout).expect("JSON");
    let characteristic = &evaluation["characteristics"][0];
    assert_eq!((characteristic["slug"].as_str(), characteristic["n"].as_u64()), (Some("kind"), Some(60)));
    for name in ["expected_calibration_error", "macro_f1"] {
        assert_share(characteristic, name);
    }
    assert!(characteristic["krippendorff_alpha"].as_f64().is_some_and(|alpha| (-1.0..=1.0).contains(&alpha)));
    let poles = characteristic["poles"].as_array().expect("a list");
    let tags: Vec<_> = poles.iter().map(|pole| pole["tag"].as_str().expect("a name")).collect();
    assert_eq!(tags, ["kind", "not-kind"]);
    for pole in poles {
        assert_eq!(pole["support"], 20);
        for name in ["precision", "recall", "f1", "average_precision"] {
            assert_share(pole, name);
        }
    }
}

#[test]
fn text_has_a_line_for_every_tag() {
    let run = Fixture::new().done(&["evaluate", &repository("data/professional.csv")]);
    for tag in crate::cli::tags(sociable::Account::Professional) {
        assert!(run.stdout.lines().any(|line| line.starts_with(&format!("{tag} "))), "{tag}");
    }
}

#[test]
fn a_model_and_cross_validation_exclude_each_other() {
    let fixture = Fixture::new();
    let run = fixture.run(&["evaluate", "posts.csv", "--cross-validate", "--model", "my.model"]);
    assert_eq!(run.status, 2);
}

#[test]
fn a_model_is_held_against_the_labels_that_are_named() {
    let fixture = Fixture::new();
    let labels = "text,humanity,advice\nThank you all I nearly cried,1,0\nYou should try yoga,0,-1\n";
    fixture.write("posts.csv", labels);
    let run = fixture.done(&["evaluate", "posts.csv", "--labels", "humanity", "--format", "json"]);
    let evaluation: Json = serde_json::from_str(&run.stdout).expect("JSON");
    let slugs: Vec<_> = evaluation["characteristics"].as_array().expect("a list").iter().collect();
    assert_eq!((slugs.len(), slugs[0]["slug"].as_str()), (1, Some("humanity")));
    assert_eq!(slugs[0]["poles"][0]["support"], 1);
    for args in [["--labels", "humanty"], ["--codebook", "own.toml"], ["--prevalence", "own.toml"]] {
        let run = fixture.run(&["evaluate", "posts.csv", args[0], args[1]]);
        assert_eq!(run.status, 2, "{args:?}");
        assert!(run.stderr.contains(&format!("{}: found ", args[0])), "{}", run.stderr);
    }
}
