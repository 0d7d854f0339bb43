//! `sociable audit`: from a scored timeline to a coded sample and its estimates.

use std::collections::BTreeSet;

use sociable::{Account, Codebook};

use crate::cli::{Csv, Fixture};

/// A timeline of many short posts by two authors, every fourth of which shares a lesson.
fn timeline() -> String {
    let mut csv = String::from("id,author,organisation,created_at,kind,reply_to_id,parent,text\n");
    for at in 0..240 {
        let author = if at % 3 == 0 { "bo_ward" } else { "ana_clinic" };
        let text = match at % 4 {
            0 => format!(
                "Notes of today's talk on falls are up, part {at}: what we learned and what we would change"
            ),
            1 => format!("Bus late again, number {at} this winter"),
            2 => format!("@kit thanks for tea {at}, ring me on 020 7946 0018 or mail ana@clinic.example"),
            _ => format!("Rain on the window, ward round number {at}"),
        };
        let (kind, reply_to, parent) = if at % 4 == 2 {
            ("reply", format!("p{}", at - 1), "Long day @kit")
        } else {
            ("post", String::new(), "")
        };
        csv += &format!(
            "p{at},{author},Hill Trust,2026-0{}-03,{kind},{reply_to},{parent},\"{text}\"\n",
            1 + at % 3
        );
    }
    csv
}

/// Codes a sample: a post on the talk shares learning, nothing else is anything.
fn code(sample: &str, wrong: usize) -> String {
    let mut table = Csv::parse(sample);
    let (learning, humanity, text) = (table.at("learning"), table.at("humanity"), table.at("text"));
    for (at, row) in table.rows.iter_mut().enumerate() {
        let shares = row[text].contains("what we learned") != (at < wrong);
        row[learning] = u8::from(shares).to_string();
        row[humanity] = String::from("0");
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&table.header).expect("memory");
    for row in &table.rows {
        writer.write_record(row).expect("memory");
    }
    String::from_utf8(writer.into_inner().expect("memory")).expect("UTF-8")
}

/// A folder with a scored timeline and a sample of 30 posts an author.
fn sampled() -> Fixture {
    let fixture = Fixture::new();
    fixture.write("posts.csv", timeline());
    fixture.done(&["score", "posts.csv", "-o", "scored.csv"]);
    fixture.done(&[
        "audit",
        "sample",
        "scored.csv",
        "-o",
        "sample.csv",
        "--per-author",
        "30",
        "--coders",
        "2",
    ]);
    fixture
}

fn text_of(fixture: &Fixture, name: &str) -> String {
    String::from_utf8(fixture.read(name)).expect("UTF-8")
}

#[test]
fn a_sample_is_ready_for_coders_and_names_nobody() {
    let fixture = sampled();
    let sample = text_of(&fixture, "sample.csv");
    assert_eq!(sample, text_of(&fixture, "sample-b.csv"));
    for secret in ["@kit", "ana_clinic", "bo_ward", "7946", "clinic.example"] {
        assert!(!sample.contains(secret), "{secret}");
    }
    assert!(sample.contains("@someone") && sample.contains("[phone number]") && sample.contains("[e-mail]"));
    let table = Csv::parse(&sample);
    assert_eq!(table.rows.len(), 60);
    for (_, characteristic) in Codebook::shipped().judged(Account::Professional) {
        assert!(table.column(&characteristic.slug).iter().all(|cell| cell.is_empty()));
    }
    assert!(!table.header.iter().any(|column| column == "wellbeing score" || column == "tags"));
    let weights: f64 = table
        .column("sampling_probability")
        .iter()
        .map(|cell| 1.0 / cell.parse::<f64>().expect("a probability"))
        .sum();
    assert!((weights - 240.0).abs() < 0.1, "{weights}");
    assert_eq!(table.column("author").into_iter().collect::<BTreeSet<_>>().len(), 2);
}

#[test]
fn posts_and_scored_posts_give_the_same_sample() {
    let fixture = sampled();
    fixture.done(&["audit", "sample", "posts.csv", "-o", "other.csv", "--per-author", "30"]);
    let keys = |name: &str| {
        let table = Csv::parse(&text_of(&fixture, name));
        table.column("post_key").into_iter().map(str::to_owned).collect::<BTreeSet<_>>()
    };
    assert_eq!(keys("sample.csv").intersection(&keys("other.csv")).count(), 60);
}

