//! What is to be written to the connection.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::io::Io;
use crate::buffer::BufferPool;
use bytes::Bytes;

/// Bodies of at least this many bytes are written from where they are, beside the head, instead of being copied behind it. At 16 KiB
/// the copy costs about as much as the second part of a vectored write.
pub(super) const LARGE_BODY: usize = 16 * 1024;

/// Answers are collected up to this many bytes before they are written.
pub(super) const ENOUGH: usize = 64 * 1024;

/// Parts of what waits that one call writes.
const PARTS: usize = 32;

/// Answers in order: bytes in a lent buffer, and large bodies between them.
#[derive(Default)]
pub(super) struct Output {
    bytes: Vec<u8>,
    /// In a box, because every idle connection would have room for it.
    #[allow(clippy::box_collection)]
    large: Option<Box<Vec<Large>>>,
    /// How much of it all was written.
    written: usize,
}

struct Large {
    /// How many of the bytes come before it.
    behind: usize,
    body: LargeBody,
    /// What ends it where it is a chunk.
    tail: &'static [u8],
}

enum LargeBody {
    Bytes(Bytes),
    Vec(Vec<u8>),
}

impl Large {
    fn as_slice(&self) -> &[u8] {
        match &self.body {
            LargeBody::Bytes(bytes) => bytes,
            LargeBody::Vec(bytes) => bytes,
        }
    }
}

impl Output {
    /// Whether nothing waits, neither to be written nor to be flushed.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.large.is_none()
    }

    /// How much of what waits was written.
    pub(super) fn written(&self) -> usize {
        self.written
    }

    /// Of what waits, what comes before large bodies.
    pub(super) fn unwritten(&self) -> &[u8] {
        let end = self.larges().first().map_or(self.bytes.len(), |large| large.behind);
        self.bytes.get(self.written..end).unwrap_or_default()
    }

    fn larges(&self) -> &[Large] {
        self.large.as_deref().map_or(&[], Vec::as_slice)
    }

    /// How many bytes wait.
    pub(super) fn waiting(&self) -> usize {
        let large: usize = self.larges().iter().map(|large| large.as_slice().len() + large.tail.len()).sum();
        self.bytes.len() + large - self.written
    }

    /// Whether it is time to write before more is collected.
    #[inline]
    pub(super) fn is_enough(&self) -> bool {
        match self.large {
            None => self.bytes.len().saturating_sub(self.written) >= ENOUGH,
            Some(_) => self.waiting() >= ENOUGH,
        }
    }

    /// Where to append.
    pub(super) fn buffer(&mut self, pool: &BufferPool) -> &mut Vec<u8> {
        if self.bytes.capacity() == 0 {
            self.bytes = pool.take_write();
        }
        &mut self.bytes
    }

    pub(super) fn append_large(&mut self, bytes: Bytes) {
        self.push_large(LargeBody::Bytes(bytes), b"");
    }

    pub(super) fn append_large_vec(&mut self, bytes: Vec<u8>) {
        self.push_large(LargeBody::Vec(bytes), b"");
    }

    /// The data of a chunk whose size was appended, with the end of its line.
    pub(super) fn append_large_chunk(&mut self, bytes: Bytes) {
        self.push_large(LargeBody::Bytes(bytes), b"\r\n");
    }

    fn push_large(&mut self, body: LargeBody, tail: &'static [u8]) {
        let large = Large { behind: self.bytes.len(), body, tail };
        self.large.get_or_insert_default().push(large);
    }

    /// What is still to be written, as much of it as goes in one call.
    fn parts<'o>(&'o self, parts: &mut [IoSlice<'o>; PARTS]) -> usize {
        let mut before = 0;
        let large = self.larges().iter().flat_map(|large| {
            let bytes = &self.bytes[before..large.behind];
            before = large.behind;
            [bytes, large.as_slice(), large.tail]
        });
        let last = self.larges().last().map_or(0, |large| large.behind);
        let (mut skipped, mut count) = (self.written, 0);
        for part in large.chain([&self.bytes[last..]]) {
            let done = skipped.min(part.len());
            skipped -= done;
            let part = &part[done..];
            if !part.is_empty() && count < PARTS {
                parts[count] = IoSlice::new(part);
                count += 1;
            }
        }
        count
    }

    /// Writes until everything is with the operating system.
    #[inline]
    pub(super) fn poll_write<I: Io>(
        &mut self,
        io: &mut I,
        pool: &BufferPool,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        // Nearly always everything can be written at once, which needs no waiting to be prepared.
        // Never with no bytes: a write that has nothing to write takes the error of a reset away, and the next read takes it for the end.
        if self.large.is_none() && self.written < self.bytes.len() {
            match io.try_write(&self.bytes[self.written..]) {
                Ok(n) => self.written += n,
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
            if self.written == self.bytes.len() {
                self.written = 0;
                pool.put_write(std::mem::take(&mut self.bytes));
                return Poll::Ready(Ok(()));
            }
        }
        self.poll_write_rest(io, pool, cx)
    }

    #[inline(never)]
    fn poll_write_rest<I: Io>(&mut self, io: &mut I, pool: &BufferPool, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_empty() {
            return Poll::Ready(Ok(()));
        }
        loop {
            let mut parts = [IoSlice::new(&[]); PARTS];
            let written = match self.parts(&mut parts) {
                0 => break,
                1 => Pin::new(&mut *io).poll_write(cx, &parts[0]),
                count => Pin::new(&mut *io).poll_write_vectored(cx, &parts[..count]),
            };
            match std::task::ready!(written)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                n => self.written += n,
            }
        }
        // A stream that is no socket may keep what it was given.
        std::task::ready!(Pin::new(io).poll_flush(cx))?;
        if self.bytes.capacity() > 0 {
            pool.put_write(std::mem::take(&mut self.bytes));
        }
        self.large = None;
        self.written = 0;
        Poll::Ready(Ok(()))
    }
}
