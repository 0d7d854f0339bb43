//! An evaluation as text: aligned columns, at most 100 wide, for a terminal or a log.

use std::fmt;

use crate::evaluation::{CharacteristicMetrics, Evaluation, PoleMetrics, SOLID_SUPPORT};

/// The longest name that is shown whole, in characters; with the figures beside it a line stays within 100.
const LONGEST_NAME: usize = 36;

/// The blanks between two columns.
const GAP: &str = "  ";

impl fmt::Display for Evaluation {
    /// Writes a line a pole, a line a characteristic, and the figures over all. What is not defined is `-`.
    /// Characteristics without a label are counted and not listed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labelled: Vec<_> = self.characteristics.iter().filter(|own| own.n > 0).collect();
        if !labelled.is_empty() {
            let poles = labelled.iter().flat_map(|own| &own.poles).map(pole_cells);
            let header = ["tag", "support", "predicted", "precision", "recall", "F1", "AP"];
            write_columns(f, header, poles)?;
            writeln!(f)?;
            let header =
                ["characteristic", "posts", "undecided", "accuracy", "F1 poles", "F1 values", "ECE", "alpha"];
            write_columns(f, header, labelled.iter().map(|own| characteristic_cells(own)))?;
            writeln!(f)?;
        }
        let n_blank = self.characteristics.len() - labelled.len();
        if n_blank > 0 {
            let whose = if n_blank == 1 { "characteristic has" } else { "characteristics have" };
            writeln!(f, "{n_blank} {whose} no label and no line here")?;
        }
        for (macro_f1, min_support) in [(self.macro_f1, 1), (self.macro_f1_min_support_8, SOLID_SUPPORT)] {
            let n_poles = self.poles().filter(|pole| pole.support >= min_support).count();
            let poles = if n_poles == 1 { "pole" } else { "poles" };
            let examples = match min_support {
                1 => "a labelled example".to_owned(),
                min_support => format!("{min_support} labelled examples or more"),
            };
            writeln!(f, "macro-F1{GAP}{}{GAP}over {n_poles} {poles} with {examples}", figure(macro_f1))?;
        }
        Ok(())
    }
}

impl Evaluation {
    /// The table that [`Display`](fmt::Display) writes, each line ended.
    pub fn table(&self) -> String {
        self.to_string()
    }
}

/// The cells of a pole's line.
fn pole_cells(pole: &PoleMetrics) -> [String; 7] {
    [
        shortened(&pole.tag),
        pole.support.to_string(),
        pole.predicted.to_string(),
        figure(pole.precision),
        figure(pole.recall),
        figure(pole.f1),
        figure(pole.average_precision),
    ]
}

/// The cells of a characteristic's line.
fn characteristic_cells(own: &CharacteristicMetrics) -> [String; 8] {
    [
        shortened(&own.name()),
        own.n.to_string(),
        own.undecided.to_string(),
        figure(own.accuracy),
        figure(own.macro_f1),
        figure(own.macro_f1_values),
        figure(own.expected_calibration_error),
        figure(own.krippendorff_alpha),
    ]
}

/// A figure to three decimals, `-` where it is not defined.
fn figure(metric: Option<f64>) -> String {
    match metric {
        // A tiny negative would otherwise print as -0.000.
        Some(metric) if metric.abs() < 0.000_5 => "0.000".to_owned(),
        Some(metric) => format!("{metric:.3}"),
        None => "-".to_owned(),
    }
}

/// A name cut to [`LONGEST_NAME`] characters, the last one an ellipsis.
fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    name.chars().take(LONGEST_NAME - 1).chain(['\u{2026}']).collect()
}

/// Writes a header and rows: the first column to the left, the figures to the right, as wide as their widest cell.
fn write_columns<const N: usize>(
    f: &mut fmt::Formatter<'_>,
    header: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> fmt::Result {
    let lines: Vec<_> = std::iter::once(header.map(str::to_owned)).chain(rows).collect();
    let widths: [usize; N] = std::array::from_fn(|column| {
        lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()
    });
    for line in &lines {
        for (column, (cell, width)) in line.iter().zip(widths).enumerate() {
            if column == 0 {
                write!(f, "{cell:<width$}")?;
            } else {
                write!(f, "{GAP}{cell:>width$}")?;
            }
        }
        writeln!(f)?;
    }
    Ok(())
}
