//! Text → pieces between the word boundaries of UAX #29.
//!
//! unicode-segmentation knows all scripts and looks up every character's class in a table; most text is ASCII, where the
//! rules are few (measured: a third of the time of tokenizing). Both ways cut alike, which a test holds on all short
//! texts.

use unicode_segmentation::UnicodeSegmentation;

/// Calls `found` with the offset of each piece of `text` and the piece. `text` holds no white space.
pub(super) fn for_each_piece<'a>(text: &'a str, mut found: impl FnMut(usize, &'a str)) {
    if text.is_ascii() {
        let mut start = 0;
        while start < text.len() {
            let end = ascii_piece_end(text.as_bytes(), start);
            found(start, &text[start..end]);
            start = end;
        }
    } else {
        text.split_word_bound_indices().for_each(|(offset, piece)| found(offset, piece));
    }
}

/// Which bytes are letters, digits and underscores, between which there is no boundary.
const IS_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    table
};

/// How many ASCII letters, digits and underscores a text begins with.
pub(super) fn ascii_word_len(text: &[u8]) -> usize {
    let mut len = 0;
    // Eight at a time: where a word ends cannot be foreseen, and a processor that guesses byte by byte guesses wrong.
    while let Some(eight) = text[len..].first_chunk() {
        let others = !word_bytes(u64::from_le_bytes(*eight)) & HIGH_BITS;
        if others != 0 {
            return len + others.trailing_zeros() as usize / 8;
        }
        len += 8;
    }
    let rest = &text[len..];
    len + rest.iter().position(|&byte| !IS_WORD[usize::from(byte)]).unwrap_or(rest.len())
}

/// The highest bit of each of eight bytes.
const HIGH_BITS: u64 = each(0x80);

/// Eight times the same byte.
const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Of eight bytes, the highest bit of each that [`IS_WORD`]; the other bits mean nothing.
const fn word_bytes(eight: u64) -> u64 {
    // Without their highest bits bytes can be added to without a carry into the next; those that had one are no ASCII.
    let low = eight & !HIGH_BITS;
    // The highest bit of low + (0x80 - a) is set from a on.
    let lower = low | each(0x20);
    let letters = (lower + each(0x80 - b'a')) & !(lower + each(0x7f - b'z'));
    let digits = (low + each(0x80 - b'0')) & !(low + each(0x7f - b'9'));
    let underscores = !((low ^ each(b'_')) + each(0x7f));
    (letters | digits | underscores) & !eight
}

/// The end of the piece that begins at `start`. The numbers are the rules of UAX #29, white space left out.
fn ascii_piece_end(text: &[u8], start: usize) -> usize {
    let mut end = start + ascii_word_len(&text[start..]); // WB5, 8, 9, 10, 13a, 13b
    if end == start {
        return start + 1;
    }
    while let Some(&byte) = text.get(end) {
        let (before, after) = (text[end - 1], text.get(end + 1).copied().unwrap_or(0));
        let letters = before.is_ascii_alphabetic() && after.is_ascii_alphabetic();
        let digits = before.is_ascii_digit() && after.is_ascii_digit();
        let joins = match byte {
            b'.' | b'\'' => letters || digits, // WB6, 7, 11, 12
            b':' => letters,                   // WB6, 7
            b',' | b';' => digits,             // WB11, 12
            _ => false,
        };
        if !joins {
            break;
        }
        end += 1;
        end += ascii_word_len(&text[end..]);
    }
    end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str) {
        let mut pieces = Vec::new();
        for_each_piece(text, |offset, piece| pieces.push((offset, piece)));
        assert_eq!(pieces, text.split_word_bound_indices().collect::<Vec<_>>(), "{text:?}");
    }

    /// Two of each kind of character that the rules tell apart.
    #[test]
    fn ascii_is_cut_as_the_tables_cut_it() {
        let signs = b"aZ09_.':,;!\"(-@#\x01\x7f";
        let mut text = [0_u8; 5];
        for len in 1..=4 {
            for mut number in 0..signs.len().pow(len) {
                for place in &mut text[..len as usize] {
                    *place = signs[number % signs.len()];
                    number /= signs.len();
                }
                check(std::str::from_utf8(&text[..len as usize]).expect("ASCII"));
            }
        }
    }

    #[test]
    fn eight_bytes_at_once_are_told_apart_as_one_is() {
        for byte in 0..=u8::MAX {
            for at in 0..8 {
                let mut eight = *b"ab_9Zz0A";
                eight[at] = byte;
                let found = ascii_word_len(&eight);
                assert_eq!(found, if IS_WORD[usize::from(byte)] { 8 } else { at }, "{byte} at {at}");
            }
        }
    }

    proptest! {
        #[test]
        fn longer_ascii_too(text in "[!-~]{0,60}") {
            check(&text);
        }
    }
}
