//! Strings as JSON text.

use std::ptr;

use super::lanes::{Lanes, Word, escapes};
use super::number::put_short;

/// The length up to which a string is copied by a few loads that overlap, into room for its worst case.
pub(crate) const SHORT: usize = 32;
/// What a short string may take: each byte an escape of six, the quotation marks, and what the last escape writes too much.
pub(crate) const SHORT_ROOM: usize = SHORT * 6 + 2 + 8;

/// What stands for a byte: its text and the length of that.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Escape {
    text: [u8; 7],
    len: u8,
}

/// What stands for each byte in JSON text: what serde_json writes.
static ESCAPES: [Escape; 256] = {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut escapes = [Escape { text: [0; 7], len: 1 }; 256];
    let mut byte = 0;
    while byte < 256 {
        let (text, len) = match byte as u8 {
            b'"' => (*b"\\\"     ", 2),
            b'\\' => (*b"\\\\     ", 2),
            b'\n' => (*b"\\n     ", 2),
            b'\r' => (*b"\\r     ", 2),
            b'\t' => (*b"\\t     ", 2),
            0x08 => (*b"\\b     ", 2),
            0x0c => (*b"\\f     ", 2),
            0..0x20 => ([b'\\', b'u', b'0', b'0', HEX[byte >> 4], HEX[byte & 15], b' '], 6),
            other => ([other, b' ', b' ', b' ', b' ', b' ', b' '], 1),
        };
        escapes[byte] = Escape { text, len };
        byte += 1;
    }
    escapes
};

/// Writes what stands for `byte` and returns where it ends.
///
/// # Safety
///
/// Eight bytes at `to` can be written.
#[inline(always)]
pub(super) unsafe fn put_byte(to: *mut u8, byte: u8) -> *mut u8 {
    let escape = &ESCAPES[usize::from(byte)];
    // SAFETY: an `Escape` is eight bytes, and no text is longer.
    unsafe {
        ptr::copy_nonoverlapping(ptr::from_ref(escape).cast::<u8>(), to, 8);
        to.add(usize::from(escape.len))
    }
}

/// Writes a string of at most [`SHORT`] bytes, with its quotation marks, and returns where it ends.
///
/// # Safety
///
/// `text` is not longer than that, and [`SHORT_ROOM`] bytes at `to` can be written.
#[inline(always)]
pub(crate) unsafe fn put_short_string(to: *mut u8, text: &str) -> *mut u8 {
    let bytes = text.as_bytes();
    // SAFETY: a text without escapes takes two bytes more than its length.
    unsafe {
        *to = b'"';
        if needs_escape(bytes) {
            return put_short_escaped(to.add(1), bytes);
        }
        let end = put_short(to.add(1), bytes);
        *end = b'"';
        end.add(1)
    }
}

