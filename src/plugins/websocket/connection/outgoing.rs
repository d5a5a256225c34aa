//! What waits to be written.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use fastweb_core::{Bytes, UpgradedIo};
use tokio::io::AsyncWrite;

/// A frame below this is copied behind the others: a part of its own in a vectored write costs more than the copy.
const WORTH_SHARING: usize = 2 * 1024;
/// The most parts of one write.
const PARTS: usize = 64;
/// The memory that is lent from connection to connection: buffers of up to `ROOM` bytes.
const ROOM: usize = 16 * 1024;
const KEPT: usize = 16;

thread_local! {
    /// The one that came back last, which is nearly always the next one that is lent.
    static LAST: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static MORE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer that was lent before, or a new one.
#[inline]
pub(super) fn lend() -> Vec<u8> {
    let last = LAST.take();
    if last.capacity() > 0 { last } else { lend_more() }
}

#[cold]
fn lend_more() -> Vec<u8> {
    MORE.with_borrow_mut(Vec::pop).unwrap_or_else(|| Vec::with_capacity(1024))
}

/// Gives a buffer back, and leaves none.
#[inline]
pub(super) fn give_back(buffer: &mut Vec<u8>) {
    let mut buffer = std::mem::take(buffer);
    if (1..=ROOM).contains(&buffer.capacity()) {
        buffer.clear();
        let before = LAST.replace(buffer);
        if before.capacity() > 0 {
            keep(before);
        }
    }
}

#[cold]
fn keep(buffer: Vec<u8>) {
    MORE.with_borrow_mut(|buffers| {
        if buffers.len() < KEPT {
            buffers.push(buffer)
        }
    });
}

/// Frames in their order: those that are shared as they are, the others one behind the other. Without any it holds no memory.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    /// In a box, because every idle connection would have room for them.
    #[allow(clippy::box_collection)]
    parts: Option<Box<VecDeque<Bytes>>>,
    /// What comes behind the parts.
    tail: Vec<u8>,
    /// How much of the tail is written; there are no parts then.
    written: usize,
    len: usize,
}

impl Outgoing {
    /// The bytes that wait.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Appends what `write` writes.
    #[inline]
    pub(super) fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.tail.capacity() == 0 {
            self.tail = lend();
        }
        let before = self.tail.len();
        write(&mut self.tail);
        self.len += self.tail.len() - before;
    }

    /// Appends bytes that others hold, too.
    pub(super) fn share(&mut self, bytes: &Bytes) {
        if bytes.len() < WORTH_SHARING {
            return self.append(|tail| tail.extend_from_slice(bytes));
        }
        let parts = self.parts.get_or_insert_default();
        if !self.tail.is_empty() {
            let mut tail = Bytes::from(std::mem::take(&mut self.tail));
            parts.push_back(tail.split_off(std::mem::take(&mut self.written)));
        }
        parts.push_back(bytes.clone());
        self.len += bytes.len();
    }

    /// Writes what the stream takes: all of it in one call, where it takes that. Says how much.
    pub(super) fn poll_write(&mut self, io: &mut UpgradedIo, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let n = if let Some(parts) = self.parts.as_deref().filter(|parts| !parts.is_empty()) {
            let mut slices = [IoSlice::new(&[]); PARTS];
            let all = parts.iter().map(|part| &part[..]).chain([&self.tail[..]]);
            let mut count = 0;
            for (slice, part) in slices.iter_mut().zip(all) {
                *slice = IoSlice::new(part);
                count += 1;
            }
            std::task::ready!(Pin::new(io).poll_write_vectored(cx, &slices[..count]))?
        } else {
            std::task::ready!(Pin::new(io).poll_write(cx, &self.tail[self.written..]))?
        };
        if n == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.advance(n);
        Poll::Ready(Ok(n))
    }

    fn advance(&mut self, mut n: usize) {
        self.len -= n;
        if let Some(parts) = &mut self.parts {
            while let Some(part) = parts.front_mut() {
                if part.len() > n {
                    drop(part.split_to(n));
                    return;
                }
                n -= part.len();
                parts.pop_front();
            }
        }
        self.written += n;
        if self.written == self.tail.len() {
            self.written = 0;
            if self.parts.is_some() {
                self.parts = None;
            }
            give_back(&mut self.tail);
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
