//! `sociable audit`: a sample out, coded samples in, agreement and estimates out.

mod agreement;
mod estimate;
mod sample;

use crate::{
    cli::{Outcome, args::Audit, terminal::Console},
    error::Result,
};

/// Runs the command.
pub fn run(args: &Audit, console: &Console) -> Result<Outcome> {
    match args {
        Audit::Sample(args) => sample::run(args, console),
        Audit::Agreement(args) => agreement::run(args, console),
        Audit::Estimate(args) => estimate::run(args, console),
    }
}
