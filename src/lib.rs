//! Tags social posts of professionals and organisations against a codebook of characteristics, says which words made
//! each tag, and sums up per author.
//!
//! The way of the data is one line: [`timeline`] → [`text`] → [`features`] → [`model`] → [`summary`] → [`report`]; [`training`] joins
//! it at the features and hands back a model, [`evaluation`] holds predictions against labels. A module names only
//! modules on lower floors:
//!
//! | floor | modules |
//! |---|---|
//! | 7 | [`cli`] |
//! | 6 | [`report`] |
//! | 5 | [`training`], [`summary`], [`pipeline`] |
//! | 4 | [`model`], [`evaluation`] |
//! | 3 | [`features`] |
//! | 2 | [`timeline`], [`text`], [`synthetic`] |
//! | 1 | [`post`], [`codebook`] |
//! | 0 | [`error`] |
//!
//! ```no_run
//! use sociable::{Model, Post};
//!
//! let model = Model::shipped()?;
//! let mut scorer = sociable::Scorer::new(&model);
//! let scored = scorer.score(&Post::from_text("Slides of my talk on discharge letters are up, take what you need."));
//! for (characteristic, pole) in scored.tags() {
//!     println!("{}", model.codebook.characteristics[characteristic].pole(pole).tag);
//! }
//! # Ok::<(), sociable::Error>(())
//! ```

pub mod cli;
pub mod codebook;
pub mod error;
pub mod evaluation;
pub mod features;
pub mod model;
pub mod pipeline;
pub mod post;
pub mod report;
pub mod summary;
pub mod synthetic;
pub mod text;
pub mod timeline;
pub mod training;

pub use codebook::{Codebook, Pole, Value};
pub use error::{Error, ErrorKind, Result};
pub use evaluation::Evaluation;
pub use model::{Model, Scored, Scorer, Status};
pub use post::{Account, Parent, Post, PostKind};
pub use summary::Summary;
pub use timeline::Timeline;
