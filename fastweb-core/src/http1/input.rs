//! What was read from the connection and not used yet.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::{BufMut, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use super::io::Io;
use crate::buffer::{Buffer, BufferPool};

/// Fewer bytes of a body than this are copied out of the large buffer they were read into.
const WORTH_HOLDING: usize = 16 * 1024;

/// A buffer that is lent while there is something in it, and the part of it that was used.
#[derive(Default)]
pub(super) struct Input {
    buffer: Option<Rc<Buffer>>,
    /// No buffer is longer than this can say, and every idle connection has it.
    start: u32,
    /// The client sends no more.
    pub(super) ended: bool,
    /// The last read has taken all that was there. Of connections that were handed over; here it takes no room.
    pub(super) is_drained: bool,
}

#[inline]
fn poll_into<I: AsyncRead + Unpin>(buffer: &mut Buffer, io: &mut I, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
    let mut space = ReadBuf::new(buffer.spare_mut());
    let polled = Pin::new(io).poll_read(cx, &mut space);
    let n = space.filled().len();
    buffer.advance(n);
    polled.map_ok(|()| n)
}

/// What came of an attempt to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filled {
    Some,
    /// The end of the stream.
    End,
    /// One buffer is full of bytes that nobody has used: the client has to wait.
    Full,
}

impl Input {
    fn start(&self) -> usize {
        self.start as usize
    }

    /// The buffer and where its unused part begins, where there is one.
    pub(super) fn position_of_unused(&self) -> Option<(&Rc<Buffer>, usize)> {
        self.buffer.as_ref().map(|buffer| (buffer, self.start())).filter(|(buffer, start)| *start < buffer.len())
    }

    pub(super) fn unused(&self) -> &[u8] {
        self.buffer.as_ref().map_or(&[], |buffer| &buffer.filled()[self.start()..])
    }

    pub(super) fn is_empty(&self) -> bool {
        self.buffer.as_ref().is_none_or(|buffer| self.start() == buffer.len())
    }

    /// Whether nothing more is read before something was used.
    pub(super) fn is_full(&self) -> bool {
        self.buffer.as_ref().is_some_and(|buffer| buffer.room() == 0 && self.start == 0)
    }

    pub(super) fn consume(&mut self, n: usize) {
        debug_assert!(n <= self.unused().len(), "more was used than there is");
        self.start += n as u32;
    }

    /// Gives the buffer back if everything in it was used.
    pub(super) fn release_if_empty(&mut self, pool: &BufferPool) {
        let start = self.start();
        if let Some(buffer) = self.buffer.take_if(|buffer| start == buffer.len()) {
            self.start = 0;
            pool.put_read(buffer);
        }
    }

