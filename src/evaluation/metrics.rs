//! The figures of one characteristic and of its two poles.

use serde::{Deserialize, Serialize};

use crate::{
    codebook::{Characteristic, Pole, Value},
    evaluation::{Confusion, Judgement, average_precision, expected_calibration_error, macro_f1, mean},
    post::Account,
};

/// How one characteristic is judged. Shares and F1 run from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CharacteristicMetrics {
    /// Its identifier in the codebook, such as `P7`.
    pub id: String,
    /// Its column in a labelled file, such as `advice`.
    pub slug: String,
    /// Whose posts are judged on it; `None` is everybody's.
    pub account: Option<Account>,
    /// Posts with a label.
    pub n: u64,
    /// Posts with a label that the program did not judge; they are part of `n`.
    pub undecided: u64,
    /// Share of the posts with a label whose predicted value is the label.
    pub accuracy: Option<f64>,
    /// F1 of the value *neither*.
    pub f1_neither: Option<f64>,
    /// Mean F1 of the poles with support.
    pub macro_f1: Option<f64>,
    /// Mean F1 of the values that occur among the labels, *neither* included: the figure that is published as
    /// macro-F1 for three-way tasks such as stance.
    pub macro_f1_values: Option<f64>,
    /// Distance of the probabilities from what came true, from 0 (none) to 1. Both poles' probabilities are pooled,
    /// each against whether the label is that pole; see
    /// [`expected_calibration_error`].
    pub expected_calibration_error: Option<f64>,
    /// Krippendorff's nominal alpha between label and prediction as two coders: 1 is perfect, 0 is chance, below 0
    /// is worse than chance.
    pub krippendorff_alpha: Option<f64>,
    /// Cohen's kappa between label and prediction, from −1 to 1.
    pub cohen_kappa: Option<f64>,
    /// The counts that the figures come from.
    pub confusion: Confusion,
    /// Upholds, then breaches.
    pub poles: Vec<PoleMetrics>,
}

/// How one pole is found: that value against the two others. Shares and F1 run from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PoleMetrics {
    /// Which end of the characteristic.
    pub pole: Pole,
    /// Its tag in the codebook.
    pub tag: String,
    /// Posts whose label it is.
    pub support: u64,
    /// Posts for which it is predicted, among those with a label.
    pub predicted: u64,
    /// Posts for which both hold.
    pub true_positives: u64,
    /// Share of the predicted that is right; `None` where nothing is predicted.
    pub precision: Option<f64>,
    /// Share of the support that is found; `None` without support.
    pub recall: Option<f64>,
    /// 2·tp / (support + predicted): 0 where all is missed, `None` only where nothing is labelled or predicted.
    pub f1: Option<f64>,
    /// How well its probability ranks the posts; `None` without probabilities or without a labelled example among
    /// them. See [`average_precision`].
    pub average_precision: Option<f64>,
}

impl CharacteristicMetrics {
    /// The metrics of one characteristic from its judgements, one a post, in any order.
    pub fn new(characteristic: &Characteristic, judgements: &[Judgement]) -> Self {
        let confusion: Confusion = judgements.iter().copied().collect();
        let forecasts = Pole::ALL.map(|pole| forecasts(pole, judgements));
        let poles: Vec<_> = Pole::ALL
            .into_iter()
            .map(|pole| {
                let value = pole.value();
                PoleMetrics {
                    pole,
                    tag: characteristic.pole(pole).tag.clone(),
                    support: confusion.support(value),
                    predicted: confusion.predicted(value),
                    true_positives: confusion.true_positives(value),
                    precision: confusion.precision(value),
                    recall: confusion.recall(value),
                    f1: confusion.f1(value),
                    average_precision: average_precision(&forecasts[pole as usize]),
                }
            })
            .collect();
        let labelled = Value::ALL.into_iter().filter(|value| confusion.support(*value) > 0);
        Self {
            id: characteristic.id.clone(),
            slug: characteristic.slug.clone(),
            account: characteristic.account,
            n: confusion.n(),
            undecided: confusion.undecided(),
            accuracy: confusion.accuracy(),
            f1_neither: confusion.f1(Value::Neither),
            macro_f1: macro_f1(&poles, 1),
            macro_f1_values: mean(labelled.filter_map(|value| confusion.f1(value))),
            expected_calibration_error: expected_calibration_error(&forecasts.concat()),
            krippendorff_alpha: confusion.krippendorff_alpha(),
            cohen_kappa: confusion.cohen_kappa(),
            confusion,
            poles,
        }
    }

    /// Its name for a reader, such as `P7 advice`; the slug alone where both are the same.
    pub fn name(&self) -> String {
        if self.id == self.slug { self.slug.clone() } else { format!("{} {}", self.id, self.slug) }
    }
}

/// The probabilities of a pole among labelled posts, each with whether the label is that pole.
fn forecasts(pole: Pole, judgements: &[Judgement]) -> Vec<(f64, bool)> {
    judgements
        .iter()
        .filter_map(|judgement| {
            let probability = judgement.probabilities[pole as usize]?;
            Some((probability, judgement.label? == pole.value()))
        })
        .collect()
}
