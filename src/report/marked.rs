//! A quotation with the words marked that speak for a tag, harmless whatever the post holds.

use std::{collections::BTreeSet, ops::Range};

use crate::{
    codebook::Pole,
    features::CueList,
    model::Model,
    post::{Account, Parent, Post},
    summary::{QUOTED, Quote, placeholders},
    text::{Stemmer, Token, TokenKind, tokenize, write_normalized},
};

/// Contributions that are marked at most.
const MAX_MARKED: usize = 8;
/// The share of the largest contribution below which one is not marked.
const MIN_SHARE: f64 = 0.15;
/// Characters of a name, id or date that are shown.
const MAX_NAME: usize = 60;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its characters.
    pub text: String,
    /// Whether it speaks for the tag.
    pub marked: bool,
}

/// Marks words in quotations.
pub struct Marker<'m> {
    model: &'m Model,
    stemmer: Stemmer,
}

impl<'m> Marker<'m> {
    /// A marker of what that model weighs.
    pub fn new(model: &'m Model) -> Self {
        Self { model, stemmer: Stemmer::new(model.analyzer.language()) }
    }

    /// The quotation in pieces; `shown` makes of a text what may be shown. Of a long one the part where the words stand that bear most.
    pub fn mark(
        &self,
        quote: &Quote,
        account: Account,
        place: usize,
        pole: Pole,
        shown: impl Fn(&str) -> String,
    ) -> Vec<Piece> {
        let text = plain(&shown(&quote.text));
        let parent = quote.parent.as_deref().map_or(Parent::None, Parent::Text);
        let explained = self.model.explain(&Post { account, parent, ..Post::from_text(&quote.text) });
        let tag = &self.model.codebook.characteristics[place].pole(pole).tag;
        let own = explained.tags.iter().find(|own| own.tag == *tag);
        let contributions =
            own.iter().flat_map(|own| &own.contributions).filter(|own| own.contribution > 0.0);
        self.pieces(&text, contributions.map(|own| (own.name.as_str(), own.contribution)))
    }

    /// The text in pieces, with the words marked that bear `contributions`, given largest first. What no word bears, such as a
    /// post's length, is passed over and no measure for the others.
    fn pieces<'c>(&self, text: &str, contributions: impl Iterator<Item = (&'c str, f64)>) -> Vec<Piece> {
        let mut tokens: Vec<Token> = Vec::new();
        tokenize(text, &mut tokens);
        let (mut stems, mut words, mut word) = (Vec::new(), Vec::new(), String::new());
        for token in &tokens {
            write_normalized(token.of(text), &mut word);
            stems.push(self.stemmer.stem(token.kind, &word).into_owned());
            words.push(word.clone());
        }
        let hidden: Vec<Range<usize>> = placeholders(text).collect();
        let is_shown = |token: &Token| {
            // A full stop or a comma says nothing to people, whatever it weighs, nor what stands for a number or an address.
            let is_stop = token.of(text).chars().all(|c| c.is_ascii_punctuation() && c != '?' && c != '!');
            let is_placeholder = hidden.iter().any(|hidden| hidden.contains(&(token.start as usize)));
            token.kind != TokenKind::SentenceStart && !is_stop && !is_placeholder
        };
        let places = |name: &str| -> Vec<usize> {
            let found = match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
                None => find(&stems, name),
                Some(cue) => phrases(self.model.analyzer.cues(), cue)
                    .iter()
                    .flat_map(|phrase| find(&words, phrase))
                    .collect(),
            };
            found.into_iter().filter(|&at| is_shown(&tokens[at])).collect()
        };
        let mut borne = contributions
            .map(|(name, contribution)| (places(name), contribution))
            .filter(|(places, _)| !places.is_empty())
            .take(MAX_MARKED)
            .peekable();
        let largest = borne.peek().map_or(0.0, |&(_, contribution)| contribution);
        let strongest = borne.peek().map_or(0, |(places, _)| tokens[places[0]].start as usize);
        let marked: BTreeSet<usize> = borne
            .take_while(|&(_, contribution)| contribution >= MIN_SHARE * largest)
            .flat_map(|(places, _)| places)
            .collect();
        let part = part_around(text, strongest);
        let mut pieces = Vec::new();
        let mut push = |text: &str, marked: bool| {
            if !text.is_empty() {
                pieces.push(Piece { text: text.to_owned(), marked });
            }
        };
        push(if part.start > 0 { "\u{2026}" } else { "" }, false);
        let mut written = part.start;
        for at in marked {
            let (start, end) = (tokens[at].start as usize, tokens[at].end as usize);
            if part.start <= start && end <= part.end {
                push(&text[written..start], false);
                push(&text[start..end], true);
                written = end;
            }
        }
        push(&text[written..part.end], false);
        push(if part.end < text.len() { "\u{2026}" } else { "" }, false);
        pieces
    }
}

