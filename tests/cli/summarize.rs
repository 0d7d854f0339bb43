//! `sociable summarize`.

use crate::cli::{Csv, Fixture, repository};

fn sample() -> String {
    repository("data/sample-timeline.csv")
}

/// Whether posts of a kind count for a tag.
fn counts(tag: &str, kind: &str) -> bool {
    let kind = sociable::PostKind::from_name(kind).expect("the sample says every kind");
    let codebook = sociable::Model::shipped().expect("the shipped model").codebook;
    let mut own = codebook.characteristics.iter();
    own.any(|own| [&own.upholds.tag, &own.breaches.tag].contains(&&tag.to_owned()) && own.counts(kind))
}

fn count(cell: &str) -> u64 {
    if cell.is_empty() { 0 } else { cell.parse().unwrap_or_else(|_| panic!("a count, found {cell}")) }
}

#[test]
fn posts_and_scored_posts_give_the_same_sums() {
    let fixture = Fixture::new();
    fixture.done(&["score", &sample(), "-o", "scored.csv"]);
    for by in ["author", "organisation", "month"] {
        let from_posts = fixture.done(&["summarize", &sample(), "--by", by]);
        let from_scored = fixture.done(&["summarize", "scored.csv", "--by", by]);
        assert_eq!(from_posts.stdout, from_scored.stdout, "{by}");
        assert_eq!(Csv::parse(&from_posts.stdout).header[0], by);
    }
}

#[test]
fn counts_add_up() {
    let fixture = Fixture::new();
    fixture.done(&["score", &sample(), "-o", "scored.csv"]);
    let scored = Csv::parse(&String::from_utf8(fixture.read("scored.csv")).expect("UTF-8"));
    for by in ["author", "organisation", "month"] {
        let sums = Csv::parse(&fixture.done(&["summarize", &sample(), "--by", by]).stdout);
        let total = |column: &str| sums.column(column).into_iter().map(count).sum::<u64>();
        assert_eq!(total("posts"), scored.rows.len() as u64);
        let skipped: u64 =
            ["empty", "too-short", "other-language", "not-covered"].into_iter().map(total).sum();
        assert_eq!(total("judged") + skipped, total("posts"));
        for account in sociable::Account::ALL {
            for tag in crate::cli::tags(account) {
                let cells = scored.column("tags");
                let kinds = scored.column("kind");
                let n_tagged = cells
                    .iter()
                    .zip(&kinds)
                    .filter(|(cell, kind)| cell.split(';').any(|own| own == tag) && counts(&tag, kind))
                    .count();
                assert_eq!(total(&tag), n_tagged as u64, "{tag} by {by}");
            }
        }
    }
}

#[test]
fn the_other_spellings_do_the_same() {
    let fixture = Fixture::new();
    let ours = fixture.done(&["summarize", &sample(), "--by", "organisation"]).stdout;
    assert_eq!(fixture.done(&["summarise", &sample(), "--by", "organization"]).stdout, ours);
}

#[test]
fn the_closing_line_counts_the_authors() {
    let run = Fixture::new().done(&["summarize", &sample()]);
    let authors = Csv::parse(&run.stdout).rows.len();
    assert_eq!(
        run.stderr.lines().last(),
        Some(
            format!("{authors} authors, 60 posts. Counts are of tags, not rates of what people do.").as_str()
        )
    );
}

#[test]
fn combinations_are_rows_and_add_up() {
    let fixture = Fixture::new();
    let both = Csv::parse(&fixture.done(&["summarize", &sample(), "--by", "author,month"]).stdout);
    let authors = Csv::parse(&fixture.done(&["summarize", &sample(), "--by", "author"]).stdout);
    assert_eq!(both.header[..2], ["author", "month"]);
    for (author, posts) in authors.column("author").iter().zip(authors.column("posts")) {
        let rows = both.rows.iter().filter(|row| row[0] == *author);
        assert_eq!(rows.map(|row| count(&row[both.at("posts")])).sum::<u64>(), count(posts), "{author}");
    }
}

#[test]
fn a_share_has_an_interval_or_says_that_posts_are_too_few() {
    let fixture = Fixture::new();
    let few = Csv::parse(&fixture.done(&["summarize", &sample()]).stdout);
    assert!(few.column("shows-humanity state").iter().all(|state| ["too-few", ""].contains(state)));
    assert!(few.column("shows-humanity share").iter().all(|share| share.is_empty()));
    let all = fixture.done(&["summarize", &sample(), "--min-posts", "1"]);
    let all = Csv::parse(&all.stdout);
    let number =
        |row: &[String], part: &str| row[all.at(&format!("shows-humanity {part}"))].parse::<f64>().ok();
    let mut n_shares = 0;
    for row in all.rows.iter().filter(|row| row[all.at("shows-humanity state")] == "screened") {
        let (share, low, high) = (number(row, "share"), number(row, "low"), number(row, "high"));
        let (share, low, high) = (share.expect("a share"), low.expect("a bound"), high.expect("a bound"));
        assert!(0.0 <= low && low <= share && share <= high && high <= 1.0, "{row:?}");
        n_shares += 1;
    }
    assert!(n_shares > 3, "{n_shares}");
}

