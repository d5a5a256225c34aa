//! Bodies of replies that are sent piece by piece.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use super::connection::{Connection, End};
use super::drive::{BodyReader, Driven};
use super::encode::{self, ReplyLength};
use super::in_time::Patience;
use super::io::Io;
use super::output::{ENOUGH, LARGE_BODY};
use crate::body::Body;
use crate::error::{Code, Error};
use crate::exchange::Exchange;
use crate::reply::ReplyBody;
use crate::request::Stopping;
use crate::server::Stage;
use bytes::Bytes;

/// A body that always has more, for a client that always reads: others of its worker have their turn after so many bytes or pieces.
const TURN_BYTES: usize = 256 * 1024;
const TURN_PIECES: usize = 32;

/// Chunks of at least this many bytes are written from where they are. Smaller ones are copied behind each other: one write of several costs less
/// than one of each.
const LARGE_CHUNK: usize = 8 * 1024;

/// Whether this reply may have trailers and its client wants them (RFC 9110, 10.1.4).
pub(super) fn takes_trailers(exchange: &Exchange, http10: bool) -> bool {
    let may_have = exchange.reply.trailers().is_some() || matches!(exchange.reply.body(), ReplyBody::Stream(_));
    let is_trailers = |coding: &[u8]| coding.trim_ascii().eq_ignore_ascii_case(b"trailers");
    let mut fields = exchange.request.headers();
    may_have
        && !http10
        && fields
            .any(|(name, value)| name.eq_ignore_ascii_case("te") && value.split(|&byte| byte == b',').any(is_trailers))
}

/// What became of a body.
enum Sent {
    Whole(Body),
    /// Its source failed, took too long, or the server stops.
    Broken(Error),
}

impl<I: Io> Connection<I> {
    /// Sends a body as it becomes ready. What is ready goes out together, up to 64 KiB; whatever has to be waited for is waited for behind a write: a slow reader stops it.
    pub(super) async fn stream(
        &mut self,
        exchange: &mut Exchange,
        length: ReplyLength,
        request_body: &mut Option<Box<BodyReader>>,
    ) -> Result<(), End> {
        let worker = self.worker.clone();
        exchange.body_bytes = 0;
        let timeout = &worker.app.record(exchange.request.route).timeout;
        self.patience = timeout.as_ref().map(|timeout| Patience::with(timeout.time));
        // Only the end of the connection tells the end of this body: however the server ends before, it must not look like that.
        if length == ReplyLength::UntilClose {
            self.io.reset_at_end();
        }
        let takes_trailers = length == ReplyLength::Chunked && takes_trailers(exchange, false);
        let body = exchange.reply.take_body();
        let sent = self.send_pieces(body, exchange, length, request_body).await;
        self.patience = None;
        match sent? {
            Sent::Whole(body) => {
                if length == ReplyLength::UntilClose {
                    self.io.close_at_end();
                } else if length == ReplyLength::Chunked {
                    let trailers = [exchange.reply.trailers(), body.trailers()].into_iter().flatten();
                    let wanted = trailers.filter(|_| takes_trailers).flatten();
                    encode::last_chunk(self.output.buffer(&worker.pool), wanted);
                }
                Ok(())
            }
            Sent::Broken(error) => {
                tracing::error!(error = ?error, request_id = %exchange.request.id(), "the body of a reply broke off");
                // What makes it elsewhere is to end.
                exchange.request.cancel();
                Err(End::Linger)
            }
        }
    }

    async fn send_pieces(
        &mut self,
        mut body: Body,
        exchange: &mut Exchange,
        length: ReplyLength,
        request_body: &mut Option<Box<BodyReader>>,
    ) -> Result<Sent, End> {
        let mut left = if let ReplyLength::Exactly(length) = length { Some(length) } else { None };
        let (mut bytes, mut pieces) = (0, 0);
        let mut is_settled = false;
        let app = self.worker.app.clone();
        loop {
            // A body that never has to be waited for has to end, too.
            if self.worker.stage() >= Stage::Abort {
                return Ok(Sent::Broken(Error::from_code(Code::ShuttingDown)));
            }
            let next = {
                let mut next = pin!(Some(Stopping::provided(&app, body.chunk())));
                // What is ready goes out together; before anything is waited for, everything is with the client.
                let ready = poll_fn(|cx| Poll::Ready(self.poll_at_hand(next.as_mut(), request_body, cx))).await;
                let driven = match ready {
                    Poll::Ready(result) => result,
                    Poll::Pending => {
                        self.write_while_serving().await?;
                        // Clients that listen are many, and what each of them holds counts. A body that is read meanwhile is not waited for like that.
                        if request_body.is_none() && !std::mem::replace(&mut is_settled, true) {
                            self.input.release_if_empty(&self.worker.pool);
                            exchange.settle(&self.worker.pool);
                        }
                        self.drive(next.as_mut(), request_body).await
                    }
                };
                match driven {
                    Ok(next) => next,
                    Err(Driven::Failed(error)) => Err(error),
                    Err(Driven::Late(code)) => Err(Error::from_code(code)),
                    Err(Driven::Gone) => return Err(End::Gone),
                }
            };
            let mut data = match next {
                Ok(Some(data)) => data,
                Ok(None) if left.is_some_and(|left| left > 0) => {
                    let missing = left.unwrap_or(0);
                    return Ok(Sent::Broken(Error::internal(format!("the body ended {missing} bytes early"))));
                }
                Ok(None) => return Ok(Sent::Whole(body)),
                Err(error) => return Ok(Sent::Broken(error)),
            };
            if let Some(left) = &mut left {
                // Longer than it said: the client reads what was announced.
                data.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= data.len() as u64;
            }
            exchange.body_bytes += data.len() as u64;
            (bytes, pieces) = (bytes + data.len(), pieces + 1);
            self.put(data, length);
            // However long the last piece is: it is in memory already.
            if self.output.waiting() >= ENOUGH {
                self.write_while_serving().await?;
            }
            if bytes >= TURN_BYTES || pieces >= TURN_PIECES {
                (bytes, pieces) = (0, 0);
                tokio::task::yield_now().await;
            }
        }
    }

    /// Puts a piece behind what is to be written.
    fn put(&mut self, data: Bytes, length: ReplyLength) {
        let out = self.output.buffer(&self.worker.pool);
        match length {
            _ if data.is_empty() => {}
            ReplyLength::Chunked if data.len() >= LARGE_CHUNK => {
                encode::chunk_size(out, data.len());
                self.output.append_large_chunk(data);
            }
            ReplyLength::Chunked => encode::chunk(out, &data),
            _ if data.len() >= LARGE_BODY => self.output.append_large(data),
            _ => out.extend_from_slice(&data),
        }
    }

    /// Writes while the client reads, but where it does not, no longer than the server serves.
    async fn write_while_serving(&mut self) -> Result<(), End> {
        let mut deadline = None;
        let written = poll_fn(|cx| match self.poll_written(&mut deadline, cx) {
            Poll::Pending if self.worker.stage() >= Stage::Abort => Poll::Ready(Err(())),
            polled => polled,
        });
        written.await.map_err(|()| End::Gone)?;
        // Answers before this one were written with its head: their hooks do not wait for its end.
        if !self.unflushed.is_empty() {
            self.complete_written().await;
        }
        Ok(())
    }
}
