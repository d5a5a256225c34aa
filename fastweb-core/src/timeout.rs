//! How long a route's requests may take, and what becomes of work that takes longer.

use std::time::Duration;

use crate::server::Ticks;

/// How long the requests of a route may take, and what becomes of the work that takes longer: [`Route::timeout`](crate::Route::timeout).
///
/// A `Duration` by itself is `Timeout::after`: the work is dropped where it waits. In every case the client reads 503 with `FW_ERR_HANDLER_TIMEOUT`,
/// `on_timeout` hooks run once, and the [`CancellationToken`](crate::CancellationToken) of the request is cancelled.
///
/// The time runs from behind routing to the reply, without the time in which the client is waited for. It is exact to a quarter of a
/// second.
///
/// ```
/// # use std::time::Duration;
/// # use fastweb_core::{App, Timeout, get, post};
/// let seconds = Duration::from_secs;
/// let app = App::new()
///     .timeout(seconds(10))
///     .route(get("/report", async || "…").timeout(seconds(120)))
///     // A payment that has begun is seen through, whether or not its client still waits.
///     .route(post("/pay", async || "paid").timeout(Timeout::after(seconds(5)).detach()))
///     // This one watches its token, and has two seconds to tidy up.
///     .route(post("/import", async || "done").timeout(Timeout::after(seconds(60)).signal(seconds(2))));
/// # drop(app);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a timeout does nothing until a route or scope is given it"]
pub struct Timeout {
    time: Duration,
    policy: Policy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    Cancel,
    Detach,
    Signal(Duration),
}

impl Timeout {
    /// Drops the work after this time, where it waits. `Duration::MAX` is no limit.
    pub fn after(time: Duration) -> Self {
        Self { time, policy: Policy::Cancel }
    }

    /// Lets the work go on beside the connection instead of dropping it, also where the client is gone. Nobody reads its answer; an error of it is
    /// logged. Hooks that run for the timeout or the abort see the request without what was attached to it: that is with the work. Shutdown waits for
    /// such work until its time is up. At most 1,024 requests of a worker are served like this at a time; others are as without `detach`.
    pub fn detach(self) -> Self {
        Self { policy: Policy::Detach, ..self }
    }

    /// Cancels the request's [token](crate::CancellationToken) and gives the work another `grace` to end by itself. It is dropped after that. The answer is 503
    /// in either case.
    pub fn signal(self, grace: Duration) -> Self {
        Self { policy: Policy::Signal(grace), ..self }
    }

    pub(crate) fn resolve(self) -> RouteTimeout {
        let policy = match self.policy {
            Policy::Cancel => LatePolicy::Cancel,
            Policy::Detach => LatePolicy::Detach,
            Policy::Signal(grace) => LatePolicy::Signal(Ticks::of(grace)),
        };
        RouteTimeout { time: Ticks::of(self.time), policy }
    }
}

impl From<Duration> for Timeout {
    fn from(time: Duration) -> Self {
        Self::after(time)
    }
}

/// A timeout as a route's record has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RouteTimeout {
    pub(crate) time: Ticks,
    pub(crate) policy: LatePolicy,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum LatePolicy {
    Cancel,
    Detach,
    Signal(Ticks),
}
