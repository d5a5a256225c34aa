//! JSON Schema for fastweb: what is true of data, apart from HTTP. This crate knows nothing of servers and has no dependencies.
//!
//! So far it holds one thing: [`message`], the table of the words in which a client is told what is wrong with its data. They
//! are Fastify's. Documents, the validator and serialisers are not there yet; until they are, fastweb checks requests with
//! `serde`, by the types that handlers take.

#![deny(unsafe_code)]
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod message;

pub use message::message;
