//! The last messages of one topic, and who waits for the next.
//!
//! Subscribers of one worker are woken by one of them: waking a task from another thread writes to that worker's event queue, waking it from its own
//! thread pushes to a list.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::ThreadId;

use super::Handle;
use crate::plugins::websocket::message::Frame;

pub(super) struct Ring {
    name: Arc<str>,
    capacity: usize,
    history: usize,
    closes: bool,
    /// The number of the next message; changed under the lock alone.
    end: AtomicU64,
    pub(super) missed: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The last messages.
    frames: VecDeque<Frame>,
    groups: HashMap<ThreadId, Group>,
    subscribers: usize,
    next_id: u64,
}

/// The subscribers of one worker.
#[derive(Default)]
struct Group {
    /// Those that wait for the next message.
    waiting: HashMap<u64, Waker>,
    /// Those that have no room and are closed when they are too far behind.
    watching: HashMap<u64, Waker>,
    /// Those that one of them, which is woken, will wake.
    relayed: Vec<Waker>,
    members: usize,
}

impl Ring {
    pub(super) fn new(name: Arc<str>, capacity: usize, history: usize, closes: bool) -> Self {
        Self {
            name,
            capacity,
            history,
            closes,
            end: AtomicU64::new(0),
            missed: AtomicU64::new(0),
            state: Mutex::default(),
        }
    }

    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(super) fn has_history(&self) -> bool {
        self.history > 0
    }

    pub(super) fn subscribers(&self) -> usize {
        self.lock().subscribers
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn publish(&self, frame: Frame) -> usize {
        let here = std::thread::current().id();
        let mut woken = Vec::new();
        let mut locked = self.lock();
        let state = &mut *locked;
        // Where all wait for this one, nobody needs those before it.
        let all_wait = state.groups.values().map(|group| group.waiting.len()).sum::<usize>() == state.subscribers;
        let kept = if all_wait { self.history } else { self.capacity };
        state.frames.push_back(frame);
        while state.frames.len() > kept.max(1) {
            state.frames.pop_front();
        }
        if state.subscribers == 0 && self.history == 0 {
            state.frames.clear();
        }
        self.end.fetch_add(1, Ordering::Release);
        for (thread, group) in &mut state.groups {
            let mut waiting = group.waiting.drain().chain(group.watching.drain()).map(|(_, waker)| waker);
            if *thread == here {
                woken.extend(waiting);
            } else if let Some(first) = waiting.next() {
                woken.push(first);
                group.relayed.extend(waiting);
            }
        }
        let subscribers = state.subscribers;
        // Whoever is woken takes the lock first of all.
        drop(locked);
        woken.into_iter().for_each(Waker::wake);
        subscribers
    }
}

/// What a subscriber gets.
#[derive(Debug)]
pub(in super::super) enum Delivery {
    Frame(Frame),
    /// Messages were left out, because the subscriber was too slow.
    Missed {
        closes: bool,
    },
}

/// A subscriber's place in a topic. It stays on the thread that made it.
pub(in super::super) struct Subscription {
    handle: Handle,
    id: u64,
    thread: ThreadId,
    /// The number of the next message that it gets.
    next: u64,
    /// It waits for the message with this number, and is among those that wait.
    armed: Option<u64>,
}

impl Subscription {
    pub(super) fn new(handle: Handle) -> Self {
        let thread = std::thread::current().id();
        let ring = &handle.ring;
        let mut state = ring.lock();
        state.subscribers += 1;
        state.next_id += 1;
        let id = state.next_id;
        state.groups.entry(thread).or_default().members += 1;
        let history = ring.history.min(state.frames.len()) as u64;
        let next = ring.end.load(Ordering::Relaxed) - history;
        drop(state);
        Self { handle, id, thread, next, armed: None }
    }

    pub(in super::super) fn name(&self) -> &str {
        self.handle.ring.name()
    }

    /// The next message, where there is `room` for it. Without room it wakes those that wait for it to do so, says
    /// whether it is too far behind to stay, and is to be asked again when there is some.
    pub(in super::super) fn poll_next(&mut self, cx: &Context<'_>, room: bool) -> Poll<Delivery> {
        let ring = &self.handle.ring;
        if self.armed == Some(ring.end.load(Ordering::Acquire)) {
            return Poll::Pending;
        }
        let mut state = ring.lock();
        let end = ring.end.load(Ordering::Relaxed);
        let relayed = state.groups.get_mut(&self.thread).map(|group| std::mem::take(&mut group.relayed));
        let first = end - state.frames.len() as u64;
        let is_behind = self.next < first;
        let delivery = if !room && (!is_behind || !ring.closes) {
            if ring.closes {
                let group = state.groups.entry(self.thread).or_default();
                group.watching.insert(self.id, cx.waker().clone());
            }
            Poll::Pending
        } else if is_behind {
            ring.missed.fetch_add(first - self.next, Ordering::Relaxed);
            self.next = first;
            Poll::Ready(Delivery::Missed { closes: ring.closes })
        } else if let Some(frame) = state.frames.get((self.next - first) as usize) {
            self.next += 1;
            Poll::Ready(Delivery::Frame(frame.clone()))
        } else {
            let group = state.groups.entry(self.thread).or_default();
            group.waiting.insert(self.id, cx.waker().clone());
            self.armed = Some(end);
            Poll::Pending
        };
        drop(state);
        relayed.into_iter().flatten().for_each(Waker::wake);
        delivery
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut state = self.handle.ring.lock();
        state.subscribers -= 1;
        let mut relayed = Vec::new();
        if let Some(group) = state.groups.get_mut(&self.thread) {
            group.waiting.remove(&self.id);
            group.watching.remove(&self.id);
            group.members -= 1;
            // It may have been the one to wake the others.
            relayed = std::mem::take(&mut group.relayed);
            if group.members == 0 {
                state.groups.remove(&self.thread);
            }
        }
        if state.subscribers == 0 {
            let kept = self.handle.ring.history;
            while state.frames.len() > kept {
                state.frames.pop_front();
            }
        }
        drop(state);
        relayed.into_iter().for_each(Waker::wake);
    }
}
