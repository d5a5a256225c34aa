//! The chunked transfer coding (RFC 9112, 7.1), decoded as bytes come in.
//!
//! Stricter than most: line ends are CRLF, sizes are one to sixteen hex digits, extensions and trailers are bounded. Whatever two
//! implementations could read differently is refused, because that is what request smuggling needs.

use std::ops::Range;

/// Bytes of chunk extensions that one body may have in all. Nobody reads them.
const MOST_EXTENSION_BYTES: usize = 4 * 1024;
/// Bytes that the trailer section may have.
const MOST_TRAILER_BYTES: usize = 8 * 1024;

/// Decodes one chunked body.
#[derive(Debug, Default)]
pub(crate) struct ChunkDecoder {
    state: State,
    /// What is left of the chunk, or its size so far.
    size: u64,
    digits: u8,
    extension_bytes: usize,
    /// The trailer section: lines with their ends.
    trailers: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Size,
    /// Behind a blank after the size. RFC 9112, 7.1.1 allows bad whitespace there, which is to be taken (RFC 9110, 5.6.3), but before an
    /// extension alone.
    Blank,
    /// Extensions, which are ignored. In a quoted string `;` and `\` have other meanings, but CR and LF are not allowed there either.
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// At the start of a trailer line, or of the line that ends the body.
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
    Done,
}

/// What a step of decoding gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decoded {
    /// Bytes of the body: this part of the input.
    Data(Range<usize>),
    /// The input is used up and the body is not at its end.
    More,
    /// The body is at its end.
    End,
}

/// The bytes are no chunked body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

impl ChunkDecoder {
    /// Takes one step: returns how many bytes of `input` it has used, and what they were.
    pub(crate) fn decode(&mut self, input: &[u8]) -> Result<(usize, Decoded), Malformed> {
        let mut at = 0;
        loop {
            if self.state == State::Done {
                return Ok((at, Decoded::End));
            }
            let Some(&byte) = input.get(at) else { return Ok((at, Decoded::More)) };
            match self.state {
                State::Size => match char::from(byte).to_digit(16) {
                    Some(_) if self.digits == 16 => return Err(Malformed),
                    Some(digit) => {
                        self.size = self.size << 4 | u64::from(digit);
                        self.digits += 1;
                    }
                    None if self.digits == 0 => return Err(Malformed),
                    None if byte == b'\r' => self.state = State::SizeLf,
                    None if byte == b';' => self.state = State::Extension,
                    None if is_blank(byte) => self.state = State::Blank,
                    None => return Err(Malformed),
                },
                State::Blank => {
                    self.extension_bytes += 1;
                    match byte {
                        b';' => self.state = State::Extension,
                        _ if self.extension_bytes > MOST_EXTENSION_BYTES || !is_blank(byte) => return Err(Malformed),
                        _ => {}
                    }
                }
                State::Extension => {
                    self.extension_bytes += 1;
                    match byte {
                        b'\r' => self.state = State::SizeLf,
                        _ if self.extension_bytes > MOST_EXTENSION_BYTES || is_control(byte) => return Err(Malformed),
                        _ => {}
                    }
                }
                State::SizeLf if byte == b'\n' => {
                    self.state = if self.size == 0 { State::TrailerStart } else { State::Data };
                }
                State::Data => {
                    let len = usize::try_from(self.size).unwrap_or(usize::MAX).min(input.len() - at);
                    self.size -= len as u64;
                    if self.size == 0 {
                        self.state = State::DataCr;
                    }
                    return Ok((at + len, Decoded::Data(at..at + len)));
                }
                State::DataCr if byte == b'\r' => self.state = State::DataLf,
                State::DataLf if byte == b'\n' => {
                    self.state = State::Size;
                    self.digits = 0;
                }
                State::TrailerStart if byte == b'\r' => self.state = State::EndLf,
                State::TrailerStart | State::TrailerName => {
                    self.keep(byte)?;
                    self.state = match byte {
                        b':' if self.state == State::TrailerName => State::TrailerValue,
                        _ if crate::reply::is_token_byte(byte) => State::TrailerName,
                        _ => return Err(Malformed),
                    };
                }
                State::TrailerValue => {
                    self.keep(byte)?;
                    match byte {
                        b'\r' => self.state = State::TrailerLf,
                        _ if is_control(byte) => return Err(Malformed),
                        _ => {}
                    }
                }
                State::TrailerLf if byte == b'\n' => {
                    self.keep(byte)?;
                    self.state = State::TrailerStart;
                }
                State::EndLf if byte == b'\n' => self.state = State::Done,
                State::SizeLf | State::DataCr | State::DataLf | State::TrailerLf | State::EndLf | State::Done => {
                    return Err(Malformed);
                }
            }
            at += 1;
        }
    }

    /// What is left of the chunk whose size was read last.
    pub(crate) fn announced(&self) -> u64 {
        if self.state == State::Data { self.size } else { 0 }
    }

