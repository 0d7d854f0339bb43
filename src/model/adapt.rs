//! How common each value is in the posts at hand, estimated without labels, and a model moved there.
//!
//! Expectation–maximisation of the values' shares (Saerens, Latinne and Decaestecker 2002, "Adjusting the outputs of a
//! classifier to new a priori probabilities"). It takes for granted that posts show a value as plainly as where the model was
//! measured, and cannot know it: where they do not, it goes astray, which is why it is bounded.

use std::path::Path;

use crate::{
    codebook::Pole,
    error::Result,
    model::{Head, HeadKind, Model, Scored, Status},
};

/// Posts that are kept at most.
const MAX_POSTS: usize = 10_000;
/// Judged posts below which nothing is estimated.
const MIN_POSTS: usize = 200;
/// Heads of which neither pole is expected in as many posts stay as they are: most of the estimate would be the probabilities of
/// posts that do not bear the tag. This and the next two were chosen on real posts, see `models/README.md`.
const MIN_SHARE: f64 = 0.1;
/// A pole that is expected in fewer posts keeps its odds in any case.
const MIN_POLE_SHARE: f64 = 0.05;
/// The odds of other values change by this factor at most.
const MOST: f64 = 3.0;
/// Rounds of expectation–maximisation at most, and the change of a share at which they end.
const MAX_ROUNDS: usize = 500;
const TOLERANCE: f64 = 1e-7;

/// Probabilities of some of the posts, evenly drawn from all in their order: each `step`th.
pub struct PostSample {
    step: u64,
    n_seen: u64,
    posts: Vec<Vec<[Option<f64>; 2]>>,
}

impl Default for PostSample {
    fn default() -> Self {
        Self { step: 1, n_seen: 0, posts: Vec::new() }
    }
}

impl PostSample {
    /// Adds what the model says of a post, if it was judged.
    pub fn add(&mut self, scored: &Scored) {
        if scored.status == Status::Ok {
            self.add_probabilities(&scored.probabilities);
        }
    }

    fn add_probabilities(&mut self, probabilities: &[[Option<f64>; 2]]) {
        if self.n_seen.is_multiple_of(self.step) {
            self.posts.push(probabilities.to_vec());
        }
        self.n_seen += 1;
        if self.posts.len() > MAX_POSTS {
            let mut is_odd = true;
            self.posts.retain(|_| {
                is_odd = !is_odd;
                !is_odd
            });
            self.step *= 2;
        }
    }
}

/// What was found of one characteristic's shares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adaptation {
    /// Place of the characteristic in the codebook.
    pub characteristic: usize,
    /// Posts that it was estimated from.
    pub n_posts: usize,
    /// The shares of upholds and breaches that the model expected.
    pub expected: [f64; 2],
    /// The shares in the posts; `None` where they were not estimated.
    pub estimated: Option<[f64; 2]>,
}

/// What is added to the name of a model that was moved.
const ADAPTED: &str = "+adapted";

impl Model {
    /// Whether it was moved to the posts at hand.
    pub fn is_adapted(&self) -> bool {
        self.name.ends_with(ADAPTED)
    }

    /// The model for posts of which these are a sample, and what was found of each characteristic that is judged in any of them. Its
    /// probabilities move to the estimated shares; weights and thresholds stay.
    pub fn adapt(mut self, sample: &PostSample) -> Result<(Self, Vec<Adaptation>)> {
        let mut adaptations = Vec::new();
        for panel in &mut self.panels {
            for head in &mut panel.heads {
                let values: Vec<Shares> =
                    sample.posts.iter().filter_map(|post| shares(head, post[head.characteristic])).collect();
                if values.is_empty() {
                    continue;
                }
                let expected = head.prevalence;
                let is_common = expected.iter().any(|&share| share >= MIN_SHARE);
                let estimated = (is_common && values.len() >= MIN_POSTS).then(|| estimate(head, &values));
                if let Some(estimated) = estimated {
                    let [from, to] =
                        [expected, estimated].map(|poles| shares(head, poles.map(Some)).unwrap_or_default());
                    let shifts = head.kind.shifts(|value| to[value as usize] / from[value as usize]);
                    for (intercept, shift) in panel.intercepts[head.output..].iter_mut().zip(shifts) {
                        *intercept += shift as f32;
                    }
                    head.prevalence = estimated;
                }
                adaptations.push(Adaptation {
                    characteristic: head.characteristic,
                    n_posts: values.len(),
                    expected,
                    estimated,
                });
            }
        }
        if adaptations.iter().any(|adaptation| adaptation.estimated.is_some()) {
            self.name.push_str(ADAPTED);
            // The hash is that of the file.
            self = Self::from_bytes(&self.to_bytes(), Path::new("the adapted model"))?;
        }
        Ok((self, adaptations))
    }
}

