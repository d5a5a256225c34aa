//! How connections end, and what goes wrong with them.

use std::fmt;

use fastweb_core::Error;

/// How a WebSocket has ended: what browsers have by the same name. There is one for each connection.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use fastweb::websocket::{CloseEvent, WebSocketOptions};
///
/// static LOST: AtomicU64 = AtomicU64::new(0);
///
/// let options = WebSocketOptions::new().on_close(|event: &CloseEvent| {
///     if !event.was_clean {
///         LOST.fetch_add(1, Ordering::Relaxed);
///     }
/// });
/// # drop(options);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloseEvent {
    /// The code (RFC 6455, 7.4): the client's, or that of whoever closed first. 1005 where the client gave none, 1006 where the connection was lost.
    pub code: u16,
    /// The reason that came with it; often empty.
    pub reason: String,
    /// Whether both sides have said that they close.
    pub was_clean: bool,
}

/// Close codes of RFC 6455, 7.4.1 that applications send.
///
/// ```
/// use fastweb::websocket::{WebSocket, close_code};
///
/// async fn not_today(mut socket: WebSocket) {
///     socket.close(close_code::POLICY, "not today");
/// }
/// # let _ = not_today;
/// ```
pub mod close_code {
    /// All is done.
    pub const NORMAL: u16 = 1000;
    /// The server stops, or the page is left.
    pub const GOING_AWAY: u16 = 1001;
    /// The protocol was broken.
    pub const PROTOCOL: u16 = 1002;
    /// Messages of this kind are not taken.
    pub const UNSUPPORTED: u16 = 1003;
    /// The message is not what its kind says: a text that is no UTF-8, JSON that is not valid.
    pub const INVALID_PAYLOAD: u16 = 1007;
    /// A rule was broken for which there is no other code.
    pub const POLICY: u16 = 1008;
    /// The message is too large.
    pub const TOO_BIG: u16 = 1009;
    /// The server has failed.
    pub const INTERNAL: u16 = 1011;
    /// Come back later.
    pub const TRY_AGAIN_LATER: u16 = 1013;
}

/// Why a message was not received or not sent.
///
/// In a handler that returns [`Result`](crate::Result), `?` turns it into an [`Error`]. A connection that has ended is not logged as a failure of the handler.
///
/// ```
/// use fastweb::websocket::{WebSocket, WebSocketError};
///
/// async fn greet(mut socket: WebSocket) {
///     match socket.send("hello").await {
///         Ok(()) => {}
///         Err(WebSocketError::Closed) => tracing::debug!("the client was faster"),
///         Err(error) => tracing::warn!(%error, "not greeted"),
///     }
/// }
/// # let _ = greet;
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum WebSocketError {
    /// The connection is closed, or about to be.
    Closed,
    /// The client has broken the protocol or a bound. It was told so with this close code.
    Failed {
        /// 1002, 1007 or 1009.
        code: u16,
        /// What was wrong.
        reason: &'static str,
    },
    /// The message is no JSON, or not what its type asks for; the error has the details. The connection goes on.
    Invalid(Error),
}

impl fmt::Display for WebSocketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the WebSocket is closed"),
            Self::Failed { code, reason } => write!(f, "the WebSocket was closed with {code}: {reason}"),
            Self::Invalid(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for WebSocketError {}

impl From<WebSocketError> for Error {
    fn from(error: WebSocketError) -> Self {
        match error {
            WebSocketError::Invalid(error) => error,
            other => Error::bad_request(other.to_string()).with_source(other),
        }
    }
}
