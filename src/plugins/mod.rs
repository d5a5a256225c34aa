//! First-party plugins, written against what every plugin may use.

#[cfg(feature = "cache")]
pub mod cache;
#[cfg(feature = "compression")]
pub mod compression;
#[cfg(feature = "cookies")]
pub mod cookies;
#[cfg(feature = "cors")]
mod cors;
#[cfg(feature = "etag")]
pub mod etag;
#[cfg(feature = "mcp")]
pub mod mcp;
#[cfg(feature = "multipart")]
pub mod multipart;
#[cfg(any(feature = "compression", feature = "static-files"))]
mod negotiation;
#[cfg(feature = "openapi")]
pub mod openapi;
#[cfg(any(feature = "openapi", feature = "mcp"))]
mod operations;
#[cfg(any(feature = "cookies", feature = "mcp", feature = "multipart", feature = "static-files"))]
mod percent;
#[cfg(feature = "rate-limit")]
pub mod rate_limit;
#[cfg(feature = "response-cache")]
pub mod response_cache;
#[cfg(feature = "security-headers")]
mod security_headers;
#[cfg(feature = "static-files")]
pub mod static_files;
#[cfg(any(
    feature = "cookies",
    feature = "cors",
    feature = "multipart",
    feature = "response-cache",
    feature = "websocket"
))]
mod token;
#[cfg(feature = "websocket")]
pub mod websocket;

#[cfg(feature = "cors")]
pub use cors::Cors;
#[cfg(feature = "security-headers")]
pub use security_headers::SecurityHeaders;
