//! How work that would go on for ever learns that the server stops.

use std::ops::Deref;

use super::{CancellationToken, Request};
use crate::error::Result;
use crate::extract::{BindCx, Extract};

/// A token that is cancelled as soon as the server is asked to stop: for streams that have no end of their own.
///
/// An argument of a handler, or [`Request::stopping`]. A body that ends then ends well. One that goes on is waited for until
/// [`Limits::shutdown_timeout`](crate::Limits::shutdown_timeout) is over, and its transfer is broken.
///
/// ```
/// # use std::time::Duration;
/// # use fastweb_core::{App, Body, Inject, Stopping};
/// let ticks = |stopping: Stopping| {
///     Body::from_fn(async move |out| {
///         while !stopping.is_cancelled() {
///             out.send("tick\n").await;
///             tokio::select! {
///                 () = tokio::time::sleep(Duration::from_secs(1)) => {}
///                 () = stopping.cancelled() => {}
///             }
///         }
///         Ok(())
///     })
/// };
/// let app = App::new().get("/ticks", ticks);
/// # drop(app);
/// ```
#[derive(Clone, Debug)]
pub struct Stopping(pub CancellationToken);

impl Deref for Stopping {
    type Target = CancellationToken;

    fn deref(&self) -> &CancellationToken {
        &self.0
    }
}

impl Request {
    /// The token that is cancelled as soon as the server is asked to stop. Handlers take [`Stopping`].
    pub fn stopping(&self) -> CancellationToken {
        self.app.stopping.clone()
    }
}

impl Extract for Stopping {
    type Bound = ();

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        Ok(Self(req.stopping()))
    }
}
