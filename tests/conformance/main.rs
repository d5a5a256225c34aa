//! What RFC 9110 and 9112 ask of a server, as tables of raw bytes and what must come of them: `table/*.txt`, which read as documents.
//! `table.rs` says how a row is written, `run.rs` how it is run.

mod app;
mod run;
#[path = "../support/mod.rs"]
mod support;
mod table;
