//! How far coders of one sample agree, a characteristic at a time, with intervals.
//!
//! Intervals are percentiles of a bootstrap over posts (Efron 1979), as Hayes and Krippendorff 2007 do for alpha.

use crate::{
    codebook::Value,
    evaluation::{cohen_kappa, krippendorff_alpha},
    summary::interval::{CONFIDENCE, Interval},
};

/// Resamples of the bootstrap.
const RESAMPLES: usize = 2000;

/// Agreement of coders on one characteristic.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreement {
    /// Posts that two coders or more gave a value.
    pub n: u64,
    /// The share of those on which all of them agree, in \[0, 1\].
    pub agreed: Option<f64>,
    /// Krippendorff's alpha, nominal.
    pub alpha: Option<f64>,
    /// Its interval.
    pub alpha_interval: Option<Interval>,
    /// Cohen's kappa; of more than two coders the mean of all pairs.
    pub kappa: Option<f64>,
    /// Its interval.
    pub kappa_interval: Option<Interval>,
}

/// Agreement on one characteristic: a unit is a post with a value a coder, in one order of coders.
pub fn agreement(units: &[Vec<Option<Value>>], seed: u64) -> Agreement {
    let units: Vec<&[Option<Value>]> =
        units.iter().map(Vec::as_slice).filter(|unit| unit.iter().flatten().count() > 1).collect();
    let agree = |unit: &&&[Option<Value>]| {
        let mut values = unit.iter().flatten();
        let first = values.next();
        values.all(|value| Some(value) == first)
    };
    let n_agreed = units.iter().filter(agree).count();
    let (mut alphas, mut kappas) = (Vec::new(), Vec::new());
    let mut numbers = blake3::Hasher::new().update(b"agreement").update(&seed.to_le_bytes()).finalize_xof();
    let mut number = [0; 4];
    let mut resample = Vec::with_capacity(units.len());
    for _ in 0..RESAMPLES {
        resample.clear();
        for _ in 0..units.len() {
            numbers.fill(&mut number);
            let place = (u64::from(u32::from_le_bytes(number)) * units.len() as u64) >> 32;
            resample.push(units[place as usize]);
        }
        alphas.extend(krippendorff_alpha(&resample));
        kappas.extend(mean_kappa(&resample));
    }
    Agreement {
        n: units.len() as u64,
        agreed: (!units.is_empty()).then(|| n_agreed as f64 / units.len() as f64),
        alpha: krippendorff_alpha(&units),
        alpha_interval: percentiles(alphas),
        kappa: mean_kappa(&units),
        kappa_interval: percentiles(kappas),
    }
}

/// Mean kappa of all pairs of coders; `None` where no pair has one.
fn mean_kappa(units: &[&[Option<Value>]]) -> Option<f64> {
    let n_coders = units.iter().map(|unit| unit.len()).max()?;
    let mut kappas = Vec::new();
    for left in 0..n_coders {
        for right in left + 1..n_coders {
            let pairs: Vec<[Option<Value>; 2]> = units
                .iter()
                .map(|unit| [left, right].map(|coder| unit.get(coder).copied().flatten()))
                .collect();
            kappas.extend(cohen_kappa(&pairs));
        }
    }
    (!kappas.is_empty()).then(|| kappas.iter().sum::<f64>() / kappas.len() as f64)
}

/// The interval that the middle [`CONFIDENCE`] of the values spans; `None` where fewer than nine in ten resamples had
/// a value: without variation there is nothing to agree on.
fn percentiles(mut values: Vec<f64>) -> Option<Interval> {
    if values.len() < RESAMPLES * 9 / 10 {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
    let tail = (1.0 - CONFIDENCE) / 2.0;
    Some(Interval { low: at(tail), high: at(1.0 - tail) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Value::{Neither, Upholds};

    fn units(n_both: usize, n_none: usize, n_apart: usize) -> Vec<Vec<Option<Value>>> {
        let mut units = vec![vec![Some(Upholds), Some(Upholds)]; n_both];
        units.extend(vec![vec![Some(Neither), Some(Neither)]; n_none]);
        units.extend(vec![vec![Some(Upholds), Some(Neither)]; n_apart]);
        units
    }

    #[test]
    fn the_interval_holds_what_was_found_and_is_the_same_each_time() {
        let found = agreement(&units(20, 60, 20), 1);
        assert_eq!((found.n, found.agreed), (100, Some(0.8)));
        let (kappa, interval) = (found.kappa.expect("pairs"), found.kappa_interval.expect("pairs"));
        // Fleiss, Cohen and Everitt 1969 give a standard error of 0.09 here.
        assert!(
            interval.low < kappa && kappa < interval.high && (0.25..0.5).contains(&interval.width()),
            "{interval:?}"
        );
        assert!(found.alpha_interval.expect("pairs").holds(found.alpha.expect("pairs")));
        assert_eq!(found, agreement(&units(20, 60, 20), 1));
    }

    #[test]
    fn without_variation_nothing_is_defined() {
        let found = agreement(&units(0, 50, 0), 1);
        assert_eq!((found.alpha, found.kappa, found.alpha_interval), (None, None, None));
        assert_eq!(agreement(&[], 1).agreed, None);
    }
}
