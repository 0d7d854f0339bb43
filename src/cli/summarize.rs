//! `sociable summarize`: a row an author, organisation or month.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

use crate::{
    cli::{
        Outcome,
        adapt::load_adapted,
        args::{Summarize, TableFormat},
        coded::{check_drawn_from, read_coded},
        compare::{Comparison, Sides},
        input::Rejects,
        output::{csv_rows, guard, write_all},
        scored::read_scored,
        table::{align_numbers, new_table, range, share_cells, write_rows},
        terminal::{Console, clean, plural},
    },
    codebook::{Codebook, Pole},
    error::Result,
    model::Status,
    post::Account,
    report::percent,
    summary::{
        CodedSample, Counts, Evidence, GroupBy, Key, Population, Rates, State, Summary, redact, redact_id,
        start_of,
    },
};

/// Tags that the row of a group shows on a terminal.
const SHOWN_TAGS: usize = 4;
/// Groups that are shown on a terminal; CSV has them all.
const SHOWN_GROUPS: usize = 40;
/// Posts a tag of a group and a ground in a file of evidence.
const EVIDENCE_POSTS: usize = 3;

/// What has to be known of every figure that nobody has audited.
pub const COUNTS_OF_TAGS: &str = "Counts are of tags, not rates of what people do.";

/// Runs the command.
pub fn run(args: &Summarize, console: &Console) -> Result<Outcome> {
    let results: Vec<&Path> = args.output.iter().chain(&args.evidence).map(PathBuf::as_path).collect();
    let mut rejects =
        Rejects::new(&args.input, &[args.model.model.as_deref(), args.audit.as_deref()], &results, console)?;
    let model = load_adapted(&args.model, &args.adapt, &args.input, console)?;
    let mut by: Vec<GroupBy> = Vec::new();
    for own in args.by.iter().map(|&by| by.into()) {
        if !by.contains(&own) {
            by.push(own);
        }
    }
    let sample = args.audit.as_deref().map(|path| read_coded(path, &model.codebook, console)).transpose()?;
    let n_quotes = if args.evidence.is_some() { EVIDENCE_POSTS } else { 0 };
    let mut read = Parts::new(&by, n_quotes);
    read_scored(
        &args.input,
        &model,
        console,
        &mut rejects,
        || Parts::new(&by, n_quotes),
        |part, found| part.add(&found.post, &by, found.scored, &model.codebook, sample.as_ref()),
        |part| {
            read.merge(part);
            Ok(())
        },
    )?;
    if let Some((path, sample)) = args.audit.as_deref().zip(sample.as_ref()) {
        check_drawn_from(path, sample, &read.population)?;
    }
    if let Some(path) = &args.evidence {
        write_evidence(path, &read.evidence, &by, &model.codebook)?;
    }
    let codebook = &model.codebook;
    let path = args.output.as_deref();
    let format = if let Some(sides) = &args.compare {
        let sides = Sides::find(&read.summary, sides)?;
        let (summary, population) = (&read.summary, &read.population);
        let found = Comparison::new(summary, population, sample.as_ref(), codebook, args.min_posts, &sides);
        write_rows(path, args.format, || csv_rows(&found.rows()), || found.readable())?
    } else {
        let estimates =
            sample.as_ref().map(|sample| read.population.estimates(sample, codebook)).unwrap_or_default();
        let rates = Rates::new(codebook, args.min_posts, &estimates, 0);
        let csv = || as_csv(&read.summary, &by, &rates, args.spreadsheet_safe);
        let overall = Rates::new(codebook, args.min_posts, &estimates, 1);
        write_rows(path, args.format, csv, || readable(&read.summary, &by, &rates, &overall))?
    };
    for line in unsaid(&read.summary, &by) {
        console.say(&line);
    }
    if format == TableFormat::Csv {
        console.say(&closing(&read.summary, &by, sample.is_some()));
    }
    rejects.finish()
}

