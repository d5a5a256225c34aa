//! What a body of the application comes from: a reader, a file, a function, a channel.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::error::{Error, Result};
use crate::lifecycle;

/// What a reader is asked for at a time.
const READ_CHUNK: u64 = 16 * 1024;

/// Gives a body piece by piece. It is asked for the next piece when the one before was sent.
pub(super) trait Source {
    /// The next bytes, or `None` at the end. More than `room` of them are not needed.
    fn poll_chunk(&mut self, room: u64, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>>;

    /// What follows the last bytes.
    fn take_trailers(&mut self) -> Option<HeaderMap> {
        None
    }
}

/// A source, and how much it gives.
pub(super) struct Sourced {
    source: Guarded,
    /// Bytes to come where that was announced.
    pub(super) left: Option<u64>,
    allowance: Option<Allowance>,
}

/// A source of the application. It is dropped wherever its body is, and should it panic then, nothing but its own request could be hurt.
struct Guarded(Option<Box<dyn Source>>);

impl Drop for Guarded {
    fn drop(&mut self) {
        let source = self.0.take();
        if let Err(panic) = lifecycle::caught(|| drop(source)) {
            tracing::error!(error = ?panic, "the source of a body panicked while it was dropped");
        }
    }
}

/// What a source may give where it is the body of a request: a hook that decodes makes much of little.
struct Allowance {
    left: u64,
    limit: u64,
}

impl Sourced {
    pub(super) fn new(source: impl Source + 'static, length: Option<u64>) -> Box<Self> {
        Box::new(Self { source: Guarded(Some(Box::new(source))), left: length, allowance: None })
    }

    pub(super) fn limit(&mut self, limit: u64) {
        self.allowance.get_or_insert(Allowance { left: limit, limit });
    }

    pub(super) fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        let room = self.left.unwrap_or(u64::MAX);
        let Some(source) = self.source.0.as_mut().filter(|_| room > 0) else { return Poll::Ready(Ok(None)) };
        let Some(mut chunk) = ready!(source.poll_chunk(room, cx))? else {
            return Poll::Ready(match self.left {
                Some(missing) => Err(Error::internal(format!("the source of a body ended {missing} bytes early"))),
                None => Ok(None),
            });
        };
        if let Some(left) = &mut self.left {
            // What it has beyond was not announced.
            chunk.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= chunk.len() as u64;
        }
        if let Some(Allowance { left, limit }) = &mut self.allowance {
            *left = left.checked_sub(chunk.len() as u64).ok_or_else(|| Error::body_too_large(*limit))?;
        }
        Poll::Ready(Ok(Some(chunk)))
    }

    pub(super) fn take_trailers(&mut self) -> Option<HeaderMap> {
        self.source.0.as_mut()?.take_trailers()
    }
}

/// Any reader.
pub(super) struct Reader<R: ?Sized>(pub(super) Pin<Box<R>>);

impl<R: AsyncRead + ?Sized> Source for Reader<R> {
    fn poll_chunk(&mut self, room: u64, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        // Not zeroed before it is read into.
        let mut piece = BytesMut::with_capacity(room.min(READ_CHUNK) as usize);
        let n = ready!(pin!(self.0.read_buf(&mut piece)).poll(cx))?;
        Poll::Ready(Ok((n > 0).then(|| piece.freeze())))
    }
}

/// A function that is asked again and again.
pub(super) struct Polled<F>(pub(super) F);

impl<F: FnMut(&mut Context<'_>) -> Poll<Option<Result<Bytes>>>> Source for Polled<F> {
    fn poll_chunk(&mut self, _: u64, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        (self.0)(cx).map(Option::transpose)
    }
}
