//! Answers as a strict client reads them. What RFC 9110 and 9112 ask of every answer is asserted while it is read.

/// One answer from the wire.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The answer to `HEAD`.
    head_only: bool,
}

/// How the end of an answer's body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    None,
    Exactly(usize),
    Chunked,
    UntilClose,
}

/// Reads the answer that `bytes` begin with, and says how many of them it took. `None` where more bytes are needed. `ended` says that no more come.
#[track_caller]
pub(crate) fn parse(bytes: &[u8], head_only: bool, ended: bool) -> Option<(Answer, usize)> {
    let head_len = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..head_len - 4]).expect("the heads of answers are ASCII");
    let mut lines = head.split("\r\n");
    let (status, reason) = status_line(lines.next().unwrap_or_default());
    let headers: Vec<_> = lines.map(header_line).collect();
    let mut answer = Answer { status, reason, headers, body: Vec::new(), head_only };
    answer.check_head();
    let rest = &bytes[head_len..];
    let used = match answer.length() {
        _ if head_only && status >= 200 => 0,
        Length::None => 0,
        Length::Exactly(len) => {
            answer.body = rest.get(..len)?.to_vec();
            len
        }
        Length::Chunked => {
            let (body, used) = chunks(rest)?;
            answer.body = body;
            used
        }
        Length::UntilClose => {
            if !ended {
                return None;
            }
            answer.body = rest.to_vec();
            rest.len()
        }
    };
    answer.check_body();
    Some((answer, head_len + used))
}

/// All answers of a connection that was closed after them, in order; `head_only` says which of them answer `HEAD`.
#[track_caller]
pub(crate) fn parse_all(bytes: &[u8], head_only: impl Fn(usize) -> bool) -> Vec<Answer> {
    let mut answers = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some((answer, used)) = parse(rest, head_only(answers.len()), true) else {
            panic!("the connection ended within an answer: {:?}", String::from_utf8_lossy(rest));
        };
        answers.push(answer);
        rest = &rest[used..];
    }
    answers
}

fn status_line(line: &str) -> (u16, String) {
    let parts = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.split_once(' '));
    let (status, reason) = parts.unwrap_or_else(|| panic!("not a status line: {line:?}"));
    assert!(status.len() == 3 && status.bytes().all(|b| b.is_ascii_digit()), "not a status line: {line:?}");
    (status.parse().expect("three digits"), reason.to_owned())
}

fn header_line(line: &str) -> (String, String) {
    let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("not a header line: {line:?}"));
    assert!(
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
        "not a header name: {line:?}"
    );
    assert!(value.bytes().all(|b| (0x20..0x7f).contains(&b)) && value.trim() == value, "not a header value: {line:?}");
    (name.to_owned(), value.to_owned())
}

/// A chunked body, without extensions and trailers, and its length on the wire.
fn chunks(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut body = Vec::new();
    let mut at = 0;
    loop {
        let line = bytes[at..].windows(2).position(|window| window == b"\r\n")?;
        let digits = std::str::from_utf8(&bytes[at..at + line]).expect("a chunk size is ASCII");
        let size = usize::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("not a chunk size: {digits:?}"));
        at += line + 2;
        let data = bytes.get(at..at + size + 2)?;
        assert!(data.ends_with(b"\r\n"), "a chunk is not followed by CRLF");
        body.extend_from_slice(&data[..size]);
        at += size + 2;
        if size == 0 {
            return Some((body, at));
        }
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn closes(&self) -> bool {
        self.header("connection") == Some("close")
    }

    pub(crate) fn length(&self) -> Length {
        if self.status < 200 || self.status == 204 || self.status == 304 {
            return Length::None;
        }
        match (self.header("content-length"), self.header("transfer-encoding")) {
            (Some(length), None) => Length::Exactly(length.parse().expect("content-length is a number")),
            (None, Some("chunked")) => Length::Chunked,
            (None, None) => Length::UntilClose,
            both => panic!("no way to tell where the body ends: {both:?}"),
        }
    }

    fn check_head(&self) {
        let count = |name: &str| self.headers.iter().filter(|(n, _)| n == name).count();
        for (name, _) in &self.headers {
            assert!(count(name) == 1 || name == "set-cookie", "{name} is repeated: {self:?}");
        }
        if self.status < 200 {
            assert!(self.status == 103 || self.headers.is_empty(), "an interim answer says nothing else: {self:?}");
            return;
        }
        // RFC 9110, 6.6.1: an origin server with a clock sends it.
        assert!(is_date(self.header("date").unwrap_or("nothing")), "no date: {self:?}");
        // RFC 9110, 8.6: none in 204.
        assert!(self.status != 204 || count("content-length") + count("transfer-encoding") == 0, "{self:?}");
    }

    /// The body of an error of fastweb's own has the four members that DESIGN promises.
    fn check_body(&self) {
        if self.status < 400 || self.head_only {
            return;
        }
        let body: serde_json::Value = serde_json::from_slice(&self.body).expect("an error is JSON");
        assert_eq!(self.header("content-type"), Some("application/json; charset=utf-8"));
        assert_eq!(body["statusCode"], self.status, "{body}");
        assert_eq!(body["error"], self.reason.as_str(), "{body}");
        assert!(body["code"].is_string() && body["message"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
        assert_eq!(body.as_object().map(serde_json::Map::len), Some(4), "{body}");
    }

    /// The `code` of an error.
    #[track_caller]
    pub(crate) fn code(&self) -> String {
        let body: serde_json::Value = serde_json::from_slice(&self.body).expect("an error is JSON");
        body["code"].as_str().expect("an error has a code").to_owned()
    }

    /// Status, `connection` (`-` where it is absent), and the body or the code of the error, in one line: what tables of tests compare.
    pub(crate) fn summary(&self) -> String {
        if self.status < 200 {
            return self.status.to_string();
        }
        let connection = self.header("connection").unwrap_or("-");
        let body = match self.length() {
            _ if self.status >= 400 && !self.head_only => self.code(),
            Length::None => "(none)".to_owned(),
            Length::Exactly(len) if self.head_only => format!("(length {len})"),
            Length::Exactly(_) => self.text(),
            Length::Chunked if self.head_only => "(chunked)".to_owned(),
            Length::Chunked => format!("chunked:{}", self.text()),
            Length::UntilClose if self.head_only => "(until close)".to_owned(),
            Length::UntilClose => format!("until close:{}", self.text()),
        };
        let method = if self.head_only { "HEAD " } else { "" };
        format!("{method}{} {connection} {body}", self.status).trim_end().to_owned()
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn is_date(text: &str) -> bool {
    let form = b"Aaa, 00 Aaa 0000 00:00:00 GMT";
    text.len() == form.len()
        && text.bytes().zip(form).all(|(byte, like)| match like {
            b'0' => byte.is_ascii_digit(),
            b'a' => byte.is_ascii_lowercase(),
            b'A' => byte.is_ascii_uppercase(),
            _ => byte == *like,
        })
}
