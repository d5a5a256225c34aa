//! HTTP/1.1 and HTTP/1.0 as clients see it: raw bytes over real sockets, and over a pipe in memory one byte at a time.

mod aborts;
mod app;
mod bodies;
mod byte_by_byte;
mod counting;
mod deadlines;
mod early_answers;
mod endings;
mod expect_continue;
mod head_sizes;
mod panics;
mod pipelining;
mod prefixes;
mod refusals;
mod requests;
#[path = "../support/mod.rs"]
mod support;
