//! A worker thread: one tokio runtime, its connections, and its way to the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::mpsc;

use super::accept::{Placed, Shared, accept, accept_backlog, receive};
use super::socket::{Listener, Socket};
use super::worker::{Stage, Worker};
use crate::app::{BoundApp, FrozenApp};
use crate::erased::spawn_local;
use crate::error::Result;
use crate::lifecycle::caught;

/// What a worker thread starts with.
pub(super) struct Start {
    pub(super) index: usize,
    pub(super) count: usize,
    pub(super) app: Arc<FrozenApp>,
    pub(super) shared: Arc<Shared>,
    /// Where it shows what it runs.
    pub(super) pulse: Arc<AtomicU64>,
    pub(super) listener: Socket,
    pub(super) inbox: mpsc::UnboundedReceiver<Placed>,
    /// Told once: the worker accepts, or why it does not.
    pub(super) ready: mpsc::UnboundedSender<Result<()>>,
}

/// Threads for blocking work that tokio may start per worker; files and name look-ups use them.
const MOST_BLOCKING_THREADS: usize = 64;

/// How often a stopping worker looks whether it is done.
const POLL: Duration = Duration::from_millis(2);

/// What is left running this long after everything was told to end is dropped.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Runs a worker until the server stops.
pub(super) fn run(start: Start) {
    let ready = start.ready.clone();
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(MOST_BLOCKING_THREADS)
        .build_local(LocalOptions::default());
    // A worker that panics before it accepts, in an extractor's `bind`, must say so: the server waits for every worker.
    let result = match runtime {
        Ok(runtime) => caught(|| runtime.block_on(serve(start))).and_then(|served| served),
        Err(error) => Err(error.into()),
    };
    if let Err(error) = result {
        let _ = ready.send(Err(error));
    }
}

async fn serve(start: Start) -> Result<()> {
    let Start { index, count, app, shared, pulse, listener, inbox, ready } = start;
    let worker = Worker::watched(BoundApp::bind(app).await?, index as u64, count as u64, pulse);
    worker.begin_to_serve();
    let backlog = listener.try_clone()?;
    let listener = Listener::attach(listener)?;

    let timekeeper = worker.clone();
    let ticks = shared.ticks.clone();
    spawn_local(async move { timekeeper.follow_time(ticks).await });
    spawn_local(receive(worker.clone(), inbox));
    let accepting = spawn_local(accept(worker.clone(), listener, shared.clone(), index));
    let _ = ready.send(Ok(()));

    let mut stage = shared.stage.subscribe();
    let _ = stage.wait_for(|stage| *stage >= Stage::Draining).await;
    worker.advance(Stage::Draining);
    accepting.abort();
    accept_backlog(&worker, &backlog, &shared, index);
    drop(backlog);
    shared.accepting.fetch_sub(1, Ordering::AcqRel);

    let grace = Instant::now() + worker.app.frozen.settings.limits.shutdown_grace;
    let mut aborted = None;
    let is_done = || shared.accepting.load(Ordering::Acquire) == 0 && shared.load(index) == 0 && worker.is_idle();
    while !is_done() {
        let wanted = *stage.borrow();
        if wanted >= Stage::Abort {
            worker.advance(Stage::Abort);
            if aborted.get_or_insert_with(Instant::now).elapsed() > LAST_WORD {
                break;
            }
        } else if Instant::now() >= grace {
            worker.advance(Stage::CloseIdle);
        }
        tokio::time::sleep(POLL).await;
    }
    let left = worker.app.background.get();
    if left > 0 {
        tracing::warn!(target: "fastweb::background", left, "background work was not over when its worker stopped: it is dropped");
    }
    Ok(())
}
