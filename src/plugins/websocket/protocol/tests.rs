//! The decoder against pieces of any size, bytes of any kind, and a decoder that is slow and obviously right.

use proptest::prelude::*;

use super::frame::Head;
use super::{Bounds, Decoder, Event, Failure, Opcode, Sender, write};

const BOUNDS: Bounds = Bounds { message: 3000, frame: 2000 };

/// All that comes of bytes which are given in these pieces.
fn decode(bytes: &[u8], mut cuts: impl FnMut() -> usize) -> (Vec<Event>, Option<Failure>) {
    let mut decoder = Decoder::new(Sender::Client, cfg!(feature = "websocket-deflate"), BOUNDS);
    let (mut events, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let end = (at + cuts().max(1)).min(bytes.len());
        let mut piece = &bytes[at..end];
        while !piece.is_empty() {
            match decoder.decode(&mut piece) {
                Ok(Some(event)) => events.push(event),
                Ok(None) => assert!(piece.is_empty(), "what makes nothing is taken"),
                Err(failure) => return (events, Some(failure)),
            }
        }
        at = end;
    }
    (events, None)
}

/// Reads frames one by one, out of bytes that are all there. Says nothing of compressed messages.
fn slowly(mut bytes: &[u8]) -> Option<Vec<Event>> {
    let (mut events, mut message, mut text) = (Vec::new(), None::<Vec<u8>>, false);
    while let Ok(Some((head, used))) = Head::read(bytes) {
        let mask = head.mask?;
        let payload = bytes.get(used..used + usize::try_from(head.len).ok()?)?;
        bytes = &bytes[used + payload.len()..];
        let payload: Vec<u8> = payload.iter().enumerate().map(|(at, byte)| byte ^ mask[at % 4]).collect();
        if head.rsv1 {
            return None;
        }
        match head.opcode {
            Opcode::Ping => events.push(Event::Ping(payload)),
            Opcode::Pong => events.push(Event::Pong),
            Opcode::Close => return None,
            opcode => {
                if (opcode == Opcode::Continuation) != message.is_some() {
                    return None;
                }
                if opcode != Opcode::Continuation {
                    text = opcode == Opcode::Text;
                }
                let whole = message.get_or_insert_default();
                whole.extend(payload);
                if whole.len() > BOUNDS.message {
                    return None;
                }
                if head.is_final {
                    let whole = message.take()?;
                    events.push(match text {
                        true => Event::Text(String::from_utf8(whole).ok()?),
                        false => Event::Binary(whole),
                    });
                }
            }
        }
    }
    (bytes.is_empty() && message.is_none()).then_some(events)
}

/// Frames that are mostly right: fragments, control frames between them, texts that may be cut within a character.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let payload = prop_oneof![
        "\\PC{0,40}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..10),
        prop::collection::vec(any::<u8>(), 120..130),
        (0..700usize).prop_map(|len| vec![b'x'; len]),
    ];
    let frame = (0..8u8, any::<bool>(), any::<[u8; 4]>(), payload);
    prop::collection::vec(frame, 0..12).prop_map(|frames| {
        let mut bytes = Vec::new();
        let mut within = false;
        for (kind, is_final, mask, mut payload) in frames {
            let opcode = match kind {
                0 => Opcode::Ping,
                1 => Opcode::Pong,
                // Now and then at the wrong place.
                2 => Opcode::Continuation,
                _ if within => Opcode::Continuation,
                3..6 => Opcode::Text,
                _ => Opcode::Binary,
            };
            if kind < 2 {
                payload.truncate(125);
            }
            let at = bytes.len();
            write(&mut bytes, opcode, false, Some(mask), &payload);
            if kind >= 2 && !is_final {
                bytes[at] &= 0x7f;
            }
            if kind >= 2 {
                within = !is_final;
            }
        }
        bytes
    })
}

proptest! {
    #[test]
    fn pieces_make_no_difference(bytes in frames(), sizes in prop::collection::vec(1..40usize, 1..8)) {
        let whole = decode(&bytes, || usize::MAX);
        let mut at = 0;
        let in_pieces = decode(&bytes, || { at += 1; sizes[at % sizes.len()] });
        prop_assert_eq!(&in_pieces, &whole);
        prop_assert_eq!(&decode(&bytes, || 1), &whole);
        // Of bytes that are wrong, or not at their end, the slow way says nothing.
        if let Some(events) = slowly(&bytes) {
            prop_assert_eq!(whole, (events, None));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), size in 1..30usize) {
        let (events, failure) = decode(&bytes, || usize::MAX);
        prop_assert_eq!(decode(&bytes, || size), (events, failure));
        if let Some(Failure { code, .. }) = failure {
            prop_assert!(matches!(code, 1002 | 1007 | 1009));
        }
    }
}
