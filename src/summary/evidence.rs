//! For each tag of each group the posts to read: the clearest, those that only just were not tagged, and those that
//! may be tagged wrongly. Merges.

use std::{cmp::Ordering, collections::BTreeMap};

use crate::{
    codebook::{Codebook, Pole, Value},
    model::{Scored, as_written},
    post::{Account, Parent, Post},
    summary::group::{GroupBy, Key, key},
};

/// Characters of a text that are shown.
pub const QUOTED: usize = 400;
/// The probability below which a post without the tag is no borderline case: half of that from which on tags are given.
const MIN_BORDERLINE: f64 = 0.2;
/// The probability below which a tag is more likely wrong than right.
const MORE_LIKELY_WRONG: f64 = 0.5;

/// Why a post is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// Tagged, with the highest probability.
    Clearest,
    /// Tagged with neither pole, with the highest probability.
    Borderline,
    /// Tagged though more likely wrong than right, with the lowest probability.
    PossiblyWrong,
}

impl Ground {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Clearest, Self::Borderline, Self::PossiblyWrong];

    /// The name as it stands in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clearest => "clearest",
            Self::Borderline => "borderline",
            Self::PossiblyWrong => "possibly-wrong",
        }
    }
}

/// A post that is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Quote {
    /// The probability of the tag, in \[0, 1\].
    pub probability: f64,
    /// Identifier of the post.
    pub id: String,
    /// When, as the file says it.
    pub created_at: String,
    /// The author.
    pub author: String,
    /// The text, whole: what is cut before names are looked for keeps half of them.
    pub text: String,
    /// The text that it answers; `None` where it answers nothing or that is not known.
    pub parent: Option<String>,
}

impl Quote {
    fn new(post: &Post, probability: f64) -> Self {
        let parent = match post.parent {
            Parent::Text(text) => Some(text.to_owned()),
            Parent::None | Parent::Unknown => None,
        };
        Self {
            // Posts and scored posts give the same evidence.
            probability: as_written(probability),
            id: post.id.to_owned(),
            created_at: post.created_at.to_owned(),
            author: post.author.to_owned(),
            text: post.text.to_owned(),
            parent,
        }
    }

    /// Highest probability first; posts of the same one in the order of what they are, so that the order in which
    /// they came does not matter.
    fn order(&self, other: &Self) -> Ordering {
        let tie = |quote: &Self| (quote.id.clone(), quote.author.clone(), quote.text.clone());
        other.probability.total_cmp(&self.probability).then_with(|| tie(self).cmp(&tie(other)))
    }
}

/// The first characters of a text, as many as are shown of a quotation, with an ellipsis where it goes on.
pub fn start_of(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
        None => text.to_owned(),
    }
}

/// What is kept for one tag of one group: the ends of two lists.
#[derive(Clone, Debug, Default, PartialEq)]
struct Kept {
    highest_tagged: Vec<Quote>,
    lowest_tagged: Vec<Quote>,
    highest_untagged: Vec<Quote>,
}

/// The evidence for a tag: account, key, place of the characteristic, pole.
pub type TagKey = (Account, Key, usize, Pole);

/// The posts to read, by group and tag.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    n: usize,
    kept: BTreeMap<TagKey, Kept>,
}

impl Evidence {
    /// At most `n` posts a ground.
    pub fn new(n: usize) -> Self {
        Self { n, kept: BTreeMap::new() }
    }

    /// Looks at one post.
    pub fn add(&mut self, post: &Post, by: &[GroupBy], scored: &Scored, codebook: &Codebook) {
        for (place, characteristic) in codebook.judged(post.account) {
            for pole in Pole::ALL {
                let Some(probability) = scored.probabilities[place][pole as usize] else { continue };
                let is_tagged = scored.values[place] == Some(pole.value());
                let is_borderline =
                    scored.values[place] == Some(Value::Neither) && probability >= MIN_BORDERLINE;
                if !characteristic.counts(post.kind) || !(is_tagged || is_borderline) {
                    continue;
                }
                let kept = self.kept.entry((post.account, key(by, post), place, pole)).or_default();
                // Most posts are neither the first nor the last of anything: they are not copied.
                let n = self.n;
                let may_enter = |list: &[Quote], is_before: fn(&f64, &f64) -> bool| {
                    list.len() < n
                        || list
                            .last()
                            .is_some_and(|last| !is_before(&last.probability, &as_written(probability)))
                };
                let quote = || Quote::new(post, probability);
                if is_tagged && may_enter(&kept.highest_tagged, f64::gt) {
                    keep(&mut kept.highest_tagged, quote(), n, Quote::order);
                }
                if is_tagged && probability < MORE_LIKELY_WRONG && may_enter(&kept.lowest_tagged, f64::lt) {
                    keep(&mut kept.lowest_tagged, quote(), n, |a, b| b.order(a));
                }
                if !is_tagged && may_enter(&kept.highest_untagged, f64::gt) {
                    keep(&mut kept.highest_untagged, quote(), n, Quote::order);
                }
            }
        }
    }

