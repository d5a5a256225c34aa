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

/// Answers in order: bytes in a lent buffer, and at most one large body behind them.
#[derive(Default)]
pub(super) struct Output {
    bytes: Vec<u8>,
    /// In a box, because every idle connection would have room for it.
    large: Option<Box<Large>>,
    /// How much of `bytes` and `large` together was written.
    written: usize,
}

struct Large {
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

    /// Of what waits, what is not a large body.
    pub(super) fn unwritten(&self) -> &[u8] {
        self.bytes.get(self.written..).unwrap_or_default()
    }

    /// Whether it is time to write before more is collected.
    pub(super) fn is_enough(&self) -> bool {
        self.large.is_some() || self.bytes.len().saturating_sub(self.written) >= ENOUGH
    }

    /// Whether a large body waits.
    pub(super) fn has_large(&self) -> bool {
        self.large.is_some()
    }

    /// Where to append. Nothing may be appended behind a large body: it is flushed first.
    pub(super) fn buffer(&mut self, pool: &BufferPool) -> &mut Vec<u8> {
        debug_assert!(self.large.is_none(), "bytes behind a large body");
        if self.bytes.capacity() == 0 {
            self.bytes = pool.take_write();
        }
        &mut self.bytes
    }

    pub(super) fn set_large(&mut self, bytes: Bytes) {
        self.large = Some(Box::new(Large { body: LargeBody::Bytes(bytes), tail: b"" }));
    }

    pub(super) fn set_large_vec(&mut self, bytes: Vec<u8>) {
        self.large = Some(Box::new(Large { body: LargeBody::Vec(bytes), tail: b"" }));
    }

    /// The data of a chunk whose size was appended, with the end of its line.
    pub(super) fn set_large_chunk(&mut self, bytes: Bytes) {
        self.large = Some(Box::new(Large { body: LargeBody::Bytes(bytes), tail: b"\r\n" }));
    }

    /// What is still to be written: of the bytes, the large body and its tail.
    fn parts(&self) -> [&[u8]; 3] {
        let (large, tail) = self.large.as_deref().map_or((&[][..], &[][..]), |large| (large.as_slice(), large.tail));
        let mut written = self.written;
        [&self.bytes[..], large, tail].map(|part| {
            let skipped = written.min(part.len());
            written -= skipped;
            &part[skipped..]
        })
    }

    /// Writes until everything is with the operating system.
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
        if self.is_empty() {
            return Poll::Ready(Ok(()));
        }
        loop {
            let parts = self.parts();
            let written = match parts {
                [[], [], []] => break,
                [part, [], []] | [[], part, []] | [[], [], part] => Pin::new(&mut *io).poll_write(cx, part),
                parts => Pin::new(&mut *io).poll_write_vectored(cx, &parts.map(IoSlice::new)),
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
