//! Events that come from another task or thread.

use std::fmt;
use std::marker::PhantomData;

use fastweb_core::{BodySender, Result};

use super::event::Event;

/// The end of a channel that events are sent into: [`Sse::channel`](super::Sse::channel). It may go to any task or thread. Where it is dropped, the answer
/// ends.
pub struct EventSender<T: ?Sized = str> {
    sender: Option<BodySender>,
    data: PhantomData<fn(&T)>,
}

impl<T: ?Sized> EventSender<T> {
    pub(super) fn new(sender: BodySender) -> Self {
        Self { sender: Some(sender), data: PhantomData }
    }

    /// Sends an event: at once while the channel holds less than its capacity, else as soon as the client has read enough.
    ///
    /// # Errors
    /// The client is gone, or something that the event was given cannot be sent.
    pub async fn send(&mut self, event: Event<T>) -> Result<()> {
        let frame = event.into_frame()?;
        match &mut self.sender {
            Some(sender) => Ok(sender.send(frame).await?),
            None => Ok(()),
        }
    }

    /// As [`send`](Self::send), for a thread of its own or [`blocking`](crate::blocking) work: it waits without `.await`.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn blocking_send(&mut self, event: Event<T>) -> Result<()> {
        let frame = event.into_frame()?;
        match &mut self.sender {
            Some(sender) => Ok(sender.blocking_send(frame)?),
            None => Ok(()),
        }
    }

    /// Whether the client is gone.
    pub fn is_closed(&self) -> bool {
        self.sender.as_ref().is_none_or(BodySender::is_closed)
    }

    /// Waits until the client is gone: for who has nothing to send at the moment.
    pub async fn closed(&mut self) {
        if let Some(sender) = &mut self.sender {
            sender.closed().await;
        }
    }
}

/// Events are whole or not there at all, so an end after any of them is a good one.
impl<T: ?Sized> Drop for EventSender<T> {
    fn drop(&mut self) {
        if let Some(sender) = self.sender.take() {
            sender.finish();
        }
    }
}

impl<T: ?Sized> fmt::Debug for EventSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSender").field("closed", &self.is_closed()).finish()
    }
}
