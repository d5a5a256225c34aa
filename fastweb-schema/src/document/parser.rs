//! From bytes to the tape, in one pass and without recursion.

use super::error::{ParseError, ParseErrorKind};
use super::tape::{Cell, Kind, Print, Raw};
use super::{Document, number, string};

/// Objects with up to as many members look through their names for each that may be a second one; larger ones sort theirs at the end, so
/// that no object costs more than n log n.
const SMALL_OBJECT: u32 = 32;

/// An array or object that has not ended yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    /// Where it stands on the tape.
    index: usize,
    len: u32,
    is_object: bool,
    /// One bit per hash of a name: a name whose bit is not set is surely new.
    names: u64,
}

impl Open {
    /// Around the document.
    const NONE: Self = Self { index: usize::MAX, len: 0, is_object: false, names: 0 };
}

pub(super) struct Parser<'i, 'd> {
    /// The JSON text and, behind it, `string::PADDING`: the zeros end whatever is being read there, and no step looks at the end of the
    /// text before it reads.
    pub(super) text: &'i str,
    /// The length of the JSON text alone.
    pub(super) len: usize,
    /// What escaped strings stand for. It goes behind `text`, and its strings start there.
    pub(super) unescaped: &'d mut String,
    pub(super) tape: &'d mut Vec<Cell>,
    pub(super) stack: &'d mut Vec<Open>,
}

type Fault = (ParseErrorKind, usize);

impl Parser<'_, '_> {
    pub(super) fn run(mut self) -> Result<(), ParseError> {
        self.document().map_err(|(kind, offset)| {
            // Whatever was expected: where nothing is, that is the reason.
            let ended = offset >= self.len && kind != ParseErrorKind::Empty;
            let kind = if ended { ParseErrorKind::UnexpectedEnd } else { kind };
            ParseError::new(kind, &self.text.as_bytes()[..self.len], offset)
        })
    }

