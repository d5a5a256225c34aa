//! Bodies that a function writes while they are sent.

use std::cell::RefCell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use http::HeaderMap;
use tokio::io::AsyncWrite;

use super::pieces::Pieces;
use super::source::Source;
use super::trailers;
use crate::error::Result;

/// A function that writes has to wait while this much of what it wrote is not sent.
const ENOUGH: usize = 16 * 1024;

/// What the function of [`Body::from_fn`](crate::Body::from_fn) writes a body with.
///
/// It is an [`AsyncWrite`], too, for encoders and whatever else writes. Nothing has to be flushed: what was written is sent whenever the function
/// waits for something, and at the latest when 16 KiB have come together.
pub struct BodyWriter {
    queue: Rc<RefCell<Queue>>,
}

/// What was written and not sent yet. It is never borrowed while other code runs.
#[derive(Default)]
pub(crate) struct Queue {
    pub(crate) pieces: Pieces,
    trailers: Option<HeaderMap>,
    /// The writer's, where it waits for room.
    writer: Option<Waker>,
}

impl Queue {
    fn room(&self) -> usize {
        ENOUGH.saturating_sub(self.pieces.len())
    }

    pub(crate) fn poll_room(&mut self, cx: &Context<'_>) -> Poll<usize> {
        match self.room() {
            0 => {
                self.writer = Some(cx.waker().clone());
                Poll::Pending
            }
            room => Poll::Ready(room),
        }
    }
}

impl BodyWriter {
    /// Writes `chunk`: at once while less than 16 KiB wait to be sent, else as soon as the client has read enough. Where the client is gone this
    /// never returns: the function is dropped where it waits.
    pub async fn send(&mut self, chunk: impl Into<Bytes>) {
        let chunk = chunk.into();
        poll_fn(|cx| self.queue.borrow_mut().poll_room(cx)).await;
        self.queue.borrow_mut().pieces.push(chunk);
    }

    /// Sets a field that follows the body, in place of what it was: a checksum, how it went. Clients that did not ask for trailers do not get
    /// any: see [`Reply::set_trailer`](crate::Reply::set_trailer).
    ///
    /// # Errors
    /// It may not stand behind a body: name or value are malformed, or it is a field that has to be known before.
    pub fn set_trailer(&mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) -> Result<()> {
        let (name, value) = trailers::checked(name.as_ref(), value.as_ref())?;
        self.queue.borrow_mut().trailers.get_or_insert_default().insert(name, value);
        Ok(())
    }
}

impl AsyncWrite for BodyWriter {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut queue = self.queue.borrow_mut();
        let n = ready!(queue.poll_room(cx)).min(bytes.len());
        queue.pieces.copy(&bytes[..n]);
        Poll::Ready(Ok(n))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// The body ends when the function does.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for BodyWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyWriter").field("room", &self.queue.borrow().room()).finish()
    }
}

/// A function that writes, and what it has written.
pub(crate) struct Producer<F> {
    queue: Rc<RefCell<Queue>>,
    work: Option<Pin<Box<F>>>,
    result: Result<()>,
}

/// A body that `produce` writes.
pub(super) fn produce(
    produce: impl AsyncFnOnce(&mut BodyWriter) -> Result<()> + 'static,
) -> Producer<impl Future<Output = Result<()>>> {
    with_queue(move |queue| async move { produce(&mut BodyWriter { queue }).await })
}

/// A body that is written into a queue.
pub(crate) fn with_queue<F: Future<Output = Result<()>>>(work: impl FnOnce(Rc<RefCell<Queue>>) -> F) -> Producer<F> {
    let queue = Rc::default();
    let work = work(Rc::clone(&queue));
    Producer { queue, work: Some(Box::pin(work)), result: Ok(()) }
}

impl<F: Future<Output = Result<()>>> Source for Producer<F> {
    fn poll_chunk(&mut self, _: u64, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        loop {
            let mut queue = self.queue.borrow_mut();
            if let Some(chunk) = queue.pieces.pop() {
                let writer = queue.writer.take();
                drop(queue);
                // The function is polled again with the body in any case; but a part of it may have a waker of its own, and wait for that.
                if let Some(writer) = writer.filter(|writer| !writer.will_wake(cx.waker())) {
                    writer.wake();
                }
                return Poll::Ready(Ok(Some(chunk)));
            }
            drop(queue);
            let Some(work) = &mut self.work else {
                return Poll::Ready(std::mem::replace(&mut self.result, Ok(())).map(|()| None));
            };
            match work.as_mut().poll(cx) {
                Poll::Ready(result) => {
                    self.result = result;
                    self.work = None;
                }
                // What it has written does not wait for what it waits for.
                Poll::Pending if self.queue.borrow().room() == ENOUGH => return Poll::Pending,
                Poll::Pending => {}
            }
        }
    }

    fn take_trailers(&mut self) -> Option<HeaderMap> {
        self.queue.borrow_mut().trailers.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::pieces::SMALL;

    fn poll(source: &mut impl Source) -> Poll<Result<Option<Bytes>>> {
        source.poll_chunk(u64::MAX, &mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn small_pieces_come_together_and_large_ones_are_not_copied() {
        let large = Bytes::from(vec![b'x'; SMALL]);
        let sent = large.clone();
        let mut source = produce(async move |out| {
            out.send("a").await;
            out.send("b").await;
            out.send(sent).await;
            out.send("c").await;
            Ok(())
        });
        assert!(matches!(poll(&mut source), Poll::Ready(Ok(Some(chunk))) if chunk == "ab"));
        assert!(matches!(poll(&mut source), Poll::Ready(Ok(Some(chunk))) if chunk.as_ptr() == large.as_ptr()));
        assert!(matches!(poll(&mut source), Poll::Ready(Ok(Some(chunk))) if chunk == "c"));
        assert!(matches!(poll(&mut source), Poll::Ready(Ok(None))));
    }

    #[test]
    fn nothing_is_written_that_nobody_takes() {
        let written = Rc::new(std::cell::Cell::new(0));
        let count = written.clone();
        let mut source = produce(async move |out| {
            loop {
                out.send(vec![0; 1000]).await;
                count.set(count.get() + 1000);
            }
        });
        assert_eq!(written.get(), 0, "before anybody asks");
        for round in 1..10 {
            let Poll::Ready(Ok(Some(chunk))) = poll(&mut source) else { panic!("it has bytes") };
            assert!(chunk.len() < ENOUGH + 1000);
            assert!(written.get() <= round * (ENOUGH + 1000), "{} bytes in round {round}", written.get());
        }
    }

    #[test]
    fn what_was_written_before_an_error_comes_before_it() {
        let mut source = produce(async |out| {
            out.send("a").await;
            Err(crate::Error::internal("no more"))
        });
        assert!(matches!(poll(&mut source), Poll::Ready(Ok(Some(chunk))) if chunk == "a"));
        assert!(matches!(poll(&mut source), Poll::Ready(Err(error)) if error.message() == "no more"));
    }
}
