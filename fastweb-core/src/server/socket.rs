//! What a server listens on, and what it accepts there: TCP, or Unix sockets.
//!
//! The kinds are told apart once per connection; the connection loop is compiled for each of them.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::task::{Context, Poll};

use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};

/// A listening socket that belongs to no runtime yet.
#[derive(Debug)]
pub(super) enum Socket {
    Tcp(std::net::TcpListener),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixListener),
}

impl Socket {
    pub(super) fn try_clone(&self) -> io::Result<Self> {
        match self {
            Self::Tcp(listener) => listener.try_clone().map(Self::Tcp),
            #[cfg(unix)]
            Self::Unix(listener) => listener.try_clone().map(Self::Unix),
        }
    }

    pub(super) fn set_nonblocking(&self) -> io::Result<()> {
        match self {
            Self::Tcp(listener) => listener.set_nonblocking(true),
            #[cfg(unix)]
            Self::Unix(listener) => listener.set_nonblocking(true),
        }
    }

    /// Unspecified, `0.0.0.0:0`, for a Unix socket.
    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr(),
            #[cfg(unix)]
            Self::Unix(_) => Ok((Ipv4Addr::UNSPECIFIED, 0).into()),
        }
    }

    /// A connection that waits already.
    pub(super) fn accept(&self) -> io::Result<(Detached, Option<SocketAddr>)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept()?;
                stream.set_nonblocking(true)?;
                Ok((Detached::Tcp(stream), Some(peer)))
            }
            #[cfg(unix)]
            Self::Unix(listener) => {
                let (stream, _) = listener.accept()?;
                stream.set_nonblocking(true)?;
                Ok((Detached::Unix(stream), None))
            }
        }
    }
}

/// A listening socket on its worker's runtime.
pub(super) enum Listener {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
    /// Fails with these errors before it accepts anything.
    #[cfg(test)]
    Faulty(std::cell::RefCell<std::collections::VecDeque<io::Error>>, TcpListener),
}

impl Listener {
    pub(super) fn attach(socket: Socket) -> io::Result<Self> {
        match socket {
            Socket::Tcp(listener) => TcpListener::from_std(listener).map(Self::Tcp),
            #[cfg(unix)]
            Socket::Unix(listener) => UnixListener::from_std(listener).map(Self::Unix),
        }
    }

    /// The next connection. Only TCP has addresses of peers.
    pub(super) fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(Stream, Option<SocketAddr>)>> {
        match self {
            Self::Tcp(listener) => listener.poll_accept(cx).map_ok(|(stream, peer)| (Stream::Tcp(stream), Some(peer))),
            #[cfg(unix)]
            Self::Unix(listener) => listener.poll_accept(cx).map_ok(|(stream, _)| (Stream::Unix(stream), None)),
            #[cfg(test)]
            Self::Faulty(errors, listener) => match errors.borrow_mut().pop_front() {
                Some(error) => Poll::Ready(Err(error)),
                None => listener.poll_accept(cx).map_ok(|(stream, peer)| (Stream::Tcp(stream), Some(peer))),
            },
        }
    }
}

/// A connection on a worker's runtime.
pub(super) enum Stream {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// A connection between runtimes.
pub(super) enum Detached {
    Tcp(std::net::TcpStream),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixStream),
}

impl Stream {
    pub(super) fn attach(stream: Detached) -> io::Result<Self> {
        match stream {
            Detached::Tcp(stream) => TcpStream::from_std(stream).map(Self::Tcp),
            #[cfg(unix)]
            Detached::Unix(stream) => UnixStream::from_std(stream).map(Self::Unix),
        }
    }

    pub(super) fn detach(self) -> io::Result<Detached> {
        match self {
            Self::Tcp(stream) => stream.into_std().map(Detached::Tcp),
            #[cfg(unix)]
            Self::Unix(stream) => stream.into_std().map(Detached::Unix),
        }
    }
}
