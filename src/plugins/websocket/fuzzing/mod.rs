//! What the fuzzer of frames feeds, and what must hold for any bytes at all. Compiled for it and for tests, which replay its seeds and what it has found:
//! `fuzz/seeds/websocket`.

#[cfg(feature = "websocket-deflate")]
mod inflate;
mod oracle;

use std::iter;

use super::protocol::{Bounds, Decoder, Event, Failure, Sender};
#[cfg(test)]
pub(super) use oracle::read;

/// Whose frames are read, and what was agreed upon.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) sender: Sender,
    pub(super) deflate: bool,
    pub(super) bounds: Bounds,
}

/// Small ones, so that they are met.
const BOUNDS: [Bounds; 4] = [
    Bounds { message: 3000, frame: 2000 },
    Bounds { message: 100, frame: 100 },
    Bounds { message: 20, frame: 200 },
    Bounds { message: 0, frame: 0 },
];

/// Any bytes as frames: they are read as the slow way reads them, and in pieces as in one. The first byte says what they are and by which rules they are
/// read, the second how they are cut. Or any bytes as a message, which is compressed.
pub fn frames(input: &[u8]) {
    let Some((&[how, cuts], rest)) = input.split_first_chunk() else { return };
    #[cfg(feature = "websocket-deflate")]
    if how & 0x40 != 0 {
        return compress(&rest.repeat(1 + usize::from(cuts >> 3)), 8 + (cuts & 7));
    }
    let sender = if how & 1 == 0 { Sender::Client } else { Sender::Server };
    let deflate = cfg!(feature = "websocket-deflate") && how & 2 != 0;
    let rules = Rules { sender, deflate, bounds: BOUNDS[usize::from(how >> 2 & 3)] };
    let bytes = match how >> 4 & 3 {
        2 => framed(rest, sender),
        // One message of bytes, which is compressed.
        3 => frame(0xc2, rest, sender),
        _ => rest.to_vec(),
    };
    let whole = decode(&bytes, &rules, iter::repeat(usize::MAX));
    let mut state = u32::from(cuts);
    let by_chance = iter::from_fn(move || {
        // Any generator serves: what was cut where must repeat.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some((state >> 27) as usize)
    });
    assert_eq!(decode(&bytes, &rules, by_chance), whole, "cut by chance: {}", bytes.escape_ascii());
    for size in [1, usize::from(cuts)] {
        assert_eq!(decode(&bytes, &rules, iter::repeat(size)), whole, "in pieces of {size}: {}", bytes.escape_ascii());
    }
    let (events, failure) = whole;
    let told = (events, failure.map(|failure| failure.code));
    assert_eq!(told, oracle::read(&bytes, &rules), "{rules:?}: {}", bytes.escape_ascii());
}

/// What is compressed is shorter than before, keeps to its window and comes back.
#[cfg(feature = "websocket-deflate")]
fn compress(message: &[u8], window: u8) {
    if let Some(compressed) = super::protocol::deflate::deflate(message, window) {
        assert!(compressed.len() < message.len());
        let back = inflate::inflate(&compressed, message.len(), window);
        assert!(back.as_deref() == Ok(message), "{window} bits: {}", message.escape_ascii());
    }
}

/// Frames whose lengths are right: of each its first byte, its length and its payload.
fn framed(mut rest: &[u8], sender: Sender) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let [first, len, behind @ ..] = rest {
        let (payload, behind) = behind.split_at(usize::from(*len).min(behind.len()));
        bytes.extend(frame(*first, payload, sender));
        rest = behind;
    }
    bytes
}

fn frame(first: u8, payload: &[u8], sender: Sender) -> Vec<u8> {
    let mut frame = match payload.len() {
        len @ 0..126 => vec![first, len as u8],
        len => [&[first, 126], &(len as u16).to_be_bytes()[..]].concat(),
    };
    if sender == Sender::Server {
        frame.extend_from_slice(payload);
        return frame;
    }
    let mask = [first, 0xa5, payload.len() as u8, 0];
    frame[1] |= 0x80;
    frame.extend_from_slice(&mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// What the decoder makes of bytes in pieces of these sizes, up to a close.
pub(super) fn decode(
    bytes: &[u8],
    rules: &Rules,
    sizes: impl IntoIterator<Item = usize>,
) -> (Vec<Event>, Option<Failure>) {
    let mut decoder = Decoder::new(rules.sender, rules.deflate, rules.bounds);
    let (mut events, mut rest, mut sizes) = (Vec::new(), bytes, sizes.into_iter());
    // Memory grows in steps of twice what there was.
    let most = 2 * (rules.bounds.message + 125) + 16;
    while !rest.is_empty() {
        let size = sizes.next().unwrap_or(usize::MAX).max(1);
        let mut piece;
        (piece, rest) = rest.split_at(size.min(rest.len()));
        while !piece.is_empty() {
            let decoded = decoder.decode(&mut piece);
            assert!(decoder.held() <= most, "{} bytes are held", decoder.held());
            match decoded {
                Ok(Some(event)) => {
                    let held = match &event {
                        Event::Text(text) => text.capacity(),
                        Event::Binary(payload) | Event::Ping(payload) => payload.capacity(),
                        Event::Close(Some((_, reason))) => reason.capacity(),
                        Event::Close(None) | Event::Pong => 0,
                    };
                    assert!(held <= most, "{held} bytes are held by a message");
                    let is_close = matches!(event, Event::Close(_));
                    events.push(event);
                    if is_close {
                        return (events, None);
                    }
                }
                Ok(None) => assert!(piece.is_empty(), "what makes nothing is taken"),
                Err(failure) => return (events, Some(failure)),
            }
        }
    }
    (events, None)
}

#[cfg(all(test, feature = "websocket-deflate"))]
mod tests {
    use super::frames;

    fn seeds() -> Vec<(String, Vec<u8>)> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds/websocket");
        let mut files: Vec<_> =
            std::fs::read_dir(folder).expect("there are seeds").map(|file| file.expect("a file").path()).collect();
        files.sort();
        assert!(!files.is_empty());
        let read = |file: &std::path::PathBuf| (file.display().to_string(), std::fs::read(file).expect("a file"));
        files.iter().map(read).collect()
    }

    /// Under each of the rules.
    #[test]
    fn seeds_are_read_as_the_slow_way_reads_them() {
        for (name, mut seed) in seeds() {
            let of_its_own = seed[0] & 0xf0;
            for how in (0..16).chain([0x40]) {
                seed[0] = of_its_own | how;
                assert!(std::panic::catch_unwind(|| frames(&seed)).is_ok(), "{name} fails with {:#x}", seed[0]);
            }
        }
    }

    /// Without a fuzzer at hand: pieces of the seeds, put together and changed at random, the same in every run. `FUZZ_ROUNDS` asks for more.
    #[test]
    fn mixtures_of_seeds_are_read_as_the_slow_way_reads_them() {
        let rounds = std::env::var("FUZZ_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3000);
        let mut state: u64 = 1;
        let mut below = |most: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % most.max(1)
        };
        let seeds = seeds();
        for _ in 0..rounds {
            let mut input = seeds[below(seeds.len())].1.clone();
            for _ in 0..=below(4) {
                let other = &seeds[below(seeds.len())].1;
                let to = below(input.len());
                match below(4) {
                    0 => input.extend_from_slice(&other[2..]),
                    1 => drop(input.drain(to..to + below(input.len() - to).min(4))),
                    2 => input[to] ^= 1 << below(8),
                    _ => input[to] = below(256) as u8,
                }
            }
            input.truncate(4096);
            frames(&input);
        }
    }
}
