//! `sociable score`.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use sociable::Account;

use crate::cli::{Csv, Fixture, tags};

const POSTS: &str = "id,author,text\n\
    3,ann,\"The ward round was long today, and we all went home very late.\"\n\
    1,ben,Please come and see the slides of my talk on sleep when you have time.\n\
    2,ann,Thank you to everybody who came to the clinic and told us what to change.\n";

fn added(account: Account) -> Vec<String> {
    let names = |names: [&str; 2]| names.map(str::to_owned);
    [names(["status", "tags"]).to_vec(), tags(account), vec!["model".to_owned()]].concat()
}

#[test]
fn the_columns_of_the_input_come_first_and_unchanged() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", POSTS);
    let run = fixture.done(&["score", "posts.csv"]);
    let (posts, scored) = (Csv::parse(POSTS), Csv::parse(&run.stdout));
    assert_eq!(scored.header, [posts.header.clone(), added(Account::Professional)].concat());
    assert_eq!(tags(Account::Professional).len(), 16);
    assert_eq!(scored.rows.len(), posts.rows.len());
    for (scored_row, row) in scored.rows.iter().zip(&posts.rows) {
        assert_eq!(scored_row[..row.len()], row[..]);
    }
    assert_eq!(scored.column("status"), ["ok"; 3]);
    let model = sociable::Model::shipped().expect("the shipped model is sound");
    assert_eq!(scored.column("model"), [model.id().as_str(); 3]);
}

#[test]
fn probabilities_have_four_decimals_and_tags_are_column_names() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", POSTS);
    let scored = Csv::parse(&fixture.done(&["score", "posts.csv"]).stdout);
    let tags = tags(Account::Professional);
    for tag in &tags {
        for cell in scored.column(tag) {
            assert!(cell.len() == 6 && cell.as_bytes()[1] == b'.', "{tag}: {cell}");
            let probability: f64 = cell.parse().expect("a number");
            assert!((0.0..=1.0).contains(&probability), "{tag}: {cell}");
        }
    }
    for cell in scored.column("tags") {
        assert!(cell.split(';').filter(|tag| !tag.is_empty()).all(|tag| tags.iter().any(|own| own == tag)));
    }
}

#[test]
fn what_cannot_be_judged_has_a_status_and_blanks() {
    let fixture = Fixture::new();
    fixture.write(
        "posts.csv",
        "id,text\n1,\n2,Hm\n3,\"Hoy cerramos la consulta a las seis de la tarde y mañana abrimos a las ocho, gracias a \
         todos por venir.\"\n",
    );
    let scored = Csv::parse(&fixture.done(&["score", "posts.csv"]).stdout);
    assert_eq!(scored.column("status"), ["empty", "too-short", "other-language"]);
    for tag in tags(Account::Professional) {
        assert_eq!(scored.column(&tag), [""; 3], "{tag}");
    }
    assert_eq!(scored.column("tags"), [""; 3]);
}

#[test]
fn a_reply_without_its_parent_is_not_judged_on_advice() {
    let fixture = Fixture::new();
    fixture.write(
        "posts.csv",
        "id,kind,reply_to_id,text\n1,reply,77,You should see your doctor about that cough before the weekend.\n",
    );
    let scored = Csv::parse(&fixture.done(&["score", "posts.csv"]).stdout);
    for tag in tags(Account::Professional) {
        let is_advice = ["advises-when-asked", "unsolicited-advice"].contains(&tag.as_str());
        assert_eq!(scored.column(&tag)[0].is_empty(), is_advice, "{tag}");
    }
}

#[test]
fn every_way_in_gives_the_same_scores() {
    let fixture = Fixture::new();
    let semicolons = POSTS.replace("today, and", "today and").replace(',', ";");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(POSTS.as_bytes()).expect("memory can be written");
    fixture
        .write("posts.csv", POSTS)
        .write("posts.csv.gz", gzip.finish().expect("memory can be written"))
        .write("semicolons.csv", semicolons)
        .write("message.csv", POSTS.replacen("text", "Message", 1));
    let plain = fixture.done(&["score", "posts.csv"]).stdout;
    assert_eq!(fixture.done(&["score", "posts.csv.gz"]).stdout, plain);
    let piped = fixture.run_with_input(&["score", "-"], POSTS.as_bytes());
    assert_eq!((piped.status, &piped.stdout), (0, &plain));
    let mapped = fixture.done(&["score", "message.csv", "--map", "text=Message"]).stdout;
    assert_eq!(mapped, plain.replacen("text", "Message", 1));
    let from_semicolons = Csv::parse(&fixture.done(&["score", "semicolons.csv"]).stdout);
    assert_eq!(from_semicolons.rows[1..], Csv::parse(&plain).rows[1..]);
    fixture.done(&["score", "posts.csv", "-o", "scored.csv"]);
    assert_eq!(fixture.read("scored.csv"), plain.as_bytes());
}

