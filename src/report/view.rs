//! What the template fills in: rates as words and as places on a bar.

use crate::{
    codebook::{Characteristic, Codebook, Pole, ShareOf},
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
    pub count: String,
    /// Posts that could bear it.
    pub of: String,
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
            count: grouped(rate.count),
            of: grouped(rate.of),
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

/// A count for people: digits in groups of three.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut shown = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
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
    pub posts: String,
    /// What the bars go up to, for people.
    pub scale: String,
    /// The tags whose bars go up to 100 %, since theirs are shares of fewer posts; empty where there are none.
    pub whole_scale: String,
    /// The characteristics.
    pub characteristics: Vec<CharacteristicView>,
    /// Judged posts that could not be judged on advice; empty where there are none.
    pub undecided: String,
    /// Giving and taking; `None` where nothing in the codebook stands for it.
    pub balance: Option<BalanceView>,
}

/// Giving and taking.
pub struct BalanceView {
    /// Posts that give.
    pub gives: String,
    /// Posts that take.
    pub takes: String,
    /// Posts that do both.
    pub both: String,
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
    pub posts: String,
    /// Posts that were judged.
    pub judged: String,
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
    // A share of fewer posts has a scale of its own: it would dwarf all others.
    let is_whole = |own: &Characteristic| own.share_of == ShareOf::Poles;
    let others = codebook.judged(account).zip(&found).filter(|((_, own), _)| !is_whole(own));
    let bounds = others.flat_map(|(_, found)| found).filter_map(|rate| rate.interval).map(|own| own.high);
    let scale = scale(bounds);
    let whole_scale: Vec<&str> = codebook
        .judged(account)
        .filter(|(_, own)| is_whole(own))
        .flat_map(|(_, own)| Pole::ALL.map(|pole| own.pole(pole).tag.as_str()))
        .collect();
    let characteristics = codebook
        .judged(account)
        .zip(&found)
        .map(|((_, characteristic), found)| CharacteristicView {
            id: characteristic.id.clone(),
            definition: characteristic.definition.clone(),
            of_what: match characteristic.share_of {
                ShareOf::Posts => "of the posts judged",
                ShareOf::Poles => "of the posts tagged with either of the two",
            },
            poles: Pole::ALL.map(|pole| {
                let tag = &characteristic.pole(pole).tag;
                let scale = if is_whole(characteristic) { 1.0 } else { scale };
                RateView::new(tag, pole.name(), &found[pole as usize], scale)
            }),
        })
        .collect();
    let balance = counts.balance;
    PanelView {
        account: account.name(),
        posts: grouped(counts.posts),
        scale: percent(scale),
        whole_scale: whole_scale.join(" and "),
        characteristics,
        undecided: if counts.undecided > 0 { grouped(counts.undecided) } else { String::new() },
        balance: (balance.posts > 0).then(|| BalanceView {
            gives: grouped(balance.gives),
            takes: grouped(balance.takes),
            both: grouped(balance.both),
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
            let is_shown = rate.count > 0 || rate.state == State::Estimated && rate.share > Some(0.0);
            is_shown.then(|| RateView::new(&characteristic.pole(pole).tag, pole.name(), &rate, 1.0))
        })
        .collect();
    let gives = counts.balance.rate(rates.min_posts());
    GroupView {
        name,
        account: account.name(),
        posts: grouped(counts.posts),
        judged: grouped(counts.n_judged()),
        rates: shown,
        gives: gives.share.map_or(String::new(), percent),
    }
}

/// What bars go up to: the least of a few round shares that holds all bounds.
fn scale(bounds: impl Iterator<Item = f64>) -> f64 {
    let highest = bounds.fold(0.0, f64::max);
    [0.05, 0.1, 0.2, 0.3, 0.5, 0.75].into_iter().find(|&scale| scale >= highest).unwrap_or(1.0)
}

/// Width and height of the plot of a chart; the template puts it into its frame.
const PLOT: [f64; 2] = [240.0, 80.0];

/// A month of a chart: places in the plot from the left and from the top.
pub struct PointView {
    /// From the left.
    pub x: f64,
    /// The share, from the top.
    pub share: f64,
    /// The upper bound, from the top.
    pub high: f64,
    /// The lower bound, from the top.
    pub low: f64,
}

/// A tag over months.
pub struct SideView {
    /// Name of the tag.
    pub tag: String,
    /// `upholds` or `breaches`.
    pub pole: &'static str,
    /// Whether any post of these months has the tag: a row of noughts is said, not drawn.
    pub is_drawn: bool,
    /// Months with a share.
    pub points: Vec<PointView>,
    /// Runs of months that follow each other, as the points of a line.
    pub lines: Vec<String>,
    /// Shares as they stand in `summarize`'s file; empty of too few.
    #[cfg(test)]
    pub shares: Vec<String>,
}

/// A characteristic over months.
pub struct TrendView {
    /// Both poles.
    pub sides: [SideView; 2],
    /// What its shares are worth.
    pub state: &'static str,
    /// What the chart goes up to, for people.
    pub scale: String,
    /// The first month and the last.
    pub ends: [String; 2],
}

/// Characteristics of an account over months; those that never occur, or have no month with enough posts, are left out.
pub fn trends(account: Account, months: &[(&Key, &Counts)], rates: &Rates) -> Vec<TrendView> {
    let numbers: Vec<i64> = months.iter().map(|(key, _)| number(&key[0])).collect();
    let (Some(&first), Some(&last)) = (numbers.first(), numbers.last()) else { return Vec::new() };
    let step = PLOT[0] / (last - first + 1) as f64;
    let xs: Vec<f64> = numbers.iter().map(|number| tenths(((number - first) as f64 + 0.5) * step)).collect();
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
        let is_seen = |rate: &Rate| rate.share.is_some_and(|share| share > 0.0);
        if !found.iter().flatten().any(is_seen) {
            continue;
        }
        let is_drawn = Pole::ALL.map(|pole| found.iter().any(|own| is_seen(&own[pole as usize])));
        let drawn =
            found.iter().flat_map(|own| Pole::ALL.map(|pole| (is_drawn[pole as usize], own[pole as usize])));
        let scale = scale(drawn.filter(|own| own.0).filter_map(|own| own.1.interval).map(|own| own.high));
        let sides = Pole::ALL.map(|pole| {
            let own: Vec<Rate> = found.iter().map(|own| own[pole as usize]).collect();
            side(&characteristic.pole(pole).tag, pole, is_drawn[pole as usize], &own, &numbers, &xs, scale)
        });
        let state = if are_all_estimated { State::Estimated } else { State::Screened }.name();
        let ends = [months[0].0.join(" "), months[months.len() - 1].0.join(" ")];
        trends.push(TrendView { sides, state, scale: percent(scale), ends });
    }
    trends
}

