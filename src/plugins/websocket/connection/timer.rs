//! The deadlines of a connection, by one time that is not touched when messages come.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use fastweb_core::UpgradedIo;
use tokio::time::{Instant, Sleep};

use super::super::options::Settings;

/// Shorter times are kept by a timer of the connection's own; others by the worker's clock, which is exact to a quarter of a second. A timer is 100 bytes for each idle
/// connection, and the worker looks at all timers whenever it has nothing to do.
const EXACT_BELOW: Duration = Duration::from_secs(2);

pub(super) struct Timer {
    /// When the next deadline is over. `None` where there is no connection.
    due: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
    /// Somebody is woken then.
    is_armed: bool,
    /// Since the last turn something has come, or was written.
    heard: bool,
    written: bool,
    last_heard: Instant,
    last_written: Instant,
    last_pinged: Instant,
}

/// What is to be done after a silence.
pub(super) struct Turn {
    pub(super) is_stalled: bool,
    pub(super) is_idle: bool,
    pub(super) pings: bool,
}

/// How often an open connection is looked at.
fn period(settings: &Settings) -> Duration {
    let of_idle = settings.idle_timeout.map(|idle| idle / 2);
    let period = [settings.ping_interval, of_idle].into_iter().flatten().min().unwrap_or(settings.write_timeout);
    period.min(settings.write_timeout).max(Duration::from_millis(1))
}

impl Timer {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            due: None,
            sleep: None,
            is_armed: false,
            heard: false,
            written: false,
            last_heard: now,
            last_written: now,
            last_pinged: now,
        }
    }

    pub(super) fn start(&mut self, settings: &Settings) {
        let now = Instant::now();
        (self.last_heard, self.last_written, self.last_pinged) = (now, now, now);
        self.reset(now, period(settings));
    }

    pub(super) fn stop(&mut self) {
        self.due = None;
        self.sleep = None;
    }

    #[inline]
    pub(super) fn heard(&mut self) {
        self.heard = true;
    }

    #[inline]
    pub(super) fn written(&mut self) {
        self.written = true;
    }

    /// What is left is to close, in this time.
    pub(super) fn close_within(&mut self, time: Duration) {
        if self.due.is_some() {
            self.reset(Instant::now(), time);
        }
    }

    /// The connection's task arms it when it runs next.
    fn reset(&mut self, now: Instant, time: Duration) {
        // A time that no clock can tell is never over.
        self.due = now.checked_add(time).or_else(|| now.checked_add(Duration::from_secs(u32::MAX.into())));
        self.sleep = None;
        self.is_armed = false;
    }

    /// Whether a deadline is over. Costs a look at a word once it is armed.
    #[inline]
    pub(super) fn poll(&mut self, io: &UpgradedIo, cx: &mut Context<'_>) -> Poll<()> {
        let is_over = match &self.sleep {
            _ if !self.is_armed => return self.arm(io, cx),
            None => io.is_time_over(),
            Some(sleep) => sleep.is_elapsed(),
        };
        if is_over { Poll::Ready(()) } else { Poll::Pending }
    }

    #[cold]
    fn arm(&mut self, io: &UpgradedIo, cx: &mut Context<'_>) -> Poll<()> {
        let Some(due) = self.due else { return Poll::Pending };
        self.is_armed = true;
        let left = due.saturating_duration_since(Instant::now());
        if left >= EXACT_BELOW {
            io.wake_in(left, cx.waker());
            return Poll::Pending;
        }
        // Whoever was to be woken by the clock is not.
        io.wake_in(Duration::MAX, cx.waker());
        self.sleep.insert(Box::pin(tokio::time::sleep_until(due))).as_mut().poll(cx)
    }

    /// The deadline of an open connection is over: what that means, and the next one.
    pub(super) fn turn(&mut self, settings: &Settings, is_writing: bool) -> Turn {
        let now = Instant::now();
        if std::mem::take(&mut self.heard) {
            self.last_heard = now;
        }
        if std::mem::take(&mut self.written) || !is_writing {
            self.last_written = now;
        }
        let quiet_since = self.last_heard.max(self.last_pinged);
        let pings = settings.ping_interval.is_some_and(|interval| now - quiet_since >= interval);
        if pings {
            self.last_pinged = now;
        }
        self.reset(now, period(settings));
        Turn {
            is_stalled: now - self.last_written >= settings.write_timeout,
            is_idle: settings.idle_timeout.is_some_and(|idle| now - self.last_heard >= idle),
            pings,
        }
    }
}
