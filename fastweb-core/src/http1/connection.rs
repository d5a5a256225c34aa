//! The connection loop: parse, answer, write, until the connection ends.
//!
//! All requests that are in the buffer are answered before anything is written, so a pipelined batch is one read and one write.
//! While a connection is idle it holds no buffer and no exchange: the worker lends them per wake-up.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use tokio::io::{AsyncRead, AsyncWrite};

use super::drive::{BodyReader, Driven};
use super::encode::{self, ConnectionOption, ReplyLength};
use super::framing::{BodyLength, Framing};
use super::input::{Filled, Input};
use super::output::{LARGE_BODY, Output};
use super::parse::{Parsed, parse};
use crate::body::Body;
use crate::error::{Code, Error};
use crate::exchange::Exchange;
use crate::lifecycle;
use crate::reply::ReplyBody;
use crate::server::{ConnectionEntry, Stage, Worker};

/// Requests that are answered before the connection lets others of its worker run.
const TURN: usize = 64;

/// A body that a handler left unread is read away up to this many bytes, so that the connection can go on.
const MOST_DRAINED: u64 = 64 * 1024;

pub(super) struct Connection<I> {
    pub(super) io: I,
    pub(super) worker: Rc<Worker>,
    pub(super) entry: ConnectionEntry,
    pub(super) input: Input,
    pub(super) output: Output,
    /// Answered, but not yet written: their `on_response` hooks wait.
    unflushed: Vec<Box<Exchange>>,
    peer: Option<SocketAddr>,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Everything was read that will be: shut down and close.
    Close,
    /// The client may still be sending: a plain close would make its system throw our last answer away.
    Linger,
    /// The client is gone.
    Gone,
}

/// Serves one connection until it ends.
pub(crate) async fn serve<I: AsyncRead + AsyncWrite + Unpin>(io: I, peer: Option<SocketAddr>, worker: Rc<Worker>) {
    let entry = worker.connections.enter();
    poll_fn(|cx| Poll::Ready(entry.set_waker(cx.waker()))).await;
    let (input, output) = (Input::default(), Output::default());
    let mut connection = Connection { io, worker, entry, input, output, unflushed: Vec::new(), peer };
    match connection.run().await {
        End::Close => connection.close().await,
        End::Linger => connection.linger().await,
        End::Gone => {}
    }
    connection.abandon().await;
}

impl<I: AsyncRead + AsyncWrite + Unpin> Connection<I> {
    async fn run(&mut self) -> End {
        let worker = self.worker.clone();
        let limits = &worker.app.frozen.settings.limits;
        let mut answered = 0;
        let mut head_deadline = Some(self.worker.clock.deadline(self.worker.times.head));
        loop {
            let Some((buffer, start)) = self.input.position_of_unused() else {
                match self.receive(&mut head_deadline).await {
                    Ok(()) => continue,
                    Err(end) => return end,
                }
            };
            let mut exchange = self.worker.take_exchange();
            match parse(buffer, start, exchange.request.head_mut(), limits) {
                Parsed::Complete(len, framing) => {
                    self.input.consume(len);
                    head_deadline = None;
                    if let Err(end) = self.answer(exchange, framing).await {
                        return end;
                    }
                    answered += 1;
                    if answered >= TURN {
                        answered = 0;
                        if self.flush().await.is_err() {
                            return End::Gone;
                        }
                        tokio::task::yield_now().await;
                    }
                }
                Parsed::Incomplete => {
                    self.worker.put_exchange(exchange);
                    if let Err(end) = self.receive(&mut head_deadline).await {
                        return end;
                    }
                }
                Parsed::Refused(error) => {
                    self.worker.put_exchange(exchange);
                    return self.refuse(&error).await;
                }
            }
        }
    }

