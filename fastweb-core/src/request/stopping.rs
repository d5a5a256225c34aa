//! How work that would go on for ever learns that the server stops.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::ops::Deref;
use std::pin::pin;
use std::rc::Rc;

use super::{CancellationToken, Request};
use crate::app::BoundApp;
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

thread_local! {
    /// The application for which the body of a reply is being made, while its source runs.
    static SENDING: RefCell<Option<Rc<BoundApp>>> = const { RefCell::new(None) };
}

impl Stopping {
    /// The token of the server that sends a body, for the source of that body: the function of [`Body::from_fn`](crate::Body::from_fn) or
    /// [`Body::from_poll_fn`](crate::Body::from_poll_fn) and what they call. For answers that have no end of their own and are made where there is no
    /// request. Everywhere else `None`.
    ///
    /// ```
    /// # use fastweb_core::{App, Body, Inject, Stopping};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// assert!(Stopping::while_sending().is_none());
    /// let stops = || {
    ///     Body::from_fn(async |out| {
    ///         let stops = Stopping::while_sending().is_some_and(|stopping| stopping.is_cancelled());
    ///         out.send(stops.to_string()).await;
    ///         Ok(())
    ///     })
    /// };
    /// let server = App::new().get("/", stops).build().await?;
    /// server.inject(Inject::get("/")).await.assert_text("false");
    /// # Ok(())
    /// # }
    /// ```
    pub fn while_sending() -> Option<Self> {
        SENDING.with_borrow(|app| app.as_ref().map(|app| Self(app.stopping.clone())))
    }

    /// Polls `source` as the source of a body that `app` sends.
    pub(crate) async fn provided<T>(app: &Rc<BoundApp>, source: impl Future<Output = T>) -> T {
        /// Puts back what was there before, also where the source panics: a source may send within another's.
        struct Restore(Option<Rc<BoundApp>>);
        impl Drop for Restore {
            fn drop(&mut self) {
                SENDING.set(self.0.take());
            }
        }
        let mut source = pin!(source);
        poll_fn(|cx| {
            let _restore = Restore(SENDING.replace(Some(app.clone())));
            source.as_mut().poll(cx)
        })
        .await
    }
}

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
