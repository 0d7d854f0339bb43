//! Exports of platforms: written ones of every platform, with the posts that each has to give, in every kind of archive.
//!
//! A folder below `tests/fixtures/exports` is a case: `export/` is what the platform sends, `expected.csv` its posts, `account.txt` what is
//! said of them, `args` further arguments. `UPDATE_FIXTURES=1 cargo test archives` writes what the program says now; read it before you keep it.

mod hostile;
mod real;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};

use crate::cli::{Csv, Fixture, Run, repository};

const CASES: &str = "tests/fixtures/exports";

/// The cases in the order of their names.
fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = fs::read_dir(repository(CASES))
        .expect("the fixtures are there")
        .map(|entry| entry.expect("an entry can be read").path())
        .filter(|path| path.join("export").is_dir())
        .collect();
    cases.sort();
    assert!(cases.len() > 12, "found {} cases", cases.len());
    cases
}

/// What to hand to the program: the one file of a case, or its folder.
fn export(case: &Path) -> PathBuf {
    let folder = case.join("export");
    let files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry can be read").path())
        .collect();
    match files.as_slice() {
        [file] if file.is_file() => file.clone(),
        _ => folder,
    }
}

fn import(case: &Path, export: &Path) -> Run {
    let fixture = Fixture::new();
    let mut args = vec!["import".to_owned(), export.to_string_lossy().into_owned()];
    for word in fs::read_to_string(case.join("args")).unwrap_or_default().split_whitespace() {
        let beside = case.join(word);
        args.push(if beside.is_file() { beside.to_string_lossy().into_owned() } else { word.to_owned() });
    }
    fixture.run(&args.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The files below a folder, with their paths from it.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name =
                    path.strip_prefix(folder).expect("below the folder").to_string_lossy().replace('\\', "/");
                found.push((name, fs::read(&path).expect("a file")));
            }
        }
    }
    found.sort();
    found
}

/// A zip of these files.
pub fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut zip = rawzip::ZipArchiveWriter::new(&mut out);
    for (name, bytes) in files {
        let file = zip.new_file(name).compression_method(rawzip::CompressionMethod::DEFLATE);
        let (mut entry, config) = file.start().expect("a member begins");
        let mut writer = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, Compression::fast()));
        writer.write_all(bytes).expect("memory takes it");
        let (encoder, descriptor) = writer.finish().expect("a member ends");
        encoder.finish().expect("memory takes it");
        entry.finish(descriptor).expect("memory takes it");
    }
    zip.finish().expect("memory takes it");
    out
}

/// A gzipped tar of these files.
pub fn tar_gz(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, bytes.as_slice()).expect("memory takes it");
    }
    tar.into_inner().expect("memory takes it").finish().expect("memory takes it")
}

/// What is said, without where the fixtures lie.
fn account(case: &Path, run: &Run) -> String {
    let place = format!("{}/", case.join("export").display());
    format!(
        "exit status {}\n{}",
        run.status,
        run.stderr.replace(&place, "").replace(&place[..place.len() - 1], "export")
    )
}

#[test]
fn every_export_gives_its_posts() {
    for case in cases() {
        let run = import(&case, &export(&case));
        let account = account(&case, &run);
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            fs::write(case.join("expected.csv"), &run.stdout).expect("the fixtures can be written");
            fs::write(case.join("account.txt"), &account).expect("the fixtures can be written");
        }
        let expected = |name: &str| fs::read_to_string(case.join(name)).expect("a case has what it expects");
        assert_eq!(run.stdout, expected("expected.csv"), "{}", case.display());
        assert_eq!(account, expected("account.txt"), "{}", case.display());
    }
}

#[test]
fn an_archive_gives_what_its_folder_gives() {
    for case in cases().into_iter().filter(|case| !case.ends_with("table") && !case.ends_with("table-jsonl"))
    {
        let expected = fs::read_to_string(case.join("expected.csv")).expect("a case has what it expects");
        let files = files(&case.join("export"));
        let fixture = Fixture::new();
        fixture.write("a.zip", zip(&files)).write("a.tar.gz", tar_gz(&files));
        for name in ["a.zip", "a.tar.gz"] {
            assert_eq!(import(&case, &fixture.path(name)).stdout, expected, "{} in {name}", case.display());
        }
    }
}

#[test]
fn an_export_is_scored_as_its_table_is() {
    let fixture = Fixture::new();
    for name in ["x", "linkedin", "mastodon", "bluesky"] {
        let case = PathBuf::from(repository(CASES)).join(name);
        let args = fs::read_to_string(case.join("args")).unwrap_or_default();
        let export = case.join("export").to_string_lossy().into_owned();
        let mut direct = vec!["score", &export, "--account", "organisation"];
        direct.extend(args.split_whitespace());
        let direct = Csv::parse(&fixture.run(&direct).stdout);
        let table = case.join("expected.csv").to_string_lossy().into_owned();
        let table = Csv::parse(&fixture.run(&["score", &table, "--account", "organisation"]).stdout);
        for column in ["id", "text", "parent", "status", "tags"] {
            assert_eq!(direct.column(column), table.column(column), "{column} of {name}");
        }
        // All posts are one account's, so that only its tags have columns.
        assert!(direct.header.len() < table.header.len(), "{:?}", direct.header);
    }
}

