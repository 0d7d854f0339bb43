//! Whether a post gives, takes, or both: from its tags, and from what can be seen without a model.
//!
//! A post gives if it upholds a characteristic that stands for giving, answers somebody, carries a link, thanks, or
//! says whose work it is. It takes if it breaches such a characteristic, or asks its readers for something. A link in
//! a post that is tagged as taking is taken for part of the taking.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::{
    codebook::{Codebook, Pole},
    model::Scored,
    post::{Post, PostKind},
    summary::rate::Rate,
    text::{Token, TokenKind, tokenize, write_normalized},
};

/// The phrases as they stand in `ledger.toml`.
const PHRASES: &str = include_str!("ledger.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrases {
    thanks: Vec<String>,
    credits: Vec<String>,
    asks: Vec<String>,
}

static SHIPPED: LazyLock<Phrases> =
    LazyLock::new(|| toml::from_str(PHRASES).expect("a test reads the phrases"));

/// Which ways of giving and taking a post shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Gives.
    pub gives: bool,
    /// Takes.
    pub takes: bool,
}

/// How often posts give and take. Counts of marks, not of people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Posts that were looked at.
    pub posts: u64,
    /// Posts that give.
    pub gives: u64,
    /// Posts that take.
    pub takes: u64,
    /// Posts that do both.
    pub both: u64,
}

impl Balance {
    /// Counts a post.
    pub fn add(&mut self, marks: Marks) {
        self.posts += 1;
        self.gives += u64::from(marks.gives);
        self.takes += u64::from(marks.takes);
        self.both += u64::from(marks.gives && marks.takes);
    }

    /// Adds another balance.
    pub fn merge(&mut self, other: Self) {
        self.posts += other.posts;
        self.gives += other.gives;
        self.takes += other.takes;
        self.both += other.both;
    }

    /// Posts that only give, and posts that do only one of the two: what the balance is the share of.
    pub fn only_gives(self) -> (u64, u64) {
        let (gives, takes) = (self.gives - self.both, self.takes - self.both);
        (gives, gives + takes)
    }

    /// Of the posts that do only one of the two the share that gives.
    pub fn rate(self, min_posts: u64) -> Rate {
        let (gives, of) = self.only_gives();
        Rate::of_count(gives, of, min_posts)
    }
}

/// The marks of a post; `None` where its account has no characteristic that stands for giving (of several the first counts), where the
/// post was not judged on it, or where its kind does not count.
pub fn marks(post: &Post, scored: &Scored, codebook: &Codebook) -> Option<Marks> {
    let (place, characteristic) = codebook.judged(post.account).find(|(_, own)| own.gives_and_takes)?;
    let value = scored.values.get(place).copied().flatten()?;
    if !characteristic.counts(post.kind) {
        return None;
    }
    let seen = Seen::of(post.text);
    let tagged_as = |pole: Pole| value == pole.value();
    let takes = tagged_as(Pole::Breaches);
    let answers = matches!(post.kind, PostKind::Reply | PostKind::Comment);
    Some(Marks {
        gives: tagged_as(Pole::Upholds) || answers || seen.thanks || seen.credits || (seen.links && !takes),
        takes: takes || (seen.asks && !answers),
    })
}

/// What can be seen in a text.
#[derive(Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four things that a text shows or does not")]
struct Seen {
    links: bool,
    thanks: bool,
    credits: bool,
    asks: bool,
}

impl Seen {
    fn of(text: &str) -> Self {
        let mut tokens: Vec<Token> = Vec::new();
        tokenize(text, &mut tokens);
        let mut seen = Self::default();
        let (mut words, mut word) = (String::from(" "), String::new());
        for token in tokens {
            match token.kind {
                TokenKind::Url => seen.links = true,
                TokenKind::Word => {
                    write_normalized(token.of(text), &mut word);
                    words.push_str(&word);
                    words.push(' ');
                }
                TokenKind::Punctuation if token.of(text).contains('?') => seen.asks = true,
                _ => {}
            }
        }
        let has = |phrases: &[String]| {
            phrases.iter().any(|phrase| {
                words
                    .match_indices(phrase.as_str())
                    .any(|(at, _)| words[..at].ends_with(' ') && words[at + phrase.len()..].starts_with(' '))
            })
        };
        seen.thanks = has(&SHIPPED.thanks);
        seen.credits = has(&SHIPPED.credits);
        seen.asks |= has(&SHIPPED.asks);
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{codebook::Value, model::Status, post::Parent};

    fn check(text: &str, [links, thanks, credits, asks]: [bool; 4]) {
        assert_eq!(Seen::of(text), Seen { links, thanks, credits, asks }, "{text}");
    }

    #[test]
    fn links_thanks_credits_and_asks_are_seen() {
        check("Notes are at https://notes.example", [true, false, false, false]);
        check("Thank you, Mary!", [false, true, false, false]);
        check("Slides h/t @mo", [false, false, true, false]);
        check("Please vote for us", [false, false, false, true]);
        check("Anyone with experience of night splints?", [false, false, false, true]);
        check("A viaduct, thankless work", [false; 4]);
    }

    #[test]
    fn a_link_in_a_post_that_takes_is_no_gift() {
        let mut codebook = Codebook::from_labels(&["sharing"]);
        codebook.characteristics[0].gives_and_takes = true;
        let scored = |value| Scored {
            status: Status::Ok,
            probabilities: vec![[Some(0.5); 2]],
            values: vec![Some(value)],
        };
        let post = Post::from_text("My book is out: https://books.example");
        let marks_of = |post: &Post, value| marks(post, &scored(value), &codebook);
        assert_eq!(marks_of(&post, Value::Breaches), Some(Marks { gives: false, takes: true }));
        assert_eq!(marks_of(&post, Value::Neither), Some(Marks { gives: true, takes: false }));
        let reply =
            Post { kind: PostKind::Reply, parent: Parent::Text("How?"), ..Post::from_text("Like so?") };
        assert_eq!(marks_of(&reply, Value::Neither), Some(Marks { gives: true, takes: false }));
        codebook.characteristics[0].gives_and_takes = false;
        assert_eq!(marks(&post, &scored(Value::Neither), &codebook), None);
    }
}