    /// The lines of the trailer section, as far as it was decoded. Few bodies have any.
    pub(crate) fn trailers(&self) -> &[u8] {
        &self.trailers
    }

    fn keep(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.trailers.len() >= MOST_TRAILER_BYTES {
            return Err(Malformed);
        }
        self.trailers.push(byte);
        Ok(())
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_control(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t') || byte == 0x7f
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decodes input that comes in the given pieces. Returns the body and how many bytes it took.
    fn decode<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Result<Option<(Vec<u8>, usize)>, Malformed> {
        let mut decoder = ChunkDecoder::default();
        let (mut body, mut used) = (Vec::new(), 0);
        for piece in pieces {
            let mut rest = piece;
            loop {
                let (n, decoded) = decoder.decode(rest)?;
                used += n;
                if let Decoded::Data(range) = &decoded {
                    body.extend_from_slice(&rest[range.clone()]);
                }
                rest = &rest[n..];
                match decoded {
                    Decoded::Data(_) => {}
                    Decoded::More => break,
                    Decoded::End => return Ok(Some((body, used))),
                }
            }
        }
        Ok(None)
    }

    fn whole(input: &str) -> Result<Option<(Vec<u8>, usize)>, Malformed> {
        decode([input.as_bytes()].into_iter())
    }

    #[test]
    fn good_bodies() {
        for (input, body) in [
            ("0\r\n\r\n", ""),
            ("5\r\nhello\r\n0\r\n\r\n", "hello"),
            ("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "hello"),
            ("0005\r\nhello\r\n000\r\n\r\n", "hello"),
            ("A;a=b;c=\"d;e\"\r\n0123456789\r\n0;x\r\n\r\n", "0123456789"),
            ("1\r\nx\r\n0\r\nTrailer: v\r\nb:\r\n\r\n", "x"),
            ("5 ;a\r\nhello\r\n0\t ;b\r\n\r\n", "hello"),
        ] {
            assert_eq!(whole(input), Ok(Some((body.as_bytes().to_vec(), input.len()))), "{input:?}");
            assert_eq!(
                decode(input.as_bytes().chunks(1)),
                Ok(Some((body.as_bytes().to_vec(), input.len()))),
                "{input:?} byte by byte"
            );
        }
    }

    #[test]
    fn what_follows_the_body_is_left() {
        assert_eq!(whole("0\r\n\r\nGET /"), Ok(Some((Vec::new(), 5))));
    }

    #[test]
    fn malformed_bodies() {
        let long_extension = format!("1;{}\r\nx\r\n", "a".repeat(MOST_EXTENSION_BYTES + 1));
        let long_trailer = format!("0\r\na: {}\r\n\r\n", "a".repeat(MOST_TRAILER_BYTES));
        for input in [
            "\r\n",
            ";\r\n",
            "g\r\n",
            "0x5\r\n",
            "+5\r\n",
            "-1\r\n",
            " 5\r\n",
            "5 \r\nhello\r\n",
            "5 a\r\nhello\r\n",
            &format!("5{};\r\n", " ".repeat(MOST_EXTENSION_BYTES + 2)),
            "5_0\r\n",
            "5\nhello\n0\n\n",
            "5\r\nhelloX",
            "5\r\nhello\n",
            "5\r\nhello\r\r",
            "5\rhello",
            "00000000000000005\r\n",
            "10000000000000000\r\n",
            "0\r\n\n",
            "0\r\nno colon\r\n\r\n",
            "0\r\n: v\r\n\r\n",
            "0\r\na : v\r\n\r\n",
            "0\r\na: \x01\r\n\r\n",
            "0\r\na: b\n\r\n",
            "5;a\nhello\r\n",
            "5;\x00\r\n",
            "0\r\n folded\r\n\r\n",
            &long_extension,
            &long_trailer,
        ] {
            assert_eq!(whole(input), Err(Malformed), "{input:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_body_in_any_pieces(
            chunks in proptest::collection::vec(proptest::collection::vec(proptest::num::u8::ANY, 1..40), 0..6),
            piece in 1..50_usize,
        ) {
            let mut input = Vec::new();
            for chunk in &chunks {
                input.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                input.extend_from_slice(chunk);
                input.extend_from_slice(b"\r\n");
            }
            input.extend_from_slice(b"0\r\n\r\n");
            proptest::prop_assert_eq!(decode(input.chunks(piece)), Ok(Some((chunks.concat(), input.len()))));
        }

        #[test]
        fn any_bytes_are_refused_or_decoded(input in proptest::collection::vec(proptest::num::u8::ANY, 0..200), piece in 1..20_usize) {
            // The verdict does not depend on how the bytes are cut.
            proptest::prop_assert_eq!(decode(input.chunks(piece)), decode([&input[..]].into_iter()));
        }
    }
}
