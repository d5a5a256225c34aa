//! What one worker has: the bound application, buffers, exchanges, its clock and its connections.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::sync::Notify;

use super::clock::{Clock, TICK, Ticks};
use super::connections::Connections;
use super::counters::{Event, Tally};
use super::limits::Limits;
use super::pulse::Pulse;
use crate::app::BoundApp;
use crate::buffer::{BufferPool, Pool};
use crate::exchange::Exchange;
use crate::http1::RepeatedLines;
use crate::lifecycle;
use crate::request::CancellationToken;

/// How far a worker is on its way to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    #[default]
    Running,
    /// No new connections; requests are answered with `connection: close`.
    Draining,
    /// Idle connections are closed.
    CloseIdle,
    /// Whatever is pending is answered with 503.
    Abort,
}

/// The times of [`Limits`](super::Limits) that a connection keeps to.
pub(crate) struct Times {
    pub(crate) head: Ticks,
    pub(crate) body: Ticks,
    pub(crate) body_rate: u32,
    pub(crate) write: Ticks,
    pub(crate) handler: Ticks,
    pub(crate) keep_alive: Ticks,
    /// A connection that is only read away is closed after this much silence.
    pub(crate) silence: Ticks,
    /// And after this much in any case.
    pub(crate) patience: Ticks,
}

impl Times {
    fn of(limits: &Limits) -> Self {
        Self {
            head: Ticks::of(limits.head_timeout),
            body: Ticks::of(limits.body_timeout),
            body_rate: limits.body_rate,
            write: Ticks::of(limits.write_timeout),
            handler: Ticks::of(limits.handler_timeout),
            keep_alive: Ticks::of(limits.keep_alive),
            silence: Ticks::of(Duration::from_secs(1)),
            patience: Ticks::of(Duration::from_secs(5)),
        }
    }
}

/// `on_response` hooks of one worker that run beside their connections at a time.
const MOST_BESIDE: usize = 1024;

pub(crate) struct Worker {
    pub(crate) app: Rc<BoundApp>,
    pub(crate) pool: BufferPool,
    pub(crate) clock: Clock,
    pub(crate) connections: Rc<Connections>,
    exchanges: Pool<Box<Exchange>>,
    pub(crate) repeated: RepeatedLines,
    tally: Tally,
    pub(crate) times: Times,
    pub(crate) pulse: Pulse,
    stage: Cell<Stage>,
    /// Requests that come now are refused: the server stops, in Fastify mode.
    refuses: Cell<bool>,
    next_id: Cell<u64>,
    id_step: u64,
    /// This worker runs on a runtime of its own, where local tasks can be spawned.
    spawns: Cell<bool>,
    /// Nobody waits until all is over, as injected requests do.
    serves: Cell<bool>,
    /// What runs beside its connection: `on_response` hooks, work that was detached.
    beside: Cell<usize>,
    /// Background work that waits for its connection to end, where this worker does not serve.
    background: RefCell<Vec<Pin<Box<dyn Future<Output = ()>>>>>,
}

impl Worker {
    /// Worker number `index` of `count`, which nobody watches.
    pub(crate) fn new(app: Rc<BoundApp>, index: u64, count: u64) -> Rc<Self> {
        Self::watched(app, index, count, Arc::default())
    }

    /// Worker number `index` of `count`. It shows in `pulse` what it runs.
    pub(crate) fn watched(app: Rc<BoundApp>, index: u64, count: u64, pulse: Arc<AtomicU64>) -> Rc<Self> {
        app.frozen.pool.enter();
        let settings = &app.frozen.settings;
        let server_line = settings.server_header.as_ref().map(|value| format!("\r\nserver: {value}").into_bytes());
        Rc::new(Self {
            // A head must fit into one buffer.
            pool: BufferPool::new(settings.limits.head.max(16 * 1024)),
            clock: Clock::new(&server_line.unwrap_or_default()),
            times: Times::of(&settings.limits),
            tally: settings.counters.tally(),
            connections: Rc::default(),
            exchanges: Pool::default(),
            repeated: RepeatedLines::default(),
            pulse: Pulse::new(pulse),
            stage: Cell::default(),
            refuses: Cell::default(),
            next_id: Cell::new(index + 1),
            id_step: count,
            spawns: Cell::new(false),
            serves: Cell::new(false),
            beside: Cell::new(0),
            background: RefCell::default(),
            app,
        })
    }

    #[inline]
    pub(crate) fn count(&self, event: Event) {
        self.tally.count(event);
    }

    pub(crate) fn take_exchange(&self) -> Box<Exchange> {
        self.exchanges.take().unwrap_or_else(|| Exchange::new(self.app.clone()))
    }

    pub(crate) fn put_exchange(&self, mut exchange: Box<Exchange>) {
        if exchange.request.has_extensions() || exchange.reply.has_later() {
            self.begin_background(&mut exchange);
        }
        exchange.reset();
        self.exchanges.put(exchange);
    }