/// Shares, or probabilities, of breaches, neither and upholds.
type Shares = [f64; 3];

/// Both poles' numbers and what is left for neither; `None` where the head has not judged.
fn shares(head: &Head, of_poles: [Option<f64>; 2]) -> Option<Shares> {
    let [upholds, breaches] = of_poles;
    let judged =
        Pole::ALL.into_iter().all(|pole| of_poles[pole as usize].is_some() || !head.kind.judges(pole));
    let (upholds, breaches) = (upholds.unwrap_or_default(), breaches.unwrap_or_default());
    let neither = if head.kind == HeadKind::Opposed { 0.0 } else { (1.0 - upholds - breaches).max(0.0) };
    judged.then_some([breaches, neither, upholds])
}

fn estimate(head: &Head, posts: &[Shares]) -> [f64; 2] {
    let expected = shares(head, head.prevalence.map(Some)).unwrap_or_default();
    let mut current = expected;
    for _ in 0..MAX_ROUNDS {
        let mut sums = [0.0; 3];
        for post in posts {
            let moved: Shares = std::array::from_fn(|at| {
                if expected[at] > 0.0 { post[at] * current[at] / expected[at] } else { 0.0 }
            });
            let total: f64 = moved.iter().sum();
            for (sum, moved) in sums.iter_mut().zip(moved) {
                *sum += moved / total;
            }
        }
        let next = bounded(sums.map(|sum| sum / posts.len() as f64), expected);
        let change =
            next.iter().zip(current).map(|(next, current)| (next - current).abs()).fold(0.0, f64::max);
        current = next;
        if change < TOLERANCE {
            break;
        }
    }
    let [breaches, _, upholds] = current;
    [upholds, breaches]
}

