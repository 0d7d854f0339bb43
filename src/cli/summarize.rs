//! `sociable summarize`: a row an author, organisation or month.

use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};

use crate::{
    cli::{
        Outcome,
        args::{Summarize, TableFormat},
        input::{Rejects, close, load_model, open, sources},
        output::{Output, guard},
        terminal::{Console, stdout_is_terminal, width},
    },
    codebook::{Codebook, Pole},
    error::Result,
    model::{Model, ScoredTable, Status},
    pipeline::{self, Tally},
    post::Account,
    summary::{Counts, GroupBy, Summary},
    timeline::{Row, Timeline},
};

/// Tags that the row of a group shows on a terminal.
const SHOWN_TAGS: usize = 4;
/// Groups that are shown on a terminal; CSV has them all.
const SHOWN_GROUPS: usize = 40;

/// Runs the command.
pub fn run(args: &Summarize, console: &Console) -> Result<Outcome> {
    let model = load_model(&args.model)?;
    let by = GroupBy::from(args.by);
    let mut rejects = Rejects::new(&args.input, console)?;
    let mut summary = Summary::default();
    let progress = console.progress("posts");
    for source in sources(&args.input)? {
        let mut timeline = open(&source, &args.input, console)?;
        let name = timeline.path().to_owned();
        let tally = if let Some(table) = ScoredTable::find(timeline.columns(), &model.codebook) {
            sum_scored(&mut timeline, &table, by, &model.codebook, &mut summary, &mut |reject| {
                rejects.note(&name, reject)
            })?
        } else {
            sum_posts(
                &mut timeline,
                &model,
                by,
                &mut summary,
                |n_rows| progress.inc(n_rows),
                &mut |reject| rejects.note(&name, reject),
            )?
        };
        close(&timeline, console);
        rejects.add(&tally);
    }
    progress.finish_and_clear();
    let format = args.format.unwrap_or(if args.output.is_none() && stdout_is_terminal() {
        TableFormat::Text
    } else {
        TableFormat::Csv
    });
    let text = match format {
        TableFormat::Text => readable(&summary, by, &model.codebook),
        TableFormat::Csv => as_csv(&summary, by, &model.codebook, args.spreadsheet_safe),
    };
    let mut output = Output::open(args.output.as_deref())?;
    output.write(text.as_bytes())?;
    output.finish()?;
    if format == TableFormat::Csv {
        console.say(&closing(&summary, by));
    }
    rejects.finish()
}

type Note<'a> = &'a mut dyn FnMut(&crate::timeline::Reject) -> Result<()>;

/// Sums up rows that were scored before.
fn sum_scored(
    timeline: &mut Timeline,
    table: &ScoredTable,
    by: GroupBy,
    codebook: &Codebook,
    summary: &mut Summary,
    note: Note,
) -> Result<Tally> {
    let mapping = timeline.mapping().clone();
    let mut tally = Tally::default();
    let mut record = csv::StringRecord::new();
    while let Some(row) = timeline.read(&mut record)? {
        match row {
            Row::Kept { .. } => {
                tally.rows_out += 1;
                summary.add(&mapping.post(&record), by, &table.read(&record), codebook);
            }
            Row::Rejected(reject) => {
                *tally.rejected.entry(reject.reason.name()).or_default() += 1;
                note(&reject)?;
            }
        }
    }
    Ok(tally)
}

/// Scores posts and sums them up.
fn sum_posts(
    timeline: &mut Timeline,
    model: &Model,
    by: GroupBy,
    summary: &mut Summary,
    progress: impl Fn(u64),
    note: Note,
) -> Result<Tally> {
    pipeline::score(
        timeline,
        model,
        |chunk| {
            let mut part = Summary::default();
            chunk.for_each(|_, post, scored| part.add(post, by, scored, &model.codebook));
            part
        },
        |part, n_rows| {
            summary.merge(&part);
            progress(n_rows as u64);
            Ok(())
        },
        |reject| note(&reject),
    )
}

