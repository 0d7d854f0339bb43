//! The command `sociable`: parse, run, exit code; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    sociable::cli::main(std::env::args_os())
}
