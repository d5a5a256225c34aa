//! Bodies that come through a bounded channel, from wherever they are made.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker, ready};
use std::thread::Thread;

use bytes::Bytes;
use http::HeaderMap;
use tokio::io::AsyncWrite;

use super::pieces::Pieces;
use super::source::Source;
use super::trailers;
use crate::error::{Error, HttpError, Result};

/// The end of a channel that a body is sent into: [`Body::channel`](crate::Body::channel).
///
/// It may go to any task or thread. It is an [`AsyncWrite`], too, whose shutdown is [`finish`](Self::finish). A sender that is dropped before
/// `finish` breaks the transfer: what has panicked or was cancelled does not look like the end.
#[must_use = "a sender that is dropped before `finish` breaks the transfer"]
pub struct BodySender(Arc<Shared>);

/// Nobody reads the body any more: the client is gone, or its request was answered with something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyClosed;

impl fmt::Display for BodyClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody reads the body any more")
    }
}

impl std::error::Error for BodyClosed {}

#[diagnostic::do_not_recommend]
impl HttpError for BodyClosed {}

struct Shared(Mutex<State>);

struct State {
    pieces: Pieces,
    capacity: usize,
    end: End,
    /// The body is gone.
    is_closed: bool,
    trailers: Option<HeaderMap>,
    reader: Option<Waker>,
    sender: Option<Waker>,
}

enum End {
    Open,
    Finished,
    Failed(Error),
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, and wakes the other side when it is unlocked.
    fn change(&self, change: impl FnOnce(&mut State) -> Option<Waker>) {
        let waker = change(&mut self.state());
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn end(&self, end: End) {
        self.change(|state| {
            if matches!(state.end, End::Open) {
                state.end = end;
            }
            state.reader.take()
        });
    }
}

/// Both ends of a channel that holds `capacity` bytes.
pub(super) fn channel(capacity: usize) -> (BodySender, impl Source + 'static) {
    let shared = Arc::new(Shared(Mutex::new(State {
        pieces: Pieces::default(),
        capacity: capacity.max(1),
        end: End::Open,
        is_closed: false,
        trailers: None,
        reader: None,
        sender: None,
    })));
    (BodySender(shared.clone()), Receiver(shared))
}

impl BodySender {
    /// Sends `chunk`: at once while the channel holds less than its capacity, else as soon as the client has read enough.
    ///
    /// # Errors
    /// Nobody reads any more. Nothing that is sent later would be.
    pub async fn send(&mut self, chunk: impl Into<Bytes>) -> Result<(), BodyClosed> {
        let chunk = chunk.into();
        poll_fn(|cx| self.poll_room(cx)).await?;
        self.add(|pieces| pieces.push(chunk));
        Ok(())
    }

    /// As [`send`](Self::send), for a thread of its own or [`blocking`](crate::blocking) work: it waits without `.await`. On a worker it would hold up
    /// the connection that it waits for.
    ///
    /// # Errors
    /// Nobody reads any more.
    pub fn blocking_send(&mut self, chunk: impl Into<Bytes>) -> Result<(), BodyClosed> {
        block_on(self.send(chunk))
    }

    /// Whether nobody reads any more.
    pub fn is_closed(&self) -> bool {
        self.0.state().is_closed
    }

