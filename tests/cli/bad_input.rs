//! Files that are not what they should be: each message in full, each exit status, and never a half-written file.

use std::{fs, path::Path, process::Stdio};

use sociable::Model;

use crate::cli::{Csv, Fixture, Run, repository};

const GOOD: &str = "id,text\n1,\"The ward round was long today and we all went home very late.\"\n";
const TOO_FEW: &str = "id,author,text\n\
    1,ann,The ward round was long today and we all went home very late.\n\
    2,ben\n\
    3,cat,Our new garden is open and you are all welcome to come and see it.\n";

/// The run was not done and says this line last.
#[track_caller]
fn assert_refused(run: &Run, message: &str) {
    assert_eq!(run.stderr.lines().last().unwrap_or_default(), message);
    assert_eq!(run.status, 2);
    assert_eq!(run.stdout, "");
}

#[track_caller]
fn assert_file_refused(bytes: impl AsRef<[u8]>, message: &str) {
    let fixture = Fixture::new();
    fixture.write("posts.csv", bytes);
    assert_refused(&fixture.run(&["score", "posts.csv"]), message);
}

#[track_caller]
fn assert_model_refused(bytes: impl AsRef<[u8]>, message: &str) {
    let fixture = Fixture::new();
    fixture.write("posts.csv", GOOD).write("bad.model", bytes);
    assert_refused(&fixture.run(&["score", "posts.csv", "--model", "bad.model"]), message);
}

fn shipped_model() -> Vec<u8> {
    fs::read(repository("models/sociable-en.safetensors")).expect("the shipped model is there")
}

#[test]
fn no_text_column_lists_the_columns() {
    assert_file_refused(
        "id,stuff\n1,x\n",
        "sociable: posts.csv: no column with the text of the posts, found ‘id’, ‘stuff’; name it with --map text=COLUMN",
    );
}

#[test]
fn files_without_posts_are_refused() {
    assert_file_refused("", "sociable: posts.csv: no posts, found an empty file; check the export");
    assert_file_refused("id,text\n", "sociable: posts.csv: no posts, found only a header; check the export");
}

#[test]
fn binary_files_are_refused() {
    assert_file_refused(
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        "sociable: posts.csv: not a text file, found a PNG image; export the posts as CSV or JSON Lines",
    );
    assert_file_refused(
        b"id,text\n1,a\0b\n",
        "sociable: posts.csv: not a text file, found binary data: a zero at byte 12; export the posts as CSV or JSON Lines",
    );
}

#[test]
fn a_missing_file_is_named() {
    let run = Fixture::new().run(&["score", "missing.csv"]);
    assert_refused(&run, "sociable: missing.csv: cannot open: No such file or directory");
}

#[test]
fn a_short_row_is_left_out_and_counted() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", TOO_FEW);
    let run = fixture.run(&["score", "posts.csv", "--rejects", "rejects.csv"]);
    assert_eq!(run.status, 1);
    assert_eq!(
        run.stderr,
        "posts.csv:3: row left out: 2 fields, expected 3\n\
         1 of 3 rows left out: too few fields 1; --rejects FILE writes them down\n"
    );
    assert_eq!(Csv::parse(&run.stdout).column("id"), ["1", "3"]);
    let rejects = String::from_utf8(fixture.read("rejects.csv")).expect("UTF-8");
    assert_eq!(rejects, "file,line,reason,row\nposts.csv,3,\"2 fields, expected 3\",\"2,ben\"\n");
}

#[test]
fn strict_stops_at_the_last_row_and_leaves_no_file() {
    let fixture = Fixture::new();
    let mut posts = "id,author,text\n".to_owned();
    for id in 0..20_000 {
        posts.push_str(&format!("{id},ann,The ward round was long today and we all went home late.\n"));
    }
    posts.push_str("20000,ben\n");
    fixture.write("posts.csv", posts);
    let run =
        fixture.run(&["score", "posts.csv", "--strict", "-o", "scored.csv", "--rejects", "rejects.csv"]);
    assert_refused(
        &run,
        "sociable: posts.csv:20002: 2 fields, expected 3; mend the row, or leave out --strict to go on without it",
    );
    assert_eq!(fixture.files(), ["posts.csv"]);
}

#[test]
fn a_failed_run_leaves_the_file_of_the_run_before() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", TOO_FEW).write("scored.csv", "from before\n");
    assert_eq!(fixture.run(&["score", "posts.csv", "--strict", "-o", "scored.csv"]).status, 2);
    assert_eq!(fixture.read("scored.csv"), b"from before\n");
    assert_eq!(fixture.files(), ["posts.csv", "scored.csv"]);
}

