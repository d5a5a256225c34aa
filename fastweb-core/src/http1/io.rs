//! What a connection runs over.

use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, Interest};
use tokio::net::TcpStream;

use super::system;

/// A byte stream. TCP has shorter ways for what happens once per request; everything else takes tokio's.
pub(crate) trait Io: AsyncRead + AsyncWrite + Unpin {
    /// The peer is on this machine and has no address.
    const IS_UNIX: bool = false;

    /// Waits until there may be something to read. Costs no buffer; ready where that cannot be told without reading.
    fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Reads what is there, without waiting: `WouldBlock` where that is nothing, and then [`poll_readable`](Self::poll_readable) waits. `None`
    /// where only `poll_read` reads.
    fn try_read(&mut self, _: &mut [u8]) -> Option<io::Result<usize>> {
        None
    }

    /// Writes what can be written at once. `WouldBlock` where that is nothing; then `poll_write` waits. Needs no flush.
    fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// Whether the other side is known to be gone, without reading. Takes the error away.
    fn is_broken(&self) -> bool;

    /// Makes the end of this stream a reset, which no client takes for the end of an answer.
    fn reset_at_end(&mut self);

    /// Takes [`reset_at_end`](Self::reset_at_end) back.
    fn close_at_end(&mut self) {}
}

impl Io for TcpStream {
    fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_read_ready(cx).map(drop)
    }

    fn try_read(&mut self, space: &mut [u8]) -> Option<io::Result<usize>> {
        let mut read = None;
        let tried = self.try_io(Interest::READABLE, || {
            let n = system::receive(&*self, space)?;
            // What did not fill the room was all that was there: said now, it need not be found out by another system call. (tokio's `poll_read` takes
            // this way too; this one is for whoever has been woken, and takes 150 instructions less, 2026-11.)
            if n > 0 && n < space.len() {
                read = Some(n);
                return Err(io::ErrorKind::WouldBlock.into());
            }
            Ok(n)
        });
        Some(read.map_or(tried, Ok))
    }

    fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Whether it is known to be full is not asked: nearly never it is, and `poll_write` notes it where it is.
        system::send(self, bytes)
    }

    fn is_broken(&self) -> bool {
        !matches!(self.take_error(), Ok(None))
    }

    fn reset_at_end(&mut self) {
        // Where it cannot be set the connection ends as others do: there is nothing better.
        let _ = socket2::SockRef::from(&*self).set_linger(Some(Duration::ZERO));
    }

    fn close_at_end(&mut self) {
        let _ = socket2::SockRef::from(&*self).set_linger(None);
    }
}

#[cfg(unix)]
impl Io for tokio::net::UnixStream {
    const IS_UNIX: bool = true;

    fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_read_ready(cx).map(drop)
    }

    fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        tokio::net::UnixStream::try_write(self, bytes)
    }

    fn is_broken(&self) -> bool {
        !matches!(self.take_error(), Ok(None))
    }

    /// These streams know no reset.
    fn reset_at_end(&mut self) {}
}

/// Any other stream: a pipe in memory, a tunnel.
pub(crate) struct Other<T>(pub(crate) T);

impl<T: AsyncRead + AsyncWrite + Unpin> Io for Other<T> {
    fn poll_readable(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }

    fn try_write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    fn is_broken(&self) -> bool {
        false
    }

    fn reset_at_end(&mut self) {}
}

impl<T: AsyncRead + Unpin> AsyncRead for Other<T> {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut tokio::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        std::pin::Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Other<T> {
    fn poll_write(mut self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        std::pin::Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        std::pin::Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        std::pin::Pin::new(&mut self.0).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        std::pin::Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }
}
