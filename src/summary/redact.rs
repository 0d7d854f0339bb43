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
    Regex::new(r"\+?\(?\p{Nd}(?:[ .()/\-\u{2010}-\u{2013}\u{a0}]{0,3}\p{Nd}){6,}")
        .expect("the pattern is valid: a test uses it")
});
/// What a telephone number looks like: with a zero, a plus or a country's number in front, as in America, in threes, or without a gap.
static TELEPHONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^\(?(?:
        \+ .*
        | \(?0 [\p{Nd}\ ().\-\u{2010}-\u{2013}\u{a0}]* (?:/ \ ? [\p{Nd}\ \-]+)?
        | (?:1|27|33|34|44|49|61|64|91|234|353) [\ .\-(] .*
        | (?:1[\ .\-])? \(?[\p{Nd}&&[^01]]\p{Nd}{2}\)? [\ .\-\u{2010}-\u{2013}]{1,3} \p{Nd}{3} [\ .\-\u{2010}-\u{2013}] \p{Nd}{4}
        | \p{Nd}{3} [\ .\-] \p{Nd}{3} [\ .\-] \p{Nd}{3}
        | \p{Nd}{3} [\ .\-\u{2010}-\u{2013}] \p{Nd}{4}
        | \p{Nd}{7,15}
        )$",
    )
    .expect("the pattern is valid: a test uses it")
});
/// One beside other numbers: with a plus, or a zero that begins a number.
static TELEPHONE_WITHIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:\+|\(?\b0[1-9])\p{Nd}(?:[ ().\-\u{2010}-\u{2013}\u{a0}]{0,3}\p{Nd}){6,}")
        .expect("the pattern is valid: a test uses it")
});
/// What reads like one and is none: dates, hours from and to, decimals, millions in groups of three.
static NO_TELEPHONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^\(?(?:
        [12][0-9]{3} [-./] [0-9]{1,2} [-./] [0-9]{1,2} .*
        | [0-9]{1,2} [-./] [0-9]{1,2} [-./] [12][0-9]{3} .*
        | [0-9]{1,2} [-./] [0-9]{1,2} \x20?[-\u{2013}]\x20? [0-9]{1,2} [-./] [0-9]{1,2}
        | (?:19|20)[0-9]{6}
        | [0-2][0-9][0-5][0-9] \x20?[-\u{2013}]\x20? [0-2][0-9][0-5][0-9]
        | [0-9]{1,2} \. [0-9]{2} \x20?[-\u{2013}]\x20? [0-9]{1,2} \. [0-9]{2}
        | 0 \. [0-9]+
        | [1-9][0-9]? (?: [\x20.] [0-9]{3} )+
        )$",
    )
    .expect("the pattern is valid: a test uses it")
});
/// An address that the tokenizer does not take for one, as in `mailto:a@b.org` or a link.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[\p{L}\p{N}._%+\-]+(?:@|%40)[\p{L}\p{N}\-]+(?:\.[\p{L}\p{N}\-]+)+")
        .expect("the pattern is valid: a test uses it")
});
/// A link into a platform: nearly all paths lead to somebody.
static PLATFORM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)\b((?:[\p{L}\p{N}\-]+\.)*
        (?: (?:x|twitter|linkedin|facebook|fb|instagram|tiktok|reddit|github|gist\.github|flickr|pinterest|snapchat|vk|medium|mixcloud|soundcloud|patreon)\.com
        | threads\.(?:com|net) | bsky\.app | t\.me | wa\.me | fb\.me | nitter\.[a-z]+ | twitch\.tv | orcid\.org | about\.me | linktr\.ee )/)
        [^\s\x22<>]*[\p{L}\p{N}_=/]",
    )
    .expect("the pattern is valid: a test uses it")
});
/// A name behind a part of a link that says that one follows, or as the whole path at a site of channels.
static PAGE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(\.[a-z]{2,}/(?:[^\s\x22<>]*/)?(?:users?|profile|channel|c)/|\byoutube\.com/)([\p{L}\p{N}_.\-]*[\p{L}\p{N}_])",
    )
    .expect("the pattern is valid: a test uses it")
});
/// Paths of a site of channels that are no channel.
const NO_CHANNEL: [&str; 9] =
    ["watch", "shorts", "playlist", "live", "embed", "results", "channel", "user", "c"];
