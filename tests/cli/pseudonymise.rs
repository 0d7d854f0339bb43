//! `--pseudonymise`.

use crate::cli::{Csv, Fixture};

const POSTS: &str = "\
id,author,organisation,created_at,kind,reply_to_id,parent,text,url,real_name
17,ana_clinic,Hill Trust,2026-01-02,post,,,Such a long day on the ward,https://social.example/@ana_clinic/17,Ana Lim
18,bo_ward,Hill Trust,2026-01-03,reply,17,,@ana_clinic tea helps on such days,https://social.example/@bo_ward/18,Bo Ash
19,ana_clinic,Hill Trust,2026-01-04,post,,,Thank you all for the tea; ring me on 020 7946 0018,,Ana Lim
20,ana_clinic,Hill Trust,2026-01-05,reply,9,@cy_lab is there any tea,There is tea in the tin on the shelf,,Ana Lim
";

fn fixture() -> Fixture {
    let fixture = Fixture::new();
    fixture.write("posts.csv", POSTS).write("key", "thirty-one bytes nobody guesses");
    fixture.write("other-key", "quite another secret of a length");
    fixture
}

#[test]
fn names_go_and_authors_and_threads_stay() {
    let fixture = fixture();
    let run = fixture.done(&["import", "posts.csv", "--pseudonymise", "key"]);
    for secret in ["ana", "bo_ward", "cy_lab", "7946", "real_name", "social.example", "Bo Ash"] {
        assert!(!run.stdout.contains(secret), "{secret} in {}", run.stdout);
    }
    let table = Csv::parse(&run.stdout);
    let authors = table.column("author");
    assert!(authors[0] == authors[2] && authors[0] != authors[1], "{authors:?}");
    assert_eq!(table.column("reply_to_id")[1], table.column("id")[0]);
    assert_eq!(table.column("organisation"), ["Hill Trust"; 4]);
    assert_eq!(table.column("text")[2], "Thank you all for the tea; ring me on [phone number]");
    assert_eq!(table.column("parent")[1], "Such a long day on the ward");
    let again = fixture.done(&["import", "posts.csv", "--pseudonymise", "key"]);
    assert_eq!(again.stdout, run.stdout);
    let other = fixture.done(&["import", "posts.csv", "--pseudonymise", "other-key"]);
    assert_ne!(Csv::parse(&other.stdout).column("author"), authors);
}

#[test]
fn every_command_that_reads_posts_knows_them_by_the_same_names() {
    let fixture = fixture();
    fixture.done(&["score", "posts.csv", "--pseudonymise", "key", "-o", "scored.csv"]);
    let scored = String::from_utf8(fixture.read("scored.csv")).expect("UTF-8");
    // What is answered stands in the file, not among its posts.
    assert!(scored.contains("is there any tea") && !scored.contains("cy_lab"), "{scored}");
    let of_scored = fixture.done(&["summarize", "scored.csv"]).stdout;
    assert_eq!(fixture.done(&["summarize", "posts.csv", "--pseudonymise", "key"]).stdout, of_scored);
    assert!(of_scored.contains("author-") && !of_scored.contains("ana_clinic"), "{of_scored}");
    fixture.done(&["report", "posts.csv", "--pseudonymize", "key", "--names", "-o", "page.html"]);
    let page = String::from_utf8(fixture.read("page.html")).expect("UTF-8");
    assert!(page.contains("author-") && !page.contains("ana_clinic"));
}

#[test]
fn handles_and_names_are_nothing_to_the_model() {
    let fixture = fixture();
    let plain = Csv::parse(&fixture.done(&["score", "posts.csv"]).stdout);
    let hidden = Csv::parse(&fixture.done(&["score", "posts.csv", "--pseudonymise", "key"]).stdout);
    let first = plain.at("status");
    let text = plain.at("text");
    // A telephone number or an address leaves words in its place, a handle another handle.
    let rows = plain.rows.iter().zip(&hidden.rows).filter(|(plain, _)| !plain[text].contains("7946"));
    assert_eq!(rows.clone().count(), 3);
    for (plain, hidden) in rows {
        assert_eq!(plain[first..], hidden[first..]);
    }
}

#[test]
fn what_is_not_replaced_is_said_and_a_weak_key_refused() {
    let fixture = fixture();
    let run = fixture.done(&["score", "posts.csv", "--pseudonymise", "key"]);
    assert!(
        run.stderr.contains("posts.csv: no names are looked for in columns that serve no field: real_name"),
        "{}",
        run.stderr
    );
    fixture.write("weak", "1234");
    let run = fixture.run(&["score", "posts.csv", "--pseudonymise", "weak"]);
    assert_eq!(
        (run.status, run.stderr.lines().last().unwrap_or_default()),
        (2, "sociable: weak: found a key of 4 bytes, expected 16 bytes or more that nobody can guess")
    );
    let run = fixture.run(&["score", "posts.csv", "--pseudonymise", "key", "--rejects", "rejects.csv"]);
    assert_eq!(run.status, 2, "rejected rows stand there as they came");
}
