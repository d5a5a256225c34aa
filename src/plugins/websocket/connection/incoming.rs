//! Reading: who does it, and what becomes of the bytes.

use std::cell::RefCell;
use std::task::{Context, Poll, Waker};

use super::outgoing::{give_back, lend};
use super::{Connection, PONGS, Phase, Received};
use crate::plugins::websocket::WebSocketError;
use crate::plugins::websocket::message::Message;
use crate::plugins::websocket::protocol::{Event, Failure, Opcode, write};

/// What all connections of a worker read into.
const SCRATCH: usize = 64 * 1024;

thread_local! {
    static READ: RefCell<Box<[u8]>> = RefCell::new(vec![0; SCRATCH].into());
}

/// Who waits for a message.
#[derive(Debug)]
pub(super) enum Reader {
    None,
    /// The connection's own task, as nearly always: no waker is made and dropped for each message.
    Driver,
    Other(Waker),
}

impl Connection {
    /// The next message, for whoever asks for it.
    #[inline]
    pub(in super::super) fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<Received>> {
        if self.inbox.is_none() {
            if self.phase != Phase::Open {
                return Poll::Ready(None);
            }
            if self.poll_message(cx).is_pending() {
                self.await_message(cx);
                return Poll::Pending;
            }
        }
        self.reader = Reader::None;
        Poll::Ready(self.inbox.take())
    }

    #[inline]
    fn await_message(&mut self, cx: &Context<'_>) {
        let is_known = |known: &Waker| known.will_wake(cx.waker());
        if self.driver.as_ref().is_some_and(is_known) {
            self.reader = Reader::Driver;
        } else if !matches!(&self.reader, Reader::Other(known) if is_known(known)) {
            self.reader = Reader::Other(cx.waker().clone());
        }
    }

    /// Nobody waits for a message any more.
    pub(in super::super) fn stop_reading(&mut self) {
        if !matches!(std::mem::replace(&mut self.reader, Reader::None), Reader::None) {
            self.touch();
        }
    }

    /// Decodes what is there, and reads, until a message is in the inbox. `false` where none will come any more.
    pub(super) fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        if self.at < self.input.len() && self.decode_left() {
            return Poll::Ready(true);
        }
        loop {
            if self.phase == Phase::Answered {
                return Poll::Ready(false);
            }
            let read = READ.with_borrow_mut(|space| {
                let Some(io) = &mut self.io else { return Poll::Ready(Ok(0)) };
                let read = std::task::ready!(io.poll_read_into(cx, space));
                let bytes = &space[..*read.as_ref().unwrap_or(&0)];
                let used = self.decode(bytes);
                if used < bytes.len() && self.phase == Phase::Open {
                    self.keep(&bytes[used..]);
                }
                Poll::Ready(read)
            });
            match read {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(0) | Err(_)) => {
                    self.end();
                    return Poll::Ready(false);
                }
                Poll::Ready(Ok(_)) => self.timer.heard(),
            }
            if self.inbox.is_some() {
                return Poll::Ready(true);
            }
        }
    }

    /// Keeps what is behind a message that was read.
    fn keep(&mut self, bytes: &[u8]) {
        if self.input.capacity() == 0 {
            self.input = lend();
        }
        self.input.extend_from_slice(bytes);
    }

    /// Decodes what was kept. Says whether there was a message in it.
    fn decode_left(&mut self) -> bool {
        while self.at < self.input.len() {
            // Taken out, since the decoder and what follows borrow the rest.
            let input = std::mem::take(&mut self.input);
            let used = self.decode(&input[self.at..]);
            self.input = input;
            self.at += used;
            if self.at == self.input.len() || self.phase == Phase::Done {
                self.at = 0;
                give_back(&mut self.input);
            }
            if self.inbox.is_some() {
                return true;
            }
        }
        false
    }

    /// Decodes up to the first message, which is in the inbox then. Says how many bytes that took.
    #[inline]
    fn decode(&mut self, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        while !rest.is_empty() && matches!(self.phase, Phase::Open | Phase::Closing) {
            let received = match self.decoder.decode(&mut rest) {
                Ok(Some(Event::Text(text))) if self.phase == Phase::Open => Ok(Message::Text(text)),
                Ok(Some(Event::Binary(payload))) if self.phase == Phase::Open => Ok(Message::Binary(payload.into())),
                // What comes behind one's own close is not wanted.
                Ok(None | Some(Event::Text(_) | Event::Binary(_) | Event::Pong)) => continue,
                Ok(Some(Event::Ping(payload))) => {
                    self.answer(payload);
                    continue;
                }
                Ok(Some(Event::Close(said))) => {
                    self.closed(said);
                    continue;
                }
                Err(failure) => {
                    let was_open = self.phase == Phase::Open;
                    self.fail(failure);
                    if !was_open {
                        break;
                    }
                    let Failure { code, reason } = failure;
                    Err(WebSocketError::Failed { code, reason })
                }
            };
            self.inbox = Some(received);
            break;
        }
        // What is behind the end is not decoded.
        if matches!(self.phase, Phase::Open | Phase::Closing) { bytes.len() - rest.len() } else { bytes.len() }
    }

    /// Answers a ping, or replaces the last one that there was no room for.
    fn answer(&mut self, payload: Vec<u8>) {
        if self.phase != Phase::Open {
            return;
        }
        if self.out.len() + payload.len() < PONGS {
            // The one that waited is older than this.
            self.pong = None;
            self.out.append(|out| write(out, Opcode::Pong, false, None, &payload));
        } else {
            self.pong = Some(payload.into());
        }
        self.touch();
    }
}
