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
    text.iter().position(|&byte| !IS_WORD[usize::from(byte)]).unwrap_or(text.len())
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

    proptest! {
        #[test]
        fn longer_ascii_too(text in "[!-~]{0,60}") {
            check(&text);
        }
    }
}
