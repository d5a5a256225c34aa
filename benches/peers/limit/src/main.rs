//! What the system itself costs: one epoll loop per worker that reads, finds the end of each request, writes bytes that were there before, and
//! does nothing else. It looks at a byte or two of the request line, believes every length, and refuses nothing.

mod connection;

use std::io;
use std::os::fd::AsRawFd;

use connection::{Connection, Replies};
use contract::{arguments, listener, on_threads};

fn main() {
    let (port, workers) = arguments();
    on_threads(workers, move || worker(port));
}

fn worker(port: u16) {
    let replies = Replies::new();
    let listener = listener(port);
    let listener = listener.as_raw_fd();
    let mut connections: Vec<Option<Connection>> = Vec::new();
    let mut input = vec![0; 64 * 1024];
    // SAFETY: it takes a flag and gives a descriptor or -1.
    let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
    assert!(epoll >= 0, "{}", io::Error::last_os_error());
    watch(epoll, listener, libc::EPOLLIN);
    let mut events = [libc::epoll_event { events: 0, u64: 0 }; 512];
    loop {
        // SAFETY: `events` is as long as is said, and outlives the call.
        let ready = unsafe { libc::epoll_wait(epoll, events.as_mut_ptr(), events.len() as i32, -1) };
        for event in &events[..ready.max(0) as usize] {
            let fd = event.u64 as i32;
            if fd == listener {
                accept(epoll, listener, &mut connections);
                continue;
            }
            let place = &mut connections[fd as usize];
            if place.as_mut().is_some_and(|connection| connection.serve(&mut input, &replies).is_err()) {
                // Dropped, it is closed.
                *place = None;
            }
        }
    }
}

fn accept(epoll: i32, listener: i32, connections: &mut Vec<Option<Connection>>) {
    loop {
        let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
        // SAFETY: null is allowed where nobody wants the address.
        let fd = unsafe { libc::accept4(listener, std::ptr::null_mut(), std::ptr::null_mut(), flags) };
        if fd < 0 {
            return;
        }
        let on: i32 = 1;
        // SAFETY: the option is an int, and `on` is one.
        unsafe {
            libc::setsockopt(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY, (&raw const on).cast(), size_of::<i32>() as u32)
        };
        if connections.len() <= fd as usize {
            connections.resize_with(fd as usize + 1, || None);
        }
        // SAFETY: the descriptor was just made and belongs to nobody else.
        connections[fd as usize] = Some(unsafe { Connection::new(fd) });
        watch(epoll, fd, libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLET);
    }
}

fn watch(epoll: i32, fd: i32, events: i32) {
    let mut event = libc::epoll_event { events: events as u32, u64: fd as u64 };
    // SAFETY: `event` outlives the call.
    let failed = unsafe { libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, fd, &raw mut event) };
    assert_eq!(failed, 0, "{}", io::Error::last_os_error());
}
