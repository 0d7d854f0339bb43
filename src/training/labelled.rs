//! Posts with labels: a timeline with a column for each characteristic that holds 1, 0, −1 or a blank.

use std::{collections::BTreeMap, path::PathBuf};

use csv::StringRecord;

use crate::{
    codebook::{Codebook, Value},
    error::{ErrorKind, Result},
    pipeline::Tally,
    post::Post,
    timeline::{Mapping, Reject, RejectReason, Row, Timeline},
};

/// Which rows of a file are meant: those whose column has a value, or has it not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Name of the column.
    pub column: String,
    /// The value.
    pub value: String,
    /// Whether rows with that value are meant, or all others.
    pub equal: bool,
}

/// Posts with labels, in memory.
#[derive(Default)]
pub struct LabelledPosts {
    paths: Vec<PathBuf>,
    mappings: Vec<Mapping>,
    rows: Vec<(usize, StringRecord)>,
    labels: Vec<Vec<Option<Value>>>,
    authors: Vec<u32>,
    author_ids: BTreeMap<String, u32>,
    n_authors: u32,
}

impl LabelledPosts {
    /// Adds the rows of a timeline that meet all conditions. A label that is none of 1, 0, −1 and blank rejects its
    /// row. Fails where no characteristic of the codebook has a column; with `all_columns` where one has none.
    pub fn add(
        &mut self,
        timeline: &mut Timeline,
        codebook: &Codebook,
        all_columns: bool,
        conditions: &[Condition],
        mut rejected: impl FnMut(Reject) -> Result<()>,
    ) -> Result<Tally> {
        let header: Vec<String> = timeline.columns().iter().map(str::to_owned).collect();
        let column = |name: &str| header.iter().position(|column| column.eq_ignore_ascii_case(name));
        let missing = |name: &str| ErrorKind::NoColumn {
            path: timeline.path().into(),
            column: name.to_owned(),
            columns: header.clone(),
        };
        let label_columns: Vec<Option<usize>> =
            codebook.characteristics.iter().map(|characteristic| column(&characteristic.slug)).collect();
        if let Some(absent) = label_columns.iter().position(Option::is_none)
            && all_columns
        {
            return Err(missing(&codebook.characteristics[absent].slug).into());
        }
        if label_columns.iter().all(Option::is_none) {
            let slugs: Vec<&str> = codebook.characteristics.iter().map(|known| known.slug.as_str()).collect();
            return Err(ErrorKind::Labels {
                path: timeline.path().into(),
                problem: format!("no column with labels, expected one or more of {}", slugs.join(", ")),
                advice: "name your own columns with --labels".to_owned(),
            }
            .into());
        }
        let conditions = conditions
            .iter()
            .map(|condition| {
                Ok((column(&condition.column).ok_or_else(|| missing(&condition.column))?, condition))
            })
            .collect::<Result<Vec<_>>>()?;
        let file = self.mappings.len();
        self.mappings.push(timeline.mapping().clone());
        self.paths.push(timeline.path().into());
        let mut tally = Tally::default();
        let mut record = StringRecord::new();
        while let Some(row) = timeline.read(&mut record)? {
            let reject = match row {
                Row::Rejected(reject) => reject,
                Row::Kept { line } => {
                    let is_meant = |(at, condition): &(usize, &Condition)| {
                        (record.get(*at).unwrap_or_default().trim() == condition.value) == condition.equal
                    };
                    if !conditions.iter().all(is_meant) {
                        continue;
                    }
                    match read_labels(&record, &label_columns, &header) {
                        Ok(labels) => {
                            tally.rows_out += 1;
                            self.push(file, std::mem::take(&mut record), labels);
                            continue;
                        }
                        Err(reason) => Reject::of_record(line, reason, &record, header.len()),
                    }
                }
            };
            *tally.rejected.entry(reject.reason.name()).or_default() += 1;
            rejected(reject)?;
        }
        Ok(tally)
    }

    fn push(&mut self, file: usize, record: StringRecord, labels: Vec<Option<Value>>) {
        let author = self.mappings[file].post(&record).author.trim().to_owned();
        let next = self.n_authors;
        // A post without author is taken for its own author's.
        let author = if author.is_empty() { next } else { *self.author_ids.entry(author).or_insert(next) };
        self.n_authors = self.n_authors.max(author + 1);
        self.authors.push(author);
        self.rows.push((file, record));
        self.labels.push(labels);
    }

    /// Number of posts.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Number of authors; posts that name none count as one author each.
    pub fn n_authors(&self) -> usize {
        self.n_authors as usize
    }

    /// The files, for messages.
    pub fn path(&self) -> PathBuf {
        let names: Vec<String> = self.paths.iter().map(|path| path.display().to_string()).collect();
        names.join(", ").into()
    }

    /// A post.
    pub fn post(&self, at: usize) -> Post<'_> {
        let (file, record) = &self.rows[at];
        self.mappings[*file].post(record)
    }

    /// The label of a post on a characteristic; `None` where it was not judged.
    pub fn label(&self, at: usize, characteristic: usize) -> Option<Value> {
        self.labels[at][characteristic]
    }

    /// Number of the author of a post.
    pub fn author(&self, at: usize) -> u32 {
        self.authors[at]
    }

    /// BLAKE3 hash of accounts, authors, parents, texts and labels in their order, in hexadecimal.
    pub fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for at in 0..self.len() {
            let post = self.post(at);
            for part in [post.account.name(), post.author, post.parent.text(), post.text] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
            let labels: Vec<u8> =
                self.labels[at].iter().map(|label| label.map_or(2, |value| value.number() as u8)).collect();
            hasher.update(&labels);
        }
        hasher.finalize().to_hex().to_string()
    }
}

fn read_labels(
    record: &StringRecord,
    columns: &[Option<usize>],
    header: &[String],
) -> std::result::Result<Vec<Option<Value>>, RejectReason> {
    columns
        .iter()
        .map(|column| {
            let Some(at) = *column else { return Ok(None) };
            let cell = record.get(at).unwrap_or_default();
            if cell.trim().is_empty() {
                return Ok(None);
            }
            Value::from_cell(cell)
                .map(Some)
                .ok_or_else(|| RejectReason::BadLabel { column: header[at].clone(), found: cell.to_owned() })
        })
        .collect()
}
