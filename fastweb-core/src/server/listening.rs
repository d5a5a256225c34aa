//! A bound address, and the handle that stops the server behind it.

use std::fmt;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::Arc;

use socket2::{Domain, Type};
use tokio::sync::watch;

use super::control::Serving;
use super::counters::Counters;
use super::life::{Bound, Control, Life, block_on};
use super::socket::Socket;
#[cfg(unix)]
use super::unix_socket::{SocketFile, UnixSocket};
use crate::app::{App, FrozenApp, Settings};
use crate::error::{Error, Result};

/// Connections that wait to be accepted. 128, a common default, makes floods of connects wait for seconds.
const BACKLOG: i32 = 4096;

/// How urgently a server should stop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stop {
    #[default]
    No,
    Gracefully,
    Now,
}

/// A server that is bound to its address and not running yet.
///
/// ```
/// # use fastweb_core::App;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// let server = App::new().get("/", "hello").build().await?;
/// let listening = server.bind("127.0.0.1:0")?;
/// let address = listening.local_addr();
/// let stop = listening.shutdown_handle();
/// let running = tokio::spawn(listening.serve());
/// // … requests to `address` …
/// # assert_ne!(address.port(), 0);
/// stop.shutdown();
/// running.await??;
/// # Ok(())
/// # }
/// ```
#[must_use = "a server does not run until `serve` is awaited or `run` is called"]
pub struct Listening {
    control: Control,
    bound: Bound,
    /// One per worker: of one socket, or of a socket each.
    listeners: Vec<Socket>,
    address: SocketAddr,
    #[cfg(unix)]
    file: Option<SocketFile>,
    stop: Arc<watch::Sender<Stop>>,
    counters: Counters,
}

/// Stops a server. Can be cloned and sent to where the decision is made.
#[derive(Clone, Debug)]
pub struct ShutdownHandle(Arc<watch::Sender<Stop>>);

impl ShutdownHandle {
    /// Begins a graceful shutdown: no new connections, requests on live ones are answered with `connection: close`, idle ones are closed after
    /// a grace of 0.1 s, `on_close` runs when all is done. What takes longer than the limit (30 s) is answered with 503.
    pub fn shutdown(&self) {
        self.raise(Stop::Gracefully);
    }

    /// Stops at once: what is pending is answered with 503.
    pub fn abort(&self) {
        self.raise(Stop::Now);
    }

    fn raise(&self, level: Stop) {
        self.0.send_if_modified(|asked| {
            let higher = level > *asked;
            if higher {
                *asked = level;
            }
            higher
        });
    }
}

impl Listening {
    pub(super) fn bind(app: &FrozenApp, control: &Control, addresses: impl ToSocketAddrs) -> Result<Self> {
        let listeners = bind(&app.settings, addresses)?;
        Self::new(app, listeners, control)
    }

    pub(super) fn from_listener(app: &FrozenApp, control: &Control, listener: TcpListener) -> Result<Self> {
        Self::new(app, share(&app.settings, Socket::Tcp(listener))?, control)
    }

    #[cfg(unix)]
    pub(super) fn bind_unix(app: &FrozenApp, control: &Control, socket: &UnixSocket) -> Result<Self> {
        let (listener, file) = socket.listen(BACKLOG)?;
        // One socket for all workers, whatever `reuse_port` says: there is no other kind.
        let settings = Settings { reuse_port: false, ..app.settings.clone() };
        let mut listening = Self::new(app, share(&settings, Socket::Unix(listener))?, control)?;
        listening.file = Some(file);
        Ok(listening)
    }

    fn new(app: &FrozenApp, listeners: Vec<Socket>, control: &Control) -> Result<Self> {
        let address = listeners[0].local_addr()?;
        let stop = Arc::new(watch::Sender::new(Stop::No));
        Ok(Self {
            bound: control.count(),
            control: control.clone(),
            listeners,
            address,
            #[cfg(unix)]
            file: None,
            stop,
            counters: app.settings.counters.clone(),
        })
    }

