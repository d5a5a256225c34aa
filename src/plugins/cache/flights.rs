//! Work that several wait for and one does.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Notify;

/// The work that is being done now, by key. Clones are the same.
pub(crate) struct Flights<K, O>(Arc<Mutex<HashMap<K, Arc<Flight<O>>>>>);

struct Flight<O> {
    /// None inside: whoever did it has given it up.
    outcome: OnceLock<Option<O>>,
    landed: Notify,
}

/// What is one's part in it.
pub(crate) enum Turn<K: Hash + Eq, O> {
    /// To do it.
    Lead(Lead<K, O>),
    /// To wait for whoever does.
    Wait(Wait<O>),
}

/// Whoever has this does the work. Dropped without a [`finish`](Self::finish), by an error, a panic or a client that leaves, it is given up, and one of those who wait may begin anew.
pub(crate) struct Lead<K: Hash + Eq, O> {
    flights: Flights<K, O>,
    key: K,
    flight: Arc<Flight<O>>,
    is_over: bool,
}

pub(crate) struct Wait<O>(Arc<Flight<O>>);

impl<K, O> Clone for Flights<K, O> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Hash + Eq + Clone, O: Clone> Flights<K, O> {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Arc<Flight<O>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn join(&self, key: &K) -> Turn<K, O> {
        match self.lock().entry(key.clone()) {
            Entry::Occupied(there) => Turn::Wait(Wait(there.get().clone())),
            Entry::Vacant(place) => {
                let flight = Arc::new(Flight { outcome: OnceLock::new(), landed: Notify::new() });
                place.insert(flight.clone());
                Turn::Lead(Lead { flights: self.clone(), key: key.clone(), flight, is_over: false })
            }
        }
    }

    /// The work, unless somebody does it already.
    pub(crate) fn try_lead(&self, key: &K) -> Option<Lead<K, O>> {
        match self.join(key) {
            Turn::Lead(lead) => Some(lead),
            Turn::Wait(_) => None,
        }
    }

    /// What is being done for this key is out of date: who comes from now on does not wait for it, and what comes of it does not `land`. `with` is done before anybody else looks.
    pub(crate) fn forget<T>(&self, key: &K, with: impl FnOnce() -> T) -> T {
        let mut flights = self.lock();
        flights.remove(key);
        with()
    }

    /// The same for all keys.
    pub(crate) fn forget_all<T>(&self, with: impl FnOnce() -> T) -> T {
        let mut flights = self.lock();
        flights.clear();
        with()
    }
}

impl<K: Hash + Eq, O> Lead<K, O> {
    /// The work is done. `land` puts away what came of it, unless it was forgotten meanwhile.
    pub(crate) fn finish<T>(mut self, outcome: O, land: impl FnOnce() -> T) {
        self.end(Some(outcome), land);
    }

    fn end<T>(&mut self, outcome: Option<O>, land: impl FnOnce() -> T) {
        if std::mem::replace(&mut self.is_over, true) {
            return;
        }
        let mut flights = self.flights.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Another may be under way for the same key, where this one was forgotten.
        let is_current = flights.get(&self.key).is_some_and(|flight| Arc::ptr_eq(flight, &self.flight));
        let gone = is_current.then(|| (flights.remove(&self.key), land()));
        drop(flights);
        let _ = self.flight.outcome.set(outcome);
        self.flight.landed.notify_waiters();
        // Of the application: nothing is locked any more.
        drop(gone);
    }
}

impl<K: Hash + Eq, O> Drop for Lead<K, O> {
    fn drop(&mut self) {
        self.end(None, || ());
    }
}

impl<O: Clone> Wait<O> {
    /// What came of it; `None` where it was given up.
    pub(crate) async fn outcome(self) -> Option<O> {
        loop {
            let landed = self.0.landed.notified();
            let mut landed = std::pin::pin!(landed);
            // Before the look: what lands between them is not missed.
            landed.as_mut().enable();
            if let Some(outcome) = self.0.outcome.get() {
                return outcome.clone();
            }
            landed.await;
        }
    }
}
