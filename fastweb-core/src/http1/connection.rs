//! The connection loop: parse, answer, write, until the connection ends.
//!
//! All requests that are in the buffer are answered before anything is written, so a pipelined batch is one read and one write.
//! While a connection is idle it holds no buffer and no exchange: the worker lends them per wake-up.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::drive::{BodyReader, Driven, ended};
use super::encode::{self, ConnectionOption, ReplyLength};
use super::framing::{BodyLength, Framing, ReplyFraming};
use super::in_time::Patience;
use super::input::{Filled, Input};
use super::io::Io;
use super::output::Output;
use super::parse::{Parsed, parse};
use super::scan::Scan;
use crate::body::Body;
use crate::error::{Code, Error, Result};
use crate::exchange::Exchange;
use crate::extract::BodyUse;
use crate::lifecycle::{self, Trouble};
use crate::route::RouteRecord;
use crate::server::{ConnectionEntry, Event, Place, Stage, Worker};
use crate::slot::Called;
use crate::upgrade::Takeover;

/// Requests that are answered before the connection lets others of its worker run.
const TURN: u8 = 64;

pub(super) struct Connection<I: Io> {
    pub(super) io: I,
    pub(super) worker: Rc<Worker>,
    pub(super) entry: ConnectionEntry,
    pub(super) input: Input,
    pub(super) output: Output,
    /// Answered, but not yet written: their `on_response` or `on_request_abort` hooks wait.
    #[allow(clippy::vec_box)] // They come from the worker's pool and go back there.
    pub(super) unflushed: Vec<Box<Exchange>>,
    pub(super) peer: Option<SocketAddr>,
    /// A request was answered and nothing has come since.
    may_get_empty_line: bool,
    scan: Scan,
    /// When the head that has begun, or the first one, must be complete; [`NO_HEAD`] where none has begun.
    head_deadline: u32,
    /// The number of the route whose request is answered now, or was last.
    pub(super) route: u32,
    /// The id of the request that has no answer yet, or 0.
    pub(super) asked: u64,
    /// Where the route of the pending request has a time of its own.
    pub(super) patience: Option<Box<Patience>>,
    /// Why what is in the buffer is no request.
    refused: Option<Error>,
    /// Counts the connection while it lasts.
    _place: Option<Place>,
}

/// Behind all deadlines.
const NO_HEAD: u32 = u32::MAX;

/// A list of answered requests with room for more than this is not kept.
const UNFLUSHED_KEPT: usize = 16;

/// The state of waiting for more bytes.
struct Wait {
    /// No request has begun.
    idle: bool,
    /// There was nothing to read.
    waited: bool,
    /// First that of the write, then that of the wait.
    deadline: Option<u32>,
}

/// How a connection ends.
pub(super) enum End {
    /// Everything was read that will be: shut down and close.
    Close,
    /// The client may still be sending: a plain close would make its system throw our last answer away.
    Linger,
    /// The client is gone.
    Gone,
    /// What was sent must not look complete.
    Reset,
    /// It is no HTTP any more.
    HandedOver(Box<Takeover>),
}

