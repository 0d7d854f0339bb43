//! `sociable summarize`.

use crate::cli::{Csv, Fixture, repository};

fn sample() -> String {
    repository("data/sample-timeline.csv")
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
                let n_tagged = cells.iter().filter(|cell| cell.split(';').any(|own| own == tag)).count();
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
