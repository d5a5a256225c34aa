//! Strings: where they end, and what their escapes stand for.

use super::error::ParseErrorKind;
use crate::text::{CHUNK, first_special};

/// Zeros that stand behind a text, so that chunks of it can be read without a look at its end.
pub(crate) const PADDING: &str = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// The offset, from `at` on, of the first byte that a string cannot hold as it is: a quote, a backslash or a control character; the
/// length of the text where there is none.
#[inline(always)]
pub(crate) fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<CHUNK>()) {
        if let Some(place) = first_special(chunk) {
            return at + place;
        }
        at += CHUNK;
    }
    plain_end_slow(bytes, at)
}

/// What is left behind the last chunk. Nothing is where the text is padded.
#[cold]
fn plain_end_slow(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        if byte == b'"' || byte == b'\\' || byte < 0x20 {
            break;
        }
        at += 1;
    }
    at
}

/// Appends to `out` what the string stands for whose content starts at `start` and has its first backslash at `at`. Returns the offset of
/// the closing quote. An error comes with its offset.
#[cold]
pub(crate) fn unescape(
    json: &str,
    start: usize,
    mut at: usize,
    out: &mut String,
) -> Result<usize, (ParseErrorKind, usize)> {
    let bytes = json.as_bytes();
    out.push_str(&json[start..at]);
    loop {
        match bytes.get(at) {
            None => return Err((ParseErrorKind::UnexpectedEnd, at)),
            Some(b'"') => return Ok(at),
            Some(b'\\') => {
                let (decoded, end) = escape(bytes, at)?;
                out.push(decoded);
                at = end;
            }
            Some(..0x20) => return Err((ParseErrorKind::ControlCharacter, at)),
            Some(_) => {
                let end = plain_end(bytes, at);
                out.push_str(&json[at..end]);
                at = end;
            }
        }
    }
}

/// The character that the escape at `at` stands for, and the offset after it.
fn escape(bytes: &[u8], at: usize) -> Result<(char, usize), (ParseErrorKind, usize)> {
    let decoded = match bytes.get(at + 1) {
        None => return Err((ParseErrorKind::UnexpectedEnd, at + 1)),
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(bytes, at),
        Some(_) => return Err((ParseErrorKind::InvalidEscape, at)),
    };
    Ok((decoded, at + 2))
}

fn unicode(bytes: &[u8], at: usize) -> Result<(char, usize), (ParseErrorKind, usize)> {
    let first = hex(bytes, at + 2)?;
    let lone = (ParseErrorKind::LoneSurrogate, at);
    match first {
        0xD800..0xDC00 => {
            if bytes.get(at + 6..at + 8) != Some(b"\\u") {
                return Err(lone);
            }
            let second = hex(bytes, at + 8)?;
            if !(0xDC00..0xE000).contains(&second) {
                return Err(lone);
            }
            let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            Ok((char::from_u32(code).ok_or(lone)?, at + 12))
        }
        code => Ok((char::from_u32(code).ok_or(lone)?, at + 6)),
    }
}

fn hex(bytes: &[u8], at: usize) -> Result<u32, (ParseErrorKind, usize)> {
    let mut code = 0;
    for at in at..at + 4 {
        let digit = match bytes.get(at) {
            None => return Err((ParseErrorKind::UnexpectedEnd, at)),
            Some(byte) => char::from(*byte).to_digit(16).ok_or((ParseErrorKind::InvalidEscape, at))?,
        };
        code = code * 16 + digit;
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn the_end_of_plain_text_is_found_as_by_looking_at_each_byte(
            bytes in proptest::collection::vec(proptest::prop_oneof![
                8 => proptest::num::u8::ANY,
                8 => 0x20u8..0x7F,
                1 => proptest::sample::select(vec![b'"', b'\\', 0x1F, 0x20, 0x21, 0x23, 0xA2, 0xDC]),
            ], 0..40),
            at in 0usize..40,
        ) {
            let at = at.min(bytes.len());
            let slow = (at..bytes.len())
                .find(|&i| bytes[i] < 0x20 || bytes[i] == b'"' || bytes[i] == b'\\')
                .unwrap_or(bytes.len());
            assert_eq!(plain_end(&bytes, at), slow);
        }

        #[test]
        fn escapes_mean_what_serde_json_takes_them_for(
            content in "([a-zé😀]|\\\\[\"\\\\/bfnrtux]|\\\\u[0-9a-fA-F]{4}|\\\\u[dD][89abAB][0-9a-f]{2}\\\\u[dD][c-f][0-9a-f]{2}){0,6}"
        ) {
            let json = format!("\"{content}\"");
            let oracle = serde_json::from_str::<String>(&json);
            let at = plain_end(json.as_bytes(), 1);
            let mut out = String::new();
            match unescape(&json, 1, at, &mut out) {
                Ok(end) => assert_eq!((oracle.unwrap(), end), (out, json.len() - 1)),
                Err(_) => assert!(oracle.is_err(), "{json}"),
            }
        }
    }
}
