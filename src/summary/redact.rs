//! A text without handles, e-mail addresses and telephone numbers. What stands instead reads as what was there, for
//! people and for the tokenizer.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;

use crate::text::{Token, TokenKind, tokenize};

/// What stands for a handle.
pub const HANDLE: &str = "@someone";
/// What stands for an e-mail address.
pub const EMAIL: &str = "[e-mail]";
/// What stands for a telephone number.
pub const PHONE: &str = "[phone number]";

/// Digits from which on a number may be somebody's telephone.
const MIN_DIGITS: usize = 7;

/// A run that may be a telephone number: digits with spaces, dots, dashes, slashes and brackets between them.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\+?\(?[0-9](?:[ .()/\-\u{2010}-\u{2013}\u{a0}]{0,3}[0-9]){6,}")
        .expect("the pattern is valid: a test uses it")
});
/// A date, which is no telephone number.
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[12][0-9]{3}[-./][0-9]{1,2}[-./][0-9]{1,2}|[0-9]{1,2}[-./][0-9]{1,2}[-./][12][0-9]{3})$")
        .expect("the pattern is valid: a test uses it")
});
/// An address that the tokenizer does not take for one, as in `mailto:a@b.org` or a link.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[\p{L}\p{N}._%+\-]+@[\p{L}\p{N}\-]+(?:\.[\p{L}\p{N}\-]+)+")
        .expect("the pattern is valid: a test uses it")
});
/// A name behind an at sign, wherever it stands.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"[@\u{ff20}][\p{L}\p{N}_](?:[\p{L}\p{N}_.\-]*[\p{L}\p{N}_])?(?:@[\p{L}\p{N}.\-]*[\p{L}\p{N}])?",
    )
    .expect("the pattern is valid: a test uses it")
});

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
    let redacted = NUMBER.replace_all(&redacted, |found: &regex::Captures| {
        let found = &found[0];
        let n_digits = found.bytes().filter(u8::is_ascii_digit).count();
        if n_digits >= MIN_DIGITS && !DATE.is_match(found.trim()) {
            Cow::Borrowed(PHONE)
        } else {
            Cow::Owned(found.to_owned())
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
        check("https://social.example/@mo", "https://social.example/@someone");
        check("\u{ff20}mo says hi", "@someone says hi");
    }

    #[test]
    fn other_numbers_stay() {
        check(
            "On 2026-05-01 and 01.05.2026, 12.5 % of 1,600 in 10 days",
            "On 2026-05-01 and 01.05.2026, 12.5 % of 1,600 in 10 days",
        );
        check("at 9", "at 9");
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