/// A row a group: counts of posts, then count and share a tag.
fn as_csv(summary: &Summary, by: GroupBy, codebook: &Codebook, spreadsheet_safe: bool) -> String {
    let tags = tags_of(summary, codebook);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header =
        vec![by.name().to_owned(), "account".to_owned(), "posts".to_owned(), "judged".to_owned()];
    header.extend(skipped().map(|status| status.name().to_owned()));
    header.push("undecided".to_owned());
    for &(place, pole) in &tags {
        let tag = &codebook.characteristics[place].pole(pole).tag;
        header.push(tag.clone());
        header.push(format!("{tag} share"));
    }
    let mut written = writer.write_record(&header);
    for ((account, name), counts) in &summary.groups {
        let name = if spreadsheet_safe { guard(name).into_owned() } else { name.clone() };
        let mut row =
            vec![name, account.name().to_owned(), counts.posts.to_string(), counts.n_judged().to_string()];
        row.extend(skipped().map(|status| counts.by_status[status as usize].to_string()));
        row.push(counts.undecided.to_string());
        for &(place, pole) in &tags {
            if codebook.characteristics[place].judges(*account) {
                row.push(counts.tags.get(place).map_or(0, |tags| tags[pole as usize]).to_string());
                row.push(counts.share(place, pole).map_or(String::new(), |share| format!("{share:.4}")));
            } else {
                row.extend([String::new(), String::new()]);
            }
        }
        written = written.and_then(|()| writer.write_record(&row));
    }
    debug_assert!(written.is_ok(), "writing to memory cannot fail");
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn readable(summary: &Summary, by: GroupBy, codebook: &Codebook) -> String {
    let mut table = new_table();
    table.set_header([
        by.name(),
        "posts",
        "judged",
        "undecided",
        "tags (count, share of the posts judged on it)",
    ]);
    let mut groups: Vec<_> = summary.groups.iter().collect();
    groups.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.posts));
    for ((_, name), counts) in groups.iter().take(SHOWN_GROUPS) {
        let name = if name.is_empty() { "(not named)" } else { name };
        table.add_row([
            name.to_owned(),
            counts.posts.to_string(),
            counts.n_judged().to_string(),
            counts.undecided.to_string(),
            most_frequent(counts, codebook),
        ]);
    }
    align_numbers(&mut table, 1..4);
    let mut text = format!("{table}\n");
    if groups.len() > SHOWN_GROUPS {
        let _ = writeln!(text, "and {} more; -o FILE writes all as CSV", groups.len() - SHOWN_GROUPS);
    }
    text.push_str(&overview(summary, codebook));
    let _ = writeln!(text, "{}", closing(summary, by));
    text
}

/// Count and share of each tag that occurs, for each account, and what was not judged.
pub fn overview(summary: &Summary, codebook: &Codebook) -> String {
    let mut text = String::new();
    for account in Account::ALL.into_iter().filter(|account| summary.has(*account)) {
        let mut counts = Counts::default();
        for (_, group) in summary.groups.iter().filter(|((own, _), _)| *own == account) {
            counts.merge(group);
        }
        let mut table = new_table();
        table.set_header([&format!("{} posts", account.name()), "tagged", "share"]);
        for (place, characteristic) in codebook.judged(account) {
            for pole in Pole::ALL {
                let count = counts.tags.get(place).map_or(0, |tags| tags[pole as usize]);
                if count > 0 {
                    let share = counts.share(place, pole).map_or(String::new(), percent);
                    table.add_row([characteristic.pole(pole).tag.clone(), count.to_string(), share]);
                }
            }
        }
        align_numbers(&mut table, 1..3);
        let _ = writeln!(text, "{table}");
        let _ = writeln!(text, "{}", what_became(&counts));
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

fn closing(summary: &Summary, by: GroupBy) -> String {
    let total = summary.total();
    let n_groups = summary.groups.keys().filter(|(_, name)| !name.is_empty()).count();
    let plural = if n_groups == 1 { "" } else { "s" };
    format!(
        "{n_groups} {}{plural}, {} posts. Counts are of tags, not rates of what people do.",
        by.name(),
        total.posts
    )
}

/// The most frequent tags of a group.
fn most_frequent(counts: &Counts, codebook: &Codebook) -> String {
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
            let share = counts.share(place, pole).map_or(String::new(), percent);
            format!("{} {count} ({share})", codebook.characteristics[place].pole(pole).tag)
        })
        .collect();
    if tags.len() > SHOWN_TAGS {
        names.push(format!("and {} more", tags.len() - SHOWN_TAGS));
    }
    names.join(", ")
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

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn new_table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_width(width().min(usize::from(u16::MAX)) as u16);
    table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
    table
}

fn align_numbers(table: &mut Table, columns: std::ops::Range<usize>) {
    for column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}
