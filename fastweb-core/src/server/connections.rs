//! The connections of one worker: their deadlines, and how to wake them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use super::clock::Clock;

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
    free: Vec<usize>,
}

struct State {
    deadline: Cell<u32>,
    waker: RefCell<Option<Waker>>,
}

impl Connections {
    /// Adds a connection. It leaves when the entry is dropped.
    pub(crate) fn enter(self: &Rc<Self>) -> ConnectionEntry {
        let state = Rc::new(State { deadline: Cell::new(NEVER), waker: RefCell::default() });
        let mut slots = self.slots.borrow_mut();
        let at = slots.free.pop().unwrap_or_else(|| {
            slots.entries.push(None);
            slots.entries.len() - 1
        });
        slots.entries[at] = Some(state.clone());
        self.count.set(self.count.get() + 1);
        ConnectionEntry { state, at, connections: self.clone() }
    }

    pub(crate) fn count(&self) -> usize {
        self.count.get()
    }

    /// Wakes the connections whose deadline is over. Each looks at the clock itself and acts.
    pub(crate) fn wake_overdue(&self, clock: &Clock) {
        self.wake_where(|state| clock.is_over(state.deadline.get()));
    }

    /// Wakes all connections: something changed for all of them.
    pub(crate) fn wake_all(&self) {
        self.wake_where(|_| true);
    }

    fn wake_where(&self, matches: impl Fn(&State) -> bool) {
        let slots = self.slots.borrow();
        for state in slots.entries.iter().flatten().filter(|state| matches(state)) {
            if let Some(waker) = &*state.waker.borrow() {
                waker.wake_by_ref();
            }
        }
    }
}

/// A connection's place among those of its worker.
pub(crate) struct ConnectionEntry {
    state: Rc<State>,
    at: usize,
    connections: Rc<Connections>,
}

impl ConnectionEntry {
    /// The task that is woken when the deadline is over.
    pub(crate) fn set_waker(&self, waker: &Waker) {
        *self.state.waker.borrow_mut() = Some(waker.clone());
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
        slots.entries[self.at] = None;
        slots.free.push(self.at);
        self.connections.count.set(self.connections.count.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_reused() {
        let connections = Rc::new(Connections::default());
        let first = connections.enter();
        let second = connections.enter();
        assert_eq!((first.at, second.at, connections.count()), (0, 1, 2));
        drop(first);
        assert_eq!(connections.enter().at, 0);
        assert_eq!(connections.count(), 1);
    }
}