#[test]
fn exports_given_together_are_one_timeline() {
    let fixture = Fixture::new();
    let tweets = |items: &str| format!("window.YTD.tweets.part0 = [{items}]");
    let first = r#"{"tweet":{"id_str":"1","full_text":"Who has the key?","created_at":"Tue Mar 19 14:05:17 +0000 2024"}}"#;
    let second = r#"{"tweet":{"id_str":"2","full_text":"I do","in_reply_to_status_id_str":"1","created_at":"Tue Mar 19 14:06:17 +0000 2024"}}"#;
    fixture.write("old.js", tweets(first)).write("new.js", tweets(&format!("{second},{first}")));
    fixture.write("posts.csv", "id,text\n1,Who has the key?\n");
    let run = fixture.done(&["import", "new.js", "old.js", "posts.csv"]);
    let posts = Csv::parse(&run.stdout);
    assert_eq!(posts.column("id"), ["2", "1", "1"], "a table's identifiers are its own");
    assert_eq!(posts.column("parent"), ["Who has the key?", "", ""]);
    assert!(run.stderr.contains("1 post skipped: duplicate 1"), "{}", run.stderr);
}

#[test]
fn the_account_is_said_as_json_too() {
    let fixture = Fixture::new();
    let export = format!("{}/mastodon/export", repository(CASES));
    let run = fixture.done(&["import", &export, "--format", "json"]);
    let account: serde_json::Value = serde_json::from_str(&run.stderr).expect("JSON and nothing else");
    assert_eq!(account["kept"], serde_json::json!({"post": 4, "quote": 1, "reply": 2}));
    assert_eq!(
        account["skipped"],
        serde_json::json!({"direct": 1, "empty": 1, "followers-only": 2, "repost": 1})
    );
    assert_eq!(account["unknown_keys"], serde_json::json!({"newerKey": 1}));
    assert_eq!(account["first"], "2024-05-01");
    let export = format!("{}/zeeschuimer/export", repository(CASES));
    let run = fixture.run(&["import", &export, "--format", "json"]);
    let account: serde_json::Value = serde_json::from_str(&run.stderr).expect("nothing beside it either");
    assert_eq!((run.status, &account["rejected"]), (1, &serde_json::json!({"not JSON": 1})));
    fixture.write("a.csv", "text\none\ntwo\n").write("b.csv", "text\nthree\n");
    let run = fixture.done(&["import", "a.csv", "b.csv", "--format", "json"]);
    let account: serde_json::Value = serde_json::from_str(&run.stderr).expect("JSON and nothing else");
    let files = serde_json::json!([{"file": "a.csv", "posts": 2}, {"file": "b.csv", "posts": 1}]);
    assert_eq!(account["files"], files);
}

#[test]
fn the_platform_can_be_named() {
    let fixture = Fixture::new();
    fixture.write(
        "Shares.csv",
        "Date,ShareLink,ShareCommentary\n2025-03-01 09:00:00,https://x.example/urn:li:share:7,Hello there\n",
    );
    let id = |args: &[&str]| Csv::parse(&fixture.done(args).stdout).column("id").join(",");
    assert_eq!(id(&["import", "Shares.csv"]), "7");
    assert_eq!(id(&["import", "Shares.csv", "--from", "linkedin"]), "7");
    assert_eq!(id(&["import", "Shares.csv", "--from", "table"]), "");
    let run = fixture.run(&["import", "Shares.csv", "--from", "reddit"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert_eq!(
        run.stderr,
        "sociable: Shares.csv: no file with posts of reddit, found Shares.csv; give the whole export, a table as a file of its own, or the platform with --from x|mastodon|bluesky|linkedin|reddit|threads|instagram|facebook|youtube|4cat|zeeschuimer|table\n"
    );
}

#[test]
fn posts_of_nobody_are_counted_until_the_user_says_whose_they_are() {
    let fixture = Fixture::new();
    let tweet =
        r#"{"id_str":"1","full_text":"Who has the key?","created_at":"Tue Mar 19 14:05:17 +0000 2024"}"#;
    fixture.write("tweets.js", format!("window.YTD.tweets.part0 = [{tweet}]"));
    let note = "tweets.js: posts whose author is not said: 1; --author NAME says it";
    let run = fixture.done(&["summarize", "tweets.js"]);
    assert!(run.stderr.lines().any(|line| line == note), "{}", run.stderr);
    let run = fixture.done(&["summarize", "tweets.js", "--author", "ann"]);
    assert!(!run.stderr.contains("--author"), "{}", run.stderr);
    assert!(run.stdout.contains("\nann,"), "{}", run.stdout);
}

#[test]
fn an_export_of_nothing_but_private_posts_says_how_to_get_them() {
    let fixture = Fixture::new();
    let export = format!("{}/mastodon-private/export", repository(CASES));
    let hint = "no posts are left; --include private,reposts takes some of those that were skipped";
    let run = fixture.done(&["import", &export]);
    assert!(run.stderr.lines().any(|line| line == hint), "{}", run.stderr);
    let run = fixture.done(&["import", &export, "--include", "private"]);
    assert!(!run.stderr.contains("--include"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_once() {
    let fixture = Fixture::new();
    let table = b"id,text\n1,Who has the key?\n";
    let run = fixture.run_with_input(&["import", "/dev/stdin"], table);
    assert_eq!(
        (run.status, Csv::parse(&run.stdout).column("text")),
        (0, vec!["Who has the key?"]),
        "{}",
        run.stderr
    );
}

#[test]
fn an_export_as_html_says_what_to_ask_for() {
    let fixture = Fixture::new();
    let pages = [
        ("posts/your_posts_1.html".to_owned(), b"<html>".to_vec()),
        ("index.html".to_owned(), b"<html>".to_vec()),
    ];
    fixture.write("facebook.zip", zip(&pages));
    let run = fixture.run(&["score", "facebook.zip"]);
    assert_eq!(run.status, 2);
    assert_eq!(
        run.stderr,
        "sociable: facebook.zip: an export as HTML, expected JSON; ask the platform for the export once more, with JSON as its format\n"
    );
}
