//! Work that takes its time: timeouts of routes, blocking work, background work.

#[path = "../support/mod.rs"]
mod support;

mod background;
mod blocking;
mod saturated;
mod timeouts;
