//! The way of a request's body from its connection to whoever reads it.
//!
//! One chunk at a time: the connection reads from the client only while a reader waits, so a slow handler stops the client. Both
//! ends live on one worker, so a `RefCell` does; it is never borrowed while other code runs.

use std::cell::{RefCell, RefMut};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::HeaderMap;

use crate::error::{Error, Result};

#[derive(Default)]
struct State {
    chunk: Option<Bytes>,
    trailers: Option<HeaderMap>,
    end: End,
    /// Bytes to come where `content-length` announced them.
    left: Option<u64>,
    /// Bytes that may still come before the body is too large.
    allowed: Option<u64>,
    limit: u64,
    wanted: bool,
    /// The task that drives the connection. A reader on this task is polled again by the connection itself.
    driver: Option<Waker>,
    /// A reader on another task.
    reader: Option<Waker>,
}

#[derive(Default)]
enum End {
    #[default]
    Open,
    Done,
    Failed(Error),
    /// The failure was handed to the reader.
    Reported,
}

/// The reader's end.
pub(crate) struct Incoming(Rc<RefCell<State>>);

/// The connection's end.
pub(crate) struct Feed(Rc<RefCell<State>>);

/// Both ends of a body of `length` bytes, or of unknown length.
pub(crate) fn channel(length: Option<u64>) -> (Feed, Incoming) {
    let state = Rc::new(RefCell::new(State { left: length, ..State::default() }));
    (Feed(state.clone()), Incoming(state))
}

impl Incoming {
    pub(crate) fn len(&self) -> Option<u64> {
        let state = self.0.borrow();
        match state.end {
            End::Open => state.left.map(|left| left + state.chunk.as_ref().map_or(0, |chunk| chunk.len() as u64)),
            _ => Some(state.chunk.as_ref().map_or(0, |chunk| chunk.len() as u64)),
        }
    }

    /// What came behind the last bytes.
    pub(crate) fn take_trailers(&self) -> Option<HeaderMap> {
        self.0.borrow_mut().trailers.take()
    }

    pub(crate) fn set_limit(&self, limit: u64) {
        let mut state = self.0.borrow_mut();
        if state.allowed.is_none() {
            state.limit = limit;
            state.allowed = Some(limit);
        }
    }

    pub(crate) fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        let mut state = self.0.borrow_mut();
        if let Some(chunk) = state.chunk.take() {
            return Poll::Ready(Ok(Some(chunk)));
        }
        match std::mem::replace(&mut state.end, End::Reported) {
            End::Open => state.end = End::Open,
            End::Done => {
                state.end = End::Done;
                return Poll::Ready(Ok(None));
            }
            End::Failed(error) => return Poll::Ready(Err(error)),
            End::Reported => return Poll::Ready(Err(Error::body_broken())),
        }
        let first_ask = !std::mem::replace(&mut state.wanted, true);
        let on_driver = state.driver.as_ref().is_some_and(|driver| driver.will_wake(cx.waker()));
        if on_driver {
            state.reader = None;
        } else {
            state.reader = Some(cx.waker().clone());
            let driver = if first_ask { state.driver.clone() } else { None };
            drop(state);
            if let Some(driver) = driver {
                driver.wake();
            }
        }
        Poll::Pending
    }
}

impl Feed {
    /// Tells the channel which task feeds it.
    pub(crate) fn set_driver(&self, cx: &Context<'_>) {
        let mut state = self.0.borrow_mut();
        if !state.driver.as_ref().is_some_and(|driver| driver.will_wake(cx.waker())) {
            state.driver = Some(cx.waker().clone());
        }
    }

    pub(crate) fn has_reader(&self) -> bool {
        Rc::strong_count(&self.0) > 1
    }

    /// Whether a reader waits and nothing lies ready for it.
    pub(crate) fn wanted(&self) -> bool {
        let state = self.0.borrow();
        state.wanted && state.chunk.is_none() && matches!(state.end, End::Open)
    }

