//! Which posts are coded: a random sample, stratified by the model's probability.
//!
//! The posts of an author (or all posts) are sorted by the probability that they bear any tag and cut into strata of
//! equal size; each stratum gives the same share of its posts. So every post has about the same chance: one sample
//! serves sixteen questions, and no rate hangs on a few heavy weights. What the strata add is that every sample
//! holds clear and unclear posts in the right proportion.

use std::collections::BTreeMap;

use crate::{model::Scored, post::Post};

/// Most strata of an author.
const MAX_STRATA: u64 = 5;
/// Posts that are coded in a stratum at least, where there are as many: a variance needs two, and room for blanks.
const MIN_CODED: u64 = 10;

/// A post that may be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// What the post is known by, see [`post_key`].
    pub key: String,
    /// Its author.
    pub author: String,
    /// The probability that it bears any tag, see [`any_tag`].
    pub probability: f64,
}

/// How many posts are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleSize {
    /// From each author.
    PerAuthor(u64),
    /// From all posts together.
    Total(u64),
}

/// A post that was drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    /// Its place among the candidates.
    pub place: usize,
    /// Number of its stratum, from 1.
    pub stratum: u32,
    /// Posts in the stratum, drawn or not.
    pub stratum_posts: u64,
    /// The probability with which it was drawn, in (0, 1].
    pub probability: f64,
}

/// What a post is known by in an audit: a hash of what it is, for a platform's id need not be unique, nor be there.
pub fn post_key(post: &Post) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [post.id, post.author, post.created_at, post.parent.text(), post.text] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// The highest probability of any tag: how likely a post is to be worth reading.
pub fn any_tag(scored: &Scored) -> f64 {
    scored.probabilities.iter().flatten().flatten().copied().fold(0.0, f64::max)
}

/// Draws a sample, in random order, so that a coder who stops early has coded a random part. The same candidates and
/// seed give the same sample, in whatever order the candidates come, as long as their keys differ.
pub fn draw(candidates: &[Candidate], size: SampleSize, seed: u64) -> Vec<Drawn> {
    let mut frames: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, candidate) in candidates.iter().enumerate() {
        let frame = match size {
            SampleSize::PerAuthor(_) => candidate.author.as_str(),
            SampleSize::Total(_) => "",
        };
        frames.entry(frame).or_default().push(place);
    }
    let (SampleSize::PerAuthor(n) | SampleSize::Total(n)) = size;
    let mut drawn = Vec::new();
    let mut stratum = 0;
    for mut frame in frames.into_values() {
        let at = |place: usize| &candidates[place];
        frame.sort_by(|&a, &b| {
            let order = at(a).probability.total_cmp(&at(b).probability);
            order.then_with(|| at(a).key.cmp(&at(b).key))
        });
        let n_posts = frame.len() as u64;
        let n = n.min(n_posts);
        let n_strata = (n / MIN_CODED).clamp(1, MAX_STRATA);
        let mut start = 0;
        for number in 1..=n_strata {
            let end = n_posts * number / n_strata;
            // In proportion to the posts, and never more than there are.
            let n_drawn = end * n / n_posts - start * n / n_posts;
            let mut posts = frame[start as usize..end as usize].to_vec();
            stratum += 1;
            posts.sort_by_cached_key(|&place| (lot(seed, "stratum", &at(place).key), place));
            let probability = n_drawn as f64 / (end - start).max(1) as f64;
            drawn.extend(posts.iter().take(n_drawn as usize).map(|&place| Drawn {
                place,
                stratum,
                stratum_posts: end - start,
                probability,
            }));
            start = end;
        }
    }
    drawn.sort_by_cached_key(|post| (lot(seed, "order", &candidates[post.place].key), post.place));
    drawn
}

/// A random number of a post.
fn lot(seed: u64, purpose: &str, key: &str) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(purpose.as_bytes());
    hasher.update(key.as_bytes());
    let hash = hasher.finalize();
    *hash.as_bytes().first_chunk().expect("a hash has 32 bytes")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn candidates(n: usize, n_authors: usize) -> Vec<Candidate> {
        (0..n)
            .map(|place| Candidate {
                key: format!("post {place}"),
                author: format!("author {}", place % n_authors),
                probability: (place * 7919 % n) as f64 / n as f64,
            })
            .collect()
    }

    #[test]
    fn every_author_gives_as_many_as_asked_for_or_all() {
        let mut posts = candidates(300, 3);
        posts.extend(candidates(7, 1).into_iter().map(|post| Candidate {
            author: "few".to_owned(),
            key: format!("few {}", post.key),
            ..post
        }));
        let drawn = draw(&posts, SampleSize::PerAuthor(40), 1);
        let of = |author: &str| drawn.iter().filter(|post| posts[post.place].author == author).count();
        assert_eq!([of("author 0"), of("author 1"), of("author 2"), of("few")], [40, 40, 40, 7]);
        assert!(
            drawn.iter().filter(|post| posts[post.place].author == "few").all(|post| post.probability == 1.0)
        );
    }

    #[test]
    fn every_post_is_drawn_as_often_as_its_probability_says() {
        let posts = candidates(60, 1);
        let mut times = vec![0; posts.len()];
        for seed in 0..2000 {
            for post in draw(&posts, SampleSize::PerAuthor(24), seed) {
                times[post.place] += 1;
            }
        }
        // 800 expected each, standard deviation 22.
        assert!(times.iter().all(|times| (690..910).contains(times)), "{times:?}");
    }

    proptest! {
        #[test]
        fn probabilities_add_up_to_the_strata(n_posts in 1..300_usize, n in 1..200_u64, seed in any::<u64>()) {
            let posts = candidates(n_posts, 4);
            let drawn = draw(&posts, SampleSize::Total(n), seed);
            prop_assert_eq!(drawn.len() as u64, n.min(n_posts as u64));
            let mut strata: BTreeMap<u32, (u64, f64)> = BTreeMap::new();
            for post in &drawn {
                let stratum = strata.entry(post.stratum).or_insert((post.stratum_posts, 0.0));
                stratum.1 += 1.0 / post.probability;
            }
            prop_assert_eq!(strata.values().map(|stratum| stratum.0).sum::<u64>(), n_posts as u64);
            for (posts, weights) in strata.values() {
                prop_assert!((*posts as f64 - weights).abs() < 1e-6);
            }
        }

        #[test]
        fn the_order_of_the_posts_does_not_matter(n_posts in 1..80_usize, seed in any::<u64>()) {
            let posts = candidates(n_posts, 3);
            let mut turned = posts.clone();
            turned.reverse();
            let keys = |posts: &[Candidate]| {
                let drawn = draw(posts, SampleSize::PerAuthor(10), seed);
                drawn.into_iter().map(|post| posts[post.place].key.clone()).collect::<Vec<_>>()
            };
            prop_assert_eq!(keys(&posts), keys(&turned));
        }
    }
}
