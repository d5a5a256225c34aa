//! What a route's WebSockets may do, and for how long.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use fastweb_core::Request;

use super::CloseEvent;
use super::protocol::Bounds;
use crate::plugins::token::is_token;

/// Bounds, deadlines, origins and subprotocols of WebSockets: [`Route::config`](crate::Route::config) of one route, [`App::config`](crate::App::config) of all in a scope.
///
/// ```
/// use std::time::Duration;
/// use fastweb::prelude::*;
/// use fastweb::websocket::{WebSocket, WebSocketOptions, websocket};
///
/// async fn echo(mut socket: WebSocket) -> Result<()> {
///     while let Some(message) = socket.recv().await {
///         socket.send(message?).await?;
///     }
///     Ok(())
/// }
///
/// let options = WebSocketOptions::new()
///     .max_message(16 * 1024)
///     .ping_interval(Duration::from_secs(20))
///     .origin("https://shop.example")
///     .protocol("echo.v2")
///     .protocol("echo.v1");
/// let app = App::new().route(websocket("/echo", echo).config(options));
/// # drop(app);
/// ```
#[derive(Clone)]
pub struct WebSocketOptions {
    pub(super) settings: Settings,
    pub(super) origins: Origins,
    pub(super) protocols: Vec<String>,
    pub(super) on_close: Option<OnClose>,
}

/// Called once for each connection.
pub(super) type OnClose = Arc<dyn Fn(&CloseEvent) + Send + Sync>;

type OriginIf = dyn Fn(&str, &Request) -> bool + Send + Sync;

/// Whose pages may connect.
#[derive(Clone)]
pub(super) enum Origins {
    /// Those of the same host, and these.
    SameAnd(Vec<String>),
    Any,
    If(Arc<OriginIf>),
}

/// What a connection keeps of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) bounds: Bounds,
    pub(super) high_water: usize,
    pub(super) ping_interval: Option<Duration>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) write_timeout: Duration,
    pub(super) close_timeout: Duration,
    /// Whether it may be agreed upon.
    pub(super) deflate: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bounds: Bounds { message: 1 << 20, frame: 1 << 20 },
            high_water: 64 * 1024,
            ping_interval: Some(Duration::from_secs(30)),
            idle_timeout: Some(Duration::from_secs(75)),
            write_timeout: Duration::from_secs(30),
            close_timeout: Duration::from_secs(5),
            deflate: false,
        }
    }
}

impl WebSocketOptions {
    /// The defaults: pages of the same host, messages of up to 1 MiB, a ping after 30 s of silence, the end after 75 s.
    pub fn new() -> Self {
        Self {
            settings: Settings::default(),
            origins: Origins::SameAnd(Vec::new()),
            protocols: Vec::new(),
            on_close: None,
        }
    }

