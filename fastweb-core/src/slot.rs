//! The memory in which a connection runs the futures of handlers and hooks, one after the other, without allocating each time.
//!
//! `Box::pin` would be one allocation per asynchronous handler and hook and request (11 to 18 ns, 2026-11). A slot keeps the
//! memory of the last future and puts the next one into it; it grows to the largest future that it has seen. Futures need not
//! be `Send` and may borrow from the request.
//!
//! This is one of the crate's modules with `unsafe` code. What it rests on:
//! - [`Slot::put`] *takes* the memory out of the slot. Whoever forgets the returned [`InSlot`] leaks the memory; it is never
//!   reused under a future that is still pinned in it.
//! - [`InSlot`] borrows the slot mutably for as long as it lives, so there is one future per slot at a time.

#![allow(unsafe_code)]

use std::alloc::{self, Layout};
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::ptr::{self, NonNull};
use std::task::{Context, Poll, Waker};

/// Reusable memory for one future at a time.
#[derive(Default)]
pub struct Slot {
    memory: Option<Memory>,
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.memory.as_ref().map_or(0, |m| m.layout.size());
        f.debug_struct("Slot").field("size", &size).finish()
    }
}

/// What a handler or hook answered: a value at once, or a future that gives it.
#[derive(Debug)]
pub enum Called<'a, T> {
    /// It was synchronous.
    Done(T),
    /// It is to be awaited.
    Pending(InSlot<'a, T>),
}

impl Slot {
    /// Memory of this size is made at first, so that small futures of different routes do not make it grow step by step.
    const SMALLEST: usize = 512;
    const ALIGN: usize = 16;

    /// An empty slot; it allocates with the first future.
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves `future` into the slot's memory, pinned there until the returned handle is dropped.
    pub fn put<'s, T, F>(&'s mut self, future: F) -> InSlot<'s, T>
    where
        F: Future<Output = T> + 's,
    {
        let wanted = Layout::new::<F>();
        let memory = match self.memory.take() {
            Some(memory) if memory.fits(wanted) => memory,
            _ => Memory::new(wanted),
        };
        let place = memory.start.cast::<F>();
        // SAFETY: `memory` is allocated with at least the size and alignment of `F` (`fits`, `new`) and is owned by this
        // function: nothing else refers to it, so writing an `F` there overwrites nothing that is alive.
        unsafe { place.as_ptr().write(future) };
        let future: NonNull<dyn Future<Output = T> + 's> = place;
        InSlot { slot: self, memory: ManuallyDrop::new(memory), future, _owns: PhantomData }
    }
}

impl Slot {
    /// Puts `future` into the slot and polls it once. Most handlers and hooks are ready then, and nothing has to be handed on.
    ///
    /// The poll's waker wakes nobody: who gets a pending future awaits it, and so polls it again with the right one.
    #[inline]
    pub fn begin<'s, T, F>(&'s mut self, future: F) -> Called<'s, T>
    where
        F: Future<Output = T> + 's,
    {
        let mut placed = self.put(future);
        match Pin::new(&mut placed).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => Called::Done(value),
            Poll::Pending => Called::Pending(placed),
        }
    }
}

/// A future that lives in a [`Slot`]. Dropping it drops the future and gives the memory back to the slot.
#[must_use = "futures do nothing unless polled"]
pub struct InSlot<'s, T> {
    slot: &'s mut Slot,
    memory: ManuallyDrop<Memory>,
    future: NonNull<dyn Future<Output = T> + 's>,
    _owns: PhantomData<dyn Future<Output = T> + 's>,
}

// The future is in heap memory of its own: moving the handle does not move it.
impl<T> Unpin for InSlot<'_, T> {}

impl<T> fmt::Debug for InSlot<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InSlot").finish_non_exhaustive()
    }
}

impl<T> Future for InSlot<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        // SAFETY: `future` points to the live future that `put` wrote; only `drop` ends it. It is never moved: the memory is
        // heap memory that stays where it is while `self` moves, so pinning it is sound. `&mut self` makes this the only
        // reference to it.
        unsafe { Pin::new_unchecked(self.future.as_mut()) }.poll(cx)
    }
}

impl<T> Drop for InSlot<'_, T> {
    fn drop(&mut self) {
        // SAFETY: `memory` is taken out once, here, and `self` is not used as a whole afterwards.
        let memory = unsafe { ManuallyDrop::take(&mut self.memory) };
        // SAFETY: the future is alive and pinned; it is dropped in place once and never touched again. If its destructor
        // panics, `memory` is freed by unwinding and the slot is left empty.
        unsafe { ptr::drop_in_place(self.future.as_ptr()) };
        self.slot.memory = Some(memory);
    }
}

