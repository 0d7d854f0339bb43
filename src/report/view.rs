//! What the template fills in: rates as words and as places on a bar.

use crate::{
    codebook::{Characteristic, Codebook, Pole, ShareOf},
    post::{Account, PostKind},
    summary::{Counts, Key, Rate, Rates},
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

/// A share for people: whole percents, with a decimal below ten and above 99. Only what is 0 or 1 is shown as such.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        0.0 => "0 %".to_owned(),
        ..0.05 => "<0.1 %".to_owned(),
        // What rounds to ten is shown as ten, not as 10.0.
        ..9.95 => format!("{percent:.1} %"),
        100.0 => "100 %".to_owned(),
        99.95.. => ">99.9 %".to_owned(),
        99.0.. => format!("{percent:.1} %"),
        _ => format!("{percent:.0} %"),
    }
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
    /// What the bars go up to, for people; empty where there are none.
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
    let has_bar = |rate: &Rate| rate.interval.is_some();
    let whole_scale: Vec<&str> = codebook
        .judged(account)
        .zip(&found)
        .filter(|((_, own), found)| is_whole(own) && found.iter().any(has_bar))
        .flat_map(|((_, own), _)| Pole::ALL.map(|pole| own.pole(pole).tag.as_str()))
        .collect();
    let characteristics = codebook
        .judged(account)
        .zip(&found)
        .map(|((_, characteristic), found)| CharacteristicView {
            id: characteristic.id.clone(),
            definition: characteristic.definition.clone(),
            of_what: match characteristic.share_of {
                ShareOf::Posts if characteristic.counts(PostKind::Repost) => "of the posts judged",
                ShareOf::Posts => "of the posts judged that are no reposts",
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
        scale: if found.iter().flatten().any(has_bar) { percent(scale) } else { String::new() },
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
            rate.is_seen().then(|| RateView::new(&characteristic.pole(pole).tag, pole.name(), &rate, 1.0))
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
pub fn scale(bounds: impl Iterator<Item = f64>) -> f64 {
    let highest = bounds.fold(0.0, f64::max);
    [0.05, 0.1, 0.2, 0.3, 0.5, 0.75].into_iter().find(|&scale| scale >= highest).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_shown_with_as_many_digits_as_they_bear() {
        for (share, expected) in [
            (0.0, "0 %"),
            (0.0004, "<0.1 %"),
            (0.0005, "0.1 %"),
            (0.0312, "3.1 %"),
            (0.0996, "10 %"),
            (0.5, "50 %"),
            (0.9984, "99.8 %"),
            (0.9999, ">99.9 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(percent(share), expected);
        }
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
