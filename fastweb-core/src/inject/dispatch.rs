//! Requests that the application sends to itself, from one of its handlers.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::task::Poll;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::oneshot;

use super::{Inject, InjectReply, PIPE};
use crate::error::{Error, Result};
use crate::http1;
use crate::server::Worker;

thread_local! {
    /// The worker that this thread belongs to.
    static CURRENT: RefCell<Weak<Worker>> = const { RefCell::new(Weak::new()) };
}

/// Makes `worker` the one of this thread. Local tasks can be spawned here.
pub(crate) fn set_current(worker: &Rc<Worker>) {
    CURRENT.set(Rc::downgrade(worker));
}

impl Inject {
    /// Sends this request to the application that runs the caller, on the same worker and without a socket: what Fastify's handlers do by `app.inject`. It goes the way of every
    /// request, with hooks, validation and limits. The answer may have `most` bytes, its head included; of a longer one there is only the beginning, and it
    /// [is broken](InjectReply::is_broken).
    ///
    /// The future is `Send`. Where it is dropped, the request is one whose client is gone.
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, Path, Result};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let both = async || -> Result<String> {
    ///     let (one, two) = (Inject::get("/users/1").dispatch(10_000).await?, Inject::get("/users/2").dispatch(10_000).await?);
    ///     Ok(format!("{} and {}", one.text(), two.text()))
    /// };
    /// let app = App::new().get("/users/{id}", |Path(id): Path<u64>| format!("user {id}")).get("/both", both);
    /// app.build().await?.inject(Inject::get("/both")).await.assert_text("user 1 and user 2");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// This is no thread of a server's worker: as in [`inject_local`](crate::Server::inject_local), and in tasks that run elsewhere.
    pub fn dispatch(self, most: usize) -> impl Future<Output = Result<InjectReply>> + Send + 'static {
        let answer = CURRENT.with_borrow(Weak::upgrade).map(|worker| {
            let (reply, answer) = oneshot::channel();
            tokio::task::spawn_local(exchange(worker, self, most, reply));
            answer
        });
        async move {
            let none = "a request of the application to itself was sent outside of its workers: call `dispatch` in a handler, a hook or a task of one";
            let answer = answer.ok_or_else(|| Error::internal(none))?;
            answer.await.map_err(|_| Error::internal("a worker ended before a request of its own was answered"))
        }
    }
}

async fn exchange(worker: Rc<Worker>, request: Inject, most: usize, mut reply: oneshot::Sender<InjectReply>) {
    let (head_only, peer) = (request.is_head(), request.peer);
    let (client, io) = tokio::io::duplex(PIPE);
    let serving = tokio::task::spawn_local(http1::serve(http1::Other(io), peer, worker, None));
    let answer = {
        let mut talk = pin!(talk(client, request.into_bytes(), most));
        // Nobody waits any more: the client's end goes with the conversation, and the request is told so.
        poll_fn(|cx| match talk.as_mut().poll(cx) {
            Poll::Ready(received) => Poll::Ready(Some(received)),
            Poll::Pending => reply.poll_closed(cx).map(|()| None),
        })
        .await
    };
    if let Some(received) = answer {
        let _ = reply.send(InjectReply::parse(&received, head_only));
    }
    let _ = serving.await;
}

/// What is answered, or the first `most` bytes of it.
async fn talk(client: DuplexStream, request: Vec<u8>, most: usize) -> Vec<u8> {
    let (reading, mut writing) = tokio::io::split(client);
    let mut reading = reading.take(most as u64);
    let mut received = Vec::new();
    let mut write = pin!(async {
        // A server that answers early may stop reading. The end is said here: one that was told before is a client that is gone.
        if writing.write_all(&request).await.is_ok() {
            let _ = writing.flush().await;
        }
        let _ = writing.shutdown().await;
    });
    let mut read = pin!(reading.read_to_end(&mut received));
    let mut written = false;
    poll_fn(|cx| {
        written = written || write.as_mut().poll(cx).is_ready();
        read.as_mut().poll(cx)
    })
    .await
    .ok();
    received
}
