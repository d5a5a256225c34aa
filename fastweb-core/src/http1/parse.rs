//! From bytes to a head, with httparse; and the refusals that httparse leaves to its caller.
//!
//! httparse 1.10 takes what RFC 9112 forbids or what smuggling needs: bare LF as a line end, any target bytes, any `host`, every
//! combination of `content-length` and `transfer-encoding`. Each check below cites why.

use std::mem::MaybeUninit;
use std::rc::Rc;

use http::Version;

use super::framing::{Framing, FramingFields};
use super::quick;
use super::repeated::RepeatedLines;
use crate::buffer::Buffer;
use crate::bytes::are_path_bytes;
use crate::error::{Code, Error};
use crate::request::head::{Head, Parts};
use crate::server::Limits;

/// The most header fields for which there is room; [`Limits`] may allow fewer.
pub(crate) const MOST_HEADERS: usize = 128;

pub(super) enum Parsed {
    /// The head's length in bytes, and what it says about body and connection.
    Complete(usize, Framing),
    /// So far; that many bytes of empty lines stand before it.
    Incomplete(usize),
    Refused(Error),
}

/// Reads the head that starts at `start` of `buffer` into `head`.
#[inline(always)] // One caller, once per request.
pub(super) fn parse(
    buffer: &Rc<Buffer>,
    start: usize,
    head: &mut Head,
    limits: &Limits,
    repeated: &RepeatedLines,
) -> Parsed {
    match quick::read(buffer, start, head, limits, repeated) {
        Some((len, framing)) => Parsed::Complete(len, framing),
        None => parse_any(buffer, start, head, limits),
    }
}

/// The same without the short way.
#[cold]
pub(super) fn parse_any(buffer: &Rc<Buffer>, start: usize, head: &mut Head, limits: &Limits) -> Parsed {
    match try_parse(buffer, start, head, limits) {
        Ok(Ok((len, framing))) => Parsed::Complete(len, framing),
        Ok(Err(skipped)) => Parsed::Incomplete(skipped),
        Err(error) => Parsed::Refused(error.fatal()),
    }
}

fn try_parse(
    buffer: &Rc<Buffer>,
    start: usize,
    head: &mut Head,
    limits: &Limits,
) -> Result<Result<(usize, Framing), usize>, Error> {
    let bytes = &buffer.filled()[start..];
    // RFC 9112, 2.2: empty lines before a request are ignored; they are CRLF like every other line.
    let skipped = if bytes.first().is_some_and(|&byte| byte <= b'\r') { empty_lines(bytes)? } else { 0 };
    let line = &bytes[skipped..];
    let mut space = [const { MaybeUninit::uninit() }; MOST_HEADERS];
    let mut parsed = httparse::Request::new(&mut []);
    let status = parsed.parse_with_uninit_headers(line, &mut space[..limits.headers.min(MOST_HEADERS)]);
    let len = match status {
        Ok(httparse::Status::Complete(len)) => len,
        Ok(httparse::Status::Partial) => {
            too_long(bytes, line, limits)?;
            return Ok(Err(skipped));
        }
        Err(error) => return Err(refusal(error, line)),
    };
    if skipped + len > limits.head {
        too_long(&bytes[..skipped + len], line, limits)?;
    }
    let (Some(method), Some(target), Some(version)) = (parsed.method, parsed.path, parsed.version) else {
        return Err(malformed("the request line is incomplete"));
    };
    if target.len() > limits.target {
        return Err(Error::from_code(Code::UriTooLong));
    }
    let local = local_part(method, target, line)?;
    let path_len = path_len(local)?;
    let http10 = version == 0;
    let version = if http10 { Version::HTTP_10 } else { Version::HTTP_11 };
    let mut fields = FramingFields::default();
    let mut crlf = line[..len].ends_with(b"\r\n\r\n");
    for header in parsed.headers.iter() {
        crlf &= follows_crlf(header.name, line);
        fields.note(header.name.as_bytes(), header.value)?;
    }
    if !crlf {
        return Err(malformed("A line does not end with CRLF"));
    }
    let content_type = fields.content_type;
    let mut framing = fields.finish(http10, method == "HEAD")?;
    if !target.starts_with('/') && method == "CONNECT" {
        (framing.reply.connect, framing.reply.keep_alive) = (true, false);
    }
    let first = parsed.headers.first().map_or(len, |header| header.name.as_ptr() as usize - line.as_ptr() as usize);
    let lines = &line[first..len];
    head.fill(buffer, Parts { version, method, target: local, path_len, lines, content_type });
    Ok(Ok((skipped + len, framing)))
}

/// The length of the empty lines that `bytes` begins with.
#[cold]
fn empty_lines(bytes: &[u8]) -> Result<usize, Error> {
    let skipped = bytes.chunks_exact(2).take_while(|pair| pair == b"\r\n").count() * 2;
    match &bytes[skipped..] {
        [b'\n', ..] | [b'\r', _, ..] => Err(malformed("An empty line before the request does not end with CRLF")),
        _ => Ok(skipped),
    }
}

