//! Bodies that are longer than memory: who is slow stops the other side, what broke off never looks complete, and what nobody waits for any
//! more is dropped.

mod early_hints;
mod endings;
mod json;
mod sources;
#[path = "../support/mod.rs"]
mod support;
mod trailers;
mod uploads;
