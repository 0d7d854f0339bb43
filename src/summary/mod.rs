//! Scored posts → what may be said of authors and organisations. Floor 5.
//!
//! A count of tags is no rate of what people do: a classifier's counts miss true rates by many points. So every share
//! has a state, and rates come from an audit: a random sample that people have coded. Sums merge: those of two halves
//! of a timeline are those of the whole. Knows nothing of files and terminals.

mod audit;
mod counts;
mod evidence;
mod group;
mod interval;
mod ledger;
mod pseudonym;
mod rate;
mod rates;
mod redact;

pub use self::{
    audit::{
        Agreement, Candidate, CodedRow, CodedSample, Drawn, Estimate, Estimator, GroupTotals, Population,
        SampleSize, Totals, Unit, agreement, any_tag, draw, post_key,
    },
    counts::{Counts, Summary},
    evidence::{Evidence, Ground, QUOTED, Quote, TagKey, start_of},
    group::{GroupBy, Key, key, numbered},
    interval::{
        CONFIDENCE, Interval, difference, normal_quantile, student_quantile, wilson, wilson_of_count,
    },
    ledger::{Balance, Marks, marks},
    pseudonym::{MIN_SECRET, Pseudonyms},
    rate::{MIN_POSTS, Rate, State},
    rates::Rates,
    redact::{placeholders, redact, redact_id},
};