    /// Adds the evidence of another part.
    pub fn merge(&mut self, other: Self) {
        for (key, more) in other.kept {
            let own = self.kept.entry(key).or_default();
            for quote in more.highest_tagged {
                keep(&mut own.highest_tagged, quote, self.n, Quote::order);
            }
            for quote in more.lowest_tagged {
                keep(&mut own.lowest_tagged, quote, self.n, |a, b| b.order(a));
            }
            for quote in more.highest_untagged {
                keep(&mut own.highest_untagged, quote, self.n, Quote::order);
            }
        }
    }

    /// The posts of all tags in order, each with its ground. A post stands once a tag.
    pub fn quotes(&self) -> impl Iterator<Item = (&TagKey, Ground, &Quote)> {
        self.kept.iter().flat_map(|(key, kept)| {
            let clearest = kept.highest_tagged.iter();
            let wrong = kept.lowest_tagged.iter().filter(|quote| !kept.highest_tagged.contains(quote));
            clearest
                .map(|quote| (Ground::Clearest, quote))
                .chain(kept.highest_untagged.iter().map(|quote| (Ground::Borderline, quote)))
                .chain(wrong.map(|quote| (Ground::PossiblyWrong, quote)))
                .map(move |(ground, quote)| (key, ground, quote))
        })
    }
}

/// Puts a quote into a sorted list of at most `n`.
fn keep(list: &mut Vec<Quote>, quote: Quote, n: usize, order: impl Fn(&Quote, &Quote) -> Ordering) {
    let at = list.partition_point(|own| order(own, &quote) != Ordering::Greater);
    if at < n {
        list.insert(at, quote);
        list.truncate(n);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Status;

    fn evidence(posts: &[(u8, u8, bool)]) -> Evidence {
        let codebook = Codebook::from_labels(&["a"]);
        let mut evidence = Evidence::new(2);
        for (id, probability, tagged) in posts {
            let (id, text) = (id.to_string(), format!("post {id}"));
            let post = Post { id: &id, ..Post::from_text(&text) };
            let value = if *tagged { Value::Upholds } else { Value::Neither };
            let scored = Scored {
                status: Status::Ok,
                probabilities: vec![[Some(f64::from(*probability) / 10.0), None]],
                values: vec![Some(value)],
            };
            evidence.add(&post, &[], &scored, &codebook);
        }
        evidence
    }

    fn shown(evidence: &Evidence, ground: Ground) -> Vec<&str> {
        evidence.quotes().filter(|quote| quote.1 == ground).map(|quote| quote.2.id.as_str()).collect()
    }

    #[test]
    fn the_clearest_borderline_and_possibly_wrong_are_told_apart() {
        let evidence = evidence(&[
            (1, 9, true),
            (2, 4, true),
            (3, 7, true),
            (4, 3, true),
            (5, 2, false),
            (6, 0, false),
            (7, 3, false),
        ]);
        assert_eq!(shown(&evidence, Ground::Clearest), ["1", "3"]);
        assert_eq!(shown(&evidence, Ground::Borderline), ["7", "5"]);
        assert_eq!(shown(&evidence, Ground::PossiblyWrong), ["4", "2"]);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let text = "\u{1f9d1}\u{200d}\u{2695}\u{fe0f}".repeat(200);
        assert_eq!(start_of(&text).chars().count(), QUOTED + 1);
        assert_eq!(start_of("short"), "short");
    }

    proptest! {
        #[test]
        fn parts_merge_to_the_whole(
            posts in prop::collection::vec((0..60_u8, 0..10_u8, any::<bool>()), 0..30), cut in 0..30_usize
        ) {
            let cut = cut.min(posts.len());
            let mut merged = evidence(&posts[..cut]);
            merged.merge(evidence(&posts[cut..]));
            prop_assert_eq!(merged, evidence(&posts));
        }
    }
}