#[test]
fn several_files_make_one_table() {
    let fixture = Fixture::new();
    fixture
        .write("a.csv", POSTS)
        .write("b.csv", POSTS)
        .write("c.csv", "id,text\n1,A post of three words more.\n")
        .write("d.csv", "body,mood\n\"A post of four words, at least.\",good\n");
    let one = fixture.done(&["score", "a.csv"]).stdout;
    let two = fixture.done(&["score", "a.csv", "b.csv"]).stdout;
    assert_eq!(two, one.clone() + one.split_once('\n').expect("a header").1);
    // Columns of one field stand under one name, that of the first file; what only one file has is blank in the other.
    let mixed = Csv::parse(&fixture.done(&["score", "a.csv", "c.csv", "d.csv"]).stdout);
    let first = Csv::parse(&one);
    let mut header = first.header[..3].to_vec();
    header.push("mood".to_owned());
    assert_eq!(mixed.header[..4], header);
    assert_eq!(mixed.header[4..], first.header[3..]);
    let n_rows = first.rows.len();
    assert_eq!(mixed.rows.len(), n_rows + 2);
    assert_eq!(
        mixed.column("text")[n_rows..],
        ["A post of three words more.", "A post of four words, at least."]
    );
    assert_eq!(mixed.column("mood")[n_rows..], ["", "good"]);
    assert_eq!(mixed.column("status")[n_rows..], ["ok", "ok"]);
}

#[test]
fn the_account_decides_the_columns() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", POSTS).write(
        "mixed.csv",
        "account,text\nprofessional,The ward round was long today and we all went home very late.\n\
         organisation,The new clinic opens today and we would like you all to come and see.\n",
    );
    let scored = Csv::parse(&fixture.done(&["score", "posts.csv", "--account", "organisation"]).stdout);
    assert_eq!(scored.header[3..], added(Account::Organisation)[..]);
    let mixed = Csv::parse(&fixture.done(&["score", "mixed.csv"]).stdout);
    assert_eq!(mixed.header.len(), 2 + 2 + 32 + 1);
    for (account, blank_row) in [(Account::Professional, 1), (Account::Organisation, 0)] {
        for tag in tags(account) {
            let cells = mixed.column(&tag);
            assert_eq!(cells[blank_row], "", "{tag}");
            assert_ne!(cells[1 - blank_row], "", "{tag}");
        }
    }
}

#[test]
fn json_lines_in_and_out() {
    let fixture = Fixture::new();
    fixture.write(
        "posts.jsonl",
        "{\"id\":\"1\",\"text\":\"The ward round was long today and we all went home very late.\"}\n\
         {\"id\":\"2\",\"text\":\"\"}\n",
    );
    let run = fixture.done(&["score", "posts.jsonl", "--format", "jsonl"]);
    let rows: Vec<serde_json::Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).expect("a JSON object")).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0]["id"].as_str(), rows[1]["id"].as_str()), (Some("1"), Some("2")));
    assert_eq!((rows[0]["status"].as_str(), rows[1]["status"].as_str()), (Some("ok"), Some("empty")));
    let as_csv = Csv::parse(&fixture.done(&["score", "posts.jsonl"]).stdout);
    assert_eq!(as_csv.column("status"), ["ok", "empty"]);
}

#[test]
fn formulas_are_guarded_only_when_asked() {
    let fixture = Fixture::new();
    let text = "=1+1 is what the ward round felt like today and we went home";
    fixture.write("posts.csv", format!("id,text\n-1,{text}\n"));
    let plain = Csv::parse(&fixture.done(&["score", "posts.csv"]).stdout);
    let safe = Csv::parse(&fixture.done(&["score", "posts.csv", "--spreadsheet-safe"]).stdout);
    assert_eq!(plain.column("text"), [text]);
    assert_eq!(safe.column("text"), [format!("'{text}")]);
    assert_eq!((plain.column("id"), safe.column("id")), (vec!["-1"], vec!["-1"]));
    assert_eq!(plain.rows[0][2..], safe.rows[0][2..]);
}

/// A timeline of which `n` posts are told by `text` and its number.
fn timeline(n: usize, text: &str) -> String {
    let rows: String = (0..n).map(|at| format!("{at},{text} Part {at} of it.\n")).collect();
    format!("id,text\n{rows}")
}

