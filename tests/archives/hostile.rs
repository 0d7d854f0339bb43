//! Exports that are damaged, or made to hurt: a clear error or a counted reject, in little memory, and never a panic.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    archives::{cases, files, tar_gz, zip},
    cli::{Csv, Fixture, Run, repository},
};

/// Memory that any of these may take, in KiB of address space; the program alone takes some 100 MB of it.
const MEMORY: u64 = 700_000;
/// Far above what any of these takes in a build for tests.
const TIME: Duration = Duration::from_mins(1);

const TWEET: &str = r#"{"tweet":{"id_str":"1","full_text":"Who has the key?","created_at":"Tue Mar 19 14:05:17 +0000 2024"}}"#;

/// Runs `import` on a file of the folder in bounded memory and time.
fn import(fixture: &Fixture, name: &str) -> Run {
    let started = Instant::now();
    let program = env!("CARGO_BIN_EXE_sociable");
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", &format!("ulimit -v {MEMORY}; exec '{program}' --threads 1 import '{name}'")])
        .current_dir(fixture.path("."))
        .env("NO_COLOR", "1");
    let output = command.output().expect("a shell can be run");
    assert!(started.elapsed() < TIME, "{name} took {:?}", started.elapsed());
    let run = Run {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
    };
    assert!((0..=2).contains(&run.status), "{name} ended with {}: {}", run.status, run.stderr);
    assert!(!run.stderr.contains("panicked"), "{name}: {}", run.stderr);
    run
}

fn tweets(items: &str) -> Vec<u8> {
    format!("window.YTD.tweets.part0 = [{items}]").into_bytes()
}

fn named(name: &str, bytes: Vec<u8>) -> (String, Vec<u8>) {
    (name.to_owned(), bytes)
}

#[test]
fn a_bomb_is_refused_before_it_has_cost_much() {
    let fixture = Fixture::new();
    // 256 MiB of white space within an array, which packs to a thousandth.
    let mut bomb = b"window.YTD.tweets.part0 = [".to_vec();
    bomb.resize(256 << 20, b' ');
    let files = [named("data/tweets.js", bomb), named("data/tweets-part1.js", tweets(TWEET))];
    fixture.write("bomb.zip", zip(&files)).write("bomb.tar.gz", tar_gz(&files));
    let run = import(&fixture, "bomb.zip");
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("bomb.zip/data/tweets.js: row left out: the rest of the file cannot be read: unpacks to more than 200 times its size, as no export does"), "{}", run.stderr);
    let run = import(&fixture, "bomb.tar.gz");
    assert_eq!(run.status, 1);
    assert!(
        run.stderr.contains("beyond the bound of unpacking") || run.stderr.contains("200 times"),
        "{}",
        run.stderr
    );
}

#[test]
fn names_that_lead_elsewhere_are_counted_and_never_written() {
    let fixture = Fixture::new();
    let mut out = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut out);
    for name in ["../data/tweets.js", "/data/tweets.js", "data\\..\\..\\tweets.js", "data/tweets.js"] {
        let path = rawzip::path::EntryPath::verbatim(name.as_bytes());
        let (mut entry, config) = archive.new_file(path).start().expect("a member begins");
        let mut writer = config.wrap(&mut entry);
        writer.write_all(&tweets(TWEET)).expect("memory takes it");
        let (_, descriptor) = writer.finish().expect("a member ends");
        entry.finish(descriptor).expect("memory takes it");
    }
    archive.finish().expect("memory takes it");
    fixture.write("a.zip", &out);
    let run = import(&fixture, "a.zip");
    assert_eq!((run.status, Csv::parse(&run.stdout).column("id")), (0, vec!["1"]));
    assert!(run.stderr.contains("files not read: with an unsafe name 3"), "{}", run.stderr);
    assert_eq!(fixture.files(), ["a.zip"]);
}

#[test]
fn a_million_empty_members_are_counted() {
    let fixture = Fixture::new();
    let file = BufWriter::new(File::create(fixture.path("many.zip")).expect("the folder can be written"));
    let mut archive = rawzip::ZipArchiveWriter::new(file);
    for number in 0..1_000_000 {
        let (entry, config) = archive.new_file(format!("{number}.json")).start().expect("a member begins");
        let (_, descriptor) = config.wrap(Vec::new()).finish().expect("a member ends");
        entry.finish(descriptor).expect("the file takes it");
    }
    archive.finish().expect("the file takes it").flush().expect("the file takes it");
    let run = import(&fixture, "many.zip");
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("no file with posts of any platform, found empty 1000000"), "{}", run.stderr);
}

