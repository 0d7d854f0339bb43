//! Tables: to be read on a terminal, CSV elsewhere.

use std::path::Path;

use comfy_table::{CellAlignment, Table, presets};

use crate::{
    cli::{
        args::TableFormat,
        output::write_all,
        terminal::{stdout_is_terminal, width},
    },
    error::Result,
    report::percent,
    summary::{Interval, Rate},
};

/// Share and interval to four decimals, blank where there is none.
pub fn share_cells(rate: &Rate) -> [String; 3] {
    let cell = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.4}"));
    [cell(rate.share), cell(rate.interval.map(|own| own.low)), cell(rate.interval.map(|own| own.high))]
}

/// An interval for people.
pub fn range(interval: Interval) -> String {
    let (low, high) = (percent(interval.low), percent(interval.high));
    format!("{}\u{2013}{high}", low.trim_end_matches(" %"))
}

/// Writes a table in the format asked for: to be read on a terminal, CSV elsewhere. Says which it was.
pub fn write_rows(
    path: Option<&Path>,
    format: Option<TableFormat>,
    csv: impl Fn() -> String,
    text: impl Fn() -> String,
) -> Result<TableFormat> {
    let is_read = path.is_none() && stdout_is_terminal();
    let format = format.unwrap_or(if is_read { TableFormat::Text } else { TableFormat::Csv });
    let written = if format == TableFormat::Csv { csv() } else { text() };
    write_all(path, written.as_bytes())?;
    Ok(format)
}

/// Rows under their header as a table for a terminal.
pub fn table_of(rows: &[Vec<String>]) -> String {
    let mut table = new_table();
    if let Some((header, rows)) = rows.split_first() {
        table.set_header(header);
        table.add_rows(rows);
    }
    format!("{table}\n")
}

/// A table without lines, as wide as the terminal.
pub fn new_table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_width(width().min(usize::from(u16::MAX)) as u16);
    table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
    table
}

/// Puts the cells of those columns to the right.
pub fn align_numbers(table: &mut Table, columns: std::ops::Range<usize>) {
    for column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}
