//! The system calls that the standard library has not.

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

pub struct Epoll {
    fd: OwnedFd,
    events: Vec<libc::epoll_event>,
}

impl Epoll {
    pub fn new() -> io::Result<Self> {
        // SAFETY: it takes a flag and gives a descriptor or -1.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it was just made and belongs to nobody else.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Self { fd, events: vec![libc::epoll_event { events: 0, u64: 0 }; 512] })
    }

    /// Every change of a socket is told once.
    pub fn watch(&self, stream: &TcpStream, number: usize) -> io::Result<()> {
        let events = libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLET;
        let mut event = libc::epoll_event { events: events as u32, u64: number as u64 };
        // SAFETY: `event` outlives the call.
        let failed =
            unsafe { libc::epoll_ctl(self.fd.as_raw_fd(), libc::EPOLL_CTL_ADD, stream.as_raw_fd(), &raw mut event) };
        if failed != 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// The numbers of those that have something to do, after at most so many milliseconds.
    pub fn wait(&mut self, milliseconds: i32) -> impl Iterator<Item = usize> {
        let length = self.events.len() as i32;
        // SAFETY: `events` is as long as is said, and outlives the call.
        let ready = unsafe { libc::epoll_wait(self.fd.as_raw_fd(), self.events.as_mut_ptr(), length, milliseconds) };
        self.events[..ready.max(0) as usize].iter().map(|event| event.u64 as usize)
    }
}

/// Begins to connect. From addresses of its own, because one has too few ports for a connection per request.
pub fn connect(port: u16, number: u64) -> io::Result<TcpStream> {
    let check = |result: i32| if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) };
    let address = |last: u8, port: u16| libc::sockaddr_in {
        sin_family: libc::AF_INET as u16,
        sin_port: port.to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes([127, 0, 0, last]) },
        sin_zero: [0; 8],
    };
    let length = size_of::<libc::sockaddr_in>() as u32;
    let on: i32 = 1;
    // SAFETY: addresses and options are as long as is said and outlive the calls, and the descriptor belongs to nobody else.
    unsafe {
        let fd = check(libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC, 0))?;
        let stream = TcpStream::from_raw_fd(fd);
        let option = |level, name| libc::setsockopt(fd, level, name, (&raw const on).cast(), size_of::<i32>() as u32);
        option(libc::IPPROTO_TCP, libc::TCP_NODELAY);
        option(libc::IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT);
        let own = address(2 + (number % 32) as u8, 0);
        check(libc::bind(fd, (&raw const own).cast(), length))?;
        let server = address(1, port);
        match check(libc::connect(fd, (&raw const server).cast(), length)) {
            Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
            _ => Ok(stream),
        }
    }
}
