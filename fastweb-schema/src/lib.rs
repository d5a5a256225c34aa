//! JSON Schema for fastweb: what is true of data, apart from HTTP. This crate knows nothing of servers.
//!
//! - [`Serializer`]: a response schema compiled at startup; it writes answers, and of these only what the schema declares.
//!   [`Responses`] is the table of a route's serialisers by status.
//! - [`message`]: the table of the words in which a client is told what is wrong with its data. They are Fastify's.

#![deny(unsafe_code)]
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod message;
mod serializer;
mod text;

pub use message::message;
pub use serializer::{
    CompileError, CompileProblem, Dropped, Properties, Resolve, Responses, ResponsesError, SerializeError, Serializer,
    Source, View,
};

/// What generated code calls. It is no part of the interface: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::text::{Spare, write_f32, write_f64, write_i64, write_str, write_u64};
}
