//! A connection that is given away: what is written before, and what becomes of it.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::coop::poll_proceed;

use super::connection::{Connection, End};
use super::drive::BodyReader;
use super::encode::{self, ConnectionOption, ReplyLength};
use super::input::is_nothing;
use super::io::Io;
use super::respond::MOST_DRAINED;
use crate::error::{Code, Error};
use crate::exchange::Exchange;
use crate::lifecycle;
use crate::server::{Event, Stage, Ticks};
use crate::upgrade::{Raw, Takeover, TakeoverKind, UpgradedIo};

impl<I: Io> Connection<I> {
    /// Whether the reply gives the connection away and may do so. Where it may not it is an ordinary reply afterwards. `None` where the client is gone.
    pub(super) async fn may_hand_over(
        &mut self,
        exchange: &mut Exchange,
        body: &mut Option<Box<BodyReader>>,
    ) -> Option<bool> {
        let Some(kind) = exchange.reply.takeover() else { return Some(false) };
        let status = exchange.reply.status();
        let is_granted = match kind {
            TakeoverKind::Upgrade => status == http::StatusCode::SWITCHING_PROTOCOLS,
            TakeoverKind::Tunnel => status.is_success(),
            TakeoverKind::Hijack => return Some(true),
        };
        if !is_granted {
            // A hook has decided otherwise.
            drop(exchange.reply.take_takeover());
            return Some(false);
        }
        let Some(reader) = body.as_mut().filter(|reader| !reader.is_done()) else { return Some(true) };
        // RFC 9110, 7.8: the request ends before the other protocol begins, and a client that waits to be told to send the rest of it is told so.
        reader.let_go();
        if reader.take_expectation() {
            self.output.buffer(&self.worker.pool).extend_from_slice(encode::CONTINUE);
            self.write().await.ok()?;
        }
        if self.drain(reader, MOST_DRAINED).await {
            return Some(true);
        }
        let error = Error::from_code(Code::BodyTooLarge)
            .with_message("The body of a request that changes the protocol is too large");
        exchange.reply.set_error(&error.fatal(), self.worker.app.frozen.settings.error_style());
        Some(false)
    }

    /// Writes the head that stands before the other protocol. The request is over then: its `on_response` hooks run.
    pub(super) async fn hand_over(&mut self, mut exchange: Box<Exchange>, body: Option<Box<BodyReader>>) -> End {
        let worker = self.worker.clone();
        let Some(takeover) = exchange.reply.take_takeover() else { return End::Gone };
        if let Some(mut reader) = body {
            reader.let_go();
            self.input.give_back(&reader.take_ahead(), &worker.pool);
        }
        let option = match takeover.kind {
            TakeoverKind::Upgrade => Some(ConnectionOption::Upgrade),
            TakeoverKind::Tunnel => Some(ConnectionOption::Silent),
            TakeoverKind::Hijack => None,
        };
        if let Some(option) = option {
            encode::head(self.output.buffer(&worker.pool), &exchange.reply, ReplyLength::None, option, &worker);
        }
        let route = worker.app.record(exchange.request.route);
        self.settle(exchange, route);
        if self.flush().await.is_err() { End::Gone } else { End::HandedOver(takeover) }
    }
}

/// Runs what has taken the connection over, to its end or that of the server: on a worker of its own in a task of its own, which has no room for what the
/// connection was as HTTP.
pub(super) async fn run<I: Io + 'static>(connection: Connection<I>, takeover: Box<Takeover>) {
    let worker = connection.worker.clone();
    let Some(work) = begin(connection, takeover) else { return };
    if worker.serves() {
        tokio::task::spawn_local(work);
    } else {
        work.await;
    }
}

/// Hands the connection over. What it is for is in the future: no `async` block, which would have room for some of it twice.
fn begin<I: Io + 'static>(
    connection: Connection<I>,
    takeover: Box<Takeover>,
) -> Option<impl Future<Output = ()> + 'static> {
    let (worker, route) = (connection.worker.clone(), connection.route);
    // Of its own: the connection may be closed while its work still tidies up, and a server that stops waits for both.
    let entry = worker.connections.enter();
    let io = UpgradedIo::new(Box::new(HandedOver::new(connection)), worker.closing());
    let mut work = match lifecycle::caught(|| takeover.start(io)) {
        Ok(work) => Some(work),
        Err(panic) => {
            failed(&panic, worker.app.pattern(route as usize));
            return None;
        }
    };
    Some(poll_fn(move |cx| {
        entry.set_waker(cx.waker());
        let Some(running) = &mut work else { return Poll::Ready(()) };
        let result = if worker.stage() >= Stage::Abort {
            Err(Error::from_code(Code::ShuttingDown))
        } else {
            worker.pulse.begin(route);
            let polled =
                lifecycle::caught(|| running.as_mut().poll(cx)).unwrap_or_else(|panic| Poll::Ready(Err(panic)));
            worker.pulse.end();
            ready!(polled)
        };
        let dropped = lifecycle::caught(|| drop(work.take()));
        if let Err(error) = result.and(dropped) {
            failed(&error, worker.app.pattern(route as usize));
        }
        Poll::Ready(())
    }))
}

