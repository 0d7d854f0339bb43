//! What is said on standard error, and how wide and bright the terminal is.

use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::error::{ErrorKind, Result};

/// Columns of a terminal that does not tell.
const DEFAULT_WIDTH: usize = 100;

/// Standard error, or nothing under `--quiet`.
pub struct Console {
    quiet: bool,
}

impl Console {
    /// A console, silent if `quiet`.
    pub fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// Says a line.
    pub fn say(&self, line: &str) {
        if !self.quiet {
            // Standard error may be closed; the results matter more than this line.
            let _ = writeln!(io::stderr(), "{line}");
        }
    }

    /// A count that grows, on a terminal only.
    pub fn progress(&self, what: &'static str) -> ProgressBar {
        let target = if self.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target);
        let style = ProgressStyle::with_template("{spinner} {human_pos} {msg}, {per_sec}, {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }
}

/// More than any machine has; each takes memory before it does anything.
const MAX_THREADS: usize = 1024;

/// Uses that many threads from here on.
pub fn set_threads(threads: Option<usize>) -> Result<()> {
    let Some(threads) = threads else { return Ok(()) };
    if !(1..=MAX_THREADS).contains(&threads) {
        return Err(setting("--threads", &threads.to_string(), &format!("1 to {MAX_THREADS}")));
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .map_err(|error| setting("--threads", &format!("{threads} ({error})"), "fewer"))
}

/// Threads that are used.
pub fn threads() -> usize {
    rayon::current_num_threads()
}

/// Whether standard output is read by a person.
pub fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Columns to write into.
pub fn width() -> usize {
    let given = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    given
        .or_else(|| console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns)))
        .unwrap_or(DEFAULT_WIDTH)
        .max(40)
}

/// Bright text on a terminal that wants colours.
pub fn bold(text: &str) -> String {
    console::style(text).bold().to_string()
}

/// A text without the control characters that would steer a terminal.
pub fn clean(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// How many there are of something that has a plural in s.
pub fn plural(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The first `n` of a list of names, and whether there are more.
pub fn first_names(names: &[&str], n: usize) -> String {
    let more = if names.len() > n { ", \u{2026}" } else { "" };
    names[..n.min(names.len())].join(", ") + more
}

/// An error in an argument.
pub fn setting(name: &str, found: &str, expected: &str) -> crate::error::Error {
    ErrorKind::Setting { name: name.to_owned(), found: found.to_owned(), expected: expected.to_owned() }
        .into()
}
