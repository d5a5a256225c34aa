//! A head against a reader that has all of it before it and reads it line by line (RFC 9112, 2 to 6).

use std::rc::Rc;

use super::framing::{BodyLength, Framing, is_host};
use super::parse::{Parsed, parse, parse_any};
use super::repeated::RepeatedLines;
use crate::buffer::Buffer;
use crate::request::head::Head;
use crate::server::Limits;

/// Any bytes as a head. What is taken is what the slow way reads in them, and the verdict on them does not depend on what is behind.
pub fn head(input: &[u8]) {
    let limits = Limits::default().with_head(2000).with_target(200).with_headers(20);
    let mut buffer = Buffer::new(8192);
    let len = buffer.append(input);
    let buffer = Rc::new(buffer);
    let mut head = Head::default();
    let repeated = RepeatedLines::default();
    match parse(&buffer, 0, &mut head, &limits, &repeated) {
        Parsed::Complete(used, framing) => {
            // The second time its lines are known.
            let mut known = Head::default();
            let second = parse(&buffer, 0, &mut known, &limits, &repeated);
            assert!(matches!(second, Parsed::Complete(n, same) if (n, same) == (used, framing)));
            assert_eq!((format!("{head:?}"), head.content_type()), (format!("{known:?}"), known.content_type()));
            let by_httparse = parse_any(&buffer, 0, &mut Head::default(), &limits);
            assert!(
                matches!(by_httparse, Parsed::Complete(n, same) if (n, same) == (used, framing)),
                "{}",
                input.escape_ascii()
            );
            let read = slowly(&input[..used]).unwrap_or_else(|| panic!("taken: {}", input[..used].escape_ascii()));
            compare(&read, &head, framing);
            let (mut again, mut cut) = (Head::default(), Buffer::new(8192));
            cut.append(&input[..used]);
            let verdict = parse(&Rc::new(cut), 0, &mut again, &limits, &RepeatedLines::default());
            assert!(matches!(verdict, Parsed::Complete(n, _) if n == used), "{}", input.escape_ascii());
            assert!(!is_complete(&input[..used - 1], &limits), "{}", input.escape_ascii());
        }
        Parsed::Incomplete(skipped) => {
            assert!(skipped <= len);
            // It ends where the empty line does, and there is none.
            assert!(
                !input[skipped..len].windows(4).any(|end| end == b"\r\n\r\n"),
                "not complete: {}",
                input.escape_ascii()
            );
        }
        Parsed::Refused(error) => assert!(matches!(error.status().as_u16(), 400 | 414 | 417 | 431 | 501 | 505)),
    }
}

fn is_complete(bytes: &[u8], limits: &Limits) -> bool {
    let mut buffer = Buffer::new(8192);
    buffer.append(bytes);
    matches!(parse(&Rc::new(buffer), 0, &mut Head::default(), limits, &RepeatedLines::default()), Parsed::Complete(..))
}

struct Slow<'i> {
    method: &'i str,
    target: &'i str,
    minor: u8,
    fields: Vec<(&'i str, &'i [u8])>,
}

/// The head that `bytes` are. `None` if they are none.
fn slowly(mut bytes: &[u8]) -> Option<Slow<'_>> {
    while let Some(rest) = bytes.strip_prefix(b"\r\n") {
        bytes = rest;
    }
    let mut lines = Vec::new();
    loop {
        let end = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n' | 0))?;
        let (line, rest) = bytes.split_at(end);
        bytes = rest.strip_prefix(b"\r\n")?;
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let (first, fields) = lines.split_first()?;
    let mut words = std::str::from_utf8(first).ok()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let minor = match version {
        "HTTP/1.0" => 0,
        "HTTP/1.1" => 1,
        _ => return None,
    };
    let is_text = !target.is_empty() && target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    if words.next().is_some() || !is_token(method) || !is_text || !bytes.is_empty() {
        return None;
    }
    let fields = fields.iter().map(|line| {
        let colon = line.iter().position(|&byte| byte == b':')?;
        let name = std::str::from_utf8(&line[..colon]).ok().filter(|name| is_token(name))?;
        let value = trim(&line[colon + 1..]);
        value.iter().all(|&byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f)).then_some((name, value))
    });
    Some(Slow { method, target, minor, fields: fields.collect::<Option<_>>()? })
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(crate::reply::is_token_byte)
}

/// RFC 9110, 5.5: blanks around a value are no part of it.
fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

fn compare(read: &Slow<'_>, head: &Head, framing: Framing) {
    assert_eq!(read.method, head.method());
    assert!(read.target.ends_with(head.target()) || head.target() == "/", "{}", read.target);
    assert!(head.path().starts_with('/') || (head.path() == "*" && read.method == "OPTIONS"));
    let fields: Vec<_> = head.fields().collect();
    assert!(fields.len() == read.fields.len(), "{fields:?}");
    for ((name, value), (as_read, wanted)) in fields.iter().zip(&read.fields) {
        assert!(name.eq_ignore_ascii_case(as_read) && value == wanted, "{name} is not {as_read}");
    }
    let of = |name: &str| -> Vec<&[u8]> {
        read.fields.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| *value).collect()
    };
    // RFC 9112, 3.2.
    let hosts = of("host");
    assert!(hosts.len() == 1 || (hosts.is_empty() && read.minor == 0), "{} hosts", hosts.len());
    assert!(hosts.iter().all(|host| is_host(host)));
    // RFC 9112, 6.3, without all that is open to two readings.
    let expected = match (of("content-length").as_slice(), of("transfer-encoding").as_slice()) {
        ([], []) => BodyLength::None,
        ([length], []) => {
            assert!(length.iter().all(u8::is_ascii_digit), "{}", length.escape_ascii());
            match std::str::from_utf8(length).expect("digits").parse().expect("a length that was taken") {
                0 => BodyLength::None,
                length => BodyLength::Exactly(length),
            }
        }
        ([], [coding]) if coding.eq_ignore_ascii_case(b"chunked") && read.minor == 1 => BodyLength::Chunked,
        (lengths, codings) => panic!("taken with {} lengths and {} codings", lengths.len(), codings.len()),
    };
    assert_eq!(framing.body, expected);
    assert_eq!((framing.reply.http10, framing.reply.head_only), (read.minor == 0, read.method == "HEAD"));
    let option = |name: &str| {
        of("connection").iter().any(|value| {
            value.split(|&byte| byte == b',').any(|option| trim(option).eq_ignore_ascii_case(name.as_bytes()))
        })
    };
    assert_eq!(framing.reply.keep_alive, !option("close") && (read.minor == 1 || option("keep-alive")));
    let waits = of("expect").iter().any(|value| value.eq_ignore_ascii_case(b"100-continue"));
    assert_eq!(framing.expects_continue, waits && read.minor == 1 && framing.body != BodyLength::None);
}
