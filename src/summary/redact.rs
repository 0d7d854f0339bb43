//! A text without handles, e-mail addresses and telephone numbers, also those in links to somebody's page. What stands instead
//! reads as what was there, for people and for the tokenizer.
//!
//! Does not know names: those of people stay in texts, and in links to sites that are no platform.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use crate::text::{Token, TokenKind, tokenize};

/// What stands for a handle.
const HANDLE: &str = "@someone";
/// What stands for an e-mail address.
const EMAIL: &str = "[e-mail]";
/// What stands for a telephone number.
const PHONE: &str = "[phone number]";
/// What stands for the path of a link to somebody's page, behind what says where it leads.
const SOMEBODYS_PAGE: &str = "${1}someone";

/// A run that may be a telephone number: seven digits or more with spaces, dots, dashes, slashes and brackets between them.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\+?\(?[0-9](?:[ .()/\-\u{2010}-\u{2013}\u{a0}]{0,3}[0-9]){6,}")
        .expect("the pattern is valid: a test uses it")
});
/// What reads like one and is none: a date with or without a time, years and hours from and to, millions in groups of three.
static NO_TELEPHONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^(?:
        (?: [12][0-9]{3} [-./] [0-9]{1,2} [-./] [0-9]{1,2} | [0-9]{1,2} [-./] [0-9]{1,2} [-./] [12][0-9]{3} )
            (?: \x20 [0-9]{1,2} \. [0-9]{2} )?
        | [12][0-9]{3} \x20?[-/\u{2013}]\x20? [12][0-9]{3}
        | [0-9]{1,2} \. [0-9]{2} \x20?[-\u{2013}]\x20? [0-9]{1,2} \. [0-9]{2}
        | [1-9][0-9]? (?: [\x20.] [0-9]{3} )+
        )$",
    )
    .expect("the pattern is valid: a test uses it")
});
/// An address that the tokenizer does not take for one, as in `mailto:a@b.org` or a link.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[\p{L}\p{N}._%+\-]+@[\p{L}\p{N}\-]+(?:\.[\p{L}\p{N}\-]+)+")
        .expect("the pattern is valid: a test uses it")
});
/// A link into a platform, where all paths lead to somebody.
static PLATFORM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b((?:[\p{L}\p{N}\-]+\.)*(?:x\.com|twitter\.com|linkedin\.com|facebook\.com|fb\.com|instagram\.com|threads\.(?:com|net)|tiktok\.com|bsky\.app|reddit\.com|t\.me|wa\.me)/)[^\s\x22<>]*[\p{L}\p{N}_=/]",
    )
    .expect("the pattern is valid: a test uses it")
});
/// A name behind a part of a link that says that one follows.
static PAGE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(\.[a-z]{2,}/(?:[^\s\x22<>]*/)?(?:users?|profile|channel|c)/)[\p{L}\p{N}_.\-]*[\p{L}\p{N}_]",
    )
    .expect("the pattern is valid: a test uses it")
});
/// A name behind an at sign, wherever it stands.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"[@\u{ff20}][\p{L}\p{N}_](?:[\p{L}\p{N}_.\-]*[\p{L}\p{N}_])?(?:@[\p{L}\p{N}.\-]*[\p{L}\p{N}])?",
    )
    .expect("the pattern is valid: a test uses it")
});

/// Where in a redacted text placeholders stand that are words.
pub fn placeholders(text: &str) -> impl Iterator<Item = Range<usize>> {
    let all = [EMAIL, PHONE].into_iter();
    all.flat_map(|own| text.match_indices(own).map(|(at, own)| at..at + own.len()))
}

/// An identifier, or nothing where it is an address, which may hold a handle.
pub fn redact_id(id: &str) -> &str {
    if id.contains(['/', '@']) { "" } else { id }
}