#[test]
fn a_model_adapts_to_how_common_tags_are() {
    let fixture = Fixture::new();
    fixture.write(
        "posts.csv",
        timeline(210, "New study: nurses who slept more made fewer errors. Full text and slides:"),
    );
    let expected = Csv::parse(&fixture.done(&["score", "posts.csv"]).stdout);
    let run = fixture.done(&["score", "posts.csv", "--adapt"]);
    let adapted = Csv::parse(&run.stdout);
    assert!(
        run.stderr.contains("judged by the shares expected of these 210 posts: shows-humanity")
            && run.stderr.contains("left as they were, too rare or too few posts to tell: wellbeing"),
        "{}",
        run.stderr
    );
    assert!(
        adapted.column("model")[0].starts_with("sociable-en+adapted@"),
        "{:?}",
        adapted.column("model")[0]
    );
    assert_eq!(adapted.column("challenges-stigma"), expected.column("challenges-stigma"));
    let learning = |scored: &Csv| scored.column("shares-learning")[0].parse::<f64>().expect("a number");
    assert!(learning(&adapted) > learning(&expected), "{} {}", learning(&adapted), learning(&expected));
    for threads in ["1", "7"] {
        assert_eq!(fixture.done(&["score", "posts.csv", "--adapt", "-t", threads]).stdout, run.stdout);
    }
    fixture.done(&["score", "posts.csv", "--adapt", "-o", "scored.csv"]);
    let of_posts = fixture.done(&["summarize", "posts.csv", "--adapt"]).stdout;
    assert_eq!(of_posts, fixture.done(&["summarize", "scored.csv"]).stdout);
}

#[test]
fn what_cannot_be_read_twice_or_is_scored_already_is_not_adapted_to() {
    let fixture = Fixture::new();
    let run = fixture.run_with_input(&["score", "-", "--adapt"], POSTS.as_bytes());
    assert_eq!(
        (run.status, run.stderr.as_str()),
        (2, "sociable: --adapt: found standard input, expected files, since the posts are read twice\n")
    );
    fixture.write("posts.csv", POSTS);
    fixture.done(&["score", "posts.csv", "-o", "scored.csv"]);
    let run = fixture.run(&["summarize", "scored.csv", "--adapt"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("found posts that are scored already in scored.csv"), "{}", run.stderr);
}

#[test]
fn a_key_of_the_user_s_is_not_overwritten() {
    let fixture = Fixture::new();
    let text = "The ward round was long today and we all went home very late.";
    fixture.write("posts.jsonl", format!("{{\"text\":\"{text}\",\"status\":\"published\"}}\n"));
    let run = fixture.run(&["score", "posts.jsonl", "--format", "jsonl"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("found a column status in posts.jsonl"), "{}", run.stderr);
    let scored = fixture.done(&["score", "posts.jsonl", "--format", "csv"]).stdout;
    assert!(scored.starts_with("text,status,status,tags,"), "{scored}");
    // What was scored before is scored again in its place.
    fixture.write("again.jsonl", format!("{{\"text\":\"{text}\"}}\n"));
    let first = fixture.done(&["score", "again.jsonl", "--format", "jsonl"]).stdout;
    fixture.write("scored.jsonl", &first);
    let again = fixture.done(&["score", "scored.jsonl", "--format", "jsonl"]).stdout;
    assert_eq!(again, first);
}

#[test]
fn json_lines_that_were_scored_are_summed_up_as_csv_is() {
    let fixture = Fixture::new();
    let sample = crate::cli::repository("data/sample-timeline.csv");
    fixture.done(&["score", &sample, "-o", "scored.csv"]);
    fixture.done(&["score", &sample, "--format", "jsonl", "-o", "scored.jsonl"]);
    let of_csv = fixture.done(&["summarize", "scored.csv"]).stdout;
    assert_eq!(fixture.done(&["summarize", "scored.jsonl"]).stdout, of_csv);
    // Three columns of these names and nothing between them are the user's own.
    fixture.write("own.csv", "text,status,tags,model\nThank you all for a lovely day,draft,x,y\n");
    assert_eq!(Csv::parse(&fixture.done(&["summarize", "own.csv"]).stdout).column("judged"), ["1"]);
}

#[test]
fn what_steers_a_terminal_or_a_spreadsheet_is_guarded_wherever_it_stands() {
    let fixture = Fixture::new();
    let text = "The ward round was long today and we all went home very late.";
    fixture.write("posts.csv", format!("text,author,created_at,=1+1\n{text},\x1b]0;x,\x1b[2J,1\n"));
    for args in [["score", "posts.csv"], ["summarize", "posts.csv"]] {
        let shown = fixture.done(&[args[0], args[1], "--format", "text"]).stdout;
        assert!(!shown.contains('\x1b'), "{shown:?}");
    }
    let safe = fixture.done(&["score", "posts.csv", "--spreadsheet-safe"]).stdout;
    assert!(safe.starts_with("text,author,created_at,'=1+1,"), "{safe}");
}

#[test]
fn a_warning_names_its_file_once() {
    let fixture = Fixture::new();
    fixture.write("old.csv", b"text\nThe caf\xe9 was closed when we came home.\n");
    let expected = "old.csv: not UTF-8, read as Windows-1252; if letters look wrong, save the file as UTF-8";
    for command in ["score", "import"] {
        let run = fixture.done(&[command, "old.csv"]);
        assert!(run.stderr.lines().any(|line| line == expected), "{}", run.stderr);
    }
}
