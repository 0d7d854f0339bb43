//! `sociable report`: the page as a file. What a browser makes of it is tested in `tests/browser`.

use crate::cli::{Csv, Fixture, Run, repository};

/// Posts that try to be more than text.
pub const HOSTILE: &str = "id,author,organisation,created_at,kind,parent,text
<img src=x onerror=alert(1)>,\"\"\"><script>alert(2)</script>\",Hill Trust,2026-01-02,post,,\"Thank you all so much <script>alert(3)</script> for a lovely day, I nearly cried\"
2,mo,Hill Trust,2026-02-02,reply,\"</p></main><iframe src=https://evil.example>\",\"You should try yoga <b><table><td> every day, you need to rest more\"
3,mo,Hill Trust,2026-02-03,post,,\"Our slides {{ 7*7 }} {% raw %} on falls: what we learned \u{202e}\u{2066}turned round <!-- and unclosed <a href='javascript:alert(4)'\"
";

/// A page and what the run said.
fn report(fixture: &Fixture, args: &[&str]) -> (String, Run) {
    let run = fixture.done(&[&["report"], args, &["-o", "page.html"]].concat());
    (String::from_utf8(fixture.read("page.html")).expect("UTF-8"), run)
}

/// A timeline of hostile posts, among them one of 100 kB of emoji.
pub fn hostile() -> String {
    let emoji = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{1f3fd}".repeat(5000);
    format!("{HOSTILE}4,mo,Hill Trust,2026-03-03,post,,Thank you dear friends {emoji}\n")
}

#[test]
fn the_page_is_whole_and_asks_for_nothing() {
    let (page, run) = report(&Fixture::new(), &[&repository("data/sample-timeline.csv")]);
    assert_eq!(run.stderr, "wrote page.html: 60 posts\n");
    assert!(page.contains("default-src 'none'"));
    // All that a browser would fetch by itself.
    for part in ["<script", "src=", "@import", "url(", "<iframe", "<object", "srcset"] {
        assert!(!page.contains(part), "{part}");
    }
    for part in [
        "Characteristics",
        "Months",
        "Authors",
        "Evidence",
        "What was skipped",
        "The model",
        "How to read this",
    ] {
        assert!(page.contains(&format!(">{part}</h2>")), "{part}");
    }
    assert!(page.contains("<mark>"));
}

#[test]
fn nobody_is_named_unless_asked_for() {
    // An address stands across the place where a quotation ends, and an identifier says whose post it is.
    let far = "and the cake ".repeat(30);
    let posts = format!(
        "id,author,text\n\
         https://social.example/users/ana_clinic/1,ana_clinic,\"Thank you so much @kit for the cake, ring 020 7946 0018 or write kit@cake.example\"\n\
         2,bo,\"Thank you all for a lovely day I nearly cried {far}jo.bloggs@cake.example\"\n"
    );
    let fixture = Fixture::new();
    fixture.write("posts.csv", &posts);
    let (page, _) = report(&fixture, &["posts.csv"]);
    for name in ["ana_clinic", "@kit", "7946", "cake.example", "bloggs"] {
        assert!(!page.contains(name), "{name}");
    }
    assert!(page.contains("post <bdi>2</bdi>"));
    assert!(page.contains("author 1") && page.contains("someone"));
    let (page, _) = report(&fixture, &["posts.csv", "--names"]);
    for name in ["ana_clinic", "kit", "7946"] {
        assert!(page.contains(name), "{name}");
    }
}

#[test]
fn one_author_sees_a_mirror() {
    let fixture = Fixture::new();
    fixture.write(
        "one.csv",
        "author,text\nme,Thank you all for a lovely day I nearly cried\nme,Rain again today\n",
    );
    let (page, _) = report(&fixture, &["one.csv"]);
    assert!(page.contains("<h1>A mirror of your posts</h1>") && page.contains("Your own examples</h2>"));
    assert!(!page.contains("author 1") && !page.contains("ranking"));
}

#[test]
fn hostile_posts_stay_text() {
    let fixture = Fixture::new();
    fixture.write("posts.csv", hostile());
    for args in [&["posts.csv", "--names"][..], &["posts.csv"]] {
        let (page, _) = report(&fixture, args);
        for part in ["<script", "<iframe", "<img", "<!--", "<b>", "href=\"javascript", "\u{202e}", "\u{2066}"]
        {
            assert!(!page.contains(part), "{part}");
        }
        assert!(page.len() < 200_000, "{}", page.len());
    }
}

#[test]
fn posts_and_scored_posts_give_the_same_page() {
    let fixture = Fixture::new();
    let sample = repository("data/sample-timeline.csv");
    fixture.done(&["score", &sample, "-o", "scored.csv"]);
    assert_eq!(report(&fixture, &[&sample]).0, report(&fixture, &["scored.csv"]).0);
}

#[test]
fn a_hundred_thousand_posts_by_a_thousand_authors_stay_below_5_mb() {
    let fixture = Fixture::new();
    let corpus = std::fs::read_to_string(repository("data/professional.csv")).expect("the corpus");
    let corpus = Csv::parse(&corpus);
    let (texts, kinds) = (corpus.column("text"), corpus.column("kind"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["author", "organisation", "created_at", "kind", "text"]).expect("memory");
    for at in 0..100_000 {
        let author = format!("author of a rather long name {}", at % 1000);
        let (organisation, month) = (format!("organisation {}", at % 30), format!("2026-{:02}", 1 + at % 12));
        // A prime step, so that authors have different posts.
        let text = at * 7 % texts.len();
        writer
            .write_record([author.as_str(), &organisation, &month, kinds[text], texts[text]])
            .expect("memory");
    }
    fixture.write("posts.csv", writer.into_inner().expect("memory"));
    let (page, _) = report(&fixture, &["posts.csv", "--names"]);
    assert!(page.matches("author of a rather long name").count() >= 1000);
    assert!(page.len() < 5_000_000, "{}", page.len());
}
