//! Pieces of a body that wait to be sent.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// Pieces below this are collected, those above are sent as they are.
pub(super) const SMALL: usize = 4 * 1024;

/// A collection of small pieces is sent by itself from here on.
const TOGETHER: usize = 16 * 1024;

/// Bytes in order. However small the pieces were, they take little more memory than they have bytes.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    chunks: VecDeque<Bytes>,
    /// Small pieces, behind the chunks.
    tail: BytesMut,
    /// Bytes in `chunks`.
    waiting: usize,
}

impl Pieces {
    pub(crate) fn len(&self) -> usize {
        self.waiting + self.tail.len()
    }

    pub(crate) fn push(&mut self, piece: Bytes) {
        if piece.len() < SMALL {
            return self.copy(&piece);
        }
        self.cut();
        self.waiting += piece.len();
        self.chunks.push_back(piece);
    }

    pub(crate) fn copy(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(bytes);
        if self.tail.len() >= TOGETHER {
            self.cut();
        }
    }

    /// Begins a new chunk.
    fn cut(&mut self) {
        if !self.tail.is_empty() {
            self.waiting += self.tail.len();
            self.chunks.push_back(self.tail.split().freeze());
        }
    }

    /// The next chunk: small pieces together, large ones as they came.
    pub(crate) fn pop(&mut self) -> Option<Bytes> {
        if self.chunks.is_empty() {
            self.cut();
        }
        let chunk = self.chunks.pop_front()?;
        self.waiting -= chunk.len();
        Some(chunk)
    }

    /// The small pieces at the end, to be written to. What is taken is put back by [`put_tail`](Self::put_tail).
    pub(crate) fn take_tail(&mut self) -> BytesMut {
        std::mem::take(&mut self.tail)
    }

    pub(crate) fn put_tail(&mut self, tail: BytesMut) {
        self.tail = tail;
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_goes_in_comes_out(pieces in proptest::collection::vec(proptest::collection::vec(proptest::num::u8::ANY, 0..6000), 0..30)) {
            let mut queue = Pieces::default();
            for piece in &pieces {
                queue.push(Bytes::from(piece.clone()));
            }
            let whole = pieces.concat();
            proptest::prop_assert_eq!(queue.len(), whole.len());
            let mut out = Vec::new();
            while let Some(chunk) = queue.pop() {
                proptest::prop_assert!(!chunk.is_empty());
                out.extend_from_slice(&chunk);
                proptest::prop_assert_eq!(queue.len(), whole.len() - out.len());
            }
            proptest::prop_assert_eq!(out, whole);
        }
    }

    #[test]
    fn many_small_pieces_are_few_chunks() {
        let mut queue = Pieces::default();
        (0..100_000).for_each(|_| queue.push(Bytes::from_static(b"x")));
        assert_eq!(std::iter::from_fn(|| queue.pop()).map(|chunk| chunk.len()).max(), Some(TOGETHER));
    }
}
