//! Replies that give their connection away.

use http::StatusCode;

use super::{Reply, ReplyBody};
use crate::hooks::IntoFlow;
use crate::upgrade::{Takeover, TakeoverKind, UpgradedIo};

impl Reply {
    /// Gives the connection to `run` without writing anything: Fastify's `reply.hijack()`. What is answered, if anything, is `run`'s. For another
    /// protocol that the client asks for there is [`Upgrade`](crate::Upgrade), which answers the request as HTTP wants it.
    ///
    /// Replies to earlier requests are written before. What of the request's body was not read comes first, as its bytes stand on the wire, and
    /// then what follows. `on_send` hooks do not run; `on_response` hooks run when the connection is handed over, with the status that this reply has.
    /// All else is as with [`Upgrade::accept`](crate::Upgrade::accept).
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, Reply, Result, UpgradedIo};
    /// # use tokio::io::AsyncWriteExt;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let by_hand = || {
    ///     Reply::hijack(async |mut io: UpgradedIo| -> Result<()> {
    ///         io.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\nby hand").await?;
    ///         Ok(())
    ///     })
    /// };
    /// let server = App::new().get("/", by_hand).build().await?;
    /// server.inject(Inject::get("/")).await.assert_text("by hand");
    /// # Ok(())
    /// # }
    /// ```
    pub fn hijack<R: IntoFlow + 'static>(run: impl AsyncFnOnce(UpgradedIo) -> R + 'static) -> Self {
        Self::taken_over(Takeover::hijack(run))
    }

    /// Whether it gives its connection away: to another protocol, a tunnel, or whoever has hijacked it. It has no body then, and an `on_send` hook that
    /// changes bodies lets it be.
    pub fn gives_connection_away(&self) -> bool {
        matches!(self.body, ReplyBody::Takeover(_))
    }

    pub(crate) fn taken_over(takeover: Box<Takeover>) -> Self {
        let status = match takeover.kind {
            TakeoverKind::Upgrade => StatusCode::SWITCHING_PROTOCOLS,
            TakeoverKind::Tunnel | TakeoverKind::Hijack => StatusCode::OK,
        };
        let status_is = super::StatusIs::Named;
        Self { status, status_is, body: ReplyBody::Takeover(takeover), ..Self::new() }
    }

    pub(crate) fn takeover(&self) -> Option<TakeoverKind> {
        match &self.body {
            ReplyBody::Takeover(takeover) => Some(takeover.kind),
            _ => None,
        }
    }

    /// Gives the connection away with this status, these headers and no others.
    #[cfg(feature = "tower")]
    pub(crate) fn take_over_with(&mut self, takeover: Box<Takeover>, status: StatusCode, headers: &http::HeaderMap) {
        (self.status, self.status_is) = (status, super::StatusIs::Named);
        self.body = ReplyBody::Takeover(takeover);
        for (name, value) in headers {
            self.append_header(name, value);
        }
    }

    pub(crate) fn is_hijacked(&self) -> bool {
        self.takeover() == Some(TakeoverKind::Hijack)
    }

    /// What takes the connection over. The reply has no body afterwards.
    pub(crate) fn take_takeover(&mut self) -> Option<Box<Takeover>> {
        match self.take_reply_body() {
            ReplyBody::Takeover(takeover) => Some(takeover),
            other => {
                self.body = other;
                None
            }
        }
    }
}
