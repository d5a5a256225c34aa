//! What an `on_response` hook learns about a request that has been answered.

use std::fmt;
use std::time::{Duration, Instant};

use http::StatusCode;

use super::slow_requests::milliseconds;

/// A request that has been answered, as `on_response` hooks see it.
#[derive(Debug)]
pub struct Completed {
    pub(crate) status: StatusCode,
    pub(crate) body_bytes: u64,
    pub(crate) broken: bool,
    pub(crate) route: std::rc::Rc<str>,
    pub(crate) duration: Duration,
    pub(crate) timings: Timings,
}

impl Completed {
    /// The status of the reply.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The bytes of the reply's body that were sent, without head and chunk sizes.
    pub fn body_bytes(&self) -> u64 {
        self.body_bytes
    }

    /// Whether the body broke off before its end: its source failed, or was shorter than announced. The client saw the connection end.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// The pattern of the route, `/users/{id}`; `*` where no route matched.
    pub fn route(&self) -> &str {
        &self.route
    }

    /// From the arrival of the request's head until its reply was handed to the operating system.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// How long each phase took. Only where a hook of the route has asked for it: [`slow_requests`](crate::slow_requests) does, and
    /// [`timed`](crate::timed) makes any hook do so; otherwise all are zero.
    pub fn timings(&self) -> &Timings {
        &self.timings
    }
}

/// The phases of a request that are timed. Hooks count to the phase that they are named after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// `on_request` hooks.
    OnRequest,
    /// `pre_parsing` hooks and the arrival of the body, where it is read before the handler.
    Parsing,
    /// `pre_validation` hooks and the extraction of arguments, where `pre_handler` hooks follow.
    Validation,
    /// `pre_handler` hooks.
    PreHandler,
    /// The handler, its arguments and the serialisation of what it returns.
    Handler,
    /// `pre_serialization` hooks, error handling and `on_send` hooks.
    Send,
    /// Writing, until the operating system has taken everything. With pipelining this includes the replies of the same batch.
    Write,
}

impl Phase {
    /// All timed phases in the order in which they happen.
    pub const ALL: [Phase; 7] = [
        Phase::OnRequest,
        Phase::Parsing,
        Phase::Validation,
        Phase::PreHandler,
        Phase::Handler,
        Phase::Send,
        Phase::Write,
    ];

    /// The phase's name: `on_request`, `parsing`, …
    pub const fn name(self) -> &'static str {
        match self {
            Phase::OnRequest => "on_request",
            Phase::Parsing => "parsing",
            Phase::Validation => "validation",
            Phase::PreHandler => "pre_handler",
            Phase::Handler => "handler",
            Phase::Send => "send",
            Phase::Write => "write",
        }
    }
}

/// How long each phase of a request took. Prints as `handler=120.5 write=0.1`, in milliseconds, without phases below a microsecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings([Duration; Phase::ALL.len()]);

impl Timings {
    /// The time that `phase` took.
    pub fn of(&self, phase: Phase) -> Duration {
        self.0[phase as usize]
    }

    /// All phases with their times, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Phase, Duration)> {
        Phase::ALL.into_iter().map(|phase| (phase, self.of(phase)))
    }
}

impl fmt::Display for Timings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for (phase, time) in self.iter().filter(|(_, time)| time.as_micros() > 0) {
            if !std::mem::replace(&mut first, false) {
                f.write_str(" ")?;
            }
            write!(f, "{}={}", phase.name(), milliseconds(time))?;
        }
        Ok(())
    }
}

/// How much of a request is timed. A reading of the clock costs 19 ns, so it depends on who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timing {
    /// From beginning to end: the route has `on_response` hooks.
    Whole,
    /// Every phase: one of those hooks wants the parts.
    Phases,
}

/// The clock of one request, on routes where somebody asks for times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PhaseClock {
    timing: Timing,
    started: Instant,
    last: Instant,
    timings: Timings,
}

impl PhaseClock {
    pub(crate) fn start(timing: Timing) -> Self {
        let started = Instant::now();
        Self { timing, started, last: started, timings: Timings::default() }
    }

    /// Ends `phase`: the time since the last end counts to it.
    pub(crate) fn mark(&mut self, phase: Phase) {
        if self.timing == Timing::Phases || phase == Phase::Write {
            let now = Instant::now();
            self.timings.0[phase as usize] += now - self.last;
            self.last = now;
        }
    }

    /// The time so far.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// The whole time and, where they were asked for, its parts.
    pub(crate) fn read(&self) -> (Duration, Timings) {
        let timings = if self.timing == Timing::Phases { self.timings } else { Timings::default() };
        (self.last - self.started, timings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_numbered_as_they_are_listed() {
        for (i, phase) in Phase::ALL.into_iter().enumerate() {
            assert_eq!(phase as usize, i);
        }
    }

    #[test]
    fn timings_print_what_took_time() {
        let mut timings = Timings::default();
        timings.0[Phase::Handler as usize] = Duration::from_micros(120_500);
        timings.0[Phase::Write as usize] = Duration::from_micros(100);
        assert_eq!(timings.to_string(), "handler=120.5 write=0.1");
    }

    #[test]
    fn the_parts_add_up_to_the_whole() {
        let mut clock = PhaseClock::start(Timing::Phases);
        clock.mark(Phase::Handler);
        clock.mark(Phase::Write);
        let (whole, timings) = clock.read();
        assert_eq!(timings.iter().map(|(_, time)| time).sum::<Duration>(), whole);
    }
}
