//! The floors of the house, held: who may name whom, and where each heavy dependency lives.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const FLOORS: [&[&str]; 8] = [
    &["error"],
    &["post", "codebook"],
    &["timeline", "text", "synthetic"],
    &["features"],
    &["model", "evaluation"],
    &["training", "summary", "pipeline"],
    &["report"],
    &["cli"],
];

/// Neighbours on a floor that know each other: who, whom, the one item, and why.
const EXCEPTIONS: [(&str, &str, &str); 3] = [
    // A codebook says whose posts a characteristic judges.
    ("codebook", "post", "Account"),
    // And which kinds of them count.
    ("codebook", "post", "PostKind"),
    // What became of the rows of a timeline is counted alike whether they are scored or learned from.
    ("training", "pipeline", "Tally"),
];

/// Crates with a home: those paths that begin like this, and no other.
const HOMES: [(&str, &[&str]); 9] = [
    ("statrs", &["summary/"]),
    ("regex", &["summary/"]),
    ("askama", &["report/"]),
    ("linfa", &["training/"]),
    ("linfa_logistic", &["training/"]),
    ("argmin", &["training/"]),
    ("argmin_math", &["training/"]),
    ("clap", &["cli/"]),
    ("rayon", &["pipeline.rs", "training/", "cli/terminal.rs"]),
];

const MOST_LINES: usize = 500;

struct Source {
    /// Below `src/`, with slashes.
    path: String,
    text: String,
}

impl Source {
    /// The module of the crate that the file is part of.
    fn module(&self) -> &str {
        let end = self.path.find('/').unwrap_or(self.path.len() - ".rs".len());
        &self.path[..end]
    }

    /// The text without its comments.
    fn code(&self) -> String {
        let lines = self.text.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.map(|line| line.split(" // ").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
    }
}

fn sources() -> Vec<Source> {
    fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("src can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                walk(&path, paths);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                paths.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    paths.sort();
    let sources: Vec<Source> = paths
        .iter()
        .map(|path| Source {
            path: path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/"),
            text: fs::read_to_string(path).expect("a source is UTF-8"),
        })
        .collect();
    assert!(sources.len() > 30, "found {} sources", sources.len());
    sources
}

/// What stands behind each `crate::` as `module` or `module::item`: groups are taken apart.
fn uses(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, start) in code.match_indices("crate::") {
        let is_word =
            code[..at].chars().next_back().is_some_and(|before| before.is_alphanumeric() || before == '_');
        if !is_word {
            paths(&code[at + start.len()..], "", &mut found);
        }
    }
    found
}

/// Adds the paths of the use tree that `text` begins with and returns what is behind it.
fn paths<'t>(text: &'t str, before: &str, found: &mut BTreeSet<String>) -> &'t str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start();
            if let Some(behind) = rest.strip_prefix('}') {
                return behind;
            }
            rest = paths(rest, before, found).trim_start();
            // An alias is no path.
            rest = &rest[rest.find([',', '}']).expect("a group ends")..];
            rest = rest.strip_prefix(',').unwrap_or(rest);
        }
    }
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '*')).unwrap_or(text.len());
    let path = if before.is_empty() { text[..end].to_owned() } else { format!("{before}::{}", &text[..end]) };
    match text[end..].strip_prefix("::") {
        Some(rest) => paths(rest, &path, found),
        None => {
            found.insert(path);
            &text[end..]
        }
    }
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|modules| modules.contains(&module))
}

#[test]
fn use_trees_are_taken_apart() {
    let code = "use crate::{a::B, c::{D, e::F as G},}; fn f() -> crate::h::I { other_crate::x() }";
    assert_eq!(uses(code).into_iter().collect::<Vec<_>>(), ["a::B", "c::D", "c::e::F", "h::I"]);
}

#[test]
fn a_module_names_only_modules_on_lower_floors() {
    let mut wrong = Vec::new();
    let mut needed = BTreeSet::new();
    for source in sources() {
        let module = source.module();
        if ["lib", "main"].contains(&module) {
            continue;
        }
        let own = floor(module).unwrap_or_else(|| panic!("{}: on no floor", source.path));
        for path in uses(&source.code()) {
            let (named, item) = path.split_once("::").unwrap_or((&path, ""));
            if named == module || floor(named).is_some_and(|floor| floor < own) {
                continue;
            }
            if EXCEPTIONS.contains(&(module, named, item)) {
                needed.insert((module.to_owned(), named.to_owned(), item.to_owned()));
            } else {
                wrong.push(format!("{} names {path}", source.path));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(needed.len(), EXCEPTIONS.len(), "an exception that nobody needs any more; found {needed:?}");
}

#[test]
fn paths_begin_at_the_crate() {
    for source in sources() {
        for line in source.code().lines().filter(|line| line.contains("super::")) {
            // A module of tests is part of what it tests.
            assert_eq!(line.trim(), "use super::*;", "{}", source.path);
        }
    }
}

#[test]
fn heavy_dependencies_stay_at_home() {
    for source in sources() {
        let code = source.code();
        for (name, homes) in HOMES {
            let named = code.match_indices(&format!("{name}::")).any(|(at, _)| {
                !code[..at]
                    .chars()
                    .next_back()
                    .is_some_and(|before| before.is_alphanumeric() || before == '_')
            });
            assert!(
                !named || homes.iter().any(|home| source.path.starts_with(home)),
                "{} uses {name}",
                source.path
            );
        }
    }
}

#[test]
fn long_files_say_why() {
    for source in sources() {
        let n_lines = source.text.lines().count();
        let comment: String = source.text.lines().take_while(|line| line.starts_with("//!")).collect();
        assert!(!comment.is_empty(), "{}: no module comment", source.path);
        assert!(
            n_lines <= MOST_LINES || comment.contains("lines because"),
            "{}: {n_lines} lines; say `… lines because …` in the module comment, or split it",
            source.path
        );
    }
}
