//! All scored posts beside a coded sample of them → estimates per author, organisation and overall.

use std::collections::BTreeMap;

use crate::{
    codebook::{Codebook, Pole, ShareOf, Value},
    model::{Scored, Status, ten_thousandths},
    post::{Account, Post},
    summary::{
        audit::{
            coded::CodedSample,
            estimator::{Estimator, Totals, Unit},
            sample::post_key,
        },
        group::{GroupBy, Key, key},
    },
};

/// Probabilities are summed in whole units of this, as they stand in scored files: sums are exact, and the same in
/// whatever order.
const UNITS: f64 = 1e4;

/// Sums over the posts of a group, a place a characteristic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupTotals {
    /// Posts that were judged and whose kind counts.
    pub members: Vec<u64>,
    /// Sums of their probabilities, in ten-thousandths.
    probabilities: Vec<[u64; 2]>,
}

/// What is known of a sampled post from the scored file.
#[derive(Clone, Debug, PartialEq)]
struct Sampled {
    account: Account,
    /// Its groups, one a level.
    keys: Vec<Key>,
    /// Probabilities of both poles of each characteristic, where the post is a member.
    probabilities: Vec<Option<[f64; 2]>>,
}

/// All scored posts, as far as estimates need them. Merges.
///
/// A level is what posts are told apart by: nothing at all for an estimate of all of them, the author, the
/// organisation, the month.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Population {
    levels: Vec<Vec<GroupBy>>,
    totals: BTreeMap<(Account, usize, Key), GroupTotals>,
    /// Sampled posts by place in the sample.
    sampled: BTreeMap<usize, Sampled>,
}

/// An estimate of one tag of one group.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Whose posts.
    pub account: Account,
    /// Place of its level.
    pub level: usize,
    /// Its group within the level.
    pub key: Key,
    /// Place of the characteristic.
    pub place: usize,
    /// The pole.
    pub pole: Pole,
    /// Posts of the group that are spoken of.
    pub n_posts: u64,
    /// The share.
    pub estimator: Estimator,
}

impl Population {
    /// No posts yet.
    pub fn new(levels: &[Vec<GroupBy>]) -> Self {
        Self { levels: levels.to_vec(), ..Self::default() }
    }

    /// Looks at one scored post. One that stands twice counts twice here, though it can be drawn but once.
    pub fn add(&mut self, post: &Post, scored: &Scored, codebook: &Codebook, sample: &CodedSample) {
        if scored.status != Status::Ok {
            return;
        }
        let n = codebook.characteristics.len();
        let mut probabilities = vec![None; n];
        for (place, characteristic) in codebook.judged(post.account) {
            if characteristic.counts(post.kind) && scored.values[place].is_some() {
                probabilities[place] = Some(scored.probabilities[place].map(Option::unwrap_or_default));
            }
        }
        let keys: Vec<Key> = self.levels.iter().map(|by| key(by, post)).collect();
        for (level, key) in keys.iter().enumerate() {
            let totals = self.totals.entry((post.account, level, key.clone())).or_default();
            totals.grow(n);
            for (place, own) in probabilities.iter().enumerate() {
                if let Some(own) = own {
                    totals.members[place] += 1;
                    for (sum, probability) in totals.probabilities[place].iter_mut().zip(own) {
                        *sum += u64::from(ten_thousandths(*probability));
                    }
                }
            }
        }
        if let Some(place) = sample.place(&post_key(post)) {
            self.sampled.entry(place).or_insert_with(|| Sampled {
                account: post.account,
                keys,
                probabilities,
            });
        }
    }

    /// Adds another part.
    pub fn merge(&mut self, other: Self) {
        for (key, more) in other.totals {
            self.totals.entry(key).or_default().add(&more);
        }
        for (place, sampled) in other.sampled {
            self.sampled.entry(place).or_insert(sampled);
        }
    }

    /// The same posts with one level, of one group without a name: the chosen groups of the first level together.
    #[must_use]
    pub fn together(&self, is_chosen: impl Fn(Account, &Key) -> bool) -> Self {
        let mut whole = Self::new(&[Vec::new()]);
        for ((account, level, key), totals) in &self.totals {
            if *level == 0 && is_chosen(*account, key) {
                whole.totals.entry((*account, 0, Key::new())).or_default().add(totals);
            }
        }
        for (&place, own) in &self.sampled {
            let is_chosen = own.keys.first().is_some_and(|key| is_chosen(own.account, key));
            // Posts of other groups stay: they are of the strata that the chosen ones were drawn from.
            let keys = if is_chosen { vec![Key::new()] } else { Vec::new() };
            whole.sampled.insert(place, Sampled { keys, ..own.clone() });
        }
        whole
    }

    /// Rows of the sample that no post was found for.
    pub fn n_missing(&self, sample: &CodedSample) -> usize {
        sample.rows.len() - self.sampled.len()
    }

