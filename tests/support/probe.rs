//! A log of what happened within a server.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use fastweb::prelude::*;

use super::eventually;

/// Events in their order, and a count of handlers that are running. Clones share both.
#[derive(Clone, Default)]
pub(crate) struct Probe(Arc<Inner>);

#[derive(Default)]
struct Inner {
    events: Mutex<Vec<String>>,
    live: AtomicUsize,
}

/// A handler that is running. Whatever ends it drops this.
pub(crate) struct Live(Probe);

impl Drop for Live {
    fn drop(&mut self) {
        self.0.0.live.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Probe {
    pub(crate) fn note(&self, event: impl Into<String>) {
        self.0.events.lock().unwrap_or_else(PoisonError::into_inner).push(event.into());
    }

    /// Notes that a handler was called; it runs as long as the guard lives.
    pub(crate) fn enter(&self, handler: &str) -> Live {
        self.note(format!("handler {handler}"));
        self.0.live.fetch_add(1, Ordering::SeqCst);
        Live(self.clone())
    }

    pub(crate) fn live(&self) -> usize {
        self.0.live.load(Ordering::SeqCst)
    }

    pub(crate) fn events(&self) -> Vec<String> {
        self.0.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The events since this was called last.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.events.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many events begin with `start`.
    pub(crate) fn count(&self, start: &str) -> usize {
        self.events().iter().filter(|event| event.starts_with(start)).count()
    }

    #[track_caller]
    pub(crate) fn wait_for(&self, start: &str, count: usize) {
        eventually(&format!("{start} × {count} in {:?}", self.events()), || self.count(start) >= count);
    }

    #[track_caller]
    pub(crate) fn wait_until_none_is_live(&self) {
        eventually("no handler is running", || self.live() == 0);
    }

    /// Notes how each request ends: `response PATH`, `abort PATH`, `timeout PATH`.
    pub(crate) fn watch(&self, app: App) -> App {
        let (response, abort, timeout) = (self.clone(), self.clone(), self.clone());
        app.on_response(move |req: &mut Request, _: &Completed| response.note(format!("response {}", req.path())))
            .on_request_abort(move |req: &mut Request| abort.note(format!("abort {}", req.path())))
            .on_timeout(move |req: &mut Request| timeout.note(format!("timeout {}", req.path())))
    }
}
