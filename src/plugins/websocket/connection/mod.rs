//! One connection: what has come and not been taken, what waits to be written, and how far its end is.

mod drive;
mod incoming;
mod outgoing;
mod timer;

pub(super) use drive::drive;

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use fastweb_core::UpgradedIo;
use tokio::io::AsyncWrite;

use super::handshake::Deflate;
use super::message::{Frame, Message};
use super::options::{OnClose, WebSocketOptions};
use super::protocol::{Decoder, Failure, MOST_IN_CONTROL, Opcode, Sender, is_sendable, pack_close, write};
use super::topics::{Delivery, Subscription};
use super::{CloseEvent, WebSocketError};
use incoming::Reader;
use outgoing::{Outgoing, give_back};
use timer::Timer;

/// Pongs that may wait to be written. Of further ones only the last waits (RFC 6455, 5.5.3).
const PONGS: usize = 4096;

/// How far the end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    /// A close was sent; that of the client is waited for.
    Closing,
    /// A close was sent because the client is not to be trusted. What it still sends is thrown away, so that the close is not lost by a reset.
    Failed,
    /// Both have closed.
    Answered,
    Done,
}

pub(super) type Received = Result<Message, WebSocketError>;

pub(super) struct Connection {
    io: Option<UpgradedIo>,
    phase: Phase,
    /// Those of the route.
    options: Arc<WebSocketOptions>,
    /// How it was agreed to compress messages.
    deflate: Option<Deflate>,
    decoder: Decoder,
    /// What was read and not decoded, from `at` on.
    input: Vec<u8>,
    at: usize,
    /// What came while nobody waited for it: one message, and then nothing more is read.
    inbox: Option<Received>,
    out: Outgoing,
    /// The last ping that was not answered for want of room.
    pong: Option<Box<[u8]>>,
    /// The write side is shut down.
    is_shut: bool,
    /// How it ends, as far as that is known.
    event: Option<Box<CloseEvent>>,
    subscriptions: Vec<Subscription>,
    timer: Timer,
    /// Who waits for a message. Nobody else reads then.
    reader: Reader,
    /// Who waits for room, or for the end.
    waiting: Vec<Waker>,
    /// The connection's task, and whether it runs.
    driver: Option<Waker>,
    is_driven: bool,
    /// `on_close` was called. A handshake that is not granted is no connection.
    is_told: bool,
    was_opened: bool,
}

impl Connection {
    pub(super) fn new(options: Arc<WebSocketOptions>, deflate: Option<Deflate>) -> Self {
        Self {
            io: None,
            phase: Phase::Open,
            deflate,
            decoder: Decoder::new(Sender::Client, deflate.is_some(), options.settings.bounds),
            input: Vec::new(),
            at: 0,
            inbox: None,
            out: Outgoing::default(),
            pong: None,
            is_shut: false,
            event: None,
            subscriptions: Vec::new(),
            timer: Timer::new(),
            options,
            reader: Reader::None,
            waiting: Vec::new(),
            driver: None,
            is_driven: false,
            is_told: false,
            was_opened: false,
        }
    }

    fn open(&mut self, io: UpgradedIo) {
        self.io = Some(io);
        self.was_opened = true;
        self.timer.start(&self.options.settings);
    }

    pub(super) fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    pub(super) fn peer_addr(&self) -> Option<std::net::SocketAddr> {
        self.io.as_ref().and_then(UpgradedIo::peer_addr)
    }

    /// How it has ended.
    pub(super) fn close_event(&self) -> Option<&CloseEvent> {
        self.event.as_deref().filter(|_| self.phase == Phase::Done)
    }

    /// The bytes that wait to be written.
    pub(super) fn buffered(&self) -> usize {
        self.out.len()
    }

    pub(super) fn is_above_high_water(&self) -> bool {
        self.out.len() > self.options.settings.high_water
    }

    /// Whether enough is written for those who wait to go on.
    pub(super) fn is_below_low_water(&self) -> bool {
        self.out.len() <= self.options.settings.high_water / 2
    }

    /// Queues a message. It leaves with all others when the task pauses.
    #[inline]
    pub(super) fn queue(&mut self, message: &Message) -> Result<(), WebSocketError> {
        if self.phase != Phase::Open {
            return Err(WebSocketError::Closed);
        }
        let payload = message.as_bytes();
        #[cfg(feature = "websocket-deflate")]
        if let Some(agreed) = self.deflate
            && payload.len() >= super::protocol::deflate::WORTH_IT
            && let Some(compressed) = super::protocol::deflate::deflate(payload, agreed.window())
        {
            self.out.append(|out| write(out, message.opcode(), true, None, &compressed));
            self.touch();
            return Ok(());
        }
        match message {
            // What is large is not copied again.
            Message::Binary(bytes) if bytes.len() >= 16 * 1024 => {
                let (head, len) = super::protocol::head(Opcode::Binary, false, bytes.len());
                self.out.append(|out| out.extend_from_slice(&head[..len]));
                self.out.share(bytes);
            }
            message => self.out.append(|out| write(out, message.opcode(), false, None, payload)),
        }
        self.touch();
        Ok(())
    }

