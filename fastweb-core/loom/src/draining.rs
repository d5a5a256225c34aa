//! Two workers stop while each still has a connection in its backlog, which it gives to the other.

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;

struct Shared {
    /// Connections per worker, those on their way included.
    loads: Mutex<[usize; 2]>,
    accepting: AtomicUsize,
    inboxes: [Mutex<usize>; 2],
}

impl Shared {
    fn new() -> Arc<Self> {
        let inboxes = [Mutex::new(0), Mutex::new(0)];
        Arc::new(Self { loads: Mutex::new([0; 2]), accepting: AtomicUsize::new(2), inboxes })
    }

    /// `accept_backlog` and `distribute`: counted before it is sent.
    fn accept_for(&self, other: usize) {
        self.loads.lock().unwrap()[other] += 1;
        *self.inboxes[other].lock().unwrap() += 1;
    }

    /// `receive`, and a connection that ends at once.
    fn serve(&self, me: usize) {
        let received = std::mem::take(&mut *self.inboxes[me].lock().unwrap());
        self.loads.lock().unwrap()[me] -= received;
    }

    /// `thread::serve`, behind the order to stop.
    fn drain(&self, me: usize, accepts: bool) {
        if accepts {
            self.accept_for(1 - me);
        }
        self.accepting.fetch_sub(1, Ordering::AcqRel);
        while !(self.accepting.load(Ordering::Acquire) == 0 && self.loads.lock().unwrap()[me] == 0) {
            self.serve(me);
            thread::yield_now();
        }
    }
}

fn nothing_is_left(accepts: [bool; 2]) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(move || {
        let shared = Shared::new();
        let other = shared.clone();
        let first = thread::spawn(move || other.drain(0, accepts[0]));
        shared.drain(1, accepts[1]);
        first.join().unwrap();
        for inbox in &shared.inboxes {
            assert_eq!(*inbox.lock().unwrap(), 0, "a connection was given to a worker that had ended");
        }
    });
}

#[test]
fn no_connection_is_given_to_a_worker_that_has_ended() {
    nothing_is_left([true, false]);
}

#[test]
fn nor_where_both_give_one() {
    nothing_is_left([true, true]);
}