#[test]
fn two_groups_are_compared() {
    let fixture = Fixture::new();
    let mut posts = String::from("author,created_at,text\n");
    for at in 0..60 {
        posts += &format!("a,2026-0{}-01,Thank you so much for coming on this grey day {at}\n", 1 + at % 3);
    }
    fixture.write("posts.csv", posts);
    let run =
        fixture.done(&["summarize", "posts.csv", "--by", "month", "--compare", "2026-01,2026-02..2026-03"]);
    let table = Csv::parse(&run.stdout);
    let row = table.rows.iter().find(|row| row[0] == "shows-humanity").expect("a row a tag");
    assert_eq!((row[3].as_str(), row[9].as_str()), ("20", "40"));
    assert!(!row[14].is_empty(), "{row:?}");
    let said = fixture.refused(&["summarize", "posts.csv", "--by", "month", "--compare", "2026-01,2027-01"]);
    assert!(said.contains("such as 2026-01, 2026-02, 2026-03"), "{said}");
}

#[test]
fn evidence_is_quoted_by_id_and_redacted() {
    let fixture = Fixture::new();
    fixture.done(&["summarize", &sample(), "--evidence", "evidence.csv"]);
    let evidence = Csv::parse(&String::from_utf8(fixture.read("evidence.csv")).expect("UTF-8"));
    assert!(evidence.rows.len() > 20, "{}", evidence.rows.len());
    assert!(evidence.column("id").iter().all(|id| id.starts_with("s-")));
    assert!(evidence.column("ground").contains(&"borderline"));
    let handle = |text: &str| text.match_indices('@').any(|(at, _)| !text[at..].starts_with("@someone"));
    assert!(!evidence.column("text").into_iter().any(handle));
}

#[test]
fn a_cell_that_is_no_probability_is_no_zero() {
    let fixture = Fixture::new();
    fixture.done(&["score", &sample(), "-o", "scored.csv"]);
    let summary = fixture.done(&["summarize", "scored.csv"]).stdout;
    let scored = String::from_utf8(fixture.read("scored.csv")).expect("UTF-8");
    // As a spreadsheet writes numbers where a comma stands for the point.
    let number = regex::Regex::new(r",([01])\.([0-9]{4})").expect("a pattern");
    fixture.write("comma.csv", number.replace_all(&scored, ",\"$1,$2\"").as_bytes());
    assert_eq!(fixture.done(&["summarize", "comma.csv"]).stdout, summary);
}

#[test]
fn only_posts_whose_parent_is_not_known_are_undecided_on_advice() {
    let fixture = Fixture::new();
    let rows: String =
        (0..30).map(|at| format!("{},{},Thank you all number {at}\n", at / 3, at % 2)).collect();
    fixture.write("labelled.csv", format!("author,humanity,text\n{rows}"));
    fixture.done(&[
        "train",
        "labelled.csv",
        "--codebook",
        &crate::cli::repository("data/codebook.toml"),
        "-o",
        "own.model",
    ]);
    let run = fixture.done(&["summarize", "labelled.csv", "--model", "own.model"]);
    assert!(Csv::parse(&run.stdout).column("undecided").iter().all(|count| *count == "0"), "{}", run.stdout);
}

#[test]
fn months_are_those_that_import_would_read_and_what_has_none_is_said() {
    let fixture = Fixture::new();
    let dates = ["2026-05-01", "1511177218.0", "Thu Nov 21 14:51:32 +0000 2019", "2024-13-45", "soon"];
    let rows: String = dates.iter().map(|date| format!("{date},Thank you all for the day\n")).collect();
    fixture.write("posts.csv", format!("created_at,text\n{rows}"));
    let run = fixture.done(&["summarize", "posts.csv", "--by", "month"]);
    assert_eq!(Csv::parse(&run.stdout).column("month"), ["", "2017-11", "2019-11", "2026-05"]);
    assert!(run.stderr.contains("2 of 5 posts have no date that can be read"), "{}", run.stderr);
    let run = fixture.done(&["import", "posts.csv"]);
    assert!(run.stderr.contains("without a date that can be read: 2 posts"), "{}", run.stderr);
}

#[test]
fn judgements_of_several_models_are_not_mixed_in_silence() {
    let fixture = Fixture::new();
    fixture.done(&["score", &sample(), "-o", "scored.csv"]);
    let scored = String::from_utf8(fixture.read("scored.csv")).expect("UTF-8");
    fixture.write("other.csv", scored.replace(",sociable-en@", ",sociable-en+adapted@0"));
    let quiet = fixture.done(&["summarize", "scored.csv"]);
    assert!(!quiet.stderr.contains("judged by"), "{}", quiet.stderr);
    let run = fixture.done(&["summarize", "scored.csv", "other.csv"]);
    assert!(run.stderr.contains("posts judged by sociable-en+adapted@0"), "{}", run.stderr);
    assert!(run.stderr.contains("their counts are not to be compared"), "{}", run.stderr);
    fixture.write("odd.csv", scored.replacen(",ok,", ",good,", 1));
    let run = fixture.run(&["summarize", "odd.csv"]);
    assert_eq!(run.status, 1);
    assert!(
        run.stderr.contains("\u{2018}good\u{2019} in column status, expected what score writes there"),
        "{}",
        run.stderr
    );
}
