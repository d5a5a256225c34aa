//! What a connection does while a handler, a hook or the body of a reply is pending: it writes earlier answers, feeds the request's
//! body to whoever reads it, notices that the client is gone, and keeps the deadlines.

use std::future::{Future, poll_fn};
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::ChunkDecoder;
use super::chunked::Decoded;
use super::connection::Connection;
use super::encode::CONTINUE;
use super::input::Filled;
use super::io::Io;
use super::pace::Pace;
use crate::body::incoming::{Feed, Incoming, channel};
use crate::body::trailers;
use crate::error::{Code, Error};
use crate::lifecycle;
use crate::server::{Event, Stage};
use bytes::Bytes;
use http::HeaderMap;

/// Why driven work did not come to its end.
#[derive(Debug)]
pub(super) enum Driven {
    /// Code of the application has failed, or panicked.
    Failed(Error),
    /// The client is gone.
    Gone,
    /// It took longer than it may.
    Late(Code),
}

/// The connection's side of a request body that does not lie whole in the buffer. In a box, because few requests have one and every
/// idle connection would have room for it.
pub(super) struct BodyReader {
    feed: Feed,
    decoder: Decoder,
    /// Read for this body and not decoded yet. It came before what is in the connection's input.
    ahead: Bytes,
    pace: Pace,
    /// What came behind it.
    trailers: Option<HeaderMap>,
    /// The client waits to be told to send it.
    expects_continue: bool,
}

enum Decoder {
    /// Bytes to come.
    Length(u64),
    Chunked(ChunkDecoder),
    Done,
    /// Where the body ends cannot be told any more, nor what follows it.
    Malformed,
}

impl BodyReader {
    pub(super) fn new(length: Option<u64>, expects_continue: bool) -> (Box<Self>, Incoming) {
        let (feed, incoming) = channel(length);
        let decoder = length.map_or_else(|| Decoder::Chunked(ChunkDecoder::default()), Decoder::Length);
        let (ahead, pace) = (Bytes::new(), Pace::default());
        (Box::new(Self { feed, decoder, ahead, pace, trailers: None, expects_continue }), incoming)
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self.decoder, Decoder::Done)
    }

    /// Whether what is left may be read away. Not where the client waits to be told to send it: it may send the body or the next request.
    pub(super) fn can_drain(&self, most: u64) -> bool {
        match self.decoder {
            Decoder::Done => true,
            // Whoever read it may have passed over the error. The connection cannot.
            Decoder::Malformed => false,
            _ if self.expects_continue => false,
            Decoder::Length(left) => left <= most,
            Decoder::Chunked(_) => true,
        }
    }

    /// Whether the bytes to come have no known length.
    pub(super) fn is_chunked(&self) -> bool {
        matches!(self.decoder, Decoder::Chunked(_))
    }

    /// Whether somebody still holds the other end, be it to read or not.
    pub(super) fn has_reader(&self) -> bool {
        self.feed.has_reader()
    }

    /// Whether the client waits to be told to send the body. Nobody will be asked again.
    pub(super) fn take_expectation(&mut self) -> bool {
        std::mem::take(&mut self.expects_continue)
    }

    /// What was read for this body and is not decoded yet, or follows it.
    pub(super) fn take_ahead(&mut self) -> Bytes {
        std::mem::take(&mut self.ahead)
    }

    /// The most that the next read may take for this body alone.
    fn most_ahead(&self) -> usize {
        match self.decoder {
            Decoder::Length(left) => usize::try_from(left).unwrap_or(usize::MAX),
            Decoder::Chunked(_) => usize::MAX,
            Decoder::Done | Decoder::Malformed => 0,
        }
    }

    /// Tells a reader that outlived its request that nothing more comes.
    pub(super) fn let_go(&self) {
        self.feed.fail(Error::body_broken());
    }

    /// Takes one step through `input`: how much of it was used, and where in it are bytes of the body.
    fn decode(&mut self, input: &[u8]) -> Result<(usize, Range<usize>), Error> {
        let (used, data) = match &mut self.decoder {
            Decoder::Done => (0, 0..0),
            Decoder::Length(left) => {
                let n = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
                *left -= n as u64;
                (n, 0..n)
            }
            Decoder::Chunked(decoder) => match decoder.decode(input) {
                Ok((used, Decoded::Data(range))) => (used, range),
                Ok((used, Decoded::More)) => (used, 0..0),
                Ok((used, Decoded::End)) => {
                    self.trailers = trailers::received(decoder.trailers());
                    self.decoder = Decoder::Done;
                    (used, 0..0)
                }
                Err(_) => {
                    self.decoder = Decoder::Malformed;
                    return Err(malformed());
                }
            },
            Decoder::Malformed => return Err(malformed()),
        };
        if matches!(self.decoder, Decoder::Length(0)) {
            self.decoder = Decoder::Done;
        }
        Ok((used, data))
    }
}

