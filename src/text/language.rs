//! The languages that the stemmer knows, and which of them a text is in.
//!
//! Detection (whatlang: trigrams and scripts) is a guess, and no good below a few words; callers ask only where the
//! vocabulary is at a loss. Text of a language without a stemmer is taken for its nearest neighbour.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use whatlang::{Detector, Lang};

macro_rules! languages {
    ($($name:ident $code:literal $lang:ident,)*) => {
        /// A language that posts can be stemmed in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Language {
            $(#[doc = concat!(stringify!($name), ", `", $code, "`.")] #[serde(rename = $code)] $name,)*
        }

        impl Language {
            /// All languages, by name.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The two-letter code of ISO 639-1.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The English name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }

            fn lang(self) -> Lang {
                match self { $(Self::$name => Lang::$lang),* }
            }
        }
    };
}

languages! {
    Arabic "ar" Ara,
    Danish "da" Dan,
    Dutch "nl" Nld,
    English "en" Eng,
    Finnish "fi" Fin,
    French "fr" Fra,
    German "de" Deu,
    Greek "el" Ell,
    Hungarian "hu" Hun,
    Italian "it" Ita,
    Norwegian "nb" Nob,
    Portuguese "pt" Por,
    Romanian "ro" Ron,
    Russian "ru" Rus,
    Spanish "es" Spa,
    Swedish "sv" Swe,
    Tamil "ta" Tam,
    Turkish "tr" Tur,
}

/// Knows the languages with a stemmer only: each has a profile to be compared with, and takes its time.
static DETECTOR: LazyLock<Detector> = LazyLock::new(|| {
    Detector::with_allowlist(Language::ALL.iter().map(|language| language.lang()).collect())
});

impl Language {
    /// The language of that code (`en`, also `en-GB` or `EN_gb`). `None` for a language without a stemmer.
    pub fn from_code(code: &str) -> Option<Self> {
        let primary = primary(code);
        let primary = if primary.eq_ignore_ascii_case("no") { "nb" } else { primary };
        Self::ALL.iter().copied().find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// Whether a platform's code says another language, with a stemmer or without. Only codes of two letters do: `und`, `zxx`, `qme`
    /// and the like name none.
    pub fn is_not(self, code: &str) -> bool {
        primary(code).len() == 2 && Self::from_code(code) != Some(self)
    }

    /// The language that a text is plainly in, if it is one of these.
    pub fn guess(text: &str) -> Option<Self> {
        let info = DETECTOR.detect(text).filter(whatlang::Info::is_reliable)?;
        Self::ALL.iter().copied().find(|language| language.lang() == info.lang())
    }

    /// Whether a text is plainly in another language. In doubt it is not.
    pub fn is_plainly_not(self, text: &str) -> bool {
        DETECTOR.detect(text).is_some_and(|info| info.is_reliable() && info.lang() != self.lang())
    }
}

/// A code without its region.
fn primary(code: &str) -> &str {
    code.split(['-', '_']).next().unwrap_or(code).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_in_any_dress() {
        assert_eq!(Language::from_code("en-GB"), Some(Language::English));
        assert_eq!(Language::from_code("ES_mx"), Some(Language::Spanish));
        assert_eq!(Language::from_code("no"), Some(Language::Norwegian));
        assert_eq!(Language::from_code("und"), None);
    }

    #[test]
    fn a_code_says_another_language_also_one_without_a_stemmer() {
        let english = Language::English;
        assert!(["cy", "ES_mx", "ja", "no"].into_iter().all(|code| english.is_not(code)));
        assert!(["en", "EN-gb", "und", "zxx", "qme", ""].into_iter().all(|code| !english.is_not(code)));
    }

    #[test]
    fn another_language_is_told_only_where_it_is_plain() {
        let english = Language::English;
        assert!(
            !english.is_plainly_not("The slides of this morning are up, thank you all for coming along.")
        );
        assert!(!english.is_plainly_not("ok"));
        assert!(
            english.is_plainly_not(
                "Mañana por la tarde tenemos una charla sobre la salud mental de los jóvenes"
            )
        );
        assert!(english.is_plainly_not("Спасибо всем, кто пришёл сегодня на встречу нашей группы"));
    }
}
