//! What the model says of a post as cells of a table, there and back: the columns that `score` adds to a file.
//!
//! `status`, `tags` (joined by `;`), a column a tag with its probability to four decimals (blank where not judged),
//! `model`.

use csv::StringRecord;

use crate::{
    codebook::{Codebook, Pole, SCORED_COLUMNS},
    model::{Scored, Status},
    post::Account,
    timeline::RejectReason,
};

/// The columns of a scored table.
#[derive(Clone, Debug)]
pub struct ScoredTable {
    /// Tags in the order of their columns: place of the characteristic, pole, name, column within the table read.
    tags: Vec<(usize, Pole, String, usize)>,
    n_characteristics: usize,
    status: usize,
    tag_list: usize,
    model: usize,
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
        Self { tags, n_characteristics: codebook.characteristics.len(), status: 0, tag_list: 0, model: 0 }
    }

    /// Finds the columns in the header of a scored table; `None` where it is none.
    pub fn find(header: &StringRecord, codebook: &Codebook) -> Option<Self> {
        let column = |name: &str| (0..header.len()).rev().find(|&at| header.get(at) == Some(name));
        let [status, tag_list, model] = SCORED_COLUMNS.map(column);
        let (status, tag_list, model) = (status?, tag_list?, model?);
        let mut table = Self::new(codebook, None);
        table.tags.retain_mut(|(_, _, name, at)| column(name).map(|found| *at = found).is_some());
        Some(Self { status, tag_list, model, ..table }).filter(|table| !table.tags.is_empty())
    }

    /// Whether the header is that of a table which `score` wrote, with whatever model.
    pub fn is_scored(header: &StringRecord) -> bool {
        let [status, tag_list, model] = SCORED_COLUMNS;
        let begins = header.iter().zip(header.iter().skip(1)).position(|pair| pair == (status, tag_list));
        // Before that of the model is the column of a tag at least.
        begins.is_some_and(|at| header.iter().skip(at + 3).any(|name| name == model))
    }

    /// Names of the columns.
    pub fn header(&self) -> impl Iterator<Item = &str> {
        let tags = self.tags.iter().map(|(_, _, name, _)| name.as_str());
        let [status, tag_list, model] = SCORED_COLUMNS;
        [status, tag_list].into_iter().chain(tags).chain([model])
    }

    /// Those of the columns whose name a table has already.
    pub fn taken<'t>(&'t self, names: &StringRecord) -> impl Iterator<Item = &'t str> {
        self.header().filter(|name| names.iter().any(|own| own == *name))
    }

    /// Writes the cells of a scored post in the order of the header, a comma between two.
    pub fn write(&self, scored: &Scored, model_id: &str, line: &mut Vec<u8>) {
        line.extend_from_slice(scored.status.name().as_bytes());
        line.push(b',');
        write_cell(&self.tag_list(scored), line);
        for probability in self.probabilities(scored) {
            match probability {
                Some(probability) => line.extend_from_slice(&four_decimals(probability)),
                None => line.push(b','),
            }
        }
        line.push(b',');
        write_cell(model_id, line);
    }

    /// The probability of each tag, in the order of the header; `None` where not judged.
    pub fn probabilities(&self, scored: &Scored) -> impl Iterator<Item = Option<f64>> {
        self.tags.iter().map(|(place, pole, _, _)| scored.probabilities[*place][*pole as usize])
    }

    fn tag_list(&self, scored: &Scored) -> String {
        let mut list = String::new();
        for (place, pole, name, _) in &self.tags {
            if scored.values[*place] == Some(pole.value()) {
                if !list.is_empty() {
                    list.push(';');
                }
                list.push_str(name);
            }
        }
        list
    }

    /// The name and hash of the model that scored a row, as it stands.
    pub fn model_of<'r>(&self, record: &'r StringRecord) -> &'r str {
        record.get(self.model).unwrap_or_default()
    }

    /// Reads a row of a scored table; a decimal comma, as some spreadsheets write it, is one too. Refuses a status that is not known,
    /// and what is no probability.
    pub fn read(&self, record: &StringRecord) -> Result<Scored, RejectReason> {
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let refuse = |column: &str, found: &str| {
            Err(RejectReason::BadScore { column: column.to_owned(), found: found.to_owned() })
        };
        let Some(status) = Status::from_name(cell(self.status)) else {
            return refuse(SCORED_COLUMNS[0], cell(self.status));
        };
        let mut scored = Scored {
            status,
            probabilities: vec![[None; 2]; self.n_characteristics],
            values: vec![None; self.n_characteristics],
        };
        for (place, pole, tag, at) in &self.tags {
            let found = cell(*at).trim();
            let probability = found.replacen(',', ".", 1).parse().ok().filter(|p| (0.0..=1.0).contains(p));
            if probability.is_none() && !found.is_empty() {
                return refuse(tag, found);
            }
            scored.probabilities[*place][*pole as usize] = probability;
            if probability.is_some() && scored.values[*place].is_none() {
                scored.values[*place] = Some(crate::codebook::Value::Neither);
            }
        }
        let tags = cell(self.tag_list);
        // JSON has a list of them.
        let is_list = tags.starts_with('[');
        let listed: Vec<String> =
            if is_list { serde_json::from_str(tags).unwrap_or_default() } else { Vec::new() };
        for tag in tags.split(';').chain(listed.iter().map(String::as_str)) {
            if let Some((place, pole, _, _)) = self.tags.iter().find(|(_, _, name, _)| name == tag) {
                scored.values[*place] = Some(pole.value());
            }
        }
        Ok(scored)
    }
}

