//! Work that a reply sets going.

use std::future::Future;

use super::Reply;
use crate::background::{Background, Work};
use crate::hooks::IntoFlow;

impl Reply {
    /// Runs `work` when this request is over, without anybody waiting for it, as [`Request::after`](crate::Request::after) does. Where the worker has as much of it
    /// as it may, it is dropped, which is logged: [`Background`](crate::Background) tells before, by a 503.
    pub fn after<R: IntoFlow + 'static>(&mut self, work: impl Future<Output = R> + 'static) -> &mut Self {
        self.later.push(Background::work(work));
        self
    }

    /// This reply with `work` for when the request is over: [`after`](Self::after).
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, Reply};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let order = || Reply::text("ordered").with_after(async { /* tell the warehouse */ });
    /// let server = App::new().post("/orders", order).build().await?;
    /// server.inject(Inject::post("/orders")).await.assert_text("ordered");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_after<R: IntoFlow + 'static>(mut self, work: impl Future<Output = R> + 'static) -> Self {
        self.after(work);
        self
    }

    #[inline]
    pub(crate) fn has_later(&self) -> bool {
        !self.later.is_empty()
    }

    pub(crate) fn take_later(&mut self) -> Vec<Work> {
        std::mem::take(&mut self.later)
    }
}
