//! What a parsed document is kept as: its values in the order of the text, containers before their content.

/// One value. Sixteen bytes, whatever it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Raw {
    Null,
    Bool(bool),
    Unsigned(u64),
    /// Below zero.
    Negative(i64),
    /// Finite.
    Float(f64),
    /// A range of the document's text.
    String {
        start: u32,
        len: u32,
    },
    /// `len` items follow; `end` is the index after the last of them and all that they hold.
    Array {
        len: u32,
        end: u32,
    },
    /// `len` pairs of a name and a value follow.
    Object {
        len: u32,
        end: u32,
    },
}

impl Raw {
    /// The index after this value, which stands at `index`.
    #[inline]
    pub(crate) fn next(self, index: usize) -> usize {
        match self {
            Raw::Array { end, .. } | Raw::Object { end, .. } => end as usize,
            _ => index + 1,
        }
    }
}

const _: () = assert!(size_of::<Raw>() == 16);
