//! Tags professionals' and organisations' social posts against a codebook of characteristics.

pub mod codebook;
pub mod error;
pub mod features;
pub mod model;
pub mod post;
pub mod text;

pub use codebook::{Codebook, Pole, Value};
pub use error::{Error, ErrorKind, Result};
pub use post::{Account, Parent, Post, PostKind};