    /// The address that was bound, with the port that port 0 became. Unspecified, `0.0.0.0:0`, for a Unix socket; `on_listen` hooks get the same.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// What the server counts, all its addresses together: as [`Server::counters`](crate::Server::counters).
    pub fn counters(&self) -> Counters {
        self.counters.clone()
    }

    /// A handle that stops this server.
    pub fn shutdown_handle(&self) -> ShutdownHandle {
        ShutdownHandle(self.stop.clone())
    }

    /// Serves until the server is stopped by its handle. May be awaited in any runtime; requests run on fastweb's own threads. Dropping
    /// the future stops the server.
    ///
    /// # Errors
    /// The workers could not be started, or an `on_close` hook failed.
    pub async fn serve(self) -> Result<()> {
        struct StopOnDrop(ShutdownHandle);
        impl Drop for StopOnDrop {
            fn drop(&mut self) {
                self.0.abort();
            }
        }
        let _stop = StopOnDrop(self.shutdown_handle());
        // The socket's file stays until the last request is answered: who looks for the server finds out that it does not accept any more.
        #[cfg(unix)]
        let Self { control, bound, listeners, stop, file: _file, .. } = self;
        #[cfg(not(unix))]
        let Self { control, bound, listeners, stop, .. } = self;
        control.serve(Serving { listeners, stop: stop.subscribe(), bound: Some(bound) }).await
    }
}

/// Builds `app` and serves it on this thread until SIGTERM or SIGINT has stopped it. A second signal stops at once.
pub(super) fn run(app: App, addresses: impl ToSocketAddrs) -> Result<()> {
    block_on(async {
        let app = FrozenApp::build(app).await?;
        let life = Life::alone(app.clone());
        // Nobody has a handle; the signals stop it.
        let stop = watch::Sender::new(Stop::No);
        let served = match bind(&app.settings, addresses) {
            Ok(listeners) => life.serve(Serving { listeners, stop: stop.subscribe(), bound: None }, true).await,
            Err(error) => Err(error),
        };
        served.and(life.close().await)
    })
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening").field("address", &self.address).field("workers", &self.listeners.len()).finish()
    }
}

/// One worker per core that this process may use; a CPU quota of its control group counts.
fn default_workers() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Listens on the first of `addresses` that can be, once per worker.
fn bind(settings: &Settings, addresses: impl ToSocketAddrs) -> Result<Vec<Socket>> {
    let mut last = None;
    for address in addresses.to_socket_addrs().map_err(|error| cannot_listen("the address", error))? {
        match listen(address, settings.reuse_port) {
            Ok(listener) => return share(settings, Socket::Tcp(listener)),
            Err(error) => last = Some(cannot_listen(&address.to_string(), error)),
        }
    }
    Err(last.unwrap_or_else(|| Error::at_start("cannot listen: the address names no host".into())))
}

/// `listener` once per worker, or a socket of its own for each.
fn share(settings: &Settings, listener: Socket) -> Result<Vec<Socket>> {
    listener.set_nonblocking()?;
    let address = listener.local_addr()?;
    let workers = settings.workers.unwrap_or_else(default_workers);
    let mut listeners = vec![listener];
    while listeners.len() < workers {
        let next = if settings.reuse_port { Socket::Tcp(listen(address, true)?) } else { listeners[0].try_clone()? };
        listeners.push(next);
    }
    Ok(listeners)
}

fn cannot_listen(address: &str, error: std::io::Error) -> Error {
    Error::at_start(format!("cannot listen on {address}: {error}")).with_source(error)
}

fn listen(address: SocketAddr, reuse_port: bool) -> std::io::Result<TcpListener> {
    let socket = socket2::Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // So that a restart need not wait for the last connections of the one before.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    #[cfg(all(unix, not(target_os = "solaris"), not(target_os = "illumos")))]
    if reuse_port {
        socket.set_reuse_port(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
