//! Tags professionals' and organisations' social posts against a codebook of characteristics.

pub mod codebook;
pub mod error;
pub mod post;
pub mod timeline;

pub use codebook::{Codebook, Pole, Value};
pub use error::{Error, ErrorKind, Result};
pub use post::{Account, Parent, Post, PostKind};
pub use timeline::{Field, Mapping, Reject, RejectReason, Row, Timeline};
