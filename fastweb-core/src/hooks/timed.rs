//! Hooks that want the times of the phases.

use std::fmt;

use super::kinds::{ErasedResponseHook, ReadyMade, ResponseHook};
use super::{Completed, Flow, SlowRequests};
use crate::error::Result;
use crate::request::Request;
use crate::slot::{Called, Slot};

/// Makes an `on_response` hook one that wants to know how long each phase took: [`Completed::timings`]. It costs the routes that have it
/// seven readings of the clock per request.
///
/// ```
/// # use fastweb_core::{App, Completed, Phase, Request, timed};
/// let app = App::new().on_response(timed(|_: &mut Request, done: &Completed| {
///     let _in_the_handler = done.timings().of(Phase::Handler);
/// }));
/// # drop(app);
/// ```
pub fn timed<M>(hook: impl ResponseHook<M>) -> Timed {
    Timed(hook.erase())
}

/// See [`timed`].
pub struct Timed(Box<dyn ErasedResponseHook>);

impl fmt::Debug for Timed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timed").finish_non_exhaustive()
    }
}

impl ResponseHook<ReadyMade> for Timed {
    fn erase(self) -> Box<dyn ErasedResponseHook> {
        Box::new(self)
    }
}

impl ErasedResponseHook for Timed {
    fn call<'a>(
        &'a self,
        request: &'a mut Request,
        completed: &'a Completed,
        slot: &'a mut Slot,
    ) -> Called<'a, Result<Flow>> {
        self.0.call(request, completed, slot)
    }

    fn is_async(&self) -> bool {
        self.0.is_async()
    }

    fn wants_timings(&self) -> bool {
        true
    }

    fn slow_requests(&self) -> Option<&SlowRequests> {
        self.0.slow_requests()
    }
}
