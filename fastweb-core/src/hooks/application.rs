//! Hooks of the application itself: they run once, not per request.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use super::IntoFlow;
use crate::error::Result;
use crate::route::Route;
use crate::scope::Scope;

/// Runs when the server accepts connections.
pub(crate) type ListenHook = Arc<dyn Fn(SocketAddr) -> Result<()> + Send + Sync>;

/// Runs at one moment of the server's life: `on_ready`, `pre_close`, `on_close`.
pub(crate) type LifeHook = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<()>>>> + Send + Sync>;

/// Sees every route of its scope, and gives it back, changed or not.
pub(crate) type RouteHook = Arc<dyn Fn(Route) -> Route + Send + Sync>;

/// Sees every scope inside its own.
pub(crate) type RegisterHook = Arc<dyn Fn(Scope) -> Scope + Send + Sync>;

/// The hooks of one scope that run once.
#[derive(Clone, Default)]
pub(crate) struct ApplicationHooks {
    pub(crate) on_route: Vec<RouteHook>,
    pub(crate) on_register: Vec<RegisterHook>,
    pub(crate) on_ready: Vec<LifeHook>,
    pub(crate) on_listen: Vec<ListenHook>,
    pub(crate) pre_close: Vec<LifeHook>,
    pub(crate) on_close: Vec<LifeHook>,
}

impl ApplicationHooks {
    /// Appends those of `other`.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.on_route.extend(other.on_route);
        self.on_register.extend(other.on_register);
        self.on_ready.extend(other.on_ready);
        self.on_listen.extend(other.on_listen);
        self.pre_close.extend(other.pre_close);
        self.on_close.extend(other.on_close);
    }
}

/// A hook of the server's life from a function.
pub(crate) fn life_hook<F, R>(hook: F) -> LifeHook
where
    F: AsyncFn() -> R + Send + Sync + 'static,
    R: IntoFlow + 'static,
{
    let hook = Arc::new(hook);
    Arc::new(move || {
        let hook = hook.clone();
        Box::pin(async move { hook().await.into_flow().map(drop) })
    })
}
