//! The page in a real headless Chromium, driven by `run.mjs`: no console message, no request, nothing serious for
//! axe-core, and the figures of `summarize`.
//!
//! Needs `chromium` and `node` on the path (or in `CHROMIUM` and `NODE`) and `AXE`, the path of axe-core's `axe.min.js`.
//! Says that it was skipped where one is missing; with `BROWSER_TESTS=required`, as `.ci/run` sets it, that is a failure.

use std::{
    env,
    process::{Command, Stdio},
};

use serde_json::Value as Json;

use crate::cli::{Csv, Fixture, report::hostile, repository};

/// Program and axe-core; `None` where the test is skipped.
struct Browser {
    node: String,
    chromium: String,
    axe: String,
}

impl Browser {
    fn find() -> Option<Self> {
        let program = |variable: &str, name: &str| {
            let name = env::var(variable).unwrap_or_else(|_| name.to_owned());
            let mut command = Command::new(&name);
            let found = command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            found.is_ok_and(|status| status.success()).then_some(name)
        };
        let axe = env::var("AXE").ok().filter(|path| std::fs::metadata(path).is_ok());
        let found = program("NODE", "node").zip(program("CHROMIUM", "chromium")).zip(axe);
        let browser = found.map(|((node, chromium), axe)| Self { node, chromium, axe });
        let is_required = env::var("BROWSER_TESTS").is_ok_and(|value| value == "required");
        assert!(
            browser.is_some() || !is_required,
            "chromium, node or AXE is missing, and BROWSER_TESTS=required"
        );
        if browser.is_none() {
            println!("skipped: chromium, node or AXE (axe.min.js of axe-core) is missing");
        }
        browser
    }

    fn open(&self, width: &str, scheme: &str, page: &str) -> Json {
        let output = Command::new(&self.node)
            .args([&repository("tests/browser/run.mjs"), &self.chromium, &self.axe, width, scheme, page])
            .output()
            .expect("node runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let results: Json = serde_json::from_slice(&output.stdout).expect("JSON");
        results[0].clone()
    }
}

fn check(seen: &Json) {
    assert_eq!(seen["consoleBeforeAxe"], Json::Array(Vec::new()), "console");
    assert_eq!(seen["requests"], Json::Array(Vec::new()), "requests");
    assert_eq!(seen["dialogs"], 0);
    assert_eq!(seen["scripts"], 0, "elements that load or run");
    assert_eq!(seen["overflow"], 0, "the page is wider than its window");
    assert_eq!(seen["violations"], Json::Array(Vec::new()), "axe-core");
    assert!(seen["passes"].as_u64() > Some(20), "axe-core looked at little: {}", seen["passes"]);
}

/// The rates on the page are those of the only row of a summary.
fn check_rates(seen: &Json, summary: &Csv) {
    let rates = seen["rates"].as_array().expect("rates");
    assert_eq!(rates.len(), 16);
    for rate in rates {
        let [tag, count, of, share, bounds] = [0, 1, 2, 3, 4].map(|at| rate[at].as_str().expect("a cell"));
        let cell = |part: &str| summary.column(format!("{tag} {part}").trim())[0];
        assert_eq!([count, of, share], [cell(""), cell("of"), cell("share")], "{tag}");
        assert_eq!(bounds, format!("{} {}", cell("low"), cell("high")), "{tag}");
    }
}

/// 200 written posts as those of one body's people.
fn posts() -> String {
    let corpus =
        Csv::parse(&std::fs::read_to_string(repository("data/professional.csv")).expect("the corpus"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(["id", "author", "organisation", "created_at", "kind", "parent", "text"])
        .expect("memory");
    let column = |name: &str| corpus.column(name);
    for at in 0..200 {
        let (id, author, month) =
            (at.to_string(), format!("author {}", at % 4), format!("2026-{:02}-02", 1 + at % 3));
        let row = [
            id.as_str(),
            &author,
            "Hill Trust",
            &month,
            column("kind")[at],
            column("parent")[at],
            column("text")[at],
        ];
        writer.write_record(row).expect("memory");
    }
    String::from_utf8(writer.into_inner().expect("memory")).expect("UTF-8")
}

#[test]
fn a_browser_has_nothing_to_complain_of_and_shows_the_figures_of_summarize() {
    let Some(browser) = Browser::find() else { return };
    let fixture = Fixture::new();
    fixture.write("posts.csv", posts());
    fixture.done(&["report", "posts.csv", "-o", "page.html"]);
    let summary = Csv::parse(&fixture.done(&["summarize", "posts.csv", "--by", "organisation"]).stdout);
    let page = fixture.path("page.html").to_string_lossy().into_owned();
    for (width, scheme) in [("1280", "light"), ("1280", "dark"), ("360", "light")] {
        let seen = browser.open(width, scheme, &page);
        check(&seen);
        check_rates(&seen, &summary);
    }
}

#[test]
fn a_browser_shows_the_estimates_of_an_audit() {
    let Some(browser) = Browser::find() else { return };
    let fixture = Fixture::new();
    fixture.write("posts.csv", posts());
    fixture.done(&["audit", "sample", "posts.csv", "-o", "sample.csv", "--total", "80"]);
    let mut sample = Csv::parse(&String::from_utf8(fixture.read("sample.csv")).expect("UTF-8"));
    let (humanity, text) = (sample.at("humanity"), sample.at("text"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&sample.header).expect("memory");
    for row in &mut sample.rows {
        row[humanity] = u8::from(row[text].contains(" my ")).to_string();
        writer.write_record(&*row).expect("memory");
    }
    fixture.write("coded.csv", writer.into_inner().expect("memory"));
    fixture.done(&["report", "posts.csv", "--audit", "coded.csv", "-o", "page.html"]);
    let args = ["summarize", "posts.csv", "--by", "organisation", "--audit", "coded.csv"];
    let summary = Csv::parse(&fixture.done(&args).stdout);
    assert_eq!(summary.column("shows-humanity state"), ["estimated"]);
    let seen = browser.open("1280", "light", &fixture.path("page.html").to_string_lossy());
    check(&seen);
    check_rates(&seen, &summary);
}

#[test]
fn hostile_posts_change_nothing_in_a_browser() {
    let Some(browser) = Browser::find() else { return };
    let fixture = Fixture::new();
    fixture.write("posts.csv", hostile());
    for names in [&["--names"][..], &[]] {
        fixture.done(&[&["report", "posts.csv", "-o", "page.html", "--min-posts", "1"], names].concat());
        check(&browser.open("1280", "light", &fixture.path("page.html").to_string_lossy()));
    }
}
