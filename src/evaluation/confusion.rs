//! Labels against predicted values as counts, and the figures that follow from counts alone.

use serde::{Deserialize, Serialize};

use crate::{
    codebook::Value,
    evaluation::{Judgement, agreement, share},
};

/// How many posts of each label got each predicted value.
///
/// Rows are labels, columns predictions, both in the order of [`Value::ALL`]: −1, 0, 1. Undecided posts stand
/// apart, by label. In precision, recall, F1 and accuracy they count as predicted *neither*.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    counts: [[u64; 3]; 3],
    undecided: [u64; 3],
}

impl Confusion {
    /// Counts one post; `predicted` is `None` where the program did not judge it.
    pub fn record(&mut self, label: Value, predicted: Option<Value>) {
        match predicted {
            Some(predicted) => self.counts[label as usize][predicted as usize] += 1,
            None => self.undecided[label as usize] += 1,
        }
    }

    /// Adds the counts of other posts. The default is the identity, and the order does not matter.
    pub fn merge(&mut self, other: &Self) {
        for (own, others) in self.counts.as_flattened_mut().iter_mut().zip(other.counts.as_flattened()) {
            *own += others;
        }
        for (own, others) in self.undecided.iter_mut().zip(other.undecided) {
            *own += others;
        }
    }

    /// Posts with that label and that prediction; `None` asks for the undecided ones.
    pub fn count(&self, label: Value, predicted: Option<Value>) -> u64 {
        match predicted {
            Some(predicted) => self.counts[label as usize][predicted as usize],
            None => self.undecided[label as usize],
        }
    }

    /// All posts.
    pub fn n(&self) -> u64 {
        self.counts.as_flattened().iter().sum::<u64>() + self.undecided()
    }

    /// Posts that the program did not judge.
    pub fn undecided(&self) -> u64 {
        self.undecided.iter().sum()
    }

    /// Posts with that label.
    pub fn support(&self, value: Value) -> u64 {
        self.counts[value as usize].iter().sum::<u64>() + self.undecided[value as usize]
    }

    /// Posts with that prediction; the undecided count as *neither*.
    pub fn predicted(&self, value: Value) -> u64 {
        let undecided = if value == Value::Neither { self.undecided() } else { 0 };
        self.counts.iter().map(|row| row[value as usize]).sum::<u64>() + undecided
    }

    /// Posts with that label and that prediction; the undecided count as *neither*.
    pub fn true_positives(&self, value: Value) -> u64 {
        let undecided = if value == Value::Neither { self.undecided[value as usize] } else { 0 };
        self.counts[value as usize][value as usize] + undecided
    }

    /// tp / predicted, from 0 to 1; `None` where nothing is predicted.
    pub fn precision(&self, value: Value) -> Option<f64> {
        share(self.true_positives(value), self.predicted(value))
    }

    /// tp / support, from 0 to 1; `None` without support.
    pub fn recall(&self, value: Value) -> Option<f64> {
        share(self.true_positives(value), self.support(value))
    }

    /// 2·tp / (2·tp + fp + fn), from 0 to 1, as scikit-learn's `f1_score`: 0 where there is support and nothing is
    /// predicted, `None` only where there is neither.
    pub fn f1(&self, value: Value) -> Option<f64> {
        share(2 * self.true_positives(value), self.support(value) + self.predicted(value))
    }

    /// Share of the posts whose predicted value is the label, from 0 to 1; `None` without posts.
    pub fn accuracy(&self) -> Option<f64> {
        share(Value::ALL.into_iter().map(|value| self.true_positives(value)).sum(), self.n())
    }

    /// Krippendorff's nominal alpha over the decided posts; see [`crate::evaluation::krippendorff_alpha`].
    pub fn krippendorff_alpha(&self) -> Option<f64> {
        agreement::alpha_of_table(&self.counts)
    }

    /// Cohen's kappa over the decided posts; see [`crate::evaluation::cohen_kappa`].
    pub fn cohen_kappa(&self) -> Option<f64> {
        agreement::kappa_of_table(&self.counts)
    }
}

impl FromIterator<Judgement> for Confusion {
    /// Counts the judgements with a label.
    fn from_iter<I: IntoIterator<Item = Judgement>>(judgements: I) -> Self {
        let mut confusion = Self::default();
        for judgement in judgements {
            if let Some(label) = judgement.label {
                confusion.record(label, judgement.predicted);
            }
        }
        confusion
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        codebook::Value::{self, Breaches, Neither, Upholds},
        evaluation::Confusion,
    };

    fn confusion(posts: &[(Value, Option<Value>)]) -> Confusion {
        let mut confusion = Confusion::default();
        for (label, predicted) in posts {
            confusion.record(*label, *predicted);
        }
        confusion
    }

    #[test]
    fn nothing_defines_nothing() {
        let nothing = Confusion::default();
        assert_eq!(nothing.accuracy(), None);
        for value in Value::ALL {
            assert_eq!([nothing.precision(value), nothing.recall(value), nothing.f1(value)], [None; 3]);
        }
    }

    #[test]
    fn a_pole_that_is_never_predicted_has_no_precision_and_f1_0() {
        let missed = confusion(&[(Upholds, Some(Neither)), (Neither, Some(Neither))]);
        assert_eq!(missed.precision(Upholds), None);
        assert_eq!(missed.recall(Upholds), Some(0.0));
        assert_eq!(missed.f1(Upholds), Some(0.0));
        assert_eq!(missed.f1(Breaches), None);
    }

    #[test]
    fn a_pole_without_support_has_no_recall_and_f1_0_where_it_is_predicted() {
        let invented = confusion(&[(Neither, Some(Upholds))]);
        assert_eq!(invented.precision(Upholds), Some(0.0));
        assert_eq!(invented.recall(Upholds), None);
        assert_eq!(invented.f1(Upholds), Some(0.0));
    }

    #[test]
    fn an_undecided_example_is_missed_and_an_undecided_neither_is_not() {
        let posts = [(Upholds, None), (Upholds, Some(Upholds)), (Neither, None), (Breaches, Some(Breaches))];
        let posts = confusion(&posts);
        assert_eq!(posts.undecided(), 2);
        assert_eq!(posts.recall(Upholds), Some(0.5));
        assert_eq!(posts.precision(Upholds), Some(1.0));
        assert_eq!(posts.precision(Neither), Some(0.5));
        assert_eq!(posts.recall(Neither), Some(1.0));
        assert_eq!(posts.accuracy(), Some(0.75));
        assert_eq!(posts.krippendorff_alpha(), Some(1.0));
        assert_eq!(posts.count(Upholds, None), 1);
    }
}