    fn document(&mut self) -> Result<(), Fault> {
        let bytes = self.text.as_bytes();
        let mut at = skip_white_space(bytes, 0);
        if at == self.len {
            return Err((ParseErrorKind::Empty, at));
        }
        let mut open = Open::NONE;
        self.stack.clear();
        'value: loop {
            // One value starts at `at`, white space before it is skipped.
            match byte(bytes, at) {
                b'"' => {
                    let (string, end) = self.string(bytes, at)?;
                    self.tape.push(string);
                    at = end;
                }
                b'{' => {
                    open = self.enter(open, true, at)?;
                    at = skip_white_space(bytes, at + 1);
                    if byte(bytes, at) == b'}' {
                        at += 1;
                        self.tape[open.index] = Cell::object(0, self.tape.len() as u32);
                        open = self.leave();
                    } else {
                        at = self.name(bytes, at, &mut open)?;
                        continue 'value;
                    }
                }
                b'[' => {
                    open = self.enter(open, false, at)?;
                    at = skip_white_space(bytes, at + 1);
                    if byte(bytes, at) == b']' {
                        at += 1;
                        self.tape[open.index] = Cell::array(0, self.tape.len() as u32);
                        open = self.leave();
                    } else {
                        continue 'value;
                    }
                }
                b'-' | b'0'..=b'9' => {
                    let (number, end) = number::read(self.text, at)?;
                    self.tape.push(number);
                    at = end;
                }
                b't' => at = self.literal(at, b"true", Raw::Bool(true))?,
                b'f' => at = self.literal(at, b"false", Raw::Bool(false))?,
                b'n' => at = self.literal(at, b"null", Raw::Null)?,
                _ => return Err((ParseErrorKind::ExpectedValue, at)),
            }
            // A value has ended; with it any number of arrays and objects may.
            loop {
                at = skip_white_space(bytes, at);
                let next = byte(bytes, at);
                open.len += 1;
                if open.is_object {
                    if next == b',' {
                        at = skip_white_space(bytes, at + 1);
                        at = self.name(bytes, at, &mut open)?;
                        continue 'value;
                    }
                    if next != b'}' {
                        return Err((ParseErrorKind::ExpectedCommaOrEnd, at));
                    }
                    if open.len > SMALL_OBJECT {
                        self.check_names(open, at)?;
                    }
                    self.tape[open.index] = Cell::object(open.len, self.tape.len() as u32);
                } else if open.index == usize::MAX {
                    return if at == self.len { Ok(()) } else { Err((ParseErrorKind::TrailingData, at)) };
                } else {
                    if next == b',' {
                        at = skip_white_space(bytes, at + 1);
                        continue 'value;
                    }
                    if next != b']' {
                        return Err((ParseErrorKind::ExpectedCommaOrEnd, at));
                    }
                    self.tape[open.index] = Cell::array(open.len, self.tape.len() as u32);
                }
                at += 1;
                open = self.leave();
            }
        }
    }

    #[inline(always)]
    fn enter(&mut self, outer: Open, is_object: bool, at: usize) -> Result<Open, Fault> {
        if self.stack.len() >= Document::MAX_DEPTH {
            return Err((ParseErrorKind::TooDeep, at));
        }
        self.stack.push(outer);
        let index = self.tape.len();
        // Replaced by what it is once its length is known.
        self.tape.push(Cell::NULL);
        Ok(Open { index, len: 0, is_object, names: 0 })
    }

    #[inline(always)]
    fn leave(&mut self) -> Open {
        // The document itself is the outermost, so that there is always one.
        self.stack.pop().unwrap_or(Open::NONE)
    }

    fn literal(&mut self, at: usize, word: &[u8], value: Raw) -> Result<usize, Fault> {
        let rest = &self.text.as_bytes()[at..self.len];
        if !rest.starts_with(word) {
            let wrong = rest.iter().zip(word).take_while(|(a, b)| a == b).count();
            return Err((ParseErrorKind::ExpectedValue, if wrong == rest.len() { self.len } else { at }));
        }
        self.tape.push(value.into());
        Ok(at + word.len())
    }

    /// The string whose opening quote is at `at`, and the offset after it.
    #[inline(always)]
    fn string(&mut self, bytes: &[u8], at: usize) -> Result<(Cell, usize), Fault> {
        let start = at + 1;
        let end = string::plain_end(bytes, start);
        if byte(bytes, end) == b'"' {
            return Ok((Cell::string(start as u32, (end - start) as u32), end + 1));
        }
        self.escaped(start, end)
    }

    /// A string that is not plain at `at`.
    #[cold]
    fn escaped(&mut self, start: usize, at: usize) -> Result<(Cell, usize), Fault> {
        if byte(self.text.as_bytes(), at) != b'\\' {
            return Err((ParseErrorKind::ControlCharacter, at));
        }
        let unescaped = self.unescaped.len();
        let end = string::unescape(self.text, start, at, self.unescaped)?;
        let len = self.unescaped.len() - unescaped;
        Ok((Cell::string((self.text.len() + unescaped) as u32, len as u32), end + 1))
    }

    /// A name and the colon after it. Returns where the value starts.
    #[inline(always)]
    fn name(&mut self, bytes: &[u8], at: usize, open: &mut Open) -> Result<usize, Fault> {
        if byte(bytes, at) != b'"' {
            return Err((ParseErrorKind::ExpectedName, at));
        }
        let (name, end) = self.string(bytes, at)?;
        let (start, len) = (name.place(), name.len());
        // Behind a plain name stands at least the padding; one with escapes has moved.
        let print =
            if start as usize <= self.len { Print::within(bytes, start, len) } else { Print::of(self.bytes_of(name)) };
        // The highest bits depend on most of the name.
        let bit = 1u64 << (print.0 >> 26);
        if open.names & bit != 0 && open.len < SMALL_OBJECT && self.has_name(*open, name) {
            return Err((ParseErrorKind::DuplicateName, at));
        }
        open.names |= bit;
        self.tape.push(Cell::name(start, len, print));
        let colon = skip_white_space(bytes, end);
        if byte(bytes, colon) != b':' {
            return Err((ParseErrorKind::ExpectedColon, colon));
        }
        Ok(skip_white_space(bytes, colon + 1))
    }

    /// Whether the open object has this name already. All of its members are complete.
    #[cold]
    fn has_name(&self, open: Open, name: Cell) -> bool {
        let bytes = self.bytes_of(name);
        let mut index = open.index + 1;
        while let Some(&member) = self.tape.get(index) {
            if member.len() == name.len() && self.bytes_of(member) == bytes {
                return true;
            }
            index = self.tape[index + 1].next(index + 1);
        }
        false
    }

    /// The names of a large object, all at once: sorted, because the time of a hash table can be in the sender's hands. `end` is where the
    /// object ends.
    #[cold]
    fn check_names(&self, open: Open, end: usize) -> Result<(), Fault> {
        let mut names = Vec::with_capacity(open.len as usize);
        let mut index = open.index + 1;
        while let Some(&member) = self.tape.get(index) {
            names.push(member);
            index = self.tape[index + 1].next(index + 1);
        }
        // Stable: of two that are equal, the later one stays behind.
        names.sort_by_key(|&name| self.bytes_of(name));
        let duplicates = names.windows(2).filter(|pair| self.bytes_of(pair[0]) == self.bytes_of(pair[1]));
        // A name that was escaped is not where it was sent any more: then the end of the object has to do.
        let places = duplicates.map(|pair| match pair[1].place() as usize {
            start if start < self.len => start - 1,
            _ => end,
        });
        places.min().map_or(Ok(()), |at| Err((ParseErrorKind::DuplicateName, at)))
    }

    #[inline(always)]
    fn bytes_of(&self, string: Cell) -> &[u8] {
        debug_assert_eq!(string.kind(), Kind::String);
        let (start, len) = (string.place() as usize, string.len() as usize);
        let (bytes, start) = match start.checked_sub(self.text.len()) {
            None => (self.text.as_bytes(), start),
            Some(start) => (self.unescaped.as_bytes(), start),
        };
        bytes.get(start..start + len).unwrap_or_default()
    }
}

/// The byte at `at`; 0, which no JSON has, behind the end.
#[inline(always)]
fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

#[inline(always)]
fn skip_white_space(bytes: &[u8], mut at: usize) -> usize {
    loop {
        let byte = byte(bytes, at);
        // One comparison where there is none, as computers write.
        if byte > b' ' || !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
            return at;
        }
        at += 1;
    }
}