#[test]
fn archives_within_archives_stay_closed() {
    let fixture = Fixture::new();
    let inner = zip(&[named("data/tweets.js", tweets(TWEET))]);
    fixture.write("a.zip", zip(&[named("inner.zip", inner)]));
    let run = import(&fixture, "a.zip");
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("found archives within the archive 1;"), "{}", run.stderr);
}

#[test]
fn nesting_is_no_matter_of_depth() {
    let fixture = Fixture::new();
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(1_000_000), close.repeat(1_000_000));
    let nested = format!(
        r#"{{"tweet":{{"id_str":"2","full_text":"Deep","entities":{}}}}}"#,
        deep("{\"a\":", "1}").replace("11", "1")
    );
    fixture
        .write("lists.js", tweets(&format!("{},{TWEET}", deep("[", "]"))))
        .write("open.js", tweets(&"[".repeat(1_000_000)))
        .write("objects.js", tweets(&format!("{nested},{TWEET}")));
    let run = import(&fixture, "lists.js");
    assert_eq!((run.status, Csv::parse(&run.stdout).column("id")), (1, vec!["1"]));
    assert!(
        run.stderr.contains("lists.js:1: row left out: an array, expected a JSON object"),
        "{}",
        run.stderr
    );
    let run = import(&fixture, "open.js");
    assert!(run.stderr.contains("open.js:1: row left out: not JSON: the file is cut off"), "{}", run.stderr);
    assert!(Csv::parse(&import(&fixture, "objects.js").stdout).column("id").contains(&"1"));
}

