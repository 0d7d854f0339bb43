//! Audits: a random sample of scored posts that people code, how far they agree, and the rates that follow.

mod agreement;
mod coded;
mod estimator;
mod population;
mod sample;

pub use self::{
    agreement::{Agreement, agreement},
    coded::{CodedRow, CodedSample},
    estimator::{Estimator, Totals, Unit},
    population::{Estimate, GroupTotals, Population},
    sample::{Candidate, Drawn, SampleSize, any_tag, draw, post_key},
};