#[test]
fn invalid_utf8_among_valid_is_left_out() {
    let fixture = Fixture::new();
    fixture.write(
        "posts.csv",
        b"id,text\n1,caf\xc3\xa9 \xff and the ward is quiet tonight\n2,caf\xc3\xa9 and the ward is quiet tonight\n",
    );
    let run = fixture.run(&["score", "posts.csv"]);
    assert_eq!(run.status, 1);
    assert_eq!(
        run.stderr,
        "posts.csv:2: row left out: not UTF-8\n\
         1 of 2 rows left out: invalid UTF-8 1; --rejects FILE writes them down\n"
    );
    assert_eq!(Csv::parse(&run.stdout).column("text"), ["caf\u{e9} and the ward is quiet tonight"]);
}

#[test]
fn labels_other_than_the_three_are_left_out() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", "id,text,wellbeing\n1,a text of the ward,2\n2,a text of the clinic,\n");
    let run = fixture.run(&["evaluate", "posts.csv"]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert_eq!(
        run.stderr,
        "posts.csv:2: row left out: label ‘2’ in column wellbeing, expected 1, 0, -1 or nothing\n\
         1 of 2 rows left out: unknown label 1; --rejects FILE writes them down\n"
    );
}

#[test]
fn one_value_teaches_nothing() {
    let fixture = Fixture::new();
    let rows: String = (0..12).map(|id| format!("{id},a{id},text {id} of the ward,1\n")).collect();
    fixture.write("posts.csv", format!("id,author,text,wellbeing\n{rows}"));
    let run = fixture.run(&["train", "posts.csv", "-o", "my.model"]);
    assert_refused(
        &run,
        "sociable: posts.csv: nothing to learn: wellbeing: found 0 of -1, 0 of 0, 12 of 1 posts, expected at least \
         10 of two values, not fitted; label at least 10 posts with one value and 10 with another",
    );
    assert_eq!(fixture.files(), ["posts.csv"]);
}

#[test]
fn no_label_column_names_those_that_would_do() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", GOOD);
    let message = "sociable: posts.csv: no column with labels, expected one or more of wellbeing, peer-support, \
        digital-inclusion, blended-lives, stigma, humanity, advice, learning, blended-internet, permissive-use, \
        light-touch-guidance, relationships, staff-confidence, campaign-ally, participation, accountability; name \
        your own columns with --labels";
    assert_refused(&fixture.run(&["train", "posts.csv", "-o", "my.model"]), message);
    assert_refused(&fixture.run(&["evaluate", "posts.csv"]), message);
    let run = fixture.run(&["train", "posts.csv", "--labels", "mine", "-o", "my.model"]);
    assert_refused(&run, "sociable: posts.csv: no column mine, found ‘id’, ‘text’");
}

const ADVICE: &str = "copy the file again, or train the model anew with this version";

#[test]
fn files_that_are_no_model_are_refused() {
    for (bytes, problem) in [
        (Vec::new(), "not a whole safetensors file (header too small)"),
        (b"this is a text and no model at all".to_vec(), "not a whole safetensors file (header too large)"),
        (shipped_model()[..9_000].to_vec(), "not a whole safetensors file (invalid header length)"),
    ] {
        assert_model_refused(bytes, &format!("sociable: bad.model: {problem}; {ADVICE}"));
    }
}

#[test]
fn a_model_of_another_version_is_refused_as_such() {
    let mut bytes = shipped_model();
    let version = br#"{\"version\":4,"#;
    let at = bytes.windows(version.len()).position(|window| window == version).expect("a version");
    bytes[at + version.len() - 2] = b'7';
    assert_model_refused(bytes, &format!("sociable: bad.model: a model of format 7, expected 4; {ADVICE}"));
}

#[test]
fn a_damaged_model_is_refused() {
    let mut bytes = shipped_model();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    assert_model_refused(
        bytes,
        &format!("sociable: bad.model: contents that do not agree with their checksum; {ADVICE}"),
    );
}

#[test]
fn no_damage_to_a_model_goes_unnoticed() {
    const POSITIONS: usize = 200;
    let whole = shipped_model();
    let path = Path::new("bad.model");
    assert!(Model::from_bytes(&whole, path).is_ok());
    for place in 0..POSITIONS {
        // Half of the places in the first 64 KiB, where the metadata stands.
        let span = if place % 2 == 0 { whole.len().min(1 << 16) } else { whole.len() };
        let at = place * 7919 * 31 % span;
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (place % 8);
        assert!(Model::from_bytes(&flipped, path).is_err(), "byte {at} flipped");
        assert!(Model::from_bytes(&whole[..at], path).is_err(), "cut at byte {at}");
    }
}

