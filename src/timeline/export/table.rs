//! Tables within exports: columns by name, behind a preamble if there is one. Floor 2.

use csv::StringRecord;

use crate::timeline::{
    Records as _,
    csv::Table,
    export::{
        ExportFile,
        sink::{Sink, Stop},
    },
    mapping::plain,
};

/// Opens the table of a file that has these columns; a file without them cannot be read.
pub fn open(file: &ExportFile, escape: Option<u8>, columns: &[&str], sink: &mut Sink) -> Result<Table, Stop> {
    let text = file.text(sink)?;
    Table::with_columns(text, file.path, escape, columns)?
        .ok_or_else(|| Stop::Member(format!("no header with {}", columns.join(", "))))
}

/// Calls `each` with every row; those that cannot be used are rejected.
pub fn for_each(
    mut table: Table,
    sink: &mut Sink,
    mut each: impl FnMut(&TableRow, &mut Sink) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let columns: Vec<String> = table.columns().iter().map(plain).collect();
    let mut record = StringRecord::new();
    while let Some(entry) = table.read(&mut record)? {
        match entry.checked {
            Ok(()) => each(&TableRow { columns: &columns, record: &record }, sink)?,
            Err(reason) => sink.reject(entry.line, reason, table.raw())?,
        }
    }
    Ok(())
}

/// A row, with its columns by name.
pub struct TableRow<'a> {
    columns: &'a [String],
    record: &'a StringRecord,
}

impl<'a> TableRow<'a> {
    /// The value under that name, in any case; empty where there is none.
    pub fn get(&self, name: &str) -> &'a str {
        let name = plain(name);
        let place = self.columns.iter().position(|column| *column == name);
        place.and_then(|place| self.record.get(place)).unwrap_or_default()
    }
}

/// Whether the first bytes of a file hold a header with all these columns.
pub fn has_columns(head: &[u8], columns: &[&str]) -> bool {
    let text = String::from_utf8_lossy(head);
    text.lines().take(40).any(|line| {
        let names: Vec<String> = line
            .split([',', ';', '\t'])
            .map(|name| plain(name.trim().trim_matches('"').trim_start_matches('\u{feff}')))
            .collect();
        columns.iter().all(|column| names.contains(&plain(column)))
    })
}
