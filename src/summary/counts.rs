//! Scored posts → counts per group. Counts merge: those of two halves of a timeline are those of the whole.

use std::collections::BTreeMap;

use crate::{
    codebook::{Codebook, Pole, ShareOf},
    model::{Scored, Status},
    post::{Account, Post},
    summary::{
        group::{GroupBy, Key, key},
        ledger::{Balance, marks},
    },
};

/// Sums of a timeline, a group a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Groups by account and key.
    pub groups: BTreeMap<(Account, Key), Counts>,
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
    /// For each characteristic of the codebook how many posts of the kinds that count were judged on it.
    pub judged: Vec<u64>,
    /// For each characteristic of the codebook how many of those uphold and breach it.
    pub tags: Vec<[u64; 2]>,
    /// Giving and taking.
    pub balance: Balance,
}

impl Counts {
    /// The counts of one post.
    pub fn of_post(post: &Post, scored: &Scored, codebook: &Codebook) -> Self {
        let mut own = Self { posts: 1, ..Self::default() };
        own.grow(scored.values.len());
        own.by_status[scored.status as usize] = 1;
        let mut is_undecided = false;
        for (place, characteristic) in codebook.judged(post.account) {
            let value = scored.values[place];
            is_undecided |=
                characteristic.needs_parent && value.is_none() && post.parent == crate::post::Parent::Unknown;
            if let Some(value) = value.filter(|_| characteristic.counts(post.kind)) {
                own.judged[place] = 1;
                own.tags[place] = Pole::ALL.map(|pole| u64::from(value == pole.value()));
            }
        }
        own.undecided = u64::from(scored.status == Status::Ok && is_undecided);
        if let Some(marks) = marks(post, scored, codebook) {
            own.balance.add(marks);
        }
        own
    }

    /// Adds the counts of another group.
    pub fn merge(&mut self, other: &Self) {
        self.grow(other.judged.len());
        self.posts += other.posts;
        self.undecided += other.undecided;
        self.balance.merge(other.balance);
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

    /// How many posts bear a pole, and how many could have: all that were judged, or those that bear either pole.
    pub fn tagged(&self, place: usize, pole: Pole, codebook: &Codebook) -> (u64, u64) {
        let tags = self.tags.get(place).copied().unwrap_or_default();
        let of = match codebook.characteristics[place].share_of {
            ShareOf::Posts => self.judged.get(place).copied().unwrap_or_default(),
            ShareOf::Poles => tags[0] + tags[1],
        };
        (tags[pole as usize], of)
    }
}

impl Summary {
    /// Counts one post under its key.
    pub fn add(&mut self, post: &Post, by: &[GroupBy], scored: &Scored, codebook: &Codebook) {
        self.add_counts(post, by, &Counts::of_post(post, scored, codebook));
    }

    /// Adds the counts of one post under its key, for posts that are summed up in several ways.
    pub fn add_counts(&mut self, post: &Post, by: &[GroupBy], own: &Counts) {
        self.groups.entry((post.account, key(by, post))).or_default().merge(own);
    }

    /// Adds the sums of another part.
    pub fn merge(&mut self, other: &Self) {
        for (key, counts) in &other.groups {
            self.groups.entry(key.clone()).or_default().merge(counts);
        }
    }

    /// All groups of an account together.
    pub fn of(&self, account: Account) -> Counts {
        let mut counts = Counts::default();
        for (_, group) in self.groups.iter().filter(|((own, _), _)| *own == account) {
            counts.merge(group);
        }
        counts
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
    use crate::{codebook::Value, post::PostKind};

    fn scored(value: Option<Value>) -> Scored {
        Scored { status: Status::Ok, probabilities: vec![[None; 2]], values: vec![value] }
    }

    fn codebook() -> Codebook {
        let mut codebook = Codebook::from_labels(&["a"]);
        codebook.characteristics[0].gives_and_takes = true;
        codebook
    }

    fn summarize(posts: &[(u8, u8, u8)]) -> Summary {
        let codebook = codebook();
        let mut summary = Summary::default();
        for (author, value, kind) in posts {
            let author = author.to_string();
            let kind = PostKind::ALL[usize::from(*kind)];
            let post = Post { author: &author, kind, ..Post::from_text("Thanks for this?") };
            let value = Value::ALL.get(usize::from(*value)).copied();
            summary.add(&post, &[GroupBy::Author], &scored(value), &codebook);
        }
        summary
    }

    fn posts(n: usize) -> impl Strategy<Value = Vec<(u8, u8, u8)>> {
        prop::collection::vec((0..5_u8, 0..4_u8, 0..5_u8), 0..n)
    }

    proptest! {
        #[test]
        fn parts_merge_to_the_whole(posts in posts(40), cut in 0..40_usize) {
            let cut = cut.min(posts.len());
            let mut merged = summarize(&posts[..cut]);
            merged.merge(&summarize(&posts[cut..]));
            prop_assert_eq!(merged, summarize(&posts));
        }

        #[test]
        fn nothing_is_the_identity_on_both_sides(posts in posts(20)) {
            let whole = summarize(&posts);
            let mut left = Summary::default();
            left.merge(&whole);
            let mut right = whole.clone();
            right.merge(&Summary::default());
            prop_assert_eq!(&left, &whole);
            prop_assert_eq!(&right, &whole);
        }

        #[test]
        fn merging_is_associative(a in posts(9), b in posts(9), c in posts(9)) {
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
    fn only_posts_of_the_declared_kinds_count() {
        let mut codebook = codebook();
        codebook.characteristics[0].kinds = vec![PostKind::Post];
        let mut counts = Counts::default();
        for kind in PostKind::ALL {
            counts.merge(&Counts::of_post(
                &Post { kind, ..Post::from_text("x") },
                &scored(Some(Value::Upholds)),
                &codebook,
            ));
        }
        assert_eq!((counts.posts, counts.judged[0], counts.tags[0]), (5, 1, [1, 0]));
    }

    #[test]
    fn a_share_of_poles_is_of_the_posts_that_bear_one() {
        let mut codebook = codebook();
        codebook.characteristics[0].share_of = ShareOf::Poles;
        let mut counts = Counts::default();
        for value in [Value::Upholds, Value::Breaches, Value::Breaches, Value::Neither] {
            counts.merge(&Counts::of_post(&Post::from_text("x"), &scored(Some(value)), &codebook));
        }
        assert_eq!(counts.tagged(0, Pole::Breaches, &codebook), (2, 3));
    }
}