    /// The most bytes that a message may have, all its fragments together, and after decompression: 1 MiB. More closes the connection with 1009.
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.settings.bounds.message = bytes;
        self
    }

    /// The most bytes that a frame may carry: 1 MiB. More closes the connection with 1009.
    pub fn max_frame(mut self, bytes: usize) -> Self {
        self.settings.bounds.frame = bytes;
        self
    }

    /// How many bytes may wait to be written before `send` waits, too, and before messages of topics are held back: 64 KiB.
    pub fn high_water_mark(mut self, bytes: usize) -> Self {
        self.settings.high_water = bytes.max(1);
        self
    }

    /// After how long a silence the client is pinged: 30 s. `None` is never.
    pub fn ping_interval(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.settings.ping_interval = time.into();
        self
    }

    /// After how long a silence, of pongs too, the connection is closed, with 1008: 75 s, exact to one [`ping_interval`](Self::ping_interval). `None` is never.
    pub fn idle_timeout(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.settings.idle_timeout = time.into();
        self
    }

    /// How long a client may leave what is written to it unread before the connection is cut off: 30 s.
    pub fn write_timeout(mut self, time: Duration) -> Self {
        self.settings.write_timeout = time;
        self
    }

    /// How long the answer to a close is waited for: 5 s.
    pub fn close_timeout(mut self, time: Duration) -> Self {
        self.settings.close_timeout = time;
        self
    }

    /// Allows pages of this origin, beside those of the same host: `https://shop.example`, as browsers send it.
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        match &mut self.origins {
            Origins::SameAnd(these) => these.push(origin.into()),
            other => *other = Origins::SameAnd(vec![origin.into()]),
        }
        self
    }

    /// Allows pages of every origin. Cookies come along with what they send: only for what needs no login.
    pub fn any_origin(mut self) -> Self {
        self.origins = Origins::Any;
        self
    }

    /// Allows pages of the origins that `allows` says yes to, and of no others.
    pub fn origin_if(mut self, allows: impl Fn(&str, &Request) -> bool + Send + Sync + 'static) -> Self {
        self.origins = Origins::If(Arc::new(allows));
        self
    }

    /// A subprotocol that the route speaks (RFC 6455, 1.9). Of several, the first that the client offers is taken; with a client that offers none of them there is none.
    pub fn protocol(mut self, name: impl Into<String>) -> Self {
        self.protocols.push(name.into());
        self
    }

    /// Agrees to compress messages (RFC 7692), each by itself and within the window that a client asks for, with clients that offer it.
    #[cfg(feature = "websocket-deflate")]
    pub fn deflate(mut self) -> Self {
        self.settings.deflate = true;
        self
    }

    /// Calls `on_close` once for each connection, when it has ended in whichever way: for counts and logs.
    pub fn on_close(mut self, on_close: impl Fn(&CloseEvent) + Send + Sync + 'static) -> Self {
        self.on_close = Some(Arc::new(on_close));
        self
    }

    /// What is wrong with them, for an error from `build()`.
    pub(super) fn problem(&self) -> Option<String> {
        if let Some(name) = self.protocols.iter().find(|name| !is_token(name)) {
            return Some(format!(
                "has the WebSocket subprotocol {name:?}, which is no token: write letters, digits, `.` and `-`"
            ));
        }
        if let Origins::SameAnd(these) = &self.origins {
            let is_origin = |origin: &String| {
                let host = origin.split_once("://").map_or("", |(_, host)| host);
                !host.is_empty()
                    && !host.contains(['/', '?', '#', '@', '*', ' '])
                    && *origin == origin.to_ascii_lowercase()
            };
            if let Some(origin) = these.iter().find(|origin| !is_origin(origin)) {
                return Some(format!(
                    "allows WebSockets of the origin {origin:?}, which no browser sends: write a scheme, a host and perhaps a port, in lower case and without a slash at the end, like \"https://shop.example\""
                ));
            }
        }
        let zero = [self.settings.ping_interval, self.settings.idle_timeout].contains(&Some(Duration::ZERO));
        zero.then(|| "has a WebSocket deadline of no time at all: `None` turns one off".to_owned())
    }

    /// Whether a page of this origin may connect (RFC 6455, 10.2).
    pub(super) fn allows(&self, origin: &str, req: &Request) -> bool {
        match &self.origins {
            Origins::Any => true,
            Origins::If(allows) => allows(origin, req),
            Origins::SameAnd(these) => {
                these.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin)) || is_same_host(origin, req)
            }
        }
    }
}

/// Whether an origin is that of the request's own host. The scheme is left out: behind a proxy that ends TLS nobody knows it.
fn is_same_host(origin: &str, req: &Request) -> bool {
    let Some((scheme, of_origin)) = origin.split_once("://") else { return false };
    let default_port = match scheme.to_ascii_lowercase().as_str() {
        "http" => ":80",
        "https" => ":443",
        _ => return false,
    };
    let without_default = |host: &str| host.strip_suffix(default_port).unwrap_or(host).to_ascii_lowercase();
    req.host().is_some_and(|host| without_default(host) == without_default(of_origin))
}

impl Default for WebSocketOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for WebSocketOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketOptions")
            .field("settings", &self.settings)
            .field("protocols", &self.protocols)
            .finish_non_exhaustive()
    }
}
