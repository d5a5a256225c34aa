//! Where a request's body ends, and what the client says about the connection.

use crate::bytes::are_host_letters;
use crate::error::{Code, Error};

/// How the end of a request's body is told (RFC 9112, 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyLength {
    None,
    Exactly(u64),
    Chunked,
}

/// What the connection has to know of a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Framing {
    pub(super) body: BodyLength,
    /// The client waits for `100 Continue` before it sends the body.
    pub(super) expects_continue: bool,
    pub(super) reply: ReplyFraming,
}

/// What of it the reply depends on: the part that is still there when the handler is done, in every idle connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReplyFraming {
    /// The client wants to send further requests.
    pub(super) keep_alive: bool,
    pub(super) http10: bool,
    /// `HEAD`: the reply's body is not sent.
    pub(super) head_only: bool,
    /// `CONNECT` with a host for its target: no request follows it.
    pub(super) connect: bool,
}

/// Collects the fields that matter to the connection while a head is read.
#[derive(Debug, Default)]
pub(super) struct FramingFields<'h> {
    /// Not framing, but asked for by nearly every body.
    pub(super) content_type: &'h [u8],
    hosts: usize,
    content_length: Option<u64>,
    chunked: bool,
    close: bool,
    keep_alive: bool,
    expects_continue: bool,
}

impl<'h> FramingFields<'h> {
    /// Whether [`note`](Self::note) may know this name: length and first letter tell nearly all others apart.
    #[inline(always)]
    pub(super) fn may_note(name: &[u8]) -> bool {
        let first = name.first().map_or(0, |first| first | 0x20);
        matches!((name.len(), first), (4, b'h') | (6, b'e') | (10 | 12 | 14, b'c') | (17, b't'))
    }

    /// Looks at one field. Length and first letter tell nearly all others apart from these.
    pub(super) fn note(&mut self, name: &[u8], value: &'h [u8]) -> Result<(), Error> {
        let first = name.first().map_or(0, |first| first | 0x20);
        match (name.len(), first) {
            (4, b'h') if is_name(name, b"host") => self.host(value),
            (6, b'e') if is_name(name, b"expect") => self.expect(value),
            (10, b'c') if is_name(name, b"connection") => {
                self.connection(value);
                Ok(())
            }
            (12, b'c') if self.content_type.is_empty() && is_name(name, b"content-type") => {
                self.content_type = value;
                Ok(())
            }
            (14, b'c') if is_name(name, b"content-length") => self.content_length(value),
            (17, b't') if is_name(name, b"transfer-encoding") => self.transfer_encoding(value),
            _ => Ok(()),
        }
    }

    fn host(&mut self, value: &[u8]) -> Result<(), Error> {
        self.valid_host(is_host(value))
    }

    /// Notes a host that is valid or not.
    #[inline(always)]
    pub(super) fn valid_host(&mut self, is_valid: bool) -> Result<(), Error> {
        self.hosts += 1;
        if self.hosts > 1 || !is_valid { Err(Error::from_code(Code::InvalidHost)) } else { Ok(()) }
    }

    /// RFC 9110, 10.1.1. Other expectations may be refused with 417.
    fn expect(&mut self, value: &[u8]) -> Result<(), Error> {
        if !value.eq_ignore_ascii_case(b"100-continue") {
            return Err(Error::from_code(Code::ExpectationFailed));
        }
        self.expects_continue = true;
        Ok(())
    }

