//! What was found out about a raw token, remembered so that it need not be normalized, stemmed and looked up again.
//!
//! Bounded: tokens that meet in one place drive each other out. What is remembered is a pure function of the token, so
//! that what was driven out changes no result.

/// Places, each for two tokens. Capitals, typos and signs make many tokens of one word.
const N_PLACES: usize = 1 << 15;
/// Bytes of a key; the last holds the token's length, so that no two tokens share a key.
const KEY_LEN: usize = 24;

type Key = [u64; KEY_LEN / 8];

/// A memory of `T` by token.
pub(super) struct TokenCache<T> {
    places: Vec<[(Key, T); 2]>,
}

impl<T: Copy + Default> Default for TokenCache<T> {
    fn default() -> Self {
        Self { places: vec![[(Key::default(), T::default()); 2]; N_PLACES] }
    }
}

impl<T: Copy> TokenCache<T> {
    /// What is remembered of `token`, or what `find` finds out. A token of [`KEY_LEN`] bytes and more is not remembered,
    /// nor an empty one.
    pub(super) fn get_or_insert_with(&mut self, token: &str, find: impl FnOnce() -> T) -> T {
        if token.is_empty() || token.len() >= KEY_LEN {
            return find();
        }
        let mut bytes = [0_u8; KEY_LEN];
        bytes[..token.len()].copy_from_slice(token.as_bytes());
        bytes[KEY_LEN - 1] = token.len() as u8;
        let (words, _) = bytes.as_chunks();
        let key: Key =
            [u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1]), u64::from_le_bytes(words[2])];
        let mixed = key
            .iter()
            .fold(0_u64, |hash, word| (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let place = &mut self.places[(mixed >> 49) as usize % N_PLACES];
        if place[0].0 != key {
            // The one that was asked for last comes first and the other goes.
            place.swap(0, 1);
            if place[0].0 != key {
                place[0] = (key, find());
            }
        }
        place[0].1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_token_is_taken_for_another(tokens in prop::collection::vec(".{0,30}", 1..200)) {
            let mut cache = TokenCache::default();
            for token in tokens.iter().chain(&tokens) {
                let expected = blake3::hash(token.as_bytes());
                let found = cache.get_or_insert_with(token, || *expected.as_bytes());
                prop_assert_eq!(found, *expected.as_bytes());
            }
        }
    }
}