/// A head that is not complete and cannot become so within the limits, and one that is complete and beyond them.
fn too_long(bytes: &[u8], line: &[u8], limits: &Limits) -> Result<(), Error> {
    // The target may be too long before its end is there: as much of it as has come, between two blanks.
    if !line.contains(&b'\n')
        && let Some(target) = line.split(|&byte| byte == b' ').nth(1)
        && target.len() > limits.target
    {
        return Err(Error::from_code(Code::UriTooLong));
    }
    if bytes.len() >= limits.head {
        return Err(Error::from_code(Code::HeadTooLarge));
    }
    Ok(())
}

fn malformed(message: &'static str) -> Error {
    Error::from_code(Code::BadRequest).with_message(message)
}

fn refusal(error: httparse::Error, line: &[u8]) -> Error {
    match error {
        httparse::Error::TooManyHeaders => {
            Error::from_code(Code::HeadTooLarge).with_message("The request has too many headers")
        }
        // A blank too many puts another word where the version stands: that is a malformed line, not another version.
        httparse::Error::Version
            if line.split(|&b| b == b' ').nth(2).is_some_and(|word| word.starts_with(b"HTTP/")) =>
        {
            Error::from_code(Code::HttpVersion)
        }
        httparse::Error::Version => malformed("The request line is malformed"),
        httparse::Error::HeaderName => malformed("A header name is malformed"),
        httparse::Error::HeaderValue => malformed("A header value is malformed"),
        httparse::Error::NewLine => malformed("A line does not end with CRLF"),
        httparse::Error::Token | httparse::Error::Status => malformed("The request line is malformed"),
    }
}

/// Visible ASCII without `#`: RFC 9112, 3.2 wants what is no valid target refused, not repaired. Characters that RFC 3986 wants
/// escaped but browsers send (`|`, `"`, `{`) pass: nothing downstream reads them differently.
fn is_target_byte(byte: u8) -> bool {
    (0x21..0x7f).contains(&byte) && byte != b'#'
}

/// Checks path and query, and tells how much of them is the path.
fn path_len(local: &str) -> Result<usize, Error> {
    if are_path_bytes(local.as_bytes()) {
        return Ok(local.len());
    }
    match local.split_once('?') {
        Some((path, query)) if are_path_bytes(path.as_bytes()) && query.bytes().all(is_target_byte) => Ok(path.len()),
        _ => Err(Error::from_code(Code::BadUrl)),
    }
}

/// RFC 9112, 2.2 lets a recipient take a bare LF for a line end. Proxies that do not would see another request than this server does, so it
/// is refused: before each header name, and at the end of the head, stands CRLF.
///
/// A name follows a line feed, or httparse would not have found it. What stands before that is to be seen.
fn follows_crlf(name: &str, line: &[u8]) -> bool {
    let at = (name.as_ptr() as usize).wrapping_sub(line.as_ptr() as usize);
    line.get(at.wrapping_sub(2)) == Some(&b'\r')
}

