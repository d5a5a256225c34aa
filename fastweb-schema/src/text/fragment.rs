//! JSON text that is known at startup and stands before a value.

use super::escape::{SHORT, SHORT_ROOM, put_short_string, write_long};
use super::number::{F64_ROOM, Float, I64_ROOM, U64_ROOM, put_i64, put_u64};

/// What is copied without a look at the length.
pub(crate) const INLINE: usize = 32;

/// Text that stands before a value: a comma, or `,"name":`.
///
/// Up to 32 bytes are held in place and copied by two loads and two stores, whatever their length.
#[derive(Clone, Debug)]
pub(crate) struct Fragment {
    head: [u8; INLINE],
    len: u32,
    long: Option<Box<[u8]>>,
}

impl Fragment {
    /// Nothing.
    pub(crate) const EMPTY: Self = Self { head: [0; INLINE], len: 0, long: None };
    /// Between the parts of an array or an object.
    pub(crate) const COMMA: Self = Self::byte(b',');
    /// Between a name and its value.
    pub(crate) const COLON: Self = Self::byte(b':');

    const fn byte(byte: u8) -> Self {
        let mut head = [0; INLINE];
        head[0] = byte;
        Self { head, len: 1, long: None }
    }

    pub(crate) fn new(text: &[u8]) -> Self {
        let mut fragment = Self::EMPTY;
        match fragment.head.get_mut(..text.len()) {
            Some(head) => {
                head.copy_from_slice(text);
                fragment.len = text.len() as u32;
            }
            None => fragment.long = Some(text.into()),
        }
        fragment
    }

    /// How long the text is.
    pub(crate) fn len(&self) -> usize {
        self.long.as_ref().map_or(self.len as usize, |long| long.len())
    }

    /// Appends this text and what `put` writes behind it into `room` bytes. `put` returns where it ends.
    ///
    /// # Safety
    ///
    /// `put` writes at most `room` bytes, and returns an end within them before which all is written.
    #[inline(always)]
    pub(crate) unsafe fn append(&self, out: &mut Vec<u8>, room: usize, put: impl FnOnce(*mut u8) -> *mut u8) {
        if let Some(long) = &self.long {
            append_long(out, long);
        }
        // SAFETY: there are 32 bytes, of which the length is at most that, and `room` behind them for `put`.
        unsafe {
            super::append(out, INLINE + room, |to| {
                to.cast::<[u8; INLINE]>().write_unaligned(self.head);
                put(to.add(self.len as usize))
            });
        }
    }

    /// Appends this text alone.
    #[inline(always)]
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        // SAFETY: nothing is written behind it.
        unsafe { self.append(out, 0, |to| to) };
    }

    /// Appends this text and `value` as a JSON string.
    #[inline(always)]
    pub(crate) fn write_str(&self, out: &mut Vec<u8>, value: &str) {
        if value.len() <= SHORT {
            // SAFETY: the length was looked at, and there is room for a short string.
            unsafe { self.append(out, SHORT_ROOM, |to| put_short_string(to, value)) };
        } else {
            self.write(out);
            write_long(out, value);
        }
    }

    /// Appends this text and `value` in decimal.
    #[inline(always)]
    pub(crate) fn write_u64(&self, out: &mut Vec<u8>, value: u64) {
        // SAFETY: there is room for the longest.
        unsafe { self.append(out, U64_ROOM, |to| put_u64(to, value)) };
    }

    /// Appends this text and `value` in decimal.
    #[inline(always)]
    pub(crate) fn write_i64(&self, out: &mut Vec<u8>, value: i64) {
        // SAFETY: there is room for the longest.
        unsafe { self.append(out, I64_ROOM, |to| put_i64(to, value)) };
    }

    /// Appends this text and `value`, `null` for what JSON cannot say.
    #[inline(always)]
    pub(crate) fn write_float(&self, out: &mut Vec<u8>, value: impl Float) {
        // SAFETY: there is room for the longest.
        unsafe { self.append(out, F64_ROOM, |to| value.put(to)) };
    }

    /// Appends this text and `true` or `false`.
    #[inline(always)]
    pub(crate) fn write_bool(&self, out: &mut Vec<u8>, value: bool) {
        let (text, len) = if value { (*b"true ", 4) } else { (*b"false", 5) };
        // SAFETY: there is room for five bytes, and the length is at most that.
        unsafe {
            self.append(out, text.len(), |to| {
                to.cast::<[u8; 5]>().write_unaligned(text);
                to.add(len)
            });
        }
    }

    /// Appends this text and `null`.
    #[inline(always)]
    pub(crate) fn write_null(&self, out: &mut Vec<u8>) {
        // SAFETY: there is room for four bytes.
        unsafe {
            self.append(out, 4, |to| {
                to.cast::<[u8; 4]>().write_unaligned(*b"null");
                to.add(4)
            });
        }
    }
}

/// Out of the way: names that are longer than 27 bytes.
#[cold]
#[inline(never)]
fn append_long(out: &mut Vec<u8>, long: &[u8]) {
    out.extend_from_slice(long);
}

#[cfg(test)]
mod tests {
    use super::*;

    type Write<'a> = &'a dyn Fn(&mut Vec<u8>);

    #[test]
    fn a_fragment_of_any_length_stands_before_a_value_of_any_kind() {
        for len in 0..100 {
            let text = "n".repeat(len);
            let fragment = Fragment::new(text.as_bytes());
            assert_eq!(fragment.len(), len);
            let long = "s".repeat(100);
            let values: [(Write<'_>, &str); 9] = [
                (&|out| fragment.write(out), ""),
                (&|out| fragment.write_str(out, "\n"), r#""\n""#),
                (&|out| fragment.write_str(out, &long), &format!("\"{long}\"")),
                (&|out| fragment.write_u64(out, u64::MAX), "18446744073709551615"),
                (&|out| fragment.write_i64(out, i64::MIN), "-9223372036854775808"),
                (&|out| fragment.write_float(out, -0.5), "-0.5"),
                (&|out| fragment.write_bool(out, true), "true"),
                (&|out| fragment.write_bool(out, false), "false"),
                (&|out| fragment.write_null(out), "null"),
            ];
            for (write, value) in values {
                let mut out = Vec::new();
                write(&mut out);
                assert_eq!(String::from_utf8(out).unwrap(), format!("{text}{value}"));
            }
        }
    }
}
