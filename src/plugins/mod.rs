//! First-party plugins, written against what every plugin may use.

#[cfg(feature = "compression")]
pub mod compression;
#[cfg(feature = "etag")]
pub mod etag;
#[cfg(any(feature = "compression", feature = "static-files"))]
mod negotiation;
#[cfg(feature = "openapi")]
pub mod openapi;
#[cfg(feature = "static-files")]
pub mod static_files;

