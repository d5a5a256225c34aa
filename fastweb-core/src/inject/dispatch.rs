//! Requests that the application sends to itself, from one of its handlers.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use tokio::sync::oneshot;

use super::{Inject, InjectReply, PIPE};
use crate::erased;
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
            erased::spawn_local(exchange(worker, self, most, reply));
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
    // It ends with its answer. To end it here by a half-closed pipe would hide whether somebody still waits.
    let request = request.header("connection", "close").into_bytes();
    let (client, stream) = tokio::io::duplex(PIPE);
    let is_reset = Rc::new(Cell::new(false));
    let pipe = Pipe { stream, is_reset: is_reset.clone() };
    let serving = erased::spawn_local(http1::serve(erased::stream(pipe), peer, worker, None));
    let answer = {
        let mut talk = pin!(talk(client, request, most, &is_reset));
        poll_fn(|cx| match talk.as_mut().poll(cx) {
            Poll::Ready(received) => Poll::Ready(Some(received)),
            // Nobody waits any more. The client's end goes with the conversation.
            Poll::Pending => reply.poll_closed(cx).map(|()| {
                is_reset.set(true);
                None
            }),
        })
        .await
    };
    if let Some(received) = answer {
        let _ = reply.send(InjectReply::parse(&received, head_only));
    }
    let _ = serving.await;
}

/// What is answered, or the first `most` bytes of it.
async fn talk(client: DuplexStream, request: Vec<u8>, most: usize, is_reset: &Cell<bool>) -> Vec<u8> {
    let (reading, mut writing) = tokio::io::split(client);
    let mut reading = reading.take(most as u64);
    let mut received = Vec::new();
    {
        // A server that answers early may stop reading.
        let mut write = pin!(async { drop(writing.write_all(&request).await) });
        let mut read = pin!(reading.read_to_end(&mut received));
        let mut written = false;
        let read = poll_fn(|cx| {
            written = written || write.as_mut().poll(cx).is_ready();
            read.as_mut().poll(cx)
        });
        let _ = read.await;
    }
    is_reset.set(received.len() >= most);
    received
}

/// The server's end, on which a client that is gone is told from one that only has nothing more to say.
struct Pipe {
    stream: DuplexStream,
    is_reset: Rc<Cell<bool>>,
}

impl AsyncRead for Pipe {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if polled.is_ready() && self.is_reset.get() && buf.filled().len() == before {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        polled
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
