//! A client on a real socket that writes raw bytes and reads strictly.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::PATIENCE;
use super::answer::{self, Answer};

pub(crate) struct Client {
    stream: TcpStream,
    /// Read and not yet taken as an answer.
    unread: Vec<u8>,
    ended: bool,
}

impl Client {
    #[track_caller]
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).expect("the server accepts");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        stream.set_write_timeout(Some(PATIENCE)).expect("a timeout can be set");
        stream.set_nodelay(true).expect("delays can be turned off");
        Self { stream, unread: Vec::new(), ended: false }
    }

    /// A second handle, to write from another thread.
    pub(crate) fn stream(&self) -> TcpStream {
        self.stream.try_clone().expect("a socket can be cloned")
    }

    #[track_caller]
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.stream.write_all(bytes.as_ref()).expect("the server reads");
        self
    }

    /// Sends as much as the server takes. It may close the connection whenever it wants to.
    pub(crate) fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Whether nothing has come so far: neither bytes nor the end.
    pub(crate) fn try_peek_is_quiet(&self) -> bool {
        self.stream.set_nonblocking(true).expect("it can be set");
        let peeked = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false).expect("it can be set");
        peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// The next answer, or nothing where the connection ends before it.
    pub(crate) fn try_read_answer(&mut self) -> Option<Answer> {
        let mut space = [0; 64 * 1024];
        loop {
            if let Some((answer, used)) = answer::parse(&self.unread, false, self.ended) {
                self.unread.drain(..used);
                return Some(answer);
            }
            match self.stream.read(&mut space) {
                Ok(0) | Err(_) => return None,
                Ok(n) => self.unread.extend_from_slice(&space[..n]),
            }
        }
    }

    /// Sends a request and reads its answer.
    #[track_caller]
    pub(crate) fn ask(&mut self, request: impl AsRef<[u8]>) -> Answer {
        self.send(request).answer()
    }

    /// The next answer.
    #[track_caller]
    pub(crate) fn answer(&mut self) -> Answer {
        self.read_answer(false)
    }

    /// The next answer, which is to a `HEAD` request.
    #[track_caller]
    pub(crate) fn head_answer(&mut self) -> Answer {
        self.read_answer(true)
    }

    #[track_caller]
    fn read_answer(&mut self, head_only: bool) -> Answer {
        loop {
            if let Some((answer, used)) = answer::parse(&self.unread, head_only, self.ended) {
                self.unread.drain(..used);
                return answer;
            }
            assert!(!self.ended, "the connection ended within an answer: {:?}", String::from_utf8_lossy(&self.unread));
            self.fill();
        }
    }

    #[track_caller]
    fn fill(&mut self) {
        let mut space = [0; 64 * 1024];
        match self.stream.read(&mut space) {
            Ok(0) => self.ended = true,
            Ok(n) => self.unread.extend_from_slice(&space[..n]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => panic!("no answer: {error}; so far {:?}", String::from_utf8_lossy(&self.unread)),
        }
    }

    /// The next `n` bytes as they are.
    #[track_caller]
    pub(crate) fn raw(&mut self, n: usize) -> String {
        while self.unread.len() < n {
            assert!(!self.ended, "the connection ended: {:?}", String::from_utf8_lossy(&self.unread));
            self.fill();
        }
        String::from_utf8_lossy(&self.unread.drain(..n).collect::<Vec<_>>()).into_owned()
    }

    /// The next head of an answer as it is, without the empty line and without the `date`.
    #[track_caller]
    pub(crate) fn raw_head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head.push_str(&self.raw(1));
        }
        let lines = head.trim_end().split("\r\n").filter(|line| !line.starts_with("date: "));
        lines.collect::<Vec<_>>().join("\r\n")
    }

    /// Waits until at least one byte of the next answer is there.
    #[track_caller]
    pub(crate) fn wait_for_bytes(&mut self) {
        while self.unread.is_empty() {
            assert!(!self.ended, "the connection ended before an answer");
            self.fill();
        }
    }

    /// Waits until so many bytes of the next answer are there.
    #[track_caller]
    pub(crate) fn read_at_least(&mut self, len: usize) {
        while self.unread.len() < len {
            assert!(!self.ended, "the connection ended after {} bytes", self.unread.len());
            self.fill();
        }
    }

    /// Waits until what is there of the next answer ends with `end`.
    #[track_caller]
    pub(crate) fn read_until(&mut self, end: &[u8]) {
        while !self.unread.ends_with(end) {
            assert!(!self.ended, "the connection ended after {:?}", String::from_utf8_lossy(&self.unread));
            self.fill();
        }
    }

    /// Everything up to the end of the connection.
    #[track_caller]
    pub(crate) fn read_to_end(&mut self) -> Vec<u8> {
        while !self.ended {
            self.fill();
        }
        std::mem::take(&mut self.unread)
    }

    /// Everything up to the end of the connection, or why it did not end well.
    pub(crate) fn try_read_to_end(&mut self) -> Result<Vec<u8>, String> {
        let mut received = std::mem::take(&mut self.unread);
        match self.stream.read_to_end(&mut received) {
            Ok(_) => Ok(received),
            Err(error) => Err(format!("{error}, behind {:?}", String::from_utf8_lossy(&received))),
        }
    }

    /// What comes until the end of the connection, or until nothing has come for some time.
    pub(crate) fn read_for(&mut self, silence: Duration) -> Vec<u8> {
        self.stream.set_read_timeout(Some(silence)).expect("a timeout can be set");
        let mut space = [0; 64 * 1024];
        while let Ok(n @ 1..) = self.stream.read(&mut space) {
            self.unread.extend_from_slice(&space[..n]);
        }
        std::mem::take(&mut self.unread)
    }

    /// Asserts that the server closes the connection without saying anything more.
    #[track_caller]
    pub(crate) fn assert_closed(&mut self) {
        let rest = self.read_to_end();
        assert_eq!(String::from_utf8_lossy(&rest), "", "bytes before the end of the connection");
    }

    /// Asserts that nothing comes for some time, not even the end of the connection.
    #[track_caller]
    pub(crate) fn assert_quiet(&mut self, time: Duration) {
        let began = Instant::now();
        assert_eq!(String::from_utf8_lossy(&self.unread), "", "bytes that nobody waits for");
        let mut space = [0; 1024];
        while let Some(left) = time.checked_sub(began.elapsed()).filter(|left| !left.is_zero()) {
            self.stream.set_read_timeout(Some(left)).expect("a timeout can be set");
            match self.stream.read(&mut space) {
                Ok(n) => panic!("not quiet: {:?}", String::from_utf8_lossy(&space[..n])),
                Err(error) => assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}"),
            }
        }
        self.stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
    }

    /// Says that nothing more will be sent; answers are still read.
    pub(crate) fn finish_sending(&mut self) -> &mut Self {
        let _ = self.stream.shutdown(Shutdown::Write);
        self
    }

    /// Cuts the connection off with a reset, as a crashed client does.
    pub(crate) fn reset(self) {
        let socket = socket2::SockRef::from(&self.stream);
        socket.set_linger(Some(Duration::ZERO)).expect("lingering can be turned off");
    }
}