    /// Writes what is to be written and waits for more bytes.
    async fn receive(&mut self, head_deadline: &mut Option<u32>) -> Result<(), End> {
        self.flush().await.map_err(|()| End::Gone)?;
        let idle = self.input.is_empty();
        let deadline = match *head_deadline {
            Some(deadline) => deadline,
            None if idle => self.worker.clock.deadline(self.worker.times.keep_alive),
            None => *head_deadline.insert(self.worker.clock.deadline(self.worker.times.head)),
        };
        self.entry.set_deadline(deadline);
        let received = poll_fn(|cx| match self.input.poll_fill(&mut self.io, &self.worker.pool, cx) {
            Poll::Ready(Ok(Filled::Some)) => Poll::Ready(Ok(())),
            Poll::Ready(Ok(Filled::End)) => Poll::Ready(Err(End::Close)),
            // The parser refuses a head before it fills a buffer.
            Poll::Ready(Ok(Filled::Full)) => Poll::Ready(Err(End::Linger)),
            Poll::Ready(Err(_)) => Poll::Ready(Err(End::Gone)),
            Poll::Pending => {
                let stage = self.worker.stage();
                let leave = if idle { stage >= Stage::CloseIdle } else { stage >= Stage::Abort };
                if leave || self.worker.clock.is_over(deadline) { Poll::Ready(Err(End::Linger)) } else { Poll::Pending }
            }
        })
        .await;
        self.entry.clear_deadline();
        match received {
            Ok(()) => {
                if idle && head_deadline.is_none() {
                    *head_deadline = Some(self.worker.clock.deadline(self.worker.times.head));
                }
                Ok(())
            }
            // A client that has sent nothing is owed nothing; one that began a request is told why it gets no answer.
            Err(End::Linger) if idle => Err(End::Close),
            Err(End::Linger) => {
                let code = if self.worker.stage() >= Stage::Abort { Code::ShuttingDown } else { Code::RequestTimeout };
                Err(self.refuse(&Error::from_code(code)).await)
            }
            Err(end) => Err(end),
        }
    }

    /// Answers a request that never became one.
    async fn refuse(&mut self, error: &Error) -> End {
        tracing::debug!(status = error.status().as_u16(), error = %error, "a request was refused");
        let mut exchange = self.worker.take_exchange();
        exchange.reply.set_error(error, self.worker.app.frozen.settings.error_format);
        let length = ReplyLength::of(&exchange.reply, false);
        let worker = self.worker.clone();
        let out = self.output.buffer(&worker.pool);
        encode::head(out, &exchange.reply, length, ConnectionOption::Close, &worker);
        out.extend_from_slice(exchange.reply.buffer());
        self.worker.put_exchange(exchange);
        if self.flush().await.is_ok() { End::Linger } else { End::Gone }
    }

    /// Takes one request through the lifecycle and writes its reply.
    async fn answer(&mut self, mut exchange: Box<Exchange>, framing: Framing) -> Result<(), End> {
        exchange.request.id = self.worker.next_id();
        exchange.request.peer = self.peer;
        let mut body = self.begin_body(&mut exchange, framing);
        let app = self.worker.app.clone();
        let driven = {
            let mut work = pin!(Some(lifecycle::respond(&app, &mut exchange)));
            let driven = self.drive(work.as_mut(), &mut body).await;
            // A future of the application that panics while it is dropped must not take the connection with it.
            let _ = lifecycle::caught(|| work.set(None));
            driven
        };
        match driven {
            Driven::Done => {}
            Driven::Gone => {
                lifecycle::aborted(&app, &mut exchange).await;
                self.worker.put_exchange(exchange);
                return Err(End::Gone);
            }
            Driven::Late(code) => lifecycle::timed_out(&app, &mut exchange, code).await,
        }
        self.reply(exchange, framing, body).await
    }

    /// The request's body: what is in the buffer already needs no channel.
    fn begin_body(&mut self, exchange: &mut Exchange, framing: Framing) -> Option<BodyReader> {
        let length = match framing.body {
            BodyLength::None => return None,
            BodyLength::Chunked => None,
            BodyLength::Exactly(length) => {
                if let Some((buffer, start)) = self.input.position_of_unused()
                    && length <= self.input.unused().len() as u64
                {
                    let end = start + length as usize;
                    exchange.request.body = Body::in_buffer(buffer.clone(), start..end);
                    self.input.consume(length as usize);
                    return None;
                }
                Some(length)
            }
        };
        let (reader, incoming) = BodyReader::new(length, framing.expects_continue);
        exchange.request.body = Body::incoming(incoming);
        Some(reader)
    }

