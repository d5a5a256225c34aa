//! The server: workers, accepting, shutdown.

mod accept;
mod clock;
mod connections;
mod control;
mod counters;
mod life;
mod limits;
mod listening;
mod pulse;
mod socket;
mod thread;
#[cfg(unix)]
mod unix_socket;
mod worker;

pub(crate) use accept::Place;
pub(crate) use clock::{Clock, TICK, Ticks};
pub(crate) use connections::ConnectionEntry;
pub(crate) use counters::Event;
pub use counters::{Counters, Counts};
use life::Control;
pub use limits::Limits;
pub use listening::{Listening, ShutdownHandle};
#[cfg(unix)]
pub use unix_socket::UnixSocket;
pub(crate) use worker::{Stage, Worker};

use std::net::{TcpListener, ToSocketAddrs};
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::app::{App, BoundApp, FrozenApp};
use crate::diagnostics::{draw_plugins, draw_routes};
use crate::erased::{self, Duplex};
use crate::error::Result;
use crate::http1::{self, Other};
use crate::inject::{Inject, InjectIo, InjectReply, InjectWorker};

/// A built application: it may listen, and it answers requests without a socket.
///
/// ```
/// # use fastweb_core::{App, Inject};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// let server = App::new().get("/", async || "hello").build().await?;
/// let reply = server.inject(Inject::get("/")).await;
/// assert_eq!(reply.status(), 200);
/// assert_eq!(reply.text(), "hello");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Server {
    pub(crate) app: Arc<FrozenApp>,
    control: Control,
    inject: InjectWorker,
}

impl Server {
    pub(crate) async fn build(app: App) -> Result<Self> {
        let (app, control) = Control::build(app).await?;
        Ok(Self { inject: InjectWorker::new(app.clone()), app, control })
    }

    pub(crate) fn run(app: App, address: impl ToSocketAddrs) -> Result<()> {
        listening::run(app, address)
    }

