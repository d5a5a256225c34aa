//! Work that takes its time: timeouts of routes, blocking work, background work.

#[path = "../support/mod.rs"]
mod support;

mod background;
mod blocking;
#[cfg(feature = "macros")]
mod blocking_routes;
mod saturated;
mod timeouts;
