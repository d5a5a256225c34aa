//! How work learns that nobody waits for it any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Tells work that its request has taken too long, that its client is gone, or that the server stops without waiting any longer: Fastify's
/// `request.signal`.
///
/// An argument of a handler, or [`Request::cancellation`](crate::Request::cancellation). A handler itself is dropped then, unless its route's
/// [timeout](crate::Timeout) says otherwise; the token is for what it has started elsewhere: a thread, a task, [`blocking`](crate::blocking) work. It is `Send`, and clones
/// are the same token. A request that is answered leaves it as it is.
///
/// ```
/// # use fastweb_core::{App, CancellationToken, Inject};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// let search = async |token: CancellationToken| {
///     let found = std::thread::spawn(move || (0..1_000).take_while(|_| !token.is_cancelled()).count());
///     found.join().map_or(0, |count| count).to_string()
/// };
/// let server = App::new().get("/search", search).build().await?;
/// server.inject(Inject::get("/search")).await.assert_text("1000");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct CancellationToken(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    cancelled: AtomicBool,
    changed: Notify,
}

impl CancellationToken {
    /// Whether it is cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Acquire)
    }

    /// Waits until it is cancelled: for ever, where that never happens.
    pub async fn cancelled(&self) {
        loop {
            let changed = self.0.changed.notified();
            if self.is_cancelled() {
                return;
            }
            changed.await;
        }
    }

    pub(crate) fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Release);
        self.0.changed.notify_waiters();
    }
}
