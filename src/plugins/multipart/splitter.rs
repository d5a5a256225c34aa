//! A form, taken apart as its bytes come: RFC 7578, and RFC 2046, 5.1. It knows nothing of where they come from.
//!
//! What is handed on of a field are slices of the chunks that came; nothing is copied but the headers of parts. Held back is only what may be
//! the beginning of a delimiter, and that is known without being kept: it is the beginning of the delimiter.

use fastweb_core::{Bytes, Code, Error, Result};
use memchr::memchr_iter;
use memchr::memmem::{self, Finder};

/// What may stand before the first delimiter. RFC 2046 lets anything stand there, and nobody sends it; a form whose boundary is another one is
/// found out by it.
const MOST_PREAMBLE: usize = 8 * 1024;

/// What may stand behind the last one.
const MOST_EPILOGUE: usize = 8 * 1024;

/// Blanks between a delimiter and the end of its line, which gateways are allowed to add.
const MOST_PADDING: u8 = 64;

/// Headers are copied by so many bytes: most are no longer, and what follows is not theirs.
const HEAD_STEP: usize = 256;

pub(super) struct Splitter {
    /// A line end, two hyphens, the boundary. A carriage return is only its first byte: no other place can begin one.
    delimiter: Bytes,
    finder: Finder<'static>,
    state: State,
    /// What has come and is not taken.
    chunk: Bytes,
    /// How much of a delimiter has come.
    matched: usize,
    /// How much of that has come before what is looked at now, and is none of it: a delimiter needs no line end of its own where a line begins.
    given: usize,
    head: Vec<u8>,
    most_head: usize,
}

#[derive(Clone, Copy)]
enum State {
    Preamble {
        passed: usize,
    },
    /// The rest of a delimiter's line.
    Line(Line),
    Head,
    Data,
    Epilogue {
        passed: usize,
    },
}

#[derive(Clone, Copy)]
enum Line {
    Begins,
    Hyphen,
    Padding(u8),
    CarriageReturn,
}

/// What comes next of a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A part begins: [`Splitter::head`] has its header, each line with its end.
    Part,
    /// Bytes of the part, at least one.
    Data(Bytes),
    /// The part is over.
    EndOfPart,
    /// All that came is used.
    Nothing,
}

enum Found {
    Data(Bytes),
    Delimiter,
    Nothing,
}

impl Splitter {
    /// `most_head` is how many bytes the header of a part may have.
    pub(super) fn new(boundary: &[u8], most_head: usize) -> Self {
        let delimiter = Bytes::from([b"\r\n--", boundary].concat());
        Self {
            finder: Finder::new(&delimiter).into_owned(),
            delimiter,
            state: State::Preamble { passed: 0 },
            chunk: Bytes::new(),
            matched: 2,
            given: 2,
            head: Vec::new(),
            most_head,
        }
    }

    /// More of the form. What came before was used: [`next`](Self::next) has said [`Piece::Nothing`].
    pub(super) fn push(&mut self, chunk: Bytes) {
        debug_assert!(self.chunk.is_empty());
        self.chunk = chunk;
    }

    /// The header of the part that has begun.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// The form is over.
    ///
    /// # Errors
    /// It should not be.
    pub(super) fn finish(&self) -> Result<()> {
        match self.state {
            State::Epilogue { .. } => Ok(()),
            State::Preamble { .. } => Err(no_boundary()),
            _ => Err(malformed("The form ends before its last boundary")),
        }
    }

    pub(super) fn next(&mut self) -> Result<Piece> {
        loop {
            match self.state {
                State::Preamble { passed } => match self.search() {
                    Found::Data(data) => {
                        let passed = passed + data.len();
                        if passed > MOST_PREAMBLE {
                            return Err(no_boundary());
                        }
                        self.state = State::Preamble { passed };
                    }
                    Found::Delimiter => self.state = State::Line(Line::Begins),
                    Found::Nothing => return Ok(Piece::Nothing),
                },
                State::Line(line) => match self.chunk.first() {
                    Some(&byte) => {
                        self.skip(1);
                        self.line(line, byte)?;
                    }
                    None => return Ok(Piece::Nothing),
                },
                State::Head => {
                    if self.chunk.is_empty() {
                        return Ok(Piece::Nothing);
                    }
                    if self.take_head()? {
                        self.state = State::Data;
                        // A part without content may end by the line end of its header: RFC 2046, 5.1.1, where a body is optional.
                        (self.matched, self.given) = (2, 2);
                        return Ok(Piece::Part);
                    }
                }
                State::Data => match self.search() {
                    Found::Data(data) => return Ok(Piece::Data(data)),
                    Found::Delimiter => {
                        self.state = State::Line(Line::Begins);
                        return Ok(Piece::EndOfPart);
                    }
                    Found::Nothing => return Ok(Piece::Nothing),
                },
                State::Epilogue { passed } => {
                    let passed = passed + self.chunk.len();
                    if passed > MOST_EPILOGUE {
                        return Err(malformed(format!(
                            "More than {MOST_EPILOGUE} bytes follow the form's last boundary"
                        )));
                    }
                    self.chunk = Bytes::new();
                    self.state = State::Epilogue { passed };
                    return Ok(Piece::Nothing);
                }
            }
        }
    }

