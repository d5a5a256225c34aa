//! The body of a reply as a whole: what hooks take, wrap and put back.

use super::{Reply, ReplyBody};
use crate::body::Body;

impl Reply {
    /// Takes the body away, whatever it is: in memory or a stream. Status, headers and media type stay.
    ///
    /// Of a reply that [gives its connection away](Self::gives_connection_away) there is none to be had, and it stays as it is.
    pub fn take_body(&mut self) -> Body {
        self.thaw();
        match self.take_reply_body() {
            ReplyBody::Empty => Body::empty(),
            ReplyBody::Static(bytes) => bytes.into(),
            ReplyBody::Bytes(bytes) => bytes.into(),
            ReplyBody::Buffer | ReplyBody::Value => self.take_buffer().into(),
            ReplyBody::Stream(body) => body,
            other @ (ReplyBody::Frozen(_) | ReplyBody::Takeover(_)) => {
                self.body = other;
                Body::empty()
            }
        }
    }

    /// Makes room for a response that says everything itself.
    #[cfg(feature = "tower")]
    pub(crate) fn clear_for_response(&mut self) {
        self.forget_answer();
        self.headers.clear();
    }

    /// Puts what `map` makes of the body in its place: what an `on_send` hook that compresses does. The length that the client is told is that of the new
    /// body; a `content-encoding`, an `etag` that is not true any more and the like are the hook's to set.
    ///
    /// Replies to `HEAD` have the body that `GET` would have, so that what is said about it is the same. A reply that
    /// [gives its connection away](Self::gives_connection_away) stays as it is.
    ///
    /// ```
    /// # use fastweb_core::{App, Body, Inject, Reply, Request};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let unless_large = |_: &mut Request, reply: &mut Reply| {
    ///     reply.map_body(|body| if body.len().is_some_and(|len| len < 10) { body } else { Body::from("much") });
    /// };
    /// let server = App::new().on_send(unless_large).get("/a", "little").get("/b", "more than that").build().await?;
    /// server.inject(Inject::get("/a")).await.assert_text("little").assert_header("content-length", "6");
    /// server.inject(Inject::get("/b")).await.assert_text("much").assert_header("content-length", "4");
    /// # Ok(())
    /// # }
    /// ```
    pub fn map_body(&mut self, map: impl FnOnce(Body) -> Body) -> &mut Self {
        if !self.gives_connection_away() {
            let body = map(self.take_body());
            self.set_body(body);
        }
        self
    }
}
