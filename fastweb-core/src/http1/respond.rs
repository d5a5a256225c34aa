//! From an answered exchange to the connection's output: in one step where the reply lies in memory, else as it becomes ready.

use super::connection::{Connection, End};
use super::drive::BodyReader;
use super::encode::{self, ConnectionOption, ReplyLength};
use super::framing::ReplyFraming;
use super::io::Io;
use super::output::LARGE_BODY;
use super::stream;
use crate::exchange::Exchange;
use crate::reply::ReplyBody;
use crate::server::{Event, Stage};
use bytes::Bytes;

/// A body that a handler left unread is read away up to this many bytes, so that the connection can go on.
pub(super) const MOST_DRAINED: u64 = 64 * 1024;

impl<I: Io> Connection<I> {
    /// Writes an ordinary reply: its body is in memory and not large, and the connection goes on. Says whether it was one.
    pub(super) fn try_reply(&mut self, exchange: &mut Exchange, framing: ReplyFraming) -> bool {
        let reply = &exchange.reply;
        let Some(body) = reply.body_bytes() else { return false };
        if !framing.keep_alive || !reply.is_plain() || self.worker.stage() != Stage::Running || self.output.is_enough()
        {
            return false;
        }
        let length = ReplyLength::of_bytes(reply.status(), body);
        let option = if framing.http10 { ConnectionOption::KeepAlive } else { ConnectionOption::Silent };
        let out = self.output.buffer(&self.worker.pool);
        encode::head(out, reply, length, option, &self.worker);
        if !framing.head_only && length != ReplyLength::None {
            exchange.body_bytes = body.len() as u64;
            if body.len() < LARGE_BODY {
                out.extend_from_slice(body);
            } else {
                self.append_large_body(exchange);
            }
        }
        true
    }

    /// Puts a large body in memory behind what waits, without copying it.
    #[cold]
    fn append_large_body(&mut self, exchange: &mut Exchange) {
        match exchange.reply.body() {
            ReplyBody::Bytes(bytes) => self.output.append_large(bytes.clone()),
            ReplyBody::Frozen(frozen) => self.output.append_large(frozen.body.clone()),
            ReplyBody::Static(bytes) => self.output.append_large(Bytes::from_static(bytes)),
            ReplyBody::Buffer | ReplyBody::Value => self.output.append_large_vec(exchange.reply.take_buffer()),
            ReplyBody::Stream(_) => self.output.append_large(exchange.reply.take_body().into_bytes()),
            // A connection is given away before this.
            ReplyBody::Empty | ReplyBody::Takeover(_) => {}
        }
    }

    /// Whether a server that stops owes this client another answer: a request counts as accepted once its first byte is read.
    fn has_accepted_more(&self, unread_body: bool) -> bool {
        let begins_request = |byte: &u8| !matches!(byte, b'\r' | b'\n');
        self.worker.stage() < Stage::Abort && !unread_body && self.input.unused().iter().any(begins_request)
    }

