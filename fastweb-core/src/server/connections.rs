//! The connections of one worker: their deadlines, and how to wake them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use super::clock::Clock;

/// Connections that are woken by the clock before others run. Closing one is some 10 µs (2026-11).
const WOKEN_AT_ONCE: usize = 16;
/// Connections that are looked at before others run.
const LOOKED_AT_AT_ONCE: usize = 1024;

/// No deadline.
const NEVER: u32 = u32::MAX;

#[derive(Default)]
pub(crate) struct Connections {
    slots: RefCell<Slots>,
    count: Cell<usize>,
}

#[derive(Default)]
struct Slots {
    entries: Vec<Option<Rc<State>>>,
    free: Vec<u32>,
}

struct State {
    /// Its place.
    at: u32,
    deadline: Cell<u32>,
    waker: Cell<Option<Waker>>,
}

impl Connections {
    /// Adds a connection. It leaves when the entry is dropped.
    pub(crate) fn enter(self: &Rc<Self>) -> ConnectionEntry {
        let mut slots = self.slots.borrow_mut();
        let at = slots.free.pop().unwrap_or_else(|| {
            slots.entries.push(None);
            slots.entries.len() as u32 - 1
        });
        let state = Rc::new(State { at, deadline: Cell::new(NEVER), waker: Cell::default() });
        slots.entries[at as usize] = Some(state.clone());
        self.count.set(self.count.get() + 1);
        ConnectionEntry { state, connections: self.clone() }
    }

    pub(crate) fn count(&self) -> usize {
        self.count.get()
    }

    /// Wakes connections whose deadline is over, beginning with the place `from`. Each looks at the clock itself and acts. Gives the place to go
    /// on with, where others of the worker should run before: what thousands of them do at once, one that is served would wait for.
    pub(crate) fn wake_overdue(&self, clock: &Clock, from: usize) -> Option<usize> {
        let slots = self.slots.borrow();
        let mut woken = 0;
        for (at, entry) in slots.entries.iter().enumerate().skip(from) {
            if woken == WOKEN_AT_ONCE || at == from + LOOKED_AT_AT_ONCE {
                return Some(at);
            }
            if let Some(state) = entry.as_ref().filter(|state| clock.is_over(state.deadline.get())) {
                state.wake();
                woken += 1;
            }
        }
        None
    }

    /// Wakes all connections: something changed for all of them.
    pub(crate) fn wake_all(&self) {
        self.slots.borrow().entries.iter().flatten().for_each(|state| state.wake());
    }
}

impl State {
    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake_by_ref();
            self.waker.set(Some(waker));
        }
    }
}

/// A connection's place among those of its worker.
pub(crate) struct ConnectionEntry {
    state: Rc<State>,
    connections: Rc<Connections>,
}

impl ConnectionEntry {
    /// The task that is woken when the deadline is over. Mostly that is the one which was told before.
    #[inline]
    pub(crate) fn set_waker(&self, waker: &Waker) {
        let known = self.state.waker.take().filter(|known| known.will_wake(waker));
        self.state.waker.set(Some(known.unwrap_or_else(|| waker.clone())));
    }

    /// Nobody is woken any more. A waker holds the memory of its task.
    pub(crate) fn forget_waker(&self) {
        self.state.waker.set(None);
    }

    #[inline]
    pub(crate) fn deadline(&self) -> u32 {
        self.state.deadline.get()
    }

    pub(crate) fn set_deadline(&self, deadline: u32) {
        self.state.deadline.set(deadline);
    }

    pub(crate) fn clear_deadline(&self) {
        self.state.deadline.set(NEVER);
    }
}

impl Drop for ConnectionEntry {
    fn drop(&mut self) {
        let mut slots = self.connections.slots.borrow_mut();
        slots.entries[self.state.at as usize] = None;
        slots.free.push(self.state.at);
        self.connections.count.set(self.connections.count.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_are_overdue_are_woken_few_at_a_time() {
        struct Count(std::sync::atomic::AtomicUsize);

        impl std::task::Wake for Count {
            fn wake(self: std::sync::Arc<Self>) {
                self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        }

        let count = std::sync::Arc::new(Count(std::sync::atomic::AtomicUsize::new(0)));
        let woken = || count.0.load(std::sync::atomic::Ordering::Relaxed);
        let (connections, clock) = (Rc::new(Connections::default()), Clock::new(b""));
        let entries: Vec<_> = (0..3000).map(|_| connections.enter()).collect();
        for (at, entry) in entries.iter().enumerate() {
            entry.set_waker(&Waker::from(count.clone()));
            // None of the second thousand.
            if at % 3 == 0 && at / 1000 != 1 {
                entry.set_deadline(0);
            }
        }
        let (mut from, mut before) = (0, 0);
        while let Some(next) = connections.wake_overdue(&clock, from) {
            assert!(next > from && next - from <= LOOKED_AT_AT_ONCE, "from {from} to {next}");
            assert!(woken() - before <= WOKEN_AT_ONCE);
            (from, before) = (next, woken());
        }
        assert_eq!(woken(), 667);
        connections.wake_all();
        assert_eq!(woken(), 3667);
    }

    #[test]
    fn places_are_reused() {
        let connections = Rc::new(Connections::default());
        let first = connections.enter();
        let second = connections.enter();
        assert_eq!((first.state.at, second.state.at, connections.count()), (0, 1, 2));
        drop(first);
        assert_eq!(connections.enter().state.at, 0);
        assert_eq!(connections.count(), 1);
    }
}
