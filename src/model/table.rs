//! What the model says of a post as cells of a table, there and back: the columns that `score` adds to a file.
//!
//! `status`, `tags` (joined by `;`), a column a tag with its probability to four decimals (blank where not judged),
//! `model`.

use csv::StringRecord;

use crate::{
    codebook::{Codebook, Pole},
    model::{Scored, Status},
    post::Account,
};

/// The columns of a scored table.
#[derive(Clone, Debug)]
pub struct ScoredTable {
    /// Tags in the order of their columns: place of the characteristic, pole, name, column within the table read.
    tags: Vec<(usize, Pole, String, usize)>,
    n_characteristics: usize,
    status: usize,
    tag_list: usize,
}

impl ScoredTable {
    /// The columns for posts of one account, or of both.
    pub fn new(codebook: &Codebook, account: Option<Account>) -> Self {
        let tags = codebook
            .characteristics
            .iter()
            .enumerate()
            .filter(|(_, characteristic)| account.is_none_or(|account| characteristic.judges(account)))
            .flat_map(|(place, characteristic)| {
                Pole::ALL.map(|pole| (place, pole, characteristic.pole(pole).tag.clone(), 0))
            })
            .collect();
        Self { tags, n_characteristics: codebook.characteristics.len(), status: 0, tag_list: 0 }
    }

    /// Finds the columns in the header of a scored table; `None` where it is none.
    pub fn find(header: &StringRecord, codebook: &Codebook) -> Option<Self> {
        let column = |name: &str| (0..header.len()).rev().find(|&at| header.get(at) == Some(name));
        let (status, tag_list, _) = (column("status")?, column("tags")?, column("model")?);
        let mut table = Self::new(codebook, None);
        table.tags.retain_mut(|(_, _, name, at)| column(name).map(|found| *at = found).is_some());
        Some(Self { status, tag_list, ..table }).filter(|table| !table.tags.is_empty())
    }

    /// Names of the columns.
    pub fn header(&self) -> impl Iterator<Item = &str> {
        let tags = self.tags.iter().map(|(_, _, name, _)| name.as_str());
        ["status", "tags"].into_iter().chain(tags).chain(["model"])
    }

    /// Calls `cell` with each cell of a scored post, in the order of the header.
    pub fn write<E>(
        &self,
        scored: &Scored,
        model_id: &str,
        mut cell: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        cell(scored.status.name())?;
        let mut tags = String::new();
        for (place, pole, name, _) in &self.tags {
            if scored.values[*place] == Some(pole.value()) {
                if !tags.is_empty() {
                    tags.push(';');
                }
                tags.push_str(name);
            }
        }
        cell(&tags)?;
        for (place, pole, _, _) in &self.tags {
            match scored.probabilities[*place][*pole as usize] {
                Some(probability) => cell(four_decimals(probability, &mut [0; 6]))?,
                None => cell("")?,
            }
        }
        cell(model_id)
    }

    /// Reads a row of a scored table. A status that is not known reads as not covered, so that nothing is counted
    /// that was not judged.
    pub fn read(&self, record: &StringRecord) -> Scored {
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let mut scored = Scored {
            status: Status::from_name(cell(self.status)).unwrap_or(Status::NotCovered),
            probabilities: vec![[None; 2]; self.n_characteristics],
            values: vec![None; self.n_characteristics],
        };
        for (place, pole, _, at) in &self.tags {
            let probability = cell(*at).parse().ok();
            scored.probabilities[*place][*pole as usize] = probability;
            if probability.is_some() && scored.values[*place].is_none() {
                scored.values[*place] = Some(crate::codebook::Value::Neither);
            }
        }
        for tag in cell(self.tag_list).split(';') {
            if let Some((place, pole, _, _)) = self.tags.iter().find(|(_, _, name, _)| name == tag) {
                scored.values[*place] = Some(pole.value());
            }
        }
        scored
    }
}

/// A probability as `0.1234`; the formatting machinery of the standard library costs more than the scoring.
fn four_decimals(probability: f64, digits: &mut [u8; 6]) -> &str {
    let mut number = (probability.clamp(0.0, 1.0) * 1e4).round() as u32;
    for place in [5, 4, 3, 2, 0] {
        digits[place] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    digits[1] = b'.';
    std::str::from_utf8(digits).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Value;

    #[test]
    fn probabilities_have_four_decimals() {
        for (probability, expected) in
            [(0.0, "0.0000"), (1.0, "1.0000"), (0.12345, "0.1235"), (0.99996, "1.0000")]
        {
            assert_eq!(four_decimals(probability, &mut [0; 6]), expected);
        }
    }

    #[test]
    fn a_written_row_reads_back() {
        let codebook = Codebook::from_labels(&["a", "b"]);
        let scored = Scored {
            status: Status::Ok,
            probabilities: vec![[Some(0.75), Some(0.25)], [None, None]],
            values: vec![Some(Value::Upholds), None],
        };
        let table = ScoredTable::new(&codebook, None);
        let header: StringRecord = ["text"].into_iter().chain(table.header()).collect();
        let mut record = StringRecord::from(vec!["hello there"]);
        table
            .write(&scored, "m@0", |cell| {
                record.push_field(cell);
                Ok::<(), ()>(())
            })
            .expect("pushing a field cannot fail");
        let table = ScoredTable::find(&header, &codebook).expect("the header is that of a scored table");
        assert_eq!(table.read(&record), scored);
    }
}
