//! Where the frames of an answer come from: functions that write events.

use std::cell::RefCell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use fastweb_core::{Bytes, Result};

use super::event::Event;

/// A function that writes has to wait while this much of what it wrote is not sent.
const ENOUGH: usize = 16 * 1024;

/// Gives frames, of which each ends with an event: `None` is the end.
pub(super) type Source = Box<dyn FnMut(&mut Context<'_>) -> Poll<Option<Result<Bytes>>>>;

/// What the function of [`Sse::from_fn`](super::Sse::from_fn) sends its events with.
pub struct EventWriter<T: ?Sized = str> {
    queue: Rc<RefCell<Queue>>,
    data: PhantomData<fn(&T)>,
}

/// Frames that are not sent yet. It is never borrowed while other code runs.
#[derive(Default)]
struct Queue {
    frames: Vec<u8>,
    /// The function's, where it waits for room.
    writer: Option<Waker>,
}

impl<T: ?Sized> EventWriter<T> {
    /// Sends an event: at once while less than 16 KiB wait to be sent, else as soon as the client has read enough. Where the client is gone this never
    /// returns: the function is dropped where it waits.
    ///
    /// # Errors
    /// Something that the event was given cannot be sent. Nothing of it is.
    pub async fn send(&mut self, event: Event<T>) -> Result<()> {
        let frame = event.into_frame()?;
        poll_fn(|cx| {
            let mut queue = self.queue.borrow_mut();
            if queue.frames.len() >= ENOUGH {
                queue.writer = Some(cx.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
        self.queue.borrow_mut().frames.extend_from_slice(&frame);
        Ok(())
    }
}

impl<T: ?Sized> fmt::Debug for EventWriter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventWriter").field("waiting", &self.queue.borrow().frames.len()).finish()
    }
}

/// The events that `produce` sends.
pub(super) fn written<T: ?Sized + 'static>(
    produce: impl AsyncFnOnce(&mut EventWriter<T>) -> Result<()> + 'static,
) -> Source {
    let queue: Rc<RefCell<Queue>> = Rc::default();
    let mut writer = EventWriter { queue: queue.clone(), data: PhantomData };
    let mut work: Option<Pin<Box<dyn Future<Output = Result<()>>>>> =
        Some(Box::pin(async move { produce(&mut writer).await }));
    let mut failed = None;
    Box::new(move |cx| {
        loop {
            let (frames, writer) = {
                let mut queue = queue.borrow_mut();
                (std::mem::take(&mut queue.frames), queue.writer.take())
            };
            // The function is polled again with the body in any case; but a part of it may have a waker of its own, and wait for that.
            if let Some(writer) = writer.filter(|writer| !writer.will_wake(cx.waker())) {
                writer.wake();
            }
            if !frames.is_empty() {
                return Poll::Ready(Some(Ok(frames.into())));
            }
            let Some(running) = &mut work else { return Poll::Ready(failed.take().map(Err)) };
            match running.as_mut().poll(cx) {
                Poll::Ready(result) => {
                    work = None;
                    failed = result.err();
                }
                Poll::Pending if queue.borrow().frames.is_empty() => return Poll::Pending,
                Poll::Pending => {}
            }
        }
    })
}
