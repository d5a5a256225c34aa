//! Bodies as readers.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};

use super::{Body, Kind};
use crate::error::Result;

impl Body {
    /// Bytes that need not be waited for, where there are any.
    fn at_hand(&self) -> &[u8] {
        match self.begun() {
            [] => self.as_slice().unwrap_or_default(),
            begun => begun,
        }
    }

    /// Waits for bytes, or for the end.
    fn poll_at_hand(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        while self.at_hand().is_empty() && self.as_slice().is_none() {
            match ready!(self.poll_chunk(cx))? {
                Some(chunk) => self.extra.get_or_insert_default().begun = chunk,
                None => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// Bodies that are in memory are read where they are. Errors are those of [`chunk`](Body::chunk), and `?` makes of the [`io::Error`] what they were.
///
/// ```
/// # use fastweb_core::{App, Body, Inject};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// use tokio::io::AsyncBufReadExt;
///
/// let longest = async |body: Body| -> fastweb_core::Result<String> {
///     let mut lines = body.lines();
///     let mut longest = String::new();
///     while let Some(line) = lines.next_line().await? {
///         if line.len() > longest.len() {
///             longest = line;
///         }
///     }
///     Ok(longest)
/// };
/// let server = App::new().post("/", longest).build().await?;
/// server.inject(Inject::post("/").body("a\nlong\nb\n")).await.assert_text("long");
/// # Ok(())
/// # }
/// ```
impl AsyncBufRead for Body {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let body = self.get_mut();
        ready!(body.poll_at_hand(cx)).map_err(io::Error::other)?;
        Poll::Ready(Ok(body.at_hand()))
    }

    fn consume(self: Pin<&mut Self>, n: usize) {
        let body = self.get_mut();
        if let Some(extra) = body.extra.as_mut().filter(|extra| !extra.begun.is_empty()) {
            extra.begun.advance(n);
            return;
        }
        match &mut body.kind {
            Kind::InBuffer { range, .. } if n < range.len() => range.start += n,
            Kind::Bytes(bytes) if n < bytes.len() => bytes.advance(n),
            Kind::InBuffer { .. } | Kind::Bytes(_) => body.kind = Kind::Bytes(Bytes::new()),
            Kind::Empty | Kind::Incoming(_) | Kind::Source(_) | Kind::Failed => {}
        }
    }
}

/// As it is an [`AsyncBufRead`]: `tokio::io::copy` and decoders read bodies.
impl AsyncRead for Body {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let at_hand = ready!(self.as_mut().poll_fill_buf(cx))?;
        let n = at_hand.len().min(buf.remaining());
        buf.put_slice(&at_hand[..n]);
        self.consume(n);
        Poll::Ready(Ok(()))
    }
}