    /// Writes any reply, and decides whether the connection goes on.
    pub(super) async fn reply(
        &mut self,
        mut exchange: Box<Exchange>,
        framing: ReplyFraming,
        mut body: Option<Box<BodyReader>>,
    ) -> Result<(), End> {
        if self.output.is_enough() && self.flush().await.is_err() {
            return Err(self.abort(exchange, body).await);
        }
        match Box::pin(self.may_hand_over(&mut exchange, &mut body)).await {
            Some(false) => {}
            Some(true) => return Err(Box::pin(self.hand_over(exchange, body)).await),
            None => return Err(self.abort(exchange, body).await),
        }
        let worker = self.worker.clone();
        // From here on the output is the final answer's.
        self.asked = 0;
        // RFC 9110, 9.3.6: a success would begin a tunnel, which has no body and ends with the connection.
        let is_tunnel = framing.connect && exchange.reply.status().is_success();
        let takes_trailers = !is_tunnel && stream::takes_trailers(&exchange, framing.http10);
        let length = match is_tunnel {
            true => ReplyLength::None,
            false => ReplyLength::of(&exchange.reply, framing.http10, takes_trailers),
        };
        if takes_trailers && length == ReplyLength::Chunked {
            exchange.reply.announce_trailers();
        }
        let unread = body.as_ref().is_some_and(|reader| !reader.is_done());
        let taken = body.as_ref().is_some_and(|reader| reader.has_reader()) && !exchange.request.body.is_incoming();
        let sends_body = !framing.head_only && length != ReplyLength::None;
        let streams_request = unread && taken && sends_body && matches!(exchange.reply.body(), ReplyBody::Stream(_));
        let drainable = streams_request || body.as_ref().is_none_or(|reader| reader.can_drain(MOST_DRAINED));
        let mut keep_alive = framing.keep_alive
            && drainable
            && !exchange.reply.closes()
            && length != ReplyLength::UntilClose
            && (worker.stage() == Stage::Running || self.has_accepted_more(unread));
        // RFC 9112, 9.6: the answer says that the connection ends. How much of a chunked body is to come is known only where its end is
        // here, so nobody promises to read it away.
        if keep_alive
            && !streams_request
            && let Some(reader) = body.as_mut().filter(|reader| reader.is_chunked())
        {
            reader.let_go();
            keep_alive = self.skip_at_hand(reader, MOST_DRAINED).await;
        }
        let option = match (keep_alive, framing.http10) {
            (true, false) => ConnectionOption::Silent,
            (true, true) => ConnectionOption::KeepAlive,
            (false, _) => ConnectionOption::Close,
        };
        // The reply may be made of the request's body: a client that waits must be told to send it now. Behind the head of a final
        // reply there is no place for an interim one.
        let expects_continue = body.as_mut().is_some_and(|reader| reader.take_expectation());
        if streams_request && expects_continue && self.input.is_empty() {
            self.output.buffer(&worker.pool).extend_from_slice(encode::CONTINUE);
        }
        encode::head(self.output.buffer(&worker.pool), &exchange.reply, length, option, &worker);
        if sends_body {
            match self.write_body(&mut exchange, length, &mut body).await {
                Ok(()) => {}
                Err(End::Gone) => return Err(self.abort(exchange, body).await),
                // The body broke off: what was sent must not look complete.
                Err(_) => {
                    self.worker.count(Event::Broken);
                    exchange.broken = true;
                }
            }
        }
        if let Some(reader) = &body {
            reader.let_go();
        }
        let intact = !exchange.broken;
        let route = worker.app.record(exchange.request.route);
        self.settle(exchange, route);
        let unread = body.filter(|reader| !reader.is_done());
        if !keep_alive || !intact {
            self.flush().await.map_err(|()| End::Gone)?;
            return Err(match intact {
                // The client has ended its side, and all of it was read: nothing can come that would be answered with a reset.
                true if unread.is_none() && self.input.ended && self.input.is_empty() => End::Close,
                true => End::Linger,
                // Without a length or chunks, the end of the connection is the end of the body.
                false if length == ReplyLength::UntilClose => End::Reset,
                false => End::Gone,
            });
        }
        if let Some(mut reader) = unread {
            self.flush().await.map_err(|()| End::Gone)?;
            if !self.drain(&mut reader, MOST_DRAINED).await {
                return Err(End::Linger);
            }
        }
        Ok(())
    }

    /// Puts the reply's body behind its head, or streams it.
    async fn write_body(
        &mut self,
        exchange: &mut Exchange,
        length: ReplyLength,
        request_body: &mut Option<Box<BodyReader>>,
    ) -> Result<(), End> {
        // In memory, and chunked all the same: it has trailers.
        if length == ReplyLength::Chunked || exchange.reply.body_bytes().is_none() {
            return self.stream(exchange, length, request_body).await;
        }
        let Some(bytes) = exchange.reply.body_bytes() else { return Ok(()) };
        exchange.body_bytes = bytes.len() as u64;
        if bytes.len() < LARGE_BODY {
            self.output.buffer(&self.worker.pool).extend_from_slice(bytes);
            return Ok(());
        }
        self.append_large_body(exchange);
        Ok(())
    }
}
