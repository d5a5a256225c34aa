//! Bytes as a percent sign and two hexadecimal digits (RFC 3986, 2.1).

/// Appends `text` with all bytes escaped but those that may stand for themselves. They are to be ASCII.
#[cfg(any(feature = "cookies", feature = "static-files", feature = "mcp"))]
pub(super) fn encode(text: &str, stands: impl Fn(u8) -> bool, out: &mut String) {
    use std::fmt::Write;

    for byte in text.bytes() {
        if stands(byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// What may stand everywhere in a URL (RFC 3986, 2.3).
#[cfg(any(feature = "static-files", feature = "mcp"))]
pub(super) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// `None` for an escape that is not `%` and two digits, or that does not give UTF-8.
#[cfg(any(feature = "cookies", feature = "multipart"))]
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, behind @ ..] = rest {
        rest = behind;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let [high, low, behind @ ..] = rest else { return None };
        let digit = |byte: u8| char::from(byte).to_digit(16);
        bytes.push(u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?);
        rest = behind;
    }
    String::from_utf8(bytes).ok()
}