    /// Waits until nobody reads any more: for who has nothing to send at the moment. Gives back at once where [`is_closed`](Self::is_closed).
    pub async fn closed(&mut self) {
        poll_fn(|cx| {
            let mut state = self.0.state();
            if state.is_closed {
                return Poll::Ready(());
            }
            state.sender = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Sets a field that follows the body: see [`BodyWriter::set_trailer`](crate::BodyWriter::set_trailer).
    ///
    /// # Errors
    /// It may not stand behind a body.
    pub fn set_trailer(&mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) -> Result<()> {
        let (name, value) = trailers::checked(name.as_ref(), value.as_ref())?;
        self.0.state().trailers.get_or_insert_default().insert(name, value);
        Ok(())
    }

    /// Ends the body. What was sent is still read.
    pub fn finish(self) {
        self.0.end(End::Finished);
    }

    /// Breaks the transfer behind what was sent: the client sees that the body is not complete. The error is logged.
    pub fn fail(self, error: impl Into<Error>) {
        self.0.end(End::Failed(error.into()));
    }

    fn poll_room(&self, cx: &Context<'_>) -> Poll<Result<usize, BodyClosed>> {
        let mut state = self.0.state();
        if state.is_closed || !matches!(state.end, End::Open) {
            return Poll::Ready(Err(BodyClosed));
        }
        match state.capacity.saturating_sub(state.pieces.len()) {
            0 => {
                state.sender = Some(cx.waker().clone());
                Poll::Pending
            }
            room => Poll::Ready(Ok(room)),
        }
    }

    fn add(&self, add: impl FnOnce(&mut Pieces)) {
        self.0.change(|state| {
            add(&mut state.pieces);
            state.reader.take()
        });
    }
}

impl AsyncWrite for BodySender {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let room = ready!(self.poll_room(cx)).map_err(|closed| io::Error::new(io::ErrorKind::BrokenPipe, closed))?;
        let n = room.min(bytes.len());
        self.add(|pieces| pieces.copy(&bytes[..n]));
        Poll::Ready(Ok(n))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Ends the body.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.end(End::Finished);
        Poll::Ready(Ok(()))
    }
}

impl Drop for BodySender {
    fn drop(&mut self) {
        if matches!(self.0.state().end, End::Open) {
            self.0.end(End::Failed(Error::internal("the sender of a body was dropped before `finish`")));
        }
    }
}

impl fmt::Debug for BodySender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.state();
        f.debug_struct("BodySender").field("waiting", &state.pieces.len()).field("closed", &state.is_closed).finish()
    }
}

/// The connection's end.
struct Receiver(Arc<Shared>);

impl Source for Receiver {
    fn poll_chunk(&mut self, _: u64, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        let mut state = self.0.state();
        if let Some(chunk) = state.pieces.pop() {
            let sender = state.sender.take();
            drop(state);
            if let Some(sender) = sender {
                sender.wake();
            }
            return Poll::Ready(Ok(Some(chunk)));
        }
        match std::mem::replace(&mut state.end, End::Finished) {
            End::Finished => Poll::Ready(Ok(None)),
            End::Failed(error) => Poll::Ready(Err(error)),
            End::Open => {
                state.end = End::Open;
                if !state.reader.as_ref().is_some_and(|reader| reader.will_wake(cx.waker())) {
                    state.reader = Some(cx.waker().clone());
                }
                Poll::Pending
            }
        }
    }

    fn take_trailers(&mut self) -> Option<HeaderMap> {
        self.0.state().trailers.take()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.0.change(|state| {
            state.is_closed = true;
            state.pieces.clear();
            state.reader = None;
            state.sender.take()
        });
    }
}

/// Awaits `future` by holding up this thread.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll(source: &mut impl Source) -> Poll<Result<Option<Bytes>>> {
        source.poll_chunk(u64::MAX, &mut Context::from_waker(Waker::noop()))
    }

    fn poll_send(sender: &mut BodySender, chunk: &'static str) -> Poll<Result<(), BodyClosed>> {
        pin!(sender.send(chunk)).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn it_takes_no_more_than_its_capacity() {
        let (mut sender, mut body) = channel(4);
        assert_eq!(poll_send(&mut sender, "abc"), Poll::Ready(Ok(())));
        assert_eq!(poll_send(&mut sender, "defgh"), Poll::Ready(Ok(())), "there is room for a part");
        assert!(poll_send(&mut sender, "i").is_pending());
        assert!(matches!(poll(&mut body), Poll::Ready(Ok(Some(chunk))) if chunk == "abcdefgh"));
        assert!(poll(&mut body).is_pending());
        assert_eq!(poll_send(&mut sender, "i"), Poll::Ready(Ok(())));
        sender.finish();
        assert!(matches!(poll(&mut body), Poll::Ready(Ok(Some(chunk))) if chunk == "i"));
        assert!(matches!(poll(&mut body), Poll::Ready(Ok(None))));
    }

    #[test]
    fn a_sender_that_is_dropped_is_no_end() {
        let (mut sender, mut body) = channel(4);
        assert_eq!(poll_send(&mut sender, "abc"), Poll::Ready(Ok(())));
        drop(sender);
        assert!(matches!(poll(&mut body), Poll::Ready(Ok(Some(_)))));
        assert!(matches!(poll(&mut body), Poll::Ready(Err(error)) if error.message().contains("finish")));
    }

    #[test]
    fn a_thread_that_waits_for_room_learns_that_nobody_reads() {
        let (mut sender, body) = channel(1);
        let thread = std::thread::spawn(move || {
            let sent = (0..100).take_while(|_| sender.blocking_send("x").is_ok()).count();
            (sent, sender.is_closed())
        });
        std::thread::sleep(std::time::Duration::from_millis(20));
        drop(body);
        assert_eq!(thread.join().expect("it ends"), (1, true));
    }
}
