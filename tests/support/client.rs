//! A small HTTP/1.1 client over a plain socket. It shows what is on the wire and nothing else: no redirects, no retries, no pool.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A server that is silent for this long fails the test.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Client {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

/// An answer. Names of headers are in lower case.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server accepts connections");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        stream.set_write_timeout(Some(PATIENCE)).expect("a timeout can be set");
        stream.set_nodelay(true).expect("the option can be set");
        let reader = BufReader::new(stream.try_clone().expect("a socket can be cloned"));
        Self { stream, reader }
    }

    pub(crate) fn get(&mut self, target: &str) -> Answer {
        self.call("GET", target, &[], b"")
    }

    /// A request with a body of JSON.
    pub(crate) fn json(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.call(method, target, &all, body.as_bytes())
    }

    pub(crate) fn call(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.send(&request(method, target, headers, body));
        self.read(method == "HEAD")
    }

    /// Writes bytes as they are.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the server reads");
    }

    /// Reads one answer. That to `HEAD` has no body, whatever its headers say.
    pub(crate) fn read(&mut self, head_only: bool) -> Answer {
        let mut answer = self.read_head();
        let has_none = head_only || matches!(answer.status, 204 | 304);
        if has_none {
            return answer;
        }
        if answer.header("transfer-encoding") == Some("chunked") {
            while let Some(chunk) = self.read_chunk() {
                answer.body.extend_from_slice(&chunk);
            }
        } else {
            let length = answer.header("content-length").expect("the answer says how long it is");
            answer.body = vec![0; length.parse().expect("the length is a number")];
            self.reader.read_exact(&mut answer.body).expect("the body is as long as announced");
        }
        answer
    }

    pub(crate) fn read_head(&mut self) -> Answer {
        let status_line = self.line();
        let status = status_line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no status line: {status_line:?}"));
        let mut headers = Vec::new();
        loop {
            let line = self.line();
            if line.is_empty() {
                return Answer { status, headers, body: Vec::new() };
            }
            // Others than fastweb leave the blank out.
            let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("no header: {line:?}"));
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }

    /// The next chunk of a chunked body, or `None` behind the last.
    pub(crate) fn read_chunk(&mut self) -> Option<Vec<u8>> {
        let size = self.line();
        let size = usize::from_str_radix(&size, 16).unwrap_or_else(|_| panic!("no chunk size: {size:?}"));
        let mut chunk = vec![0; size];
        self.reader.read_exact(&mut chunk).expect("the chunk is as long as announced");
        assert_eq!(self.line(), "", "a chunk ends with a line end");
        (size > 0).then_some(chunk)
    }

    /// The next bytes of a body, as they come.
    pub(crate) fn read_some(&mut self, space: &mut [u8]) -> usize {
        self.reader.read(space).expect("the server sends")
    }

    /// So many bytes, whatever they are.
    pub(crate) fn read_exactly(&mut self, n: usize) -> Vec<u8> {
        let mut bytes = vec![0; n];
        self.reader.read_exact(&mut bytes).expect("the server sends");
        bytes
    }

    /// Whether the server has closed the connection, with nothing sent before.
    pub(crate) fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        self.reader.read_to_end(&mut rest).is_ok_and(|n| n == 0)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).expect("the server answers with text lines");
        let line = line.strip_suffix("\r\n").unwrap_or_else(|| panic!("the connection ended within {line:?}"));
        line.to_owned()
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is text")
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        assert_eq!(self.header("content-type"), Some("application/json; charset=utf-8"), "{self:?}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:?} {}", self.headers, self.text());
        self
    }
}

/// The bytes of a request.
pub(crate) fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    if !body.is_empty() {
        bytes.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}
