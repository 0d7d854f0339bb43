//! What the template fills in: rates as words and as places on a bar.

use crate::{
    codebook::{Codebook, Pole},
    post::Account,
    summary::{Counts, Key, Rate, Rates, State},
};

/// A rate as it is shown.
#[derive(Clone, Debug)]
pub struct RateView {
    /// Name of the tag.
    pub tag: String,
    /// `upholds` or `breaches`.
    pub pole: &'static str,
    /// Posts with the tag.
    pub count: u64,
    /// Posts that could bear it.
    pub of: u64,
    /// The share as it stands in `summarize`'s file; empty of too few.
    pub share: String,
    /// The bounds as they stand there.
    pub bounds: [String; 2],
    /// The share for people, or why there is none.
    pub words: String,
    /// The interval for people.
    pub interval: String,
    /// What the share is worth.
    pub state: &'static str,
    /// Places on a bar from 0 to 100: share, lower and upper bound.
    pub bar: Option<[f64; 3]>,
}

impl RateView {
    fn new(tag: &str, pole: &'static str, rate: &Rate, scale: f64) -> Self {
        let four = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.4}"));
        let place = |value: f64| (value / scale * 1000.0).round().min(1000.0) / 10.0;
        let bounds = [rate.interval.map(|own| own.low), rate.interval.map(|own| own.high)];
        Self {
            tag: tag.to_owned(),
            pole,
            count: rate.count,
            of: rate.of,
            share: four(rate.share),
            bounds: bounds.map(four),
            words: rate.share.map_or("too few posts".to_owned(), percent),
            interval: match rate.interval {
                Some(own) => format!("{} to {}", percent(own.low), percent(own.high)),
                None => String::new(),
            },
            state: rate.state.name(),
            bar: rate
                .share
                .zip(rate.interval)
                .map(|(share, own)| [place(share), place(own.low), place(own.high)]),
        }
    }
}

/// A share for people: whole percents, with a decimal below ten.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    // What rounds to ten is shown as ten, not as 10.0.
    if percent < 9.95 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

/// A characteristic with both its poles.
pub struct CharacteristicView {
    /// Its identifier.
    pub id: String,
    /// What it says of a person or a body.
    pub definition: String,
    /// Of which posts the shares are.
    pub of_what: &'static str,
    /// Both poles.
    pub poles: [RateView; 2],
}

/// All characteristics of an account, on one scale.
pub struct PanelView {
    /// `professional` or `organisation`.
    pub account: &'static str,
    /// Posts of it.
    pub posts: u64,
    /// What the bars go up to, for people.
    pub scale: String,
    /// The characteristics.
    pub characteristics: Vec<CharacteristicView>,
    /// Judged posts that could not be judged on advice.
    pub undecided: u64,
    /// Giving and taking; `None` where nothing in the codebook stands for it.
    pub balance: Option<BalanceView>,
}

/// Giving and taking.
pub struct BalanceView {
    /// Posts that give.
    pub gives: u64,
    /// Posts that take.
    pub takes: u64,
    /// Posts that do both.
    pub both: u64,
    /// Of those that do only one the share that gives.
    pub rate: RateView,
}

/// A row of a table of authors, organisations or months.
pub struct GroupView {
    /// Its name as it is shown.
    pub name: String,
    /// `professional` or `organisation`.
    pub account: &'static str,
    /// Posts.
    pub posts: u64,
    /// Posts that were judged.
    pub judged: u64,
    /// Rates of the tags that are shown in the row.
    pub rates: Vec<RateView>,
    /// Of the posts that only give or only take the share that gives, for people; empty where there is none.
    pub gives: String,
}