    async fn reply(
        &mut self,
        mut exchange: Box<Exchange>,
        framing: Framing,
        mut body: Option<BodyReader>,
    ) -> Result<(), End> {
        let worker = self.worker.clone();
        let length = ReplyLength::of(&exchange.reply, framing.http10);
        let unread = body.as_ref().is_some_and(|reader| !reader.is_done());
        let streams_request = unread && matches!(exchange.reply.body(), ReplyBody::Stream(_)) && !framing.head_only;
        let drainable = streams_request || body.as_ref().is_none_or(|reader| reader.can_drain(MOST_DRAINED));
        let keep_alive = framing.keep_alive
            && drainable
            && !exchange.reply.closes()
            && length != ReplyLength::UntilClose
            && worker.stage() == Stage::Running;
        let option = match (keep_alive, framing.http10) {
            (true, false) => ConnectionOption::Silent,
            (true, true) => ConnectionOption::KeepAlive,
            (false, _) => ConnectionOption::Close,
        };
        encode::head(self.output.buffer(&worker.pool), &exchange.reply, length, option, &worker);
        let mut intact = true;
        if !framing.head_only && length != ReplyLength::None {
            match self.write_body(&mut exchange, length, &mut body).await {
                Ok(()) => {}
                Err(End::Gone) => {
                    lifecycle::aborted(&worker.app, &mut exchange).await;
                    worker.put_exchange(exchange);
                    return Err(End::Gone);
                }
                // The body broke off: what was sent must not look complete.
                Err(_) => intact = false,
            }
        }
        if let Some(reader) = &body {
            reader.let_go();
        }
        let has_completion = worker.app.record(exchange.request.route).timing.is_some();
        if has_completion && intact {
            self.unflushed.push(exchange);
        } else {
            worker.put_exchange(exchange);
        }
        if !keep_alive || !intact {
            self.flush().await.map_err(|()| End::Gone)?;
            let unread = body.is_some_and(|reader| !reader.is_done()) || !self.input.is_empty();
            return Err(match intact {
                true if unread => End::Linger,
                true => End::Close,
                false => End::Gone,
            });
        }
        if let Some(mut reader) = body.filter(|reader| !reader.is_done()) {
            self.flush().await.map_err(|()| End::Gone)?;
            if !self.drain(&mut reader, MOST_DRAINED).await {
                return Err(End::Linger);
            }
        }
        if self.output.is_enough() {
            self.flush().await.map_err(|()| End::Gone)?;
        }
        Ok(())
    }

    /// Puts the reply's body behind its head, or streams it.
    async fn write_body(
        &mut self,
        exchange: &mut Exchange,
        length: ReplyLength,
        request_body: &mut Option<BodyReader>,
    ) -> Result<(), End> {
        let worker = self.worker.clone();
        if let Some(bytes) = exchange.reply.body_bytes() {
            exchange.body_bytes = bytes.len() as u64;
            if bytes.len() < LARGE_BODY {
                let out = self.output.buffer(&worker.pool);
                out.extend_from_slice(bytes);
                return Ok(());
            }
        }
        match exchange.reply.body() {
            ReplyBody::Bytes(bytes) => self.output.set_large(bytes.clone()),
            ReplyBody::Frozen(frozen) => self.output.set_large(frozen.body.clone()),
            ReplyBody::Static(bytes) => self.output.set_large(bytes::Bytes::from_static(bytes)),
            ReplyBody::Buffer => {
                let bytes = exchange.reply.take_buffer();
                self.output.set_large_vec(bytes);
            }
            ReplyBody::Stream(_) => {
                let ReplyBody::Stream(body) = exchange.reply.take_body() else { return Ok(()) };
                return self.stream(body, exchange, length, request_body).await;
            }
            ReplyBody::Empty | ReplyBody::Value(_) => {}
        }
        self.flush().await.map_err(|()| End::Gone)
    }

