//! The pool: threads that are started when they are needed, and a queue in front of them.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::oneshot;

use super::{BlockingResult, busy};
use crate::error::{Error, Result};
use crate::lifecycle::caught;

/// A thread that has had nothing to do for this long ends.
const IDLE: Duration = Duration::from_secs(10);

/// How many threads there may be at most, and how much work may wait for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PoolSize {
    pub(crate) threads: usize,
    pub(crate) queue: usize,
}

impl Default for PoolSize {
    fn default() -> Self {
        // Much of such work waits for disks and databases: more than the cores, so that it does not wait for each other.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { threads: (2 * cores).max(4), queue: 1024 }
    }
}

/// The pool of an application. Its threads end when it is dropped, each with what it is doing.
pub(crate) struct Pool(Arc<Shared>);

struct Shared {
    size: PoolSize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Box<dyn Job>>,
    threads: usize,
    /// Threads that wait for work.
    idle: usize,
    /// Those of them that were woken and are not here yet. There is no more than one: who takes work wakes the next, if there is more. A worker that hands over many short pieces then
    /// wakes one thread and not one each.
    woken: usize,
    running: usize,
    closed: bool,
}

/// Work whose result somebody waits for.
trait Job: Send {
    /// Whether nobody waits for it any more.
    fn is_abandoned(&self) -> bool;
    fn run(self: Box<Self>);
}

struct Work<F, T> {
    work: F,
    result: oneshot::Sender<Result<T>>,
}

impl<F, T> Job for Work<F, T>
where
    F: FnOnce() -> T + Send,
    T: Send,
{
    fn is_abandoned(&self) -> bool {
        self.result.is_closed()
    }

    fn run(self: Box<Self>) {
        let Self { work, result } = *self;
        let done = caught(work);
        // A result that nobody waits for is dropped here, and may panic as well.
        if let Err(panic) = caught(|| drop(result.send(done))) {
            tracing::error!(error = ?panic, "the result of blocking work panicked while it was dropped");
        }
    }
}

thread_local! {
    /// The pool of the application whose worker this thread is.
    static CURRENT: RefCell<Weak<Shared>> = const { RefCell::new(Weak::new()) };
}

impl Pool {
    pub(crate) fn new(size: PoolSize) -> Self {
        Self(Arc::new(Shared { size, state: Mutex::default(), changed: Condvar::new() }))
    }

    /// Makes this the pool for work that begins on this thread.
    pub(crate) fn enter(&self) {
        CURRENT.with_borrow_mut(|current| *current = Arc::downgrade(&self.0));
    }

    /// The pool of this thread. Threads that are no workers, those of unit tests for one, share a pool of their own.
    pub(super) fn current() -> Entered {
        static ELSEWHERE: OnceLock<Pool> = OnceLock::new();
        let own = CURRENT.with_borrow(Weak::upgrade);
        Entered(own.unwrap_or_else(|| ELSEWHERE.get_or_init(|| Pool::new(PoolSize::default())).0.clone()))
    }

    pub(crate) fn submit<F, T>(&self, work: F) -> BlockingResult<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        submit(&self.0, work, Admission::Bounded)
    }

    /// Work that waits or runs, without what nobody waits for.
    pub(crate) fn pending(&self) -> usize {
        let state = self.0.state();
        state.running + state.queue.iter().filter(|job| !job.is_abandoned()).count()
    }
}

/// A pool that is found by thread.
pub(super) struct Entered(Arc<Shared>);

impl Entered {
    pub(super) fn submit<F, T>(&self, work: F) -> BlockingResult<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        submit(&self.0, work, Admission::Bounded)
    }

    /// As [`submit`](Self::submit), whatever waits already.
    pub(super) fn go_on<F, T>(&self, work: F) -> BlockingResult<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        submit(&self.0, work, Admission::Always)
    }
}

/// Whether work may be refused where much waits already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Admission {
    Bounded,
    Always,
}

fn submit<F, T>(shared: &Arc<Shared>, work: F, admission: Admission) -> BlockingResult<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let (result, waiting) = oneshot::channel();
    match shared.push(Box::new(Work { work, result }), admission) {
        Ok(()) => BlockingResult::waiting(waiting),
        Err(error) => BlockingResult::refused(error),
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.0.state().closed = true;
        self.0.changed.notify_all();
    }
}

