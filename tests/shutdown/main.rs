//! How a server begins and ends: binding, workers, graceful shutdown, deadline and abort.

mod app;
mod draining;
mod ending;
mod listening;
#[path = "../support/mod.rs"]
mod support;
mod workers;
