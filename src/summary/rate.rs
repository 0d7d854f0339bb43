//! Counts → what may be said of a group: a share with an interval and a state.

use serde::Serialize;

use crate::{
    codebook::{Codebook, Pole},
    summary::{
        counts::Counts,
        interval::{Interval, difference, wilson_of_count},
    },
};

/// Posts that could bear a tag below which no share is given: with fewer the interval spans more than 40 points.
pub const MIN_POSTS: u64 = 20;

/// What a share is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Estimated from an audit: a rate.
    Estimated,
    /// Counted from tags: not a rate, for a model misses some posts and tags others wrongly. The interval says what
    /// chance alone would change in the count of tags.
    Screened,
    /// Too few posts for a share.
    TooFew,
}

impl State {
    /// The name as it stands in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Estimated => "estimated",
            Self::Screened => "screened",
            Self::TooFew => "too-few",
        }
    }
}

/// What is known of one tag of one group.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// Posts with the tag.
    pub count: u64,
    /// Posts that could have borne it.
    pub of: u64,
    /// The share, in \[0, 1\]; `None` of too few.
    pub share: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
    /// What it is worth.
    pub state: State,
}

impl Rate {
    /// The rate of a tag in counts.
    pub fn screened(counts: &Counts, place: usize, pole: Pole, codebook: &Codebook, min_posts: u64) -> Self {
        let (count, of) = counts.tagged(place, pole, codebook);
        Self::of_count(count, of, min_posts)
    }

    /// The rate of a count.
    pub fn of_count(count: u64, of: u64, min_posts: u64) -> Self {
        if of < min_posts.max(1) {
            return Self { count, of, share: None, interval: None, state: State::TooFew };
        }
        let share = Some(count as f64 / of as f64);
        Self { count, of, share, interval: wilson_of_count(count, of), state: State::Screened }
    }

    /// The same counts with the share and interval of an audit.
    #[must_use]
    pub fn with_estimate(self, share: f64, interval: Interval) -> Self {
        Self { share: Some(share), interval: Some(interval), state: State::Estimated, ..self }
    }

    /// Whether any post has the tag, counted or estimated.
    pub fn is_seen(&self) -> bool {
        self.count > 0 || self.state == State::Estimated && self.share > Some(0.0)
    }

    /// How much higher the share of `other` is, with an interval; `None` where either has no share, or they are of
    /// different states and cannot be compared.
    pub fn difference(&self, other: &Self) -> Option<(f64, Interval)> {
        let (first, second) = ((self.share?, self.interval?), (other.share?, other.interval?));
        (self.state == other.state).then(|| (second.0 - first.0, difference(first, second)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_posts_have_no_share() {
        let few = Rate::of_count(3, 19, MIN_POSTS);
        assert_eq!((few.share, few.interval, few.state), (None, None, State::TooFew));
        let enough = Rate::of_count(3, 20, MIN_POSTS);
        assert_eq!((enough.share, enough.state), (Some(0.15), State::Screened));
        assert_eq!(Rate::of_count(0, 0, 0).state, State::TooFew);
    }

    #[test]
    fn a_count_and_an_estimate_are_not_compared() {
        let [first, second] = [Rate::of_count(10, 100, 20), Rate::of_count(30, 100, 20)];
        let (by, interval) = first.difference(&second).expect("both have shares");
        assert!((by - 0.2).abs() < 1e-12 && interval.low > 0.0 && interval.high < 0.4, "{interval:?}");
        let estimated = second.with_estimate(0.3, Interval { low: 0.2, high: 0.4 });
        assert_eq!(first.difference(&estimated), None);
    }
}
