//! First-party plugins, written against what every plugin may use.

#[cfg(feature = "compression")]
pub mod compression;
#[cfg(feature = "etag")]
pub mod etag;
#[cfg(feature = "openapi")]
pub mod openapi;

