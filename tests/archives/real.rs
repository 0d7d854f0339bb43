//! The figures of real exports, where a folder with them is named by `SOCIABLE_REAL_EXPORTS`; they are no part of this repository.

use crate::cli::{Csv, Fixture};

fn import(export: &str) -> Option<(Csv, String)> {
    let Some(folder) = std::env::var_os("SOCIABLE_REAL_EXPORTS") else {
        println!("skipped: SOCIABLE_REAL_EXPORTS names no folder");
        return None;
    };
    let path = std::path::Path::new(&folder).join(export);
    let run = Fixture::new().done(&["import", &path.to_string_lossy()]);
    Some((Csv::parse(&run.stdout), run.stderr))
}

/// Nothing of the way in which a platform writes is left in what its user wrote.
fn is_clean(posts: &Csv) {
    for text in posts.column("text") {
        for left in [
            "&amp;",
            "&lt;",
            "&gt;",
            "&#39;",
            "&quot;",
            "</p>",
            "</a>",
            "</span>",
            "<br",
            "//t.co/",
            "\"\n\"",
            "\\\"",
            "\u{e2}\u{20ac}",
        ] {
            assert!(!text.contains(left), "{left} in {text}");
        }
    }
}

#[test]
fn x_has_1758_items() {
    let Some((posts, account)) = import("x") else { return };
    assert_eq!(posts.rows.len(), 1626);
    assert!(account.contains("132 posts skipped: empty 4, repost 128"), "{account}");
    is_clean(&posts);
}

#[test]
fn mastodon_has_1185_posts_and_326_boosts() {
    let Some((posts, account)) = import("mastodon") else { return };
    assert_eq!(posts.rows.len(), 1181);
    assert!(account.contains("330 posts skipped: empty 4, repost 326"), "{account}");
    is_clean(&posts);
}

#[test]
fn linkedin_has_323_comments_and_188_shares_with_text() {
    let Some((posts, account)) = import("linkedin") else { return };
    assert!(account.contains("507 posts kept: comment 323, post 184"), "{account}");
    // One share stands there five times, the same to the letter.
    assert!(account.contains("18 posts skipped: duplicate 4, repost 14"), "{account}");
    is_clean(&posts);
}

#[test]
fn bluesky_has_101_posts() {
    let Some((posts, account)) = import("bluesky/paul_staging.repo.car") else { return };
    assert_eq!(posts.rows.len(), 87);
    assert!(account.contains("29 posts skipped: empty 14, repost 15"), "{account}");
}
