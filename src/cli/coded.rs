//! Coded samples in: the files that `audit sample` writes, as they come back from a spreadsheet.

use std::path::Path;

use csv::StringRecord;

use crate::{
    cli::{
        input::say_what_was_found,
        terminal::{Console, setting},
    },
    codebook::{Codebook, Value},
    error::{ErrorKind, Result},
    summary::{CodedRow, CodedSample, Population},
    timeline::{Options, Row, Timeline},
};

/// The column with what a post is known by.
pub const KEY: &str = "post_key";
/// The column with the number of a post's stratum.
pub const STRATUM: &str = "stratum";
/// The column with the number of posts in the stratum.
pub const STRATUM_POSTS: &str = "stratum_posts";
/// The column with the probability with which a post was drawn.
pub const PROBABILITY: &str = "sampling_probability";
/// The column with the number of a post's thread.
pub const THREAD: &str = "thread";

/// Reads a coded sample. A row that cannot be used is an error: an estimate without it would be of another sample; so is one in
/// which nobody has coded anything that the codebook knows.
pub fn read_coded(path: &Path, codebook: &Codebook, console: &Console) -> Result<CodedSample> {
    let (sample, _) = read_with_texts(path, codebook, console)?;
    check_coded(path, &sample)?;
    Ok(sample)
}

/// Refuses a sample that nobody has coded.
pub fn check_coded(path: &Path, sample: &CodedSample) -> Result<()> {
    if sample.n_coded() == 0 {
        let found = "no value in any column of a characteristic";
        return Err(setting(&path.display().to_string(), found, "1, 0 or -1"));
    }
    Ok(())
}

/// Refuses posts that are not those that a sample was drawn from: what would be estimated is not a rate of theirs.
pub fn check_drawn_from(path: &Path, sample: &CodedSample, population: &Population) -> Result<()> {
    match population.n_missing(sample) {
        0 => Ok(()),
        n_missing => Err(setting(
            &path.display().to_string(),
            &format!("{n_missing} of {} rows whose post is not among the scored posts", sample.rows.len()),
            "the posts that the sample was drawn from",
        )),
    }
}

/// Reads a coded sample, with the text of each row.
pub fn read_with_texts(
    path: &Path,
    codebook: &Codebook,
    console: &Console,
) -> Result<(CodedSample, Vec<String>)> {
    let mut timeline = Timeline::open(path, &Options::default())?;
    say_what_was_found(&timeline, console);
    let header: Vec<String> = timeline.columns().iter().map(str::to_owned).collect();
    let column = |name: &str| header.iter().position(|column| column.eq_ignore_ascii_case(name));
    let needed = |name: &str| {
        let (path, column_name, columns) = (path.to_owned(), name.to_owned(), header.clone());
        column(name).ok_or(ErrorKind::NoColumn { path, column: column_name, columns })
    };
    let (key, stratum, stratum_posts) = (needed(KEY)?, needed(STRATUM)?, needed(STRATUM_POSTS)?);
    let thread = column(THREAD);
    let labels: Vec<Option<usize>> = codebook.characteristics.iter().map(|own| column(&own.slug)).collect();
    let fail = |line: u64, problem: String, advice: &str| ErrorKind::Labels {
        path: format!("{}:{line}", path.display()).into(),
        problem,
        advice: advice.to_owned(),
    };
    let (mut sample, mut texts) = (CodedSample::default(), Vec::new());
    let mut record = StringRecord::new();
    while let Some(row) = timeline.read(&mut record)? {
        let line = match row {
            Row::Kept { line } => line,
            Row::Rejected(reject) => {
                let advice = "mend the row: a sample must come back whole";
                return Err(fail(reject.line, reject.reason.to_string(), advice).into());
            }
        };
        let cell = |at: usize| record.get(at).unwrap_or_default().trim();
        let mut values = Vec::with_capacity(labels.len());
        for (at, characteristic) in labels.iter().zip(&codebook.characteristics) {
            let found = at.map_or("", cell);
            let value = Value::from_cell(found);
            if value.is_none() && !found.is_empty() {
                let problem = format!(
                    "found {} \u{2018}{found}\u{2019}, expected 1, 0, -1 or nothing",
                    characteristic.slug
                );
                return Err(fail(line, problem, "mend the cell").into());
            }
            values.push(value);
        }
        let Some(n_posts) = cell(stratum_posts).parse::<f64>().ok().filter(|n| *n >= 1.0) else {
            let problem = format!(
                "found {STRATUM_POSTS} \u{2018}{}\u{2019}, expected a number above 0",
                cell(stratum_posts)
            );
            return Err(fail(line, problem, "copy the column from the sample as it was drawn").into());
        };
        let row = CodedRow {
            key: cell(key).to_owned(),
            stratum: cell(stratum).to_owned(),
            stratum_posts: n_posts as u64,
            thread: thread.map_or("", cell).to_owned(),
            values,
        };
        if let Err(key) = sample.push(row) {
            let problem = format!("the {KEY} {key} stands twice, expected once");
            return Err(fail(line, problem, "leave one of the rows out").into());
        }
        texts.push(timeline.mapping().post(&record).text.to_owned());
    }
    Ok((sample, texts))
}
