//! From bytes to the tape, in one pass and without recursion.

use super::error::{ParseError, ParseErrorKind};
use super::tape::Raw;
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

pub(super) struct Parser<'i, 'd> {
    pub(super) json: &'i str,
    /// Starts with a copy of `json`; what escaped strings stand for is appended.
    pub(super) text: &'d mut String,
    pub(super) tape: &'d mut Vec<Raw>,
    pub(super) stack: &'d mut Vec<Open>,
    pub(super) at: usize,
}

type Fault = (ParseErrorKind, usize);

impl Parser<'_, '_> {
    pub(super) fn run(mut self) -> Result<(), ParseError> {
        let json = self.json.as_bytes();
        self.document().map_err(|(kind, offset)| {
            // Whatever was expected: where nothing is, that is the reason.
            let ended = offset >= json.len() && kind != ParseErrorKind::Empty;
            ParseError::new(if ended { ParseErrorKind::UnexpectedEnd } else { kind }, json, offset)
        })
    }

    fn document(&mut self) -> Result<(), Fault> {
        match self.skip_white_space() {
            0 if self.at == self.json.len() => return Err((ParseErrorKind::Empty, self.at)),
            _ => {}
        }
        let mut open = Open { index: usize::MAX, len: 0, is_object: false, names: 0 };
        self.stack.clear();
        'value: loop {
            // One value starts at `self.at`, white space before it is skipped.
            match self.peek() {
                b'"' => {
                    let string = self.string()?;
                    self.tape.push(string);
                }
                b'{' => {
                    open = self.enter(open, true)?;
                    if self.skip_white_space() == b'}' {
                        self.at += 1;
                        self.tape[open.index] = Raw::Object { len: 0, end: self.tape.len() as u32 };
                        open = self.leave();
                    } else {
                        self.name(&mut open)?;
                        continue 'value;
                    }
                }
                b'[' => {
                    open = self.enter(open, false)?;
                    if self.skip_white_space() == b']' {
                        self.at += 1;
                        self.tape[open.index] = Raw::Array { len: 0, end: self.tape.len() as u32 };
                        open = self.leave();
                    } else {
                        continue 'value;
                    }
                }
                b'-' | b'0'..=b'9' => {
                    let (number, end) = number::read(self.json, self.at)?;
                    self.tape.push(number);
                    self.at = end;
                }
                b't' => self.literal("true", Raw::Bool(true))?,
                b'f' => self.literal("false", Raw::Bool(false))?,
                b'n' => self.literal("null", Raw::Null)?,
                _ => return Err((ParseErrorKind::ExpectedValue, self.at)),
            }
            // A value has ended; with it any number of arrays and objects may.
            loop {
                let next = self.skip_white_space();
                if open.index == usize::MAX {
                    return if self.at == self.json.len() {
                        Ok(())
                    } else {
                        Err((ParseErrorKind::TrailingData, self.at))
                    };
                }
                open.len += 1;
                match (next, open.is_object) {
                    (b',', true) => {
                        self.at += 1;
                        self.skip_white_space();
                        self.name(&mut open)?;
                        continue 'value;
                    }
                    (b',', false) => {
                        self.at += 1;
                        self.skip_white_space();
                        continue 'value;
                    }
                    (b'}', true) => {
                        if open.len > SMALL_OBJECT {
                            self.check_names(open)?;
                        }
                        self.tape[open.index] = Raw::Object { len: open.len, end: self.tape.len() as u32 };
                    }
                    (b']', false) => {
                        self.tape[open.index] = Raw::Array { len: open.len, end: self.tape.len() as u32 };
                    }
                    _ => return Err((ParseErrorKind::ExpectedCommaOrEnd, self.at)),
                }
                self.at += 1;
                open = self.leave();
            }
        }
    }

    /// The byte at hand; 0, which no JSON has outside of strings, at the end.
    #[inline]
    fn peek(&self) -> u8 {
        self.json.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    #[inline]
    fn skip_white_space(&mut self) -> u8 {
        loop {
            let byte = self.peek();
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return byte;
            }
            self.at += 1;
        }
    }

    fn enter(&mut self, outer: Open, is_object: bool) -> Result<Open, Fault> {
        if self.stack.len() >= Document::MAX_DEPTH {
            return Err((ParseErrorKind::TooDeep, self.at));
        }
        self.stack.push(outer);
        let index = self.tape.len();
        // Replaced by what it is once its length is known.
        self.tape.push(Raw::Null);
        self.at += 1;
        Ok(Open { index, len: 0, is_object, names: 0 })
    }

    fn leave(&mut self) -> Open {
        // The document itself is the outermost, so that there is always one.
        self.stack.pop().unwrap_or(Open { index: usize::MAX, len: 0, is_object: false, names: 0 })
    }

    fn literal(&mut self, word: &'static str, value: Raw) -> Result<(), Fault> {
        let rest = &self.json.as_bytes()[self.at..];
        if !rest.starts_with(word.as_bytes()) {
            let wrong = rest.iter().zip(word.as_bytes()).take_while(|(a, b)| a == b).count();
            return Err((ParseErrorKind::ExpectedValue, if wrong == rest.len() { self.json.len() } else { self.at }));
        }
        self.tape.push(value);
        self.at += word.len();
        Ok(())
    }

    /// The string whose opening quote is at hand.
    #[inline]
    fn string(&mut self) -> Result<Raw, Fault> {
        let bytes = self.json.as_bytes();
        let start = self.at + 1;
        let end = string::plain_end(bytes, start);
        match bytes.get(end) {
            Some(b'"') => {
                self.at = end + 1;
                Ok(Raw::String { start: start as u32, len: (end - start) as u32 })
            }
            Some(b'\\') => {
                let unescaped = self.text.len();
                self.at = 1 + string::unescape(self.json, start, end, self.text)?;
                Ok(Raw::String { start: unescaped as u32, len: (self.text.len() - unescaped) as u32 })
            }
            Some(_) => Err((ParseErrorKind::ControlCharacter, end)),
            None => Err((ParseErrorKind::UnexpectedEnd, end)),
        }
    }

    /// A name and the colon after it; the value is next.
    #[inline]
    fn name(&mut self, open: &mut Open) -> Result<(), Fault> {
        let at = self.at;
        if self.peek() != b'"' {
            return Err((ParseErrorKind::ExpectedName, at));
        }
        let name = self.string()?;
        let bytes = text_of(self.text, name).as_bytes();
        let bit = 1u64 << (hash(bytes) & 63);
        if open.names & bit != 0 && open.len < SMALL_OBJECT && self.has_name(*open, name) {
            return Err((ParseErrorKind::DuplicateName, at));
        }
        open.names |= bit;
        self.tape.push(name);
        if self.skip_white_space() != b':' {
            return Err((ParseErrorKind::ExpectedColon, self.at));
        }
        self.at += 1;
        self.skip_white_space();
        Ok(())
    }

    /// Whether the open object has this name already. All of its members are complete.
    #[cold]
    fn has_name(&self, open: Open, name: Raw) -> bool {
        let name = text_of(self.text, name);
        let mut index = open.index + 1;
        while let Some(&member) = self.tape.get(index) {
            if text_of(self.text, member) == name {
                return true;
            }
            index = self.tape[index + 1].next(index + 1);
        }
        false
    }

    /// The names of a large object, all at once: sorted, because the time of a hash table can be in the sender's hands.
    #[cold]
    fn check_names(&self, open: Open) -> Result<(), Fault> {
        let mut names = Vec::with_capacity(open.len as usize);
        let mut index = open.index + 1;
        while let Some(&member) = self.tape.get(index) {
            names.push(member);
            index = self.tape[index + 1].next(index + 1);
        }
        // Stable: of two that are equal, the later one stays behind.
        names.sort_by_key(|&name| text_of(self.text, name));
        let duplicates = names.windows(2).filter(|pair| text_of(self.text, pair[0]) == text_of(self.text, pair[1]));
        // A name that was escaped is not where it was sent any more: then the end of the object has to do.
        let places = duplicates.map(|pair| match pair[1] {
            Raw::String { start, .. } if (start as usize) < self.json.len() => start as usize - 1,
            _ => self.at,
        });
        places.min().map_or(Ok(()), |at| Err((ParseErrorKind::DuplicateName, at)))
    }
}

/// Spreads names well enough that the members of everyday objects rarely share a bit.
#[inline]
fn hash(name: &[u8]) -> u64 {
    let (first, last) = (name.first().copied().unwrap_or(0), name.last().copied().unwrap_or(0));
    let middle = name.get(name.len() / 2).copied().unwrap_or(0);
    let mixed = name.len() as u64 | u64::from(first) << 8 | u64::from(last) << 16 | u64::from(middle) << 24;
    mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58
}

#[inline]
fn text_of(text: &str, raw: Raw) -> &str {
    match raw {
        Raw::String { start, len } => &text[start as usize..start as usize + len as usize],
        _ => "",
    }
}
