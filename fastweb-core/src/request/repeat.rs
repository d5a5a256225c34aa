//! A request that is answered once more, for nobody.

use std::fmt;

use super::Request;
use crate::exchange::Exchange;
use crate::lifecycle::{self, Trouble};
use crate::reply::StoredReply;

/// A request that is answered once more, without a client: [`Request::repeat`].
#[must_use = "nothing happens until it is answered"]
pub struct Repeat(Box<Exchange>);

impl Request {
    /// The same request once more, for nobody: what a cache brings its answers up to date with. It has the head and the peer of this one, an empty body, and nothing that hooks
    /// have attached to it.
    ///
    /// ```
    /// # use std::sync::{Arc, Mutex};
    /// # use fastweb_core::{App, Inject, Request, Result};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// struct Again;
    ///
    /// let seen = Arc::new(Mutex::new(Vec::new()));
    /// let list = seen.clone();
    /// let handler = move |req: &mut Request| -> Result<&'static str> {
    ///     list.lock().unwrap().push(req.target().to_owned());
    ///     if req.extensions().get::<Again>().is_none() {
    ///         let mut again = req.repeat();
    ///         again.request_mut().extensions_mut().insert(Again);
    ///         req.after(async move { assert_eq!(again.answer().await.unwrap().body(), "answered") })?;
    ///     }
    ///     Ok("answered")
    /// };
    /// let server = App::new().get("/", handler).build().await?;
    /// server.inject(Inject::get("/?a=1")).await.assert_text("answered");
    /// assert_eq!(*seen.lock().unwrap(), ["/?a=1", "/?a=1"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn repeat(&self) -> Repeat {
        let mut exchange = Exchange::new(self.app.clone());
        exchange.request.stand_in_for(self);
        exchange.request.varies = self.varies;
        Repeat(exchange)
    }
}

impl Repeat {
    /// The request, for what is to be attached to it.
    pub fn request_mut(&mut self) -> &mut Request {
        &mut self.0.request
    }

    /// Goes the way of a request from its `on_request` hooks to `on_send`, on this worker, and gives the reply that nobody is sent. `on_response` hooks do not run.
    /// `None` where the reply is not in memory, gives its connection away, or took longer than [`Limits::handler_timeout`](crate::Limits::handler_timeout).
    pub async fn answer(self) -> Option<StoredReply> {
        let Self(mut exchange) = self;
        let app = exchange.request.app.clone();
        let route = app.record(exchange.request.route);
        let respond = async {
            let answered = lifecycle::caught_throughout(lifecycle::respond(&app, route, &mut exchange)).await;
            if let Err(error) = answered.and_then(|()| lifecycle::fault(&mut exchange.reply)) {
                lifecycle::caught_throughout(lifecycle::recover(&app, &mut exchange, Trouble::Failed(error))).await?;
            }
            Ok::<(), crate::Error>(())
        };
        let in_time = tokio::time::timeout(app.frozen.settings.limits.handler_timeout, respond).await;
        let kept = match in_time {
            Ok(Ok(())) => exchange.reply.store(),
            Ok(Err(_)) | Err(_) => None,
        };
        lifecycle::guarded(lifecycle::clean_up(&app, &mut exchange.request)).await;
        for work in exchange.reply.take_later() {
            // Where there is no room for it, it is dropped, as that of any reply.
            let _ = exchange.request.after(work);
        }
        if let Some(work) = exchange.request.take_background() {
            work.await;
        }
        kept
    }
}

impl fmt::Debug for Repeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Repeat").field(&self.0.request).finish()
    }
}
