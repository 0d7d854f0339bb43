//! Names → keyed hashes of them: who wrote a post cannot be told without the key, yet two posts of one author still can.

/// Bytes of a secret at least.
pub const MIN_SECRET: usize = 16;

/// What tells these hashes from all other uses of the same secret.
const CONTEXT: &str = "sociable 2026-11 pseudonyms of authors and posts";

/// Hex digits of a pseudonym: 64 bits, so that two of a million names share one by chance once in forty million times.
const DIGITS: usize = 16;

/// Pseudonyms under one secret.
#[derive(Clone)]
pub struct Pseudonyms {
    key: [u8; blake3::KEY_LEN],
}

impl Pseudonyms {
    /// Pseudonyms under a secret; `None` where it is shorter than [`MIN_SECRET`] bytes.
    pub fn new(secret: &[u8]) -> Option<Self> {
        (secret.len() >= MIN_SECRET).then(|| Self { key: blake3::derive_key(CONTEXT, secret) })
    }

    /// What stands for the name of an author; nothing for nothing.
    pub fn author(&self, name: &str) -> String {
        self.hash("author-", name)
    }

    /// What stands for the identifier of a post, so that replies still find what they answer; nothing for nothing.
    pub fn post(&self, id: &str) -> String {
        self.hash("post-", id)
    }

    fn hash(&self, prefix: &str, name: &str) -> String {
        let name = name.trim();
        if name.is_empty() {
            return String::new();
        }
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(prefix.as_bytes()).update(name.as_bytes());
        format!("{prefix}{}", &hasher.finalize().to_hex()[..DIGITS])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_and_secret_give_the_same_pseudonym() {
        let [one, other] = [b"a secret of some length", b"a secret of other words"]
            .map(|secret| Pseudonyms::new(secret).expect("long enough"));
        assert_eq!(one.author("ann"), one.author(" ann "));
        assert_ne!(one.author("ann"), one.author("bo"));
        assert_ne!(one.author("ann"), other.author("ann"));
        assert_ne!(
            one.author("17").trim_start_matches("author-"),
            one.post("17").trim_start_matches("post-")
        );
        assert_eq!((one.author(""), one.post("  ")), (String::new(), String::new()));
    }

    #[test]
    fn a_short_secret_is_none() {
        assert!(Pseudonyms::new(b"fifteen letters").is_none());
    }
}
