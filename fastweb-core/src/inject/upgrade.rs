//! Injected requests that ask for another protocol.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use tokio::sync::oneshot;

use super::{Inject, InjectReply, PIPE};
use crate::erased;
use crate::http1;
use crate::server::Worker;

/// The client's side of a connection that is no HTTP any more: what [`Server::inject_upgrade`](crate::Server::inject_upgrade) gives beside the reply.
///
/// Dropping it is the end of the connection, as if the client had closed its socket.
pub struct InjectIo {
    /// What came with the reply's head.
    ahead: Vec<u8>,
    pipe: Option<DuplexStream>,
}

impl InjectIo {
    /// That of a connection that has ended.
    pub(super) fn ended() -> Self {
        Self { ahead: Vec::new(), pipe: None }
    }
}

/// Sends `request` to the connection loop of `worker`, tells `reply` what comes of it, and serves the connection to its end.
pub(super) async fn exchange(worker: Rc<Worker>, request: Inject, reply: oneshot::Sender<(InjectReply, InjectIo)>) {
    let (is_connect, head_only, peer) = (request.is_connect(), request.is_head(), request.peer);
    let (client, io) = tokio::io::duplex(PIPE);
    let serving = erased::spawn_local(http1::serve(erased::stream(io), peer, worker.clone(), None));
    let _ = reply.send(ask(client, request.into_bytes(), is_connect, head_only).await);
    let _ = serving.await;
    worker.finish_background().await;
}

async fn ask(client: DuplexStream, request: Vec<u8>, is_connect: bool, head_only: bool) -> (InjectReply, InjectIo) {
    let (mut reading, mut writing) = tokio::io::split(client);
    let mut received = Vec::new();
    let head = {
        // A server that answers early may stop reading.
        let mut write = pin!(async { drop(writing.write_all(&request).await) });
        let mut read = pin!(read_head(&mut reading, &mut received));
        let mut written = false;
        poll_fn(|cx| {
            written = written || write.as_mut().poll(cx).is_ready();
            read.as_mut().poll(cx)
        })
        .await
    };
    let is_granted = |status: u16| status == 101 || (is_connect && (200..300).contains(&status));
    if let Some((len, status)) = head
        && is_granted(status)
    {
        let ahead = received.split_off(len);
        return (InjectReply::parse(&received, true), InjectIo { ahead, pipe: Some(reading.unsplit(writing)) });
    }
    let _ = writing.shutdown().await;
    let _ = reading.read_to_end(&mut received).await;
    (InjectReply::parse(&received, head_only), InjectIo::ended())
}

/// Reads to the end of the head of a final answer or of 101: where that is, and the status.
async fn read_head(reading: &mut (impl AsyncRead + Unpin), received: &mut Vec<u8>) -> Option<(usize, u16)> {
    let mut start = 0;
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 256];
        let mut head = httparse::Response::new(&mut headers);
        match head.parse(&received[start..]).ok()? {
            httparse::Status::Complete(len) => {
                start += len;
                match head.code? {
                    100 | 102..200 => {}
                    status => return Some((start, status)),
                }
            }
            httparse::Status::Partial if reading.read_buf(received).await.ok()? == 0 => return None,
            httparse::Status::Partial => {}
        }
    }
}

impl AsyncRead for InjectIo {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            let n = self.ahead.len().min(buf.remaining());
            buf.put_slice(&self.ahead[..n]);
            self.ahead.drain(..n);
            return Poll::Ready(Ok(()));
        }
        self.pipe.as_mut().map_or(Poll::Ready(Ok(())), |pipe| Pin::new(pipe).poll_read(cx, buf))
    }
}

/// Writing to a connection that has ended.
fn gone<T>() -> Poll<io::Result<T>> {
    Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
}

impl AsyncWrite for InjectIo {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.pipe.as_mut().map_or_else(gone, |pipe| Pin::new(pipe).poll_write(cx, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pipe.as_mut().map_or_else(gone, |pipe| Pin::new(pipe).poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pipe.as_mut().map_or(Poll::Ready(Ok(())), |pipe| Pin::new(pipe).poll_shutdown(cx))
    }
}

impl fmt::Debug for InjectIo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InjectIo").field("ended", &self.pipe.is_none()).finish_non_exhaustive()
    }
}