fn malformed() -> Error {
    let message = "The chunked coding of the request body is malformed";
    Error::from_code(Code::InvalidBody).with_message(message).fatal()
}

/// What came of a part of the lifecycle that was driven. A future of the application that panics while it is dropped takes nothing with it.
pub(super) fn ended(
    mut work: Pin<&mut Option<impl Future>>,
    driven: Result<Result<(), Error>, Driven>,
) -> Result<(), Driven> {
    let dropped = lifecycle::caught(|| work.set(None));
    driven?.and(dropped).map_err(Driven::Failed)
}

/// What pending work waits for, which decides how long it may.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WaitsFor {
    Handler,
    Body,
}

/// What became possible while work was pending.
enum Beside {
    /// To poll the work again.
    Again,
    /// To run the `on_response` hooks of requests that were answered before.
    Written,
}

impl<I: Io> Connection<I> {
    /// Runs `work` to its end and gives its result, or why there is none.
    #[allow(clippy::manual_async_fn)] // An `async fn` has room for its arguments twice, and an idle connection for this.
    pub(super) fn drive<F: Future>(
        &mut self,
        mut work: Pin<&mut Option<F>>,
        body: &mut Option<Box<BodyReader>>,
    ) -> impl Future<Output = Result<F::Output, Driven>> {
        async move {
            let mut waits = None;
            let result = loop {
                let driven = poll_fn(|cx| self.poll_driven(work.as_mut(), body, &mut waits, cx));
                // Nothing of what came of it is kept while hooks run.
                if let Some(result) = driven.await.transpose() {
                    break result;
                }
                self.complete_written().await;
            };
            if waits.is_some() {
                self.entry.clear_deadline();
            }
            result
        }
    }