/// The panel of an account.
pub fn panel(account: Account, counts: &Counts, rates: &Rates) -> PanelView {
    let codebook = rates.codebook();
    let key = Key::new();
    let found: Vec<[Rate; 2]> = codebook
        .judged(account)
        .map(|(place, _)| Pole::ALL.map(|pole| rates.of(account, &key, counts, place, pole)))
        .collect();
    let scale = scale(found.iter().flatten().filter_map(|rate| rate.interval).map(|own| own.high));
    let characteristics = codebook
        .judged(account)
        .zip(&found)
        .map(|((_, characteristic), found)| CharacteristicView {
            id: characteristic.id.clone(),
            definition: characteristic.definition.clone(),
            of_what: match characteristic.share_of {
                crate::codebook::ShareOf::Posts => "of the posts judged",
                crate::codebook::ShareOf::Poles => "of the posts tagged with either of the two",
            },
            poles: Pole::ALL.map(|pole| {
                let tag = &characteristic.pole(pole).tag;
                RateView::new(tag, pole.name(), &found[pole as usize], scale)
            }),
        })
        .collect();
    let balance = counts.balance;
    PanelView {
        account: account.name(),
        posts: counts.posts,
        scale: percent(scale),
        characteristics,
        undecided: counts.undecided,
        balance: (balance.posts > 0).then(|| BalanceView {
            gives: balance.gives,
            takes: balance.takes,
            both: balance.both,
            rate: RateView::new("gives", "upholds", &balance.rate(rates.min_posts()), 1.0),
        }),
    }
}

/// A row with the rates of all tags that occur, in the order of the codebook.
pub fn group(account: Account, name: String, key: &Key, counts: &Counts, rates: &Rates) -> GroupView {
    let codebook: &Codebook = rates.codebook();
    let shown = codebook
        .judged(account)
        .flat_map(|(place, characteristic)| Pole::ALL.map(|pole| (place, characteristic, pole)))
        .filter_map(|(place, characteristic, pole)| {
            let rate = rates.of(account, key, counts, place, pole);
            let is_shown = rate.count > 0 || rate.state == State::Estimated;
            is_shown.then(|| RateView::new(&characteristic.pole(pole).tag, pole.name(), &rate, 1.0))
        })
        .collect();
    let gives = counts.balance.rate(rates.min_posts());
    GroupView {
        name,
        account: account.name(),
        posts: counts.posts,
        judged: counts.n_judged(),
        rates: shown,
        gives: gives.share.map_or(String::new(), percent),
    }
}

/// What bars go up to: the least of a few round shares that holds all bounds.
fn scale(bounds: impl Iterator<Item = f64>) -> f64 {
    let highest = bounds.fold(0.0, f64::max);
    [0.05, 0.1, 0.2, 0.3, 0.5, 0.75].into_iter().find(|&scale| scale >= highest).unwrap_or(1.0)
}

/// A point of a chart over months.
pub struct PointView {
    /// Name of the month.
    pub month: String,
    /// Distance from the left, from 0 to 240.
    pub x: f64,
    /// The rates of both poles, with distances from the top of share and bounds, from 0 to 80; `None` of too few.
    pub poles: [(RateView, Option<[f64; 3]>); 2],
}

/// A characteristic over months.
pub struct TrendView {
    /// Tags of both poles.
    pub tags: [String; 2],
    /// What its shares are worth.
    pub state: &'static str,
    /// What the chart goes up to, for people.
    pub scale: String,
    /// The months.
    pub points: Vec<PointView>,
}

