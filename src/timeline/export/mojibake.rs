//! Text of Meta's exports, which writes each byte of UTF-8 as a letter of its own -> the text. Floor 2.

use std::borrow::Cow;

/// The text that was meant. Text that is not spoiled in this way stays; a copy that was spoiled twice is repaired twice.
pub fn repair(text: &str) -> Cow<'_, str> {
    let Some(once) = repair_once(text) else { return text.into() };
    match repair_once(&once) {
        Some(twice) => twice.into(),
        None => once.into(),
    }
}

/// All letters are bytes, one is above ASCII, and the bytes are UTF-8.
fn repair_once(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<_>>()?;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_spoiled_text_is_repaired() {
        let spoil = |text: &str| text.bytes().map(char::from).collect::<String>();
        for text in ["caf\u{e9} \u{1f600} don\u{2019}t", "\u{e9}\u{e8}", "\u{4f60}\u{597d}"] {
            assert_eq!(repair(&spoil(text)), text);
            assert_eq!(repair(&spoil(&spoil(text))), text);
            assert_eq!(repair(text), text);
        }
        assert_eq!(repair("plain"), "plain");
        // A word that is Latin-1 and no UTF-8.
        assert_eq!(repair("na\u{ef}ve"), "na\u{ef}ve");
        // Spoiled beside what is not: nobody can tell.
        assert_eq!(repair("\u{c3}\u{a9} \u{2019}"), "\u{c3}\u{a9} \u{2019}");
    }
}
