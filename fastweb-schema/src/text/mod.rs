//! JSON text, written to the end of a buffer: strings, numbers, and what is known of an answer at startup.
//!
//! The unsafe code of serialisers is here and nowhere else: writing into reserved memory without a look at its end for every
//! byte, and the vector instructions that search strings for what needs an escape. serde_json is the oracle of all of it.

#![allow(unsafe_code)]

mod escape;
mod fragment;
#[cfg(target_arch = "x86_64")]
mod index;
mod lanes;
mod number;
mod spare;

pub use escape::write_str;
pub(crate) use fragment::Fragment;
pub(crate) use lanes::{CHUNK, first_special};
pub use spare::Spare;

use number::{F64_ROOM, Float, I64_ROOM, U64_ROOM, put_i64, put_u64};

/// Appends what `put` writes into `room` bytes. `put` returns where it ends.
///
/// # Safety
///
/// `put` writes at most `room` bytes, and returns an end within them before which all is written.
#[inline(always)]
unsafe fn append(out: &mut Vec<u8>, room: usize, put: impl FnOnce(*mut u8) -> *mut u8) {
    out.reserve(room);
    // SAFETY: the room is in the vector's spare capacity, and the caller vouches that what is added to the length is written.
    unsafe {
        let start = out.as_mut_ptr().add(out.len());
        let end = put(start);
        out.set_len(out.len() + end.offset_from_unsigned(start));
    }
}

/// Appends `value` in decimal.
///
/// ```
/// let mut out = Vec::new();
/// fastweb_schema::__private::write_u64(&mut out, u64::MAX);
/// assert_eq!(out, b"18446744073709551615");
/// ```
#[inline]
pub fn write_u64(out: &mut Vec<u8>, value: u64) {
    // SAFETY: there is room for the longest.
    unsafe { append(out, U64_ROOM, |to| put_u64(to, value)) };
}

/// Appends `value` in decimal.
///
/// ```
/// let mut out = Vec::new();
/// fastweb_schema::__private::write_i64(&mut out, i64::MIN);
/// assert_eq!(out, b"-9223372036854775808");
/// ```
#[inline]
pub fn write_i64(out: &mut Vec<u8>, value: i64) {
    // SAFETY: there is room for the longest.
    unsafe { append(out, I64_ROOM, |to| put_i64(to, value)) };
}

/// Appends `value` in the shortest form that reads back as the same number, as serde_json does; `null` for NaN and infinities,
/// which JSON cannot say.
///
/// ```
/// let mut out = Vec::new();
/// fastweb_schema::__private::write_f64(&mut out, 1.0);
/// assert_eq!(out, b"1.0");
/// ```
#[inline]
pub fn write_f64(out: &mut Vec<u8>, value: f64) {
    // SAFETY: there is room for the longest.
    unsafe { append(out, F64_ROOM, |to| value.put(to)) };
}

/// Appends `value` as [`write_f64`] does, by the digits that tell it from other single floats.
///
/// ```
/// let mut out = Vec::new();
/// fastweb_schema::__private::write_f32(&mut out, 0.1);
/// assert_eq!(out, b"0.1");
/// ```
#[inline]
pub fn write_f32(out: &mut Vec<u8>, value: f32) {
    // SAFETY: there is room for the longest.
    unsafe { append(out, F64_ROOM, |to| value.put(to)) };
}
