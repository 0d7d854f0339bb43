//! Everything that is tested through the public face of the crate or the command line.

mod architecture;
mod cli;
mod corpus;
mod determinism;
mod evaluation;
