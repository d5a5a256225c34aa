//! How fast a body comes: a client that sends a byte now and then would hold its request for ever without ever pausing too long.

use crate::server::{Clock, TICK};

/// The time that every body has, however little comes. In ticks.
const FREE: u64 = 5_000 / TICK.as_millis() as u64;

/// What came of a body, and how long the server has waited for it. The time in which nobody asked for it is not the client's.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    received: u64,
    /// Ticks of waits that are over.
    waited: u32,
    /// The tick in which the present wait began.
    since: Option<u32>,
}

impl Pace {
    /// More bytes are waited for. Gives the tick at which the body is too slow if none come, where `rate`, in bytes per second, is demanded.
    pub(super) fn begin_wait(&mut self, rate: u32, clock: &Clock) -> u32 {
        let since = *self.since.get_or_insert(clock.now());
        if rate == 0 {
            return u32::MAX;
        }
        let earned = self.received.saturating_mul(1000) / (u64::from(rate) * TICK.as_millis() as u64);
        let left = FREE.saturating_add(earned).saturating_sub(u64::from(self.waited));
        // One more, as for every deadline: the wait began somewhere within its tick.
        since.saturating_add(u32::try_from(left).unwrap_or(u32::MAX)).saturating_add(1)
    }

    /// The wait is over: that much has come.
    pub(super) fn end_wait(&mut self, bytes: usize, clock: &Clock) {
        self.received = self.received.saturating_add(bytes as u64);
        if let Some(since) = self.since.take() {
            self.waited = self.waited.saturating_add(clock.now().saturating_sub(since));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_five_seconds_and_what_it_earns() {
        let clock = Clock::new(b"");
        let mut pace = Pace::default();
        assert_eq!(pace.begin_wait(240, &clock), 21);
        assert_eq!(pace.begin_wait(0, &clock), u32::MAX);
        // 240 bytes are a second: four ticks.
        pace.end_wait(240, &clock);
        assert_eq!(pace.begin_wait(240, &clock), 25);
        // Six seconds were waited in all: that is too long by none.
        clock.set(24);
        pace.end_wait(0, &clock);
        assert_eq!(pace.begin_wait(240, &clock), 25);
        // The time between waits is not the client's.
        pace.end_wait(0, &clock);
        clock.set(1000);
        assert_eq!(pace.begin_wait(240, &clock), 1001);
        pace.end_wait(1 << 40, &clock);
        assert!(pace.begin_wait(1, &clock) > 1_000_000_000);
    }
}
