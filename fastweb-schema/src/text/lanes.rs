//! Finding the bytes of a string that JSON escapes, many at a time, by what the processor has.

/// A way to copy some bytes and to learn in the same step which of them need an escape.
///
/// Bytes that need one are those below 0x20, the quotation mark and the reverse solidus (RFC 8259, section 7).
pub(super) trait Lanes {
    /// How many bytes one step takes.
    const WIDTH: usize;
    /// How many bits of a mask stand for one byte.
    const BITS: usize;

    /// Copies `WIDTH` bytes and returns 0 if none of them needs an escape. Otherwise the lowest set bit says which is the first.
    ///
    /// # Safety
    ///
    /// `WIDTH` bytes can be read at `from` and written at `to`, and the processor has the instructions.
    unsafe fn copy(from: *const u8, to: *mut u8) -> u64;
}

/// Eight bytes in a word: every processor.
pub(super) struct Word;

/// A bit in the highest place of the first byte of `word`, in the order of memory on a little-endian machine, that needs an
/// escape; 0 if none does. Bits above the first may be set though their bytes need none.
#[inline(always)]
pub(super) const fn escapes(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let control = word.wrapping_sub(ONES * 0x20);
    let quote = (word ^ (ONES * b'"' as u64)).wrapping_sub(ONES);
    let solidus = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    // Each difference borrows from its byte's highest bit if the byte is what is looked for. Bytes from 0x80 on, which have
    // that bit from the start, never are. A borrow runs on only from a byte that was found to the bytes above it.
    (control | quote | solidus) & !word & HIGH
}

impl Lanes for Word {
    const WIDTH: usize = 8;
    const BITS: usize = 8;

    #[inline(always)]
    unsafe fn copy(from: *const u8, to: *mut u8) -> u64 {
        // SAFETY: the caller vouches for eight bytes on both sides; the accesses ask for no alignment.
        unsafe {
            let word = from.cast::<u64>().read_unaligned();
            to.cast::<u64>().write_unaligned(word);
            escapes(word.to_le())
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) mod x86 {
    use std::arch::x86_64::*;

    use super::Lanes;

    /// Sixteen bytes: every x86-64 processor.
    pub(crate) struct Sse2;

    impl Lanes for Sse2 {
        const WIDTH: usize = 16;
        const BITS: usize = 1;

        #[inline(always)]
        unsafe fn copy(from: *const u8, to: *mut u8) -> u64 {
            // SAFETY: the caller vouches for sixteen bytes on both sides; the accesses ask for no alignment; SSE2 is part of x86-64.
            unsafe {
                let bytes = _mm_loadu_si128(from.cast());
                _mm_storeu_si128(to.cast(), bytes);
                u64::from(mask(bytes))
            }
        }
    }

    /// One bit for each byte that needs an escape, the first byte's the lowest.
    #[inline(always)]
    pub(crate) fn mask(bytes: __m128i) -> u32 {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
            let quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'"' as i8));
            let solidus = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'\\' as i8));
            _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(control, quote), solidus)).cast_unsigned()
        }
    }

    /// Thirty-two bytes.
    pub(crate) struct Avx2;

    impl Lanes for Avx2 {
        const WIDTH: usize = 32;
        const BITS: usize = 1;

        #[inline(always)]
        unsafe fn copy(from: *const u8, to: *mut u8) -> u64 {
            // SAFETY: the caller vouches for thirty-two bytes on both sides and for AVX2; the accesses ask for no alignment.
            unsafe {
                let bytes = _mm256_loadu_si256(from.cast());
                _mm256_storeu_si256(to.cast(), bytes);
                let control = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)), bytes);
                let quote = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b'"' as i8));
                let solidus = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b'\\' as i8));
                let any = _mm256_or_si256(_mm256_or_si256(control, quote), solidus);
                u64::from(_mm256_movemask_epi8(any).cast_unsigned())
            }
        }
    }
}

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
pub(super) mod arm {
    use std::arch::aarch64::*;

    use super::Lanes;

    /// Sixteen bytes: every aarch64 processor.
    pub(crate) struct Neon;

    impl Lanes for Neon {
        const WIDTH: usize = 16;
        const BITS: usize = 4;

        #[inline(always)]
        unsafe fn copy(from: *const u8, to: *mut u8) -> u64 {
            // SAFETY: the caller vouches for sixteen bytes on both sides; NEON is part of aarch64 where the standard library runs.
            unsafe {
                let bytes = vld1q_u8(from);
                vst1q_u8(to, bytes);
                let control = vcltq_u8(bytes, vdupq_n_u8(0x20));
                let quote = vceqq_u8(bytes, vdupq_n_u8(b'"'));
                let solidus = vceqq_u8(bytes, vdupq_n_u8(b'\\'));
                let any = vorrq_u8(vorrq_u8(control, quote), solidus);
                // There is no `movemask`: narrowing each pair of bytes by four bits leaves four bits per byte.
                let nibbles = vshrn_n_u16::<4>(vreinterpretq_u16_u8(any));
                vget_lane_u64::<0>(vreinterpret_u64_u8(nibbles))
            }
        }
    }
}

/// How many bytes [`first_special`] looks at.
pub(crate) const CHUNK: usize = 16;

/// The place of the first byte that a JSON string cannot hold as it is: a quotation mark, a reverse solidus, or one below 0x20.
#[inline(always)]
pub(crate) fn first_special(chunk: &[u8; CHUNK]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    {
        // SAFETY: the reference vouches for sixteen bytes; the access asks for no alignment; SSE2 is part of x86-64.
        let mask = x86::mask(unsafe { std::arch::x86_64::_mm_loadu_si128(chunk.as_ptr().cast()) });
        (mask != 0).then_some(mask.trailing_zeros() as usize)
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let (words, _) = chunk.as_chunks::<8>();
        words.iter().enumerate().find_map(|(i, word)| {
            let mask = escapes(u64::from_le_bytes(*word));
            (mask != 0).then_some(8 * i + mask.trailing_zeros() as usize / 8)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::escapes;

    #[test]
    fn the_first_byte_of_a_word_that_needs_an_escape_is_found_beside_any_other() {
        for byte in 0..=u8::MAX {
            let needs = byte < 0x20 || byte == b'"' || byte == b'\\';
            for filler in [b' ', b'a', b'!', b'#', b'[', b']', 0x7f, 0x80, 0xa2, 0xdc, 0xff] {
                for place in 0..8 {
                    let mut bytes = [filler; 8];
                    bytes[place] = byte;
                    let found = escapes(u64::from_le_bytes(bytes));
                    assert_eq!(found != 0, needs, "{bytes:x?}");
                    assert!(!needs || found.trailing_zeros() as usize / 8 == place, "{bytes:x?}");
                }
            }
        }
    }
}
