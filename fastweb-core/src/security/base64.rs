//! Base64 (RFC 4648, 4), as `authorization: Basic` has it.

/// `None` for what is no base64. Padding may be left out.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let padding = text.len() - text.trim_end_matches('=').len();
    let digits = &text.as_bytes()[..text.len() - padding];
    if padding > 2 || (padding > 0 && !text.len().is_multiple_of(4)) || digits.len() % 4 == 1 {
        return None;
    }
    let mut decoded = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for group in digits.chunks(4) {
        let bits = group.iter().try_fold(0, |bits: u32, &byte| Some(bits << 6 | digit(byte)?))?;
        let bits = bits << (6 * (4 - group.len()));
        // Bits that no byte takes are zero, or two texts would mean the same.
        if bits.trailing_zeros() < 8 * (4 - group.len() as u32) && bits != 0 {
            return None;
        }
        decoded.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    Some(decoded)
}

fn digit(byte: u8) -> Option<u32> {
    let digit = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(digit))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::decode;

    fn encode(bytes: &[u8], padded: bool) -> String {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for group in bytes.chunks(3) {
            let bits = group.iter().fold(0, |bits, &b| bits << 8 | usize::from(b)) << (8 * (3 - group.len()));
            for at in 0..4 {
                match (at <= group.len(), padded) {
                    (true, _) => text.push(char::from(DIGITS[bits >> (18 - 6 * at) & 63])),
                    (false, true) => text.push('='),
                    (false, false) => {}
                }
            }
        }
        text
    }

    #[test]
    fn known_texts() {
        for (text, plain) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg", "foob")] {
            assert_eq!(decode(text).as_deref(), Some(plain.as_bytes()), "{text}");
        }
        for wrong in ["Z", "Zg=", "Zg===", "=", "Zh==", "Zm9=", "Z_==", "Zg==Zg==", "Zm 9v"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_was_encoded_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..64), padded: bool) {
            prop_assert_eq!(decode(&encode(&bytes, padded)), Some(bytes));
        }

        #[test]
        fn every_text_means_one_thing(text in "[A-Za-z0-9+/]{0,12}={0,3}") {
            if let Some(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes, text.contains('=')), text);
            }
        }
    }
}
