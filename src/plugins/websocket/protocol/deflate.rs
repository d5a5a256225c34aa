//! Per-message deflate (RFC 7692) without context takeover: each message stands for itself, so that the memory for it is lent per message and not
//! held per connection.

use std::cell::RefCell;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::Failure;

/// What a sender leaves away from the end of a message (RFC 7692, 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// A final block of no bytes. Read behind a message it is one where a block has ended, and nowhere else: within a block it is no end, or makes bytes. So a message that was
/// cut is told from a whole one.
const END: [u8; 5] = [1, 0, 0, 0xff, 0xff];

/// The most final blocks with others behind them: each of them costs a copy of the window.
pub(in super::super) const MOST_FINAL: usize = 100;

/// The bits of the windows that there are encoders for.
const NARROWEST: u8 = 9;
pub(in super::super) const WIDEST: u8 = 15;

/// How far back a block may refer.
const WINDOW: usize = 32 * 1024;

/// Messages below this are not made shorter by compression.
pub(in super::super) const WORTH_IT: usize = 128;

thread_local! {
    static INFLATING: RefCell<Decompress> = RefCell::new(Decompress::new(false));
    /// By their windows, from the narrowest on.
    static DEFLATING: RefCell<[Option<Compress>; 7]> = const { RefCell::new([const { None }; 7]) };
}

/// What a message was before it was compressed.
///
/// # Errors
/// It was not compressed, or not to its end, or is larger than `most` bytes: no more than that is ever made of it.
pub(in super::super) fn inflate(payload: &[u8], most: usize) -> Result<Vec<u8>, Failure> {
    const BROKEN: &str = "the message is not compressed as it says";
    // What some encoders make of nothing, where they have made a message of nothing before.
    if payload.is_empty() {
        return Ok(Vec::new());
    }
    INFLATING.with_borrow_mut(|inflating| {
        inflating.reset(false);
        let mut out = Vec::new();
        let mut finals = 0;
        for (mut input, is_end) in [(payload, false), (&TAIL, false), (&END, true)] {
            let begun = out.len();
            loop {
                if out.len() == out.capacity() {
                    // One byte beyond tells a message that is too large from one that just fits.
                    let more = out.len().clamp(512, 64 * 1024).max(input.len()).min(most + 1 - out.len());
                    out.reserve_exact(more);
                }
                let (before_in, before_out) = (inflating.total_in(), inflating.total_out());
                let status = inflating.decompress_vec(input, &mut out, FlushDecompress::Sync);
                if is_end && out.len() > begun {
                    return Err(Failure::text(BROKEN));
                }
                // Before an error: that may be of what follows.
                if out.len() > most {
                    return Err(Failure::size("the message is too large when it is not compressed"));
                }
                let status = status.map_err(|_| Failure::text(BROKEN))?;
                let read = (inflating.total_in() - before_in) as usize;
                input = &input[read.min(input.len())..];
                let stands_still = read == 0 && inflating.total_out() == before_out;
                if status == Status::StreamEnd {
                    if input.is_empty() {
                        return Ok(out);
                    }
                    // RFC 7692, 7.2.1: others may follow a final block, and refer to what is before it.
                    finals += 1;
                    if finals > MOST_FINAL {
                        return Err(Failure::text(BROKEN));
                    }
                    inflating.reset(false);
                    if !out.is_empty() {
                        let window = &out[out.len().saturating_sub(WINDOW)..];
                        inflating.set_dictionary(window).map_err(|_| Failure::text(BROKEN))?;
                    }
                    continue;
                }
                if input.is_empty() && out.len() < out.capacity() {
                    break;
                }
                if stands_still && out.len() < out.capacity() {
                    return Err(Failure::text(BROKEN));
                }
            }
        }
        Err(Failure::text(BROKEN))
    })
}

/// The message compressed, so that nothing in it refers further back than `window` bits tell, from 8 to 15; `None` where that does not make it shorter.
pub(in super::super) fn deflate(payload: &[u8], window: u8) -> Option<Vec<u8>> {
    // There is no encoder for 8 bits; in so short a message nothing can refer further back.
    if window < NARROWEST && payload.len() > 1 << window {
        return None;
    }
    let window = window.clamp(NARROWEST, WIDEST);
    DEFLATING.with_borrow_mut(|all| {
        let place = all.get_mut(usize::from(window - NARROWEST))?;
        // Of the fastest level: what is sent once is compressed once.
        let deflating = place.get_or_insert_with(|| Compress::new_with_window_bits(Compression::fast(), false, window));
        deflating.reset();
        // More than noise takes. A reset with output that still waits is not a whole one: zlib-rs 0.6.8 keeps the place where that began, and after some of
        // them panics for want of room.
        let mut out = Vec::with_capacity(payload.len() + payload.len() / 4 + 1024);
        let status = deflating.compress_vec(payload, &mut out, FlushCompress::Sync);
        let is_whole = deflating.total_in() as usize == payload.len() && out.len() < out.capacity();
        if !matches!(status, Ok(Status::Ok)) || !is_whole || !out.ends_with(&TAIL) {
            *place = None;
            return None;
        }
        out.truncate(out.len() - TAIL.len());
        if out.len() >= payload.len() {
            return None;
        }
        out.shrink_to_fit();
        Some(out)
    })
}

