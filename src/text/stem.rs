//! Tokens → stems: one spelling for what counts as the same term.
//!
//! Snowball stems by rust-stemmers, which wants lower case and a straight apostrophe.

use rust_stemmers::Algorithm;

use crate::text::{Language, TokenKind};

/// Turns tokens into stems in one language.
pub struct Stemmer {
    inner: rust_stemmers::Stemmer,
}

impl Stemmer {
    /// A stemmer of that language.
    pub fn new(language: Language) -> Self {
        Self { inner: rust_stemmers::Stemmer::create(algorithm(language)) }
    }

    /// The stem of a token: a word's stem, the placeholder of a URL, mention, e-mail address or number, the sign
    /// itself for punctuation and emoji. `word` is the token as [`write_normalized`] leaves it.
    pub fn stem<'a>(&self, kind: TokenKind, word: &'a str) -> std::borrow::Cow<'a, str> {
        match kind {
            TokenKind::SentenceStart => "<s>".into(),
            TokenKind::Number => "<number>".into(),
            TokenKind::Url => "<url>".into(),
            TokenKind::Mention => "<mention>".into(),
            TokenKind::Email => "<email>".into(),
            TokenKind::Hash => "#".into(),
            TokenKind::Emoji => word.into(),
            TokenKind::Punctuation if word.len() > 1 && word.starts_with('.') => "\u{2026}".into(),
            TokenKind::Punctuation => match word {
                "\u{201c}" | "\u{201d}" | "\u{201e}" | "\u{ab}" | "\u{bb}" => "\"".into(),
                _ => word.into(),
            },
            TokenKind::Word => self.inner.stem(word),
        }
    }
}

/// Puts the lower-case form of a token into `word`, with a straight apostrophe for the curly ones and with two of a
/// letter that stands three times or more in a row (`soooo` counts as `soo`).
pub fn write_normalized(token: &str, word: &mut String) {
    word.clear();
    if token.is_ascii() {
        push_normalized(token.bytes().map(|byte| char::from(byte.to_ascii_lowercase())), word);
    } else {
        push_normalized(token.chars().flat_map(char::to_lowercase), word);
    }
}

fn push_normalized(lower_case: impl Iterator<Item = char>, word: &mut String) {
    let mut last_two = [None; 2];
    for character in lower_case {
        let character = match character {
            '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{ff07}' => '\'',
            _ => character,
        };
        if !(character.is_alphabetic() && last_two == [Some(character); 2]) {
            word.push(character);
            last_two = [last_two[1], Some(character)];
        }
    }
}

fn algorithm(language: Language) -> Algorithm {
    match language {
        Language::Arabic => Algorithm::Arabic,
        Language::Danish => Algorithm::Danish,
        Language::Dutch => Algorithm::Dutch,
        Language::English => Algorithm::English,
        Language::Finnish => Algorithm::Finnish,
        Language::French => Algorithm::French,
        Language::German => Algorithm::German,
        Language::Greek => Algorithm::Greek,
        Language::Hungarian => Algorithm::Hungarian,
        Language::Italian => Algorithm::Italian,
        Language::Norwegian => Algorithm::Norwegian,
        Language::Portuguese => Algorithm::Portuguese,
        Language::Romanian => Algorithm::Romanian,
        Language::Russian => Algorithm::Russian,
        Language::Spanish => Algorithm::Spanish,
        Language::Swedish => Algorithm::Swedish,
        Language::Tamil => Algorithm::Tamil,
        Language::Turkish => Algorithm::Turkish,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(token: &str, expected: &str) {
        let mut word = String::new();
        write_normalized(token, &mut word);
        assert_eq!(Stemmer::new(Language::English).stem(TokenKind::Word, &word), expected, "{token}");
    }

    #[test]
    fn words_of_one_stem_meet() {
        check("Caring", "care");
        check("CARES", "care");
    }

    #[test]
    fn letters_in_a_row_are_at_most_two() {
        check("SOOOOooo", "soo");
        check("bookkeeper", "bookkeep");
    }

    #[test]
    fn a_curly_apostrophe_stems_like_a_straight_one() {
        check("dog's", "dog");
        check("dog’s", "dog");
        check("Don’t", "don't");
    }
}