/// Writes a cell of a table, in quotes where it needs them.
pub fn write_cell(cell: &str, line: &mut Vec<u8>) {
    let cell = cell.as_bytes();
    if memchr::memchr3(b',', b'"', b'\n', cell).is_none() && memchr::memchr(b'\r', cell).is_none() {
        line.extend_from_slice(cell);
        return;
    }
    line.push(b'"');
    let mut start = 0;
    for quote in memchr::memchr_iter(b'"', cell) {
        line.extend_from_slice(&cell[start..=quote]);
        // The next part begins with the quote once more.
        start = quote;
    }
    line.extend_from_slice(&cell[start..]);
    line.push(b'"');
}

/// A probability in ten-thousandths, halves up.
pub fn ten_thousandths(probability: f64) -> u32 {
    let scaled = probability.clamp(0.0, 1.0) * 1e4;
    let whole = scaled as u32;
    whole + u32::from(scaled - f64::from(whole) >= 0.5)
}

/// A probability as it reads in a scored file.
pub fn as_written(probability: f64) -> f64 {
    f64::from(ten_thousandths(probability)) / 1e4
}

/// A probability as `,0.1234`; the formatting machinery of the standard library costs more than the scoring.
fn four_decimals(probability: f64) -> [u8; 7] {
    let number = ten_thousandths(probability);
    let [a, b] = DIGITS[(number / 100 % 100) as usize];
    let [c, d] = DIGITS[(number % 100) as usize];
    [b',', b'0' + (number / 10_000) as u8, b'.', a, b, c, d]
}

/// The two digits of each number below 100.
const DIGITS: [[u8; 2]; 100] = {
    let mut digits = [[b'0'; 2]; 100];
    let mut number = 0;
    while number < 100 {
        digits[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    digits
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Value;

    #[test]
    fn probabilities_have_four_decimals() {
        for (probability, expected) in [
            (0.0, ",0.0000"),
            (1.0, ",1.0000"),
            (0.12345, ",0.1235"),
            (0.99996, ",1.0000"),
            (f64::NAN, ",0.0000"),
        ] {
            assert_eq!(four_decimals(probability), expected.as_bytes());
        }
    }

    #[test]
    fn a_cell_is_quoted_as_the_csv_crate_quotes_it() {
        for cell in ["", "a b", "a,b", "\"", "say \"hi\" \"", "two\nlines", "\r", "5\" nails", ";\t"] {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["a", cell]).expect("writing to memory cannot fail");
            let mut line = b"a,".to_vec();
            write_cell(cell, &mut line);
            line.push(b'\n');
            assert_eq!(line, writer.into_inner().expect("writing to memory cannot fail"));
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
        let mut line = b"hello there,".to_vec();
        table.write(&scored, "m@0", &mut line);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_slice());
        let record = reader.records().next().expect("a row").expect("a row is read from memory");
        let table = ScoredTable::find(&header, &codebook).expect("the header is that of a scored table");
        assert_eq!(table.read(&record), Ok(scored.clone()));
        // As a spreadsheet may give it back.
        let with = |cell: &str| {
            let cells = record.iter().map(|own| if own == "0.2500" { cell } else { own });
            table.read(&cells.collect())
        };
        assert_eq!(with("0,2500"), Ok(scored));
        for cell in ["2500", "-0.1", "nan", "25 %"] {
            assert!(with(cell).is_err(), "{cell}");
        }
    }
}
