//! Finds handlers that block their worker.
//!
//! A worker notes when it begins to run code of the application and when that has given back control: one store each, without a look at the
//! clock (two readings of it would be some 150 instructions per request). A thread of its own looks at these notes and sees the same run
//! for longer than the threshold. So it can also tell of a handler that never comes back.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::app::FrozenApp;

/// What a worker is running: 0 for nothing, else the number of the run in the upper half, and the number of its route and one in the lower.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pulse {
    shown: Arc<AtomicU64>,
    runs: Rc<Cell<u32>>,
}

impl Pulse {
    pub(super) fn new(shown: Arc<AtomicU64>) -> Self {
        Self { shown, runs: Rc::default() }
    }

    /// Code of the application runs from now on, for a request of this route.
    #[inline]
    pub(crate) fn begin(&self, route: u32) {
        let run = self.runs.get().wrapping_add(1);
        self.runs.set(run);
        // A note and no lock: nothing else is read by it.
        self.shown.store(u64::from(run) << 32 | u64::from(route.wrapping_add(1)), Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn end(&self) {
        self.shown.store(0, Ordering::Relaxed);
    }

    /// Runs what catches panics itself, for a request of this route. No `async fn`: that would have room for `work` twice.
    pub(crate) fn watch<F: Future + Unpin>(&self, route: u32, mut work: F) -> impl Future<Output = F::Output> {
        poll_fn(move |cx| {
            self.begin(route);
            let polled = Pin::new(&mut work).poll(cx);
            self.end();
            polled
        })
    }
}

/// The thread that looks. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Watch(Arc<(Mutex<bool>, Condvar)>);

impl Watch {
    /// Warns of every run of `workers` that is longer than `threshold`, once.
    pub(super) fn start(
        app: Arc<FrozenApp>,
        workers: Vec<Arc<AtomicU64>>,
        threshold: Duration,
    ) -> std::io::Result<Self> {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let stopped = stop.clone();
        let period = (threshold / 2).clamp(Duration::from_millis(5), Duration::from_millis(250));
        let look = move || {
            let mut seen: Vec<Seen> = workers.iter().map(|_| Seen::default()).collect();
            let mut stop = stopped.0.lock().unwrap_or_else(PoisonError::into_inner);
            while !*stop {
                (stop, _) = stopped.1.wait_timeout(stop, period).unwrap_or_else(PoisonError::into_inner);
                for (worker, (shown, seen)) in workers.iter().zip(&mut seen).enumerate() {
                    if let Some((route, time)) = seen.look(shown.load(Ordering::Relaxed), threshold) {
                        warn(&app, worker, route, time);
                    }
                }
            }
        };
        std::thread::Builder::new().name("fastweb-watch".into()).spawn(look)?;
        Ok(Self(stop))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }
}

/// What was seen of a worker.
#[derive(Default)]
struct Seen {
    shown: u64,
    since: Option<Instant>,
}

impl Seen {
    /// The route of a run that has been seen for longer than `threshold`, and for how long, the first time that it has.
    fn look(&mut self, shown: u64, threshold: Duration) -> Option<(usize, Duration)> {
        if shown != self.shown {
            *self = Self { shown, since: (shown != 0).then(Instant::now) };
            return None;
        }
        let time = self.since?.elapsed();
        if time < threshold {
            return None;
        }
        self.since = None;
        Some(((shown & u64::from(u32::MAX)) as usize - 1, time))
    }
}

fn warn(app: &FrozenApp, worker: usize, route: usize, time: Duration) {
    let record = app.records.get(route);
    tracing::warn!(
        target: "fastweb::blocked_worker",
        worker,
        route = record.map_or("?", |record| &record.pattern),
        blocked_ms = time.as_millis() as u64,
        "{} blocks its worker, whose other connections wait: give such work to `blocking`, or await it",
        record.map_or("a handler", |record| &record.description),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_is_told_once() {
        let shown = Arc::new(AtomicU64::new(0));
        let pulse = Pulse::new(shown.clone());
        let mut seen = Seen::default();
        let mut look = |threshold| seen.look(shown.load(Ordering::Relaxed), threshold).map(|(route, _)| route);
        assert_eq!(look(Duration::ZERO), None);
        pulse.begin(7);
        assert_eq!(look(Duration::ZERO), None, "it has just begun");
        assert_eq!(look(Duration::MAX), None, "it is not long");
        assert_eq!((look(Duration::ZERO), look(Duration::ZERO)), (Some(7), None));
        pulse.end();
        assert_eq!(look(Duration::ZERO), None);
        pulse.begin(7);
        pulse.end();
        pulse.begin(7);
        assert_eq!((look(Duration::ZERO), look(Duration::ZERO)), (None, Some(7)), "another run of the same route");
    }
}