    /// Drives `work` until it has come to its end, or there are `on_response` hooks to run: `None`.
    fn poll_driven<F: Future>(
        &mut self,
        mut work: Pin<&mut Option<F>>,
        body: &mut Option<Box<BodyReader>>,
        waits: &mut Option<(WaitsFor, u32)>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<F::Output>, Driven>> {
        if let Some(reader) = body {
            reader.feed.set_driver(cx);
        }
        loop {
            if let Poll::Ready(result) = self.poll_work(work.as_mut(), cx) {
                return Poll::Ready(result.map(Some));
            }
            match self.poll_beside(body, waits, cx) {
                Poll::Ready(Ok(Beside::Again)) => {}
                Poll::Ready(Ok(Beside::Written)) => return Poll::Ready(Ok(None)),
                Poll::Ready(Err(driven)) => return Poll::Ready(Err(driven)),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Polls code of the application: whatever it does, the connection learns of it.
    fn poll_work<F: Future>(
        &mut self,
        work: Pin<&mut Option<F>>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<F::Output, Driven>> {
        let Some(pending) = work.as_pin_mut() else { return Poll::Ready(Err(Driven::Gone)) };
        self.worker.pulse.begin(self.route);
        let polled = lifecycle::caught(|| pending.poll(cx));
        self.worker.pulse.end();
        match polled {
            Ok(Poll::Ready(_)) if self.patience.as_ref().is_some_and(|patience| patience.is_late) => {
                Poll::Ready(Err(Driven::Late(Code::HandlerTimeout)))
            }
            Ok(polled) => polled.map(Ok),
            Err(panic) => Poll::Ready(Err(Driven::Failed(panic))),
        }
    }

    /// Drives `work` as far as it comes without a system call: with what was read of the request's body already. Others are not waited for either.
    pub(super) fn poll_at_hand<F: Future>(
        &mut self,
        mut work: Pin<&mut Option<F>>,
        body: &mut Option<Box<BodyReader>>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<F::Output, Driven>> {
        if let Some(reader) = body {
            reader.feed.set_driver(cx);
        }
        loop {
            if let Poll::Ready(result) = self.poll_work(work.as_mut(), cx) {
                return Poll::Ready(result);
            }
            let reader = body.as_mut().filter(|reader| reader.feed.wanted());
            match reader.map(|reader| self.feed_at_hand(reader)) {
                Some(true) => {}
                _ => return Poll::Pending,
            }
        }
    }

    /// What is to be done while work is pending.
    fn poll_beside(
        &mut self,
        body: &mut Option<Box<BodyReader>>,
        waits: &mut Option<(WaitsFor, u32)>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Beside, Driven>> {
        // Answers of earlier requests do not wait for this one, and neither do their `on_response` hooks.
        match self.output.poll_write(&mut self.io, &self.worker.pool, cx) {
            Poll::Ready(Err(_)) => return Poll::Ready(Err(Driven::Gone)),
            Poll::Ready(Ok(())) if !self.unflushed.is_empty() => return Poll::Ready(Ok(Beside::Written)),
            Poll::Ready(Ok(())) | Poll::Pending => {}
        }
        if !self.worker.app.interim.is_empty() && self.poll_interim(cx).is_err() {
            return Poll::Ready(Err(Driven::Gone));
        }
        let wanted = body.as_mut().filter(|reader| reader.feed.wanted());
        let waits_for = if wanted.is_some() { WaitsFor::Body } else { WaitsFor::Handler };
        let polled = match wanted {
            Some(reader) => self.poll_body(reader, cx),
            None => self.poll_client(cx),
        };
        match polled {
            Poll::Ready(Ok(())) => {
                *waits = None;
                return Poll::Ready(Ok(Beside::Again));
            }
            Poll::Ready(Err(driven)) => return Poll::Ready(Err(driven)),
            Poll::Pending => {}
        }
        if self.worker.stage() >= Stage::Abort {
            return Poll::Ready(Err(Driven::Late(Code::ShuttingDown)));
        }
        // Nothing is read any more that could tell of a reset: it is asked for, once per tick.
        let is_deaf = self.input.ended || self.input.is_full();
        if is_deaf && self.io.is_broken() {
            return Poll::Ready(Err(Driven::Gone));
        }
        let deadline = match *waits {
            Some((before, deadline)) if before == waits_for => deadline,
            _ => {
                let (clock, times) = (&self.worker.clock, &self.worker.times);
                let deadline = match (waits_for, body.as_mut()) {
                    (WaitsFor::Body, Some(reader)) => {
                        clock.deadline(times.body).min(reader.pace.begin_wait(times.body_rate, clock))
                    }
                    _ => clock.deadline(self.patience.as_ref().map_or(times.handler, |own| own.time)),
                };
                *waits = Some((waits_for, deadline));
                self.entry.set_deadline(deadline);
                deadline
            }
        };
        if is_deaf {
            self.entry.set_deadline(deadline.min(self.worker.clock.next_tick()));
        }
        if !self.worker.clock.is_over(deadline) {
            return Poll::Pending;
        }
        match (waits_for, body) {
            (WaitsFor::Body, Some(reader)) => {
                let (clock, times) = (&self.worker.clock, &self.worker.times);
                let too_slow = clock.is_over(reader.pace.begin_wait(times.body_rate, clock));
                self.worker.count(if too_slow { Event::BodyTooSlow } else { Event::BodyTimeout });
                reader.feed.fail(Error::from_code(Code::RequestTimeout).fatal());
                *waits = None;
                Poll::Ready(Ok(Beside::Again))
            }
            _ if self.patience.as_mut().is_some_and(|own| own.extend()) => {
                *waits = None;
                Poll::Ready(Ok(Beside::Again))
            }
            _ => {
                self.worker.count(Event::HandlerTimeout);
                Poll::Ready(Err(Driven::Late(Code::HandlerTimeout)))
            }
        }
    }

    /// Writes the early hints of the pending request, if it has any.
    #[cold]
    fn poll_interim(&mut self, cx: &mut Context<'_>) -> Result<(), ()> {
        let Some(hints) = self.worker.app.interim.take(self.asked) else { return Ok(()) };
        self.output.buffer(&self.worker.pool).extend_from_slice(&hints);
        match self.output.poll_write(&mut self.io, &self.worker.pool, cx) {
            Poll::Ready(Err(_)) => Err(()),
            Poll::Ready(Ok(())) | Poll::Pending => Ok(()),
        }
    }

    /// Gets the next bytes of the body for a reader that waits for them.
    fn poll_body(&mut self, reader: &mut BodyReader, cx: &mut Context<'_>) -> Poll<Result<(), Driven>> {
        while !self.feed_at_hand(reader) {
            if reader.take_expectation() {
                self.output.buffer(&self.worker.pool).extend_from_slice(CONTINUE);
                if let Poll::Ready(Err(_)) = self.output.poll_write(&mut self.io, &self.worker.pool, cx) {
                    return Poll::Ready(Err(Driven::Gone));
                }
            }
            match std::task::ready!(self.input.poll_read_ahead(
                &mut self.io,
                &self.worker.pool,
                reader.most_ahead(),
                cx
            )) {
                Ok(ahead) if ahead.is_empty() => {
                    let message = "The request body is shorter than announced";
                    reader.feed.fail(Error::from_code(Code::InvalidBody).with_message(message).fatal());
                    return Poll::Ready(Ok(()));
                }
                Ok(ahead) => reader.ahead = ahead,
                Err(_) => return Poll::Ready(Err(Driven::Gone)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Hands over what was read of the body, to the next bytes of it or to its end. Says whether there was any of this, or a failure to tell of.
    fn feed_at_hand(&mut self, reader: &mut BodyReader) -> bool {
        while !reader.ahead.is_empty() || !self.input.is_empty() || reader.is_done() {
            let chunk = if reader.ahead.is_empty() {
                reader.decode(self.input.unused()).map(|(used, data)| {
                    let chunk = Bytes::copy_from_slice(&self.input.unused()[data]);
                    self.input.consume(used);
                    chunk
                })
            } else {
                let ahead = reader.take_ahead();
                reader.decode(&ahead).map(|(used, data)| {
                    reader.ahead = ahead.slice(used..);
                    ahead.slice(data)
                })
            };
            let chunk = match chunk {
                Ok(chunk) => chunk,
                Err(error) => {
                    reader.feed.fail(error);
                    return true;
                }
            };
            reader.pace.end_wait(chunk.len(), &self.worker.clock);
            // As with a content-length: what is surely too large is not waited for.
            let announced = if let Decoder::Chunked(decoder) = &reader.decoder { decoder.announced() } else { 0 };
            if announced > 0 && !reader.feed.admits(announced.saturating_add(chunk.len() as u64)) {
                return true;
            }
            let has_chunk = !chunk.is_empty();
            if has_chunk {
                reader.feed.push(chunk);
            }
            if reader.is_done() {
                self.input.give_back(&reader.take_ahead(), &self.worker.pool);
                reader.feed.finish(reader.trailers.take());
            }
            if has_chunk || reader.is_done() {
                return true;
            }
        }
        false
    }

    /// Reads ahead, at most one buffer, to notice a client that is gone. The end of its stream is none: half-closed clients get their answers.
    fn poll_client(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Driven>> {
        while !self.input.ended {
            match std::task::ready!(self.input.poll_fill(&mut self.io, &self.worker.pool, cx)) {
                Ok(Filled::Some) => {}
                Ok(Filled::End | Filled::Full) => return Poll::Pending,
                Err(_) => return Poll::Ready(Err(Driven::Gone)),
            }
        }
        Poll::Pending
    }

    /// Reads away what is there of a body, without waiting. Says whether its end was there, within `most` bytes.
    pub(super) async fn skip_at_hand(&mut self, reader: &mut BodyReader, most: u64) -> bool {
        let mut left = most;
        self.input.give_back(&reader.take_ahead(), &self.worker.pool);
        poll_fn(|cx| {
            loop {
                if let Some(ended) = self.skip(reader, &mut left) {
                    return Poll::Ready(ended);
                }
                match self.input.poll_fill(&mut self.io, &self.worker.pool, cx) {
                    Poll::Ready(Ok(Filled::Some)) => {}
                    _ => return Poll::Ready(false),
                }
            }
        })
        .await
    }

    /// Reads the rest of a body away. Says whether it came to its end within `most` bytes, and soon.
    pub(super) async fn drain(&mut self, reader: &mut BodyReader, most: u64) -> bool {
        let mut left = most;
        self.input.give_back(&reader.take_ahead(), &self.worker.pool);
        let over = self.worker.clock.deadline(self.worker.times.patience);
        loop {
            if let Some(ended) = self.skip(reader, &mut left) {
                return ended;
            }
            if self.worker.clock.is_over(over) || !self.wait_for_input().await {
                return false;
            }
        }
    }

    /// Passes over what is in the input of a body. Says whether its end was there, as soon as that is known.
    fn skip(&mut self, reader: &mut BodyReader, left: &mut u64) -> Option<bool> {
        while !self.input.is_empty() {
            let Ok((used, data)) = reader.decode(self.input.unused()) else { return Some(false) };
            let Some(rest) = left.checked_sub(data.len() as u64) else { return Some(false) };
            *left = rest;
            self.input.consume(used);
            if reader.is_done() {
                return Some(true);
            }
        }
        None
    }

    /// Reads everything away that comes, until the client is silent or has had its time.
    pub(super) async fn discard_input(&mut self) {
        let over = self.worker.clock.deadline(self.worker.times.patience);
        loop {
            let n = self.input.unused().len();
            self.input.consume(n);
            if self.worker.clock.is_over(over) || !self.wait_for_input().await {
                return;
            }
        }
    }

    /// Waits for more bytes, but not through a long silence. Says whether some came.
    async fn wait_for_input(&mut self) -> bool {
        let deadline = self.worker.clock.deadline(self.worker.times.silence);
        self.entry.set_deadline(deadline);
        let filled = poll_fn(|cx| match self.input.poll_fill(&mut self.io, &self.worker.pool, cx) {
            Poll::Ready(filled) => Poll::Ready(matches!(filled, Ok(Filled::Some))),
            Poll::Pending if self.worker.clock.is_over(deadline) => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        })
        .await;
        self.entry.clear_deadline();
        filled
    }
}
