//! Numbers as JSON text, written to memory that has room for the longest of its type.

use std::mem::MaybeUninit;
use std::ptr;

/// The longest `u64`: 18446744073709551615.
pub(crate) const U64_ROOM: usize = 20;
/// The longest `i64`: -9223372036854775808.
pub(crate) const I64_ROOM: usize = 20;
/// The longest `f64`, and what `zmij` asks for: -1.2345678901234567e-308.
pub(crate) const F64_ROOM: usize = 24;

/// The numbers from 00 to 99, two digits each.
static PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut n = 0;
    while n < 100 {
        pairs[n] = [b'0' + (n / 10) as u8, b'0' + (n % 10) as u8];
        n += 1;
    }
    pairs
};

/// The powers of ten that a `u64` can be compared with: `POWERS[i]` has `i + 1` digits, but for the first, so that 0 has one.
static POWERS: [u64; 20] = {
    let mut powers = [0; 20];
    let mut power = 1;
    let mut i = 1;
    while i < 20 {
        power *= 10;
        powers[i] = power;
        i += 1;
    }
    powers
};

/// How many digits `v` has.
#[inline(always)]
fn digits(v: u64) -> usize {
    // 1233 / 4096 is log10(2), near enough for 64 bits: the estimate is right, or one more than right where `v` is below the power.
    let bits = (u64::BITS - (v | 1).leading_zeros()) as usize;
    let estimate = (bits * 1233) >> 12;
    estimate + usize::from(v >= POWERS[estimate])
}

/// Writes `v` in decimal and returns where it ends.
///
/// # Safety
///
/// [`U64_ROOM`] bytes at `to` can be written.
#[inline(always)]
pub(crate) unsafe fn put_u64(to: *mut u8, v: u64) -> *mut u8 {
    let len = digits(v);
    let mut left = v;
    let mut at = len;
    // SAFETY: `at` starts at the number of digits, at most 20, and goes down by as many as are written: it never passes 0,
    // because a number of at least 10,000 has five digits, one of at least 100 three, one of at least 10 two.
    unsafe {
        while left >= 10_000 {
            let four = (left % 10_000) as usize;
            left /= 10_000;
            at -= 4;
            ptr::copy_nonoverlapping(PAIRS[four / 100].as_ptr(), to.add(at), 2);
            ptr::copy_nonoverlapping(PAIRS[four % 100].as_ptr(), to.add(at + 2), 2);
        }
        let mut left = left as usize;
        if left >= 100 {
            at -= 2;
            ptr::copy_nonoverlapping(PAIRS[left % 100].as_ptr(), to.add(at), 2);
            left /= 100;
        }
        if left >= 10 {
            ptr::copy_nonoverlapping(PAIRS[left].as_ptr(), to, 2);
        } else {
            *to = b'0' + left as u8;
        }
        to.add(len)
    }
}

/// Writes `v` in decimal and returns where it ends.
///
/// # Safety
///
/// [`I64_ROOM`] bytes at `to` can be written.
#[inline(always)]
pub(crate) unsafe fn put_i64(to: *mut u8, v: i64) -> *mut u8 {
    // SAFETY: the sign is one byte, and no `i64` has more than 19 digits.
    unsafe {
        // Overwritten by the first digit of a number that has no sign.
        *to = b'-';
        put_u64(to.add(usize::from(v < 0)), v.unsigned_abs())
    }
}

/// A float as JSON text.
pub(crate) trait Float: Copy {
    /// Writes the shortest text that reads back as the same number, `null` for what JSON cannot say. Returns where it ends.
    ///
    /// # Safety
    ///
    /// [`F64_ROOM`] bytes at `to` can be written.
    unsafe fn put(self, to: *mut u8) -> *mut u8;
}

