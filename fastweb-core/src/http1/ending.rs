//! How a connection ends.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use super::connection::{Connection, End};
use super::io::Io;
use super::upgrade;
use crate::server::Event;

impl<I: Io> Connection<I> {
    /// Ends the connection.
    pub(super) async fn end(mut self, end: End)
    where
        I: 'static,
    {
        match end {
            End::Close => self.close().await,
            End::Linger => self.linger().await,
            End::Reset => self.io.reset_at_end(),
            End::Gone => {}
            End::HandedOver(takeover) => return upgrade::run(self, takeover).await,
        }
        self.abandon().await;
    }

    async fn close(&mut self) {
        if self.flush().await.is_ok() {
            self.shut_down().await;
        }
    }

    /// Says that no more answers follow. A stream that is no socket may have something to write for that: it has the time of a write.
    async fn shut_down(&mut self) {
        let deadline = self.worker.clock.deadline(self.worker.times.write);
        self.entry.set_deadline(deadline);
        let _ = poll_fn(|cx| match Pin::new(&mut self.io).poll_shutdown(cx) {
            Poll::Pending if self.worker.clock.is_over(deadline) => Poll::Ready(Ok(())),
            polled => polled,
        })
        .await;
        self.entry.clear_deadline();
    }

    /// Says that no more answers follow, then reads away what the client still sends: for at most 5 s, ending after 1 s of silence.
    async fn linger(&mut self) {
        self.shut_down().await;
        self.discard_input().await;
    }

    /// Requests whose replies could not be written: nobody has read them.
    async fn abandon(&mut self) {
        for mut exchange in std::mem::take(&mut self.unflushed) {
            self.worker.count(Event::Aborted);
            self.tell_of_abort(&mut exchange).await;
            self.worker.put_exchange(exchange);
        }
    }
}