/// What is gathered from the posts in one go.
struct Parts {
    summary: Summary,
    evidence: Evidence,
    population: Population,
    with_evidence: bool,
}

impl Parts {
    fn new(by: &[GroupBy], n_quotes: usize) -> Self {
        Self {
            summary: Summary::default(),
            evidence: Evidence::new(n_quotes),
            population: Population::new(&[by.to_vec(), Vec::new()]),
            with_evidence: n_quotes > 0,
        }
    }

    fn add(
        &mut self,
        post: &crate::post::Post,
        by: &[GroupBy],
        scored: &crate::model::Scored,
        codebook: &Codebook,
        sample: Option<&CodedSample>,
    ) {
        self.summary.add(post, by, scored, codebook);
        if self.with_evidence {
            self.evidence.add(post, by, scored, codebook);
        }
        if let Some(sample) = sample {
            self.population.add(post, scored, codebook, sample);
        }
    }

    fn merge(&mut self, other: Self) {
        self.summary.merge(&other.summary);
        self.evidence.merge(other.evidence);
        self.population.merge(other.population);
    }
}

/// A row a group: counts of posts, then for each tag count, posts that could bear it, share, interval and state, then
/// giving and taking.
fn as_csv(summary: &Summary, by: &[GroupBy], rates: &Rates, spreadsheet_safe: bool) -> String {
    let codebook = rates.codebook();
    let tags = tags_of(summary, codebook);
    let mut header: Vec<String> = by.iter().map(|by| by.name().to_owned()).collect();
    header.extend(["account", "posts", "judged"].map(str::to_owned));
    header.extend(skipped().map(|status| status.name().to_owned()));
    header.push("undecided".to_owned());
    for &(place, pole) in &tags {
        let tag = &codebook.characteristics[place].pole(pole).tag;
        header.push(tag.clone());
        header.extend(["of", "share", "low", "high", "state"].map(|part| format!("{tag} {part}")));
    }
    header.extend(
        ["gives", "takes", "gives and takes", "give share", "give low", "give high"].map(str::to_owned),
    );
    let mut rows = vec![header];
    for ((account, key), counts) in &summary.groups {
        let mut row: Vec<String> = key
            .iter()
            .map(|name| if spreadsheet_safe { guard(name).into_owned() } else { name.clone() })
            .collect();
        row.extend([account.name().to_owned(), counts.posts.to_string(), counts.n_judged().to_string()]);
        row.extend(skipped().map(|status| counts.by_status[status as usize].to_string()));
        row.push(counts.undecided.to_string());
        for &(place, pole) in &tags {
            if codebook.characteristics[place].judges(*account) {
                let rate = rates.of(*account, key, counts, place, pole);
                row.extend([rate.count.to_string(), rate.of.to_string()]);
                row.extend(share_cells(&rate));
                row.push(rate.state.name().to_owned());
            } else {
                row.extend(std::iter::repeat_n(String::new(), 6));
            }
        }
        let balance = counts.balance;
        row.extend([balance.gives, balance.takes, balance.both].map(|count| count.to_string()));
        row.extend(share_cells(&counts.balance.rate(rates.min_posts())));
        rows.push(row);
    }
    csv_rows(&rows)
}

fn readable(summary: &Summary, by: &[GroupBy], rates: &Rates, overall: &Rates) -> String {
    let mut table = new_table();
    let name = by.iter().map(|by| by.name()).collect::<Vec<_>>().join(", ");
    table.set_header([&name, "posts", "judged", "undecided", "tags: count (share, 95 % interval)"]);
    let mut groups: Vec<_> = summary.groups.iter().collect();
    let n_others = groups.len().saturating_sub(SHOWN_GROUPS);
    let which = match by {
        // In the order of time, the latest where there are many.
        [GroupBy::Month] => {
            groups.drain(..n_others);
            "earlier months"
        }
        _ if by.contains(&GroupBy::Month) => "more",
        _ => {
            groups.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.posts));
            "more with fewer posts"
        }
    };
    for ((account, key), counts) in groups.iter().take(SHOWN_GROUPS) {
        table.add_row([
            shown_key(by, key),
            counts.posts.to_string(),
            counts.n_judged().to_string(),
            counts.undecided.to_string(),
            most_frequent(*account, key, counts, rates),
        ]);
    }
    align_numbers(&mut table, 1..4);
    let mut text = format!("{table}\n");
    if n_others > 0 {
        let _ = writeln!(text, "and {n_others} {which}; -o FILE writes all as CSV");
    }
    text.push_str(&overview(summary, overall));
    let _ = writeln!(text, "{}", closing(summary, by, overall.has_estimates()));
    text
}

