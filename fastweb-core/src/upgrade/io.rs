//! The connection as whoever has taken it over sees it.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::request::CancellationToken;

/// What is behind an [`UpgradedIo`]: a connection of whatever HTTP version this was.
pub(crate) trait Raw: AsyncRead + AsyncWrite + Unpin {}

/// A connection that was HTTP and is the application's now: what comes is what the client sends next, what is written goes to it as it is.
///
/// Made by [`Upgrade::accept`](crate::Upgrade::accept), [`Upgrade::tunnel`](crate::Upgrade::tunnel) and [`Reply::hijack`](crate::Reply::hijack). It stays on its worker, and counts as a
/// connection ([`Limits::connections`](crate::Limits::connections)) until it is dropped, which closes it. Nobody watches how long it is silent: bound
/// your own waiting with `tokio::time::timeout`.
///
/// A server that stops waits for it. It says so by [`closing`](Self::closing); what has not ended when the
/// [time of the shutdown](crate::Limits::shutdown_timeout) is over is dropped where it stands.
pub struct UpgradedIo {
    raw: Box<dyn Raw>,
    peer: Option<SocketAddr>,
    closing: CancellationToken,
}

impl UpgradedIo {
    pub(crate) fn new(raw: Box<dyn Raw>, peer: Option<SocketAddr>, closing: CancellationToken) -> Self {
        Self { raw, peer, closing }
    }

    /// Cancelled when the server begins to stop: the time to say goodbye, in the protocol's own words.
    ///
    /// ```
    /// # use fastweb_core::{Reply, Result, Upgrade, UpgradedIo};
    /// # use tokio::io::{AsyncReadExt, AsyncWriteExt};
    /// fn listen(upgrade: Upgrade) -> Result<Reply> {
    ///     upgrade.accept("lines", async |mut io: UpgradedIo| -> Result<()> {
    ///         let closing = io.closing();
    ///         let mut space = [0; 1024];
    ///         loop {
    ///             tokio::select! {
    ///                 read = io.read(&mut space) => if read? == 0 { return Ok(()) },
    ///                 () = closing.cancelled() => return Ok(io.write_all(b"bye\n").await?),
    ///             }
    ///         }
    ///     })
    /// }
    /// ```
    pub fn closing(&self) -> CancellationToken {
        self.closing.clone()
    }

    /// The address of the peer: the client, or the proxy in front. `None` for a connection that came by no network.
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.peer
    }
}

impl AsyncRead for UpgradedIo {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.raw).poll_read(cx, buf)
    }
}

impl AsyncWrite for UpgradedIo {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.raw).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.raw).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.raw).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.raw).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.raw.is_write_vectored()
    }
}

impl fmt::Debug for UpgradedIo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpgradedIo").field("peer", &self.peer).finish_non_exhaustive()
    }
}
