//! What a server has counted since it was built, for the application to read.
//!
//! Each worker counts in cells of its own, on cache lines of its own; they are summed when somebody reads them. Counting a request is so a
//! load, an addition and a store, and no worker waits for another.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

macro_rules! counts {
    ($($(#[doc = $doc:literal])+ $event:ident $name:ident,)+) => {
        /// What is counted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Event {
            $($event,)+
        }

        impl Event {
            const ALL: &[Self] = &[$(Self::$event),+];
        }

        /// What a server has counted since it was built, all workers together. [`Counters::read`] gives it.
        ///
        /// Numbers only grow. They are read one after the other while workers count on, so two of them may differ by what happened
        /// in between.
        ///
        /// ```
        /// # use fastweb_core::App;
        /// let app = App::new();
        /// let counters = app.counters();
        /// let app = app.get("/metrics", move || {
        ///     let counts = counters.read();
        ///     format!("requests {}\nconnections {}\n", counts.requests, counts.connections_open())
        /// });
        /// # drop(app);
        /// ```
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Counts {
            $($(#[doc = $doc])+ pub $name: u64,)+
        }

        impl Counts {
            fn of(sums: &[u64; Event::ALL.len()]) -> Self {
                Self { $($name: sums[Event::$event as usize],)+ }
            }
        }
    };
}

counts! {
    /// Connections that were accepted and served.
    Accepted connections_accepted,
    /// Connections that have ended.
    Closed connections_closed,
    /// Connections that were closed at once because their peer had as many as it may have
    /// ([`Limits::connections_per_peer`](crate::Limits::connections_per_peer)).
    Refused connections_refused,
    /// Failed attempts to accept a connection: no open files or no memory were left.
    AcceptFailed accept_failures,
    /// Requests whose head was read and valid.
    Request requests,
    /// Heads that were refused: 400, 414, 417, 431, 501 and 505 before routing.
    Malformed requests_refused,
    /// Heads that did not come within [`Limits::head_timeout`](crate::Limits::head_timeout): 408.
    HeadTimeout head_timeouts,
    /// Bodies that paused longer than [`Limits::body_timeout`](crate::Limits::body_timeout): 408.
    BodyTimeout body_timeouts,
    /// Bodies that came slower than [`Limits::body_rate`](crate::Limits::body_rate): 408.
    BodyTooSlow bodies_too_slow,
    /// Handlers that took longer than [`Limits::handler_timeout`](crate::Limits::handler_timeout): 503.
    HandlerTimeout handler_timeouts,
    /// Connections that were closed because the client did not read for [`Limits::write_timeout`](crate::Limits::write_timeout).
    WriteTimeout write_timeouts,
    /// Connections that were closed silently: idle for [`Limits::keep_alive`](crate::Limits::keep_alive), or opened and never used.
    IdleTimeout idle_timeouts,
    /// Requests whose client went away before it had its answer.
    Aborted requests_aborted,
    /// Answers whose body broke off.
    Broken answers_broken,
    /// Connections that were given to something else than HTTP: [upgrades](crate::Upgrade), tunnels, hijacked ones.
    HandedOver connections_upgraded,
    /// Those of them that have ended.
    HandedOverEnded upgrades_ended,
}

impl Counts {
    /// Connections that are open.
    pub fn connections_open(&self) -> u64 {
        // Read one after the other: a connection may have come and gone in between.
        self.connections_accepted.saturating_sub(self.connections_closed)
    }

    /// Of these, connections that are not HTTP any more.
    pub fn upgrades_open(&self) -> u64 {
        self.connections_upgraded.saturating_sub(self.upgrades_ended)
    }
}

/// Reads what a server counts: [`App::counters`](crate::App::counters), [`Server::counters`](crate::Server::counters). Clones read the same.
#[derive(Clone, Default)]
pub struct Counters(Arc<Registry>);

#[derive(Default)]
struct Registry {
    workers: Mutex<Workers>,
}

#[derive(Default)]
struct Workers {
    cells: Vec<Arc<Cells>>,
    /// What workers have counted that are gone.
    gone: [u64; Event::ALL.len()],
}

/// One worker's. Two cache lines are fetched together on some processors.
#[derive(Default)]
#[repr(align(128))]
struct Cells([AtomicU64; Event::ALL.len()]);

impl Cells {
    fn add_to(&self, sums: &mut [u64; Event::ALL.len()]) {
        for (sum, cell) in sums.iter_mut().zip(&self.0) {
            *sum += cell.load(Ordering::Relaxed);
        }
    }
}

impl Counters {
    /// What was counted until now.
    pub fn read(&self) -> Counts {
        let workers = self.workers();
        let mut sums = workers.gone;
        workers.cells.iter().for_each(|cells| cells.add_to(&mut sums));
        Counts::of(&sums)
    }

    fn workers(&self) -> MutexGuard<'_, Workers> {
        self.0.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cells for another worker.
    pub(crate) fn tally(&self) -> Tally {
        let cells = Arc::new(Cells::default());
        self.workers().cells.push(cells.clone());
        Tally { cells, counters: self.clone() }
    }
}

impl fmt::Debug for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Counters").field(&self.read()).finish()
    }
}

/// A worker's side: the only one that writes its cells.
pub(crate) struct Tally {
    cells: Arc<Cells>,
    counters: Counters,
}

impl Tally {
    #[inline]
    pub(crate) fn count(&self, event: Event) {
        let cell = &self.cells.0[event as usize];
        // Nobody else writes it, so nothing is lost between the two, and no bus is locked.
        cell.store(cell.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let mut workers = self.counters.workers();
        workers.cells.retain(|cells| !Arc::ptr_eq(cells, &self.cells));
        self.cells.add_to(&mut workers.gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_are_summed_and_what_is_gone_stays() {
        let counters = Counters::default();
        let (first, second) = (counters.tally(), counters.tally());
        first.count(Event::Request);
        first.count(Event::Accepted);
        second.count(Event::Request);
        assert_eq!(counters.read().requests, 2);
        drop(first);
        second.count(Event::Request);
        assert_eq!(counters.read(), Counts { requests: 3, connections_accepted: 1, ..Counts::default() });
        assert_eq!(counters.read().connections_open(), 1);
    }

    #[test]
    fn workers_on_other_threads_are_seen() {
        let counters = Counters::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let tally = counters.tally();
                    (0..1000).for_each(|_| tally.count(Event::Request));
                });
            }
        });
        assert_eq!(counters.read().requests, 4000);
    }
}
