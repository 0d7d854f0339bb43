//! Scored posts → sums per author, organisation or month. Floor 5.
//!
//! Sums merge: those of two halves of a timeline are those of the whole. They are counts of tags, not rates of what
//! people do: a classifier's counts miss true rates by many points, and nothing here corrects for that.

use std::collections::BTreeMap;

use crate::{
    codebook::{Codebook, Pole},
    model::{Scored, Status},
    post::{Account, Post},
};

/// By what posts are summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    pub fn key<'a>(self, post: &Post<'a>) -> &'a str {
        match self {
            Self::Author => post.author,
            Self::Organisation => post.organisation,
            Self::Month => month(post.created_at).unwrap_or_default(),
        }
    }
}

/// The year and month at the start of an ISO 8601 date.
fn month(created_at: &str) -> Option<&str> {
    let month = created_at.get(..7)?;
    let is_month = month.bytes().enumerate().all(|(at, byte)| match at {
        4 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    is_month.then_some(month)
}

/// Sums of a timeline, a group a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Groups by account and name.
    pub groups: BTreeMap<(Account, String), Counts>,
}

/// What became of the posts of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All posts.
    pub posts: u64,
    /// Posts by status, in the order of [`Status::ALL`].
    pub by_status: [u64; Status::ALL.len()],
    /// Judged posts of which a characteristic could not be judged because the parent is not known.
    pub undecided: u64,
    /// For each characteristic of the codebook how many posts were judged on it.
    pub judged: Vec<u64>,
    /// For each characteristic of the codebook how many posts uphold and breach it.
    pub tags: Vec<[u64; 2]>,
}

impl Counts {
    /// Counts one post.
    pub fn add(&mut self, scored: &Scored, account: Account, codebook: &Codebook) {
        self.grow(scored.values.len());
        self.posts += 1;
        self.by_status[scored.status as usize] += 1;
        for (place, value) in scored.values.iter().enumerate() {
            self.judged[place] += u64::from(value.is_some());
        }
        for (place, pole) in scored.tags() {
            self.tags[place][pole as usize] += 1;
        }
        let is_undecided = scored.status == Status::Ok
            && codebook
                .judged(account)
                .any(|(place, characteristic)| characteristic.needs_parent && scored.values[place].is_none());
        self.undecided += u64::from(is_undecided);
    }

    /// Adds the counts of another group.
    pub fn merge(&mut self, other: &Self) {
        self.grow(other.judged.len());
        self.posts += other.posts;
        self.undecided += other.undecided;
        for (own, more) in self.by_status.iter_mut().zip(other.by_status) {
            *own += more;
        }
        for (own, more) in self.judged.iter_mut().zip(&other.judged) {
            *own += more;
        }
        for (own, more) in self.tags.iter_mut().zip(&other.tags) {
            own[0] += more[0];
            own[1] += more[1];
        }
    }

    fn grow(&mut self, n_characteristics: usize) {
        if self.judged.len() < n_characteristics {
            self.judged.resize(n_characteristics, 0);
            self.tags.resize(n_characteristics, [0; 2]);
        }
    }

    /// Posts that were judged.
    pub fn n_judged(&self) -> u64 {
        self.by_status[Status::Ok as usize]
    }

    /// The share of the posts judged on a characteristic that have a tag of it, in \[0, 1\]; `None` where none was
    /// judged.
    pub fn share(&self, characteristic: usize, pole: Pole) -> Option<f64> {
        let judged = *self.judged.get(characteristic)?;
        (judged > 0).then(|| self.tags[characteristic][pole as usize] as f64 / judged as f64)
    }
}

impl Summary {
    /// Counts one post under its key.
    pub fn add(&mut self, post: &Post, by: GroupBy, scored: &Scored, codebook: &Codebook) {
        let key = (post.account, by.key(post).to_owned());
        self.groups.entry(key).or_default().add(scored, post.account, codebook);
    }

    /// Adds the sums of another part.
    pub fn merge(&mut self, other: &Self) {
        for (key, counts) in &other.groups {
            self.groups.entry(key.clone()).or_default().merge(counts);
        }
    }

    /// All groups together.
    pub fn total(&self) -> Counts {
        let mut total = Counts::default();
        for counts in self.groups.values() {
            total.merge(counts);
        }
        total
    }

    /// Whether any group is of that account.
    pub fn has(&self, account: Account) -> bool {
        self.groups.keys().any(|(own, _)| *own == account)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::codebook::Value;

    fn scored(value: Option<Value>, status: Status) -> Scored {
        Scored { status, probabilities: vec![[None; 2]], values: vec![value] }
    }

    fn summarize(posts: &[(u8, u8)]) -> Summary {
        let codebook = Codebook::from_labels(&["a"]);
        let mut summary = Summary::default();
        for (author, value) in posts {
            let author = author.to_string();
            let post = Post { author: &author, ..Post::from_text("x") };
            let value = Value::ALL.get(usize::from(*value)).copied();
            summary.add(&post, GroupBy::Author, &scored(value, Status::Ok), &codebook);
        }
        summary
    }

    proptest! {
        #[test]
        fn parts_merge_to_the_whole(posts in prop::collection::vec((0..5_u8, 0..4_u8), 0..40), cut in 0..40_usize) {
            let cut = cut.min(posts.len());
            let mut merged = summarize(&posts[..cut]);
            merged.merge(&summarize(&posts[cut..]));
            prop_assert_eq!(merged, summarize(&posts));
        }

        #[test]
        fn nothing_is_the_identity_on_both_sides(posts in prop::collection::vec((0..5_u8, 0..4_u8), 0..20)) {
            let whole = summarize(&posts);
            let mut left = Summary::default();
            left.merge(&whole);
            let mut right = whole.clone();
            right.merge(&Summary::default());
            prop_assert_eq!(&left, &whole);
            prop_assert_eq!(&right, &whole);
        }

        #[test]
        fn merging_is_associative(a in prop::collection::vec((0..3_u8, 0..4_u8), 0..9),
                                  b in prop::collection::vec((0..3_u8, 0..4_u8), 0..9),
                                  c in prop::collection::vec((0..3_u8, 0..4_u8), 0..9)) {
            let [a, b, c] = [a, b, c].map(|posts| summarize(&posts));
            let mut left = a.clone();
            left.merge(&b);
            left.merge(&c);
            let mut right = b;
            right.merge(&c);
            let mut whole = a;
            whole.merge(&right);
            prop_assert_eq!(left, whole);
        }
    }

    #[test]
    fn months_are_read_from_iso_dates() {
        for (created_at, expected) in
            [("2026-05-01T10:00:00Z", Some("2026-05")), ("1.5.2026", None), ("", None)]
        {
            assert_eq!(month(created_at), expected);
        }
    }
}
