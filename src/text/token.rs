//! Text → tokens: words after UAX #29, and beside them what that standard takes apart: URLs, mentions, e-mail
//! addresses, hashtags, emoji, the ends of sentences.
//!
//! Does not change a character: [`write_normalized`](crate::text::write_normalized) does. No good for scripts that
//! write without spaces: UAX #29 cuts Chinese and Japanese into characters.

use crate::text::word_bounds::{ascii_word_len, for_each_piece};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// The start of the text or of a sentence; empty.
    SentenceStart,
    /// A word, a contraction in one piece.
    Word,
    /// Digits, with the signs that belong to a number.
    Number,
    /// `https://…`, `http://…` or `www.…`.
    Url,
    /// `@name` or `@name@server`.
    Mention,
    /// `name@server`.
    Email,
    /// The `#` of a hashtag; its word follows as a word.
    Hash,
    /// One emoji with all its joiners and modifiers.
    Emoji,
    /// One of `. , ; : ( ) " ! ?` or an ellipsis.
    Punctuation,
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Offset of its first byte.
    pub start: u32,
    /// Offset of the byte behind its last.
    pub end: u32,
}

impl Token {
    /// The characters of the token in the text that it was cut from.
    pub fn of(self, text: &str) -> &str {
        &text[self.start as usize..self.end as usize]
    }
}

/// Bytes of a text that are read; what lies behind is left out, so that offsets fit and no post takes seconds.
const MAX_TEXT_LEN: usize = 1 << 20;

/// Cuts `text` into `tokens`, which is emptied first.
pub fn tokenize(text: &str, tokens: &mut Vec<Token>) {
    tokens.clear();
    let text = &text[..text.floor_char_boundary(MAX_TEXT_LEN)];
    let mut cutter = Cutter { text, tokens, sentence_starts: true };
    let mut start = 0;
    while start < text.len() {
        let end = cutter.plain_word(start).unwrap_or_else(|| {
            let rest = &text[start..];
            let end = start + rest.find(char::is_whitespace).unwrap_or(rest.len());
            cutter.chunk(start, end);
            end
        });
        start = end + white_space_len(&text[end..]);
    }
}

/// Bytes of white space that a text begins with.
fn white_space_len(text: &str) -> usize {
    match text.as_bytes() {
        // One space, as almost always.
        [b' ', next, ..] if next.is_ascii_graphic() => 1,
        _ => text.len() - text.trim_start().len(),
    }
}

struct Cutter<'a> {
    text: &'a str,
    tokens: &'a mut Vec<Token>,
    sentence_starts: bool,
}

