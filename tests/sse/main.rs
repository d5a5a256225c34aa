//! Server-sent events: what is on the wire, what topics keep, how streams end.

mod document;
mod endings;
mod memory;
mod stream;
#[path = "../support/mod.rs"]
mod support;
mod topics;
mod wire;
