//! WebSockets (RFC 6455): messages both ways over one connection, by a framing of fastweb's own.
//!
//! The guide's page [`websockets`](crate::guide::websockets) shows them at work.

mod client;
mod close;
mod connection;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod handshake;
mod json;
mod message;
mod options;
mod protocol;
mod route;
mod sha1;
mod socket;
mod topics;
mod upgrade;

pub use client::{InjectWebSocket, WebSocketClient};
pub use close::{CloseEvent, WebSocketError, close_code};
pub use message::Message;
pub use options::WebSocketOptions;
#[doc(hidden)]
pub use route::{IsWebSocket, WebSocketEnd, ended};
pub use route::{WebSocketHandler, WebSocketRoutes, websocket};
pub use socket::{WebSocket, WebSocketReader, WebSocketWriter};
pub use topics::{Topic, Topics};
#[doc(hidden)]
pub use upgrade::Handshakes;
pub use upgrade::WebSocketUpgrade;
