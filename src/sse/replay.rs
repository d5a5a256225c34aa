//! The last events of a topic, in the order of their numbers, and who waits for the next.

use std::collections::VecDeque;
use std::task::Waker;

use fastweb_core::Bytes;

/// Frames that are given at a time to who is behind.
const TOGETHER: usize = 16 * 1024;

/// What is kept, and who waits. Numbers begin at 1 and have no gaps.
pub(super) struct Replay {
    frames: VecDeque<Frame>,
    /// The number of the next event.
    next: u64,
    /// Of the frames.
    bytes: usize,
    most_events: usize,
    most_bytes: usize,
    waiting: Vec<Place>,
    /// The first place of those that nobody has.
    free: Option<usize>,
    subscribers: usize,
    pub(super) is_closed: bool,
    /// Memory for those that are woken, from time to time.
    woken: Vec<Waker>,
}

struct Frame {
    bytes: Bytes,
    /// Where it was given one by who has published it.
    own_id: Option<Box<str>>,
}

enum Place {
    /// With the next one that is free.
    Free(Option<usize>),
    Busy,
    Waiting(Waker),
}

/// What there is for a subscriber that has all events before a number.
pub(super) enum Next {
    /// Frames, and the number behind them.
    Frames(Bytes, u64),
    /// Those before this number are gone.
    Gone(u64),
    Nothing,
}

impl Replay {
    pub(super) fn new(most_events: usize, most_bytes: usize) -> Self {
        Self {
            frames: VecDeque::new(),
            next: 1,
            bytes: 0,
            most_events,
            most_bytes,
            waiting: Vec::new(),
            free: None,
            subscribers: 0,
            is_closed: false,
            woken: Vec::new(),
        }
    }

    pub(super) fn keep(&mut self, events: usize, bytes: usize) {
        (self.most_events, self.most_bytes) = (events, bytes);
        self.forget();
    }

    /// The number of the next event.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// The number of the first event that is there, or of the next one.
    pub(super) fn first(&self) -> u64 {
        self.next - self.frames.len() as u64
    }

    pub(super) fn subscribers(&self) -> usize {
        self.subscribers
    }

    pub(super) fn push(&mut self, bytes: Bytes, own_id: Option<Box<str>>) {
        self.bytes += bytes.len();
        self.frames.push_back(Frame { bytes, own_id });
        self.next += 1;
        self.forget();
    }

    /// Lets go of what is too much. The last event stays, however large: subscribers get it from here.
    fn forget(&mut self) {
        while self.frames.len() > 1 && (self.frames.len() > self.most_events || self.bytes > self.most_bytes) {
            if let Some(frame) = self.frames.pop_front() {
                self.bytes -= frame.bytes.len();
            }
        }
    }

    /// The number of the last event with an id that was given to it.
    pub(super) fn number_of(&self, id: &str) -> Option<u64> {
        let at = self.frames.iter().rposition(|frame| frame.own_id.as_deref() == Some(id))?;
        Some(self.first() + at as u64)
    }

    /// What there is from `number` on. One event is given as the bytes that all subscribers share; several are put together.
    pub(super) fn from(&self, number: u64) -> Next {
        if number < self.first() {
            return Next::Gone(self.first());
        }
        let at = usize::try_from(number - self.first()).unwrap_or(usize::MAX);
        let mut frames = self.frames.iter().skip(at).map(|frame| &frame.bytes);
        let Some(one) = frames.next() else { return Next::Nothing };
        if at + 1 == self.frames.len() || one.len() >= TOGETHER {
            return Next::Frames(one.clone(), number + 1);
        }
        let (mut together, mut next) = (one.to_vec(), number + 1);
        for frame in frames {
            if together.len() + frame.len() > TOGETHER {
                break;
            }
            together.extend_from_slice(frame);
            next += 1;
        }
        Next::Frames(together.into(), next)
    }

    /// A place among those who wait.
    pub(super) fn enter(&mut self) -> usize {
        self.subscribers += 1;
        let place = self.free.unwrap_or(self.waiting.len());
        match self.waiting.get_mut(place) {
            Some(free) => {
                if let Place::Free(next) = std::mem::replace(free, Place::Busy) {
                    self.free = next;
                }
            }
            None => self.waiting.push(Place::Busy),
        }
        place
    }

    pub(super) fn wait(&mut self, place: usize, waker: &Waker) {
        if let Some(there) = self.waiting.get_mut(place)
            && !matches!(there, Place::Waiting(known) if known.will_wake(waker))
        {
            *there = Place::Waiting(waker.clone());
        }
    }

