//! The command `sociable`: parse, run, exit code; nothing else.

fn main() {}
