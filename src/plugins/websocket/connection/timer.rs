//! The deadlines of a connection, by one timer that is not touched when messages come.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use super::super::options::Settings;

pub(super) struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
    /// The sleep knows whom to wake.
    is_armed: bool,
    /// Since the last turn something has come, or was written.
    heard: bool,
    written: bool,
    last_heard: Instant,
    last_written: Instant,
    tick: Duration,
    last_pinged: Instant,
    ping: Option<Duration>,
    idle: Option<Duration>,
    stall: Duration,
}

/// What is to be done after a silence.
pub(super) struct Turn {
    pub(super) is_stalled: bool,
    pub(super) is_idle: bool,
    pub(super) pings: bool,
}

impl Timer {
    pub(super) fn new(settings: &Settings) -> Self {
        let of_idle = settings.idle_timeout.map(|idle| idle / 2);
        let tick = [settings.ping_interval, of_idle].into_iter().flatten().min().unwrap_or(settings.write_timeout);
        let now = Instant::now();
        Self {
            sleep: None,
            is_armed: false,
            heard: false,
            written: false,
            last_heard: now,
            last_written: now,
            tick: tick.min(settings.write_timeout).max(Duration::from_millis(1)),
            last_pinged: now,
            ping: settings.ping_interval,
            idle: settings.idle_timeout,
            stall: settings.write_timeout,
        }
    }

    pub(super) fn start(&mut self) {
        self.last_heard = Instant::now();
        self.last_written = self.last_heard;
        self.last_pinged = self.last_heard;
        self.sleep = Some(Box::pin(tokio::time::sleep(self.tick)));
        self.is_armed = false;
    }

    pub(super) fn stop(&mut self) {
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
        self.reset(Instant::now() + time);
    }

    fn reset(&mut self, deadline: Instant) {
        if let Some(sleep) = &mut self.sleep {
            sleep.as_mut().reset(deadline);
            self.is_armed = false;
        }
    }

    /// Whether a deadline is over. Costs a look at a word once it is armed.
    #[inline]
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(sleep) = &mut self.sleep else { return Poll::Pending };
        if self.is_armed && !sleep.is_elapsed() {
            return Poll::Pending;
        }
        self.is_armed = true;
        sleep.as_mut().poll(cx)
    }

    /// The deadline of an open connection is over: what that means, and the next one.
    pub(super) fn turn(&mut self, is_writing: bool) -> Turn {
        let now = Instant::now();
        if std::mem::take(&mut self.heard) {
            self.last_heard = now;
        }
        if std::mem::take(&mut self.written) || !is_writing {
            self.last_written = now;
        }
        let quiet_since = self.last_heard.max(self.last_pinged);
        let pings = self.ping.is_some_and(|interval| now - quiet_since >= interval);
        if pings {
            self.last_pinged = now;
        }
        self.reset(now + self.tick);
        Turn {
            is_stalled: now - self.last_written >= self.stall,
            is_idle: self.idle.is_some_and(|idle| now - self.last_heard >= idle),
            pings,
        }
    }
}