impl State {
    /// Whether a thread is to be woken now: there is work, somebody waits for it, and nobody is on the way.
    fn wakes(&mut self) -> bool {
        let wakes = !self.queue.is_empty() && self.idle > 0 && self.woken == 0;
        self.woken += usize::from(wakes);
        wakes
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(self: &Arc<Self>, job: Box<dyn Job>, admission: Admission) -> Result<()> {
        let mut abandoned = VecDeque::new();
        let mut state = self.state();
        // Idle threads are for what is in the queue, one each.
        if state.queue.len() >= state.idle {
            if state.threads < self.size.threads {
                match self.start_thread(&mut state) {
                    Ok(()) => {}
                    Err(error) if state.threads == 0 => return Err(error),
                    Err(error) => tracing::warn!(error = %error, "a thread for blocking work could not be started"),
                }
            } else if state.queue.len() - state.idle >= self.size.queue {
                let (gone, wanted) = state.queue.drain(..).partition(|job| job.is_abandoned());
                (abandoned, state.queue) = (gone, wanted);
                if admission == Admission::Bounded && state.queue.len() >= self.size.queue + state.idle {
                    return Err(busy());
                }
            }
        }
        state.queue.push_back(job);
        let wakes = state.wakes();
        drop(state);
        if wakes {
            self.changed.notify_one();
        }
        // What it holds is the application's, and dropped while nothing is locked.
        drop(abandoned);
        Ok(())
    }

    fn start_thread(self: &Arc<Self>, state: &mut State) -> Result<()> {
        let shared = self.clone();
        let thread = std::thread::Builder::new().name(format!("fastweb-blocking-{}", state.threads));
        thread.spawn(move || shared.live()).map_err(Error::from)?;
        state.threads += 1;
        Ok(())
    }

    /// The life of a thread.
    fn live(&self) {
        let mut state = self.state();
        loop {
            if let Some(job) = state.queue.pop_front() {
                state.running += 1;
                let wakes = state.wakes();
                drop(state);
                if wakes {
                    self.changed.notify_one();
                }
                if job.is_abandoned() {
                    let _ = caught(|| drop(job));
                } else {
                    job.run();
                }
                state = self.state();
                state.running -= 1;
                continue;
            }
            if state.closed {
                break;
            }
            state.idle += 1;
            let (woken, waited) = self.changed.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle -= 1;
            // Also where it is the time that was over: then it comes in the place of the one that was woken, who may find nothing.
            state.woken = state.woken.saturating_sub(1);
            if waited.timed_out() && state.queue.is_empty() {
                break;
            }
        }
        state.threads -= 1;
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("size", &self.0.size).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::IntoFuture;
    use std::sync::mpsc;

    use super::*;

    fn wait<T>(result: BlockingResult<T>) -> Result<T> {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(result)
    }

    /// Pieces that wait for each other: one thread that is not woken, and none of them comes to its end.
    #[test]
    fn who_takes_work_wakes_the_next() {
        let pool = Pool::new(PoolSize { threads: 4, queue: 100 });
        for _ in 0..200 {
            let all = Arc::new(std::sync::Barrier::new(4));
            let results: Vec<_> = (0..4)
                .map(|_| {
                    let all = all.clone();
                    pool.submit(move || all.wait().is_leader())
                })
                .collect();
            let leaders = results.into_iter().filter_map(|result| wait(result).ok()).filter(|is_leader| *is_leader);
            assert_eq!(leaders.count(), 1);
        }
    }

    #[test]
    fn work_is_done_on_other_threads() {
        let pool = Pool::new(PoolSize { threads: 2, queue: 100 });
        let results: Vec<_> = (0..100).map(|n| pool.submit(move || (n, std::thread::current().id()))).collect();
        for (n, result) in results.into_iter().enumerate() {
            let (done, thread) = wait(result).expect("there is room");
            assert!(done == n && thread != std::thread::current().id());
        }
        // The last result may be here before its thread has noted that it is done.
        let done = (0..5_000).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(1));
            pool.pending() == 0
        });
        assert!(done && pool.0.state().threads <= 2);
    }

    #[test]
    fn what_is_too_much_is_refused_and_what_nobody_wants_makes_room() {
        let pool = Pool::new(PoolSize { threads: 1, queue: 2 });
        let (go, hold) = mpsc::channel::<()>();
        let (begun, began) = mpsc::channel();
        let running = pool.submit(move || {
            begun.send(()).expect("the test waits");
            hold.recv().expect("the test lets go");
        });
        began.recv().expect("it runs");
        let first = pool.submit(|| 1);
        let second = pool.submit(|| panic!("nobody has waited for it: it must not run"));
        let refused = wait(pool.submit(|| 3)).expect_err("the queue is full");
        assert_eq!((refused.status().as_u16(), refused.code()), (503, Some("FW_ERR_BUSY")));
        drop::<BlockingResult<()>>(second);
        let third = pool.submit(|| 3);
        assert_eq!(pool.pending(), 3);
        go.send(()).expect("it waits");
        wait(running).expect("it ends");
        assert_eq!((wait(first).expect("its turn"), wait(third).expect("its turn")), (1, 3));
    }

    #[test]
    fn a_panic_is_the_error_of_its_work_alone() {
        let pool = Pool::new(PoolSize { threads: 1, queue: 10 });
        let error = wait(pool.submit(|| -> u8 { panic!("no") })).expect_err("it panicked");
        assert_eq!(error.code(), Some("FW_ERR_PANIC"));
        assert_eq!(wait(pool.submit(|| 1)).expect("the thread lives"), 1);
    }

    #[test]
    fn a_pool_that_is_dropped_finishes_what_waits() {
        let pool = Pool::new(PoolSize { threads: 1, queue: 10 });
        let results: Vec<_> = (0..5).map(|n| pool.submit(move || n)).collect();
        drop(pool);
        for (n, result) in results.into_iter().enumerate() {
            assert_eq!(wait(result).expect("it was taken"), n);
        }
    }

    #[test]
    fn threads_without_a_pool_share_one() {
        assert_eq!(wait(crate::blocking(|| 7).into_future()).expect("there is room"), 7);
    }
}