/// Path and query of the target (RFC 9112, 3.2), whichever of its four forms it has.
///
/// `line` is the request line and what follows it.
fn local_part<'t>(method: &str, target: &'t str, line: &'t [u8]) -> Result<&'t str, Error> {
    // origin-form
    if target.starts_with('/') {
        return Ok(target);
    }
    // asterisk-form, for OPTIONS alone
    if target == "*" && method == "OPTIONS" {
        return Ok(target);
    }
    if method == "CONNECT" {
        // authority-form (RFC 9110, 9.3.6: the port is to be there and valid). It has no path: that such requests are routed by is the slash
        // of `HTTP/1.1` behind it, so that no byte is made up.
        let port = target.rsplit_once(':').and_then(|(host, port)| (!host.is_empty()).then_some(port));
        let is_port = port.is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
        let behind = (target.as_ptr() as usize).wrapping_sub(line.as_ptr() as usize) + target.len();
        let slash = line.get(behind..).and_then(|rest| rest.iter().position(|&byte| byte == b'/'));
        let slash =
            slash.and_then(|at| line.get(behind + at..=behind + at)).and_then(|slash| std::str::from_utf8(slash).ok());
        return match slash {
            Some(slash) if is_port && super::framing::is_host(target.as_bytes()) => Ok(slash),
            _ => Err(Error::from_code(Code::BadUrl).with_message("The target of CONNECT is a host with a port")),
        };
    }
    // absolute-form: the authority in it must be a valid one, and wins over `host`
    let invalid = || Error::from_code(Code::BadUrl);
    let scheme = target.find("://").ok_or_else(invalid)?;
    if !target[..scheme].eq_ignore_ascii_case("http") && !target[..scheme].eq_ignore_ascii_case("https") {
        return Err(invalid());
    }
    let rest = &target[scheme + 3..];
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    // RFC 9110, 4.2.1: an `http` URI without a host is to be refused. A port alone is none.
    if end == 0 || rest.starts_with(':') || !super::framing::is_host(&rest.as_bytes()[..end]) {
        return Err(invalid());
    }
    match &rest[end..] {
        // An absolute URL without a path means "/". The slash behind the scheme serves: no byte is made up.
        "" => Ok(&target[scheme + 2..scheme + 3]),
        local if local.starts_with('/') => Ok(local),
        // "http://host?query" has an empty path, and no slash stands where one is needed.
        _ => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_text(text: &str) -> Result<Option<(usize, Head)>, u16> {
        let mut buffer = Buffer::new(20_000);
        assert_eq!(buffer.append(text.as_bytes()), text.len());
        let mut head = Head::default();
        match parse(&Rc::new(buffer), 0, &mut head, &Limits::default(), &RepeatedLines::default()) {
            Parsed::Complete(len, _) => Ok(Some((len, head))),
            Parsed::Incomplete(_) => Ok(None),
            Parsed::Refused(error) => Err(error.status().as_u16()),
        }
    }

    #[test]
    fn a_head_is_noted_as_offsets() {
        let text = "POST /a/b?c=d HTTP/1.1\r\nHost: x\r\nX-Y:  z \r\ncontent-length: 3\r\n\r\nabc";
        let (len, head) = parse_text(text).expect("valid").expect("complete");
        assert_eq!(len, text.len() - 3);
        assert_eq!((head.method(), head.path(), head.query()), ("POST", "/a/b", Some("c=d")));
        assert_eq!(head.field("x-y"), Some(&b"z"[..]));
        assert_eq!(head.field("nope"), None);
        assert_eq!(head.fields().count(), 3);
        assert_eq!(head.header_map().len(), 3);
    }

    #[test]
    fn targets() {
        let path = |target: &str, method: &str| {
            parse_text(&format!("{method} {target} HTTP/1.1\r\nHost: x\r\n\r\n"))
                .map(|parsed| parsed.map(|(_, head)| head.target().to_owned()))
        };
        for (target, local) in [
            ("/", "/"),
            ("/a?b#", ""),
            ("http://h", "/"),
            ("http://h/", "/"),
            ("HTTP://h:80/a?b", "/a?b"),
            ("https://[::1]/a", "/a"),
            ("/a|b\"{c}", "/a|b\"{c}"),
            ("//a", "//a"),
        ] {
            if local.is_empty() {
                assert_eq!(path(target, "GET"), Err(400), "{target}");
            } else {
                assert_eq!(path(target, "GET"), Ok(Some(local.to_owned())), "{target}");
            }
        }
        assert_eq!(path("*", "OPTIONS"), Ok(Some("*".to_owned())));
        for bad in [
            "*",
            "a",
            "h:80",
            "ftp://h/",
            "http://",
            "http:///a",
            "http://h?q",
            "http://:80/",
            "http://a b/",
            "/ä",
            "http://u@h/",
            "?",
        ] {
            assert!(path(bad, "GET").is_err(), "{bad}");
        }
    }

    #[test]
    fn empty_lines_before_a_request() {
        let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        assert!(parse_text(&format!("\r\n\r\n{request}")).is_ok_and(|parsed| parsed.is_some()));
        assert_eq!(parse_text(&format!("\n{request}")).map(|_| ()), Err(400));
        assert_eq!(parse_text(&format!("\r{request}")).map(|_| ()), Err(400));
        assert!(parse_text("\r\n").is_ok_and(|parsed| parsed.is_none()));
        assert!(parse_text("\r").is_ok_and(|parsed| parsed.is_none()));
        assert_eq!(parse_text(&"\r\n".repeat(8192)).map(|_| ()), Err(431));
    }

    #[test]
    fn limits() {
        let target =
            |len: usize| parse_text(&format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(len - 1))).map(|_| ());
        assert_eq!(target(8192), Ok(()));
        assert_eq!(target(8193), Err(414));
        for (target, verdict) in [(8192, Ok(())), (8193, Err(414))] {
            assert_eq!(parse_text(&format!("GET /{}", "a".repeat(target - 1))).map(|_| ()), verdict);
        }
        // What is long is the method, and it may be.
        assert_eq!(parse_text(&"A".repeat(9000)).map(|_| ()), Ok(()));
        let head = |len: usize| {
            let text = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "a".repeat(len - 32));
            assert_eq!(text.len(), len);
            parse_text(&text).map(|_| ())
        };
        assert_eq!(head(16 * 1024 - 1), Ok(()));
        assert_eq!(head(16 * 1024 + 1), Err(431));
        let headers = |n: usize| {
            parse_text(&format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "a: b\r\n".repeat(n - 1))).map(|_| ())
        };
        assert_eq!(headers(100), Ok(()));
        assert_eq!(headers(101), Err(431));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_give_a_verdict(text in "[ -~\r\n\t:/?#]{0,300}") {
            let _ = parse_text(&text);
        }

        #[test]
        fn the_verdict_on_a_prefix_never_contradicts_the_whole(cut in 0..70_usize) {
            let text = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nX-Long: abcdefgh\r\n\r\n";
            if cut < text.len() {
                proptest::prop_assert!(parse_text(&text[..cut]).is_ok_and(|parsed| parsed.is_none()));
            }
        }
    }
}
