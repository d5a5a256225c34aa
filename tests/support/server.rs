//! A server on a free port, on a thread of its own.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;

use fastweb::prelude::*;
use fastweb::{Listening, ShutdownHandle};

use super::socket::Client;
use super::{PATIENCE, eventually};

pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) stop: ShutdownHandle,
    thread: Option<JoinHandle<Result<()>>>,
}

impl TestServer {
    /// Serves `app` on a free port.
    pub(crate) fn start(app: App) -> Self {
        Self::start_with(app, |server| server.bind("127.0.0.1:0"))
    }

    pub(crate) fn start_with(app: App, bind: impl FnOnce(&Server) -> Result<Listening> + Send + 'static) -> Self {
        let (ready, bound) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let listening = bind(&app.build().await?)?;
                let _ = ready.send((listening.local_addr(), listening.shutdown_handle()));
                listening.serve().await
            })
        });
        match bound.recv_timeout(PATIENCE) {
            Ok((address, stop)) => Self { address, stop, thread: Some(thread) },
            Err(_) => panic!("the server did not start: {:?}", thread.join()),
        }
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(self.address)
    }

    /// Whether `serve()` has returned.
    pub(crate) fn has_ended(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits until `serve()` returns, and gives what it returned.
    #[track_caller]
    pub(crate) fn wait(mut self) -> Result<()> {
        eventually("serve() returns", || self.has_ended());
        let thread = self.thread.take().expect("it is waited for once");
        thread.join().expect("serve() does not panic")
    }
}

/// Stops the server, so that no test leaves one behind.
impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop.abort();
        if let Some(thread) = self.thread.take()
            && !std::thread::panicking()
        {
            let _ = thread.join();
        }
    }
}
