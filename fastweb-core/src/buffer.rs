//! Read buffers: lent by the worker for the time of a wake-up, shared read-only with what was parsed from them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bytes::BytesMut;

/// Bytes read from a connection.
///
/// Zeroed once when it is made and then reused, so that reading into it needs no uninitialised memory. While a request, a
/// [`Text`](crate::Text) or a body refers to it through an `Rc` nobody writes to it: writing needs `Rc::get_mut`.
pub(crate) struct Buffer {
    bytes: Box<[u8]>,
    filled: usize,
}

impl Buffer {
    pub(crate) fn new(size: usize) -> Self {
        Self { bytes: vec![0; size].into_boxed_slice(), filled: 0 }
    }

    /// What another has, and no room for more.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.into(), filled: bytes.len() }
    }

    pub(crate) fn filled(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    /// From `start` on, with the part that is not filled: there is what an earlier use has left.
    pub(crate) fn bytes_from(&self, start: usize) -> &[u8] {
        &self.bytes[start..]
    }

    pub(crate) fn len(&self) -> usize {
        self.filled
    }

    pub(crate) fn room(&self) -> usize {
        self.bytes.len() - self.filled
    }

    /// The part that a read may fill; [`advance`](Self::advance) says how much it did.
    pub(crate) fn spare_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.filled..]
    }

    pub(crate) fn advance(&mut self, n: usize) {
        assert!(n <= self.room(), "a read filled more than the room it was given");
        self.filled += n;
    }

    pub(crate) fn clear(&mut self) {
        self.filled = 0;
    }

    /// Drops the first `n` bytes and moves the rest to the front.
    pub(crate) fn discard_front(&mut self, n: usize) {
        self.bytes.copy_within(n..self.filled, 0);
        self.filled -= n;
    }

    /// Appends what fits of `data` and says how much that was.
    pub(crate) fn append(&mut self, data: &[u8]) -> usize {
        let n = data.len().min(self.room());
        self.spare_mut()[..n].copy_from_slice(&data[..n]);
        self.filled += n;
        n
    }
}

/// Things of one kind that are lent and come back. The last one that came back waits in a place of its own, because it is nearly always
/// the next one that is asked for.
///
/// Each call borrows the pool for its own length only: code that runs between `take` and `put` may use the pool itself.
pub(crate) struct Pool<T> {
    last: Cell<Option<T>>,
    more: RefCell<Vec<T>>,
}

/// Things kept at hand per worker and kind. More than this only exist while that many connections are busy at once.
const KEPT: usize = 64;

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self { last: Cell::new(None), more: RefCell::default() }
    }
}

impl<T> Pool<T> {
    #[inline]
    pub(crate) fn take(&self) -> Option<T> {
        self.last.take().or_else(|| self.take_more())
    }

    #[cold]
    fn take_more(&self) -> Option<T> {
        self.more.borrow_mut().pop()
    }

    #[inline]
    pub(crate) fn put(&self, thing: T) {
        if let Some(before) = self.last.replace(Some(thing)) {
            self.put_more(before);
        }
    }

    #[cold]
    fn put_more(&self, thing: T) {
        let mut more = self.more.borrow_mut();
        if more.len() < KEPT {
            more.push(thing);
        }
    }
}

/// Read and write buffers of one worker that no connection holds at the moment.
pub(crate) struct BufferPool {
    size: usize,
    read: Pool<Rc<Buffer>>,
    write: Pool<Vec<u8>>,
    /// What was read into it may still be in use: it is written to only where it is not.
    body: Cell<BytesMut>,
}

/// The most that is read at once of a body that does not lie in the buffer of its head. Less is more system calls. A little less than the 64 KiB that
/// are written at once: what came in chunks fits, and is sent on in one write.
const BODY_READ: usize = 64 * 1024 - 512;

/// A write buffer that grew beyond this is given back to the allocator, so that memory returns after a peak.
const WRITE_KEPT_CAPACITY: usize = 64 * 1024;