    /// Reads once. A short read leaves the socket marked as empty (tokio's `poll_read` does so), so the next call costs no system call.
    pub(super) fn poll_fill<I: AsyncRead + Unpin>(
        &mut self,
        io: &mut I,
        pool: &BufferPool,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Filled>> {
        if self.ended {
            return Poll::Ready(Ok(Filled::End));
        }
        self.release_if_empty(pool);
        if self.buffer.is_none() {
            return self.fill_lent(pool, |buffer| poll_into(buffer, io, cx));
        }
        match self.writable(pool) {
            Some(buffer) => {
                let polled = poll_into(buffer, io, cx);
                self.filled(polled)
            }
            None => Poll::Ready(Ok(Filled::Full)),
        }
    }

    /// Reads for a body alone: at most `most` bytes and at most what [`BufferPool::take_body`] has room for. None are the end of the stream.
    ///
    /// What came is handed on without being copied, unless that were little: few bytes would hold a large buffer.
    pub(super) fn poll_read_ahead<I: AsyncRead + Unpin>(
        &mut self,
        io: &mut I,
        pool: &BufferPool,
        most: usize,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Bytes>> {
        debug_assert!(self.is_empty(), "what was read before comes first");
        if self.ended {
            return Poll::Ready(Ok(Bytes::new()));
        }
        self.release_if_empty(pool);
        let mut buffer = pool.take_body();
        let mut space = (&mut buffer).limit(most);
        let polled = pin!(io.read_buf(&mut space)).poll(cx);
        self.ended |= matches!(polled, Poll::Ready(Ok(0)));
        let read = match buffer.len() {
            n if n < WORTH_HOLDING => Bytes::copy_from_slice(&buffer),
            _ => buffer.split().freeze(),
        };
        pool.put_body(buffer);
        polled.map_ok(|_| read)
    }

    /// Puts bytes before what is unused: they were read for a body, and it did not need them. There may be more of them than a buffer holds.
    pub(super) fn give_back(&mut self, bytes: &[u8], pool: &BufferPool) {
        if bytes.is_empty() {
            return;
        }
        let unused = self.unused();
        let mut buffer = pool.take_read_for(bytes.len() + unused.len());
        let fresh = Rc::get_mut(&mut buffer).expect("the pool's own");
        fresh.append(bytes);
        fresh.append(unused);
        self.start = 0;
        if let Some(before) = self.buffer.replace(buffer) {
            pool.put_read(before);
        }
    }

    /// As [`poll_fill`](Self::poll_fill), for whoever has waited: there is something to read, most likely.
    pub(super) fn poll_fill_awaited<I: Io>(
        &mut self,
        io: &mut I,
        pool: &BufferPool,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Filled>> {
        if self.ended || self.buffer.is_some() {
            return self.poll_fill(io, pool, cx);
        }
        self.fill_lent(pool, |buffer| match io.try_read(buffer.spare_mut()) {
            Some(result) if !is_nothing(&result) => {
                buffer.advance(*result.as_ref().unwrap_or(&0));
                Poll::Ready(result)
            }
            _ => poll_into(buffer, io, cx),
        })
    }

    /// Reads into a buffer that is lent for it, and kept if there was something to read.
    #[inline]
    fn fill_lent(
        &mut self,
        pool: &BufferPool,
        read: impl FnOnce(&mut Buffer) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<Filled>> {
        let mut lent = pool.take_read();
        let polled = read(Rc::get_mut(&mut lent).expect("the pool's own"));
        if let Poll::Ready(Ok(n @ 1..)) = polled {
            debug_assert_eq!(n, lent.len(), "a lent buffer was not empty");
            self.buffer = Some(lent);
        } else {
            pool.put_read(lent);
        }
        self.filled(polled)
    }

    fn filled(&mut self, polled: Poll<io::Result<usize>>) -> Poll<io::Result<Filled>> {
        polled.map_ok(|n| {
            self.ended |= n == 0;
            if n == 0 { Filled::End } else { Filled::Some }
        })
    }

    /// The buffer that is partly used, with room, and nobody else refers to it. Requests and texts keep the one they are in; what was not used
    /// moves on.
    fn writable(&mut self, pool: &BufferPool) -> Option<&mut Buffer> {
        if self.buffer.as_mut().and_then(Rc::get_mut).is_none() {
            let mut fresh = pool.take_read();
            Rc::get_mut(&mut fresh).expect("the pool's own").append(self.unused());
            self.start = 0;
            if let Some(shared) = self.buffer.replace(fresh) {
                pool.put_read(shared);
            }
        }
        let start = self.start();
        let buffer = self.buffer.as_mut().and_then(Rc::get_mut).expect("made unshared above");
        if buffer.room() == 0 && start > 0 {
            buffer.discard_front(start);
            self.start = 0;
        }
        (buffer.room() > 0).then_some(buffer)
    }
}

/// Whether there was nothing to read, and no end either.
pub(super) fn is_nothing(result: &io::Result<usize>) -> bool {
    let kind = result.as_ref().map_err(io::Error::kind);
    matches!(kind, Err(io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted))
}
