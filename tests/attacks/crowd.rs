//! Thousands of clients on one thread.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::answer::{self, Answer};

/// A crowd's patience is longer than a client's: there are many of them.
pub(crate) const LONG: Duration = Duration::from_secs(120);

/// Runs a crowd on this thread.
#[track_caller]
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { tokio::time::timeout(LONG, work).await }).expect("the crowd is done in time")
}

/// Lets whatever else runs on this machine go before this thread. Where there is no `renice` it stays as it is.
pub(crate) fn yield_to_others() {
    let thread = std::fs::read_link("/proc/thread-self").ok();
    if let Some(id) = thread.as_deref().and_then(Path::file_name) {
        let _ = Command::new("renice").args(["-n", "19", "-p"]).arg(id).stdout(Stdio::null()).status();
    }
}

/// One of many.
pub(crate) struct Member {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Member {
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::new() })
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await
    }

    /// The next answer. Nothing is lost where it is waited for no longer.
    pub(crate) async fn answer(&mut self) -> io::Result<Answer> {
        loop {
            if let Some((answer, used)) = answer::parse(&self.received, false, false) {
                self.received.drain(..used);
                return Ok(answer);
            }
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    pub(crate) async fn ask(&mut self, request: impl AsRef<[u8]>) -> io::Result<Answer> {
        self.send(request).await?;
        self.answer().await
    }

    /// Whether the server has closed without another word.
    pub(crate) async fn is_closed(&mut self) -> bool {
        self.received.is_empty() && matches!(self.stream.read_buf(&mut self.received).await, Ok(0))
    }
}

/// The outputs of all members of a crowd that are at work at the same time.
pub(crate) async fn all<T: Send + 'static>(
    work: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let tasks: Vec<_> = work.map(tokio::spawn).collect();
    let mut outputs = Vec::with_capacity(tasks.len());
    for task in tasks {
        outputs.push(task.await.expect("no panic"));
    }
    outputs
}
