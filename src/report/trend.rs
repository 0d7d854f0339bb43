//! Characteristics over months as charts: places of shares, bounds and lines in a plot.

use crate::{
    codebook::Pole,
    post::Account,
    report::view::{grouped, percent, scale},
    summary::{Counts, Key, Rate, Rates, State},
};

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
    /// Posts of these months that have the tag.
    pub count: String,
    /// Whether a month has a share above 0: a row of noughts is said, not drawn.
    pub is_drawn: bool,
    /// Months with a share.
    pub points: Vec<PointView>,
    /// Runs of months that follow each other, as the points of a line.
    pub lines: Vec<String>,
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
            Some(line) if before == Some(number - 1) => {
                line.push(' ');
                line.push_str(&at);
            }
            _ => lines.push(at),
        }
        before = Some(number);
        points.push(point);
    }
    let count = grouped(rates.iter().map(|rate| rate.count).sum());
    SideView { tag: tag.to_owned(), pole: pole.name(), count, is_drawn, points, lines }
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
    use crate::codebook::Codebook;

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
            let places: Vec<f64> = trends[0].sides[0].points.iter().map(|point| point.share).collect();
            (trends[0].state, places)
        };
        let all: Vec<_> = keys.iter().flat_map(|key| Pole::ALL.map(|pole| estimate(key, pole))).collect();
        // On a plot of 80 that goes up to 0.75: shares of 0.6, or of 0.25 and 0.5.
        assert_eq!(shares(&all), ("estimated", vec![16.0; 2]));
        assert_eq!(shares(&all[..2]), ("screened", vec![53.3, 26.7]));
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
}