struct Memory {
    start: NonNull<u8>,
    layout: Layout,
}

impl Memory {
    fn new(wanted: Layout) -> Self {
        let size = wanted.size().next_power_of_two().max(Slot::SMALLEST);
        let align = wanted.align().max(Slot::ALIGN);
        let layout = Layout::from_size_align(size, align).unwrap_or(wanted);
        // SAFETY: the size is at least `SMALLEST`, so not zero (and where that layout does not exist `wanted` is far larger).
        let start = unsafe { alloc::alloc(layout) };
        match NonNull::new(start) {
            Some(start) => Self { start, layout },
            None => alloc::handle_alloc_error(layout),
        }
    }

    fn fits(&self, wanted: Layout) -> bool {
        wanted.size() <= self.layout.size() && wanted.align() <= self.layout.align()
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: `start` came from `alloc` with this very layout and is freed once.
        unsafe { alloc::dealloc(self.start.as_ptr(), self.layout) };
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::rc::Rc;

    use super::*;

    fn poll_once<T>(future: &mut InSlot<'_, T>) -> Poll<T> {
        Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    struct Counted(Rc<Cell<u32>>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }

    #[test]
    fn memory_is_reused_and_grows() {
        let mut slot = Slot::new();
        let mut small = slot.put(async { 1 });
        assert_eq!(poll_once(&mut small), Poll::Ready(1));
        drop(small);
        let first = slot.memory.as_ref().map(|m| m.start);
        let mut second = slot.put(async { "two" });
        assert_eq!(poll_once(&mut second), Poll::Ready("two"));
        drop(second);
        assert_eq!(slot.memory.as_ref().map(|m| m.start), first);
        let large = [7_u8; 5000];
        let mut third = slot.put(async move {
            std::future::ready(()).await;
            large.iter().map(|&b| u32::from(b)).sum::<u32>()
        });
        assert_eq!(poll_once(&mut third), Poll::Ready(35_000));
        drop(third);
        assert!(slot.memory.as_ref().is_some_and(|m| m.layout.size() >= 5000));
    }

    #[test]
    fn futures_may_borrow_and_are_dropped_once() {
        let drops = Rc::new(Cell::new(0));
        let mut slot = Slot::new();
        let mut borrowed = String::from("a");
        let counted = Counted(drops.clone());
        let mut future = slot.put(async {
            let _counted = counted;
            borrowed.push('b');
            std::future::pending::<()>().await;
        });
        assert!(poll_once(&mut future).is_pending());
        assert_eq!(drops.get(), 0);
        drop(future);
        assert_eq!(drops.get(), 1);
        assert_eq!(borrowed, "ab");
    }

    #[test]
    fn a_forgotten_future_leaks_its_memory_and_the_slot_goes_on() {
        let mut slot = Slot::new();
        let future = slot.put(async { 1 });
        #[allow(clippy::mem_forget)]
        std::mem::forget(future);
        assert!(slot.memory.is_none());
        let mut next = slot.put(async { 2 });
        assert_eq!(poll_once(&mut next), Poll::Ready(2));
    }

    #[test]
    fn a_panic_in_poll_or_drop_leaves_the_slot_usable() {
        struct PanicsInDrop;
        impl Drop for PanicsInDrop {
            fn drop(&mut self) {
                panic!("in drop");
            }
        }
        let mut slot = Slot::new();
        let mut polled = slot.put(async { panic!("in poll") });
        assert!(catch_unwind(AssertUnwindSafe(|| poll_once::<()>(&mut polled))).is_err());
        drop(polled);
        let bomb = PanicsInDrop;
        let dropped = slot.put(async move {
            let _bomb = bomb;
        });
        assert!(catch_unwind(AssertUnwindSafe(|| drop(dropped))).is_err());
        let mut next = slot.put(async { 3 });
        assert_eq!(poll_once(&mut next), Poll::Ready(3));
    }

    #[test]
    fn wide_alignment_and_empty_futures_are_placed_rightly() {
        #[repr(align(128))]
        struct Wide(u8);
        let mut slot = Slot::new();
        let wide = Wide(9);
        let mut future = slot.put(async move {
            let wide = wide;
            let address = &raw const wide as usize;
            std::future::ready(()).await;
            (address % 128, wide.0)
        });
        assert_eq!(poll_once(&mut future), Poll::Ready((0, 9)));
        drop(future);
        let mut ready = slot.put(std::future::ready(()));
        assert_eq!(poll_once(&mut ready), Poll::Ready(()));
    }
}