/// Shares whose odds are within a factor of the expected ones, brought to a sum of 1.
fn bounded(shares: Shares, expected: Shares) -> Shares {
    let bounded: Shares = std::array::from_fn(|at| {
        let (share, odds) = (shares[at], expected[at] / (1.0 - expected[at]));
        let most = if expected[at] < MIN_POLE_SHARE { 1.0 } else { MOST };
        let odds = (share / (1.0 - share)).clamp(odds / most, odds * most);
        odds / (1.0 + odds)
    });
    let total: f64 = bounded.iter().sum();
    bounded.map(|share| share / total)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{model::Scorer, post::Post, synthetic::Random};

    fn ternary(prevalence: [f64; 2]) -> Head {
        Head { characteristic: 0, kind: HeadKind::Ternary, output: 0, thresholds: [0.4; 2], prevalence }
    }

    /// Posts of which `true_share` uphold, with what a calibrated model that expects `expected` says of them: logits of upholds
    /// are normal around 1 and −1 with a variance of 2, so that they are the logarithms of their likelihood ratio.
    fn posts(n: usize, true_share: f64, expected: f64) -> Vec<Shares> {
        let mut random = Random::new(3);
        let mut normal = move || (0..12).map(|_| random.uniform()).sum::<f64>() - 6.0;
        (0..n)
            .map(|at| {
                let upholds = (at as f64 + 0.5) / (n as f64) < true_share;
                let ratio = if upholds { 1.0 } else { -1.0 } + 2.0_f64.sqrt() * normal();
                let odds = ratio.exp() * expected / (1.0 - expected);
                [0.0, 1.0 / (1.0 + odds), odds / (1.0 + odds)]
            })
            .collect()
    }

    #[test]
    fn true_shares_are_found_within_bounds() {
        let head = Head { kind: HeadKind::Upholds, ..ternary([0.3, 0.0]) };
        for (true_share, found) in [(0.15, 0.15), (0.3, 0.3), (0.5, 0.5), (0.01, 0.125), (0.9, 0.5625)] {
            let [upholds, breaches] = estimate(&head, &posts(4000, true_share, 0.3));
            assert!((upholds - found).abs() < 0.02, "{true_share}: found {upholds}, expected {found}");
            assert_eq!(breaches, 0.0);
        }
    }

    #[test]
    fn a_rare_pole_keeps_its_odds() {
        let posts: Vec<Shares> = (0..300).map(|_| [0.5, 0.3, 0.2]).collect();
        let [upholds, breaches] = estimate(&ternary([0.2, 0.02]), &posts);
        // Odds of 0.02 to 0.98 before the three are brought to a sum of 1.
        assert!((0.01..0.03).contains(&breaches), "found {breaches}");
        assert!((0.1..0.5).contains(&upholds), "found {upholds}");
    }

    #[test]
    fn a_sample_is_bounded_and_even() {
        let mut sample = PostSample::default();
        for at in 0..70_000 {
            sample.add_probabilities(&[[Some(f64::from(at)), None]]);
        }
        assert_eq!(sample.step, 8);
        let found: Vec<f64> = sample.posts.iter().map(|post| post[0][0].unwrap_or_default()).collect();
        assert_eq!(found, (0..8750).map(|at| f64::from(at * 8)).collect::<Vec<_>>());
    }

    #[test]
    fn few_posts_change_nothing() -> Result<()> {
        let model = Model::shipped()?;
        let (id, mut sample) = (model.id(), PostSample::default());
        let mut scorer = Scorer::new(&model);
        for _ in 1..MIN_POSTS {
            sample.add(scorer.score(&Post::from_text("Thank you all for coming, slides are up.")));
        }
        let (model, adaptations) = model.adapt(&sample)?;
        assert_eq!(model.id(), id);
        assert!(adaptations.iter().all(|own| own.estimated.is_none() && own.n_posts == MIN_POSTS - 1));
        Ok(())
    }

    #[test]
    fn probabilities_move_by_the_rule_of_bayes() -> Result<()> {
        let model = Model::shipped()?;
        let post = Post::from_text("Slides of my talk on discharge letters are up, take what you need.");
        let mut sample = PostSample::default();
        let before = Scorer::new(&model).score(&post).clone();
        (0..MIN_POSTS).for_each(|_| sample.add(&before));
        let name = model.name.clone();
        let (model, adaptations) = model.adapt(&sample)?;
        assert_eq!(model.name, name + "+adapted");
        assert!(model.is_adapted());
        let after = Scorer::new(&model).score(&post).clone();
        assert!(adaptations.iter().any(|own| own.estimated.is_some()));
        for Adaptation { characteristic, expected, estimated, .. } in adaptations {
            let head = model.panels.iter().flat_map(|panel| &panel.heads);
            let head = head.clone().find(|head| head.characteristic == characteristic).expect("its head");
            let shares = |of_poles: [f64; 2]| shares(head, of_poles.map(Some)).expect("judged");
            let of_post = |scored: &Scored| shares(scored.probabilities[characteristic].map(Option::unwrap));
            let (from, to) = (shares(expected), shares(estimated.unwrap_or(expected)));
            let weighed: Shares = std::array::from_fn(|at| of_post(&before)[at] * to[at] / from[at]);
            let total: f64 = weighed.iter().sum();
            for (found, weighed) in of_post(&after).into_iter().zip(weighed) {
                assert!((found - weighed / total).abs() < 1e-5, "{found} {weighed} {total}");
            }
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn shares_stay_shares(
            posts in prop::collection::vec((0.0..1.0_f64, 0.0..1.0_f64), 1..50),
            upholds in 0.01..0.6_f64,
            breaches in 0.01..0.39_f64,
        ) {
            let posts: Vec<Shares> = posts.into_iter().map(|(u, b)| [b * (1.0 - u), (1.0 - b) * (1.0 - u), u]).collect();
            let [u, b] = estimate(&ternary([upholds, breaches]), &posts);
            prop_assert!(u > 0.0 && b > 0.0 && u + b < 1.0, "found {u} and {b}");
        }
    }
}
