//! What lies between two groups, or two runs of groups: `summarize --compare`.

use std::fmt::Write;

use crate::{
    cli::{
        summarize::COUNTS_OF_TAGS,
        table::{align_numbers, new_table, range, share_cells},
        terminal::{first_names, setting},
    },
    codebook::{Codebook, Pole},
    error::Result,
    post::Account,
    report::percent,
    summary::{CodedSample, Counts, Interval, Key, Population, Rate, Rates, State, Summary},
};

/// Names of groups that a message shows.
const SHOWN_NAMES: usize = 12;

/// The two runs of groups that are compared, each from one name to another.
pub struct Sides<'a>([(&'a str, &'a str); 2]);

impl<'a> Sides<'a> {
    /// Finds in `GROUP,GROUP` or `FROM..TO,FROM..TO` two sides that have posts and share none.
    pub fn find(summary: &Summary, given: &'a str) -> Result<Self> {
        let names: std::collections::BTreeSet<String> =
            summary.groups.keys().map(|(_, key)| key.join("/")).filter(|name| !name.is_empty()).collect();
        let n_in = |side: (&str, &str)| names.iter().filter(|name| is_between(side, name)).count();
        // Names may hold a comma themselves: the first that parts the text into two sides with posts is the one.
        let sides = given
            .match_indices(',')
            .map(|(at, _)| [&given[..at], &given[at + 1..]].map(side))
            .find(|sides| sides.iter().all(|side| n_in(*side) > 0));
        let Some(sides) = sides else {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let shown = first_names(&names, SHOWN_NAMES);
            let expected = format!("GROUP,GROUP or FROM..TO,FROM..TO of groups such as {shown}");
            let without =
                given.split(',').find(|own| given.matches(',').count() == 1 && n_in(side(own)) == 0);
            let found = without.map_or(given.to_owned(), |own| format!("no post in {}", own.trim()));
            return Err(setting("--compare", &found, &expected));
        };
        if names.iter().any(|name| sides.iter().all(|side| is_between(*side, name))) {
            return Err(setting("--compare", given, "two sides that have no group in common"));
        }
        Ok(Self(sides))
    }

    fn names(&self) -> [String; 2] {
        self.0.map(|(from, to)| if from == to { from.to_owned() } else { format!("{from} to {to}") })
    }
}

fn side(given: &str) -> (&str, &str) {
    let given = given.trim();
    given.split_once("..").unwrap_or((given, given))
}

fn is_between((from, to): (&str, &str), name: &str) -> bool {
    (from..=to).contains(&name)
}

/// The rates of all tags on both sides.
pub struct Comparison<'a> {
    names: [String; 2],
    /// Posts of each side.
    posts: [u64; 2],
    tags: Vec<(Account, &'a str, [Rate; 2])>,
}

impl<'a> Comparison<'a> {
    /// Sums up both sides, with estimates of each where there is a coded sample.
    pub fn new(
        summary: &Summary,
        population: &Population,
        sample: Option<&CodedSample>,
        codebook: &'a Codebook,
        min_posts: u64,
        sides: &Sides,
    ) -> Self {
        let estimates = sides.0.map(|side| {
            let chosen = population.together(|_, key| is_between(side, &key.join("/")));
            sample.map(|sample| chosen.estimates(sample, codebook)).unwrap_or_default()
        });
        let rates = estimates.each_ref().map(|own| Rates::new(codebook, min_posts, own, 0));
        let mut posts = [0; 2];
        let mut tags = Vec::new();
        for account in Account::ALL {
            let counts = sides.0.map(|side| together(summary, account, side));
            for (sum, own) in posts.iter_mut().zip(&counts) {
                *sum += own.posts;
            }
            if counts.iter().any(|own| own.posts == 0) {
                continue;
            }
            for (place, characteristic) in codebook.judged(account) {
                for pole in Pole::ALL {
                    let found = [0, 1].map(|at| rates[at].of(account, &Key::new(), &counts[at], place, pole));
                    tags.push((account, characteristic.pole(pole).tag.as_str(), found));
                }
            }
        }
        Self { names: sides.names(), posts, tags }
    }

