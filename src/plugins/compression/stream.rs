//! Bodies that come piece by piece.

use std::future::poll_fn;
use std::io::{self, Write};
use std::task::Poll;

use brotli::CompressorWriter;
use brotli::enc::BrotliEncoderParams;
use fastweb_core::{Body, Bytes, Error, Result, blocking};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use zstd::zstd_safe::CParameter;

use super::Coding;

/// What deflate looks back on: 32 KiB.
pub(super) const MAX_WINDOW_BITS: u8 = 15;

/// 256 KiB. What is sent piece by piece holds it for each client; 4 MiB make answers of 15 and 72 KB no smaller, and take longer (the table in the guide's page).
pub(super) const BROTLI_WINDOW: i32 = 18;

/// The same for zstd, which would take 2 MiB where it does not know the length.
const ZSTD_WINDOW: u32 = 18;

/// A piece from here on is compressed in the pool for blocking work: at the default levels that is more than 20 µs of work, and up to some hundred.
const LARGE: usize = 16 * 1024;

/// After so many bytes without having waited, the worker's other connections have a turn.
const TURN: usize = 64 * 1024;

pub(super) enum Encoder {
    Zstd(Box<zstd::stream::write::Encoder<'static, Vec<u8>>>),
    Brotli(Box<CompressorWriter<Vec<u8>>>),
    Gzip(Box<GzEncoder<Vec<u8>>>),
    Deflate(Box<ZlibEncoder<Vec<u8>>>),
}

impl Encoder {
    pub(super) fn new(coding: Coding, level: i32) -> io::Result<Self> {
        let of = Compression::new(level.unsigned_abs());
        Ok(match coding {
            Coding::Zstd => {
                let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), level)?;
                encoder.set_parameter(CParameter::WindowLog(ZSTD_WINDOW))?;
                Self::Zstd(Box::new(encoder))
            }
            Coding::Brotli => {
                let params =
                    BrotliEncoderParams { quality: level, lgwin: BROTLI_WINDOW, ..BrotliEncoderParams::default() };
                Self::Brotli(Box::new(CompressorWriter::with_params(Vec::new(), 4096, &params)))
            }
            Coding::Gzip => Self::Gzip(Box::new(GzEncoder::new(Vec::new(), of))),
            Coding::Deflate => Self::Deflate(Box::new(ZlibEncoder::new(Vec::new(), of))),
        })
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Zstd(encoder) => encoder,
            Self::Brotli(encoder) => encoder,
            Self::Gzip(encoder) => encoder,
            Self::Deflate(encoder) => encoder,
        }
    }

    /// What has come out so far.
    fn take(&mut self) -> Vec<u8> {
        std::mem::take(match self {
            Self::Zstd(encoder) => encoder.get_mut(),
            Self::Brotli(encoder) => encoder.get_mut(),
            Self::Gzip(encoder) => encoder.get_mut(),
            Self::Deflate(encoder) => encoder.get_mut(),
        })
    }

    fn write(&mut self, piece: &[u8]) -> io::Result<Vec<u8>> {
        self.writer().write_all(piece)?;
        Ok(self.take())
    }

    /// All of what was written: a client can read it.
    fn flush(&mut self) -> io::Result<Vec<u8>> {
        self.writer().flush()?;
        Ok(self.take())
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Zstd(encoder) => encoder.finish(),
            Self::Brotli(encoder) => Ok(encoder.into_inner()),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Deflate(encoder) => encoder.finish(),
        }
    }
}

/// Compresses a body while it is sent. What has come is with the client before anything is waited for; what comes without waiting comes together.
pub(super) fn compress(mut body: Body, mut encoder: Encoder) -> Body {
    Body::from_fn(async move |out| {
        // Bytes that the encoder has and the client not, and bytes since the last time something was waited for.
        let (mut held, mut turn) = (0, 0);
        loop {
            let piece = match poll_fn(|cx| Poll::Ready(body.poll_chunk(cx))).await {
                Poll::Ready(piece) => piece?,
                Poll::Pending => {
                    if held > 0 {
                        out.send(encoder.flush().map_err(failed)?).await;
                        held = 0;
                    }
                    turn = 0;
                    body.chunk().await?
                }
            };
            let Some(piece) = piece else { break };
            held += piece.len();
            turn += piece.len();
            let made;
            (encoder, made) = write(encoder, piece).await?;
            if !made.is_empty() {
                out.send(made).await;
            }
            if turn >= TURN {
                turn = 0;
                yield_now().await;
            }
        }
        out.send(encoder.finish().map_err(failed)?).await;
        for (name, value) in body.trailers().into_iter().flatten() {
            out.set_trailer(name, value)?;
        }
        Ok(())
    })
}

async fn write(mut encoder: Encoder, piece: Bytes) -> Result<(Encoder, Vec<u8>)> {
    if piece.len() < LARGE {
        let made = encoder.write(&piece).map_err(failed)?;
        return Ok((encoder, made));
    }
    let work = move || {
        let made = encoder.write(&piece);
        (encoder, made)
    };
    let (encoder, made) = blocking(work).go_on().await?;
    Ok((encoder, made.map_err(failed)?))
}

/// Lets the others run once.
pub(super) async fn yield_now() {
    let mut is_second = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut is_second, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn failed(error: io::Error) -> Error {
    Error::internal("a body could not be compressed").with_source(error)
}
