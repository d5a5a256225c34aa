//! The control runtime: one thread on which an application is built, and that lives until its last `on_close` hook has ended.
//!
//! Plugins are set up here, signals and ticks are waited for here, and what plugins spawn runs here. `App::run` makes the thread it is called on the control
//! thread; `App::build` starts one.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::{mpsc, oneshot};

use super::control::{Serving, control, first_of};
use crate::app::{App, FrozenApp};
use crate::erased::spawn_local;
use crate::error::{Error, Result};
use crate::hooks::LifeHook;
use crate::lifecycle::caught_to_end;

/// A built application's control thread. It ends when the last of these is gone.
#[derive(Clone, Debug)]
pub(super) struct Control {
    orders: mpsc::UnboundedSender<Order>,
    /// Addresses that are bound: waiting to be served, or served.
    bound: Arc<AtomicUsize>,
}

#[derive(Debug)]
enum Order {
    Serve(Serving, oneshot::Sender<Result<()>>),
    Close(oneshot::Sender<Result<()>>),
}

/// Counts a bound address while it lasts.
#[derive(Debug)]
pub(super) struct Bound(Arc<AtomicUsize>);

impl Drop for Bound {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Control {
    /// Starts the thread and builds `app` on it.
    pub(super) async fn build(app: App) -> Result<(Arc<FrozenApp>, Self)> {
        let (orders, received) = mpsc::unbounded_channel();
        let (built, frozen) = oneshot::channel();
        let bound = Arc::new(AtomicUsize::new(0));
        let counted = bound.clone();
        let thread = std::thread::Builder::new().name("fastweb-control".into());
        thread.spawn(move || live(app, built, received, counted))?;
        let frozen = frozen.await.unwrap_or_else(|_| Err(control_is_gone()))?;
        Ok((frozen, Self { orders, bound }))
    }

    pub(super) fn count(&self) -> Bound {
        self.bound.fetch_add(1, Ordering::AcqRel);
        Bound(self.bound.clone())
    }

    /// Serves until the end of `serving`, and where no other address is bound until that of the application.
    pub(super) async fn serve(&self, serving: Serving) -> Result<()> {
        self.order(|done| Order::Serve(serving, done)).await
    }

    /// Runs the `on_close` hooks, if they have not run.
    pub(super) async fn close(&self) -> Result<()> {
        self.order(Order::Close).await
    }

    async fn order(&self, order: impl FnOnce(oneshot::Sender<Result<()>>) -> Order) -> Result<()> {
        let (done, result) = oneshot::channel();
        self.orders.send(order(done)).map_err(|_| control_is_gone())?;
        result.await.unwrap_or_else(|_| Err(control_is_gone()))
    }
}

fn control_is_gone() -> Error {
    Error::at_start("the server's control thread panicked".into())
}

/// Runs `work` on a control runtime on this thread.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    runtime()?.block_on(work)
}

fn runtime() -> Result<LocalRuntime> {
    Ok(Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?)
}

/// The life of a control thread.
fn live(
    app: App,
    built: oneshot::Sender<Result<Arc<FrozenApp>>>,
    orders: mpsc::UnboundedReceiver<Order>,
    bound: Arc<AtomicUsize>,
) {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return drop(built.send(Err(error))),
    };
    runtime.block_on(async {
        match FrozenApp::build(app).await {
            Ok(frozen) => {
                let life = Rc::new(Life::new(frozen.clone(), bound));
                if built.send(Ok(frozen)).is_ok() {
                    obey(&life, orders).await;
                }
                let _ = life.close().await;
            }
            Err(error) => drop(built.send(Err(error))),
        }
    });
}

async fn obey(life: &Rc<Life>, mut orders: mpsc::UnboundedReceiver<Order>) {
    let mut serving = Vec::new();
    while let Some(order) = orders.recv().await {
        match order {
            Order::Serve(what, done) => {
                let life = life.clone();
                serving.push(spawn_local(async move {
                    let _ = done.send(life.serve(what, false).await);
                }));
            }
            Order::Close(done) => {
                let _ = done.send(life.close().await);
            }
        }
    }
    for task in serving {
        let _ = task.await;
    }
}

/// A built application on its control runtime.
pub(super) struct Life {
    app: Arc<FrozenApp>,
    bound: Arc<AtomicUsize>,
    /// Of the addresses that are served, those that were asked to stop.
    stopping: Cell<usize>,
    is_closed: Cell<bool>,
}

/// Counts an address that was asked to stop until it has.
pub(super) struct Stopping<'l>(&'l Cell<usize>);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Life {
    /// For an application whose only address is served by the caller.
    pub(super) fn alone(app: Arc<FrozenApp>) -> Self {
        Self::new(app, Arc::default())
    }

    fn new(app: Arc<FrozenApp>, bound: Arc<AtomicUsize>) -> Self {
        Self { app, bound, stopping: Cell::new(0), is_closed: Cell::new(false) }
    }

    /// An address was asked to stop.
    pub(super) fn begin_to_stop(&self) -> Stopping<'_> {
        self.stopping.set(self.stopping.get() + 1);
        Stopping(&self.stopping)
    }

    pub(super) async fn serve(&self, serving: Serving, signals: bool) -> Result<()> {
        if self.is_closed.get() {
            return Err(Error::at_start(
                "the server was closed and cannot serve again: build the application anew".into(),
            ));
        }
        let result = control(self, &self.app, serving, signals).await;
        if self.bound.load(Ordering::Acquire) > 0 {
            return result;
        }
        result.and(self.close().await)
    }

    /// Runs the `pre_close` hooks, where the address that is to stop is the last one that was not asked to before.
    pub(super) async fn about_to_close(&self, limit: Duration, hurry: impl Future<Output = ()>) {
        if self.app.pre_close.is_empty() || self.stopping.get() < self.bound.load(Ordering::Acquire) {
            return;
        }
        let hooks = async { drop(run_all(&self.app.pre_close, "pre_close").await) };
        if tokio::time::timeout(limit, first_of(hooks, hurry)).await.is_err() {
            tracing::error!("the pre_close hooks took longer than the shutdown may: they were dropped");
        }
    }

    /// Waits until no blocking work is left, where no other address can have more of it.
    pub(super) async fn blocking_work_ended(&self) {
        while self.bound.load(Ordering::Acquire) <= 1 && self.app.pool.pending() > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Runs the `on_close` hooks, once.
    pub(super) async fn close(&self) -> Result<()> {
        if self.is_closed.replace(true) {
            return Ok(());
        }
        let left = self.app.pool.pending();
        if left > 0 {
            tracing::warn!(left, "blocking work was not over when the server stopped");
        }
        run_all(&self.app.on_close, "on_close").await
    }
}

/// Runs hooks one after the other, all of them. Gives the last error.
async fn run_all(hooks: &[LifeHook], phase: &str) -> Result<()> {
    let mut result = Ok(());
    for hook in hooks {
        if let Err(error) = caught_to_end(|| hook()).await {
            tracing::error!(error = ?error, "an {phase} hook failed");
            result = Err(error);
        }
    }
    result
}