    pub(super) fn queue_frame(&mut self, frame: &Frame) {
        self.out.share(frame.bytes(self.deflate));
    }

    pub(super) fn subscribe(&mut self, subscription: Subscription) {
        if self.phase == Phase::Open {
            self.subscriptions.push(subscription);
            self.touch();
        }
    }

    pub(super) fn unsubscribe(&mut self, topic: &str) -> bool {
        let before = self.subscriptions.len();
        self.subscriptions.retain(|subscription| subscription.name() != topic);
        before != self.subscriptions.len()
    }

    /// Has the connection's task write what was queued elsewhere. While it runs it comes to that by itself.
    fn touch(&self) {
        if !self.is_driven
            && let Some(driver) = &self.driver
        {
            driver.wake_by_ref();
        }
    }

    /// Begins to close. The first who does says why.
    pub(super) fn close(&mut self, code: u16, reason: &str) {
        if self.phase != Phase::Open {
            return;
        }
        // A code that may not be sent is none: browsers throw an error there, and this has nobody to throw it to.
        let code = if is_sendable(code) { code } else { 1000 };
        let payload = pack_close(code, reason);
        self.out.append(|out| write(out, Opcode::Close, false, None, &payload));
        self.event = Some(Box::new(CloseEvent { code, reason: reason.to_owned(), was_clean: false }));
        self.leave_open(Phase::Closing);
    }

    fn fail(&mut self, failure: Failure) {
        if self.phase != Phase::Open {
            // It was closed before, and the client's close will not come any more.
            return self.leave_open(Phase::Failed);
        }
        let payload = pack_close(failure.code, failure.reason);
        self.out.append(|out| write(out, Opcode::Close, false, None, &payload));
        self.event =
            Some(Box::new(CloseEvent { code: failure.code, reason: failure.reason.to_owned(), was_clean: false }));
        self.leave_open(Phase::Failed);
    }

    fn leave_open(&mut self, phase: Phase) {
        self.phase = phase;
        self.subscriptions = Vec::new();
        self.pong = None;
        self.timer.close_within(self.options.settings.close_timeout);
        self.touch();
        self.wake_all();
    }

    /// The client has closed.
    fn closed(&mut self, said: Option<(u16, String)>) {
        if self.phase == Phase::Closing {
            if let Some(event) = &mut self.event {
                event.was_clean = true;
            }
            self.phase = Phase::Answered;
            return;
        }
        // RFC 6455, 5.5.1: the answer echoes the code.
        let payload = said.as_ref().map(|(code, _)| code.to_be_bytes());
        let payload = payload.as_ref().map_or(&[][..], |code| &code[..]);
        self.out.append(|out| write(out, Opcode::Close, false, None, payload));
        let (code, reason) = said.unwrap_or((1005, String::new()));
        self.event = Some(Box::new(CloseEvent { code, reason, was_clean: true }));
        self.leave_open(Phase::Answered);
    }

    /// The connection is no more.
    fn end(&mut self) {
        if self.phase == Phase::Done {
            return;
        }
        let lost = || Box::new(CloseEvent { code: 1006, reason: String::new(), was_clean: false });
        self.event.get_or_insert_with(lost);
        self.phase = Phase::Done;
        self.io = None;
        self.out.clear();
        self.subscriptions = Vec::new();
        self.timer.stop();
        give_back(&mut self.input);
        self.at = 0;
        self.touch();
        self.wake_all();
    }

    /// Who is to be told how it has ended, once.
    fn tell(&mut self) -> Option<(CloseEvent, OnClose)> {
        let is_told = std::mem::replace(&mut self.is_told, true);
        let on_close = self.options.on_close.as_ref().filter(|_| !is_told)?;
        Some((CloseEvent::clone(self.event.as_ref()?), on_close.clone()))
    }

    fn wake_all(&mut self) {
        match std::mem::replace(&mut self.reader, Reader::None) {
            Reader::None => {}
            Reader::Driver => self.driver.iter().for_each(Waker::wake_by_ref),
            Reader::Other(reader) => reader.wake(),
        }
        self.wake_waiting();
    }

    fn wake_waiting(&mut self) {
        if !self.waiting.is_empty() {
            self.waiting.drain(..).for_each(Waker::wake);
        }
    }

