//! Constraints: what a request must have beside method and path.

mod custom;
mod host;
#[cfg(feature = "accept-version")]
mod version;
