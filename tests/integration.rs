//! Everything that is tested through the public face of the crate or the command line.

#![allow(
    clippy::format_collect,
    clippy::format_push_string,
    clippy::print_stdout,
    clippy::single_match_else,
    reason = "tests build small tables of text, and say on standard output that they were skipped"
)]

mod architecture;
mod archives;
mod browser;
mod cli;
mod corpus;
mod determinism;
mod estimator;
mod evaluation;
mod parity;
mod readme;
