//! What was found out about a raw token, remembered so that it need not be normalized, stemmed and looked up again.
//!
//! Bounded: tokens that meet in one set drive each other out. What is remembered is a pure function of the token, so
//! that what was driven out changes no result.

use crate::text::{Token, TokenKind};

/// Sets, each for two tokens. Capitals, typos and signs make many tokens of one word.
const N_SETS: usize = 1 << 16;

/// What a token is remembered by: its bytes and, in the last place, their number; or the kind of a token whose bytes
/// do not matter. No two tokens share one, and none has the key 0 of an empty place.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Key(u128);

impl Key {
    /// The key of a token that is not remembered.
    const NONE: Self = Self(u128::MAX);

    /// The key of a token of `text`; an empty one and one of 16 bytes and more are not remembered.
    pub(super) fn of(token: Token, text: &str) -> Self {
        let (start, end) = (token.start as usize, token.end as usize);
        let len = end - start;
        match token.kind {
            TokenKind::Word | TokenKind::Hash | TokenKind::Emoji | TokenKind::Punctuation => {}
            kind => return Self(kind as u128 + 1),
        }
        if !(1..16).contains(&len) {
            return Self::NONE;
        }
        let bytes = &text.as_bytes()[start..];
        let sixteen = if let Some(sixteen) = bytes.first_chunk() {
            u128::from_le_bytes(*sixteen)
        } else {
            let mut sixteen = [0; 16];
            sixteen[..len].copy_from_slice(&bytes[..len]);
            u128::from_le_bytes(sixteen)
        };
        Self(sixteen & OWN_BYTES[len] | (len as u128) << 120)
    }

    fn set(self) -> usize {
        let mixed =
            (self.0 as u64 ^ ((self.0 >> 64) as u64).rotate_left(23)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 48) as usize % N_SETS
    }
}

/// By a number of bytes, the bits of so many.
const OWN_BYTES: [u128; 16] = {
    let mut masks = [0; 16];
    let mut len = 1;
    while len < 16 {
        masks[len] = masks[len - 1] << 8 | 0xff;
        len += 1;
    }
    masks
};

/// Two tokens, on one line of the processor's cache where `T` takes at most 16 bytes.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Set<T>([(Key, T); 2]);

/// A memory of `T` by token.
pub(super) struct TokenCache<T> {
    sets: Vec<Set<T>>,
}

impl<T: Copy + Default> Default for TokenCache<T> {
    fn default() -> Self {
        Self { sets: vec![Set::default(); N_SETS] }
    }
}

impl<T: Copy> TokenCache<T> {
    /// Whether `key` was the last to be asked for in its set, and then what is remembered under it, or else anything. Nothing
    /// changes by asking, so that the processor can look for many at a time.
    pub(super) fn get_first(&self, key: Key) -> (bool, T) {
        let (first, known) = self.sets[key.set()].0[0];
        (first == key, known)
    }

    /// What is remembered under `key`, or what `find` finds out.
    pub(super) fn get_or_insert_with(&mut self, key: Key, find: impl FnOnce() -> T) -> T {
        if key == Key::NONE {
            return find();
        }
        let Set([first, second]) = &mut self.sets[key.set()];
        if first.0 == key {
            return first.1;
        }
        // The one that was used last stands first, and the other goes.
        if second.0 == key {
            std::mem::swap(first, second);
            return first.1;
        }
        *second = *first;
        *first = (key, find());
        first.1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_token_is_taken_for_another(words in prop::collection::vec(".{0,30}", 1..200)) {
            let text = words.concat();
            let mut cache = TokenCache::default();
            for _ in 0..2 {
                let mut start = 0;
                for word in &words {
                    let end = start + word.len() as u32;
                    let token = Token { kind: TokenKind::Word, start, end };
                    let expected = *blake3::hash(word.as_bytes()).as_bytes();
                    let key = Key::of(token, &text);
                    let (is_first, found) = cache.get_first(key);
                    prop_assert!(!is_first || found == expected);
                    prop_assert_eq!(cache.get_or_insert_with(key, || expected), expected);
                    let is_remembered = (1..16).contains(&word.len());
                    let (is_first, found) = cache.get_first(key);
                    prop_assert_eq!(is_first.then_some(found), is_remembered.then_some(expected));
                    start = end;
                }
            }
        }
    }
}