/// Serves one connection until it ends. The connection is made before the future begins: an argument of an `async fn` keeps its place
/// beside what it was moved into, for as long as the connection lasts.
pub(crate) fn serve<I: Io + 'static>(
    io: I,
    peer: Option<SocketAddr>,
    worker: Rc<Worker>,
    place: Option<Place>,
) -> impl Future<Output = ()> {
    worker.count(Event::Accepted);
    let entry = worker.connections.enter();
    let (input, output, unflushed) = (Input::default(), Output::default(), Vec::new());
    let (may_get_empty_line, scan, refused, patience, route) = (false, Scan::default(), None, None, 0);
    let head_deadline = worker.clock.deadline(worker.times.head);
    let mut connection = Connection {
        io,
        worker,
        entry,
        input,
        output,
        unflushed,
        peer,
        may_get_empty_line,
        scan,
        head_deadline,
        route,
        asked: 0,
        patience,
        refused,
        _place: place,
    };
    async move {
        poll_fn(|cx| {
            connection.entry.set_waker(cx.waker());
            Poll::Ready(())
        })
        .await;
        let app = connection.worker.app.clone();
        let mut answered = 0;
        let end = loop {
            let Some((mut exchange, framing)) = connection.next_request() else {
                if let Some(error) = connection.refused.take() {
                    connection.worker.count(Event::Malformed);
                    break Box::pin(connection.refuse(error)).await;
                }
                if !connection.unflushed.is_empty() && connection.flush().await.is_err() {
                    break End::Gone;
                }
                let mut wait = connection.begin_wait();
                let received = poll_fn(|cx| connection.poll_receive(&mut wait, cx)).await;
                if wait.deadline.is_some() {
                    connection.entry.clear_deadline();
                }
                if let Err(end) = received {
                    break Box::pin(connection.end_wait(end, wait.idle)).await;
                }
                connection.begin_head();
                continue;
            };
            if connection.worker.refuses() {
                break Box::pin(connection.refuse_while_stopping(exchange)).await;
            }
            connection.head_deadline = NO_HEAD;
            let mut body = connection.begin_body(&mut exchange, framing);
            let framing = framing.reply;
            let route = lifecycle::routing(&app, &mut exchange.request);
            connection.route = exchange.request.route as u32;
            connection.asked = exchange.request.id;
            let result = if route.is_direct && (body.is_none() || route.body.body_use != BodyUse::Whole) {
                let mut work = None;
                connection.worker.pulse.begin(connection.route);
                // What was called does not stay in the connection's future beside what is pending.
                let early = match lifecycle::caught(|| lifecycle::respond_directly(&app, route, &mut exchange)) {
                    Ok(Called::Done(result)) => Some(result.map_err(Driven::Failed)),
                    Ok(Called::Pending(future)) => {
                        work = Some(future);
                        None
                    }
                    Err(panic) => Some(Err(Driven::Failed(panic))),
                };
                connection.worker.pulse.end();
                match early {
                    Some(result) => result,
                    None => {
                        let driven = connection.drive(Pin::new(&mut work), &mut body).await;
                        ended(Pin::new(&mut work), driven)
                    }
                }
            } else if let Some(timeout) = &route.timeout {
                let in_time = Box::pin(connection.respond_in_time(route, timeout, exchange, &mut body));
                let result;
                (exchange, result) = in_time.await;
                result
            } else {
                let mut path = exchange.take_path();
                let mut work = Some(path.put(lifecycle::respond(&app, route, &mut exchange)));
                let driven = connection.drive(Pin::new(&mut work), &mut body).await;
                let result = ended(Pin::new(&mut work), driven);
                drop(work);
                exchange.return_path(path);
                result
            };
            // A block, because an idle connection would have room for its result beside what is awaited below.
            {
                let result = result.and_then(|()| lifecycle::fault(&mut exchange.reply).map_err(Driven::Failed));
                if result.is_ok() && body.is_none() && connection.try_reply(&mut exchange, framing) {
                    connection.settle(exchange, app.record(connection.route as usize));
                } else if let Err(end) = Box::pin(connection.answer_slowly(result, exchange, framing, body)).await {
                    break end;
                }
            }
            answered += 1;
            if answered >= TURN {
                answered = 0;
                if connection.flush().await.is_err() {
                    break End::Gone;
                }
                tokio::task::yield_now().await;
            }
        };
        // On the heap: an idle connection has no room for its end.
        Box::pin(connection.end(end)).await;
    }
}

impl<I: Io> Drop for Connection<I> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.last_words();
        }
        self.worker.count(Event::Closed);
    }
}

impl<I: Io> Connection<I> {
    /// A panic that was caught nowhere ends the connection. Answers of requests before it are written all the same, as far as that needs no
    /// waiting.
    #[cold]
    fn last_words(&mut self) {
        let unwritten = self.output.unwritten();
        if !unwritten.is_empty() {
            let _ = self.io.try_write(unwritten);
        }
    }

    /// Takes the next request out of the buffer, if it is there and is one.
    fn next_request(&mut self) -> Option<(Box<Exchange>, Framing)> {
        let (buffer, start) = self.input.position_of_unused()?;
        let limits = &self.worker.app.frozen.settings.limits;
        if !self.scan.is_fresh() && !self.scan.may_be_complete(&buffer.filled()[start..], limits.head) {
            return None;
        }
        let mut exchange = self.worker.take_exchange();
        match parse(buffer, start, exchange.request.head_mut(), limits, &self.worker.repeated) {
            Parsed::Complete(len, framing) => {
                self.input.consume(len);
                self.may_get_empty_line = true;
                self.scan = Scan::default();
                self.worker.count(Event::Request);
                exchange.request.id = self.worker.next_id();
                exchange.request.peer = self.peer;
                exchange.request.is_unix = I::IS_UNIX;
                Some((exchange, framing))
            }
            Parsed::Incomplete(skipped) => {
                self.worker.put_exchange(exchange);
                self.incomplete(skipped);
                None
            }
            Parsed::Refused(error) => {
                self.worker.put_exchange(exchange);
                self.refused = Some(error);
                None
            }
        }
    }