impl Cutter<'_> {
    fn push(&mut self, kind: TokenKind, start: usize, end: usize) {
        if std::mem::take(&mut self.sentence_starts) {
            let at = start as u32;
            self.tokens.push(Token { kind: TokenKind::SentenceStart, start: at, end: at });
        }
        self.tokens.push(Token { kind, start: start as u32, end: end as u32 });
    }

    /// Cuts a run without white space that is one ASCII word and perhaps a sign, as most are. Returns its end, or `None`
    /// where it is anything else.
    fn plain_word(&mut self, start: usize) -> Option<usize> {
        let bytes = &self.text.as_bytes()[start..];
        let is_letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
        if !is_letter(0) {
            return None;
        }
        let mut len = ascii_word_len(bytes);
        if bytes.get(len) == Some(&b'\'') && is_letter(len - 1) && is_letter(len + 1) {
            len += 1;
            len += ascii_word_len(&bytes[len..]);
        }
        let ends = |at: usize| bytes.get(at).is_none_or(|byte| matches!(byte, b' ' | b'\t'..=b'\r'));
        let sign = bytes.get(len).copied().filter(|_| !ends(len));
        if sign.is_some_and(|sign| !(is_punctuation(sign.into()) && ends(len + 1))) {
            return None;
        }
        let end = start + len;
        self.push(TokenKind::Word, start, end);
        let Some(sign) = sign else { return Some(end) };
        self.punctuation(sign.into(), end, end + 1);
        Some(end + 1)
    }

    /// Cuts a run without white space: words up to each special piece, the piece, and so on.
    fn chunk(&mut self, mut start: usize, end: usize) {
        let mut search = start;
        while search < end {
            let rest = &self.text.as_bytes()[search..end];
            let Some(found) =
                rest.iter().position(|byte| matches!(byte, b'@' | b'#' | b':' | b'w' | b'W' | b'&'))
            else {
                break;
            };
            match self.special(start, search + found, end) {
                Some((kind, special_start, special_end)) => {
                    self.words(start, special_start);
                    if let Some(kind) = kind {
                        self.push(kind, special_start, special_end);
                    }
                    start = special_end;
                    search = special_end;
                }
                None => search += found + 1,
            }
        }
        self.words(start, end);
    }

    /// The special piece around the sign at `at`, within `start..end`, if there is one; without a kind where it is no
    /// token.
    fn special(&self, start: usize, at: usize, end: usize) -> Option<(Option<TokenKind>, usize, usize)> {
        let text = self.text;
        if text.as_bytes()[at] == b'&' {
            return entity_end(text, at, end).map(|entity_end| (None, at, entity_end));
        }
        self.special_token(start, at, end).map(|(kind, from, to)| (Some(kind), from, to))
    }

    fn special_token(&self, start: usize, at: usize, end: usize) -> Option<(TokenKind, usize, usize)> {
        let text = self.text;
        let bytes = text.as_bytes();
        let before = text[start..at].chars().next_back();
        let joins_before = before.is_some_and(|character| character.is_alphanumeric() || character == '_');
        match bytes[at] {
            b'@' => {
                let name_end = name_end(text, at + 1, end);
                if joins_before {
                    let local = text[start..at].rfind(|c: char| !(c.is_alphanumeric() || "._+-".contains(c)));
                    let local_start = local.map_or(start, |i| {
                        start + i + text[start + i..].chars().next().map_or(1, char::len_utf8)
                    });
                    return (name_end > at + 1).then_some((TokenKind::Email, local_start, name_end));
                }
                if name_end == at + 1 {
                    return None;
                }
                // The second part of @name@server.
                let server_end = (name_end < end && bytes[name_end] == b'@')
                    .then(|| self::name_end(text, name_end + 1, end))
                    .filter(|&server_end| server_end > name_end + 1);
                Some((TokenKind::Mention, at, server_end.unwrap_or(name_end)))
            }
            b'#' => {
                let next = text[at + 1..end].chars().next()?;
                (!joins_before && (next.is_alphabetic() || next == '_')).then_some((
                    TokenKind::Hash,
                    at,
                    at + 1,
                ))
            }
            b':' => {
                let scheme = ["https", "http"].into_iter().find(|scheme| {
                    text[start..at].len() >= scheme.len()
                        && bytes[at - scheme.len()..at].eq_ignore_ascii_case(scheme.as_bytes())
                })?;
                if !text[at..end].starts_with("://") {
                    return None;
                }
                let url_end = url_end(text, at + 1, end);
                (url_end > at + 3).then_some((TokenKind::Url, at - scheme.len(), url_end))
            }
            _ => {
                let is_www = bytes[at..end].len() > 4 && bytes[at..at + 4].eq_ignore_ascii_case(b"www.");
                (is_www && !joins_before).then(|| (TokenKind::Url, at, url_end(text, at + 4, end)))
            }
        }
    }

    /// Cuts a run without white space and special pieces at the word boundaries of UAX #29.
    fn words(&mut self, start: usize, end: usize) {
        let text = self.text;
        for_each_piece(&text[start..end], |offset, piece| {
            let (from, to) = (start + offset, start + offset + piece.len());
            let Some(first) = piece.chars().next() else { return };
            if first.is_alphabetic() || first == '_' {
                self.push(TokenKind::Word, from, to);
            } else if first.is_numeric() {
                let kind = if piece.chars().any(char::is_alphabetic) && !is_emoji(piece) {
                    TokenKind::Word
                } else if is_emoji(piece) {
                    TokenKind::Emoji
                } else {
                    TokenKind::Number
                };
                self.push(kind, from, to);
            } else if is_emoji(piece) {
                self.push(TokenKind::Emoji, from, to);
            } else if is_punctuation(first) {
                self.punctuation(first, from, to);
            }
        });
    }

    fn punctuation(&mut self, sign: char, from: usize, to: usize) {
        // Two dots or more are one ellipsis, the first dot grows into it.
        if sign == '.'
            && let Some(last) = self.tokens.last_mut()
            && last.kind == TokenKind::Punctuation
            && last.end as usize == from
            && self.text[last.start as usize..from].bytes().all(|byte| byte == b'.')
        {
            last.end = to as u32;
            return;
        }
        // A sign that ends a sentence belongs to that sentence, also the second of `?!`.
        let ends_sentence = matches!(sign, '.' | '!' | '?' | '\u{2026}');
        let sentence_starts = self.sentence_starts;
        if ends_sentence && !self.tokens.is_empty() {
            self.sentence_starts = false;
        }
        self.push(TokenKind::Punctuation, from, to);
        self.sentence_starts = ends_sentence || (sentence_starts && self.sentence_starts);
    }
}

/// The end of a name of letters, digits, `_`, `-` and `.` that begins at `from`; dots and dashes at its end are not
/// part of it.
fn name_end(text: &str, from: usize, end: usize) -> usize {
    let name = &text[from..end];
    let len =
        name.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(name.len());
    from + name[..len].trim_end_matches(['.', '-']).len()
}

/// The end of an HTML entity (`&amp;`, `&#39;`), which exports leave in texts. Hardly any stands for more than `&`, `<`
/// or `>`, which are no tokens either.
fn entity_end(text: &str, at: usize, end: usize) -> Option<usize> {
    const LONGEST: usize = 8;
    let name = &text.as_bytes()[at + 1..end];
    let len = name.iter().take(LONGEST).position(|&byte| byte == b';')?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
    (len > 1 && name[..len].iter().all(is_name)).then_some(at + 1 + len + 1)
}

