//! A connection that is given away: what is written before, and what becomes of it.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connection::{Connection, End};
use super::drive::BodyReader;
use super::encode::{self, ConnectionOption, ReplyLength};
use super::io::Io;
use super::respond::MOST_DRAINED;
use crate::error::{Code, Error};
use crate::exchange::Exchange;
use crate::lifecycle;
use crate::server::{Event, Stage};
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

/// Runs what has taken the connection over, in the connection's task, to its end or that of the server.
pub(super) async fn run<I: Io + 'static>(connection: Connection<I>, takeover: Box<Takeover>) {
    let (worker, route, peer) = (connection.worker.clone(), connection.route, connection.peer);
    connection.entry.clear_deadline();
    // Of its own: the connection may be closed while its work still tidies up, and a server that stops waits for both.
    let entry = worker.connections.enter();
    let io = UpgradedIo::new(Box::new(HandedOver::new(connection)), peer, worker.closing());
    let mut work = match lifecycle::caught(|| takeover.start(io)) {
        Ok(work) => Some(work),
        Err(panic) => return failed(&panic, worker.app.pattern(route as usize)),
    };
    let result = poll_fn(|cx| {
        entry.set_waker(cx.waker());
        let Some(work) = &mut work else { return Poll::Ready(Ok(())) };
        if worker.stage() >= Stage::Abort {
            return Poll::Ready(Err(Error::from_code(Code::ShuttingDown)));
        }
        worker.pulse.begin(route);
        let polled = lifecycle::caught(|| work.as_mut().poll(cx)).unwrap_or_else(|panic| Poll::Ready(Err(panic)));
        worker.pulse.end();
        polled
    })
    .await;
    let dropped = lifecycle::caught(|| drop(work.take()));
    if let Err(error) = result.and(dropped) {
        failed(&error, worker.app.pattern(route as usize));
    }
}

fn failed(error: &Error, route: &str) {
    tracing::error!(target: "fastweb::upgrade", route, error = ?error, "what had taken over a connection failed");
}

/// A connection in other hands: first what was read ahead, then the stream itself.
struct HandedOver<I: Io>(Connection<I>);

impl<I: Io> HandedOver<I> {
    fn new(mut connection: Connection<I>) -> Self {
        connection.input.release_if_empty(&connection.worker.pool);
        connection.worker.count(Event::HandedOver);
        Self(connection)
    }
}

impl<I: Io> Drop for HandedOver<I> {
    fn drop(&mut self) {
        self.0.worker.count(Event::HandedOverEnded);
    }
}

impl<I: Io> Raw for HandedOver<I> {}

impl<I: Io> AsyncRead for HandedOver<I> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Connection { io, input, worker, .. } = &mut self.0;
        if !input.is_empty() {
            let unused = input.unused();
            let n = unused.len().min(buf.remaining());
            buf.put_slice(&unused[..n]);
            input.consume(n);
            input.release_if_empty(&worker.pool);
            return Poll::Ready(Ok(()));
        }
        if input.ended {
            return Poll::Ready(Ok(()));
        }
        Pin::new(io).poll_read(cx, buf)
    }
}

impl<I: Io> AsyncWrite for HandedOver<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0.io).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.io.is_write_vectored()
    }
}
