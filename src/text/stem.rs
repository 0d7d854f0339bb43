//! Tokens → stems: one spelling for what counts as the same term.
//!
//! Snowball stems by rust-stemmers, which wants lower case and a straight apostrophe. That costs as
//! much a word as a whole post does to parse, so English words that it would leave as they are do without.

use rust_stemmers::Algorithm;

use crate::text::{Language, TokenKind};

/// Turns tokens into stems in one language.
pub struct Stemmer {
    language: Language,
    inner: rust_stemmers::Stemmer,
}

/// Ends of English words on which a rule of Snowball acts. A word with none of them and without an apostrophe is its own stem.
const ENGLISH_ENDS: [&str; 14] =
    ["e", "i", "l", "s", "y", "ed", "er", "ic", "ant", "ent", "ing", "ion", "ism", "ator"];

impl Stemmer {
    /// A stemmer of that language.
    pub fn new(language: Language) -> Self {
        Self { language, inner: rust_stemmers::Stemmer::create(algorithm(language)) }
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
            TokenKind::Word if self.language == Language::English && is_english_stem(word) => word.into(),
            TokenKind::Word => self.inner.stem(word),
        }
    }
}

/// Whether Snowball's English rules leave a word in lower case as it is. Where not, they may still.
fn is_english_stem(word: &str) -> bool {
    !ENGLISH_ENDS.iter().any(|end| word.ends_with(end)) && !word.contains('\'')
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
    use proptest::prelude::*;

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

    fn check_is_stem(word: &str) {
        let stemmer = rust_stemmers::Stemmer::create(Algorithm::English);
        assert!(!is_english_stem(word) || stemmer.stem(word) == word, "{word}");
    }

    #[test]
    fn words_that_are_not_stemmed_are_their_own_stems() {
        let ends = ["", "ator", "isms", "eed", "bl", "iz", "'", "'s", "y", "é", "ß", "9", "-", "_"];
        for letter in 'a'..='z' {
            for start in ["", "b", "com", "generab", "ationab", "yayay", "skyb", "œuvr"] {
                for end in ends {
                    for twice in [1, 2] {
                        let letters = letter.to_string().repeat(twice);
                        check_is_stem(&format!("{start}{letters}{end}"));
                        check_is_stem(&format!("{start}{end}{letters}"));
                    }
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn so_are_random_ones(word in "[a-zé'9]{0,12}", end in "[aeioulystrn]{0,5}") {
            check_is_stem(&word);
            check_is_stem(&format!("{word}{end}"));
        }
    }
}
