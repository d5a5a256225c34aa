//! Bodies of requests that came compressed, decoded as they come and no further than they may.

use brotli::enc::StandardAlloc;
use brotli::{BrotliDecompressStream, BrotliResult, BrotliState};
use fastweb_core::{Body, Code, Error, Result};
use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{DParameter, Decoder as ZstdDecoder, InBuffer, Operation, OutBuffer};

use super::Coding;
use super::stream::{MAX_WINDOW_BITS, yield_now};

/// 8 MiB, as RFC 9659 has it: the most that a decoder of zstd holds for one request.
const ZSTD_WINDOW: u32 = 23;

/// 4 MiB, the default of the encoders: a few bytes could ask for 16.
const BROTLI_WINDOW: u8 = 22;

/// What is decoded at a time.
const PIECE: usize = 16 * 1024;

/// After so many pieces without having waited, the worker's other connections have a turn.
const TURN: usize = 4;

/// Until here nobody asks how much came of how little: short texts are compressed well.
const FREE: u64 = 64 * 1024;

/// A decoder begins anew for each member of gzip, which costs more than a few bytes should.
const FREE_MEMBERS: u64 = 16;
const BYTES_OF_A_MEMBER: u64 = 512;

type Brotli = BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>;

enum Decoder {
    Zstd(Box<ZstdDecoder<'static>>),
    Brotli(Box<Brotli>),
    Gzip(Box<Decompress>),
    Deflate(Box<Decompress>),
}

/// What a step has read and written, and whether it has come to the end of a stream.
struct Step {
    read: usize,
    written: usize,
    is_end: bool,
}

impl Decoder {
    fn new(coding: Coding) -> Result<Self> {
        Ok(match coding {
            Coding::Zstd => {
                let made = ZstdDecoder::new().and_then(|mut decoder| {
                    decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW))?;
                    Ok(decoder)
                });
                Self::Zstd(Box::new(made?))
            }
            Coding::Brotli => {
                let alloc = StandardAlloc::default;
                let mut state = BrotliState::new(alloc(), alloc(), alloc());
                // An extension that RFC 7932 does not know: windows of 1 GiB.
                state.large_window = false;
                Self::Brotli(Box::new(state))
            }
            Coding::Gzip => Self::Gzip(Box::new(Decompress::new_gzip(MAX_WINDOW_BITS))),
            Coding::Deflate => Self::Deflate(Box::new(Decompress::new(true))),
        })
    }

    /// Decodes as much as there is, and room for. `None` where that is no such stream.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Option<Step> {
        match self {
            Self::Gzip(decoder) | Self::Deflate(decoder) => {
                let before = (decoder.total_in(), decoder.total_out());
                let status = decoder.decompress(input, output, FlushDecompress::None).ok()?;
                Some(Step {
                    read: usize::try_from(decoder.total_in() - before.0).ok()?,
                    written: usize::try_from(decoder.total_out() - before.1).ok()?,
                    is_end: status == Status::StreamEnd,
                })
            }
            Self::Zstd(decoder) => {
                let (mut from, mut to) = (InBuffer::around(input), OutBuffer::around(output));
                let expected = decoder.run(&mut from, &mut to).ok()?;
                Some(Step { read: from.pos(), written: to.pos(), is_end: expected == 0 })
            }
            Self::Brotli(state) => {
                let (mut read, mut written, mut total) = (0, 0, 0);
                let result = BrotliDecompressStream(
                    &mut input.len(),
                    &mut read,
                    input,
                    &mut output.len(),
                    &mut written,
                    output,
                    &mut total,
                    state,
                );
                match result {
                    BrotliResult::ResultFailure => None,
                    BrotliResult::ResultSuccess => Some(Step { read, written, is_end: true }),
                    BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {
                        Some(Step { read, written, is_end: false })
                    }
                }
            }
        }
    }

    /// Whether another stream may follow the one that has ended (RFC 1952, 2.2; RFC 8878, 3).
    fn begin_another(&mut self) -> bool {
        match self {
            Self::Gzip(decoder) => {
                **decoder = Decompress::new_gzip(MAX_WINDOW_BITS);
                true
            }
            Self::Zstd(_) => true,
            Self::Brotli(_) | Self::Deflate(_) => false,
        }
    }
}