#[cfg(test)]
mod tests {
    use super::{WIDEST, deflate, inflate};

    #[test]
    fn the_examples_of_the_rfc_are_read() {
        // RFC 7692, 7.2.3.1, 7.2.3.3 and 7.2.3.4: one block, no compression, a final block.
        for hello in [
            &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00][..],
            &[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00],
            &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
            &[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00],
        ] {
            assert_eq!(inflate(hello, 5).unwrap(), b"Hello");
            assert_eq!(inflate(hello, 4).unwrap_err().code, 1009);
        }
    }

    /// RFC 7692, 7.2.1.
    #[test]
    fn blocks_follow_final_blocks() {
        // "Hello" and a final end; behind it a copy of five bytes from five before, and the end of its block.
        let hello = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        let again = [0x02, 0x13, 0x00, 0x00];
        let twice = [&hello[..], &again[..]].concat();
        assert_eq!(inflate(&twice, 10).unwrap(), b"HelloHello");
        assert_eq!(inflate(&twice, 9).unwrap_err().code, 1009);
        // One that ends with such a block leaves nothing away.
        assert_eq!(inflate(&hello, 5).unwrap(), b"Hello");
        let many = [&[3, 0].repeat(super::MOST_FINAL), &hello[..]].concat();
        assert_eq!(inflate(&many, 5).unwrap(), b"Hello");
        assert_eq!(inflate(&[&[3, 0][..], &many[..]].concat(), 5).unwrap_err().code, 1007);
    }

    #[test]
    fn what_is_cut_is_no_message() {
        let text = "the quick brown fox jumps over the lazy dog, ".repeat(20);
        let whole = deflate(text.as_bytes(), WIDEST).unwrap();
        assert_eq!(inflate(&whole, text.len()).unwrap(), text.as_bytes());
        for len in 1..whole.len() {
            assert_eq!(inflate(&whole[..len], text.len()).unwrap_err().code, 1007, "{len} bytes");
        }
        // A final block that goes on, and a copy of it in what is read behind the message.
        assert_eq!(inflate(&[0x7b; 3], 1000).unwrap_err().code, 1007);
        // A block of five bytes as they are, of which two are there.
        assert_eq!(inflate(&[0, 5, 0, 0xfa, 0xff, b'H', b'e'], 100).unwrap_err().code, 1007);
        assert_eq!(inflate(&[], 0).unwrap(), b"");
    }

    #[test]
    fn what_is_compressed_comes_back() {
        for text in ["a".repeat(1000), "the quick brown fox ".repeat(5000), "ab".repeat(70)] {
            let compressed = deflate(text.as_bytes(), WIDEST).unwrap();
            assert!(compressed.len() < text.len());
            assert_eq!(inflate(&compressed, text.len()).unwrap(), text.as_bytes());
        }
    }

    /// Each of these is more than a buffer of its own length holds, and none may leave anything to the next.
    #[test]
    fn noise_is_left_as_it_is() {
        let mut state = 1u64;
        let mut noise = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 56) as u8
        };
        for len in (128..1000).step_by(7).chain([10_000, 65_536, 300_000]) {
            let noise: Vec<u8> = (0..len).map(|_| noise()).collect();
            assert_eq!(deflate(&noise, WIDEST), None);
            let half = [&noise[..], &vec![b'a'; len]].concat();
            let compressed = deflate(&half, WIDEST).expect("half of it is no noise");
            assert_eq!(inflate(&compressed, half.len()).unwrap(), half);
        }
    }

    #[test]
    fn a_bomb_stops_at_the_bound() {
        let bomb = deflate(&vec![0; 10_000_000], WIDEST).unwrap();
        assert!(bomb.len() < 100_000);
        assert_eq!(inflate(&bomb, 65536).unwrap_err().code, 1009);
    }

    #[test]
    fn bytes_of_any_kind_are_refused_or_read() {
        for first in 0..=255u8 {
            for second in [0, 7, 0x55, 0xff] {
                let _ = inflate(&[first, second, 1, 2, 3, 250, first], 4096);
            }
        }
        assert_eq!(inflate(&[0xff; 40], 4096).unwrap_err().code, 1007);
    }
}
