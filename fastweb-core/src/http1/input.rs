//! What was read from the connection and not used yet.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};

use crate::buffer::{Buffer, BufferPool};

/// A buffer that is lent while there is something in it, and the part of it that was used.
#[derive(Default)]
pub(super) struct Input {
    buffer: Option<Rc<Buffer>>,
    start: usize,
    /// The client sends no more.
    pub(super) ended: bool,
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
    /// The buffer and where its unused part begins, where there is one.
    pub(super) fn position_of_unused(&self) -> Option<(&Rc<Buffer>, usize)> {
        self.buffer.as_ref().map(|buffer| (buffer, self.start)).filter(|(buffer, start)| *start < buffer.len())
    }

    pub(super) fn unused(&self) -> &[u8] {
        self.buffer.as_ref().map_or(&[], |buffer| &buffer.filled()[self.start..])
    }

    pub(super) fn is_empty(&self) -> bool {
        self.buffer.as_ref().is_none_or(|buffer| self.start == buffer.len())
    }

    pub(super) fn consume(&mut self, n: usize) {
        debug_assert!(n <= self.unused().len(), "more was used than there is");
        self.start += n;
    }

    /// Gives the buffer back if everything in it was used.
    pub(super) fn release_if_empty(&mut self, pool: &BufferPool) {
        if self.is_empty()
            && let Some(buffer) = self.buffer.take()
        {
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
        let Some(buffer) = self.writable(pool) else { return Poll::Ready(Ok(Filled::Full)) };
        let mut space = ReadBuf::new(buffer.spare_mut());
        let polled = Pin::new(io).poll_read(cx, &mut space);
        let n = space.filled().len();
        buffer.advance(n);
        if n == 0 {
            self.release_if_empty(pool);
        }
        match polled {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) if n == 0 => {
                self.ended = true;
                Poll::Ready(Ok(Filled::End))
            }
            Poll::Ready(Ok(())) => Poll::Ready(Ok(Filled::Some)),
        }
    }

    /// A buffer with room that nobody else refers to. Requests and texts keep the one they are in; what was not used moves on.
    fn writable(&mut self, pool: &BufferPool) -> Option<&mut Buffer> {
        let unshared = match &mut self.buffer {
            None => false,
            Some(buffer) => Rc::get_mut(buffer).is_some(),
        };
        if !unshared {
            let mut fresh = pool.take_read();
            let next = Rc::get_mut(&mut fresh).expect("the pool gives buffers that nobody else refers to");
            next.append(self.unused());
            if let Some(shared) = self.buffer.replace(fresh) {
                pool.put_read(shared);
            }
            self.start = 0;
        }
        let buffer = self.buffer.as_mut().and_then(Rc::get_mut).expect("made unshared above");
        if self.start == buffer.len() {
            buffer.clear();
            self.start = 0;
        } else if buffer.room() == 0 && self.start > 0 {
            buffer.discard_front(self.start);
            self.start = 0;
        }
        (buffer.room() > 0).then_some(buffer)
    }
}
