//! Heads as clients send them, read in blocks of sixteen bytes.
//!
//! httparse with the checks around it ([`parse`](super::parse)) decides what a head is. This reads the ones of a plain form in half of the
//! instructions (GET /json with four headers: 780 instead of 1,640, 2026-11), and of all others it says nothing: it accepts a part of what is
//! accepted there and finds the same in it, which a property test and a fuzz target compare. What it passes over: heads that are not complete
//! or longer than they may be, other versions than 1.1, targets in other forms than origin-form, names with other characters than letters, digits and
//! dashes, values with anything but visible ASCII and blanks between.
//!
//! It looks at whole blocks, so beyond the end of what was read: at bytes that an earlier request has left in the buffer, and zeros. Whatever it
//! takes them for, a head that would end there is not accepted.
//!
//! This is one of the crate's modules with `unsafe` code: method and target are known to be ASCII, and are not looked at again (170
//! instructions a request, 2026-11).

#![allow(unsafe_code)]

use std::ops::Range;
use std::rc::Rc;

use super::framing::{Framing, FramingFields, is_host, is_name};
use super::repeated::RepeatedLines;
use crate::buffer::Buffer;
use crate::bytes::block::{Block, at, first};
use crate::request::head::{Head, Places, Span};
use crate::server::Limits;

/// Reads the head that starts at `start` of `buffer` into `head`, if it is one of plain form: its length, and what it says about body and
/// connection.
#[inline(always)] // One caller, once per request.
pub(super) fn read(
    buffer: &Rc<Buffer>,
    start: usize,
    head: &mut Head,
    limits: &Limits,
    repeated: &RepeatedLines,
) -> Option<(usize, Framing)> {
    let bytes = buffer.bytes_from(start);
    let line = window(bytes, 0)?;
    let method_len = if line.starts_with(b"GET ") { 3 } else { method_len(line)? };
    let target_at = method_len + 1;
    if line[target_at] != b'/' {
        return None;
    }
    let (mut target_end, mut path_end) = (target_at, usize::MAX);
    for block in Block::each(bytes.get(target_at..)?) {
        let len = at(block.no_target());
        let query = at(block.equal(b'?') & first(len));
        if query < 16 && path_end == usize::MAX {
            path_end = target_end + query;
        }
        target_end += len;
        if len < 16 {
            break;
        }
    }
    if bytes.get(target_end..)?.first_chunk::<11>()? != b" HTTP/1.1\r\n" {
        return None;
    }
    let lines_at = target_end + 11;
    let after = bytes.get(lines_at..)?;
    let (lines_len, (mut framing, content_type)) =
        match repeated.find(after, |lines| (lines.framing, lines.content_type.clone())) {
            Some(found) => found,
            None => read_lines(after, limits, repeated)?,
        };
    let len = lines_at + lines_len;
    if len > buffer.len() - start || len > limits.head || target_end - target_at > limits.target {
        return None;
    }
    framing.reply.head_only = line.starts_with(b"HEAD ");
    let target_len = target_end - target_at;
    let places = Places {
        method: Span::new(start, method_len),
        target: Span::new(start + target_at, target_len),
        path_len: path_end.min(target_end) - target_at,
        lines: Span::new(start + lines_at, lines_len),
        content_type: Span::new(start + lines_at + content_type.start, content_type.len()),
    };
    // SAFETY: the whole head lies in the filled part, as was checked above. The bytes of method and target are ASCII: letters of names, and visible
    // ones up to the first that is not.
    unsafe { head.fill_at(buffer, places) };
    Some((len, framing))
}

