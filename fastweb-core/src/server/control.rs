//! The life of a running server: start the workers, wait for the end, see it through.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};
use tokio::time::MissedTickBehavior;

use super::accept::Shared;
use super::clock::TICK;
use super::life::{Bound, Life};
use super::listening::Stop;
use super::pulse::Watch;
use super::socket::Socket;
use super::thread::{self, Start};
use super::worker::Stage;
use crate::app::FrozenApp;
use crate::error::{Error, Result};
use crate::lifecycle::caught;

/// How long workers may take to end after everything was aborted.
const AFTER_ABORT: Duration = Duration::from_secs(3);

/// A bound address to be served.
#[derive(Debug)]
pub(super) struct Serving {
    /// One per worker: of one socket, or of a socket each.
    pub(super) listeners: Vec<Socket>,
    pub(super) stop: watch::Receiver<Stop>,
    /// Counts the address.
    pub(super) bound: Option<Bound>,
}

/// Serves until `serving.stop` says so, or a signal where `signals` is set.
pub(super) async fn control(life: &Life, app: &Arc<FrozenApp>, serving: Serving, signals: bool) -> Result<()> {
    let Serving { listeners, mut stop, bound } = serving;
    let limits = app.settings.limits.clone();
    let mut signals = if signals { Some(Signals::install()?) } else { None };
    let address = listeners.first().map(Socket::local_addr).transpose()?;
    let (shared, mut ended, _watch) = start_workers(app, listeners).await?;
    if let Some(address) = address {
        for hook in &app.on_listen {
            if let Err(error) = caught(|| hook(address)).and_then(|told| told) {
                tracing::error!(error = ?error, "an on_listen hook failed");
            }
        }
    }

    let ticking = tokio::spawn(tick(shared.ticks.clone()));

    let mut level = stop_requested(&mut stop, Stop::Gracefully, signals.as_mut()).await;
    let _stopping = life.begin_to_stop();
    if level < Stop::Now {
        let hurry = async { level = stop_requested(&mut stop, Stop::Now, signals.as_mut()).await };
        life.about_to_close(limits.shutdown_timeout, hurry).await;
    }
    shared.stage.send_replace(Stage::Draining);
    if level < Stop::Now {
        // Until all is done, the time is up, or somebody asks a second time.
        let second = async {
            stop_requested(&mut stop, Stop::Now, signals.as_mut()).await;
        };
        let ended = async {
            all_ended(&mut ended).await;
            life.blocking_work_ended().await;
        };
        let done = first_of(ended, second);
        let _ = tokio::time::timeout(limits.shutdown_timeout, done).await;
    }
    shared.stage.send_replace(Stage::Abort);
    if tokio::time::timeout(AFTER_ABORT, all_ended(&mut ended)).await.is_err() {
        tracing::error!("a worker did not stop: one of its handlers blocks the thread");
    }
    ticking.abort();
    drop(bound);
    Ok(())
}

/// Starts one thread per listener. Gives what they share, and a channel that closes when the last of them has ended.
async fn start_workers(
    app: &Arc<FrozenApp>,
    listeners: Vec<Socket>,
) -> Result<(Arc<Shared>, mpsc::UnboundedReceiver<Result<()>>, Option<Watch>)> {
    let count = listeners.len();
    let (inboxes, receivers): (Vec<_>, Vec<_>) = (0..count).map(|_| mpsc::unbounded_channel()).unzip();
    let shared = Shared::new(inboxes, &app.settings.limits, app.settings.reuse_port);
    let (ready, mut started) = mpsc::unbounded_channel();
    let pulses: Vec<Arc<AtomicU64>> = (0..count).map(|_| Arc::default()).collect();
    for (index, (listener, inbox)) in listeners.into_iter().zip(receivers).enumerate() {
        let (shared, pulse, ready) = (shared.clone(), pulses[index].clone(), ready.clone());
        let start = Start { index, count, app: app.clone(), shared, pulse, listener, inbox, ready };
        let named = std::thread::Builder::new().name(format!("fastweb-worker-{index}"));
        named.spawn(move || thread::run(start))?;
    }
    drop(ready);
    for _ in 0..count {
        if let Err(error) =
            started.recv().await.unwrap_or_else(|| Err(Error::internal("a worker ended before it began")))
        {
            shared.stage.send_replace(Stage::Abort);
            // What the others hold is theirs until they have ended; `on_close` hooks come after that.
            let _ = tokio::time::timeout(AFTER_ABORT, all_ended(&mut started)).await;
            return Err(error);
        }
    }
    shared.opened.send_replace(true);
    let watch = app.settings.block_warning.map(|threshold| Watch::start(app.clone(), pulses, threshold));
    Ok((shared, started, watch.transpose()?))
}

/// The clock of all workers.
async fn tick(ticks: Arc<Notify>) {
    let mut interval = tokio::time::interval(TICK);
    interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        interval.tick().await;
        ticks.notify_waiters();
    }
}

/// Waits until every worker has ended.
async fn all_ended(ended: &mut mpsc::UnboundedReceiver<Result<()>>) {
    while ended.recv().await.is_some() {}
}

/// Waits until somebody wants at least `level`.
async fn stop_requested(stop: &mut watch::Receiver<Stop>, level: Stop, signals: Option<&mut Signals>) -> Stop {
    let asked = async {
        match stop.wait_for(|asked| *asked >= level).await {
            Ok(asked) => *asked,
            Err(_) => std::future::pending().await,
        }
    };
    match signals {
        None => asked.await,
        Some(signals) => {
            let signalled = async {
                signals.received().await;
                level
            };
            first_of(asked, signalled).await
        }
    }
}

/// The output of whichever future is ready first.
pub(super) async fn first_of<T>(a: impl Future<Output = T>, b: impl Future<Output = T>) -> T {
    let (mut a, mut b) = (pin!(a), pin!(b));
    poll_fn(|cx| match a.as_mut().poll(cx) {
        Poll::Pending => b.as_mut().poll(cx),
        ready => ready,
    })
    .await
}

/// SIGTERM and SIGINT.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn install() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn received(&mut self) {
        poll_fn(|cx| match self.terminate.poll_recv(cx) {
            Poll::Pending => self.interrupt.poll_recv(cx),
            ready => ready,
        })
        .await;
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn install() -> Result<Self> {
        Ok(Self)
    }

    async fn received(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
