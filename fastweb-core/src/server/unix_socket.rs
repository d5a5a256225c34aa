//! Sockets in the file system.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use socket2::{Domain, SockAddr, Socket, Type};

use crate::error::{Error, Result};

/// Where a Unix socket is to be, and who may connect: for [`Server::bind_unix`](crate::Server::bind_unix). A path by itself is one with the permissions that the process' umask
/// leaves.
///
/// ```
/// use fastweb_core::UnixSocket;
///
/// // For the user and the group of this process: a proxy that is in the group.
/// let socket = UnixSocket::new("/run/shop/http.sock").mode(0o660);
/// # drop(socket);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a socket is nothing until it is bound"]
pub struct UnixSocket {
    path: PathBuf,
    mode: Option<u32>,
}

impl UnixSocket {
    /// A socket at this path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), mode: None }
    }

    /// The permissions of the socket's file: `0o600` for the user of this process alone. They hold before the first client can connect.
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Listens. What a server that is gone has left there is removed; nothing else is.
    pub(super) fn listen(&self, backlog: i32) -> Result<(UnixListener, SocketFile)> {
        self.try_listen(backlog).map_err(|error| {
            Error::at_start(format!("cannot listen on the Unix socket {}: {error}", self.path.display()))
                .with_source(error)
        })
    }

    fn try_listen(&self, backlog: i32) -> io::Result<(UnixListener, SocketFile)> {
        let address = SockAddr::unix(&self.path)?;
        make_room(&self.path, &address)?;
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address)?;
        let file = SocketFile::of(&self.path)?;
        // Between these two nobody can connect: a socket that does not listen refuses.
        if let Some(mode) = self.mode {
            fs::set_permissions(&self.path, fs::Permissions::from_mode(mode))?;
        }
        socket.listen(backlog)?;
        Ok((socket.into(), file))
    }
}

impl<P: Into<PathBuf>> From<P> for UnixSocket {
    fn from(path: P) -> Self {
        Self::new(path)
    }
}

/// Removes a socket that nobody listens on.
fn make_room(path: &Path, address: &SockAddr) -> io::Result<()> {
    let there = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !there.is_socket() {
        let message = "there is something that is no socket; it is left as it is: remove it, or take another path";
        return Err(io::Error::new(ErrorKind::AlreadyExists, message));
    }
    // A blocking connect would wait where another server's backlog is full.
    let probe = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    probe.set_nonblocking(true)?;
    match probe.connect(address) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Ok(()) => Err(in_use()),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Err(in_use()),
        Err(error) => Err(error),
    }
}

fn in_use() -> io::Error {
    io::Error::new(ErrorKind::AddrInUse, "another server listens there")
}

/// The file of a bound socket. It is removed with this, unless another server has put its own in its place.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl SocketFile {
    fn of(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), identity: identity(path)? })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|now| now == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Device and number of a file.
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|metadata| (metadata.dev(), metadata.ino()))
}