/// Reads header lines up to the empty one: how long they are with it, what they say of a request that is no `HEAD`, and where the value of
/// `content-type` is.
#[inline(never)]
fn read_lines(bytes: &[u8], limits: &Limits, repeated: &RepeatedLines) -> Option<(usize, (Framing, Range<usize>))> {
    let mut line_at = 0;
    let mut fields = FramingFields::default();
    let mut count = 0;
    loop {
        let line = window(bytes, line_at)?;
        let name_len = match at(!Block::load(line, 0)?.name_letters()) {
            16 => 16 + run_len(bytes, line_at + 16, |block| !block.name_letters())?,
            len => len,
        };
        let colon_at = line_at + name_len;
        if *bytes.get(colon_at)? != b':' || name_len == 0 {
            if line.starts_with(b"\r\n") {
                break;
            }
            return None;
        }
        let line = window(bytes, colon_at)?;
        let blank = usize::from(line[1] == b' ');
        let value_len = match at(Block::load(line, 1 + blank)?.no_text()) {
            16 => 16 + run_len(bytes, colon_at + 17 + blank, Block::no_text)?,
            len => len,
        };
        let value_at = colon_at + 1 + blank;
        let line_end = value_at + value_len;
        if bytes.get(line_end..)?.first_chunk::<2>()? != b"\r\n" {
            return None;
        }
        let value = bytes.get(value_at..line_end)?;
        // Blanks around a value are no part of it.
        if let [b' ', ..] | [.., b' '] = value {
            return None;
        }
        let name = bytes.get(line_at..colon_at)?;
        match name_len {
            4 if is_name(name, b"host") => fields.valid_host(is_host_at(bytes, value_at, value)).ok()?,
            _ if FramingFields::may_note(name) => fields.note(name, value).ok()?,
            _ => {}
        }
        line_at = line_end + 2;
        count += 1;
    }
    if count > limits.headers {
        return None;
    }
    let len = line_at + 2;
    let content_type = match fields.content_type {
        [] => 0..0,
        value => {
            let at = value.as_ptr() as usize - bytes.as_ptr() as usize;
            at..at + value.len()
        }
    };
    let framing = fields.finish(false, false).ok()?;
    repeated.note(bytes.get(..len)?, framing, content_type.clone());
    Some((len, (framing, content_type)))
}

/// What stands at `from` and behind it. With the length known, what lies in it needs no further checks.
#[inline(always)]
fn window(bytes: &[u8], from: usize) -> Option<&[u8; 48]> {
    bytes.get(from..)?.first_chunk()
}

/// The length of the method, behind which a blank stands.
fn method_len(line: &[u8; 48]) -> Option<usize> {
    let block = Block::load(line, 0)?;
    let len = at(block.equal(b' '));
    (len > 0 && len < 16 && first(len) & !block.name_letters() == 0).then_some(len)
}

/// As [`is_host`], of what stands at `from`.
#[inline(always)]
fn is_host_at(bytes: &[u8], from: usize, value: &[u8]) -> bool {
    match Block::load(bytes, from) {
        Some(block) if value.len() <= 16 => {
            let whole = first(value.len());
            // What stands before the port, and its colon.
            let host = first(at(block.equal(b':')));
            let port = !(host << 1 | 1);
            (whole & host & !block.host_letters()) | (whole & port & !block.digits()) == 0 || is_host(value)
        }
        _ => is_host(value),
    }
}

