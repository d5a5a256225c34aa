//! A connection: what has come and is not yet a request, what has to go, and which body is on its way.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::FromRawFd;

use contract::*;
use memchr::memmem;

/// Answers as they go out. Nothing but the length of an upload and of a download depends on the request.
pub struct Replies {
    plaintext: Vec<u8>,
    message: Vec<u8>,
    user: Vec<u8>,
    found: Vec<u8>,
    list: Vec<u8>,
    created: Vec<u8>,
}

fn head(status: &str, content_type: &str, framing: &str) -> Vec<u8> {
    let date = "Fri, 20 Nov 2026 20:00:00 GMT";
    format!(
        "HTTP/1.1 {status}\r\nserver: {SERVER}\r\ndate: {date}\r\ncontent-type: {content_type}\r\n{framing}\r\n\r\n"
    )
    .into_bytes()
}

fn reply(status: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let mut reply = head(status, content_type, &format!("content-length: {}", body.len()));
    reply.extend_from_slice(body);
    reply
}

impl Replies {
    pub fn new() -> Self {
        let ok = |body: Vec<u8>| reply("200 OK", JSON, &body);
        let ada = LentUser { email: "ada@example.com".into(), name: "Ada Lovelace".into(), age: 36 };
        Self {
            plaintext: reply("200 OK", TEXT, HELLO.as_bytes()),
            message: ok(json(&MESSAGE, SMALL)),
            user: ok(json(&UserById::new("42"), SMALL)),
            found: ok(json(&Found { q: "rust", limit: 10 }, SMALL)),
            list: ok(json(users(100), LIST)),
            created: reply("201 Created", JSON, &json(&ada.created(), SMALL)),
        }
    }
}

/// One system call for a download, where the socket takes it.
static LARGE_PIECE: [u8; 1024 * 1024] = [b'x'; 1024 * 1024];

/// Which body comes or goes.
enum Phase {
    Heads,
    Upload {
        left: u64,
        bytes: u64,
    },
    /// Raw, chunks and all. The end is told by the last bytes.
    Echo {
        last: [u8; 5],
    },
    Download {
        left: u64,
    },
}

pub struct Connection {
    /// Read and written as what it is not, which is the same system calls.
    socket: File,
    /// The beginning of a request; empty as a rule.
    rest: Vec<u8>,
    /// Empty as a rule, and kept for its memory.
    out: Vec<u8>,
    written: usize,
    phase: Phase,
}

impl Connection {
    /// # Safety
    /// The descriptor belongs to nobody else.
    pub unsafe fn new(fd: i32) -> Self {
        // SAFETY: as above.
        let socket = unsafe { File::from_raw_fd(fd) };
        Self { socket, rest: Vec::new(), out: Vec::new(), written: 0, phase: Phase::Heads }
    }