/// Characteristics of an account over months; those that never occur, or have no month with enough posts, are left out.
pub fn trends(account: Account, months: &[(&Key, &Counts)], rates: &Rates) -> Vec<TrendView> {
    let (width, height) = (240.0, 80.0);
    let mut trends = Vec::new();
    for (place, characteristic) in rates.codebook().judged(account) {
        let estimated: Vec<[Rate; 2]> = months
            .iter()
            .map(|(key, counts)| Pole::ALL.map(|pole| rates.of(account, key, counts, place, pole)))
            .collect();
        // Counts and estimates are not joined by a line: where a month has no estimate, all are counts.
        let are_all_estimated = estimated.iter().flatten().all(|rate| rate.state == State::Estimated);
        let found: Vec<[Rate; 2]> = if are_all_estimated {
            estimated
        } else {
            let counted = |counts: &Counts| {
                Pole::ALL.map(|pole| Rate::screened(counts, place, pole, rates.codebook(), rates.min_posts()))
            };
            months.iter().map(|(_, counts)| counted(counts)).collect()
        };
        if !found.iter().flatten().any(|rate| rate.count > 0 && rate.share.is_some()) {
            continue;
        }
        let scale = scale(found.iter().flatten().filter_map(|rate| rate.interval).map(|own| own.high));
        let step = width / months.len() as f64;
        let points = months
            .iter()
            .zip(&found)
            .enumerate()
            .map(|(at, ((key, _), found))| PointView {
                month: key.join(" "),
                x: ((at as f64 + 0.5) * step * 10.0).round() / 10.0,
                poles: Pole::ALL.map(|pole| {
                    let view = RateView::new(
                        &characteristic.pole(pole).tag,
                        pole.name(),
                        &found[pole as usize],
                        scale,
                    );
                    let places =
                        view.bar.map(|bar| bar.map(|place| ((100.0 - place) * height / 10.0).round() / 10.0));
                    (view, places)
                }),
            })
            .collect();
        let tags = Pole::ALL.map(|pole| characteristic.pole(pole).tag.clone());
        let state = if are_all_estimated { State::Estimated } else { State::Screened }.name();
        trends.push(TrendView { tags, state, scale: percent(scale), points });
    }
    trends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_shown_with_as_many_digits_as_they_bear() {
        for (share, expected) in
            [(0.0, "0.0 %"), (0.0312, "3.1 %"), (0.0996, "10 %"), (0.5, "50 %"), (1.0, "100 %")]
        {
            assert_eq!(percent(share), expected);
        }
    }

    #[test]
    fn a_chart_does_not_join_counts_and_estimates() {
        let codebook = Codebook::from_labels(&["a"]);
        let counts = |tagged: u64| Counts { judged: vec![40], tags: vec![[tagged, 0]], ..Counts::default() };
        let (first, second) = (counts(10), counts(20));
        let keys = [vec!["2026-01".to_owned()], vec!["2026-02".to_owned()]];
        let interval = crate::summary::Interval { low: 0.5, high: 0.7 };
        let estimator = crate::summary::Estimator {
            n: 30,
            n_bearing: 18,
            design: 0.6,
            design_variance: 0.01,
            design_interval: interval,
            assisted: 0.6,
            assisted_interval: interval,
            lambda: 0.0,
            simple_interval: interval,
            width_if_doubled: 0.1,
        };
        let estimate = |key: &Key, pole| crate::summary::Estimate {
            account: Account::Professional,
            level: 0,
            key: key.clone(),
            place: 0,
            pole,
            n_posts: 40,
            estimator,
        };
        let shares = |estimates: &[crate::summary::Estimate]| {
            let rates = Rates::new(&codebook, 20, estimates, 0);
            let months = [(&keys[0], &first), (&keys[1], &second)];
            let trends = trends(Account::Professional, &months, &rates);
            let shares: Vec<String> =
                trends[0].points.iter().map(|point| point.poles[0].0.share.clone()).collect();
            (trends[0].state, shares)
        };
        let all: Vec<_> = keys.iter().flat_map(|key| Pole::ALL.map(|pole| estimate(key, pole))).collect();
        assert_eq!(shares(&all), ("estimated", vec!["0.6000".to_owned(); 2]));
        assert_eq!(shares(&all[..2]), ("screened", vec!["0.2500".to_owned(), "0.5000".to_owned()]));
    }

    #[test]
    fn a_scale_holds_all_bounds() {
        assert_eq!(scale([0.02, 0.17].into_iter()), 0.2);
        assert_eq!(scale([0.9].into_iter()), 1.0);
        assert_eq!(scale(std::iter::empty()), 0.05);
    }
}