#[test]
fn estimates_come_near_the_truth_for_authors_organisation_and_all() {
    let fixture = sampled();
    fixture.write("coded.csv", code(&text_of(&fixture, "sample.csv"), 0));
    let run = fixture.done(&["audit", "estimate", "coded.csv", "scored.csv"]);
    let table = Csv::parse(&run.stdout);
    let number = |row: &[String], column: &str| row[table.at(column)].parse::<f64>().expect("a number");
    let shares: Vec<&Vec<String>> =
        table.rows.iter().filter(|row| row[table.at("tag")] == "shares-learning").collect();
    let names: Vec<&str> = shares.iter().map(|row| row[table.at("name")].as_str()).collect();
    assert_eq!(names, ["", "Hill Trust", "ana_clinic", "bo_ward"]);
    for row in shares {
        // Every fourth post of each author.
        assert!(number(row, "assisted low") <= 0.25 && 0.25 <= number(row, "assisted high"), "{row:?}");
        assert!(number(row, "assisted high") - number(row, "assisted low") < 0.4, "{row:?}");
        assert!(number(row, "width with twice as many") < number(row, "width"), "{row:?}");
    }
    assert!(run.stderr.contains("60 of 60 posts coded."), "{}", run.stderr);
    assert!(run.stderr.contains("with twice as many posts coded."), "{}", run.stderr);
}

#[test]
fn a_summary_with_an_audit_has_estimated_rates() {
    let fixture = sampled();
    fixture.write("coded.csv", code(&text_of(&fixture, "sample.csv"), 0));
    let summary = fixture.done(&["summarize", "scored.csv", "--audit", "coded.csv"]);
    let summary = Csv::parse(&summary.stdout);
    assert_eq!(summary.column("shares-learning state"), ["estimated"; 2]);
    assert_eq!(summary.column("widens-inclusion state"), ["screened"; 2]);
    let estimates = Csv::parse(&fixture.done(&["audit", "estimate", "coded.csv", "scored.csv"]).stdout);
    let of_author: Vec<&str> = estimates
        .rows
        .iter()
        .filter(|row| row[estimates.at("level")] == "author" && row[estimates.at("tag")] == "shares-learning")
        .map(|row| row[estimates.at("assisted")].as_str())
        .collect();
    assert_eq!(summary.column("shares-learning share"), of_author);
}

#[test]
fn runs_of_months_are_compared_by_what_was_coded() {
    let fixture = sampled();
    fixture.done(&["audit", "sample", "scored.csv", "-o", "sample.csv", "--per-author", "50"]);
    fixture.write("coded.csv", code(&text_of(&fixture, "sample.csv"), 0));
    let compare = |sides: &str| {
        let args = ["summarize", "scored.csv", "--by", "month", "--audit", "coded.csv", "--compare", sides];
        fixture.run(&args)
    };
    let run = compare("2026-01..2026-02,2026-03");
    let table = Csv::parse(&run.stdout);
    let row = table.rows.iter().find(|row| row[0] == "shares-learning").expect("a row a tag");
    assert_eq!((row[7].as_str(), row[13].as_str()), ("estimated", "estimated"), "{row:?}");
    let number = |at: usize| row[at].parse::<f64>().expect("a number");
    // Every fourth post of each month.
    assert!(number(5) <= 0.25 && 0.25 <= number(6), "{row:?}");
    assert!((number(14) - (number(10) - number(4))).abs() < 2e-4, "{row:?}");
    assert!(number(15) <= 0.0 && 0.0 <= number(16), "{row:?}");
    let run = compare("2026-01..2026-02,2026-02..2026-03");
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("expected two sides that have no group in common"), "{}", run.stderr);
}

#[test]
fn tables_that_are_read_fit_a_terminal() {
    let fixture = sampled();
    fixture.done(&["audit", "sample", "scored.csv", "-o", "sample.csv", "--per-author", "60"]);
    fixture.write("coded.csv", code(&text_of(&fixture, "sample.csv"), 0));
    let text = |args: &[&str]| {
        let run = fixture.done(&[args, &["--format", "text"]].concat());
        // Tables are indented; a sentence is as long as it is.
        let mut rows = run.stdout.lines().filter(|line| line.starts_with(' '));
        assert!(rows.all(|line| line.chars().count() <= 100), "{}", run.stdout);
        run.stdout
    };
    let estimates = text(&["audit", "estimate", "coded.csv", "scored.csv"]);
    assert!(estimates.contains("all posts, professional") && estimates.contains("ana_clinic"), "{estimates}");
    assert!(estimates.contains("Not shown:"), "{estimates}");
    let comparison = text(&[
        "summarize",
        "scored.csv",
        "--by",
        "month",
        "--audit",
        "coded.csv",
        "--compare",
        "2026-01,2026-02",
    ]);
    assert!(comparison.contains("estimated") && comparison.contains("difference in points"), "{comparison}");
    let months = text(&["summarize", "scored.csv", "--by", "month"]);
    let places = ["2026-01", "2026-02", "2026-03"].map(|month| months.find(month).expect("a row a month"));
    assert!(places.is_sorted(), "{months}");
}

