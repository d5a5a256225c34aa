//! Sizes and times that a server keeps to.

use std::time::Duration;

/// Sizes and times that a server keeps to. The defaults make it safe to expose as it comes.
///
/// | limit | default | beyond it |
/// |---|---|---|
/// | [`head`](Self::head) | 16 KiB | 431 |
/// | [`headers`](Self::headers) | 100 | 431 |
/// | [`target`](Self::target) | 8 KiB | 414 |
/// | [`body`](Self::body) | 1 MiB, per route | 413 |
/// | [`head_timeout`](Self::head_timeout) | 10 s after accept or first byte | 408, or a silent close where nothing came |
/// | [`body_timeout`](Self::body_timeout) | 30 s without a byte | 408 |
/// | [`body_rate`](Self::body_rate) | 240 bytes per second, after the first 5 s | 408 |
/// | [`write_timeout`](Self::write_timeout) | 30 s without progress | close |
/// | [`handler_timeout`](Self::handler_timeout) | 60 s | 503 |
/// | [`keep_alive`](Self::keep_alive) | 72 s | close |
/// | [`connections`](Self::connections) | 10,000 or 0.8 × the limit of open files, the smaller | new ones wait |
/// | [`connections_per_peer`](Self::connections_per_peer) | any number | close |
/// | [`shutdown_grace`](Self::shutdown_grace) | 0.1 s | idle connections are closed |
/// | [`shutdown_timeout`](Self::shutdown_timeout) | 30 s | 503 and close |
///
/// Times are exact to 0.25 s. What came beyond a limit is counted: [`Counts`](crate::Counts).
///
/// What one connection holds in memory follows from these: while a request is answered, one buffer of what comes behind it
/// (16 KiB, or `head` where that is more), answers of at most 64 KiB and the last one that are not yet written, and what its handler has. A connection that waits
/// for a request holds no buffer.
///
/// ```
/// # use std::time::Duration;
/// # use fastweb_core::{App, Limits};
/// let app = App::new().limits(Limits::default().with_keep_alive(Duration::from_secs(5)).with_head(8 * 1024));
/// # drop(app);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a request's head, with its request line. At most 60 KiB.
    pub head: usize,
    /// Header fields of a request. At most 128.
    pub headers: usize,
    /// Bytes of a request's target.
    pub target: usize,
    /// Bytes of a request's body, where its route says nothing else.
    pub body: u64,
    /// How long a client may take to send a head.
    pub head_timeout: Duration,
    /// How long a client may pause within a body.
    pub body_timeout: Duration,
    /// Bytes per second in which a body has to come, on average over the time in which the server waits for it; the first 5 s are
    /// free. A handler that reads slowly is not the client's fault and does not count. 0 is no such bound: for bodies that are a
    /// conversation, not an upload.
    pub body_rate: u32,
    /// How long a client may not read.
    pub write_timeout: Duration,
    /// How long a handler may take, not counting the time in which it waits for its request's body; and a body that is streamed, from piece to piece.
    pub handler_timeout: Duration,
    /// How long a connection may be idle between two requests.
    pub keep_alive: Duration,
    /// Connections of all workers together. 0 is the default.
    pub connections: usize,
    /// Connections of one peer: an IPv4 address, or the 64-bit network of an IPv6 address. One more is closed as soon as it is accepted. 0 is
    /// no such bound, and right behind a proxy, where all clients are one peer.
    pub connections_per_peer: usize,
    /// How long idle connections stay open after shutdown has begun, for requests that are on their way.
    pub shutdown_grace: Duration,
    /// How long requests may take to end after shutdown has begun.
    pub shutdown_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: 16 * 1024,
            headers: 100,
            target: 8 * 1024,
            body: 1024 * 1024,
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            body_rate: 240,
            write_timeout: Duration::from_secs(30),
            handler_timeout: Duration::from_secs(60),
            keep_alive: Duration::from_secs(72),
            connections: 0,
            connections_per_peer: 0,
            shutdown_grace: Duration::from_millis(100),
            shutdown_timeout: Duration::from_secs(30),
        }
    }
}

macro_rules! setters {
    ($($name:ident $field:ident $type:ty,)+) => {$(
        #[doc = concat!("These limits with another [`", stringify!($field), "`](Self::", stringify!($field), ").")]
        #[must_use]
        pub fn $name(mut self, $field: $type) -> Self {
            self.$field = $field;
            self
        }
    )+};
}

impl Limits {
    setters! {
        with_head head usize,
        with_headers headers usize,
        with_target target usize,
        with_body body u64,
        with_head_timeout head_timeout Duration,
        with_body_timeout body_timeout Duration,
        with_body_rate body_rate u32,
        with_write_timeout write_timeout Duration,
        with_handler_timeout handler_timeout Duration,
        with_keep_alive keep_alive Duration,
        with_connections connections usize,
        with_connections_per_peer connections_per_peer usize,
        with_shutdown_grace shutdown_grace Duration,
        with_shutdown_timeout shutdown_timeout Duration,
    }

    /// What is wrong with these limits.
    pub(crate) fn problem(&self) -> Option<String> {
        let longest = crate::request::head::Head::LONGEST;
        if self.head > longest || self.head < 64 {
            return Some(format!("Limits::head is {}, and a head has from 64 to {longest} bytes", self.head));
        }
        if self.headers > crate::http1::MOST_HEADERS {
            return Some(format!(
                "Limits::headers is {}, and there are at most {}",
                self.headers,
                crate::http1::MOST_HEADERS
            ));
        }
        None
    }

    /// Connections of all workers together: 10,000, or what open files allow.
    pub(crate) fn most_connections(&self) -> usize {
        if self.connections > 0 {
            return self.connections;
        }
        open_files().map_or(10_000, connections_for)
    }
}

/// Files that a server has open beside its connections: listeners, event queues, standard streams, and a few of the application's.
const OTHER_FILES: usize = 48;

/// Connections where so many files may be open.
fn connections_for(files: usize) -> usize {
    // Where there are few, what is not a connection's is more than a fifth.
    (files / 5 * 4).min(files.saturating_sub(OTHER_FILES)).max(files / 5).clamp(1, 10_000)
}

/// The soft limit of open files of this process, where the system tells it.
fn open_files() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find(|line| line.starts_with("Max open files"))?;
    line.split_ascii_whitespace().nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_follow_open_files() {
        assert_eq!(Limits::default().with_connections(7).most_connections(), 7);
        let most = Limits::default().most_connections();
        assert!((1..=10_000).contains(&most));
        for (files, connections) in [(0, 1), (50, 10), (64, 16), (128, 80), (1024, 816), (20_000, 10_000)] {
            assert_eq!(connections_for(files), connections, "{files} files");
        }
    }

    #[test]
    fn limits_that_cannot_be_kept_are_told() {
        assert_eq!(Limits::default().problem(), None);
        assert!(Limits::default().with_head(1 << 20).problem().is_some());
        assert!(Limits::default().with_headers(1000).problem().is_some());
    }
}