    /// Estimates of every tag of every named group that has coded posts.
    pub fn estimates(&self, sample: &CodedSample, codebook: &Codebook) -> Vec<Estimate> {
        let mut groups: BTreeMap<(Account, usize, &Key), Vec<usize>> = BTreeMap::new();
        for (&place, sampled) in &self.sampled {
            for (level, key) in sampled.keys.iter().enumerate() {
                if key.iter().all(|name| !name.is_empty()) {
                    groups.entry((sampled.account, level, key)).or_default().push(place);
                }
            }
        }
        let mut by_stratum: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for &place in self.sampled.keys() {
            by_stratum.entry(&sample.rows[place].stratum).or_default().push(place);
        }
        let mut estimates = Vec::new();
        for ((account, level, key), members) in groups {
            let Some(totals) = self.totals.get(&(account, level, key.clone())) else { continue };
            for (place, characteristic) in codebook.judged(account) {
                let design = self.design(sample, &by_stratum, &members, place);
                for pole in Pole::ALL {
                    let (units, strata) = design.units(pole, characteristic.share_of);
                    let sums = totals.of(place, pole, characteristic.share_of);
                    if let Some(estimator) = Estimator::new(&units, &strata, sums) {
                        let (key, n_posts) = (key.clone(), totals.members[place]);
                        estimates.push(Estimate { account, level, key, place, pole, n_posts, estimator });
                    }
                }
            }
        }
        estimates
    }

    /// The coded posts of all strata that hold a member of the group, on one characteristic.
    fn design(
        &self,
        sample: &CodedSample,
        by_stratum: &BTreeMap<&str, Vec<usize>>,
        members: &[usize],
        characteristic: usize,
    ) -> Design {
        let mut design = Design::default();
        let mut threads: BTreeMap<&str, u64> = BTreeMap::new();
        let strata: std::collections::BTreeSet<&str> =
            members.iter().map(|&place| sample.rows[place].stratum.as_str()).collect();
        for stratum in strata {
            let number = design.strata.len();
            let mut n_posts = 0;
            for &place in &by_stratum[stratum] {
                let row = &sample.rows[place];
                let own = members.binary_search(&place).ok();
                let probabilities = own.and_then(|_| self.sampled[&place].probabilities[characteristic]);
                let value = row.values[characteristic];
                // A member that was left blank says nothing: the others of its stratum stand for it.
                if probabilities.is_some() && value.is_none() {
                    continue;
                }
                n_posts = row.stratum_posts;
                let next = (1 << 32) + threads.len() as u64;
                let thread = if row.thread.is_empty() {
                    place as u64
                } else {
                    *threads.entry(row.thread.as_str()).or_insert(next)
                };
                design.posts.push((number, thread, probabilities.zip(value)));
            }
            design.strata.push(n_posts as f64);
        }
        design
    }
}

/// Coded posts on one characteristic: stratum, thread, and of members the probabilities and the value.
#[derive(Default)]
struct Design {
    strata: Vec<f64>,
    posts: Vec<(usize, u64, Member)>,
}

/// Probabilities of both poles and the coded value; `None` for a post that is not spoken of.
type Member = Option<([f64; 2], Value)>;

impl Design {
    fn units(&self, pole: Pole, share_of: ShareOf) -> (Vec<Unit>, Vec<f64>) {
        let units = self.posts.iter().map(|&(stratum, thread, member)| {
            let Some((probabilities, value)) = member else {
                return Unit {
                    stratum,
                    thread,
                    member: false,
                    of: false,
                    bears: false,
                    predicted: 0.0,
                    predicted_of: 0.0,
                };
            };
            let (of, predicted_of) = match share_of {
                ShareOf::Posts => (true, 1.0),
                ShareOf::Poles => (value != Value::Neither, probabilities[0] + probabilities[1]),
            };
            Unit {
                stratum,
                thread,
                member: true,
                of,
                bears: value == pole.value(),
                predicted: probabilities[pole as usize],
                predicted_of,
            }
        });
        (units.collect(), self.strata.clone())
    }
}

impl GroupTotals {
    fn add(&mut self, more: &Self) {
        self.grow(more.members.len());
        for (own, more) in self.members.iter_mut().zip(&more.members) {
            *own += more;
        }
        for (own, more) in self.probabilities.iter_mut().zip(&more.probabilities) {
            own[0] += more[0];
            own[1] += more[1];
        }
    }

    fn grow(&mut self, n: usize) {
        if self.members.len() < n {
            self.members.resize(n, 0);
            self.probabilities.resize(n, [0; 2]);
        }
    }

    fn of(&self, place: usize, pole: Pole, share_of: ShareOf) -> Totals {
        let members = self.members[place] as f64;
        let sums = self.probabilities[place].map(|sum| sum as f64 / UNITS);
        let all_could = share_of == ShareOf::Posts;
        let predicted_of = if all_could { members } else { sums[0] + sums[1] };
        Totals { members, predicted: sums[pole as usize], predicted_of, all_could }
    }
}
