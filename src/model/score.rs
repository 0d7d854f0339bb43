//! Posts → probabilities and tags.

use crate::{
    codebook::{Pole, Value},
    features::{Analysis, RowBuffer, Scratch},
    model::{Model, Panel},
    post::{Parent, Post},
    text::Language,
};

/// Words that a post must have at least to be judged.
const MIN_WORDS: u32 = 2;
/// From this share of familiar words on a text is taken to be in the model's language without a further look. Lists of
/// known words hold those of neighbouring languages too, so that common ones, which hardly do, count twice.
const FAMILIAR_SHARE: f32 = 0.8;

/// Logits of the shipped model's panels: a number known beforehand is added in registers.
const USUAL_OUTPUTS: usize = 16;

/// Whether a post was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Judged.
    Ok,
    /// No text.
    Empty,
    /// Fewer than two words.
    TooShort,
    /// Plainly not in the model's language.
    OtherLanguage,
    /// The model has no heads for posts of this account.
    NotCovered,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Ok, Self::Empty, Self::TooShort, Self::OtherLanguage, Self::NotCovered];

    /// The name as it stands in the column `status`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Empty => "empty",
            Self::TooShort => "too-short",
            Self::OtherLanguage => "other-language",
            Self::NotCovered => "not-covered",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// What the model says of one post.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// Whether it was judged.
    pub status: Status,
    /// Probability of each pole of each characteristic of the codebook, upholds before breaches, in \[0, 1\]; `None`
    /// where not judged.
    pub probabilities: Vec<[Option<f64>; 2]>,
    /// The value of each characteristic; `None` where not judged.
    pub values: Vec<Option<Value>>,
}

impl Scored {
    /// The poles that the post is tagged with, by place of the characteristic.
    pub fn tags(&self) -> impl Iterator<Item = (usize, Pole)> {
        self.values.iter().enumerate().filter_map(|(characteristic, value)| match value {
            Some(Value::Upholds) => Some((characteristic, Pole::Upholds)),
            Some(Value::Breaches) => Some((characteristic, Pole::Breaches)),
            Some(Value::Neither) | None => None,
        })
    }
}

/// Scores posts one after the other with one model; one a thread.
pub struct Scorer<'m> {
    model: &'m Model,
    /// One a panel, made when it is first needed.
    scratches: Vec<Option<Scratch>>,
    analysis: Analysis,
    /// The row of the last post that was judged.
    pub(super) row: RowBuffer,
    logits: Vec<f32>,
    /// What the last post was judged, kept to be filled again.
    scored: Scored,
}

impl<'m> Scorer<'m> {
    /// A scorer of that model.
    pub fn new(model: &'m Model) -> Self {
        let n_characteristics = model.codebook.characteristics.len();
        Self {
            model,
            scratches: model.panels.iter().map(|_| None).collect(),
            analysis: Analysis::default(),
            row: RowBuffer::default(),
            logits: Vec::new(),
            scored: Scored {
                status: Status::Ok,
                probabilities: vec![[None; 2]; n_characteristics],
                values: vec![None; n_characteristics],
            },
        }
    }

    /// Judges a post.
    pub fn score(&mut self, post: &Post) -> &Scored {
        self.scored.probabilities.fill([None; 2]);
        self.scored.values.fill(None);
        let (status, panel) = self.read(post);
        self.scored.status = status;
        let Some(panel) = panel.filter(|_| status == Status::Ok) else {
            return &self.scored;
        };
        self.logits.clear();
        self.logits.extend_from_slice(&panel.intercepts);
        match self.logits.first_chunk_mut() {
            Some(logits) if panel.n_outputs() == USUAL_OUTPUTS => {
                add_usual_rows(logits, &self.row.entries, &panel.weights);
            }
            _ => add_rows(&mut self.logits, &self.row.entries, &panel.weights),
        }
        for head in &panel.heads {
            if self.is_undecided(post, head.characteristic) {
                continue;
            }
            let mut logits = [0.0; 2];
            let n = head.kind.n_outputs();
            for (place, &logit) in logits.iter_mut().zip(&self.logits[head.output..head.output + n]) {
                *place = f64::from(logit);
            }
            let probabilities = head.kind.probabilities(&logits[..n]);
            self.scored.probabilities[head.characteristic] = probabilities;
            self.scored.values[head.characteristic] = Some(head.kind.decide(probabilities, head.thresholds));
        }
        &self.scored
    }

    /// Analyzes a post into `self.analysis` and `self.row`; says with which panel to go on.
    fn read(&mut self, post: &Post) -> (Status, Option<&'m Panel>) {
        let model = self.model;
        if post.text.chars().all(char::is_whitespace) {
            return (Status::Empty, None);
        }
        let Some(at) = model.panel_place(post.account) else {
            return (Status::NotCovered, None);
        };
        let panel = &model.panels[at];
        let mut ids = &panel.vocabulary;
        let scratch = self.scratches[at].get_or_insert_default();
        model.analyzer.analyze(post, &mut ids, scratch, &mut self.analysis);
        let status = self.status(post, model.analyzer.language());
        if status == Status::Ok {
            self.row.fill(&self.analysis, &panel.vocabulary);
        }
        (status, Some(panel))
    }

    fn status(&self, post: &Post, language: Language) -> Status {
        if self.analysis.n_words < MIN_WORDS {
            return Status::TooShort;
        }
        if self.analysis.n_familiar as f32 >= FAMILIAR_SHARE * self.analysis.n_words as f32 {
            return Status::Ok;
        }
        // A platform's guess counts where the words leave doubt.
        if language.is_not(post.lang) || language.is_plainly_not(post.text) {
            Status::OtherLanguage
        } else {
            Status::Ok
        }
    }

    /// Whether a characteristic cannot be judged because the parent is not known.
    fn is_undecided(&self, post: &Post, characteristic: usize) -> bool {
        post.parent == Parent::Unknown && self.model.codebook.characteristics[characteristic].needs_parent
    }
}

/// Adds the weights of each entry's column, times its value, to the logits.
fn add_rows(logits: &mut [f32], entries: &[(u32, f32)], weights: &[f32]) {
    let n_outputs = logits.len();
    for &(column, value) in entries {
        let weights = &weights[column as usize * n_outputs..][..n_outputs];
        for (logit, weight) in logits.iter_mut().zip(weights) {
            *logit += value * weight;
        }
    }
}

/// The same with sums that stay in registers.
fn add_usual_rows(logits: &mut [f32; USUAL_OUTPUTS], entries: &[(u32, f32)], weights: &[f32]) {
    let (rows, _) = weights.as_chunks::<USUAL_OUTPUTS>();
    let mut sums = *logits;
    for &(column, value) in entries {
        let row = &rows[column as usize];
        for (sum, weight) in sums.iter_mut().zip(row) {
            *sum += value * weight;
        }
    }
    *logits = sums;
}
