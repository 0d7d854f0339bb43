//! Everything that is tested through the public face of the crate or the command line.

mod evaluation;