/// A site of somebody's own at a platform, and a handle of Bluesky.
static OWN_SITE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b[\p{L}\p{N}][\p{L}\p{N}\-]*(\.(?:bsky\.social|tumblr\.com|substack\.com|medium\.com|blogspot\.com|wordpress\.com))\b")
        .expect("the pattern is valid: a test uses it")
});
/// A handle of Reddit.
static REDDITOR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(^|[^\p{L}\p{N}])u/[\p{L}\p{N}_\-]{3,20}\b").expect("the pattern is valid: a test uses it")
});
/// A name behind an at sign, wherever it stands; behind a word it is an address.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"([\p{L}\p{N}_.%+\-]*[\p{L}\p{N}_])?[@\u{ff20}][\p{L}\p{N}_](?:[\p{L}\p{N}_.\-]*[\p{L}\p{N}_])?(?:@[\p{L}\p{N}.\-]*[\p{L}\p{N}])?",
    )
    .expect("the pattern is valid: a test uses it")
});

/// Where in a redacted text placeholders stand that are words.
pub fn placeholders(text: &str) -> impl Iterator<Item = Range<usize>> {
    let all = [EMAIL, PHONE].into_iter();
    all.flat_map(|own| text.match_indices(own).map(|(at, own)| at..at + own.len()))
}

/// The identifier of a post, or nothing where it is an address, which may hold a handle, or holds what its author is called.
pub fn redact_id<'i>(id: &'i str, author: &str) -> &'i str {
    const LEAST: usize = 3;
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let author = plain(author);
    let names_author = author.len() >= LEAST && plain(id).contains(&author);
    if names_author || id.contains(['/', '@']) { "" } else { id }
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
    let redacted = REDDITOR.replace_all(&redacted, "${1}u/someone");
    let redacted = NAME.replace_all(
        &redacted,
        |found: &regex::Captures| {
            if found.get(1).is_some() { EMAIL } else { HANDLE }
        },
    );
    let redacted = PLATFORM.replace_all(&redacted, SOMEBODYS_PAGE);
    let redacted = PAGE.replace_all(&redacted, |found: &regex::Captures| {
        let is_page = !NO_CHANNEL.iter().any(|path| found[2].eq_ignore_ascii_case(path));
        if is_page { format!("{}someone", &found[1]) } else { found[0].to_owned() }
    });
    let redacted = OWN_SITE.replace_all(&redacted, "someone$1");
    let redacted = NUMBER.replace_all(&redacted, |captures: &regex::Captures| {
        let found = &captures[0];
        // Within a word or a link, such as a date or what a page is numbered by.
        let before = captures.get(0).map_or("", |found| &redacted[..found.start()]);
        let run = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        let is_link = run.contains("://") || run.contains("www.");
        let is_part = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if is_part || is_link || NO_TELEPHONE.is_match(found) {
            found.to_owned()
        } else if TELEPHONE.is_match(found) {
            PHONE.to_owned()
        } else {
            TELEPHONE_WITHIN.replace_all(found, PHONE).into_owned()
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
        check("Room 2 020 7946 0018", "Room 2 [phone number]");
        check("44 20 7946 0018, 079460018, 030/1234567", "[phone number], [phone number], [phone number]");
        check(
            "\u{ff12}\u{ff10}\u{ff18}-\u{ff19}\u{ff19}\u{ff11}-\u{ff14}\u{ff15}\u{ff17}\u{ff14}",
            "[phone number]",
        );
        check("thanks u/ann_example and ann.bsky.social", "thanks u/someone and someone.bsky.social");
        check("https://x.example/?mail=jo%40trust.example", "https://x.example/?mail=[e-mail]");
        check("https://social.example/@mo", "https://social.example/@someone");
        check("\u{ff20}mo says hi, a\u{ff20}b too", "@someone says hi, [e-mail] too");
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
        check(
            "https://www.youtube.com/ann https://youtube.com/watch?v=a",
            "https://www.youtube.com/someone https://youtube.com/watch?v=a",
        );
        check("https://wa.me/442079460018", "https://wa.me/someone");
        check("https://web.example/20160501120000/news", "https://web.example/20160501120000/news");
        check("https://help.example/c05048175", "https://help.example/c05048175");
        check("https://news.example/c?d=e", "https://news.example/c?d=e");
        assert_eq!(redact_id("https://social.example/users/ann/statuses/1", ""), "");
        assert_eq!(redact_id("tw-ann_example-7", "Ann Example"), "");
        assert_eq!(redact_id("urn:li:share:7", "ann"), "urn:li:share:7");
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            "On 2026-05-01 and 01.05.2026, 12.5 % of 1,600 in 10 days",
            "12/05/2026 10.30, 2014 - 2016, (1882-1968), 2019/2020, 10.00-12.00",
            "1 200 000 of 12.000.000",
            "10/24/2021 7:16 PM, 11/7-11/13, 31/10 - 2/11, since March 2020. 385,817 people",
            "0945 \u{2013} 1300, 10 000-12 000 people, 2019 2020 2021 2022, 20211224, 16 20 24 28 32 36",
            "p = 0.0001234567, 29/02/12 10am, https://news.example/article-3054823/record?id=1234567",
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
