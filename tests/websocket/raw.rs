//! A client on a real socket that writes frames bit by bit, and reads strictly. It shares nothing with the library.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use crate::support::PATIENCE;

pub(crate) const TEXT: u8 = 0x81;
pub(crate) const BINARY: u8 = 0x82;
pub(crate) const CLOSE: u8 = 0x88;
pub(crate) const PING: u8 = 0x89;
pub(crate) const PONG: u8 = 0x8a;
/// A first fragment, of a text or of bytes; one in the middle; the last.
pub(crate) const TEXT_BEGIN: u8 = 0x01;
pub(crate) const BINARY_BEGIN: u8 = 0x02;
pub(crate) const MIDDLE: u8 = 0x00;
pub(crate) const LAST: u8 = 0x80;

/// A frame with this first byte, masked.
pub(crate) fn frame(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let mask = [0x12, 0x9a, 0xfe, 0x03];
    let mut frame = vec![first];
    match payload.len() {
        len @ 0..126 => frame.push(0x80 | len as u8),
        len @ 126..65536 => {
            frame.push(0x80 | 126);
            frame.extend((len as u16).to_be_bytes());
        }
        len => {
            frame.push(0x80 | 127);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

pub(crate) fn close(code: u16, reason: &str) -> Vec<u8> {
    frame(CLOSE, close_payload(code, reason))
}

pub(crate) fn close_payload(code: u16, reason: &str) -> Vec<u8> {
    [&code.to_be_bytes()[..], reason.as_bytes()].concat()
}

pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
    unread: Vec<u8>,
    /// The head of the reply.
    pub(crate) head: String,
}

pub(crate) fn handshake(path: &str, headers: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: test.example\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n{headers}\r\n"
    )
}

impl Raw {
    #[track_caller]
    pub(crate) fn connect(address: SocketAddr, path: &str) -> Self {
        Self::connect_with(address, path, "")
    }

    #[track_caller]
    pub(crate) fn connect_with(address: SocketAddr, path: &str, headers: &str) -> Self {
        let mut raw = Self::ask(address, &handshake(path, headers));
        assert!(raw.head.starts_with("HTTP/1.1 101 "), "{}", raw.head);
        assert!(raw.head.contains("\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{}", raw.head);
        raw.head = raw.head.to_lowercase();
        raw
    }

    /// Sends a request and reads the head of what is answered.
    #[track_caller]
    pub(crate) fn ask(address: SocketAddr, request: &str) -> Self {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).expect("the server accepts");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        stream.set_write_timeout(Some(PATIENCE)).expect("a timeout can be set");
        stream.set_nodelay(true).expect("delays can be turned off");
        let mut raw = Self { stream, unread: Vec::new(), head: String::new() };
        raw.send(request.as_bytes());
        let end = loop {
            if let Some(at) = raw.unread.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(raw.fill(), "the connection ended within the head");
        };
        raw.head = String::from_utf8(raw.unread.drain(..end).collect()).expect("heads are ASCII");
        raw
    }

    #[track_caller]
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.stream.write_all(bytes.as_ref()).expect("the server reads");
        self
    }

    /// Sends what the server takes; it may close whenever it wants to.
    pub(crate) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    /// `false` at the end.
    #[track_caller]
    fn fill(&mut self) -> bool {
        let mut space = [0; 64 * 1024];
        match self.stream.read(&mut space) {
            Ok(n) => {
                self.unread.extend_from_slice(&space[..n]);
                n > 0
            }
            // What was sent behind a close reaches a socket that is no more.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => false,
            Err(error) => panic!("nothing came: {error}; so far {:?}", String::from_utf8_lossy(&self.unread)),
        }
    }

    /// The next frame: its first byte and its payload. `None` at the end of the connection.
    #[track_caller]
    pub(crate) fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            if let Some((first, payload, used)) = parse(&self.unread) {
                self.unread.drain(..used);
                return Some((first, payload));
            }
            if !self.fill() {
                assert!(self.unread.is_empty(), "the connection ended within a frame: {:?}", self.unread);
                return None;
            }
        }
    }

    #[track_caller]
    pub(crate) fn assert_frame(&mut self, first: u8, payload: impl AsRef<[u8]>) -> &mut Self {
        let payload = payload.as_ref();
        match self.frame() {
            Some((got, bytes)) if got == first && bytes == payload => self,
            Some((got, bytes)) => panic!(
                "expected {first:#x} {:?}, got {got:#x} {:?}",
                String::from_utf8_lossy(&payload[..payload.len().min(200)]),
                String::from_utf8_lossy(&bytes[..bytes.len().min(200)])
            ),
            None => panic!("expected {first:#x}, and the connection ended"),
        }
    }

    /// Expects a close with this code, and the end behind it.
    #[track_caller]
    pub(crate) fn assert_closed(&mut self, code: u16) -> String {
        let Some((first, payload)) = self.frame() else { panic!("the connection ended without a close") };
        assert_eq!(first, CLOSE, "a close was expected, not {:?}", String::from_utf8_lossy(&payload));
        let (told, reason) = payload.split_at_checked(2).expect("a code");
        let reason = String::from_utf8(reason.to_vec()).expect("reasons are texts");
        assert_eq!(u16::from_be_bytes([told[0], told[1]]), code, "{reason}");
        self.assert_end();
        reason
    }

    /// Expects the end of the connection, and nothing before it.
    #[track_caller]
    pub(crate) fn assert_end(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
        let next = self.frame();
        assert!(next.is_none(), "the connection goes on: {next:?}");
    }
}

/// A server's frame: unmasked, of the shortest form.
#[track_caller]
fn parse(bytes: &[u8]) -> Option<(u8, Vec<u8>, usize)> {
    let (&[first, second], rest) = bytes.split_first_chunk::<2>()?;
    assert_eq!(second & 0x80, 0, "a server's frame has a mask");
    let (len, at) = match second {
        126 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), 4),
        127 => (u64::from_be_bytes(*rest.first_chunk()?) as usize, 10),
        len => (usize::from(len), 2),
    };
    assert!(at == 2 || len > 125, "a length in a form that is too long");
    assert!(at < 10 || len > 65535, "a length in a form that is too long");
    let payload = bytes.get(at..at + len)?;
    Some((first, payload.to_vec(), at + len))
}