fn shown_key(by: &[GroupBy], key: &Key) -> String {
    let names: Vec<&str> = by
        .iter()
        .zip(key)
        .map(|(by, name)| match by {
            _ if !name.is_empty() => name.as_str(),
            GroupBy::Month => "(no date)",
            GroupBy::Author | GroupBy::Organisation => "(not named)",
        })
        .collect();
    clean(&names.join(", "))
}

/// Count and share of each tag that occurs, for each account, what was not judged, giving and taking. `rates` are those of all posts
/// together.
pub fn overview(summary: &Summary, rates: &Rates) -> String {
    let mut text = String::new();
    for account in Account::ALL.into_iter().filter(|account| summary.has(*account)) {
        let counts = summary.of(account);
        let mut table = new_table();
        table.set_header([&format!("{} posts", account.name()), "tagged", "of", "share", "95 % interval"]);
        for (place, characteristic) in rates.codebook().judged(account) {
            for pole in Pole::ALL {
                let rate = rates.of(account, &Key::new(), &counts, place, pole);
                if rate.is_seen() {
                    let estimated = if rate.state == State::Estimated { "estimated " } else { "" };
                    table.add_row([
                        characteristic.pole(pole).tag.clone(),
                        rate.count.to_string(),
                        rate.of.to_string(),
                        rate.share.map_or_else(
                            || rate.state.name().to_owned(),
                            |share| format!("{estimated}{}", percent(share)),
                        ),
                        rate.interval.map_or(String::new(), range),
                    ]);
                }
            }
        }
        align_numbers(&mut table, 1..5);
        let _ = writeln!(text, "{table}");
        let _ = writeln!(text, "{}", what_became(&counts));
        if counts.balance.posts > 0 {
            let _ = writeln!(text, "{}", giving(&counts, rates.min_posts()));
        }
    }
    text
}

fn giving(counts: &Counts, min_posts: u64) -> String {
    let balance = counts.balance;
    let mut text = format!(
        "{} of {} posts give (share learning, answer, link, thank, credit), {} take (ask, or are tagged so), {} do both",
        balance.gives, balance.posts, balance.takes, balance.both
    );
    let rate = balance.rate(min_posts);
    if let (Some(share), Some(interval)) = (rate.share, rate.interval) {
        let _ = write!(
            text,
            "; of those that do only one, {} give (95 % interval {})",
            percent(share),
            range(interval)
        );
    }
    text
}

fn what_became(counts: &Counts) -> String {
    let mut text = format!("{} posts, {} judged", counts.posts, counts.n_judged());
    for status in skipped() {
        let count = counts.by_status[status as usize];
        if count > 0 {
            let _ = write!(text, ", {count} {}", status.name());
        }
    }
    if counts.undecided > 0 {
        let _ = write!(text, "; {} undecided on advice: what they answer is not known", counts.undecided);
    }
    text
}

fn closing(summary: &Summary, by: &[GroupBy], audited: bool) -> String {
    let total = summary.total();
    let n_groups = summary.groups.keys().filter(|(_, key)| key.iter().all(|name| !name.is_empty())).count();
    let name = if let [by] = by { by.name() } else { "group" };
    let worth = if audited {
        "Shares are estimates where it says estimated; all else are counts of tags."
    } else {
        COUNTS_OF_TAGS
    };
    format!("{}, {} posts. {worth}", plural(n_groups as u64, name), total.posts)
}

