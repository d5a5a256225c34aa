//! Close codes (RFC 6455, 7.4) and what a close frame carries.

use super::decoder::Failure;
use super::frame::MOST_IN_CONTROL;

/// What a close frame says. A frame without a payload says nothing, which is no code.
pub(super) type Said = Option<(u16, String)>;

/// Reads the payload of a close frame (RFC 6455, 5.5.1).
pub(super) fn read(payload: &[u8]) -> Result<Said, Failure> {
    match payload {
        [] => Ok(None),
        [_] => Err(Failure::protocol("a close code has two bytes")),
        [a, b, reason @ ..] => {
            let code = u16::from_be_bytes([*a, *b]);
            if !is_sendable(code) {
                return Err(Failure::protocol("the close code may not be sent"));
            }
            match std::str::from_utf8(reason) {
                Ok(reason) => Ok(Some((code, reason.to_owned()))),
                Err(_) => Err(Failure::text("the reason of the close is no UTF-8")),
            }
        }
    }
}

/// Whether a code may stand in a close frame (RFC 6455, 7.4.2, and the registry of IANA): those that are reserved for what was not sent may not.
pub(in super::super) fn is_sendable(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// The payload of a close frame. A reason that is too long ends early, between two characters.
pub(in super::super) fn pack(code: u16, reason: &str) -> Vec<u8> {
    let mut payload = code.to_be_bytes().to_vec();
    let mut end = reason.len().min(MOST_IN_CONTROL - 2);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    payload.extend_from_slice(&reason.as_bytes()[..end]);
    payload
}

#[cfg(test)]
mod tests {
    use super::{pack, read};

    #[test]
    fn reasons_end_between_characters() {
        let payload = pack(1000, &"é".repeat(100));
        assert_eq!(payload.len(), 124);
        assert_eq!(read(&payload).unwrap().unwrap().1, "é".repeat(61));
    }
}
