//! What was found out about a raw token, remembered so that it need not be normalized, stemmed and looked up again.
//!
//! Bounded: tokens that meet in one set drive each other out. What is remembered is a pure function of the token, so
//! that what was driven out changes no result.

use crate::text::{Token, TokenKind};

/// Sets, each for two tokens. Capitals, typos and signs make many tokens of one word.
const N_SETS: usize = 1 << 15;

/// What a token is remembered by: its bytes and, in the last place, their number; or the kind of a token whose bytes
/// do not matter. No two tokens share one, and none has 0.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Key(u128);

impl Key {
    /// The key of a token of `text`; `None` for an empty one and one of 16 bytes and more, which are not remembered.
    pub(super) fn of(token: Token, text: &str) -> Option<Self> {
        let (start, end) = (token.start as usize, token.end as usize);
        let len = end - start;
        match token.kind {
            TokenKind::Word | TokenKind::Hash | TokenKind::Emoji | TokenKind::Punctuation => {}
            kind => return Some(Self(kind as u128 + 1)),
        }
        if !(1..16).contains(&len) {
            return None;
        }
        let bytes = &text.as_bytes()[start..];
        let sixteen = if let Some(sixteen) = bytes.first_chunk() {
            u128::from_le_bytes(*sixteen)
        } else {
            let mut sixteen = [0; 16];
            sixteen[..len].copy_from_slice(&bytes[..len]);
            u128::from_le_bytes(sixteen)
        };
        let own = (1 << (8 * len)) - 1;
        Some(Self(sixteen & own | (len as u128) << 120))
    }

    fn set(self) -> usize {
        let mixed =
            (self.0 as u64 ^ ((self.0 >> 64) as u64).rotate_left(23)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 49) as usize % N_SETS
    }
}

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
    /// How many of the keys stand first in their sets. Asked before the sets are used one by one, it brings them near
    /// the processor, many at a time.
    pub(super) fn count_first(&self, keys: &[Option<Key>]) -> usize {
        let stands_first = |key: &&Option<Key>| key.is_some_and(|key| self.sets[key.set()].0[0].0 == key);
        keys.iter().filter(stands_first).count()
    }

    /// What is remembered under `key`, or what `find` finds out.
    pub(super) fn get_or_insert_with(&mut self, key: Key, find: impl FnOnce() -> T) -> T {
        let Set([first, second]) = &mut self.sets[key.set()];
        if first.0 == key {
            return first.1;
        }
        if second.0 == key {
            return second.1;
        }
        // The one that came last stands first, and the one before the other goes.
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
                    let found = Key::of(token, &text).map(|key| cache.get_or_insert_with(key, || expected));
                    prop_assert_eq!(found, (1..16).contains(&word.len()).then_some(expected));
                    start = end;
                }
            }
        }
    }
}
