//! What a parsed document is kept as: its values in the order of the text, containers before their content.

/// One value.
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

/// The variants of [`Raw`]. Containers are the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Kind {
    Null,
    Bool,
    Unsigned,
    Negative,
    Float,
    String,
    Array,
    Object,
}

impl Kind {
    pub(crate) const COUNT: usize = 8;
}

/// A [`Raw`] as it stands on the tape: its kind, and in one word all that can be said of it, so that a validator compares any kind of
/// value with two words and no branch.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Cell {
    /// The kind in the lowest bits, the fingerprint of a name in the upper half. Two words are handed on in registers, three fields are not.
    head: u64,
    /// A length is in the upper half, so that the order of words is that of lengths; where it starts or ends, in the lower.
    word: u64,
}

const _: () = assert!(size_of::<Cell>() == 16);

impl Cell {
    pub(crate) const NULL: Self = Self::new(Kind::Null, 0);

    #[inline(always)]
    const fn new(kind: Kind, word: u64) -> Self {
        Self { head: kind as u64, word }
    }

    #[inline(always)]
    fn pair(kind: Kind, len: u32, place: u32) -> Self {
        Self::new(kind, u64::from(len) << 32 | u64::from(place))
    }

    #[inline(always)]
    pub(crate) fn string(start: u32, len: u32) -> Self {
        Self::pair(Kind::String, len, start)
    }

    /// The name of a member.
    #[inline(always)]
    pub(crate) fn name(start: u32, len: u32, print: Print) -> Self {
        Self { head: Kind::String as u64 | u64::from(print.0) << 32, ..Self::string(start, len) }
    }

    #[inline(always)]
    pub(crate) fn array(len: u32, end: u32) -> Self {
        Self::pair(Kind::Array, len, end)
    }

    #[inline(always)]
    pub(crate) fn object(len: u32, end: u32) -> Self {
        Self::pair(Kind::Object, len, end)
    }

    #[inline(always)]
    pub(crate) fn kind(self) -> Kind {
        match self.head & 7 {
            0 => Kind::Null,
            1 => Kind::Bool,
            2 => Kind::Unsigned,
            3 => Kind::Negative,
            4 => Kind::Float,
            5 => Kind::String,
            6 => Kind::Array,
            _ => Kind::Object,
        }
    }

    /// Whether it is an array or object.
    #[inline(always)]
    pub(crate) fn is_container(self) -> bool {
        self.kind() >= Kind::Array
    }

    #[inline(always)]
    pub(crate) fn word(self) -> u64 {
        self.word
    }

    #[inline(always)]
    pub(crate) fn print(self) -> Print {
        Print((self.head >> 32) as u32)
    }

    /// Of a string in bytes, of an array in items, of an object in members.
    #[inline(always)]
    pub(crate) fn len(self) -> u32 {
        (self.word >> 32) as u32
    }

    /// Where a string starts; where an array or object ends.
    #[inline(always)]
    pub(crate) fn place(self) -> u32 {
        self.word as u32
    }

    /// The index after this value, which stands at `index`.
    #[inline(always)]
    pub(crate) fn next(self, index: usize) -> usize {
        if self.is_container() { self.place() as usize } else { index + 1 }
    }

    #[inline(always)]
    pub(crate) fn raw(self) -> Raw {
        match self.kind() {
            Kind::Null => Raw::Null,
            Kind::Bool => Raw::Bool(self.word != 0),
            Kind::Unsigned => Raw::Unsigned(self.word),
            Kind::Negative => Raw::Negative(self.word as i64),
            Kind::Float => Raw::Float(f64::from_bits(self.word)),
            Kind::String => Raw::String { start: self.place(), len: self.len() },
            Kind::Array => Raw::Array { len: self.len(), end: self.place() },
            Kind::Object => Raw::Object { len: self.len(), end: self.place() },
        }
    }
}

impl From<Raw> for Cell {
    #[inline(always)]
    fn from(raw: Raw) -> Self {
        match raw {
            Raw::Null => Self::NULL,
            Raw::Bool(value) => Self::new(Kind::Bool, value.into()),
            Raw::Unsigned(value) => Self::new(Kind::Unsigned, value),
            Raw::Negative(value) => Self::new(Kind::Negative, value as u64),
            Raw::Float(value) => Self::new(Kind::Float, value.to_bits()),
            Raw::String { start, len } => Self::string(start, len),
            Raw::Array { len, end } => Self::array(len, end),
            Raw::Object { len, end } => Self::object(len, end),
        }
    }
}

/// The fingerprint of a name: the parser takes it in passing, and whoever looks for names need not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Print(pub(crate) u32);

impl Print {
    #[inline(always)]
    fn mix([low, high]: [u64; 2], len: u32) -> Self {
        let mixed = low ^ high.rotate_left(23) ^ u64::from(len);
        Self((mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32)
    }

    /// The first bytes of a name as they stand in memory.
    pub(crate) fn words(name: &[u8]) -> [u64; 2] {
        let mut chunk = [0; 16];
        chunk.iter_mut().zip(name).for_each(|(to, from)| *to = *from);
        Self::load(&chunk)
    }

    #[inline(always)]
    fn load(chunk: &[u8; 16]) -> [u64; 2] {
        // One load each: eight bytes one by one would be eight.
        let words = chunk.as_chunks::<8>().0;
        [u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1])]
    }

    /// The bits of the words that are the name's.
    #[inline(always)]
    pub(crate) fn masks(len: u32) -> [u64; 2] {
        MASKS[len.min(16) as usize]
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn of(name: &[u8]) -> Self {
        Self::mix(Self::words(name), name.len() as u32)
    }

    /// Of the name of `len` bytes that starts at `start`.
    #[inline(always)]
    pub(crate) fn within(text: &[u8], start: u32, len: u32) -> Self {
        let start = start as usize;
        match text.get(start..start + 16).and_then(|text| text.first_chunk()) {
            Some(chunk) => Self::of_start(chunk, len),
            None => Self::of(text.get(start..start + len as usize).unwrap_or_default()),
        }
    }

    /// Of a name whose first bytes are in `chunk`, where others may follow them.
    #[inline(always)]
    fn of_start(chunk: &[u8; 16], len: u32) -> Self {
        let ([low, high], [low_mask, high_mask]) = (Self::load(chunk), Self::masks(len));
        Self::mix([low & low_mask, high & high_mask], len)
    }
}

/// By the length of a name.
static MASKS: [[u64; 2]; 17] = {
    let mut masks = [[0; 2]; 17];
    let mut len = 1;
    while len <= 16 {
        masks[len] = if len <= 8 { [u64::MAX >> (64 - 8 * len), 0] } else { [u64::MAX, u64::MAX >> (128 - 8 * len)] };
        len += 1;
    }
    masks
};

/// As the value that it is.
impl std::fmt::Debug for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.raw().fmt(f)
    }
}