#[test]
fn what_is_compared_with_all_others_is_bounded() {
    let fixture = Fixture::new();
    // Letters that may each begin an address, and addresses that each may be meant.
    let urls: Vec<String> = (0..20_000)
        .map(|n| format!(r#"{{"url":"https://t.co/{n}","expanded_url":"https://e.example/{n}"}}"#))
        .collect();
    let post = format!(
        r#"{{"id_str":"1","full_text":"{}","entities":{{"urls":[{}]}}}}"#,
        "http".repeat(200_000),
        urls.join(",")
    );
    // Long posts of one second, and cut off ones of the same second that begin otherwise.
    let note = r#"{"noteTweet":{"createdAt":"2024-03-19T14:05:17.000Z","core":{"text":"no"}}}"#;
    let cut = r#"{"id_str":"","full_text":"yes\u2026","created_at":"Tue Mar 19 14:05:17 +0000 2024"}"#;
    let notes = format!("window.YTD.note_tweet.part0 = [{}]", vec![note; 50_000].join(","));
    let files = [
        named("data/note-tweet.js", notes.into_bytes()),
        named("data/tweets.js", tweets(&format!("{post},{}", vec![cut; 50_000].join(",")))),
    ];
    fixture.write("x.zip", zip(&files));
    let run = import(&fixture, "x.zip");
    assert!(run.stderr.contains("50001 posts kept"), "{}", run.stderr);
    assert!(run.stderr.contains("long text without its post 50000"), "{}", run.stderr);
}

#[test]
fn damaged_repositories_give_what_is_there() {
    let folder = repository("tests/fixtures/exports/bluesky/damaged");
    let fixture = Fixture::new();
    let expected = [
        ("missing-node.car", 8, "a node is missing, or is its own parent"),
        ("cyclic.car", 1, "a node is missing, or is its own parent"),
        ("deep-tree.car", 0, "a tree that is too deep"),
        ("deep-cbor.car", 0, "a block that is no DAG-CBOR"),
        ("huge-list.car", 0, "a block that is no DAG-CBOR"),
        ("huge-block.car", 8, "a block of 4611686018427387904 bytes, expected at most 4194304"),
        ("cut-off.car", 5, "cut off within a block"),
    ];
    for (name, posts, problem) in expected {
        fixture.write(name, fs::read(Path::new(&folder).join(name)).expect("the fixture is there"));
        let run = import(&fixture, name);
        assert_eq!(run.status, 1, "{name}: {}", run.stderr);
        assert!(run.stderr.contains(problem), "{name}: {}", run.stderr);
        assert_eq!(Csv::parse(&run.stdout).rows.len(), posts, "{name}: {}", run.stderr);
    }
}

#[test]
fn blocks_without_number_are_not_remembered() {
    let fixture = Fixture::new();
    let mut car =
        fs::read(repository("tests/fixtures/exports/bluesky/export/repo.car")).expect("the fixture is there");
    // The length, an identifier without a digest, and a null.
    let block = [5, 1, 0x71, 0, 0, 0xf6];
    car.extend(block.iter().cycle().take(9_000_000 * block.len()));
    fixture.write("repo.car", car);
    let run = import(&fixture, "repo.car");
    assert_eq!((run.status, Csv::parse(&run.stdout).rows.len()), (1, 8));
    assert!(run.stderr.contains("more than 8388608 blocks"), "{}", run.stderr);
}

#[test]
fn an_export_cut_off_anywhere_is_said_to_be() {
    for case in cases() {
        let files = files(&case.join("export"));
        for (name, bytes) in [("a.zip", zip(&files)), ("a.tar.gz", tar_gz(&files))] {
            for eighth in 0..8 {
                let fixture = Fixture::new();
                fixture.write(name, &bytes[..bytes.len() * eighth / 8]);
                let run = import(&fixture, name);
                assert!(
                    run.status != 0 || run.stderr.contains("cut off"),
                    "{} {name} {eighth}/8: {}",
                    case.display(),
                    run.stderr
                );
            }
        }
    }
}

#[test]
fn every_file_cut_off_anywhere_ends_well() {
    for case in cases() {
        let files = files(&case.join("export"));
        for eighth in 0..8 {
            let fixture = Fixture::new();
            let cut: Vec<_> = files
                .iter()
                .map(|(name, bytes)| named(name, bytes[..bytes.len() * eighth / 8].to_vec()))
                .collect();
            fixture.write("a.zip", zip(&cut));
            import(&fixture, "a.zip");
        }
    }
}

#[test]
fn other_encodings_are_read_or_refused() {
    let fixture = Fixture::new();
    let text = String::from_utf8(tweets(&TWEET.replace("key", "caf\u{e9} key"))).expect("UTF-8");
    let utf_16: Vec<u8> = "\u{feff}"
        .chars()
        .chain(text.chars())
        .collect::<String>()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let latin_1: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    fixture.write("utf-16.js", utf_16).write("latin-1.js", latin_1);
    for name in ["utf-16.js", "latin-1.js"] {
        let run = import(&fixture, name);
        assert_eq!(
            (run.status, Csv::parse(&run.stdout).column("text")),
            (0, vec!["Who has the caf\u{e9} key?"]),
            "{name}"
        );
    }
    let mut binary = b"window.YTD.tweets.part0 = [".to_vec();
    binary.extend([0, 159, 146, 150]);
    fixture.write("a.zip", zip(&[named("data/tweets.js", binary), named("data/tweet.js", tweets(TWEET))]));
    let run = import(&fixture, "a.zip");
    assert_eq!((run.status, Csv::parse(&run.stdout).column("id")), (1, vec!["1"]));
    assert!(run.stderr.contains("a.zip/data/tweets.js: row left out: the rest of the file cannot be read: not a text file, found binary data"), "{}", run.stderr);
}

#[test]
fn bytes_that_are_not_those_that_were_packed_are_found() {
    let fixture = Fixture::new();
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    let (mut entry, config) = archive.new_file("data/tweets.js").start().expect("a member begins");
    let mut writer = config.wrap(&mut entry);
    writer.write_all(&tweets(TWEET)).expect("memory takes it");
    let (_, descriptor) = writer.finish().expect("a member ends");
    entry.finish(descriptor).expect("memory takes it");
    archive.finish().expect("memory takes it");
    let at = bytes.windows(3).position(|window| window == b"key").expect("it is stored as it is");
    bytes[at] = b'K';
    fixture.write("a.zip", &bytes);
    let run = import(&fixture, "a.zip");
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("its bytes are not those that were packed"), "{}", run.stderr);
}

#[test]
fn an_endless_row_is_not_held() {
    let fixture = Fixture::new();
    let mut quote = b"id,text\n1,a\n2,\"".to_vec();
    quote.resize(200 << 20, b'x');
    fixture.write("quote.csv", &quote);
    let run = import(&fixture, "quote.csv");
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("quote.csv: cannot read: a row of more than 64 MiB, as no post is"),
        "{}",
        run.stderr
    );
    quote.splice(..15, *b"{\"text\":\"a\",\"b\":\"");
    fixture.write("line.jsonl", &quote);
    let run = import(&fixture, "line.jsonl");
    assert!(
        run.stderr.contains("line.jsonl: cannot read: a row of more than 64 MiB, as no post is"),
        "{}",
        run.stderr
    );
}

#[test]
fn findings_end_well() {
    // What fuzzing and work on the readers has found, made small. The name says which reader it was: `x-1.js` is for X.
    let found = files(Path::new(&repository("tests/fixtures/exports/found")));
    assert!(!found.is_empty());
    for (name, bytes) in found {
        let fixture = Fixture::new();
        fixture.write(&name, &bytes);
        import(&fixture, &name);
        let platform = name.split('-').next().unwrap_or_default();
        fixture.run(&["import", &name, "--from", platform, "--include", "private,reposts"]);
    }
}
