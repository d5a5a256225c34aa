//! Formats: what is written as everybody writes it is seen at once, the rest is the judge's.

use std::sync::OnceLock;

use super::super::judge::{Judge, Judged};
use crate::document::Node;

pub(super) struct Format {
    pub(super) name: Box<str>,
    /// Says yes only to what the judge accepts, too.
    surely: fn(&[u8]) -> bool,
    judge: Judge,
}

impl Format {
    pub(super) fn new(name: &str, judge: Judge) -> Self {
        Self { name: name.into(), surely: everyday(name).unwrap_or(|_| false), judge }
    }

    #[inline]
    pub(super) fn accepts(&self, text: &str, node: Node<'_>) -> bool {
        (self.surely)(text.as_bytes()) || self.judge.is_valid(Judged::Value(node))
    }
}

/// What sees the everyday form of a format.
pub(crate) fn everyday(name: &str) -> Option<fn(&[u8]) -> bool> {
    Some(match name {
        "email" => is_everyday_email,
        "hostname" => is_everyday_hostname,
        "uuid" => is_uuid,
        "date" => is_everyday_date,
        "time" => is_everyday_time,
        "date-time" => is_everyday_date_time,
        "ipv4" => is_ipv4,
        "uri" | "uri-reference" | "iri" | "iri-reference" => is_everyday_url,
        _ => return None,
    })
}

/// What bytes may be, in one table.
struct Classes([u8; 256]);

const ALNUM: u8 = 1;
/// `atext` of RFC 5322, section 3.2.3.
const ATOM: u8 = 2;
/// What stands for itself in path, query and fragment of an URI: RFC 3986, section 3.3, and `/` and `?`.
const URI: u8 = 4;
const HEX: u8 = 8;

static CLASSES: Classes = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        let b = byte as u8;
        if b.is_ascii_alphanumeric() {
            table[byte] |= ALNUM | ATOM | URI;
        }
        if b.is_ascii_hexdigit() {
            table[byte] |= HEX;
        }
        if matches!(b, b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'/' | b'=' | b'?' | b'^'..=b'`' | b'{'..=b'~')
        {
            table[byte] |= ATOM;
        }
        if matches!(
            b,
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'('
                ..=b'*' | b'+' | b',' | b';' | b'=' | b':' | b'@' | b'/' | b'?'
        ) {
            table[byte] |= URI;
        }
        byte += 1;
    }
    Classes(table)
};

impl Classes {
    #[inline]
    fn is(&self, byte: u8, class: u8) -> bool {
        self.0[byte as usize] & class != 0
    }
}

/// Labels of letters, digits and single hyphens, none of which looks like Punycode.
fn is_everyday_hostname(name: &[u8]) -> bool {
    if name.len() > 253 {
        return false;
    }
    let mut label = 0;
    let mut before = b'-';
    for &byte in name {
        if CLASSES.is(byte, ALNUM) {
            label += 1;
        } else {
            // A hyphen or dot needs a letter or digit before it.
            if (byte != b'-' && byte != b'.') || !CLASSES.is(before, ALNUM) {
                return false;
            }
            label = if byte == b'.' { 0 } else { label + 1 };
        }
        if label > 63 {
            return false;
        }
        before = byte;
    }
    CLASSES.is(before, ALNUM)
}

/// A dot-atom (RFC 5322, section 3.2.3), `@`, and an everyday host name with a dot.
fn is_everyday_email(email: &[u8]) -> bool {
    let mut at = 0;
    let mut before = b'.';
    while let Some(&byte) = email.get(at) {
        if !CLASSES.is(byte, ATOM) {
            if before == b'.' {
                return false;
            }
            if byte == b'@' {
                break;
            }
            if byte != b'.' {
                return false;
            }
        }
        before = byte;
        at += 1;
    }
    let Some(domain) = email.get(at + 1..) else { return false };
    at <= 64 && email.len() <= 254 && is_everyday_hostname(domain) && domain.contains(&b'.')
}

/// RFC 9562, section 4.
fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(i, &byte)| match i {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => CLASSES.is(byte, HEX),
        })
}