    /// A head has begun, or may begin: what is known of it.
    #[cold]
    fn incomplete(&mut self, skipped: usize) {
        // RFC 9112, 2.2: some clients send an empty line behind a body. It begins no request, once.
        if skipped == 2 && self.input.unused() == b"\r\n" && std::mem::take(&mut self.may_get_empty_line) {
            self.input.consume(2);
            // It came by itself, and was taken for the beginning of a head.
            self.head_deadline = NO_HEAD;
            return;
        }
        self.input.consume(skipped);
        let limits = &self.worker.app.frozen.settings.limits;
        if !self.scan.note(self.input.unused().len(), skipped, limits.head) {
            self.refused = Some(Error::from_code(Code::HeadTooLarge).fatal());
        }
    }

    /// Drives a part of the lifecycle to its end.
    pub(super) async fn run_to_end(
        &mut self,
        mut work: Pin<&mut Option<impl Future<Output = Result<()>>>>,
        body: &mut Option<Box<BodyReader>>,
    ) -> Result<(), Driven> {
        let driven = self.drive(work.as_mut(), body).await;
        ended(work, driven)
    }

    /// What is not an ordinary reply from memory on a connection that goes on. Its future is large and lives on the heap: an idle
    /// connection has no room for it.
    #[cold]
    async fn answer_slowly(
        &mut self,
        answered: Result<(), Driven>,
        mut exchange: Box<Exchange>,
        framing: ReplyFraming,
        mut body: Option<Box<BodyReader>>,
    ) -> Result<(), End> {
        let has_reply = match answered {
            Ok(()) => true,
            Err(Driven::Gone) => false,
            Err(Driven::Late(code)) => self.recover(&mut exchange, Trouble::Late(code), &mut body).await,
            Err(Driven::Failed(error)) => self.recover(&mut exchange, Trouble::Failed(error), &mut body).await,
        };
        if !has_reply {
            return Err(self.abort(exchange, body).await);
        }
        self.reply(exchange, framing, body).await
    }

    /// The client is gone before its answer.
    pub(super) async fn abort(&mut self, mut exchange: Box<Exchange>, body: Option<Box<BodyReader>>) -> End {
        self.worker.count(Event::Aborted);
        // Hooks that read it are told that nothing more comes.
        drop(body);
        exchange.request.cancel();
        self.tell_of_abort(&mut exchange).await;
        self.worker.put_exchange(exchange);
        End::Gone
    }

    /// Runs the part of the lifecycle that answers for what went wrong. Should that go wrong too, fastweb answers alone. Says
    /// whether there is a reply: there is none where the client is gone.
    async fn recover(&mut self, exchange: &mut Exchange, trouble: Trouble, body: &mut Option<Box<BodyReader>>) -> bool {
        if matches!(trouble, Trouble::Late(_)) {
            exchange.request.cancel();
        }
        let app = self.worker.app.clone();
        let recovered = {
            let work = pin!(Some(lifecycle::recover(&app, exchange, trouble)));
            self.run_to_end(work, body).await
        };
        let error = match recovered {
            Ok(()) => return true,
            Err(Driven::Gone) => return false,
            Err(Driven::Late(code)) => Error::from_code(code).fatal(),
            Err(Driven::Failed(error)) => error,
        };
        lifecycle::give_up(&app, exchange, &error);
        true
    }