/// The end of a URL: the end of the run without the punctuation that closes a sentence or a bracket.
fn url_end(text: &str, from: usize, end: usize) -> usize {
    let url = &text[from..end];
    let len = url.find(['"', '<', '>', '\u{201c}', '\u{201d}', '\u{2026}']).unwrap_or(url.len());
    from + url[..len].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '\u{2019}']).len()
}

fn is_punctuation(character: char) -> bool {
    matches!(
        character,
        '.' | ','
            | ';'
            | ':'
            | '('
            | ')'
            | '"'
            | '!'
            | '?'
            | '\u{2026}'
            | '\u{201c}'
            | '\u{201d}'
            | '\u{201e}'
            | '\u{ab}'
            | '\u{bb}'
    )
}

/// Whether a piece between word boundaries is an emoji: a pictograph, a flag, a dingbat or a keycap.
fn is_emoji(piece: &str) -> bool {
    !piece.is_ascii()
        && piece.chars().any(|character| {
            matches!(character,
            '\u{1f000}'..='\u{1faff}'
            | '\u{2600}'..='\u{27bf}'
            | '\u{2b00}'..='\u{2bff}'
            | '\u{20e3}'
            | '\u{fe0f}')
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Tokens as text, a sentence start as `<s>`, other kinds but words and punctuation with their kind.
    fn check(text: &str, expected: &str) {
        let mut tokens = Vec::new();
        tokenize(text, &mut tokens);
        let shown: Vec<String> = tokens
            .iter()
            .map(|token| match token.kind {
                TokenKind::SentenceStart => "<s>".to_owned(),
                TokenKind::Word | TokenKind::Punctuation => token.of(text).to_owned(),
                kind => format!("{kind:?}={}", token.of(text)),
            })
            .collect();
        assert_eq!(shown.join(" "), expected, "{text}");
    }

    #[test]
    fn words_keep_their_apostrophes_and_signs_are_tokens() {
        check("Don't panic, you’re fine.", "<s> Don't panic , you’re fine .");
        check("(well) \"so\"; yes: no", "<s> ( well ) \" so \" ; yes : no");
    }

    #[test]
    fn a_sentence_starts_behind_its_end() {
        check("Hi. You ok? Yes!", "<s> Hi . <s> You ok ? <s> Yes !");
        check("What?! No", "<s> What ? ! <s> No");
        check("", "");
        check(" \n ", "");
    }

    #[test]
    fn dots_in_a_row_are_an_ellipsis() {
        check("so... yes", "<s> so ... <s> yes");
        check("so… yes", "<s> so … <s> yes");
    }

    #[test]
    fn special_pieces_stay_whole() {
        check("see https://a.example/b?c=1, ok", "<s> see Url=https://a.example/b?c=1 , ok");
        check("(www.a.example/x).", "<s> ( Url=www.a.example/x ) .");
        check("@a_b, hi", "<s> Mention=@a_b , hi");
        check(".@ab@c.example hi", "<s> . <s> Mention=@ab@c.example hi");
        check("mail x.y@z.example now", "<s> mail Email=x.y@z.example now");
        check("#OneTwo and C#", "<s> Hash=# OneTwo and C");
        check("1,000 at 3.5 and 2nd", "<s> Number=1,000 at Number=3.5 and 2nd");
        check("wow @ http:// www", "<s> wow http : www");
    }

    #[test]
    fn what_html_left_behind_is_no_word() {
        check("salt &amp; pepper &gt;&gt; soup", "<s> salt pepper soup");
        check("R&D, Q&A; done", "<s> R D , Q A ; done");
    }

    #[test]
    fn an_emoji_is_one_token_with_its_modifiers() {
        check("ok 👍🏽👩‍⚕️", "<s> ok Emoji=👍🏽 Emoji=👩‍⚕️");
        check("1️⃣ ☀️ ❤", "<s> Emoji=1️⃣ Emoji=☀️ Emoji=❤");
    }

    #[test]
    fn a_text_of_half_addresses_takes_no_minutes() {
        let mut tokens = Vec::new();
        tokenize(&"http:".repeat(200_000), &mut tokens);
        assert_eq!(tokens.len(), 3, "the start, one long word, the last colon");
    }

    proptest! {
        #[test]
        fn tokens_are_in_order_and_lie_on_character_boundaries(text in any::<String>()) {
            let mut tokens = Vec::new();
            tokenize(&text, &mut tokens);
            let mut end = 0;
            for token in tokens {
                prop_assert!(token.start >= end && token.start <= token.end);
                prop_assert!(text.get(token.start as usize..token.end as usize).is_some());
                end = token.end;
            }
        }

        #[test]
        fn odd_signs_never_panic(text in "[@#:w./\\-_ahtps?!…é👍️ ]{0,40}") {
            tokenize(&text, &mut Vec::new());
        }
    }
}