/// How many bytes from `from` on are none of `others`.
#[inline(always)]
fn run_len(bytes: &[u8], from: usize, others: impl Fn(Block) -> u32) -> Option<usize> {
    let mut run = 0;
    for block in Block::each(bytes.get(from..)?) {
        let len = at(others(block));
        run += len;
        if len < 16 {
            return Some(run);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::parse::{Parsed, parse_any};
    use super::*;

    fn buffer(text: &[u8], behind: &[u8]) -> Rc<Buffer> {
        // What an earlier request has left in it.
        let mut buffer = Buffer::new(20_000);
        buffer.append(text);
        buffer.append(behind);
        let len = buffer.len();
        buffer.discard_front(len);
        assert_eq!(buffer.append(text), text.len());
        Rc::new(buffer)
    }

    /// Whether a head is read here. If so, it is what the long way reads.
    fn is_read(text: &[u8], limits: &Limits) -> bool {
        let buffer = buffer(text, b"x: y\r\n\r\n");
        let (mut head, mut slow) = (Head::default(), Head::default());
        let repeated = RepeatedLines::default();
        let Some((len, framing)) = read(&buffer, 0, &mut head, limits, &repeated) else { return false };
        match parse_any(&buffer, 0, &mut slow, limits) {
            Parsed::Complete(slow_len, slow_framing) => {
                assert_eq!((len, framing), (slow_len, slow_framing), "{}", text.escape_ascii());
            }
            _ => panic!("not a head: {}", text.escape_ascii()),
        }
        let parts = |head: &Head| format!("{head:?} {:?} {:?}", head.path(), head.query());
        assert_eq!(parts(&head), parts(&slow));
        assert_eq!(head.content_type(), slow.content_type());
        assert!(head.fields().eq(slow.fields()), "{}", text.escape_ascii());
        // The second time its lines are known.
        let mut known = Head::default();
        assert_eq!(read(&buffer, 0, &mut known, limits, &repeated), Some((len, framing)));
        assert_eq!((parts(&known), known.content_type()), (parts(&head), head.content_type()));
        true
    }

    #[test]
    fn plain_heads_are_read() {
        for head in [
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "OPTIONS /a/b?c=d?e HTTP/1.1\r\nhost:x:80\r\nAccept: */*;q=0.1, text/html\r\nX-Empty:\r\nX-Empty: \r\n\r\n",
            "POST /a-rather-long-target/with-a-query?and=values HTTP/1.1\r\nHost: a.b\r\nContent-Type: a/b\r\ncontent-length: 3\r\n\r\nabc",
            "HEAD / HTTP/1.1\r\nA-Very-Long-Name-Of-A-Header-Field: x\r\nTransfer-Encoding: chunked\r\nHost: x\r\n\r\n",
        ] {
            assert!(is_read(head.as_bytes(), &Limits::default()), "{head}");
            for len in 0..head.find("\r\n\r\n").expect("an end") + 4 {
                assert!(!is_read(&head.as_bytes()[..len], &Limits::default()), "not complete: {}", &head[..len]);
            }
        }
    }

    #[test]
    fn others_are_left_to_the_long_way() {
        for head in [
            "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.0\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\n\n",
            "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost:  x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x \r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\n y\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA: \u{e4}\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA: b\0\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET /# HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
            "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n",
        ] {
            assert!(!is_read(head.as_bytes(), &Limits::default()), "{head}");
        }
    }

    #[test]
    fn limits_are_the_long_ways() {
        let head = b"GET /abc HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n";
        let limits =
            |head, target, headers| Limits::default().with_head(head).with_target(target).with_headers(headers);
        assert!(is_read(head, &limits(head.len(), 4, 2)));
        for limits in [limits(head.len() - 1, 4, 2), limits(head.len(), 3, 2), limits(head.len(), 4, 1)] {
            assert!(!is_read(head, &limits));
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_the_long_way_reads(
            line in "(GET|POST|get|M-SEARCH|A_B) /[!-~]{0,40} HTTP/1\\.[01]",
            lines in proptest::collection::vec("(Host|host|Connection|Content-Length|Expect|[A-Za-z0-9_-]{1,40}): ?[ -~]{0,40}", 0..6),
            host in "Host: ?[a-z0-9.:-]{0,30}",
            change in proptest::option::of((0..400_usize, proptest::num::u8::ANY)),
        ) {
            let mut text = format!("{line}\r\n{host}\r\n{}\r\n\r\n", lines.join("\r\n")).into_bytes();
            if let Some((place, byte)) = change && let Some(changed) = text.get_mut(place) {
                *changed = byte;
            }
            is_read(&text, &Limits::default());
        }
    }
}
