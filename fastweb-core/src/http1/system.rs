//! The system calls of a request, without what the C library's functions do beside them.
//!
//! Its `recv` and `send` are points where a thread may be cancelled: each notes that it has begun and that it has ended, with a locked
//! instruction (together 130 instructions of a request, 2026-11). Nobody cancels these threads, and its `syscall` does without.
//!
//! This is one of the crate's modules with `unsafe` code.

#![allow(unsafe_code)]

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) use direct::{receive, send};
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(super) use portable::{receive, send};

/// By number: where the numbers are those of recvfrom(2) and sendto(2) themselves.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod direct {
    use std::ffi::c_long;
    use std::io;
    use std::os::fd::{AsFd, AsRawFd};
    use std::ptr::null;

    /// Reads what is there: at most as much as fits.
    #[inline]
    pub(in super::super) fn receive(socket: &impl AsFd, space: &mut [u8]) -> io::Result<usize> {
        let (socket, flags) = (c_long::from(socket.as_fd().as_raw_fd()), 0 as c_long);
        let no_address = null::<u8>();
        // SAFETY: recvfrom(2) writes at most `space.len()` bytes to `space`, which is borrowed for writing, and no address.
        let received = unsafe {
            libc::syscall(libc::SYS_recvfrom, socket, space.as_mut_ptr(), space.len(), flags, no_address, no_address)
        };
        counted(received)
    }

    /// Writes what there is room for.
    #[inline]
    pub(in super::super) fn send(socket: &impl AsFd, bytes: &[u8]) -> io::Result<usize> {
        let (socket, flags) = (c_long::from(socket.as_fd().as_raw_fd()), c_long::from(libc::MSG_NOSIGNAL));
        let (no_address, no_len) = (null::<u8>(), 0_usize);
        // SAFETY: sendto(2) reads at most `bytes.len()` bytes of `bytes`, and no address.
        let sent =
            unsafe { libc::syscall(libc::SYS_sendto, socket, bytes.as_ptr(), bytes.len(), flags, no_address, no_len) };
        counted(sent)
    }

    fn counted(result: c_long) -> io::Result<usize> {
        usize::try_from(result).map_err(|_| io::Error::last_os_error())
    }
}

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod portable {
    use std::io::{self, Read};

    use tokio::net::TcpStream;

    pub(in super::super) fn receive(socket: &TcpStream, space: &mut [u8]) -> io::Result<usize> {
        (&*socket2::SockRef::from(socket)).read(space)
    }

    pub(in super::super) fn send(socket: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
        socket.try_write(bytes)
    }
}

#[cfg(all(test, target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tests {
    use std::io;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn what_is_sent_is_received_and_failures_are_told() {
        let (one, other) = UnixStream::pair().expect("two ends");
        other.set_nonblocking(true).expect("a socket");
        let mut space = [0; 8];
        let nothing = receive(&other, &mut space).expect_err("nothing was sent");
        assert_eq!(nothing.kind(), io::ErrorKind::WouldBlock);
        assert_eq!(send(&one, b"twelve bytes").expect("room"), 12);
        assert_eq!(receive(&other, &mut space).expect("bytes"), 8);
        assert_eq!(&space, b"twelve b");
        assert_eq!(receive(&other, &mut space).expect("bytes"), 4);
        assert_eq!(&space[..4], b"ytes");
        drop(one);
        assert_eq!(receive(&other, &mut space).expect("the end"), 0);
        // And no signal.
        assert_eq!(send(&other, b"x").expect_err("nobody reads it").kind(), io::ErrorKind::BrokenPipe);
    }
}