    fn skip(&mut self, n: usize) {
        // What is split off is dropped.
        let _ = self.chunk.split_to(n);
    }

    /// The next byte of a line that begins with a delimiter. It is one by that alone (RFC 2046, 5.1.1), so what else stands there is an error
    /// and no data: who reads on as if it were none reads another form than the next server does.
    fn line(&mut self, line: Line, byte: u8) -> Result<()> {
        self.state = match (line, byte) {
            (Line::Begins, b'-') => State::Line(Line::Hyphen),
            (Line::Hyphen, b'-') => State::Epilogue { passed: 0 },
            (Line::Begins, b' ' | b'\t') => State::Line(Line::Padding(1)),
            (Line::Padding(n), b' ' | b'\t') if n < MOST_PADDING => State::Line(Line::Padding(n + 1)),
            (Line::Begins | Line::Padding(_), b'\r') => State::Line(Line::CarriageReturn),
            (Line::CarriageReturn, b'\n') => {
                self.head.clear();
                // As if the line end of the delimiter were the first of the header: then an empty one ends as all do.
                self.head.extend_from_slice(b"\r\n");
                State::Head
            }
            (Line::Begins | Line::Padding(_), b'\n') => {
                return Err(malformed("A boundary of the form ends with a line feed alone: a line ends with CR LF"));
            }
            _ => {
                return Err(malformed("A boundary of the form is followed by something else than the end of its line"));
            }
        };
        Ok(())
    }

    /// Takes of the header what has come; whether it is complete.
    fn take_head(&mut self) -> Result<bool> {
        const LINE_END: usize = 2;
        let room = (self.most_head + 2 * LINE_END).saturating_sub(self.head.len());
        if room == 0 {
            let most = self.most_head;
            return Err(too_large(
                format!("The header of a part of the form is larger than {most} bytes"),
                "header_size",
            ));
        }
        let seen = self.head.len();
        let taken = self.chunk.len().min(room).min(HEAD_STEP);
        self.head.extend_from_slice(&self.chunk[..taken]);
        let from = seen.saturating_sub(2 * LINE_END - 1);
        let Some(at) = memmem::find(&self.head[from..], b"\r\n\r\n") else {
            self.skip(taken);
            return Ok(false);
        };
        let end = from + at + 2 * LINE_END;
        self.skip(end - seen);
        // `--boundary: x` is a field by its form, and a delimiter by where it stands.
        if self.finder.find(&self.head[..end]).is_some() {
            return Err(malformed("A part of the form ends within its header"));
        }
        self.head.truncate(end - LINE_END);
        self.head.drain(..LINE_END);
        Ok(true)
    }

    /// Looks for the next delimiter in what has come.
    fn search(&mut self) -> Found {
        if self.matched > 0 {
            let wanted = &self.delimiter[self.matched..];
            let n = wanted.len().min(self.chunk.len());
            if self.chunk[..n] == wanted[..n] {
                self.matched += n;
                self.skip(n);
                if self.matched < self.delimiter.len() {
                    return Found::Nothing;
                }
                (self.matched, self.given) = (0, 0);
                return Found::Delimiter;
            }
            // It was none. What was held back is data, and nothing in it can begin another.
            let held = self.delimiter.slice(self.given..self.matched);
            (self.matched, self.given) = (0, 0);
            if !held.is_empty() {
                return Found::Data(held);
            }
        }
        if self.chunk.is_empty() {
            return Found::Nothing;
        }
        match self.finder.find(&self.chunk) {
            Some(0) => {
                self.skip(self.delimiter.len());
                Found::Delimiter
            }
            Some(at) => Found::Data(self.chunk.split_to(at)),
            None => {
                let held = self.end_that_may_begin_one();
                let data = self.chunk.split_to(self.chunk.len() - held);
                self.chunk = Bytes::new();
                self.matched = held;
                if data.is_empty() { Found::Nothing } else { Found::Data(data) }
            }
        }
    }

    /// How many bytes at the end of the chunk are the beginning of a delimiter.
    fn end_that_may_begin_one(&self) -> usize {
        let from = self.chunk.len().saturating_sub(self.delimiter.len() - 1);
        let end = &self.chunk[from..];
        let begin = memchr_iter(b'\r', end).find(|&at| self.delimiter.starts_with(&end[at..]));
        begin.map_or(0, |at| end.len() - at)
    }
}

fn no_boundary() -> Error {
    malformed("The form does not begin with the boundary that its content-type announces")
}

pub(super) fn malformed(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::from_code(Code::InvalidBody).with_message(message)
}

/// 413, which says where the limit is set.
pub(super) fn too_large(message: String, option: &str) -> Error {
    Error::from_code(Code::BodyTooLarge).with_message(format!("{message}: `MultipartOptions::{option}` of the route"))
}
