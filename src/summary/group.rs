//! By what posts are summed up.

use std::collections::{BTreeMap, BTreeSet};

use crate::{post::Post, timeline::day};

/// One thing that posts are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupBy {
    /// The author.
    Author,
    /// The organisation of the author.
    Organisation,
    /// The month of `created_at`, as `2026-05`.
    Month,
}

impl GroupBy {
    /// The name of the column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::Organisation => "organisation",
            Self::Month => "month",
        }
    }

    /// What a post is summed up under; empty where the post does not say it.
    pub fn key(self, post: &Post) -> String {
        match self {
            Self::Author => post.author.to_owned(),
            Self::Organisation => post.organisation.to_owned(),
            Self::Month => day(post.created_at).map(|day| day[..7].to_owned()).unwrap_or_default(),
        }
    }
}

/// What a post is summed up under: a name for each [`GroupBy`], in their order. Nothing puts all posts in one group.
pub type Key = Vec<String>;

/// The key of a post.
pub fn key(by: &[GroupBy], post: &Post) -> Key {
    by.iter().map(|by| by.key(post)).collect()
}

/// A number from 1 for each name, in their alphabetical order: what stands for names that nobody sees. No name has none.
pub fn numbered<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let names: BTreeSet<&str> = names.filter(|name| !name.is_empty()).collect();
    names.into_iter().zip(1..).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbered_and_no_name_is_not() {
        assert_eq!(Vec::from_iter(numbered(["b", "", "a", "b"].into_iter())), [("a", 1), ("b", 2)]);
    }

    #[test]
    fn a_key_has_a_name_for_each() {
        let post = Post { author: "nia", created_at: "2026-05-01", ..Post::from_text("x") };
        assert_eq!(key(&[GroupBy::Author, GroupBy::Month], &post), ["nia", "2026-05"]);
        assert!(key(&[], &post).is_empty());
    }
}
