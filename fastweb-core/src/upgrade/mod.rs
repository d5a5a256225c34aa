//! Connections that leave HTTP: another protocol after 101, a tunnel after `CONNECT`, or a socket taken as it is.

mod io;
mod takeover;

use std::fmt;
use std::rc::Rc;

pub(crate) use io::Raw;
pub use io::UpgradedIo;
pub(crate) use takeover::{Takeover, TakeoverKind};

use crate::error::{Code, Error, Result};
use crate::extract::{BindCx, Extract};
use crate::hooks::IntoFlow;
use crate::reply::{Reply, is_token_byte};
use crate::request::Request;
use crate::request::head::Head;

/// The client's wish to go on with another protocol on this connection (RFC 9110, 7.8), or to have a tunnel (`CONNECT`, RFC 9110, 9.3.6).
///
/// An argument of every handler; hooks and handlers that have the request call [`Request::upgrade`]. It says what the client asks for, and
/// makes the reply that grants it. All hooks of the route run before, so a request that may not have it is refused like any other.
///
/// ```
/// # use fastweb_core::{App, Inject, Reply, Result, Upgrade, UpgradedIo};
/// # use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// async fn echo(upgrade: Upgrade) -> Result<Reply> {
///     upgrade.accept("echo", async |mut io: UpgradedIo| -> Result<()> {
///         let mut space = [0; 1024];
///         loop {
///             match io.read(&mut space).await? {
///                 0 => return Ok(()),
///                 n => io.write_all(&space[..n]).await?,
///             }
///         }
///     })
/// }
///
/// let server = App::new().get("/echo", echo).build().await?;
/// let wish = Inject::get("/echo").header("connection", "upgrade").header("upgrade", "echo");
/// let (reply, mut io) = server.inject_upgrade(wish).await;
/// reply.assert_status(101).assert_header("upgrade", "echo");
/// io.write_all(b"hello").await?;
/// let mut echoed = [0; 5];
/// io.read_exact(&mut echoed).await?;
/// assert_eq!(&echoed, b"hello");
///
/// // A client that does not ask for it is told to.
/// server.inject(Inject::get("/echo")).await.assert_status(426).assert_header("upgrade", "echo");
/// # Ok(())
/// # }
/// ```
pub struct Upgrade {
    head: Rc<Head>,
}

impl Upgrade {
    pub(crate) fn of(head: &Rc<Head>) -> Self {
        Self { head: head.clone() }
    }

    /// The protocols that the client would change to, those that it likes best first: `websocket`. None where it does not ask for any. What HTTP/1.0
    /// clients ask for is passed over, as RFC 9110, 7.8 wants it.
    pub fn protocols(&self) -> impl Iterator<Item = &str> {
        let asks = self.head.version() != http::Version::HTTP_10
            // Its answer has no more than a head.
            && self.head.method() != "HEAD"
            && self.listed("connection").any(|option| option.eq_ignore_ascii_case("upgrade"));
        self.listed("upgrade").filter(move |protocol| asks && !protocol.is_empty())
    }

    /// Whether the client would change to `protocol`.
    pub fn offers(&self, protocol: &str) -> bool {
        self.protocols().any(|offered| offered.eq_ignore_ascii_case(protocol))
    }

    /// Whether this is a `CONNECT` request. [`Request::host`] says where to.
    pub fn is_connect(&self) -> bool {
        self.head.method() == "CONNECT"
    }

    /// Grants `protocol`: the reply is 101, and then the connection is `run`'s, with what the client has sent already. Headers may be added to the reply; a
    /// hook that gives it another status takes the grant back.
    ///
    /// `run` is called on the request's worker and need not be `Send`. It must not block; none of the deadlines of [`Limits`](crate::Limits) hold for it. The connection is
    /// closed when the [`UpgradedIo`] is dropped. What `run` fails with is logged, and so is a panic. `on_response` hooks run when the head is
    /// written, dependencies are cleaned up then, and nothing of the request is held any longer.
    ///
    /// # Errors
    /// The client does not offer `protocol`: 426 (`FW_ERR_UPGRADE_REQUIRED`) with an `upgrade` header. Or it is no protocol's name, which is 500.
    pub fn accept<R: IntoFlow + 'static>(
        self,
        protocol: &str,
        run: impl AsyncFnOnce(UpgradedIo) -> R + 'static,
    ) -> Result<Reply> {
        if protocol.is_empty() || !protocol.bytes().all(|byte| byte == b'/' || is_token_byte(byte)) {
            return Err(Error::internal(format!("{:?} is no name of a protocol", protocol)));
        }
        if !self.offers(protocol) {
            let message = format!("This resource is had by the protocol {protocol} alone: ask for an upgrade to it");
            let error = Error::from_code(Code::UpgradeRequired).with_message(message);
            return Err(error.with_header("upgrade", protocol.to_owned()));
        }
        let mut reply = Reply::taken_over(Takeover::new(TakeoverKind::Upgrade, run));
        reply.set_header("upgrade", protocol);
        Ok(reply)
    }

    /// Grants a tunnel to a `CONNECT` request: the reply is 200, and then the connection is `run`'s, as with [`accept`](Self::accept).
    ///
    /// The target of `CONNECT` is a host with a port and no path. Such requests are routed as if their path were `/`.
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, Reply, Request, Result, UpgradedIo, route};
    /// # use tokio::io::AsyncWriteExt;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let tunnel = |req: &mut Request| -> Result<Reply> {
    ///     let host = req.host().unwrap_or_default().to_owned();
    ///     req.upgrade().tunnel(async move |mut io: UpgradedIo| -> Result<()> {
    ///         // A proxy connects to the host and copies in both directions.
    ///         io.write_all(host.as_bytes()).await?;
    ///         Ok(())
    ///     })
    /// };
    /// let server = App::new().route(route("CONNECT", "/", tunnel)).build().await?;
    /// let reply = server.inject(Inject::new("CONNECT", "example.com:443")).await;
    /// reply.assert_status(200).assert_text("example.com:443");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// It is no `CONNECT` request: 405.
    pub fn tunnel<R: IntoFlow + 'static>(self, run: impl AsyncFnOnce(UpgradedIo) -> R + 'static) -> Result<Reply> {
        if !self.is_connect() {
            let error = Error::from_code(Code::MethodNotAllowed).with_message("A tunnel is asked for with CONNECT");
            return Err(error.with_header("allow", "CONNECT"));
        }
        Ok(Reply::taken_over(Takeover::new(TakeoverKind::Tunnel, run)))
    }

    /// The members of a list that all headers of this name make up.
    fn listed(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let fields = self.head.fields().filter(move |(candidate, _)| candidate.eq_ignore_ascii_case(name));
        fields.flat_map(|(_, value)| std::str::from_utf8(value).unwrap_or_default().split(',')).map(str::trim)
    }
}

impl Extract for Upgrade {
    type Bound = ();

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        Ok(req.upgrade())
    }
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocols: Vec<_> = self.protocols().collect();
        f.debug_struct("Upgrade").field("protocols", &protocols).field("is_connect", &self.is_connect()).finish()
    }
}