    /// A row a tag: each side's count, share, interval and state, then the difference.
    pub fn rows(&self) -> Vec<Vec<String>> {
        let mut header: Vec<String> = ["tag", "account"].map(str::to_owned).to_vec();
        for side in &self.names {
            header.extend(
                ["tagged", "of", "share", "low", "high", "state"].map(|part| format!("{side} {part}")),
            );
        }
        header.extend(["difference", "difference low", "difference high"].map(str::to_owned));
        let mut rows = vec![header];
        for (account, tag, found) in &self.tags {
            let mut row = vec![(*tag).to_owned(), account.name().to_owned()];
            for rate in found {
                row.extend([rate.count.to_string(), rate.of.to_string()]);
                row.extend(share_cells(rate));
                row.push(rate.state.name().to_owned());
            }
            match found[0].difference(&found[1]) {
                Some((by, interval)) => {
                    row.extend([by, interval.low, interval.high].map(|value| format!("{value:.4}")));
                }
                None => row.extend(std::iter::repeat_n(String::new(), 3)),
            }
            rows.push(row);
        }
        rows
    }

    /// The tags that either side has, to be read.
    pub fn readable(&self) -> String {
        let is_seen = |rates: &[Rate; 2]| rates.iter().any(Rate::is_seen);
        let mut table = new_table();
        let [first, second] = &self.names;
        table.set_header(["tag", first, second, "difference in points", "state"]);
        for (_, tag, rates) in self.tags.iter().filter(|(_, _, rates)| is_seen(rates)) {
            let difference = rates[0].difference(&rates[1]).map(|(by, interval)| points(by, interval));
            let [first, second] = rates.map(|rate| rate.state.name());
            let state = if first == second { first.to_owned() } else { format!("{first}, {second}") };
            let cells = [(*tag).to_owned(), side_cell(&rates[0]), side_cell(&rates[1])];
            table.add_row(cells.into_iter().chain([difference.unwrap_or_else(|| "-".to_owned()), state]));
        }
        align_numbers(&mut table, 1..4);
        let n_unseen = self.tags.iter().filter(|(_, _, rates)| !is_seen(rates)).count();
        let mut text = format!("{table}\n");
        let _ = writeln!(
            text,
            "{} posts of {first}, {} of {second}; {n_unseen} tags that neither has are left out. An interval of the difference \
             that holds 0 says that chance alone may have made it.{}",
            self.posts[0],
            self.posts[1],
            if self.tags.iter().any(|(_, _, rates)| rates[0].state == State::Estimated) {
                String::new()
            } else {
                format!(" {COUNTS_OF_TAGS}")
            }
        );
        text
    }
}

fn side_cell(rate: &Rate) -> String {
    match (rate.share, rate.interval) {
        (Some(share), Some(interval)) => format!("{} ({})", percent(share), range(interval)),
        _ => format!("{} of {}", rate.count, rate.of),
    }
}

/// A difference of shares in percentage points.
fn points(by: f64, interval: Interval) -> String {
    let signed = |value: f64| {
        let value = (value * 1000.0).round() / 10.0;
        // What rounds to nothing has no sign.
        if value == 0.0 { "0.0".to_owned() } else { format!("{value:+.1}") }
    };
    format!("{} ({} to {})", signed(by), signed(interval.low), signed(interval.high))
}

/// The counts of all groups of a side.
fn together(summary: &Summary, account: Account, side: (&str, &str)) -> Counts {
    let mut sum = Counts::default();
    for ((own, key), counts) in &summary.groups {
        if *own == account && is_between(side, &key.join("/")) {
            sum.merge(counts);
        }
    }
    sum
}