fn failed(error: &Error, route: &str) {
    tracing::error!(target: "fastweb::upgrade", route, error = ?error, "what had taken over a connection failed");
}

/// A connection in other hands: first what was read ahead, then the stream itself.
struct HandedOver<I: Io> {
    connection: Connection<I>,
}

impl<I: Io> HandedOver<I> {
    fn new(mut connection: Connection<I>) -> Self {
        connection.entry.clear_deadline();
        // Of the task that ends here.
        connection.entry.forget_waker();
        connection.input.release_if_empty(&connection.worker.pool);
        connection.worker.count(Event::HandedOver);
        Self { connection }
    }

    /// What was read as HTTP and is none.
    #[cold]
    fn read_ahead(&mut self, space: &mut [u8]) -> usize {
        let Connection { input, worker, .. } = &mut self.connection;
        let unused = input.unused();
        let n = unused.len().min(space.len());
        space[..n].copy_from_slice(&unused[..n]);
        input.consume(n);
        input.release_if_empty(&worker.pool);
        n
    }

    fn stream(&mut self) -> Pin<&mut I> {
        Pin::new(&mut self.connection.io)
    }
}

impl<I: Io> Drop for HandedOver<I> {
    fn drop(&mut self) {
        self.connection.worker.count(Event::HandedOverEnded);
    }
}

impl<I: Io> Raw for HandedOver<I> {
    fn poll_read_into(&mut self, cx: &mut Context<'_>, space: &mut [u8]) -> Poll<io::Result<usize>> {
        if !self.connection.input.is_empty() {
            return Poll::Ready(Ok(self.read_ahead(space)));
        }
        let Connection { io, input, .. } = &mut self.connection;
        if input.ended {
            return Poll::Ready(Ok(0));
        }
        // What comes behind a read that has taken all is waited for. Whoever had to wait and is polled again was woken, most likely by something to read: it is read without
        // asking.
        if std::mem::take(&mut input.is_drained) {
            ready!(io.poll_readable(cx));
        }
        // As tokio's own way does it: whoever reads on and on lets others run.
        let budget = ready!(poll_proceed(cx));
        loop {
            let Some(result) = io.try_read(space) else {
                let mut buf = ReadBuf::new(space);
                ready!(Pin::new(io).poll_read(cx, &mut buf))?;
                return Poll::Ready(Ok(buf.filled().len()));
            };
            if is_nothing(&result) {
                ready!(io.poll_readable(cx));
                continue;
            }
            input.is_drained = result.as_ref().is_ok_and(|n| *n < space.len());
            budget.made_progress();
            return Poll::Ready(result);
        }
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.connection.peer
    }

    fn wake_in(&self, time: Duration, waker: &Waker) {
        let Connection { entry, worker, .. } = &self.connection;
        entry.set_waker(waker);
        entry.set_deadline(worker.clock.deadline(Ticks::of(time)));
    }

    fn is_time_over(&self) -> bool {
        self.connection.worker.clock.is_over(self.connection.entry.deadline())
    }
}

/// A write of no more than this is tried at once. Of a larger one the stream may take a part, and `poll_write` remembers that it is full then.
const WRITTEN_AT_ONCE: usize = 16 * 1024;

impl<I: Io> AsyncRead for HandedOver<I> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // Room that was never written to would have to be zeroed for the short way.
        let is_at_hand = !self.connection.input.is_empty() || self.connection.input.ended;
        if !is_at_hand && (buf.initialized().len() < buf.capacity() || buf.remaining() == 0) {
            return self.stream().poll_read(cx, buf);
        }
        let n = ready!(self.poll_read_into(cx, buf.initialize_unfilled()))?;
        buf.advance(n);
        Poll::Ready(Ok(()))
    }
}

impl<I: Io> AsyncWrite for HandedOver<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let io = &mut self.connection.io;
        if (1..=WRITTEN_AT_ONCE).contains(&bytes.len()) {
            let budget = ready!(poll_proceed(cx));
            let result = io.try_write(bytes);
            if !is_nothing(&result) {
                budget.made_progress();
                return Poll::Ready(result);
            }
        }
        Pin::new(io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.io.is_write_vectored()
    }
}
