//! A post's text → tokens → stems. Pure: nothing here can fail on any string. Floor 2.
//!
//! Knows nothing of vocabularies, weights or parents. Offsets are bytes in the text as it was given, so that a
//! token can always be shown where it stands.

mod language;
mod stem;
mod token;
mod word_bounds;

pub use self::{
    language::Language,
    stem::{Stemmer, write_normalized},
    token::{Token, TokenKind, tokenize},
};