/// Whether any byte of a text of at most 32 bytes needs an escape.
#[inline(always)]
fn needs_escape(bytes: &[u8]) -> bool {
    if let (Some(head), Some(tail)) = (bytes.first_chunk::<16>(), bytes.last_chunk::<16>()) {
        needs_escape_16(head, tail)
    } else if let (Some(head), Some(tail)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        // Where a byte is escaped is not asked here, so the two words need not be told apart.
        escapes(u64::from_le_bytes(*head)) | escapes(u64::from_le_bytes(*tail)) != 0
    } else if let (Some(head), Some(tail)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        escapes(u64::from(u32::from_le_bytes(*head)) | u64::from(u32::from_le_bytes(*tail)) << 32) != 0
    } else {
        bytes.iter().any(|&byte| ESCAPES[usize::from(byte)].len != 1)
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn needs_escape_16(head: &[u8; 16], tail: &[u8; 16]) -> bool {
    use std::arch::x86_64::{__m128i, _mm_loadu_si128};
    // SAFETY: sixteen bytes each; the loads ask for no alignment, and SSE2 is part of x86-64.
    let (head, tail) =
        unsafe { (_mm_loadu_si128(head.as_ptr().cast::<__m128i>()), _mm_loadu_si128(tail.as_ptr().cast::<__m128i>())) };
    super::lanes::x86::mask(head) | super::lanes::x86::mask(tail) != 0
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn needs_escape_16(head: &[u8; 16], tail: &[u8; 16]) -> bool {
    let words = |bytes: &[u8; 16]| {
        let bytes = u128::from_le_bytes(*bytes);
        escapes(bytes as u64) | escapes((bytes >> 64) as u64)
    };
    words(head) | words(tail) != 0
}

/// The rest of a short string that has bytes to escape, up to and with its last quotation mark. Returns where it ends.
///
/// # Safety
///
/// `6 * bytes.len() + 9` bytes at `to` can be written.
#[inline(never)]
unsafe fn put_short_escaped(mut to: *mut u8, bytes: &[u8]) -> *mut u8 {
    for &byte in bytes {
        // SAFETY: every byte before took at most six, and the last may touch two more than it takes.
        to = unsafe { put_byte(to, byte) };
    }
    // SAFETY: as above.
    unsafe {
        *to = b'"';
        to.add(1)
    }
}

/// Appends `text` with its quotation marks.
///
/// ```
/// let mut out = Vec::new();
/// fastweb_schema::__private::write_str(&mut out, "a \"b\"\n");
/// assert_eq!(out, br#""a \"b\"\n""#);
/// ```
#[inline]
pub fn write_str(out: &mut Vec<u8>, text: &str) {
    if text.len() <= SHORT {
        // SAFETY: the length was looked at, and there is room for a short string.
        unsafe { super::append(out, SHORT_ROOM, |to| put_short_string(to, text)) };
    } else {
        write_long(out, text);
    }
}

/// Appends a string that is longer than [`SHORT`].
#[inline(never)]
pub(crate) fn write_long(out: &mut Vec<u8>, text: &str) {
    write_long_by(Variant::of_this_machine(text.len()), out, text.as_bytes());
}

/// How a long string is searched for what needs an escape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Variant {
    /// Eight bytes at a time: every processor.
    #[cfg_attr(any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little")), allow(dead_code))]
    Word,
    /// Sixteen bytes at a time: every x86-64 processor.
    #[cfg(target_arch = "x86_64")]
    Sse2,
    /// Thirty-two bytes at a time, where it was found.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Sixteen bytes at a time: every aarch64 processor.
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    Neon,
}

impl Variant {
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn of_this_machine(len: usize) -> Self {
        // Below, the wider loop has too few steps to pay for its tail.
        if len >= 64 && has_avx2() { Self::Avx2 } else { Self::Sse2 }
    }

    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    #[inline(always)]
    fn of_this_machine(_len: usize) -> Self {
        Self::Neon
    }

    #[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little"))))]
    #[inline(always)]
    fn of_this_machine(_len: usize) -> Self {
        Self::Word
    }
}

/// Whether there is AVX2, and the instructions on single bits that every processor with AVX2 has.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("popcnt")
}

#[inline(always)]
fn write_long_by(variant: Variant, out: &mut Vec<u8>, bytes: &[u8]) {
    match variant {
        // SAFETY: there is nothing that the processor has to have.
        Variant::Word => unsafe { write_by::<Word>(out, bytes) },
        // SAFETY: SSE2 is part of x86-64.
        #[cfg(target_arch = "x86_64")]
        Variant::Sse2 => unsafe { write_by::<super::lanes::x86::Sse2>(out, bytes) },
        // SAFETY: the variant is chosen only where AVX2 was found.
        #[cfg(target_arch = "x86_64")]
        Variant::Avx2 => unsafe { write_by_avx2(out, bytes) },
        // SAFETY: NEON is part of aarch64 where the standard library runs.
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        Variant::Neon => unsafe { write_by::<super::lanes::arm::Neon>(out, bytes) },
    }
}

/// The loops compiled for AVX2.
///
/// # Safety
///
/// The processor has what [`has_avx2`] asks for.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,popcnt")]
#[inline(never)]
unsafe fn write_by_avx2(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    // SAFETY: by the caller.
    unsafe {
        let left = super::index::write_chunks(out, bytes);
        write_rest_by::<super::lanes::x86::Avx2>(out, left);
    }
}

/// Appends `bytes`, with quotation marks, `L::WIDTH` at a time.
///
/// # Safety
///
/// The processor has what `L` needs.
#[inline(always)]
unsafe fn write_by<L: Lanes>(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    // SAFETY: by the caller.
    unsafe { write_rest_by::<L>(out, bytes) }
}

/// Appends `bytes` and a quotation mark.
///
/// Room for the worst case of a long string would be six times its length, so the loop asks for a part of that and asks
/// again if there are that many escapes.
///
/// # Safety
///
/// The processor has what `L` needs.
#[inline(always)]
unsafe fn write_rest_by<L: Lanes>(out: &mut Vec<u8>, bytes: &[u8]) {
    /// Text that is longer than its source by more than this asks for room again.
    const SPARE: usize = 64;
    // Behind what is left of the source, `spare` counts bytes that may still be spent on escapes, and these may be touched: the
    // quotation mark, and by the last escape two more than it takes.
    const MARGIN: usize = 16;

    let mut left = bytes;
    let mut spare = SPARE + bytes.len() / 16;
    out.reserve(left.len() + spare + MARGIN);
    // SAFETY: this, and all that follows: `to` is in `out`'s spare capacity, and behind it there are at least
    // `left.len() + spare + MARGIN` bytes. A step takes as many bytes of `left` as it writes, but for escapes, which take up to
    // five more, counted off `spare`; before an escape `spare` is at least five. Steps read within `left`.
    let mut to = unsafe { out.as_mut_ptr().add(out.len()) };
    loop {
        let run = if left.len() >= L::WIDTH {
            // SAFETY: as above; the caller vouches for the processor.
            let mask = unsafe { L::copy(left.as_ptr(), to) };
            if mask == 0 {
                left = &left[L::WIDTH..];
                // SAFETY: as above.
                to = unsafe { to.add(L::WIDTH) };
                continue;
            }
            mask.trailing_zeros() as usize / L::BITS
        } else if L::WIDTH > Word::WIDTH && left.len() >= Word::WIDTH {
            // SAFETY: as above.
            let mask = unsafe { Word::copy(left.as_ptr(), to) };
            if mask == 0 {
                left = &left[Word::WIDTH..];
                // SAFETY: as above.
                to = unsafe { to.add(Word::WIDTH) };
                continue;
            }
            mask.trailing_zeros() as usize / Word::BITS
        } else if left.is_empty() {
            break;
        } else {
            0
        };
        if spare < 5 {
            spare = SPARE + left.len();
            // SAFETY: `to` was got from this vector's pointer, and all before it is written.
            unsafe {
                let len = to.offset_from_unsigned(out.as_ptr());
                out.set_len(len);
                out.reserve(left.len() + spare + MARGIN);
                to = out.as_mut_ptr().add(len);
            }
        }
        // `run` is below the width that was looked at, and at the end of the string it is 0.
        let byte = left[run];
        left = &left[run + 1..];
        // SAFETY: as above.
        unsafe {
            let escape = to.add(run);
            to = put_byte(escape, byte);
            spare -= to.offset_from_unsigned(escape) - 1;
        }
    }
    // SAFETY: as above.
    unsafe {
        *to = b'"';
        let len = to.add(1).offset_from_unsigned(out.as_ptr());
        out.set_len(len);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every variant that runs here.
    fn variants() -> Vec<Variant> {
        let mut variants = vec![Variant::Word];
        #[cfg(target_arch = "x86_64")]
        {
            variants.push(Variant::Sse2);
            if has_avx2() {
                variants.push(Variant::Avx2);
            }
        }
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        variants.push(Variant::Neon);
        variants
    }

    /// Writes `text` as a caller does and by each variant, behind other text, and compares with serde_json.
    fn check(text: &str) {
        let expected = format!("before{}", serde_json::to_string(text).unwrap());
        let mut out = b"before".to_vec();
        write_str(&mut out, text);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        for variant in variants() {
            // A vector without room to spare: the address sanitizer sees what is written behind what was reserved.
            let mut out = Vec::with_capacity(6);
            out.extend_from_slice(b"before");
            write_long_by(variant, &mut out, text.as_bytes());
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{variant:?}");
        }
    }

    #[test]
    fn every_byte_at_every_place_of_strings_of_every_length_is_written_as_by_serde_json() {
        for len in 0..=80 {
            let plain = "x".repeat(len);
            check(&plain);
            for place in 0..len {
                for byte in ["\0", "\x07", "\n", "\x1f", " ", "!", "\"", "#", "[", "\\", "]", "\x7f"] {
                    let mut text = plain.clone();
                    text.replace_range(place..=place, byte);
                    check(&text);
                }
            }
        }
    }

    #[test]
    fn every_ascii_character_is_written_as_by_serde_json_between_plain_ones_and_repeated() {
        for byte in 0..0x80_u8 {
            let c = char::from(byte);
            check(&c.to_string());
            for len in [2, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 200] {
                check(&c.to_string().repeat(len));
                check(&format!("{}{c}{}", "a".repeat(len), "é".repeat(len)));
            }
        }
    }

    #[test]
    fn a_long_string_of_nothing_but_escapes_is_written_whole() {
        check(&"\0".repeat(10_000));
        check(&format!("{}{}", "a".repeat(10_000), "\"".repeat(10_000)));
        for gap in 0..200 {
            check(&format!("{}\n", "a".repeat(gap)).repeat(1_500 / (gap + 1)));
        }
    }

    #[test]
    fn a_long_string_without_escapes_takes_no_room_for_the_worst_case() {
        let text = "a".repeat(100_000);
        let mut out = Vec::new();
        write_str(&mut out, &text);
        assert!(out.capacity() < 110_000, "{}", out.capacity());
    }

    proptest! {
        #[test]
        fn any_string_is_written_as_by_serde_json(text in "\\PC{0,200}", dense in "[\\x00-\\x22\\\\-^é]{0,200}", sparse in "([a-z]{0,60}[\\\\\"\n]){0,30}") {
            check(&text);
            check(&dense);
            check(&sparse);
        }
    }
}
