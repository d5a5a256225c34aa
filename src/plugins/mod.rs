//! First-party plugins, written against what every plugin may use.

#[cfg(feature = "openapi")]
pub mod openapi;
