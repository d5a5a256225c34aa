//! What is compiled once instead of once per type, off the way of requests that come by TCP.
//!
//! A connection is some hundred functions, and a task some hundred of tokio's: where a call through a table costs nothing that counts, one
//! of each serves all.

use std::future::Future;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;

use crate::http1::Other;

/// Any byte stream.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Duplex for T {}

/// A stream that is no socket, as a connection runs over it.
pub(crate) fn stream(io: impl Duplex + 'static) -> Other<Box<dyn Duplex>> {
    Other(Box::new(io))
}

/// Spawns a task of this thread: one that lasts, or is rare.
pub(crate) fn spawn_local(task: impl Future<Output = ()> + 'static) -> JoinHandle<()> {
    let task: Pin<Box<dyn Future<Output = ()>>> = Box::pin(task);
    tokio::task::spawn_local(task)
}