    /// Waits for room or for the end.
    pub(super) fn wait(&mut self, cx: &Context<'_>) {
        if !self.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            self.waiting.push(cx.waker().clone());
        }
    }

    /// Waits until something holds.
    pub(super) fn poll_until(
        &mut self,
        cx: &Context<'_>,
        holds: impl FnOnce(&Self) -> bool,
    ) -> Poll<Result<(), WebSocketError>> {
        if self.phase != Phase::Open {
            return Poll::Ready(Err(WebSocketError::Closed));
        }
        if holds(self) {
            return Poll::Ready(Ok(()));
        }
        self.wait(cx);
        Poll::Pending
    }

    /// Everything that goes on beside the handler: reading where that does not, topics, writing, deadlines, the end.
    fn poll_io(&mut self, cx: &mut Context<'_>) {
        if self.phase == Phase::Open && self.io.as_ref().is_some_and(UpgradedIo::is_closing) {
            self.close(1001, "the server stops");
        }
        while (matches!(self.reader, Reader::None) || self.phase != Phase::Open)
            && self.inbox.is_none()
            && self.phase != Phase::Done
        {
            if !matches!(self.poll_message(cx), Poll::Ready(true)) {
                break;
            }
        }
        if let Some(io) = &self.io
            && self.timer.poll(io, cx).is_ready()
        {
            self.tick(cx);
        }
        self.poll_write(cx);
        self.poll_end(cx);
    }

    /// Writes all that waits, and what topics have, for as long as the stream takes it.
    fn poll_write(&mut self, cx: &mut Context<'_>) {
        loop {
            self.pump(cx);
            if self.pong.is_some()
                && self.out.len() < PONGS
                && let Some(payload) = self.pong.take()
            {
                self.out.append(|out| write(out, Opcode::Pong, false, None, &payload));
            }
            let Some(io) = self.io.as_mut().filter(|_| self.out.len() > 0) else { return };
            match self.out.poll_write(io, cx) {
                Poll::Ready(Ok(_)) => {
                    self.timer.written();
                    if self.is_below_low_water() {
                        self.wake_waiting();
                    }
                }
                Poll::Ready(Err(_)) => return self.end(),
                Poll::Pending => return,
            }
        }
    }

    /// Takes what topics have, as far as there is room.
    fn pump(&mut self, cx: &mut Context<'_>) {
        if self.subscriptions.is_empty() {
            return;
        }
        // Taken out, since what is delivered changes the rest.
        let mut subscriptions = std::mem::take(&mut self.subscriptions);
        let mut slow = false;
        for subscription in &mut subscriptions {
            while let Poll::Ready(delivery) = subscription.poll_next(cx, !self.is_above_high_water()) {
                match delivery {
                    Delivery::Frame(frame) => self.queue_frame(&frame),
                    Delivery::Missed { closes } => slow |= closes,
                }
            }
        }
        self.subscriptions = subscriptions;
        if slow {
            self.close(1008, "too slow for the messages of a topic");
        }
    }

    /// The last steps, once the client has all that was written.
    fn poll_end(&mut self, cx: &mut Context<'_>) {
        if !matches!(self.phase, Phase::Answered | Phase::Failed) || self.out.len() > 0 {
            return;
        }
        let Some(io) = &mut self.io else { return };
        match Pin::new(&mut *io).poll_flush(cx) {
            Poll::Pending => return,
            Poll::Ready(Err(_)) => return self.end(),
            Poll::Ready(Ok(())) => {}
        }
        if !self.is_shut {
            match Pin::new(io).poll_shutdown(cx) {
                Poll::Pending => return,
                Poll::Ready(Err(_)) => return self.end(),
                Poll::Ready(Ok(())) => self.is_shut = true,
            }
        }
        if self.phase == Phase::Answered {
            // RFC 6455, 7.1.1: the server closes first.
            self.end();
        }
    }

    /// A deadline is over.
    fn tick(&mut self, cx: &mut Context<'_>) {
        if self.phase != Phase::Open {
            // The client had time to close.
            return self.end();
        }
        // A message that nobody has taken shows that the client lives: nothing is read behind it.
        if self.inbox.is_some() {
            self.timer.heard();
        }
        let turn = self.timer.turn(&self.options.settings, self.out.len() > 0);
        if turn.is_stalled {
            return self.end();
        }
        if turn.is_idle {
            self.close(1008, "nothing was heard for too long");
        } else if turn.pings && self.out.len() < PONGS {
            self.out.append(|out| write(out, Opcode::Ping, false, None, &[]));
        }
        // So that the next deadline wakes somebody.
        if let Some(io) = &self.io {
            let _ = self.timer.poll(io, cx);
        }
    }
}

/// A server that does not wait any longer drops connections where they stand, and their ends are told, too.
impl Drop for Connection {
    fn drop(&mut self) {
        if self.was_opened && !self.is_told {
            self.end();
            if let Some((event, on_close)) = self.tell() {
                on_close(&event);
            }
        }
    }
}

const _: () = assert!(PONGS > MOST_IN_CONTROL);
/// With the two counts before it, it fills 512 bytes at most, for each idle client: the next size that allocators have is 640.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Shared>() + 16 <= 512);

/// A connection that its task, its reader and its writers share. All are on one worker.
pub(super) struct Shared {
    connection: RefCell<Connection>,
    protocol: Option<Box<str>>,
}

impl Shared {
    pub(super) fn new(connection: Connection, protocol: Option<String>) -> Self {
        Self { connection: RefCell::new(connection), protocol: protocol.map(Into::into) }
    }

    pub(super) fn protocol(&self) -> Option<&str> {
        self.protocol.as_deref()
    }

    /// The connection, for as long as `with` runs: no code of the application runs within.
    #[inline]
    pub(super) fn with<T>(&self, with: impl FnOnce(&mut Connection) -> T) -> T {
        with(&mut self.connection.borrow_mut())
    }
}
