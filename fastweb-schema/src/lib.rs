//! JSON Schema for fastweb: what is true of data, apart from HTTP. This crate knows nothing of servers and has no dependencies.
//!
//! So far it holds one thing: [`message`], the table of the words in which a client is told what is wrong with its data. They
//! are Fastify's. Documents, the validator and serialisers are not there yet; until they are, fastweb checks requests with
//! `serde`, by the types that handlers take.

#![deny(unsafe_code)]
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod message;
mod text;

pub use message::message;

/// What generated code calls. It is no part of the interface: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::text::{Spare, write_f32, write_f64, write_i64, write_str, write_u64};
}