#[test]
fn a_coded_sample_is_a_labelled_file() {
    let fixture = sampled();
    fixture.write("coded.csv", code(&text_of(&fixture, "sample.csv"), 0));
    let run = fixture.done(&["evaluate", "coded.csv", "--format", "json"]);
    assert!(run.stdout.contains("shares-learning"));
    fixture.done(&["train", "coded.csv", "--labels", "learning", "-o", "own.model"]);
}

#[test]
fn coders_are_held_against_each_other() {
    let fixture = sampled();
    let sample = text_of(&fixture, "sample.csv");
    fixture.write("a.csv", code(&sample, 0)).write("b.csv", code(&sample, 6));
    let run = fixture.done(&["audit", "agreement", "a.csv", "b.csv", "--disagreements", "apart.csv"]);
    let table = Csv::parse(&run.stdout);
    assert_eq!(table.column("characteristic"), ["humanity", "learning"]);
    assert_eq!(table.column("agreed"), ["1.000", "0.900"]);
    assert_eq!(table.column("alpha")[0], "-", "without variation there is nothing to agree on");
    assert_eq!(Csv::parse(&text_of(&fixture, "apart.csv")).rows.len(), 6);
}

#[test]
fn agreement_does_not_depend_on_which_file_is_named_first() {
    let fixture = sampled();
    let sample = text_of(&fixture, "sample.csv");
    let few: String = code(&sample, 0).lines().take(11).map(|line| line.to_owned() + "\n").collect();
    fixture.write("few.csv", few).write("b.csv", code(&sample, 6)).write("c.csv", code(&sample, 9));
    let agreement = |files: [&str; 3]| {
        let mut args = vec!["audit", "agreement"];
        args.extend(files);
        fixture.done(&args).stdout
    };
    let found = agreement(["few.csv", "b.csv", "c.csv"]);
    assert_eq!(Csv::parse(&found).column("posts"), ["60", "60"]);
    assert_eq!(agreement(["c.csv", "b.csv", "few.csv"]), found);
}

#[test]
fn what_cannot_be_estimated_is_said() {
    let fixture = sampled();
    let sample = text_of(&fixture, "sample.csv");
    fixture.write("other.csv", "author,text\nx,A post that was never sampled\n");
    fixture.write("coded.csv", code(&sample, 0));
    fixture.write("bad.csv", code(&sample, 0).replacen(",1,,", ",yes,,", 1));
    let check = |args: &[&str], expected: &str| {
        let run = fixture.run(args);
        assert_eq!((run.status, run.stderr.lines().last().unwrap_or_default()), (2, expected), "{args:?}");
    };
    check(
        &["audit", "estimate", "sample.csv", "scored.csv"],
        "sociable: sample.csv: found no value in any column of a characteristic, expected 1, 0 or -1",
    );
    check(
        &["audit", "estimate", "coded.csv", "other.csv"],
        "sociable: coded.csv: found 60 of 60 rows whose post is not among the scored posts, expected the posts that the \
         sample was drawn from",
    );
    for command in ["summarize", "report"] {
        check(
            &[command, "other.csv", "--audit", "coded.csv"],
            "sociable: coded.csv: found 60 of 60 rows whose post is not among the scored posts, expected the posts that the \
             sample was drawn from",
        );
    }
    let run = fixture.run(&["audit", "estimate", "bad.csv", "scored.csv"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("found learning \u{2018}yes\u{2019}, expected 1, 0, -1 or nothing"),
        "{}",
        run.stderr
    );
    let run = fixture.run(&["audit", "estimate", "posts.csv", "scored.csv"]);
    assert!(run.stderr.contains("posts.csv: no column post_key, found"), "{}", run.stderr);
}