impl BufferPool {
    pub(crate) fn new(size: usize) -> Self {
        Self { size, read: Pool::default(), write: Pool::default(), body: Cell::default() }
    }

    /// An empty buffer that nobody else refers to.
    #[inline]
    pub(crate) fn take_read(&self) -> Rc<Buffer> {
        self.read.take().unwrap_or_else(|| Rc::new(Buffer::new(self.size)))
    }

    /// An empty buffer that holds at least `n` bytes. One that is larger than the others is not kept when it comes back.
    pub(crate) fn take_read_for(&self, n: usize) -> Rc<Buffer> {
        if n <= self.size { self.take_read() } else { Rc::new(Buffer::new(n)) }
    }

    /// Room to read a part of a large body into.
    pub(crate) fn take_body(&self) -> BytesMut {
        let mut buffer = self.body.take();
        buffer.clear();
        // Mostly whoever had the last part has let it go, and the same memory is used again.
        if buffer.capacity() < BODY_READ && !buffer.try_reclaim(BODY_READ) && buffer.capacity() < BODY_READ / 4 {
            buffer = BytesMut::with_capacity(BODY_READ);
        }
        buffer
    }

    pub(crate) fn put_body(&self, buffer: BytesMut) {
        self.body.set(buffer);
    }

    /// Whether so many bytes that stay for long are worth a buffer of their own, so that the large one comes back.
    pub(crate) fn is_little(&self, n: usize) -> bool {
        n <= self.size / 4
    }

    /// Takes a buffer back if nobody refers to it any more and it is one of its own; otherwise its last holder frees it.
    #[inline]
    pub(crate) fn put_read(&self, mut buffer: Rc<Buffer>) {
        if let Some(unshared) = Rc::get_mut(&mut buffer).filter(|buffer| buffer.bytes.len() == self.size) {
            unshared.clear();
            self.read.put(buffer);
        }
    }

    #[inline]
    pub(crate) fn take_write(&self) -> Vec<u8> {
        self.write.take().unwrap_or_else(|| Vec::with_capacity(4096))
    }

    #[inline]
    pub(crate) fn put_write(&self, mut buffer: Vec<u8>) {
        if buffer.capacity() <= WRITE_KEPT_CAPACITY {
            buffer.clear();
            self.write.put(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_buffer_is_never_reused() {
        let pool = BufferPool::new(64);
        let mut buffer = pool.take_read();
        Rc::get_mut(&mut buffer).expect("unshared").append(b"held");
        let held = buffer.clone();
        pool.put_read(buffer);
        let next = pool.take_read();
        assert!(!Rc::ptr_eq(&held, &next));
        assert_eq!(held.filled(), b"held");
    }

    #[test]
    fn an_unshared_buffer_comes_back_empty() {
        let pool = BufferPool::new(64);
        let mut buffer = pool.take_read();
        Rc::get_mut(&mut buffer).expect("unshared").append(b"x");
        let before = Rc::as_ptr(&buffer);
        pool.put_read(buffer);
        let again = pool.take_read();
        assert_eq!(Rc::as_ptr(&again), before);
        assert_eq!(again.len(), 0);
    }

    #[test]
    fn a_buffer_of_another_size_is_not_kept() {
        let pool = BufferPool::new(64);
        for size in [63, 65] {
            pool.put_read(Rc::new(Buffer::new(size)));
            assert_eq!(pool.take_read().room(), 64);
        }
        pool.put_read(Rc::new(Buffer::of(b"")));
        assert_eq!(pool.take_read().room(), 64);
    }

    #[test]
    fn append_takes_what_fits_and_discard_moves_the_rest() {
        let mut buffer = Buffer::new(4);
        assert_eq!(buffer.append(b"abcdef"), 4);
        buffer.discard_front(3);
        assert_eq!(buffer.filled(), b"d");
        assert_eq!(buffer.room(), 3);
    }
}
