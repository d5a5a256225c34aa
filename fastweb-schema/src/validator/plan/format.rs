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
    pub(super) fn accepts(&self, text: &[u8], node: Node<'_>) -> bool {
        (self.surely)(text) || self.judge.is_valid(Judged::Value(node))
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
    everyday_labels(name).is_some()
}

/// How many labels an everyday host name has.
#[inline(always)]
fn everyday_labels(name: &[u8]) -> Option<usize> {
    if name.len() > 253 {
        return None;
    }
    // Where the label starts, and after the last hyphen or dot.
    let (mut labels, mut label, mut word) = (1, 0, 0);
    for (at, &byte) in name.iter().enumerate() {
        if !CLASSES.is(byte, ALNUM) {
            // A hyphen or dot needs a letter or digit before it.
            if (byte != b'-' && byte != b'.') || at == word || at - label > 63 {
                return None;
            }
            word = at + 1;
            if byte == b'.' {
                label = word;
                labels += 1;
            }
        }
    }
    (name.len() > word && name.len() - label <= 63).then_some(labels)
}

/// A dot-atom (RFC 5322, section 3.2.3), `@`, and an everyday host name with a dot.
fn is_everyday_email(email: &[u8]) -> bool {
    // After the last dot.
    let mut atom = 0;
    for (at, &byte) in email.iter().enumerate() {
        if !CLASSES.is(byte, ATOM) {
            if at == atom {
                return false;
            }
            if byte == b'@' {
                let domain = email.get(at + 1..).unwrap_or_default();
                return at <= 64 && email.len() <= 254 && everyday_labels(domain).is_some_and(|labels| labels > 1);
            }
            if byte != b'.' {
                return false;
            }
            atom = at + 1;
        }
    }
    false
}

/// RFC 9562, section 4.
fn is_uuid(text: &[u8]) -> bool {
    let Ok(text) = <&[u8; 36]>::try_from(text) else { return false };
    let hyphens = [8, 13, 18, 23];
    let mut hex = HEX;
    for (at, &byte) in text.iter().enumerate() {
        hex &= if hyphens.contains(&at) { HEX } else { CLASSES.0[byte as usize] };
    }
    hex != 0 && hyphens.iter().all(|&at| text[at] == b'-')
}

/// The number that two digits are; more than any if they are none.
#[inline(always)]
fn two_digits(tens: u8, ones: u8) -> u32 {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    if tens > 9 || ones > 9 { u32::MAX } else { u32::from(tens) * 10 + u32::from(ones) }
}

/// RFC 3339, section 5.6; the last days of a month are the judge's.
fn is_everyday_date(date: &[u8]) -> bool {
    let Ok(&[c, d, y, z, b'-', m, n, b'-', e, f]) = <&[u8; 10]>::try_from(date) else { return false };
    two_digits(c, d) <= 99
        && two_digits(y, z) <= 99
        && (1..=12).contains(&two_digits(m, n))
        && (1..=28).contains(&two_digits(e, f))
}

/// RFC 3339, section 5.6; leap seconds are the judge's.
fn is_everyday_time(time: &[u8]) -> bool {
    let Some((&[h, i, b':', m, n, b':', s, t], mut rest)) = time.split_first_chunk::<8>() else { return false };
    if two_digits(h, i) > 23 || two_digits(m, n) > 59 || two_digits(s, t) > 59 {
        return false;
    }
    if let [b'.', fraction @ ..] = rest {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return false;
        }
        rest = &fraction[digits..];
    }
    match rest {
        b"Z" => true,
        [b'+' | b'-', h, i, b':', m, n] => two_digits(*h, *i) <= 23 && two_digits(*m, *n) <= 59,
        _ => false,
    }
}

fn is_everyday_date_time(text: &[u8]) -> bool {
    match text.split_at_checked(10) {
        Some((date, [b'T', time @ ..])) => is_everyday_date(date) && is_everyday_time(time),
        _ => false,
    }
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
