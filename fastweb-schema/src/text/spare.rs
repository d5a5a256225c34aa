//! A reservation in a buffer, for generated code that knows the worst case of an object.

use std::fmt;
use std::marker::PhantomData;
use std::ptr;

use super::escape::{SHORT, SHORT_ROOM, put_short_string, write_long};
use super::number::{F64_ROOM, Float, I64_ROOM, U64_ROOM, put_i64, put_u64};

/// The end of a buffer, with room that was asked for once.
///
/// What is written becomes part of the buffer when this is dropped. Every write looks whether its room is left, and asks for more
/// if it is not: an estimate that is too low costs time alone. Where it is looked at and written is kept in two
/// pointers rather than in the vector, so that a row of writes keeps them in registers.
///
/// ```
/// use fastweb_schema::__private::Spare;
///
/// let mut out = b"answer: ".to_vec();
/// let mut spare = Spare::reserve(&mut out, 7 + Spare::U64 + 8 + Spare::STR + 1);
/// spare.write(b"{\"id\":");
/// spare.write_u64(7);
/// spare.write(b",\"name\":");
/// spare.write_str("Ada");
/// spare.write(b"}");
/// drop(spare);
/// assert_eq!(out, br#"answer: {"id":7,"name":"Ada"}"#);
/// ```
pub struct Spare<'a> {
    /// Where the next byte is written, in the spare capacity of `out`; all between its length and here is written.
    at: *mut u8,
    /// The end of `out`'s capacity.
    end: *mut u8,
    out: *mut Vec<u8>,
    lifetime: PhantomData<&'a mut Vec<u8>>,
}

impl<'a> Spare<'a> {
    /// The room of any unsigned integer.
    pub const U64: usize = U64_ROOM;
    /// The room of any integer.
    pub const I64: usize = I64_ROOM;
    /// The room of any float.
    pub const F64: usize = F64_ROOM;
    /// The room of a string of at most 32 bytes. Longer ones ask for their own.
    pub const STR: usize = SHORT_ROOM;

    /// Asks for `room` bytes at the end of `out`.
    #[inline(always)]
    pub fn reserve(out: &'a mut Vec<u8>, room: usize) -> Self {
        out.reserve(room);
        Self::at_end(out)
    }

    #[inline(always)]
    fn at_end(out: *mut Vec<u8>) -> Self {
        // SAFETY: `out` came as a unique reference that lives as long as this does.
        let (at, end) = unsafe {
            let start = (*out).as_mut_ptr();
            (start.add((*out).len()), start.add((*out).capacity()))
        };
        Self { at, end, out, lifetime: PhantomData }
    }

    /// Writes `text` as it is.
    #[inline(always)]
    pub fn write<const N: usize>(&mut self, text: &[u8; N]) {
        self.need(N);
        // SAFETY: there is room for `N` bytes.
        unsafe {
            ptr::copy_nonoverlapping(text.as_ptr(), self.at, N);
            self.at = self.at.add(N);
        }
    }

    /// Writes `value` as a JSON string.
    #[inline(always)]
    pub fn write_str(&mut self, value: &str) {
        if value.len() <= SHORT {
            self.need(SHORT_ROOM);
            // SAFETY: the length was looked at, and there is room for a short string.
            self.at = unsafe { put_short_string(self.at, value) };
        } else {
            self.with(|out| write_long(out, value));
        }
    }

    /// Writes `value` in decimal.
    #[inline(always)]
    pub fn write_u64(&mut self, value: u64) {
        self.need(U64_ROOM);
        // SAFETY: there is room for the longest.
        self.at = unsafe { put_u64(self.at, value) };
    }

    /// Writes `value` in decimal.
    #[inline(always)]
    pub fn write_i64(&mut self, value: i64) {
        self.need(I64_ROOM);
        // SAFETY: there is room for the longest.
        self.at = unsafe { put_i64(self.at, value) };
    }

    /// Writes `value`, `null` for what JSON cannot say.
    #[inline(always)]
    pub fn write_f64(&mut self, value: f64) {
        self.need(F64_ROOM);
        // SAFETY: there is room for the longest.
        self.at = unsafe { value.put(self.at) };
    }

    /// Writes `value`, `null` for what JSON cannot say.
    #[inline(always)]
    pub fn write_f32(&mut self, value: f32) {
        self.need(F64_ROOM);
        // SAFETY: there is room for the longest, which is shorter than that of a double.
        self.at = unsafe { value.put(self.at) };
    }

    /// Writes `true` or `false`.
    #[inline(always)]
    pub fn write_bool(&mut self, value: bool) {
        if value { self.write(b"true") } else { self.write(b"false") }
    }

    /// Hands the buffer to `write`, which appends to it what is not written by this type, and goes on behind that.
    #[inline(always)]
    pub fn with<R>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> R) -> R {
        self.commit();
        // If `write` panics, the vector has the right length already, and its memory may be elsewhere: see `commit`.
        self.at = ptr::null_mut();
        // SAFETY: `out` came as a unique reference that lives as long as this does, and nothing else uses it meanwhile.
        let result = write(unsafe { &mut *self.out });
        self.renew();
        result
    }

    #[inline(always)]
    fn need(&mut self, room: usize) {
        if self.end as usize - (self.at as usize) < room {
            self.grow(room);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, room: usize) {
        self.with(|out| out.reserve(room));
    }

    /// Takes the pointers anew after the vector was used by itself.
    #[inline(always)]
    fn renew(&mut self) {
        let renewed = Self::at_end(self.out);
        (self.at, self.end) = (renewed.at, renewed.end);
        // Its drop would set the length that the vector has.
        std::mem::forget(renewed);
    }

    /// Makes what is written part of the vector.
    #[inline(always)]
    fn commit(&mut self) {
        if self.at.is_null() {
            return;
        }
        // SAFETY: `at` is within the capacity, and all before it is written.
        unsafe {
            let len = self.at.offset_from_unsigned((*self.out).as_ptr());
            (*self.out).set_len(len);
        }
    }
}

impl Drop for Spare<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        self.commit();
    }
}

impl fmt::Debug for Spare<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spare").field("room", &(self.end as usize - self.at as usize)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_of_any_size_gives_the_same_text() {
        for room in 0..400 {
            let mut out = Vec::new();
            let mut spare = Spare::reserve(&mut out, room);
            spare.write(b"[");
            spare.write_str("short \"one\"");
            spare.write(b",");
            spare.write_str("a string that is longer than thirty-two bytes");
            spare.write(b",");
            spare.write_u64(u64::MAX);
            spare.write(b",");
            spare.write_i64(i64::MIN);
            spare.write(b",");
            spare.write_f64(0.5);
            spare.write(b",");
            spare.write_bool(true);
            spare.write(b",");
            spare.write_bool(false);
            spare.with(|out| out.extend_from_slice(b",null"));
            spare.write(b"]");
            assert!(format!("{spare:?}").starts_with("Spare"));
            drop(spare);
            let expected = r#"["short \"one\"","a string that is longer than thirty-two bytes",18446744073709551615,-9223372036854775808,0.5,true,false,null]"#;
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn what_was_written_before_a_panic_stays() {
        let mut out = Vec::new();
        let mut spare = Spare::reserve(&mut out, 1);
        spare.write(b"kept");
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            spare.with(|out| {
                out.extend_from_slice(&[b'.'; 100]);
                panic!("half way");
            });
        }));
        assert!(panicked.is_err());
        drop(spare);
        assert_eq!(out.len(), 104);
    }
}
