//! Constraints: what a request must have beside method and path.

mod custom;
mod host;
mod several;
#[cfg(feature = "accept-version")]
mod version;