    #[cold]
    fn begin_background(&self, exchange: &mut Exchange) {
        for work in exchange.reply.take_later() {
            if let Err(busy) = exchange.request.after(work) {
                let route = &**exchange.request.pattern();
                tracing::error!(target: "fastweb::background", route, error = ?busy, "background work was dropped");
            }
        }
        let route = exchange.request.route as u32;
        let Some(work) = exchange.request.take_background() else { return };
        if self.serves.get() {
            let pulse = self.pulse.clone();
            tokio::task::spawn_local(async move { pulse.watch(route, pin!(work)).await });
        } else {
            self.background.borrow_mut().push(Box::pin(work));
        }
    }

    /// Sees background work through where nothing else does: that of requests which are injected, or come over a stream of the caller's.
    pub(crate) async fn finish_background(&self) {
        loop {
            let Some(work) = self.background.borrow_mut().pop() else { return };
            work.await;
        }
    }

    /// The id of the next request: unique among all workers.
    pub(crate) fn next_id(&self) -> u64 {
        let id = self.next_id.get();
        self.next_id.set(id.wrapping_add(self.id_step));
        id
    }

    pub(crate) fn stage(&self) -> Stage {
        self.stage.get()
    }

    /// What tells work that lasts longer than a request that its server stops.
    pub(crate) fn closing(&self) -> CancellationToken {
        self.app.stopping.clone()
    }

    pub(crate) fn refuses(&self) -> bool {
        self.refuses.get()
    }

    /// Goes on to `stage` and lets every connection know.
    pub(crate) fn advance(&self, stage: Stage) {
        if stage > self.stage.get() {
            self.stage.set(stage);
            self.refuses.set(self.app.frozen.settings.fastify_mode);
            self.app.stopping.cancel();
            self.connections.wake_all();
        }
    }

    /// This thread is the worker's, and local tasks can be spawned on it.
    pub(crate) fn allow_spawning(self: &Rc<Self>) {
        self.spawns.set(true);
        crate::inject::set_current(self);
    }

    pub(crate) fn begin_to_serve(self: &Rc<Self>) {
        self.allow_spawning();
        self.serves.set(true);
    }

    /// Whether the work of a request may go on beside its connection.
    pub(crate) fn can_detach(&self) -> bool {
        self.spawns.get() && self.beside.get() < MOST_BESIDE
    }

    /// Whether `on_response` hooks may run beside their connection. Where very many do already, connections wait for their own: a client
    /// that asks faster than hooks end must not fill the memory.
    pub(crate) fn can_complete_beside(&self) -> bool {
        self.serves.get() && self.can_detach()
    }

    /// Whether this worker has a thread of its own, where a task outlives the one that has spawned it.
    pub(crate) fn serves(&self) -> bool {
        self.serves.get()
    }

    /// Whether nothing runs on this worker any more.
    pub(crate) fn is_idle(&self) -> bool {
        self.connections.count() == 0 && self.beside.get() == 0 && self.app.background.is_zero()
    }

    /// Runs the `on_response` hooks of a request while its connection goes on. Shutdown waits for them.
    pub(crate) fn complete_beside(worker: Rc<Self>, mut exchange: Box<Exchange>) {
        let route = exchange.request.route as u32;
        Self::run_beside(worker.clone(), route, async move {
            lifecycle::guarded(lifecycle::completed(&worker.app, &mut exchange)).await;
            // A value that hooks attached may panic while it is dropped: this request must still count as done.
            if let Err(panic) = lifecycle::caught(|| worker.put_exchange(exchange)) {
                tracing::error!(error = ?panic, "a value of a request panicked while it was dropped");
            }
        });
    }

    /// Runs `work`, which is for a request of this route, while connections go on. Shutdown waits for it.
    pub(crate) fn run_beside(worker: Rc<Self>, route: u32, work: impl Future<Output = ()> + 'static) {
        struct Counted(Rc<Worker>);
        impl Drop for Counted {
            fn drop(&mut self) {
                self.0.beside.set(self.0.beside.get() - 1);
            }
        }
        worker.beside.set(worker.beside.get() + 1);
        let counted = Counted(worker);
        tokio::task::spawn_local(async move {
            counted.0.pulse.watch(route, pin!(work)).await;
            drop(counted);
        });
    }

    /// Brings the clock up to date and wakes connections whose deadline is over.
    async fn tick(&self) {
        self.clock.tick();
        let mut from = 0;
        while let Some(next) = self.connections.wake_overdue(&self.clock, from) {
            from = next;
            tokio::task::yield_now().await;
        }
    }

    /// Keeps time by the ticks of another thread, for ever. One that comes while connections are still woken is passed over.
    ///
    /// A timer of this runtime's own would be looked at whenever the worker has nothing to do: about 300 instructions per request
    /// on a connection that waits for each answer (2026-11).
    pub(crate) async fn follow_time(&self, ticks: Arc<Notify>) {
        ticks.notified().await;
        self.clock.align();
        self.tick().await;
        loop {
            ticks.notified().await;
            self.tick().await;
        }
    }

    /// Keeps time by this runtime's own timer, for ever.
    pub(crate) async fn keep_time(&self) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            ticks.tick().await;
            self.tick().await;
        }
    }

    /// Runs `work` with the clock beside it, where no worker thread keeps it.
    pub(crate) async fn with_clock<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let mut time = pin!(self.keep_time());
        poll_fn(|cx| {
            let _ = time.as_mut().poll(cx);
            work.as_mut().poll(cx)
        })
        .await
    }
}
