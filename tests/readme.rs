//! The README is true: its commands and flags exist, and its first command does what it says.

use std::process::Command;

const README: &str = include_str!("../README.md");

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sociable"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env("NO_COLOR", "1");
    command
}

/// Words of the README's command lines that call the program, without its name.
fn command_lines() -> Vec<Vec<&'static str>> {
    let blocks = README.split("```").skip(1).step_by(2).filter(|block| block.starts_with("sh\n"));
    let lines = blocks.flat_map(str::lines).filter_map(|line| {
        line.strip_prefix("sociable ").or_else(|| line.strip_prefix("cargo run --release -- "))
    });
    lines.map(|line| line.split_whitespace().collect()).collect()
}

#[test]
fn every_command_and_flag_exists() {
    let lines = command_lines();
    assert!(lines.len() > 8, "found {} command lines", lines.len());
    for words in lines {
        // Of `audit` the word behind it is part of the command.
        let n_words = if words[0] == "audit" { 2 } else { 1 };
        let help = program().args(&words[..n_words]).arg("--help").output().expect("the program runs");
        assert!(help.status.success(), "{words:?}");
        let help = String::from_utf8_lossy(&help.stdout).into_owned();
        let known: Vec<&str> = help.split([' ', '\n', ',', '=']).collect();
        for flag in words.iter().filter(|word| word.starts_with('-')) {
            assert!(known.contains(flag), "{} knows no {flag}", words[0]);
        }
    }
}

#[test]
fn every_command_of_the_program_is_in_the_readme() {
    let help = program().arg("--help").output().expect("the program runs");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let commands =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names: Vec<&str> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() > 5, "{names:?}");
    for name in names {
        assert!(README.contains(&format!("sociable {name}")), "{name} is not in the README");
    }
}

#[test]
fn the_first_command_shows_the_sample_timeline_with_tags_and_a_summary() {
    let shown = program().args(["score", "data/sample-timeline.csv", "--format", "text"]).output();
    let shown = shown.expect("the program runs");
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.status.success());
    for part in ["\u{2192} ", "not judged: other-language", "posts, ", "undecided on advice"] {
        assert!(text.contains(part), "no {part} in what is shown");
    }
}