    /// Sends a body as it becomes ready. The body is asked for more only when what it gave is written: a slow reader stops it.
    async fn stream(
        &mut self,
        mut body: Body,
        exchange: &mut Exchange,
        length: ReplyLength,
        request_body: &mut Option<BodyReader>,
    ) -> Result<(), End> {
        let worker = self.worker.clone();
        let mut left = if let ReplyLength::Exactly(length) = length { Some(length) } else { None };
        loop {
            let next = {
                let mut next = pin!(Some(body.chunk()));
                match self.drive_for(next.as_mut(), request_body).await {
                    Ok(next) => next,
                    Err(_) => return Err(End::Gone),
                }
            };
            match next {
                Ok(Some(data)) => {
                    let data = match &mut left {
                        // Longer than it said: the client reads what was announced.
                        Some(left) => {
                            let n = data.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                            *left -= n as u64;
                            data.slice(..n)
                        }
                        None => data,
                    };
                    exchange.body_bytes += data.len() as u64;
                    let out = self.output.buffer(&worker.pool);
                    match length {
                        ReplyLength::Chunked if data.is_empty() => {}
                        ReplyLength::Chunked => encode::chunk(out, &data),
                        _ => out.extend_from_slice(&data),
                    }
                    self.write().await.map_err(|()| End::Gone)?;
                }
                Ok(None) if left.is_some_and(|left| left > 0) => {
                    tracing::error!(missing = left, "the body of a reply ended before its announced length");
                    return Err(End::Linger);
                }
                Ok(None) => {
                    if length == ReplyLength::Chunked {
                        self.output.buffer(&worker.pool).extend_from_slice(encode::LAST_CHUNK);
                    }
                    return Ok(());
                }
                Err(error) => {
                    tracing::error!(error = ?error, request_id = %exchange.request.id(), "the body of a reply broke off");
                    return Err(End::Linger);
                }
            }
        }
    }

    /// Writes everything that was answered.
    async fn write(&mut self) -> Result<(), ()> {
        if self.output.is_empty() {
            return Ok(());
        }
        let mut deadline = None;
        let written = poll_fn(|cx| match self.output.poll_write(&mut self.io, &self.worker.pool, cx) {
            Poll::Ready(result) => Poll::Ready(result.map_err(drop)),
            Poll::Pending => {
                let deadline = *deadline.get_or_insert_with(|| self.worker.clock.deadline(self.worker.times.write));
                self.entry.set_deadline(deadline);
                if self.worker.clock.is_over(deadline) { Poll::Ready(Err(())) } else { Poll::Pending }
            }
        })
        .await;
        self.entry.clear_deadline();
        written
    }

    /// Writes everything that was answered; then the `on_response` hooks of those requests run.
    async fn flush(&mut self) -> Result<(), ()> {
        self.write().await?;
        if !self.unflushed.is_empty() {
            for mut exchange in std::mem::take(&mut self.unflushed) {
                if self.worker.app.record(exchange.request.route).completes_beside && self.worker.can_spawn() {
                    Worker::complete_beside(self.worker.clone(), exchange);
                } else {
                    lifecycle::completed(&self.worker.app, &mut exchange).await;
                    self.worker.put_exchange(exchange);
                }
            }
        }
        Ok(())
    }

    /// Requests whose replies could not be written: nobody has read them.
    async fn abandon(&mut self) {
        for mut exchange in std::mem::take(&mut self.unflushed) {
            lifecycle::aborted(&self.worker.app, &mut exchange).await;
            self.worker.put_exchange(exchange);
        }
    }

    async fn close(&mut self) {
        if self.flush().await.is_ok() {
            let _ = poll_fn(|cx| Pin::new(&mut self.io).poll_shutdown(cx)).await;
        }
    }

    /// Says that no more answers follow, then reads away what the client still sends: for at most 5 s, ending after 1 s of silence.
    async fn linger(&mut self) {
        let _ = poll_fn(|cx| Pin::new(&mut self.io).poll_shutdown(cx)).await;
        self.discard_input().await;
    }
}
