//! The decoder against pieces of any size, bytes of any kind, and a decoder that is slow and obviously right.

use proptest::prelude::*;

use super::super::fuzzing::{Rules, decode, read};
use super::{Bounds, Decoder, Opcode, Sender, write};

const RULES: Rules = Rules {
    sender: Sender::Client,
    deflate: cfg!(feature = "websocket-deflate"),
    bounds: Bounds { message: 3000, frame: 2000 },
};

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
        let whole = decode(&bytes, &RULES, [usize::MAX]);
        prop_assert_eq!(&decode(&bytes, &RULES, sizes.into_iter().cycle()), &whole);
        prop_assert_eq!(&decode(&bytes, &RULES, std::iter::repeat(1)), &whole);
        prop_assert_eq!((whole.0, whole.1.map(|failure| failure.code)), read(&bytes, &RULES));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), size in 1..30usize) {
        let whole = decode(&bytes, &RULES, [usize::MAX]);
        prop_assert_eq!(&decode(&bytes, &RULES, std::iter::repeat(size)), &whole);
        prop_assert_eq!((whole.0, whole.1.map(|failure| failure.code)), read(&bytes, &RULES));
    }
}

/// The close that tells of a broken protocol says what is wrong with it, and that is the same however it comes.
#[test]
fn what_is_wrong_with_a_head_does_not_depend_on_its_pieces() {
    // No mask, and a length of 16 bits for 5.
    let bytes = [0x81, 0x7e, 0, 5, b'h', b'e', b'l', b'l', b'o'];
    let whole = decode(&bytes, &RULES, [usize::MAX]);
    assert_eq!(whole.1.map(|failure| failure.reason), Some("a client's frame has no mask"));
    assert_eq!(decode(&bytes, &RULES, std::iter::repeat(1)), whole);
}

/// Whole frames are decoded in one step, and in pieces byte by byte: lengths around all that is decided by them.
#[test]
fn whole_frames_make_what_their_bytes_make() {
    let decode = |bounds, bytes: &[u8], size| {
        let mut decoder = Decoder::new(Sender::Client, false, bounds);
        let mut events = Vec::new();
        for mut piece in bytes.chunks(size) {
            while !piece.is_empty() {
                match decoder.decode(&mut piece) {
                    Ok(event) => events.extend(event),
                    Err(failure) => return (events, Some(failure)),
                }
            }
        }
        (events, None)
    };
    for len in 0..=130 {
        for (message, frame) in
            [(3000, 3000), (len, 3000), (3000, len), (len.max(1) - 1, 3000), (3000, len.max(1) - 1), (0, 0)]
        {
            for (opcode, byte) in [(Opcode::Text, b'x'), (Opcode::Text, 0xff), (Opcode::Binary, 0xff)] {
                let mut bytes = Vec::new();
                // Something behind it, which is none of its own.
                for _ in 0..2 {
                    write(&mut bytes, opcode, false, Some([7, 0, 255, 128]), &vec![byte; len]);
                }
                let bounds = Bounds { message, frame };
                let whole = decode(bounds, &bytes, usize::MAX);
                assert_eq!(whole, decode(bounds, &bytes, 1), "{len} bytes, {bounds:?}");
                let fits = len <= message.min(frame);
                let is_text = opcode == Opcode::Binary || byte == b'x' || len == 0;
                assert_eq!(whole.0.len(), if fits && is_text { 2 } else { 0 }, "{len} bytes, {bounds:?}");
            }
        }
    }
    // Without a mask it is refused, and within a message of several frames too.
    let mut bytes = Vec::new();
    write(&mut bytes, Opcode::Text, false, None, b"hello");
    assert_eq!(decode(RULES.bounds, &bytes, usize::MAX).1.map(|failure| failure.code), Some(1002));
    let mut bytes = Vec::new();
    write(&mut bytes, Opcode::Text, false, Some([1; 4]), b"hello");
    bytes[0] = 0x01;
    write(&mut bytes, Opcode::Text, false, Some([1; 4]), b"hello");
    assert_eq!(decode(RULES.bounds, &bytes, usize::MAX).1.map(|failure| failure.code), Some(1002));
}
