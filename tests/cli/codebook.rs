//! `sociable codebook`.

use std::path::Path;

use sociable::{Codebook, Pole};

use crate::cli::Fixture;

#[test]
fn text_shows_every_characteristic_and_tag() {
    let run = Fixture::new().done(&["codebook"]);
    for characteristic in &Codebook::shipped().characteristics {
        let head = format!("{} {} (", characteristic.id, characteristic.slug);
        assert!(run.stdout.lines().any(|line| line.starts_with(&head)), "{head}");
        for pole in Pole::ALL {
            let line = format!("  {} {}", pole.name(), characteristic.pole(pole).tag);
            assert!(run.stdout.lines().any(|found| found == line), "{line}");
        }
    }
    assert!(
        run.stdout.lines().all(|line| line.starts_with("codebook version") || line.chars().count() <= 100)
    );
}

#[test]
fn toml_and_json_read_back_as_the_shipped_one() {
    let fixture = Fixture::new();
    let shipped = Codebook::shipped();
    let toml = fixture.done(&["codebook", "--format", "toml"]).stdout;
    assert_eq!(Codebook::from_toml(&toml, Path::new("stdout")).expect("a codebook"), shipped);
    let json = fixture.done(&["codebook", "--format", "json"]).stdout;
    assert_eq!(serde_json::from_str::<Codebook>(&json).expect("a codebook"), shipped);
}

#[test]
fn one_characteristic_by_id_or_slug() {
    let fixture = Fixture::new();
    let shipped = Codebook::shipped();
    for name in ["P7", "p7", "advice"] {
        let toml = fixture.done(&["codebook", name, "--format", "toml"]).stdout;
        let one = Codebook::from_toml(&toml, Path::new("stdout")).expect("a codebook");
        assert_eq!(one.characteristics, shipped.characteristics[6..7], "{name}");
    }
}

#[test]
fn an_unknown_characteristic_is_refused() {
    let run = Fixture::new().run(&["codebook", "P9"]);
    let slugs: Vec<String> = Codebook::shipped().characteristics.into_iter().map(|own| own.slug).collect();
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert_eq!(run.stderr, format!("sociable: codebook: found P9, expected one of {}\n", slugs.join(", ")));
}

#[test]
fn sixteen_characteristics_with_two_examples_a_pole() {
    let codebook = Codebook::shipped();
    assert_eq!(codebook.characteristics.len(), 16);
    for characteristic in &codebook.characteristics {
        for pole in Pole::ALL {
            assert_eq!(characteristic.pole(pole).examples.len(), 2, "{} {}", characteristic.id, pole.name());
        }
    }
}