    /// Fails the body where `announced` bytes more are beyond its limit; returns whether it did not. They need not be waited for.
    pub(crate) fn admits(&self, announced: u64) -> bool {
        let mut state = self.0.borrow_mut();
        let fits = state.allowed.is_none_or(|allowed| announced <= allowed);
        if !fits && matches!(state.end, End::Open) {
            state.end = End::Failed(Error::body_too_large(state.limit));
            wake_reader(state);
        }
        fits
    }

    /// Hands over bytes. More than the limit fails the body instead; returns whether it did not.
    pub(crate) fn push(&self, bytes: Bytes) -> bool {
        let mut state = self.0.borrow_mut();
        let n = bytes.len() as u64;
        if let Some(left) = &mut state.left {
            *left = left.saturating_sub(n);
        }
        let fits = match &mut state.allowed {
            Some(allowed) if *allowed < n => false,
            Some(allowed) => {
                *allowed -= n;
                true
            }
            None => true,
        };
        if fits {
            state.chunk = Some(bytes);
        } else {
            state.end = End::Failed(Error::body_too_large(state.limit));
        }
        wake_reader(state);
        fits
    }

    pub(crate) fn finish(&self, trailers: Option<HeaderMap>) {
        self.0.borrow_mut().trailers = trailers;
        self.end(End::Done);
    }

    pub(crate) fn fail(&self, error: Error) {
        self.end(End::Failed(error));
    }

    fn end(&self, end: End) {
        let mut state = self.0.borrow_mut();
        if matches!(state.end, End::Open) {
            state.end = end;
            wake_reader(state);
        }
    }
}

/// A reader on another task must not wait for a connection that is gone.
impl Drop for Feed {
    fn drop(&mut self) {
        // Nobody holds the other end of most bodies any more, and then no error has to be made.
        if self.has_reader() {
            self.fail(Error::body_broken());
        }
    }
}

/// The waker is called when nothing is borrowed any more: it is not known what it does.
fn wake_reader(mut state: RefMut<'_, State>) {
    state.wanted = false;
    let reader = state.reader.take();
    drop(state);
    if let Some(reader) = reader {
        reader.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::Wake;

    use super::*;

    fn poll(incoming: &mut Incoming) -> Poll<Result<Option<Bytes>>> {
        incoming.poll_chunk(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn chunks_come_one_by_one_and_only_when_asked_for() {
        let (feed, mut body) = channel(Some(3));
        assert!(!feed.wanted());
        assert!(poll(&mut body).is_pending());
        assert!(feed.wanted());
        assert!(feed.push(Bytes::from_static(b"ab")));
        assert!(!feed.wanted());
        assert_eq!(body.len(), Some(3));
        assert!(matches!(poll(&mut body), Poll::Ready(Ok(Some(chunk))) if chunk == "ab"));
        assert_eq!(body.len(), Some(1));
        feed.finish(None);
        assert!(matches!(poll(&mut body), Poll::Ready(Ok(None))));
        assert!(matches!(poll(&mut body), Poll::Ready(Ok(None))));
    }

    #[test]
    fn a_reader_does_not_wait_for_a_feed_that_is_gone() {
        struct Woken(AtomicBool);
        impl Wake for Woken {
            fn wake(self: Arc<Self>) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let woken = Arc::new(Woken(AtomicBool::new(false)));
        let (feed, mut body) = channel(None);
        assert!(body.poll_chunk(&mut Context::from_waker(&woken.clone().into())).is_pending());
        drop(feed);
        assert!(woken.0.load(Ordering::Relaxed));
        assert!(matches!(poll(&mut body), Poll::Ready(Err(_))));
    }

    #[test]
    fn more_than_the_limit_is_an_error_that_stays() {
        let (feed, mut body) = channel(None);
        body.set_limit(2);
        assert!(feed.push(Bytes::from_static(b"ab")));
        assert!(poll(&mut body).is_ready());
        assert!(!feed.push(Bytes::from_static(b"c")));
        assert!(matches!(poll(&mut body), Poll::Ready(Err(error)) if error.status() == 413));
        assert!(matches!(poll(&mut body), Poll::Ready(Err(_))));
    }
}