/// Writes a double that has at most four decimals, and is below a hundred milliards, as most prices, measures and places on the globe are.
/// `None` for any other.
///
/// If `n / 10_000`, correctly rounded, is the double, then the decimal number reads back as it. It has at most fifteen digits, and
/// no two decimal numbers of so few digits are the same double: no shorter one is there but itself without noughts at its end.
///
/// # Safety
///
/// [`F64_ROOM`] bytes at `to` can be written.
#[inline(always)]
unsafe fn put_short_decimal(to: *mut u8, v: f64) -> Option<*mut u8> {
    const SCALE: u64 = 10_000;
    let magnitude = v.abs();
    // What is no number is in no range.
    if !(0.0..1e11).contains(&magnitude) {
        return None;
    }
    // As frequent as all others together in many a column: nothing to calculate.
    if magnitude == 0.0 {
        // SAFETY: a sign, and three bytes.
        unsafe {
            *to = b'-';
            let to = to.add(usize::from(v.is_sign_negative()));
            to.cast::<[u8; 3]>().write_unaligned(*b"0.0");
            return Some(to.add(3));
        }
    }
    let scaled = (magnitude * SCALE as f64 + 0.5) as u64;
    if scaled as f64 / SCALE as f64 != magnitude {
        return None;
    }
    let (whole, decimals) = (scaled / SCALE, (scaled % SCALE) as usize);
    // SAFETY: a sign, eleven digits, a point, and four digits.
    unsafe {
        // Overwritten where there is no sign.
        *to = b'-';
        let point = put_u64(to.add(usize::from(v.is_sign_negative())), whole);
        *point = b'.';
        ptr::copy_nonoverlapping(PAIRS[decimals / 100].as_ptr(), point.add(1), 2);
        ptr::copy_nonoverlapping(PAIRS[decimals % 100].as_ptr(), point.add(3), 2);
        let mut end = if decimals % 100 == 0 { point.add(3) } else { point.add(5) };
        // The first decimal stays, also where it is nought.
        if *end.sub(1) == b'0' && end.sub(2) != point {
            end = end.sub(1);
        }
        Some(end)
    }
}

impl Float for f64 {
    #[inline]
    unsafe fn put(self, to: *mut u8) -> *mut u8 {
        // SAFETY: by the caller.
        unsafe { put_short_decimal(to, self).unwrap_or_else(|| put_any(to, self)) }
    }
}

/// Any double.
///
/// # Safety
///
/// [`F64_ROOM`] bytes at `to` can be written.
unsafe fn put_any(to: *mut u8, v: f64) -> *mut u8 {
    let mut buffer = zmij::Buffer::new();
    let text = if v.is_finite() { buffer.format_finite(v) } else { "null" };
    debug_assert!(text.len() <= F64_ROOM);
    // SAFETY: `zmij` formats no float into more than the 24 bytes of its buffer.
    unsafe { put_short(to, text.as_bytes()) }
}

impl Float for f32 {
    #[inline]
    unsafe fn put(self, to: *mut u8) -> *mut u8 {
        let mut buffer = zmij::Buffer::new();
        let text = if self.is_finite() { buffer.format_finite(self) } else { "null" };
        debug_assert!(text.len() <= F64_ROOM);
        // SAFETY: `zmij` formats no float into more than the 24 bytes of its buffer.
        unsafe { put_short(to, text.as_bytes()) }
    }
}