/// The number that two digits are; more than any if they are none.
#[inline]
fn two_digits(text: &[u8], at: usize) -> u32 {
    match text.get(at..at + 2) {
        Some(&[tens, ones]) if tens.is_ascii_digit() && ones.is_ascii_digit() => {
            u32::from(tens - b'0') * 10 + u32::from(ones - b'0')
        }
        _ => u32::MAX,
    }
}

/// RFC 3339, section 5.6; the last days of a month are the judge's.
fn is_everyday_date(date: &[u8]) -> bool {
    date.len() == 10
        && date[4] == b'-'
        && date[7] == b'-'
        && two_digits(date, 0) <= 99
        && two_digits(date, 2) <= 99
        && (1..=12).contains(&two_digits(date, 5))
        && (1..=28).contains(&two_digits(date, 8))
}

/// RFC 3339, section 5.6; leap seconds are the judge's.
fn is_everyday_time(time: &[u8]) -> bool {
    if time.len() < 9 || time[2] != b':' || time[5] != b':' {
        return false;
    }
    if two_digits(time, 0) > 23 || two_digits(time, 3) > 59 || two_digits(time, 6) > 59 {
        return false;
    }
    let mut rest = &time[8..];
    if let [b'.', fraction @ ..] = rest {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return false;
        }
        rest = &fraction[digits..];
    }
    match rest {
        b"Z" => true,
        [b'+' | b'-', _, _, b':', _, _] => two_digits(rest, 1) <= 23 && two_digits(rest, 4) <= 59,
        _ => false,
    }
}

fn is_everyday_date_time(text: &[u8]) -> bool {
    text.len() > 11 && text[10] == b'T' && is_everyday_date(&text[..10]) && is_everyday_time(&text[11..])
}

fn is_ipv4(text: &[u8]) -> bool {
    let mut parts = 0;
    for part in text.split(|&byte| byte == b'.') {
        parts += 1;
        let number = match part {
            [a] if a.is_ascii_digit() => 0,
            [b'1'..=b'9', b] if b.is_ascii_digit() => 0,
            [a @ b'1'..=b'2', b, c] if b.is_ascii_digit() && c.is_ascii_digit() => {
                u32::from(a - b'0') * 100 + u32::from(b - b'0') * 10 + u32::from(c - b'0')
            }
            _ => 256,
        };
        if number > 255 {
            return false;
        }
    }
    parts == 4
}

/// `http` or `https`, an everyday host name, a port, and what needs no escapes.
fn is_everyday_url(url: &[u8]) -> bool {
    let Some(rest) = url.strip_prefix(b"https://").or_else(|| url.strip_prefix(b"http://")) else { return false };
    let host = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#' | b':')).unwrap_or(rest.len());
    if !is_everyday_hostname(&rest[..host]) {
        return false;
    }
    let mut rest = &rest[host..];
    if let [b':', port @ ..] = rest {
        let digits = port.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 5 {
            return false;
        }
        rest = &port[digits..];
    }
    match rest {
        [] => true,
        [b'/' | b'?', rest @ ..] => rest.iter().all(|&byte| CLASSES.is(byte, URI)),
        _ => false,
    }
}

/// The judges of single formats, once per process: most schemas share a few.
pub(super) fn cached(draft: jsonschema::Draft, name: &str, build: impl FnOnce() -> Option<Judge>) -> Option<Judge> {
    const NAMES: [&str; 8] = ["email", "hostname", "uuid", "date", "time", "date-time", "ipv4", "uri"];
    static JUDGES: OnceLock<[[OnceLock<Option<Judge>>; NAMES.len()]; 5]> = OnceLock::new();
    let drafts = [
        jsonschema::Draft::Draft4,
        jsonschema::Draft::Draft6,
        jsonschema::Draft::Draft7,
        jsonschema::Draft::Draft201909,
        jsonschema::Draft::Draft202012,
    ];
    let place = drafts.iter().position(|d| *d == draft).zip(NAMES.iter().position(|n| *n == name));
    match place {
        Some((draft, name)) => JUDGES.get_or_init(Default::default)[draft][name].get_or_init(build).clone(),
        None => build(),
    }
}
