//! The connection as whoever has taken it over sees it.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::request::CancellationToken;

/// What is behind an [`UpgradedIo`]: a connection of whatever HTTP version this was.
pub(crate) trait Raw: AsyncRead + AsyncWrite + Unpin {
    /// Reads into `space`, which is not empty. No bytes are the end.
    fn poll_read_into(&mut self, cx: &mut Context<'_>, space: &mut [u8]) -> Poll<io::Result<usize>>;

    fn peer(&self) -> Option<SocketAddr>;

    /// Wakes a task when `time` is over, by the worker's clock. There is one such time.
    fn wake_in(&self, time: Duration, waker: &Waker);

    /// Whether that time is over.
    fn is_time_over(&self) -> bool;
}

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
    closing: CancellationToken,
}

impl UpgradedIo {
    pub(crate) fn new(raw: Box<dyn Raw>, closing: CancellationToken) -> Self {
        Self { raw, closing }
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
        self.raw.peer()
    }

    /// As `poll_read`, into room that was written to before. It must not be empty.
    #[doc(hidden)]
    #[inline]
    pub fn poll_read_into(&mut self, cx: &mut Context<'_>, space: &mut [u8]) -> Poll<io::Result<usize>> {
        self.raw.poll_read_into(cx, space)
    }

    /// Whether the server has begun to stop. The task that a connection was handed over to is polled then.
    #[doc(hidden)]
    #[inline]
    pub fn is_closing(&self) -> bool {
        self.closing.is_cancelled()
    }

    /// Has a task polled when `time` is over, and again until the next time is set: never earlier, and up to a quarter of a second later. Unlike a timer it takes no
    /// memory, and nothing while it waits. There is one such time for each connection.
    #[doc(hidden)]
    pub fn wake_in(&self, time: Duration, waker: &Waker) {
        self.raw.wake_in(time, waker);
    }

    /// Whether the time of [`wake_in`](Self::wake_in) is over.
    #[doc(hidden)]
    #[inline]
    pub fn is_time_over(&self) -> bool {
        self.raw.is_time_over()
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
        f.debug_struct("UpgradedIo").field("peer", &self.peer_addr()).finish_non_exhaustive()
    }
}