/// The part of a text that is shown: its beginning, or where `place` is far from that what stands around it.
fn part_around(text: &str, place: usize) -> Range<usize> {
    let back = |from: usize, n: usize| text[..from].char_indices().rev().nth(n).map_or(0, |(at, _)| at);
    let ahead = |from: usize| text[from..].char_indices().nth(QUOTED).map_or(text.len(), |(at, _)| from + at);
    if place < ahead(0) {
        return 0..ahead(0);
    }
    let start = back(place, QUOTED / 2);
    // From the next word on.
    let start = start + text[start..place].find(' ').map_or(0, |at| at + 1);
    start..ahead(start)
}

/// The phrases of the cue of that name; a cue that is counted by code has none.
fn phrases<'c>(cues: &'c CueList, name: &str) -> &'c [String] {
    cues.cue.iter().find(|cue| cue.name == name).map_or(&[], |cue| cue.phrases.as_slice())
}

/// The places where words stand that are parted by spaces in `run`.
fn find(words: &[String], run: &str) -> Vec<usize> {
    let run: Vec<&str> = run.split(' ').collect();
    let starts = words.windows(run.len()).enumerate().filter(|(_, window)| *window == run);
    starts.flat_map(|(at, _)| at..at + run.len()).collect()
}

/// A text without control characters and without those that turn the direction of what follows.
pub fn plain(text: &str) -> String {
    let is_direction = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|&c| !is_direction(c)).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A name, id or date of a length that fits a table.
pub fn short(name: &str) -> String {
    let name = plain(name);
    match name.char_indices().nth(MAX_NAME) {
        Some((end, _)) => format!("{}\u{2026}", &name[..end]),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_that_bear_most_are_marked_where_they_stand() {
        let model = Model::shipped().expect("the shipped model");
        let marker = Marker::new(&model);
        let pieces = marker.pieces(
            "We learned a lot. Thank you, falls team!",
            [
                ("[length]", 9.0),
                (".", 5.0),
                ("learn", 1.0),
                ("fall team", 0.9),
                ("[thanks or wish]", 0.15),
                ("lot", 0.1),
            ]
            .into_iter(),
        );
        let marked: Vec<&str> =
            pieces.iter().filter(|piece| piece.marked).map(|piece| piece.text.as_str()).collect();
        assert_eq!(marked, ["learned", "Thank", "falls", "team"]);
        let whole: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(whole, "We learned a lot. Thank you, falls team!");
    }

    #[test]
    fn of_a_long_text_the_part_is_shown_that_bears_most() {
        let model = Model::shipped().expect("the shipped model");
        let marker = Marker::new(&model);
        let text =
            format!("{}I nearly cried at home. {}[phone number]", "so so ".repeat(100), "no no ".repeat(100));
        let pieces = marker.pieces(&text, [("cri", 2.0), ("number", 2.0), ("so", 1.0)].into_iter());
        let whole: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert!(whole.starts_with("\u{2026}so ") && whole.ends_with('\u{2026}'), "{whole}");
        assert!((QUOTED..QUOTED + 3).contains(&whole.chars().count()), "{}", whole.chars().count());
        assert!(pieces.contains(&Piece { text: "cried".to_owned(), marked: true }));
        assert_eq!(part_around("short", 3), 0..5);
        let pieces = marker.pieces("a [phone number]", [("number", 2.0)].into_iter());
        assert_eq!(pieces, [Piece { text: "a [phone number]".to_owned(), marked: false }]);
    }

    #[test]
    fn what_turns_the_page_around_is_gone() {
        assert_eq!(plain("a\u{202e}b\u{2066}c\u{0}d\ne"), "abc d e");
        assert_eq!(short(&"x".repeat(100)).chars().count(), MAX_NAME + 1);
    }
}