#[test]
fn a_full_disk_is_said() {
    if !Path::new("/dev/full").exists() {
        println!("skipped: no /dev/full");
        return;
    }
    let fixture = Fixture::new();
    fixture.write("posts.csv", GOOD);
    let run = fixture.run(&["score", "posts.csv", "-o", "/dev/full"]);
    assert_refused(&run, "sociable: /dev/full: cannot write: No space left on device");
    let full = fs::File::options().write(true).open("/dev/full").expect("/dev/full opens");
    let output = fixture.command(&["score", "posts.csv"]).stdout(full).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "sociable: standard output: cannot write: No space left on device\n"
    );
}

#[test]
fn a_closed_pipe_is_success() {
    let fixture = Fixture::new();
    let row = "1,\"The ward round was long today and we all went home very late.\"\n";
    fixture.write("posts.csv", format!("id,text\n{}", row.repeat(20_000)));
    for args in [&["score", "posts.csv"][..], &["codebook"]] {
        let mut child = fixture
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be run");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("the program ends");
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
    }
}

#[test]
fn a_missing_folder_is_said() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", GOOD);
    let run = fixture.run(&["score", "posts.csv", "-o", "nowhere/scored.csv"]);
    assert_refused(&run, "sociable: nowhere/scored.csv: cannot write: No such file or directory");
}

#[test]
fn nothing_is_written_over_what_is_read() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", "id,text\n1,Thank you all for a lovely warm day\n2\n");
    let before = fixture.read("posts.csv");
    let same = fixture.path("posts.csv").to_string_lossy().into_owned();
    for args in [
        &["score", "posts.csv", "-o", "posts.csv"][..],
        &["score", "posts.csv", "-o", "scored.csv", "--rejects", "./posts.csv"],
        &["summarize", "posts.csv", "--evidence", &same],
        &["import", "posts.csv", "-o", "posts.csv"],
        &["report", "posts.csv", "-o", "posts.csv"],
        &["audit", "sample", "posts.csv", "-o", "posts.csv"],
        &["train", "posts.csv", "--labels", "id", "-o", "posts.csv"],
    ] {
        let run = fixture.run(args);
        assert_eq!(run.status, 2, "{args:?}: {}", run.stderr);
        let expected = "posts.csv: found a file that is read, expected another name to write to\n";
        assert!(run.stderr.ends_with(expected), "{}", run.stderr);
    }
    for args in [
        &["summarize", "posts.csv", "--audit", "coded.csv", "-o", "coded.csv"][..],
        &["report", "posts.csv", "--audit", "coded.csv", "-o", "coded.csv"],
        &["score", "posts.csv", "--model", "own.model", "-o", "own.model"],
        &["train", "posts.csv", "--prevalence", "expected.toml", "-o", "expected.toml"],
        &["audit", "agreement", "a.csv", "b.csv", "--disagreements", "a.csv"],
        &["audit", "estimate", "coded.csv", "posts.csv", "--rejects", "coded.csv"],
        &["train", "posts.csv", "-o", "-"],
        &["audit", "sample", "posts.csv", "--coders", "2", "-o", "-"],
    ] {
        for name in ["coded.csv", "own.model", "expected.toml", "a.csv", "b.csv"] {
            fixture.write(name, "x");
        }
        let run = fixture.run(args);
        let expected = ["found a file that is read", "expected a file, beside which"];
        assert!(expected.iter().any(|part| run.stderr.contains(part)), "{args:?}: {}", run.stderr);
        assert_eq!(run.status, 2);
        for name in ["coded.csv", "own.model", "expected.toml", "a.csv", "b.csv"] {
            assert_eq!(fixture.read(name), b"x", "{args:?}");
            std::fs::remove_file(fixture.path(name)).expect("the file is there");
        }
    }
    let args = ["summarize", "posts.csv", "-o", "same.csv", "--evidence", "same.csv"];
    assert!(fixture.run(&args).stderr.contains("same.csv: found a file for two results"));
    assert_eq!((fixture.read("posts.csv"), fixture.files()), (before, vec!["posts.csv".to_owned()]));
}

#[test]
fn more_threads_than_any_machine_has_are_refused() {
    for threads in ["0", "99999"] {
        let run = Fixture::new().run(&["-t", threads, "explain", "hello dear world"]);
        let expected = format!("sociable: --threads: found {threads}, expected 1 to 1024\n");
        assert_eq!((run.status, run.stderr), (2, expected));
    }
}
