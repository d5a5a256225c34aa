//! The slow-request log.

use std::time::Duration;

use super::kinds::{ErasedResponseHook, ReadyMade, ResponseHook};
use super::{Completed, Flow};
use crate::error::Result;
use crate::request::Request;
use crate::slot::{Called, Slot};

/// Warns about requests that take longer than `threshold`, from their head's arrival until their reply was handed to the operating
/// system: one `tracing` event at level `WARN`, target `fastweb::slow_requests`, with `method`, `route` (the pattern), `path`, `status`,
/// `request_id`, `duration_ms`, and how long each phase took in milliseconds.
///
/// For all routes, or with a threshold of its own for one route; the route's wins.
///
/// ```
/// # use std::time::Duration;
/// # use fastweb_core::{App, get, slow_requests};
/// let app = App::new()
///     .on_response(slow_requests(Duration::from_millis(100)))
///     .route(get("/report", async || "…").on_response(slow_requests(Duration::from_secs(2))));
/// # drop(app);
/// ```
pub fn slow_requests(threshold: Duration) -> SlowRequests {
    SlowRequests { threshold }
}

/// See [`slow_requests`].
#[derive(Clone, Copy, Debug)]
pub struct SlowRequests {
    threshold: Duration,
}

impl SlowRequests {
    fn check(self, request: &Request, completed: &Completed) {
        let duration = completed.duration();
        if duration < self.threshold {
            return;
        }
        tracing::warn!(
            target: "fastweb::slow_requests",
            method = request.method_str(),
            route = completed.route(),
            path = request.path(),
            status = completed.status().as_u16(),
            request_id = %request.id(),
            duration_ms = milliseconds(duration),
            phases_ms = %completed.timings(),
            "slow request"
        );
    }
}

pub(super) fn milliseconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}

impl ResponseHook<ReadyMade> for SlowRequests {
    fn erase(self) -> Box<dyn ErasedResponseHook> {
        Box::new(self)
    }
}

impl ErasedResponseHook for SlowRequests {
    fn call<'a>(
        &'a self,
        request: &'a mut Request,
        completed: &'a Completed,
        _: &'a mut Slot,
    ) -> Called<'a, Result<Flow>> {
        self.check(request, completed);
        Called::Done(Ok(Flow::Continue))
    }

    fn wants_timings(&self) -> bool {
        true
    }

    fn slow_requests(&self) -> Option<&SlowRequests> {
        Some(self)
    }
}