fn side(
    tag: &str,
    pole: Pole,
    is_drawn: bool,
    rates: &[Rate],
    numbers: &[i64],
    xs: &[f64],
    scale: f64,
) -> SideView {
    let from_top = |share: f64| tenths((1.0 - share / scale).max(0.0) * PLOT[1]);
    let (mut points, mut lines): (Vec<PointView>, Vec<String>) = (Vec::new(), Vec::new());
    let mut before = None;
    for ((rate, &number), &x) in rates.iter().zip(numbers).zip(xs) {
        let Some((share, interval)) = rate.share.zip(rate.interval) else { continue };
        let point = PointView {
            x,
            share: from_top(share),
            high: from_top(interval.high),
            low: from_top(interval.low),
        };
        let at = format!("{},{}", point.x, point.share);
        match lines.last_mut() {
            Some(line) if before == Some(number - 1) => *line += &format!(" {at}"),
            _ => lines.push(at),
        }
        before = Some(number);
        points.push(point);
    }
    SideView {
        tag: tag.to_owned(),
        pole: pole.name(),
        is_drawn,
        points,
        lines,
        #[cfg(test)]
        shares: rates.iter().map(|rate| RateView::new(tag, pole.name(), rate, scale).share).collect(),
    }
}

/// A month such as `2026-05` as a number that grows by one a month.
fn number(month: &str) -> i64 {
    let (year, month) = month.split_once('-').unwrap_or_default();
    year.parse::<i64>().unwrap_or_default() * 12 + month.parse::<i64>().unwrap_or_default()
}

fn tenths(place: f64) -> f64 {
    (place * 10.0).round() / 10.0
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
            (trends[0].state, trends[0].sides[0].shares.clone())
        };
        let all: Vec<_> = keys.iter().flat_map(|key| Pole::ALL.map(|pole| estimate(key, pole))).collect();
        assert_eq!(shares(&all), ("estimated", vec!["0.6000".to_owned(); 2]));
        assert_eq!(shares(&all[..2]), ("screened", vec!["0.2500".to_owned(), "0.5000".to_owned()]));
    }

    #[test]
    fn a_line_does_not_cross_months_without_posts() {
        let codebook = Codebook::from_labels(&["a"]);
        let counts = Counts { judged: vec![40], tags: vec![[10, 0]], ..Counts::default() };
        let keys = ["2025-11", "2025-12", "2026-01", "2026-04"].map(|month| vec![month.to_owned()]);
        let months: Vec<(&Key, &Counts)> = keys.iter().map(|key| (key, &counts)).collect();
        let trends = trends(Account::Professional, &months, &Rates::new(&codebook, 20, &[], 0));
        let [upholds, breaches] = &trends[0].sides;
        // Six months wide, each 40.
        let xs: Vec<f64> = upholds.points.iter().map(|point| point.x).collect();
        assert_eq!(xs, [20.0, 60.0, 100.0, 220.0]);
        assert_eq!(upholds.lines.iter().map(|line| line.split(' ').count()).collect::<Vec<_>>(), [3, 1]);
        assert!(upholds.is_drawn && !breaches.is_drawn);
    }

    #[test]
    fn counts_are_grouped_by_three_digits() {
        for (count, expected) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(count), expected);
        }
    }

    #[test]
    fn a_scale_holds_all_bounds() {
        assert_eq!(scale([0.02, 0.17].into_iter()), 0.2);
        assert_eq!(scale([0.9].into_iter()), 1.0);
        assert_eq!(scale(std::iter::empty()), 0.05);
    }
}