/// How many posts do not say that by which posts are summed up.
fn unsaid(summary: &Summary, by: &[GroupBy]) -> Vec<String> {
    let mut unsaid = Vec::new();
    for (place, by) in by.iter().enumerate() {
        let without = summary.groups.iter().filter(|((_, key), _)| key[place].is_empty());
        let n: u64 = without.map(|(_, counts)| counts.posts).sum();
        let what = match by {
            GroupBy::Author => "say no author",
            GroupBy::Organisation => "say no organisation",
            GroupBy::Month => "have no date that can be read",
        };
        if n > 0 {
            unsaid.push(format!("{n} of {} posts {what}", summary.total().posts));
        }
    }
    unsaid
}

/// The most frequent tags of a group.
fn most_frequent(account: Account, key: &Key, counts: &Counts, rates: &Rates) -> String {
    let mut tags: Vec<(u64, usize, Pole)> = counts
        .tags
        .iter()
        .enumerate()
        .flat_map(|(place, tags)| Pole::ALL.map(|pole| (tags[pole as usize], place, pole)))
        .filter(|(count, _, _)| *count > 0)
        .collect();
    tags.sort_by_key(|(count, place, pole)| (std::cmp::Reverse(*count), *place, *pole));
    let mut names: Vec<String> = tags
        .iter()
        .take(SHOWN_TAGS)
        .map(|&(count, place, pole)| {
            let tag = &rates.codebook().characteristics[place].pole(pole).tag;
            let rate = rates.of(account, key, counts, place, pole);
            let estimated = if rate.state == State::Estimated { "estimated " } else { "" };
            match (rate.share, rate.interval) {
                (Some(share), Some(interval)) => {
                    format!("{tag} {count} ({estimated}{}, {})", percent(share), range(interval))
                }
                _ => format!("{tag} {count}"),
            }
        })
        .collect();
    if tags.len() > SHOWN_TAGS {
        names.push(format!("and {} more", tags.len() - SHOWN_TAGS));
    }
    names.join(", ")
}

/// A row a post that is to be read, by group and tag.
fn write_evidence(path: &Path, evidence: &Evidence, by: &[GroupBy], codebook: &Codebook) -> Result<()> {
    let mut header: Vec<String> = by.iter().map(|by| by.name().to_owned()).collect();
    let columns = ["account", "tag", "ground", "probability", "id", "created_at", "parent", "text"];
    header.extend(columns.map(str::to_owned));
    let shown = |text: &str| start_of(&redact(text));
    let mut rows = vec![header];
    for ((account, key, place, pole), ground, quote) in evidence.quotes() {
        let mut row = key.clone();
        row.extend([
            account.name().to_owned(),
            codebook.characteristics[*place].pole(*pole).tag.clone(),
            ground.name().to_owned(),
            format!("{:.4}", quote.probability),
            redact_id(&quote.id, &quote.author).to_owned(),
            quote.created_at.clone(),
            quote.parent.as_deref().map(shown).unwrap_or_default(),
            shown(&quote.text),
        ]);
        rows.push(row.iter().map(|cell| guard(cell).into_owned()).collect());
    }
    write_all(Some(path), csv_rows(&rows).as_bytes())
}

fn skipped() -> impl Iterator<Item = Status> {
    Status::ALL.into_iter().filter(|status| *status != Status::Ok)
}

fn tags_of(summary: &Summary, codebook: &Codebook) -> Vec<(usize, Pole)> {
    codebook
        .characteristics
        .iter()
        .enumerate()
        .filter(|(_, characteristic)| {
            Account::ALL.iter().any(|account| summary.has(*account) && characteristic.judges(*account))
        })
        .flat_map(|(place, _)| Pole::ALL.map(|pole| (place, pole)))
        .collect()
}
