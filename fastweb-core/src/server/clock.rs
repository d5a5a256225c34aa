//! A coarse clock per worker: deadlines in ticks, and the end of every head, with its `date`.
//!
//! A timer per request would cost 289 ns and an allocation; storing a deadline costs 0.6 ns (2026-11). One sweep per tick finds the
//! connections whose deadline is over.

use std::cell::{Cell, Ref, RefCell};
use std::io::Write;
use std::time::{Duration, Instant, SystemTime};

/// How exact deadlines are.
pub(crate) const TICK: Duration = Duration::from_millis(250);

/// A time in ticks: converted once, used per request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticks(u32);

impl Ticks {
    /// The whole ticks that are never shorter than `time`, counted from somewhere within the current one.
    pub(crate) fn of(time: Duration) -> Self {
        let ticks = time.as_millis().div_ceil(TICK.as_millis());
        Self(u32::try_from(ticks).unwrap_or(u32::MAX).saturating_add(1))
    }
}

#[derive(Debug)]
pub(crate) struct Clock {
    started: Cell<Instant>,
    /// Ticks since `started`.
    now: Cell<u32>,
    second: Cell<u64>,
    /// What every head ends with, from the end of the line before: `server: …`, `date: …` (RFC 9110, 5.6.7) and the empty line.
    tail: RefCell<Vec<u8>>,
    /// Where in it the date begins.
    date_at: usize,
}

impl Clock {
    /// A clock whose heads end with `server` before the date.
    pub(crate) fn new(server: &[u8]) -> Self {
        let clock = Self {
            started: Cell::new(Instant::now()),
            now: Cell::new(0),
            second: Cell::new(u64::MAX),
            tail: RefCell::new(server.to_vec()),
            date_at: server.len(),
        };
        clock.tick();
        clock
    }

    /// Says that the clock is brought up to date from now on, once per tick, and ticks half-way between. Somebody who is called a little
    /// early or late then still finds the clock one tick further each time; at the edge of a tick, deadlines would be a whole one early.
    pub(crate) fn align(&self) {
        self.tick();
        let shown = TICK * self.now.get() + TICK / 2;
        if let Some(started) = Instant::now().checked_sub(shown) {
            self.started.set(started);
        }
    }

    /// Brings the clock up to date.
    pub(crate) fn tick(&self) {
        let ticks = self.started.get().elapsed().as_millis() / TICK.as_millis();
        self.now.set(u32::try_from(ticks).unwrap_or(u32::MAX - 1));
        let now = SystemTime::now();
        let second = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_secs());
        if self.second.replace(second) != second {
            let mut tail = self.tail.borrow_mut();
            tail.truncate(self.date_at);
            // Into memory that is there: the first request of a second allocates as little as the others.
            let written = write!(tail, "\r\ndate: {}\r\n\r\n", httpdate::HttpDate::from(now));
            debug_assert!(written.is_ok(), "a vector takes all that is written");
        }
    }

    /// The tick at which `time` from now is over: not early, and at most one tick late, as far as the clock is brought up to date in time. What
    /// delays that, delays this, or ends it as much too early: milliseconds, on a machine that is not out of breath.
    pub(crate) fn deadline(&self, time: Ticks) -> u32 {
        self.now.get().saturating_add(time.0)
    }

    /// Ticks since it started.
    pub(crate) fn now(&self) -> u32 {
        self.now.get()
    }

    #[cfg(test)]
    pub(crate) fn set(&self, now: u32) {
        self.now.set(now);
    }

    /// The tick that comes next.
    pub(crate) fn next_tick(&self) -> u32 {
        self.now.get().saturating_add(1)
    }

    pub(crate) fn is_over(&self, deadline: u32) -> bool {
        self.now.get() >= deadline
    }

    /// What every head ends with, in the current second.
    pub(crate) fn tail(&self) -> Ref<'_, [u8]> {
        Ref::map(self.tail.borrow(), Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_are_whole_ticks_and_never_early() {
        let clock = Clock::new(b"");
        let deadline = |time| clock.deadline(Ticks::of(time));
        assert_eq!(deadline(Duration::ZERO), 1);
        assert_eq!(deadline(Duration::from_millis(250)), 2);
        assert_eq!(deadline(Duration::from_millis(251)), 3);
        assert_eq!(deadline(Duration::MAX), u32::MAX);
        assert!(!clock.is_over(1));
        clock.now.set(1);
        assert!(clock.is_over(1));
    }

    #[test]
    fn aligned_ticks_are_told_apart_in_spite_of_jitter() {
        let clock = Clock::new(b"");
        clock.now.set(7);
        clock.align();
        let at = clock.now();
        for (milliseconds, ticks) in [(0, 0), (100, 0), (150, 1), (250, 1), (350, 1), (400, 2), (500, 2)] {
            let began = clock.started.get();
            // As if so much time had passed. The test itself takes some.
            clock.started.set(began - Duration::from_millis(milliseconds));
            clock.tick();
            assert_eq!(clock.now() - at, ticks, "{milliseconds} ms later");
            clock.started.set(began);
        }
    }

    #[test]
    fn the_date_line_is_a_date_and_the_end_of_a_head() {
        let clock = Clock::new(b"\r\nserver: x");
        let tail = clock.tail();
        let text = std::str::from_utf8(&tail).expect("ASCII");
        let date = text
            .strip_prefix("\r\nserver: x\r\ndate: ")
            .and_then(|text| text.strip_suffix("\r\n\r\n"))
            .expect("a date line");
        let age = SystemTime::now().duration_since(httpdate::parse_http_date(date).expect("a date")).expect("the past");
        assert!(age < Duration::from_secs(5));
    }
}
