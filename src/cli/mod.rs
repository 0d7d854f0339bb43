//! The command line: one file a command. Floor 7, and the only folder that knows arguments and the terminal.

mod adapt;
mod args;
mod audit;
mod bench;
mod codebook;
mod coded;
mod compare;
mod evaluate;
mod explain;
mod import;
mod input;
mod output;
mod report;
mod score;
mod scored;
mod summarize;
mod table;
mod terminal;
mod train;

use std::{ffi::OsString, io::Write, process::ExitCode};

use clap::Parser;

use crate::{
    cli::args::{Args, Command},
    error::Result,
};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All done: exit status 0.
    Done,
    /// Done, but rows were rejected: exit status 1.
    Rejected,
}

/// Runs the command line `argv`, whose first item is the program's name. Exit status 0 done, 1 done but rows were
/// rejected, 2 not done.
pub fn main(argv: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = match Args::try_parse_from(argv) {
        Ok(args) => args,
        Err(error) => {
            let is_help = !error.use_stderr();
            // A closed pipe is no reason to complain about help that nobody reads.
            let _ = error.print();
            return ExitCode::from(if is_help { 0 } else { 2 });
        }
    };
    match run(args) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Rejected) => ExitCode::from(1),
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed; there is nobody left to tell then.
            let _ = writeln!(std::io::stderr(), "sociable: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(args: Args) -> Result<Outcome> {
    terminal::set_threads(args.threads)?;
    let console = terminal::Console::new(args.quiet);
    match args.command {
        Command::Score(args) => score::run(&args, &console),
        Command::Summarize(args) => summarize::run(&args, &console),
        Command::Import(args) => import::run(&args, &console),
        Command::Audit(args) => audit::run(&args, &console),
        Command::Report(args) => report::run(&args, &console),
        Command::Explain(args) => explain::run(&args),
        Command::Train(args) => train::run(&args, &console),
        Command::Evaluate(args) => evaluate::run(&args, &console),
        Command::Codebook(args) => codebook::run(&args),
        Command::Bench(args) => bench::run(&args, &console),
    }
}