/// The bits of the window that a stream of brotli begins with (RFC 7932, 9.1), from its first byte.
fn brotli_window(first: u8) -> u8 {
    match (first & 1, first >> 1 & 7, first >> 4 & 7) {
        (0, ..) => 16,
        (_, 0, 0) => 17,
        (_, 0, bits) => 8 + bits,
        (_, bits, _) => 17 + bits,
    }
}

/// The body as it was before it was compressed. The route's limit counts what comes out of this; `most_ratio` is how many times as long as what came it may be.
pub(super) fn decode(mut body: Body, coding: Coding, most_ratio: u32) -> Body {
    Body::from_fn(async move |out| {
        let mut decoder = Decoder::new(coding)?;
        let (mut read, mut made, mut members, mut turn) = (0_u64, 0_u64, 1_u64, 0);
        // At the end of a stream the body may end, or another stream begin.
        let mut is_between = false;
        while let Some(chunk) = body.chunk().await? {
            if read == 0
                && coding == Coding::Brotli
                && chunk.first().is_some_and(|&byte| brotli_window(byte) > BROTLI_WINDOW)
            {
                let most = (1 << BROTLI_WINDOW) / (1024 * 1024);
                return Err(refused(format!("The request body needs a window of more than {most} MiB to be decoded")));
            }
            read += chunk.len() as u64;
            let mut input = &chunk[..];
            loop {
                if is_between {
                    if input.is_empty() {
                        break;
                    }
                    members += 1;
                    let too_many = members > FREE_MEMBERS + read / BYTES_OF_A_MEMBER;
                    if too_many || !decoder.begin_another() {
                        return Err(malformed(coding));
                    }
                }
                let mut piece = vec![0; PIECE];
                let step = decoder.step(input, &mut piece).ok_or_else(|| malformed(coding))?;
                input = &input[step.read..];
                is_between = step.is_end;
                if step.written > 0 {
                    made += step.written as u64;
                    if made > FREE.saturating_add(read.saturating_mul(u64::from(most_ratio))) {
                        return Err(refused(format!(
                            "The request body is more than {most_ratio} times as long as it was sent"
                        )));
                    }
                    piece.truncate(step.written);
                    out.send(piece).await;
                    turn += 1;
                    if turn >= TURN {
                        turn = 0;
                        yield_now().await;
                    }
                } else if !is_between && (input.is_empty() || step.read == 0) {
                    // It wants more than there is.
                    break;
                }
            }
            if !input.is_empty() {
                return Err(malformed(coding));
            }
        }
        // RFC 9112, 8: what ends early is not taken for the whole.
        if !is_between {
            return Err(malformed(coding));
        }
        for (name, value) in body.trailers().into_iter().flatten() {
            out.set_trailer(name, value)?;
        }
        Ok(())
    })
}

fn malformed(coding: Coding) -> Error {
    let message = format!("The request body is no {} as its content-encoding says, or ends early", coding.as_str());
    Error::from_code(Code::InvalidBody).with_message(message)
}

fn refused(message: String) -> Error {
    Error::from_code(Code::BodyTooLarge).with_message(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_those_that_an_encoder_was_told() {
        use std::io::Write;
        for bits in 10..=24 {
            let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, 2, bits);
            writer.write_all(&[b'x'; 100]).unwrap();
            // As long as nothing is known of the length, the window stays what it was said to be.
            writer.flush().unwrap();
            assert_eq!(u32::from(brotli_window(writer.get_ref()[0])), bits);
        }
    }
}
