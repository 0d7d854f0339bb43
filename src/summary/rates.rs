//! Counts and estimates side by side → the rate of each tag of each group.

use std::collections::BTreeMap;

use crate::{
    codebook::{Codebook, Pole},
    post::Account,
    summary::{audit::Estimate, counts::Counts, group::Key, interval::Interval, rate::Rate},
};

/// What may be said of each tag of each group.
pub struct Rates<'a> {
    codebook: &'a Codebook,
    min_posts: u64,
    estimates: BTreeMap<(Account, &'a Key, usize, Pole), (f64, Interval)>,
}

impl<'a> Rates<'a> {
    /// Counts of tags, and in their place the estimates of one level where there are any from enough posts.
    pub fn new(codebook: &'a Codebook, min_posts: u64, estimates: &'a [Estimate], level: usize) -> Self {
        let estimates = estimates
            .iter()
            .filter(|estimate| estimate.level == level && estimate.estimator.n >= min_posts)
            .map(|own| {
                let key = (own.account, &own.key, own.place, own.pole);
                (key, (own.estimator.assisted, own.estimator.assisted_interval))
            })
            .collect();
        Self { codebook, min_posts, estimates }
    }

    /// The rate of a tag of a group.
    pub fn of(&self, account: Account, key: &Key, counts: &Counts, place: usize, pole: Pole) -> Rate {
        let rate = Rate::screened(counts, place, pole, self.codebook, self.min_posts);
        match self.estimates.get(&(account, key, place, pole)) {
            Some(&(share, interval)) => rate.with_estimate(share, interval),
            None => rate,
        }
    }

    /// What posts are judged on.
    pub fn codebook(&self) -> &'a Codebook {
        self.codebook
    }

    /// Posts that could bear a tag below which no share is given.
    pub fn min_posts(&self) -> u64 {
        self.min_posts
    }

    /// Whether anything is estimated.
    pub fn has_estimates(&self) -> bool {
        !self.estimates.is_empty()
    }
}
