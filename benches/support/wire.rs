//! A client without a socket: it feeds a connection with the bytes of requests and throws the answers away.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Gives `batch` again and again, once per read as a socket would that got one packet, and then ends.
pub(crate) struct Wire {
    batch: Vec<u8>,
    left: u64,
    /// What of the batch the last read had no room for.
    rest: usize,
    /// Bytes that were answered. Each test of a bench sees that there were some.
    pub(crate) answered: Rc<Cell<u64>>,
}

impl Wire {
    pub(crate) fn new(batch: Vec<u8>, times: u64) -> Self {
        Self { batch, left: times, rest: 0, answered: Rc::default() }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.rest == 0 && self.left > 0 {
            self.left -= 1;
            self.rest = self.batch.len();
        }
        let start = self.batch.len() - self.rest;
        let n = self.rest.min(buf.remaining());
        buf.put_slice(&self.batch[start..start + n]);
        self.rest -= n;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.answered.set(self.answered.get() + bytes.len() as u64);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
