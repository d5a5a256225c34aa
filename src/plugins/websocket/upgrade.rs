//! The wish of a client for a WebSocket.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use fastweb_core::{BindCx, Extract, Reply, Request, Result, Upgrade, UpgradedIo};

use super::connection::{Connection, Shared, drive};
use super::handshake::{self, Agreed};
use super::options::WebSocketOptions;
use super::route::{Asked, IsWebSocket, WebSocketEnd};
use super::socket::WebSocket;

/// A client's wish for a WebSocket, checked: an argument of handlers that make their own answer. Those of [`websocket`](super::websocket()) routes take a
/// [`WebSocket`] and need none of this.
///
/// A request that is no handshake (RFC 6455, 4.2.1) never reaches the handler: it is 426, or 400 with what is wrong; and 403 where its
/// page may not connect.
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::websocket::{WebSocket, WebSocketUpgrade};
///
/// async fn jobs(upgrade: WebSocketUpgrade, Path(id): Path<u32>) -> Result<Reply> {
///     if id == 0 {
///         return Err(Error::not_found("there is no such job"));
///     }
///     let reply = upgrade.accept(async move |mut socket: WebSocket| -> Result<()> {
///         Ok(socket.send(format!("job {id}")).await?)
///     })?;
///     Ok(reply.with_header("x-job", id.to_string()))
/// }
/// let app = App::new().get("/jobs/{id}", jobs);
/// # drop(app);
/// ```
pub struct WebSocketUpgrade {
    upgrade: Upgrade,
    agreed: Agreed,
    shared: Rc<Shared>,
}

/// What a route's handshakes need.
#[derive(Debug)]
#[doc(hidden)]
pub struct Handshakes {
    /// For all connections of the route.
    options: Arc<WebSocketOptions>,
    /// The handler takes the WebSocket itself.
    hands_over: bool,
}

impl WebSocketUpgrade {
    /// The subprotocol that was agreed upon.
    pub fn protocol(&self) -> Option<&str> {
        self.agreed.protocol.as_deref()
    }

    /// Grants it: the reply is 101, and then `run` is the connection's handler.
    ///
    /// # Errors
    /// The client does not ask for an upgrade any more, which is 426.
    pub fn accept<R: WebSocketEnd>(self, run: impl AsyncFnOnce(WebSocket) -> R + 'static) -> Result<Reply> {
        let socket = WebSocket::new(self.shared.clone());
        self.accept_with(async move || run(socket).await)
    }

    /// The same for a handler that has its WebSocket already. Attribute macros and [`websocket`](super::websocket()) come here.
    #[doc(hidden)]
    pub fn accept_with<R: WebSocketEnd>(self, run: impl AsyncFnOnce() -> R + 'static) -> Result<Reply> {
        let Self { upgrade, agreed, shared } = self;
        let mut reply = upgrade.accept("websocket", move |io: UpgradedIo| drive(shared, io, run()))?;
        reply.set_header("sec-websocket-accept", agreed.accept);
        if let Some(protocol) = agreed.protocol {
            reply.set_header("sec-websocket-protocol", protocol);
        }
        if let Some(deflate) = agreed.deflate {
            reply.set_header("sec-websocket-extensions", deflate.accepted());
        }
        Ok(reply)
    }
}

impl Extract for WebSocketUpgrade {
    type Bound = Handshakes;

    fn bind(cx: &mut BindCx<'_>) -> Option<Handshakes> {
        let options = cx.config::<WebSocketOptions>().cloned().unwrap_or_default();
        if let Some(problem) = options.problem() {
            cx.missing(problem);
            return None;
        }
        Some(Handshakes { options: Arc::new(options), hands_over: cx.config::<IsWebSocket>().is_some() })
    }

    fn extract(bound: &Handshakes, req: &mut Request) -> Result<Self> {
        let upgrade = req.upgrade();
        let agreed = handshake::check(req, &upgrade, &bound.options)?;
        let connection = Connection::new(bound.options.clone(), agreed.deflate);
        let shared = Rc::new(Shared::new(connection, agreed.protocol.clone()));
        if bound.hands_over {
            req.extensions_mut().insert(Asked(shared.clone()));
        }
        Ok(Self { upgrade, agreed, shared })
    }
}

impl fmt::Debug for WebSocketUpgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketUpgrade").field("agreed", &self.agreed).finish_non_exhaustive()
    }
}