    /// Binds an address: `"127.0.0.1:3000"`, or port 0 for any that is free. [`Listening::local_addr`] says which it was.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub fn bind(&self, address: impl ToSocketAddrs) -> Result<Listening> {
        Listening::bind(&self.app, &self.control, address)
    }

    /// Serves on a listener that is bound already: one that was inherited, or has options of its own.
    ///
    /// # Errors
    /// The listener has no address, or cannot be made non-blocking.
    pub fn bind_listener(&self, listener: TcpListener) -> Result<Listening> {
        Listening::from_listener(&self.app, &self.control, listener)
    }

    /// Binds a socket in the file system: for a proxy on the same machine. A socket that was left there by a server that is gone is removed first; one that
    /// is in use, and anything that is no socket, is not. The file goes when the server has stopped.
    ///
    /// Requests have no [`peer_addr`](crate::Request::peer_addr); [`App::trust_proxy`](crate::App::trust_proxy) with `"unix"` makes what the proxy says about clients count.
    ///
    /// ```
    /// # use fastweb_core::{App, Request, UnixSocket};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("fastweb-doc-{}.sock", std::process::id()));
    /// let who = |req: &mut Request| req.ip().map(|ip| ip.to_string()).unwrap_or_default();
    /// let server = App::new().trust_proxy("unix").get("/", who).build().await?;
    /// let listening = server.bind_unix(UnixSocket::new(&path).mode(0o660))?;
    /// let stop = listening.shutdown_handle();
    /// let running = tokio::spawn(listening.serve());
    /// // … the proxy's requests …
    /// stop.shutdown();
    /// running.await??;
    /// assert!(!path.exists());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The path is in use, is too long for a socket (107 bytes on Linux), or cannot be written.
    #[cfg(unix)]
    pub fn bind_unix(&self, socket: impl Into<UnixSocket>) -> Result<Listening> {
        Listening::bind_unix(&self.app, &self.control, &socket.into())
    }

    /// Runs the `on_close` hooks of a server that nobody serves any more, or never did: for tests whose plugins hold something. A server that
    /// was served and has stopped is closed already; one that is dropped is closed in the background.
    ///
    /// # Errors
    /// An `on_close` hook failed.
    pub async fn close(self) -> Result<()> {
        self.control.close().await
    }

    /// The state of type `T` that the application was given, itself or by a plugin that shares its scope.
    ///
    /// ```
    /// # use fastweb_core::App;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let server = App::new().state(7_u64).build().await?;
    /// assert_eq!(server.get_state::<u64>().as_deref(), Some(&7));
    /// assert!(server.get_state::<String>().is_none());
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_state<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.app.records[BoundApp::ROOT].states.get()
    }

    /// What this server counts: connections, requests, what was refused, what took too long.
    ///
    /// ```
    /// # use fastweb_core::{App, Inject};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let server = App::new().get("/", "hello").build().await?;
    /// server.inject(Inject::get("/")).await;
    /// assert_eq!(server.counters().read().requests, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn counters(&self) -> Counters {
        self.app.settings.counters.clone()
    }

    /// All routes as a tree: methods, handler, constraints, and how many hooks run in which phase. Below a route stand the models that it reads or answers with
    /// the slower way, by serde, each with the reason: `slower: the body is read by serde and a validator: Event: it has a Uuid, which is no model`.
    ///
    /// ```
    /// # use fastweb_core::{App, Request};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// async fn list() {}
    /// async fn show() {}
    /// let users = App::new().get("/users", list).get("/users/{id}", show).on_request(|_: &mut Request| ());
    /// let server = users.build().await?;
    /// let tree = server.print_routes();
    /// assert!(tree.starts_with("└── /users (GET, HEAD)"));
    /// assert!(tree.contains("    └── {id} (GET, HEAD)"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn print_routes(&self) -> String {
        draw_routes(&self.app.records)
    }

    /// All plugins as a tree, in the order in which they were set up, with the time that each took.
    pub fn print_plugins(&self) -> String {
        draw_plugins(&self.app.plugins)
    }

    /// Answers a request without a socket, on a worker of the server's own, through the same code as a request from the network.
    ///
    /// The future is `Send` and works in every runtime.
    pub async fn inject(&self, request: Inject) -> InjectReply {
        self.inject.send(request).await
    }

    /// As [`inject`](Self::inject), for a request that asks for another protocol or a tunnel: gives the reply and the client's side of the connection that
    /// follows it. Where the reply grants neither, there is nothing to read from it.
    ///
    /// [`Upgrade`](crate::Upgrade) has an example. `inject` alone works too: what the application sends is then the reply's body, and it reads the end
    /// of the connection at once.
    pub async fn inject_upgrade(&self, request: Inject) -> (InjectReply, InjectIo) {
        self.inject.upgrade(request).await
    }

    /// As [`inject`](Self::inject), within the caller's task: for handlers that are to be debugged or measured where they are called. A handler
    /// that calls `tokio::task::spawn_local` needs a `LocalSet` around this.
    pub async fn inject_local(&self, request: Inject) -> InjectReply {
        let worker = match BoundApp::bind(self.app.clone()).await {
            Ok(app) => Worker::new(app, 0, 1),
            Err(error) => return InjectReply::failed(&error),
        };
        worker.with_clock(crate::inject::exchange(&worker, request)).await
    }

    /// Serves one connection over any byte stream, within the caller's task, until it ends: a test's pipe, a tunnel, a protocol of its own around HTTP/1.
    ///
    /// ```
    /// # use fastweb_core::App;
    /// # use tokio::io::{AsyncReadExt, AsyncWriteExt};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let server = App::new().get("/", "hello").build().await?;
    /// let (mut client, io) = tokio::io::duplex(1024);
    /// let mut answer = String::new();
    /// tokio::join!(server.serve_connection(io), async {
    ///     client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    ///     client.read_to_string(&mut answer).await.unwrap();
    /// });
    /// assert!(answer.ends_with("\r\n\r\nhello"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn serve_connection(&self, io: impl AsyncRead + AsyncWrite + Unpin + 'static) {
        self.serve_erased(erased::stream(io)).await;
    }

    async fn serve_erased(&self, io: Other<Box<dyn Duplex>>) {
        match BoundApp::bind(self.app.clone()).await {
            Ok(app) => {
                let worker = Worker::new(app, 0, 1);
                let served = async {
                    http1::serve(io, None, worker.clone(), None).await;
                    worker.finish_background().await;
                };
                worker.with_clock(served).await;
            }
            Err(error) => tracing::error!(error = ?error, "a connection could not be served"),
        }
    }
}
