//! HTML of a post -> its text. Floor 2.
//!
//! Tokens come from html5gum. Paragraphs are parted by a blank line, `<br>` is a line break, a list item is a line. A link that the
//! platform shortens with invisible parts comes out whole: what is hidden from a reader is still part of the address.

use html5gum::{
    Span, Tokenizer,
    emitters::callback::{CallbackEmitter, CallbackEvent},
};

/// The text of a piece of HTML.
pub fn to_text(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return html.trim().to_owned();
    }
    let mut text = Text::default();
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<()> {
        match event {
            CallbackEvent::OpenStartTag { name } => text.start(name),
            CallbackEvent::EndTag { name } => text.end(name),
            CallbackEvent::String { value } => text.string(value),
            _ => {}
        }
        None
    });
    for Ok(()) in Tokenizer::new_with_emitter(html, emitter) {}
    text.out.trim().to_owned()
}

#[derive(Default)]
struct Text {
    out: String,
    /// Elements whose content is no text, and are open.
    hidden: usize,
    /// Elements within which white space stands as it is, and are open.
    verbatim: usize,
    /// Whether white space was passed over since the last letter.
    space: bool,
}

impl Text {
    fn start(&mut self, name: &[u8]) {
        match name {
            b"br" => self.break_line(),
            b"script" | b"style" | b"head" => self.hidden += 1,
            b"pre" => {
                self.blank_line();
                self.verbatim += 1;
            }
            b"li" | b"tr" | b"dt" | b"dd" | b"div" => self.new_line(),
            _ if is_block(name) => self.blank_line(),
            _ => {}
        }
    }

    fn end(&mut self, name: &[u8]) {
        match name {
            b"script" | b"style" | b"head" => self.hidden = self.hidden.saturating_sub(1),
            b"pre" => {
                self.verbatim = self.verbatim.saturating_sub(1);
                self.blank_line();
            }
            b"li" | b"tr" | b"dt" | b"dd" | b"div" => self.new_line(),
            _ if is_block(name) => self.blank_line(),
            _ => {}
        }
    }

    fn string(&mut self, value: &[u8]) {
        if self.hidden > 0 {
            return;
        }
        let value = String::from_utf8_lossy(value);
        if self.verbatim > 0 {
            self.out.push_str(&value);
            return;
        }
        for character in value.chars() {
            // White space of the source is one space; a no-break space is a letter of the text.
            if character.is_ascii_whitespace() {
                self.space = true;
                continue;
            }
            if self.space && !self.out.is_empty() && !self.out.ends_with('\n') {
                self.out.push(' ');
            }
            self.space = false;
            self.out.push(character);
        }
    }

    fn break_line(&mut self) {
        if self.hidden == 0 {
            self.space = false;
            self.out.push('\n');
        }
    }

    fn new_line(&mut self) {
        self.space = false;
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn blank_line(&mut self) {
        self.new_line();
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }
}

fn is_block(name: &[u8]) -> bool {
    matches!(
        name,
        b"p" | b"blockquote"
            | b"ul"
            | b"ol"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"article"
            | b"section"
    )
}

/// A text in which only `&`, `<` and `>` were written as entities, as X does: taken back once, so that an entity that was typed stays.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#39;", '\'')];
        if let Some((entity, character)) = known.into_iter().find(|(entity, _)| rest.starts_with(entity)) {
            out.push(character);
            rest = &rest[entity.len()..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_text() {
        for (html, expected) in [
            ("<p>One<br>two<br />three</p><p>Four &amp; five</p>", "One\ntwo\nthree\n\nFour & five"),
            (
                "<p><span class=\"h-card\"><a href=\"https://a.example/@ann\">@<span>ann</span></a></span> yes</p>",
                "@ann yes",
            ),
            (
                "<p>See <a href=\"https://b.example/long/way\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">b.example/lo</span><span class=\"invisible\">ng/way</span></a></p>",
                "See https://b.example/long/way",
            ),
            ("<a href=\"x\">#<span>rounds</span></a>", "#rounds"),
            ("<ul><li>a</li><li>b</li></ul>after", "a\nb\n\nafter"),
            ("<p>a</p>\n  <p>b\n c</p>", "a\n\nb c"),
            ("<pre>a\n  b</pre>", "a\n  b"),
            ("a<script>x()</script>b<style>p{}</style>", "ab"),
            ("I&#39;m &lt;b&gt; &quot;fine&quot; &eacute;", "I'm <b> \"fine\" \u{e9}"),
            ("plain, 1 < 2", "plain, 1 < 2"),
            ("<p></p>", ""),
            ("</p></script>still <b", "still"),
        ] {
            assert_eq!(to_text(html), expected, "{html}");
        }
    }

    #[test]
    fn entities_are_taken_back_once() {
        assert_eq!(unescape("&amp;lt; &lt;3 &amp;amp; AT&T &gt;"), "&lt; <3 &amp; AT&T >");
    }
}