    fn connection(&mut self, value: &[u8]) {
        // What clients send most, as they write it.
        if value == b"keep-alive" {
            self.keep_alive = true;
            return;
        }
        for option in value.split(|&b| b == b',').map(<[u8]>::trim_ascii) {
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
    }

    /// Digits and nothing else, once. RFC 9112, 6.3 allows to take a list of equal values for one; proxies differ on it, so it is refused.
    fn content_length(&mut self, value: &[u8]) -> Result<(), Error> {
        let length = value.iter().try_fold(0_u64, |length, byte| {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 { None } else { length.checked_mul(10)?.checked_add(digit.into()) }
        });
        match (length.filter(|_| !value.is_empty()), self.content_length) {
            (Some(length), None) => {
                self.content_length = Some(length);
                Ok(())
            }
            _ => Err(Error::from_code(Code::InvalidFraming).with_message("content-length is malformed or repeated")),
        }
    }

    /// `chunked`, once. Every other coding is 501 (RFC 9112, 6.1); one that does not end with `chunked` leaves the length open (400).
    fn transfer_encoding(&mut self, value: &[u8]) -> Result<(), Error> {
        if self.chunked {
            return Err(Error::from_code(Code::InvalidFraming).with_message("transfer-encoding is repeated"));
        }
        if value.eq_ignore_ascii_case(b"chunked") {
            self.chunked = true;
            return Ok(());
        }
        let last = value.rsplit(|&b| b == b',').next().unwrap_or_default().trim_ascii();
        let codings = value.split(|&b| b == b',').map(<[u8]>::trim_ascii);
        let chunked_last = last.eq_ignore_ascii_case(b"chunked");
        let chunked_once = codings.clone().filter(|coding| coding.eq_ignore_ascii_case(b"chunked")).count() == 1;
        let tokens =
            codings.clone().all(|coding| !coding.is_empty() && coding.iter().all(|&b| crate::reply::is_token_byte(b)));
        if chunked_last && chunked_once && tokens {
            Err(Error::from_code(Code::NotImplemented))
        } else {
            Err(Error::from_code(Code::InvalidFraming).with_message("transfer-encoding does not end with chunked"))
        }
    }

    /// The verdict, once all fields were seen.
    #[inline(always)] // One caller, once per request.
    pub(super) fn finish(self, http10: bool, head_only: bool) -> Result<Framing, Error> {
        // RFC 9112, 3.2: exactly one in HTTP/1.1.
        if self.hosts == 0 && !http10 {
            return Err(Error::from_code(Code::InvalidHost));
        }
        let body = match (self.content_length, self.chunked) {
            // RFC 9112, 6.3: both may be smuggling. 6.1: HTTP/1.0 has no transfer codings, the framing is faulty.
            (Some(_), true) => {
                return Err(Error::from_code(Code::InvalidFraming)
                    .with_message("content-length and transfer-encoding exclude each other"));
            }
            (None, true) if http10 => {
                return Err(Error::from_code(Code::InvalidFraming).with_message("HTTP/1.0 has no transfer-encoding"));
            }
            (None, true) => BodyLength::Chunked,
            (None | Some(0), false) => BodyLength::None,
            (Some(length), false) => BodyLength::Exactly(length),
        };
        Ok(Framing {
            body,
            reply: ReplyFraming {
                keep_alive: !self.close && (!http10 || self.keep_alive),
                http10,
                head_only,
                connect: false,
            },
            // RFC 9110, 10.1.1: HTTP/1.0 clients do not know it, and without a body there is nothing to wait for.
            expects_continue: self.expects_continue && !http10 && body != BodyLength::None,
        })
    }
}

/// Whether `name`, a token, is `known` in any case of its letters. Of all bytes of a token only a capital differs from its small letter by
/// this bit alone, and none becomes a dash by it; so a few words are compared instead of letters.
#[inline(always)]
pub(super) fn is_name(name: &[u8], known: &'static [u8]) -> bool {
    const SMALL: u64 = 0x2020_2020_2020_2020;
    // Two words that overlap cover names of 4 to 16 letters; `note` has compared the lengths, and only one name is longer.
    let eights =
        |text: &[u8]| Some((u64::from_ne_bytes(*text.first_chunk()?), u64::from_ne_bytes(*text.last_chunk()?)));
    let fours = |text: &[u8]| Some((u32::from_ne_bytes(*text.first_chunk()?), u32::from_ne_bytes(*text.last_chunk()?)));
    match (eights(name), eights(known), fours(name), fours(known)) {
        (Some((a, b)), Some((x, y)), ..) if known.len() <= 16 => a | SMALL == x && b | SMALL == y,
        (None, None, Some((a, b)), Some((x, y))) => a | SMALL as u32 == x && b | SMALL as u32 == y,
        _ => name.eq_ignore_ascii_case(known),
    }
}

/// `uri-host [":" port]` (RFC 9112, 3.2; RFC 3986, 3.2.2). Empty is allowed: a target without authority has none.
pub(crate) fn is_host(value: &[u8]) -> bool {
    // Nearly all are plain letters and a port of a few digits. What is not goes the long way.
    let mut host = value;
    while let [before @ .., b'0'..=b'9'] = host {
        host = before;
    }
    let host = if let [before @ .., b':'] = host { before } else { value };
    are_host_letters(host) || is_unusual_host(value)
}

#[cold]
fn is_unusual_host(value: &[u8]) -> bool {
    let (host, port) = match value {
        [b'[', rest @ ..] => {
            let Some(end) = rest.iter().position(|&b| b == b']') else { return false };
            let literal = &rest[..end];
            let valid = std::str::from_utf8(literal)
                .is_ok_and(|text| text.parse::<std::net::Ipv6Addr>().is_ok() || is_ip_future(text));
            if !valid {
                return false;
            }
            (&[][..], &rest[end + 1..])
        }
        _ => match value.iter().position(|&b| b == b':') {
            Some(colon) => value.split_at(colon),
            None => (value, &[][..]),
        },
    };
    let port_ok = match port {
        [] => true,
        [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    port_ok && is_reg_name(host)
}

/// `"v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )`
fn is_ip_future(text: &str) -> bool {
    let Some((version, rest)) = text.strip_prefix(['v', 'V']).and_then(|text| text.split_once('.')) else {
        return false;
    };
    !version.is_empty()
        && version.bytes().all(|b| b.is_ascii_hexdigit())
        && !rest.is_empty()
        && rest.bytes().all(|b| is_unreserved_or_sub_delim(b) || b == b':')
}

/// `*( unreserved / pct-encoded / sub-delims )`
fn is_reg_name(host: &[u8]) -> bool {
    let mut rest = host;
    while let [byte, tail @ ..] = rest {
        rest = match byte {
            b'%' => match tail {
                [a, b, tail @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => tail,
                _ => return false,
            },
            &byte if is_unreserved_or_sub_delim(byte) => tail,
            _ => return false,
        };
    }
    true
}

const fn is_unreserved_or_sub_delim(byte: u8) -> bool {
    let sub_delim = matches!(byte, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=');
    byte.is_ascii_alphanumeric() || sub_delim || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framing(fields: &[(&str, &str)]) -> Result<Framing, u16> {
        let mut noted = FramingFields::default();
        for (name, value) in fields {
            noted.note(name.as_bytes(), value.as_bytes()).map_err(|error| error.status().as_u16())?;
        }
        noted.finish(false, false).map_err(|error| error.status().as_u16())
    }

    #[test]
    fn hosts() {
        for good in [
            "",
            "a",
            "example.com",
            "example.com:80",
            "a:",
            "127.0.0.1:1",
            "[::1]",
            "[::1]:8080",
            "[v1.a:b]",
            "a%41",
            "a_b",
        ] {
            assert!(is_host(good.as_bytes()), "{good}");
        }
        for bad in [
            "a b", "a/b", "a@b", "a:b", "a:1:2", "[::1", "[x]", "::1", "a,b%", "a%4", "ä", "a?b", "[::1]x", "a\tb",
            "<a>",
        ] {
            assert!(!is_host(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn lengths() {
        let body = |fields: &[(&str, &str)]| framing(&[&[("host", "x")], fields].concat()).map(|framing| framing.body);
        assert_eq!(body(&[]), Ok(BodyLength::None));
        assert_eq!(body(&[("Content-Length", "0")]), Ok(BodyLength::None));
        assert_eq!(body(&[("content-length", "007")]), Ok(BodyLength::Exactly(7)));
        assert_eq!(body(&[("content-length", "18446744073709551615")]), Ok(BodyLength::Exactly(u64::MAX)));
        assert_eq!(body(&[("Transfer-Encoding", "Chunked")]), Ok(BodyLength::Chunked));
        for bad in ["+5", "-5", "5,5", "", "5 5", "0x5", "5.0", "18446744073709551616", "５"] {
            assert_eq!(body(&[("content-length", bad)]), Err(400), "{bad}");
        }
        assert_eq!(body(&[("content-length", "5"), ("content-length", "5")]), Err(400));
        assert_eq!(body(&[("content-length", "5"), ("transfer-encoding", "chunked")]), Err(400));
        assert_eq!(body(&[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")]), Err(400));
        for (bad, status) in [
            ("gzip, chunked", 501),
            ("gzip", 400),
            ("identity", 400),
            ("chunked, gzip", 400),
            ("chunked, chunked", 400),
            ("", 400),
            ("xchunked", 400),
            ("\x0bchunked", 400),
            (",chunked", 400),
        ] {
            assert_eq!(body(&[("transfer-encoding", bad)]), Err(status), "{bad:?}");
        }
    }

    #[test]
    fn connections() {
        let keeps =
            |value: &str| framing(&[("host", "x"), ("connection", value)]).map(|framing| framing.reply.keep_alive);
        assert_eq!(keeps("keep-alive"), Ok(true));
        assert_eq!(keeps("Close"), Ok(false));
        assert_eq!(keeps("keep-alive, CLOSE"), Ok(false));
        assert_eq!(keeps("upgrade"), Ok(true));
        assert_eq!(framing(&[]).map(|_| ()), Err(400));
        assert_eq!(framing(&[("host", "a"), ("Host", "a")]).map(|_| ()), Err(400));
        assert_eq!(framing(&[("host", "a"), ("expect", "200-ok")]).map(|_| ()), Err(417));
    }
}