    /// Does what can be done now. An error is the end of it.
    pub fn serve(&mut self, input: &mut [u8], replies: &Replies) -> io::Result<()> {
        loop {
            if !self.flush()? {
                return Ok(());
            }
            let kept = self.rest.len();
            input[..kept].copy_from_slice(&self.rest);
            self.rest.clear();
            let read = match self.socket.read(&mut input[kept..]) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.rest.extend_from_slice(&input[..kept]);
                    return Ok(());
                }
                Err(error) => return Err(error),
            };
            let filled = kept + read;
            self.take(&input[..filled], replies)?;
            let may_block = !self.flush()?;
            // Less than there was room for: the socket is empty, and more is a new event.
            if may_block || filled < input.len() {
                return Ok(());
            }
        }
    }

    fn take(&mut self, mut data: &[u8], replies: &Replies) -> io::Result<()> {
        while !data.is_empty() {
            data = match &mut self.phase {
                Phase::Heads => match memmem::find(data, b"\r\n\r\n") {
                    Some(end) => {
                        let (head, body) = data.split_at(end + 4);
                        self.begin(head, body, replies)?
                    }
                    None => {
                        self.rest.extend_from_slice(data);
                        &[]
                    }
                },
                Phase::Upload { left, bytes } => {
                    let here = (data.len() as u64).min(*left);
                    *left -= here;
                    if *left == 0 {
                        let bytes = bytes.to_string();
                        self.out.extend_from_slice(&reply("200 OK", TEXT, bytes.as_bytes()));
                        self.phase = Phase::Heads;
                    }
                    &data[here as usize..]
                }
                Phase::Echo { last } => {
                    // From where it was read; only what the socket does not take is copied.
                    let written = match self.out.is_empty() {
                        true => match self.socket.write(data) {
                            Ok(written) => written,
                            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
                            Err(error) => return Err(error),
                        },
                        false => 0,
                    };
                    self.out.extend_from_slice(&data[written..]);
                    let kept = data.len().min(5);
                    last.copy_within(kept.., 0);
                    last[5 - kept..].copy_from_slice(&data[data.len() - kept..]);
                    if last == b"0\r\n\r\n" {
                        self.phase = Phase::Heads;
                    }
                    &[]
                }
                Phase::Download { .. } => return Err(io::Error::other("downloads are not pipelined here")),
            };
        }
        Ok(())
    }

    /// Answers a head, or begins a body. What is left of the data comes back.
    fn begin<'d>(&mut self, request: &[u8], body: &'d [u8], replies: &Replies) -> io::Result<&'d [u8]> {
        let answer = match request {
            [b'G', _, _, _, _, b'p', ..] => &replies.plaintext,
            [b'G', _, _, _, _, b'j', ..] => &replies.message,
            [b'G', _, _, _, _, b's', ..] => &replies.found,
            [b'G', _, _, _, _, b'd', ..] => {
                let left = number_behind(request, b"bytes=")?;
                self.out.extend_from_slice(&head(
                    "200 OK",
                    "application/octet-stream",
                    &format!("content-length: {left}"),
                ));
                self.phase = Phase::Download { left };
                return Ok(body);
            }
            [b'G', _, _, _, _, _, _, _, _, _, b'?', ..] => &replies.list,
            [b'G', ..] => &replies.user,
            [b'P', _, _, _, _, _, b'e', ..] => {
                self.out.extend_from_slice(&head("200 OK", "application/octet-stream", "transfer-encoding: chunked"));
                self.phase = Phase::Echo { last: [0; 5] };
                return Ok(body);
            }
            [b'P', _, _, _, _, _, _, b'p', ..] => {
                let bytes = number_behind(request, b"ength: ")?;
                self.phase = Phase::Upload { left: bytes, bytes };
                return Ok(body);
            }
            // The body of a new user is one object without braces in it.
            _ => match memchr::memchr(b'}', body) {
                Some(end) => {
                    self.out.extend_from_slice(&replies.created);
                    return Ok(&body[end + 1..]);
                }
                None => {
                    self.rest.extend_from_slice(request);
                    self.rest.extend_from_slice(body);
                    return Ok(&[]);
                }
            },
        };
        self.out.extend_from_slice(answer);
        Ok(body)
    }

    /// Whether all has gone.
    fn flush(&mut self) -> io::Result<bool> {
        loop {
            while self.written < self.out.len() {
                match self.socket.write(&self.out[self.written..]) {
                    Ok(written) => self.written += written,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                    Err(error) => return Err(error),
                }
            }
            self.out.clear();
            self.written = 0;
            let Phase::Download { left } = &mut self.phase else { return Ok(true) };
            if *left == 0 {
                self.phase = Phase::Heads;
                return Ok(true);
            }
            let piece = (*left).min(LARGE_PIECE.len() as u64);
            match self.socket.write(&LARGE_PIECE[..piece as usize]) {
                Ok(written) => *left -= written as u64,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }
}

fn number_behind(head: &[u8], name: &[u8]) -> io::Result<u64> {
    let begin = memmem::find(head, name).ok_or(ErrorKind::InvalidData)? + name.len();
    let digits = head[begin..].iter().take_while(|byte| byte.is_ascii_digit());
    Ok(digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}
