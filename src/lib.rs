//! Tags professionals' and organisations' social posts against a codebook of characteristics.

pub mod codebook;
pub mod error;
pub mod evaluation;
pub mod post;

pub use codebook::{Codebook, Pole, Value};
pub use error::{Error, ErrorKind, Result};
pub use evaluation::{CharacteristicMetrics, Confusion, Evaluation, Judgement, PoleMetrics};
pub use post::{Account, Parent, Post, PostKind};