/// The text with placeholders for handles, e-mail addresses and telephone numbers.
pub fn redact(text: &str) -> String {
    let mut tokens: Vec<Token> = Vec::new();
    tokenize(text, &mut tokens);
    let mut redacted = String::with_capacity(text.len());
    let mut written = 0;
    for token in tokens {
        let placeholder = match token.kind {
            TokenKind::Mention => HANDLE,
            TokenKind::Email => EMAIL,
            _ => continue,
        };
        redacted.push_str(&text[written..token.start as usize]);
        redacted.push_str(placeholder);
        written = token.end as usize;
    }
    redacted.push_str(&text[written..]);
    let redacted = ADDRESS.replace_all(&redacted, EMAIL);
    let redacted = NAME.replace_all(&redacted, HANDLE);
    let redacted = PLATFORM.replace_all(&redacted, SOMEBODYS_PAGE);
    let redacted = PAGE.replace_all(&redacted, SOMEBODYS_PAGE);
    let redacted = NUMBER.replace_all(&redacted, |captures: &regex::Captures| {
        let found = &captures[0];
        // Within a word or a link's path, such as a date or what the page is numbered by.
        let is_within = |before: char| before == '/' || before == '_' || before.is_alphanumeric();
        let is_part = captures.get(0).is_some_and(|found| redacted[..found.start()].ends_with(is_within));
        if is_part || NO_TELEPHONE.is_match(found.trim_start_matches('(')) {
            found.to_owned()
        } else {
            PHONE.to_owned()
        }
    });
    redacted.into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(redact(text), expected);
    }

    #[test]
    fn handles_addresses_and_numbers_go() {
        check("Ask @mo.patel or @kim@care.example!", "Ask @someone or @someone!");
        check("Mail jo.bloggs@trust.example, please", "Mail [e-mail], please");
        check("mailto:jo@trust.example", "mailto:[e-mail]");
        check("Ring 020 7946 0018 or +44 (0)20-7946-0018.", "Ring [phone number] or [phone number].");
        check("612 345 678 or (555) 010-0199", "[phone number] or [phone number]");
        check("https://social.example/@mo", "https://social.example/@someone");
        check("\u{ff20}mo says hi", "@someone says hi");
    }

    #[test]
    fn links_to_a_page_of_somebody_name_nobody() {
        check("See https://twitter.com/mo_p/status/12?s=1.", "See https://twitter.com/someone.");
        check("(www.linkedin.com/in/jo-bloggs)", "(www.linkedin.com/someone)");
        check(
            "https://social.example/users/ann/statuses/1",
            "https://social.example/users/someone/statuses/1",
        );
        check("https://box.com/ann https://x.com/", "https://box.com/ann https://x.com/");
        check("https://wa.me/442079460018", "https://wa.me/someone");
        check("https://web.example/20160501120000/news", "https://web.example/20160501120000/news");
        check("https://help.example/c05048175", "https://help.example/c05048175");
        check("https://news.example/c?d=e", "https://news.example/c?d=e");
        assert_eq!(redact_id("https://social.example/users/ann/statuses/1"), "");
        assert_eq!(redact_id("urn:li:share:7"), "urn:li:share:7");
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            "On 2026-05-01 and 01.05.2026, 12.5 % of 1,600 in 10 days",
            "12/05/2026 10.30, 2014 - 2016, (1882-1968), 2019/2020, 10.00-12.00",
            "1 200 000 of 12.000.000",
            "at 9",
        ] {
            check(text, text);
        }
    }

    proptest! {
        #[test]
        fn redacting_twice_changes_nothing_more(text in ".{0,60}") {
            let once = redact(&text);
            prop_assert_eq!(redact(&once), once);
        }

        #[test]
        fn no_handle_survives(before in "[a-z .,!/:(]{0,9}", name in "[a-z_]{3,9}[0-9]{0,3}") {
            let text = format!("{before} @{name}");
            let handle = format!("@{name}");
            prop_assert!(!redact(&text).contains(&handle) || handle == HANDLE);
        }
    }
}
