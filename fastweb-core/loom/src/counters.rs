//! A worker counts and ends, while others read.

use loom::sync::atomic::{AtomicU64, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;

#[derive(Default)]
struct Workers {
    cells: Vec<Arc<AtomicU64>>,
    gone: u64,
}

#[derive(Clone)]
struct Counters(Arc<Mutex<Workers>>);

struct Tally {
    cell: Arc<AtomicU64>,
    counters: Counters,
}

impl Counters {
    fn read(&self) -> u64 {
        let workers = self.0.lock().unwrap();
        workers.gone + workers.cells.iter().map(|cell| cell.load(Ordering::Relaxed)).sum::<u64>()
    }

    fn tally(&self) -> Tally {
        let cell = Arc::new(AtomicU64::new(0));
        self.0.lock().unwrap().cells.push(cell.clone());
        Tally { cell, counters: self.clone() }
    }
}

impl Tally {
    fn count(&self) {
        self.cell.store(self.cell.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let mut workers = self.counters.0.lock().unwrap();
        workers.cells.retain(|cell| !Arc::ptr_eq(cell, &self.cell));
        workers.gone += self.cell.load(Ordering::Relaxed);
    }
}

#[test]
fn what_was_read_once_is_never_less_and_nothing_is_lost() {
    loom::model(|| {
        let counters = Counters(Arc::new(Mutex::new(Workers::default())));
        let tally = counters.tally();
        let worker = thread::spawn(move || {
            tally.count();
            tally.count();
        });
        let first = counters.read();
        let second = counters.read();
        assert!(first <= second && second <= 2, "{first}, then {second}");
        worker.join().unwrap();
        assert_eq!(counters.read(), 2);
    });
}

#[test]
fn two_workers_do_not_count_in_each_others_cells() {
    loom::model(|| {
        let counters = Counters(Arc::new(Mutex::new(Workers::default())));
        let (first, second) = (counters.tally(), counters.tally());
        let worker = thread::spawn(move || first.count());
        second.count();
        drop(second);
        worker.join().unwrap();
        assert_eq!(counters.read(), 2);
    });
}