    /// The request's body: what is in the buffer already needs no channel.
    fn begin_body(&mut self, exchange: &mut Exchange, framing: Framing) -> Option<Box<BodyReader>> {
        let length = match framing.body {
            BodyLength::None => return None,
            BodyLength::Chunked => None,
            BodyLength::Exactly(length) => {
                if let Some((buffer, start)) = self.input.position_of_unused()
                    && length <= (buffer.len() - start) as u64
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

    /// Something was read, and may be the beginning of a head.
    #[inline]
    fn begin_head(&mut self) {
        if self.head_deadline == NO_HEAD {
            self.head_deadline = self.worker.clock.deadline(self.worker.times.head);
        }
    }

    /// Nothing more can be done with what was read.
    #[inline]
    fn begin_wait(&mut self) -> Wait {
        self.input.release_if_empty(&self.worker.pool);
        Wait { idle: self.input.is_empty(), waited: false, deadline: None }
    }

    /// Writes what is to be written and waits for more bytes.
    #[inline]
    fn poll_receive(&mut self, wait: &mut Wait, cx: &mut Context<'_>) -> Poll<Result<(), End>> {
        if !self.output.is_empty() {
            if ready!(self.poll_written(&mut wait.deadline, cx)).is_err() {
                return Poll::Ready(Err(End::Gone));
            }
            wait.deadline = None;
        }
        // Having waited means that there is something: it is read without asking again.
        let polled = match wait.waited {
            true => self.input.poll_fill_awaited(&mut self.io, &self.worker.pool, cx),
            false if self.io.poll_readable(cx).is_ready() => self.input.poll_fill(&mut self.io, &self.worker.pool, cx),
            false => Poll::Pending,
        };
        wait.waited = polled.is_pending();
        match polled {
            Poll::Ready(Ok(Filled::Some)) => Poll::Ready(Ok(())),
            Poll::Ready(Ok(Filled::End)) => Poll::Ready(Err(End::Close)),
            // The parser refuses a head before it fills a buffer.
            Poll::Ready(Ok(Filled::Full)) => Poll::Ready(Err(End::Linger)),
            Poll::Ready(Err(_)) => Poll::Ready(Err(End::Gone)),
            Poll::Pending => self.poll_waiting(wait),
        }
    }

    /// Nothing has come: for how long may that go on?
    fn poll_waiting(&self, wait: &mut Wait) -> Poll<Result<(), End>> {
        let idle = wait.idle;
        let deadline = *wait.deadline.get_or_insert_with(|| {
            let times = &self.worker.times;
            let deadline = match self.head_deadline {
                NO_HEAD => self.worker.clock.deadline(if idle { times.keep_alive } else { times.head }),
                deadline => deadline,
            };
            self.entry.set_deadline(deadline);
            deadline
        });
        let stage = self.worker.stage();
        let leave = if idle { stage >= Stage::CloseIdle } else { stage >= Stage::Abort };
        if leave || self.worker.clock.is_over(deadline) { Poll::Ready(Err(End::Linger)) } else { Poll::Pending }
    }

    /// A client that has sent nothing is owed nothing; one that began a request is told why it gets no answer.
    #[cold]
    async fn end_wait(&mut self, end: End, idle: bool) -> End {
        match end {
            End::Linger if idle => {
                if self.worker.stage() < Stage::CloseIdle {
                    self.worker.count(Event::IdleTimeout);
                }
                End::Close
            }
            End::Linger => {
                let (code, event) = match self.worker.stage() {
                    Stage::Abort => (Code::ShuttingDown, Event::Malformed),
                    _ => (Code::RequestTimeout, Event::HeadTimeout),
                };
                self.worker.count(event);
                Box::pin(self.refuse(Error::from_code(code))).await
            }
            end => end,
        }
    }

    /// Answers a request that never became one.
    #[cold]
    async fn refuse(&mut self, error: Error) -> End {
        tracing::debug!(status = error.status().as_u16(), error = %error, "a request was refused");
        let mut exchange = self.worker.take_exchange();
        exchange.reply.set_error(&error, self.worker.app.frozen.settings.error_style());
        let length = ReplyLength::of(&exchange.reply, false, false);
        // RFC 9110, 9.3.2: never a body for HEAD. Its line may be all that could be read.
        let head_only = self.input.unused().starts_with(b"HEAD ");
        let out = self.output.buffer(&self.worker.pool);
        encode::head(out, &exchange.reply, length, ConnectionOption::Close, &self.worker);
        if !head_only {
            out.extend_from_slice(exchange.reply.buffer());
        }
        self.worker.put_exchange(exchange);
        if self.flush().await.is_ok() { End::Linger } else { End::Gone }
    }

    /// Fastify mode: a request that comes while the server stops.
    #[cold]
    async fn refuse_while_stopping(&mut self, exchange: Box<Exchange>) -> End {
        self.worker.put_exchange(exchange);
        self.refuse(Error::from_code(Code::ShuttingDown)).await
    }

    /// A request was answered into the output: its exchange waits for the write where hooks want to know of it, or of its failure.
    pub(super) fn settle(&mut self, exchange: Box<Exchange>, route: &RouteRecord) {
        if route.awaits_write {
            self.unflushed.push(exchange);
        } else {
            self.worker.put_exchange(exchange);
        }
    }

    /// Writes everything that was answered, while the client reads.
    pub(super) fn poll_written(&mut self, deadline: &mut Option<u32>, cx: &mut Context<'_>) -> Poll<Result<(), ()>> {
        if self.output.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let before = self.output.written();
        match self.output.poll_write(&mut self.io, &self.worker.pool, cx) {
            Poll::Ready(result) => {
                if deadline.is_some() {
                    self.entry.clear_deadline();
                }
                Poll::Ready(result.map_err(drop))
            }
            Poll::Pending => {
                // A large body may take a slow client any time, as long as it reads.
                if self.output.written() > before {
                    *deadline = None;
                }
                let deadline = *deadline.get_or_insert_with(|| self.worker.clock.deadline(self.worker.times.write));
                self.entry.set_deadline(deadline);
                // The server ends now: whoever does not read is not waited for.
                if self.worker.stage() >= Stage::Abort {
                    return Poll::Ready(Err(()));
                }
                if !self.worker.clock.is_over(deadline) {
                    return Poll::Pending;
                }
                self.worker.count(Event::WriteTimeout);
                Poll::Ready(Err(()))
            }
        }
    }

    /// Writes everything that was answered.
    pub(super) async fn write(&mut self) -> Result<(), ()> {
        let mut deadline = None;
        poll_fn(|cx| self.poll_written(&mut deadline, cx)).await
    }

    /// Writes everything that was answered; then the `on_response` hooks of those requests run.
    #[allow(clippy::manual_async_fn)] // An `async fn` has room for its arguments twice, and an idle connection for this.
    pub(super) fn flush(&mut self) -> impl Future<Output = Result<(), ()>> {
        async move {
            self.write().await?;
            self.complete_written().await;
            Ok(())
        }
    }

    /// Runs the `on_response` hooks of all requests whose replies were written.
    #[allow(clippy::manual_async_fn)] // As above.
    pub(super) fn complete_written(&mut self) -> impl Future<Output = ()> {
        async move {
            // The first is the last then, and leaves first: no list has to be held while hooks run.
            self.unflushed.reverse();
            loop {
                let Some(mut exchange) = self.unflushed.pop() else { break };
                if self.worker.app.record(exchange.request.route).completes_beside && self.worker.can_complete_beside()
                {
                    Worker::complete_beside(self.worker.clone(), exchange);
                } else {
                    let (mut path, route) = (exchange.take_path(), exchange.request.route as u32);
                    let completed = path.put(lifecycle::guarded(lifecycle::completed(&self.worker.app, &mut exchange)));
                    self.worker.pulse.watch(route, completed).await;
                    exchange.return_path(path);
                    self.worker.put_exchange(exchange);
                }
            }
            // Room for a few is kept; a connection that is idle holds none for the largest batch that it has seen.
            if self.unflushed.capacity() > UNFLUSHED_KEPT {
                self.unflushed = Vec::new();
            }
        }
    }

    pub(super) async fn tell_of_abort(&self, exchange: &mut Exchange) {
        let route = exchange.request.route as u32;
        let aborted = Box::pin(lifecycle::guarded(lifecycle::aborted(&self.worker.app, exchange)));
        self.worker.pulse.watch(route, aborted).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpStream;

    /// A task of tokio has 104 bytes beside its future, and is rounded up to a multiple of 128: a few bytes more cost every idle connection
    /// all of those.
    #[tokio::test(flavor = "current_thread")]
    async fn an_idle_connection_is_a_small_future() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it has one");
        let stream = TcpStream::connect(address).await.expect("it listens");
        let server = crate::App::new().build().await.expect("a valid application");
        let app = crate::app::BoundApp::bind(server.app.clone()).await.expect("nothing to bind");
        let future = serve(stream, None, Worker::new(app, 0, 1), None);
        let size = size_of_val(&future);
        assert!(size + 104 <= 640, "{size}");
    }
}
