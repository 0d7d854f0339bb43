//! A text as tokens, by the rules as they are documented, one string a token. Slow and plain on purpose.

use unicode_segmentation::UnicodeSegmentation;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    SentenceStart,
    Word,
    Number,
    Url,
    Mention,
    Email,
    Hash,
    Emoji,
    Punctuation,
}

#[derive(Clone, Debug)]
pub struct Token {
    pub kind: Kind,
    pub text: String,
}

/// Only so many bytes of a text are read.
const MAX_TEXT_LEN: usize = 1 << 20;

pub fn tokens(text: &str) -> Vec<Token> {
    let text = &text[..text.floor_char_boundary(MAX_TEXT_LEN)];
    let mut list = List { tokens: Vec::new(), sentence_starts: true };
    for chunk in text.split_whitespace() {
        // Words up to each special piece, the piece, and so on.
        let (mut start, mut search) = (0, 0);
        while let Some(found) = chunk[search..].find(['@', '#', ':', 'w', 'W', '&']) {
            let at = search + found;
            if let Some((kind, from, to)) = special(chunk, start, at) {
                list.words(&chunk[start..from]);
                if let Some(kind) = kind {
                    list.push(kind, &chunk[from..to]);
                }
                (start, search) = (to, to);
            } else {
                search = at + 1;
            }
        }
        list.words(&chunk[start..]);
    }
    list.tokens
}

struct List {
    tokens: Vec<Token>,
    sentence_starts: bool,
}

impl List {
    fn push(&mut self, kind: Kind, text: &str) {
        if self.sentence_starts {
            self.tokens.push(Token { kind: Kind::SentenceStart, text: String::new() });
            self.sentence_starts = false;
        }
        self.tokens.push(Token { kind, text: text.to_owned() });
    }

    fn words(&mut self, run: &str) {
        // Whether the last token ends where this piece begins.
        let mut touches = false;
        for piece in run.split_word_bounds() {
            let first = piece.chars().next().expect("a piece has a character");
            let has_letter = piece.chars().any(char::is_alphabetic);
            let before = touches;
            touches = true;
            let is_ordinal = first.is_numeric() && has_letter && !is_emoji(piece);
            if first.is_alphabetic() || first == '_' || is_ordinal {
                self.push(Kind::Word, piece);
            } else if is_emoji(piece) {
                self.push(Kind::Emoji, piece);
            } else if first.is_numeric() {
                self.push(Kind::Number, piece);
            } else if ".,;:()\"!?\u{2026}\u{201c}\u{201d}\u{201e}\u{ab}\u{bb}".contains(first) {
                let last = self.tokens.last_mut().filter(|last| {
                    first == '.'
                        && before
                        && last.kind == Kind::Punctuation
                        && last.text.chars().all(|dot| dot == '.')
                });
                if let Some(ellipsis) = last {
                    ellipsis.text.push_str(piece);
                    continue;
                }
                let ends_sentence = ".!?\u{2026}".contains(first);
                // A sign at the end of a sentence does not begin the next one.
                if ends_sentence && !self.tokens.is_empty() {
                    self.sentence_starts = false;
                }
                self.push(Kind::Punctuation, piece);
                self.sentence_starts = ends_sentence;
            } else {
                touches = false;
            }
        }
    }
}

/// The special piece around the sign at `at`, with what it is; nothing for what is left out of the tokens.
fn special(chunk: &str, start: usize, at: usize) -> Option<(Option<Kind>, usize, usize)> {
    let (before, behind) = (&chunk[start..at], &chunk[at + 1..]);
    let joins = before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
    match chunk.as_bytes()[at] {
        b'&' => {
            let name = behind.split(';').next()?;
            let closed = behind.len() > name.len();
            let sound = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#');
            let is_entity = closed && sound && (2..8).contains(&name.len());
            is_entity.then_some((None, at, at + name.len() + 2))
        }
        b'@' if joins => {
            let is_local = |c: char| c.is_alphanumeric() || "._+-".contains(c);
            let local = before.len() - before.trim_end_matches(is_local).len();
            let name = name(behind);
            (!name.is_empty()).then_some((Some(Kind::Email), at - local, at + 1 + name.len()))
        }
        b'@' => {
            let own = name(behind);
            let server = behind[own.len()..].strip_prefix('@').map_or("", name);
            let server_len = if server.is_empty() { 0 } else { 1 + server.len() };
            (!own.is_empty()).then_some((Some(Kind::Mention), at, at + 1 + own.len() + server_len))
        }
        b'#' => {
            let next = behind.chars().next()?;
            let is_hashtag = !joins && (next.is_alphabetic() || next == '_');
            is_hashtag.then_some((Some(Kind::Hash), at, at + 1))
        }
        b':' => {
            let lower = before.to_ascii_lowercase();
            let scheme = ["https", "http"].into_iter().find(|scheme| lower.ends_with(scheme))?;
            let end = at + 1 + url(behind).len();
            let is_url = behind.starts_with("//") && end > at + 3;
            is_url.then_some((Some(Kind::Url), at - scheme.len(), end))
        }
        _ => {
            let www = chunk.get(at..at + 4).is_some_and(|www| www.eq_ignore_ascii_case("www."));
            let is_url = www && chunk.len() > at + 4 && !joins;
            is_url.then(|| (Some(Kind::Url), at, at + 4 + url(&chunk[at + 4..]).len()))
        }
    }
}

fn name(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || "_-.".contains(c))).unwrap_or(text.len());
    text[..end].trim_end_matches(['.', '-'])
}

fn url(text: &str) -> &str {
    let end = text.find(['"', '<', '>', '\u{201c}', '\u{201d}', '\u{2026}']).unwrap_or(text.len());
    text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '\u{2019}'])
}

fn is_emoji(piece: &str) -> bool {
    piece.chars().any(|c| {
        matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{20e3}' | '\u{fe0f}')
    })
}

/// Lower case, straight apostrophes, at most two of a letter in a row.
pub fn normalized(token: &str) -> String {
    let mut word: Vec<char> = Vec::new();
    for c in token.chars().flat_map(char::to_lowercase) {
        let c = if "\u{2018}\u{2019}\u{2bc}\u{ff07}".contains(c) { '\'' } else { c };
        if !(c.is_alphabetic() && word.ends_with(&[c, c])) {
            word.push(c);
        }
    }
    word.into_iter().collect()
}
