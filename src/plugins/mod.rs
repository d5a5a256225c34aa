//! First-party plugins, written against what every plugin may use.

#[cfg(feature = "etag")]
pub mod etag;
#[cfg(feature = "openapi")]
pub mod openapi;