    pub(super) fn leave(&mut self, place: usize) {
        if let Some(there) = self.waiting.get_mut(place) {
            *there = Place::Free(self.free);
            self.free = Some(place);
            self.subscribers -= 1;
        }
        if self.subscribers == 0 {
            // As large as it was once, it would stay for ever.
            (self.waiting, self.free, self.woken) = (Vec::new(), None, Vec::new());
        }
    }

    /// Takes those who wait, to be woken when nothing is locked. The list comes back by [`put_back`](Self::put_back).
    pub(super) fn take_waiting(&mut self) -> Vec<Waker> {
        let mut woken = std::mem::take(&mut self.woken);
        for place in &mut self.waiting {
            if matches!(place, Place::Waiting(_))
                && let Place::Waiting(waker) = std::mem::replace(place, Place::Busy)
            {
                woken.push(waker);
            }
        }
        woken
    }

    pub(super) fn put_back(&mut self, woken: Vec<Waker>) {
        if self.subscribers > 0 && woken.capacity() > self.woken.capacity() {
            self.woken = woken;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a subscriber gets that asks again and again from `number` on, and the number that it is at then.
    fn read(replay: &Replay, mut number: u64) -> (String, u64) {
        let mut all = Vec::new();
        loop {
            match replay.from(number) {
                Next::Frames(bytes, next) => {
                    assert!(next > number && bytes.len() <= TOGETHER.max(bytes.len()));
                    all.extend_from_slice(&bytes);
                    number = next;
                }
                Next::Gone(first) => {
                    assert!(first > number);
                    number = first;
                }
                Next::Nothing => return (String::from_utf8(all).expect("text"), number),
            }
        }
    }

    proptest::proptest! {
        /// Against a list that forgets nothing.
        #[test]
        fn it_is_the_end_of_all_that_was_published(
            lens in proptest::collection::vec(0_usize..9000, 0..60),
            most_events in 0_usize..20,
            most_bytes in 0_usize..40_000,
            from in 1_u64..70,
        ) {
            let mut replay = Replay::new(most_events, most_bytes);
            let all: Vec<String> = lens.iter().enumerate().map(|(n, len)| format!("{n}{};", ".".repeat(*len))).collect();
            for text in &all {
                replay.push(Bytes::from(text.clone()), None);
            }
            let kept = &all[all.len() - replay.frames.len()..];
            let bytes: usize = kept.iter().map(String::len).sum();
            proptest::prop_assert_eq!(bytes, replay.bytes);
            proptest::prop_assert!(kept.len() <= 1 || (kept.len() <= most_events && bytes <= most_bytes));
            // It does not forget what it has room for.
            if let Some(before) = (all.len() - kept.len()).checked_sub(1) {
                proptest::prop_assert!(kept.len() + 1 > most_events || bytes + all[before].len() > most_bytes);
            }
            let from = from.min(replay.next());
            let at = (from as usize - 1).max(all.len() - kept.len()).min(all.len());
            proptest::prop_assert_eq!(read(&replay, from), (all[at..].concat(), replay.next()));
        }
    }

    #[test]
    fn one_event_is_the_same_bytes_for_all() {
        let mut replay = Replay::new(10, 1000);
        let bytes = Bytes::from_static(b"x");
        replay.push(bytes.clone(), None);
        let Next::Frames(given, 2) = replay.from(1) else { panic!("it is there") };
        assert_eq!(given.as_ptr(), bytes.as_ptr());
    }

    #[test]
    fn places_are_used_again_and_freed_with_the_last_one() {
        let mut replay = Replay::new(10, 1000);
        let places: Vec<_> = (0..3).map(|_| replay.enter()).collect();
        assert_eq!(places, [0, 1, 2]);
        replay.wait(1, Waker::noop());
        replay.wait(2, Waker::noop());
        replay.leave(1);
        assert_eq!((replay.take_waiting().len(), replay.take_waiting().len()), (1, 0));
        assert_eq!((replay.enter(), replay.enter()), (1, 3));
        assert_eq!(replay.subscribers(), 4);
        (0..4).for_each(|place| replay.leave(place));
        assert_eq!((replay.subscribers(), replay.waiting.len()), (0, 0));
    }

    #[test]
    fn an_id_of_its_own_is_that_of_the_last_event_with_it() {
        let mut replay = Replay::new(3, 1000);
        for id in ["a", "b", "a", "c"] {
            replay.push(Bytes::from(id), Some(id.into()));
        }
        assert_eq!(["a", "b", "c", "d"].map(|id| replay.number_of(id)), [Some(3), Some(2), Some(4), None]);
    }
}
