//! The terms and cues that made each tag of one post.
//!
//! The contributions of a logit sum to it exactly: `intercept + Σ value × weight`, all for a post of [`USUAL_WORDS`] words.
//! Every post has a length, and against one of no words it would outweigh what a post says. Of a head with three values the
//! logits of both poles are against *neither*; the probabilities share one sum.

use serde::Serialize;

use crate::{
    codebook::Pole,
    model::{Model, Scorer, Status},
    post::Post,
};

/// Words of the post against which the length of others is told.
pub const USUAL_WORDS: u32 = 20;

/// Why a post got its tags.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// Whether the post was judged.
    pub status: &'static str,
    /// One entry a pole that was judged, in the order of the codebook.
    pub tags: Vec<TagExplanation>,
    /// Tags that could not be judged because the parent is not known.
    pub undecided: Vec<String>,
    /// Name and hash of the model.
    pub model: String,
}

/// Why a post has a tag, or has it not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TagExplanation {
    /// Name of the tag.
    pub tag: String,
    /// Id of the characteristic.
    pub characteristic: String,
    /// The pole of it.
    pub pole: Pole,
    /// Whether the post is tagged.
    pub tagged: bool,
    /// In \[0, 1\].
    pub probability: f64,
    /// The probability from which a post is tagged.
    pub threshold: f64,
    /// Intercept and contributions together.
    pub logit: f64,
    /// What a post of [`USUAL_WORDS`] words starts from.
    pub intercept: f64,
    /// What each column of the post adds, largest first.
    pub contributions: Vec<Contribution>,
}

/// What one column adds to a logit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contribution {
    /// A term (stems), a cue in brackets, or context as `[parent: …]`.
    pub name: String,
    /// The value of the column in this post; of the length, the difference to [`USUAL_WORDS`] words.
    pub value: f64,
    /// Its weight.
    pub weight: f64,
    /// `value × weight`.
    pub contribution: f64,
}

impl Model {
    /// Explains every tag that a post has or might have had.
    pub fn explain(&self, post: &Post) -> Explanation {
        let mut scorer = Scorer::new(self);
        let scored = scorer.score(post).clone();
        let mut explanation = Explanation {
            status: scored.status.name(),
            tags: Vec::new(),
            undecided: Vec::new(),
            model: self.id(),
        };
        let panel = self.panel_place(post.account).filter(|_| scored.status == Status::Ok);
        let Some(panel) = panel.map(|place| &self.panels[place]) else {
            return explanation;
        };
        let n_outputs = panel.n_outputs();
        let (length, usual) = panel.columns.length(USUAL_WORDS);
        let usual = f64::from(usual);
        for head in &panel.heads {
            let characteristic = &self.codebook.characteristics[head.characteristic];
            for pole in Pole::ALL.into_iter().filter(|&pole| head.kind.judges(pole)) {
                let tag = characteristic.pole(pole).tag.clone();
                let Some(probability) = scored.probabilities[head.characteristic][pole as usize] else {
                    explanation.undecided.push(tag);
                    continue;
                };
                // An opposed head has one logit for both poles, with the other sign for the second.
                let own = (0..head.kind.n_outputs()).find(|&output| head.kind.output_pole(output) == pole);
                let (output, sign) = own.map_or((head.output, -1.0), |output| (head.output + output, 1.0));
                let weight = |column: usize| sign * f64::from(panel.weights[column * n_outputs + output]);
                let mut contributions: Vec<Contribution> = scorer
                    .row
                    .entries
                    .iter()
                    .map(|&(column, value)| {
                        let column = column as usize;
                        let value = f64::from(value) - if column == length { usual } else { 0.0 };
                        let name = panel.columns.name(column, &panel.vocabulary, self.analyzer.cues());
                        let weight = weight(column);
                        Contribution { name, value, weight, contribution: value * weight }
                    })
                    .filter(|contribution| contribution.contribution != 0.0)
                    .collect();
                let size = |contribution: &Contribution| contribution.contribution.abs();
                contributions.sort_by(|a, b| size(b).total_cmp(&size(a)));
                let intercept = sign * f64::from(panel.intercepts[output]) + usual * weight(length);
                let sum: f64 = contributions.iter().map(|contribution| contribution.contribution).sum();
                explanation.tags.push(TagExplanation {
                    tag,
                    characteristic: characteristic.id.clone(),
                    pole,
                    tagged: scored.values[head.characteristic] == Some(pole.value()),
                    probability,
                    threshold: head.thresholds[pole as usize],
                    logit: intercept + sum,
                    intercept,
                    contributions,
                });
            }
        }
        explanation
    }
}