/// Copies at most 32 bytes by two loads that overlap, which is cheaper than a call of `memcpy`. Returns where the copy ends.
///
/// # Safety
///
/// `from` has at most 32 bytes, and as many at `to` can be written.
#[inline(always)]
pub(crate) unsafe fn put_short(to: *mut u8, from: &[u8]) -> *mut u8 {
    /// Copies `from`, which is at least `N` and at most `2 * N` bytes long.
    #[inline(always)]
    unsafe fn overlapping<const N: usize>(to: *mut u8, from: *const u8, len: usize) {
        // SAFETY: both pieces lie within the `len >= N` bytes that can be read and written.
        unsafe {
            let head: [MaybeUninit<u8>; N] = ptr::read(from.cast());
            let tail: [MaybeUninit<u8>; N] = ptr::read(from.add(len - N).cast());
            ptr::write(to.cast(), head);
            ptr::write(to.add(len - N).cast(), tail);
        }
    }
    let len = from.len();
    debug_assert!(len <= 32);
    // SAFETY: by the length, and the caller vouches for the rest.
    unsafe {
        match len {
            16.. => overlapping::<16>(to, from.as_ptr(), len),
            8.. => overlapping::<8>(to, from.as_ptr(), len),
            4.. => overlapping::<4>(to, from.as_ptr(), len),
            2.. => overlapping::<2>(to, from.as_ptr(), len),
            1 => *to = from[0],
            0 => {}
        }
        to.add(len)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(room: usize, put: impl FnOnce(*mut u8) -> *mut u8) -> String {
        let mut bytes = vec![b'#'; room];
        let start = bytes.as_mut_ptr();
        let len = put(start) as usize - start as usize;
        bytes.truncate(len);
        String::from_utf8(bytes).unwrap()
    }

    fn unsigned(v: u64) -> String {
        // SAFETY: `text` has the room that it is told.
        text(U64_ROOM, |to| unsafe { put_u64(to, v) })
    }

    fn signed(v: i64) -> String {
        // SAFETY: `text` has the room that it is told.
        text(I64_ROOM, |to| unsafe { put_i64(to, v) })
    }

    fn float(v: impl Float) -> String {
        // SAFETY: `text` has the room that it is told.
        text(F64_ROOM, |to| unsafe { v.put(to) })
    }

    #[test]
    fn integers_around_every_power_of_ten_and_of_two_are_written_as_by_the_standard_library() {
        let powers =
            (0..20).map(|n| 10_u64.pow(n)).chain((0..64).map(|n| 1 << n)).chain([0, u64::MAX, i64::MAX as u64]);
        for power in powers {
            for v in [power.wrapping_sub(1), power, power.wrapping_add(1)] {
                assert_eq!(unsigned(v), v.to_string());
                let v = v as i64;
                assert_eq!(signed(v), v.to_string());
                assert_eq!(signed(v.wrapping_neg()), v.wrapping_neg().to_string());
            }
        }
    }

    #[test]
    fn floats_that_json_cannot_say_are_null() {
        for v in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(float(v), "null");
            assert_eq!(float(v as f32), "null");
        }
    }

    #[test]
    fn every_number_of_few_decimals_is_written_as_by_serde_json() {
        for n in 0..=20_000 {
            for scale in [1.0, 10.0, 100.0, 1e3, 1e4, 1e5] {
                for v in [f64::from(n) / scale, f64::from(-n) / scale] {
                    assert_eq!(float(v), serde_json::to_string(&v).unwrap());
                }
            }
        }
        for v in [1e11, 99_999_999_999.999_9, 99_999_999_999.999_98, 1e-4, 9e-5, 1e-5, 1e16, 0.0, -0.0, 0.000_05] {
            assert_eq!(float(v), serde_json::to_string(&v).unwrap());
        }
    }

    #[test]
    fn short_texts_of_every_length_are_copied_whole() {
        let from: Vec<u8> = (1..=32).collect();
        for len in 0..=32 {
            let mut to = vec![0; len];
            // SAFETY: the lengths are equal, and at most 32.
            unsafe { put_short(to.as_mut_ptr(), &from[..len]) };
            assert_eq!(to, from[..len]);
        }
    }

    proptest! {
        #[test]
        fn integers_are_written_as_by_the_standard_library(bits in any::<u64>(), shift in 0..64_u32) {
            let v = bits >> shift;
            prop_assert_eq!(unsigned(v), v.to_string());
            let v = (bits as i64) >> shift;
            prop_assert_eq!(signed(v), v.to_string());
        }

        #[test]
        fn floats_are_written_as_by_serde_json(double in any::<f64>(), bits in any::<u64>(), single in any::<f32>(), int in -1e18_f64..1e18) {
            for v in [double, f64::from_bits(bits), int.trunc()] {
                prop_assert_eq!(float(v), serde_json::to_string(&v).unwrap());
            }
            prop_assert_eq!(float(single), serde_json::to_string(&single).unwrap());
        }

        #[test]
        fn short_decimals_are_written_as_by_serde_json(digits in any::<u64>(), shift in 0..64_u32, scale in 0..8_i32, ulps in 0..3_u64) {
            let near = (digits >> shift) as f64 / 10_f64.powi(scale);
            let v = f64::from_bits(near.to_bits().wrapping_add(ulps));
            for v in [v, -v] {
                prop_assert_eq!(float(v), serde_json::to_string(&v).unwrap());
            }
        }
    }
}
