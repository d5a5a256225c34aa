//! What handlers can ask of a request and say in a reply, beyond their arguments and answers of everyday.

#[path = "../support/mod.rs"]
mod support;

mod access_log;
mod arguments;
mod forms;
mod ids;
mod passing_on;
mod proxies;
mod replies;
mod stored;
