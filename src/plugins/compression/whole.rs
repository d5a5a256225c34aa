//! Bodies in memory, by compressors that their thread keeps.

use std::cell::RefCell;
use std::io::{self, Write};

use brotli::CompressorWriter;
use brotli::enc::BrotliEncoderParams;
use flate2::{Compress, Compression, FlushCompress, Status};
use zstd::bulk::Compressor;

use super::Coding;
use super::stream::{BROTLI_WINDOW, MAX_WINDOW_BITS};

thread_local! {
    /// One per coding and level. What each allocates stays for the next body: at the default levels some 270 KB for gzip and for deflate, up to 1.3 MB for zstd.
    static KEPT: RefCell<Vec<(Coding, i32, Kept)>> = const { RefCell::new(Vec::new()) };
}

enum Kept {
    Zstd(Box<Compressor<'static>>),
    Flate(Box<Compress>),
}

impl Kept {
    fn new(coding: Coding, level: i32) -> io::Result<Self> {
        let of = Compression::new(level.unsigned_abs());
        Ok(match coding {
            Coding::Zstd => Self::Zstd(Box::new(Compressor::new(level)?)),
            Coding::Gzip => Self::Flate(Box::new(Compress::new_gzip(of, MAX_WINDOW_BITS))),
            _ => Self::Flate(Box::new(Compress::new(of, true))),
        })
    }

    fn compress(&mut self, body: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Zstd(compressor) => compressor.compress(body),
            Self::Flate(compress) => {
                compress.reset();
                deflate(compress, body)
            }
        }
    }
}

fn deflate(compress: &mut Compress, body: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len() / 2 + 64);
    loop {
        let read = usize::try_from(compress.total_in()).map_err(io::Error::other)?;
        let rest = body.get(read..).unwrap_or_default();
        match compress.compress_vec(rest, &mut out, FlushCompress::Finish).map_err(io::Error::other)? {
            Status::StreamEnd => return Ok(out),
            Status::Ok | Status::BufError => out.reserve((rest.len() / 2).max(1024)),
        }
    }
}

/// Compresses a body. `None` where that fails, or does not make it smaller: it is then sent as it is.
pub(super) fn compress(coding: Coding, level: i32, body: &[u8]) -> Option<Vec<u8>> {
    let compressed = match coding {
        Coding::Brotli => brotli(level, body),
        _ => KEPT.with_borrow_mut(|all| {
            let at = match all.iter().position(|(kept, of, _)| (*kept, *of) == (coding, level)) {
                Some(at) => at,
                None => {
                    all.push((coding, level, Kept::new(coding, level)?));
                    all.len() - 1
                }
            };
            let compressed = all[at].2.compress(body);
            if compressed.is_err() {
                // Nobody knows what it is in the middle of.
                all.swap_remove(at);
            }
            compressed
        }),
    };
    compressed.ok().filter(|compressed| compressed.len() < body.len())
}

/// Its memory depends on the body, and there is no way to keep it.
fn brotli(level: i32, body: &[u8]) -> io::Result<Vec<u8>> {
    let params = BrotliEncoderParams {
        quality: level,
        lgwin: BROTLI_WINDOW,
        size_hint: body.len(),
        ..BrotliEncoderParams::default()
    };
    let mut writer = CompressorWriter::with_params(Vec::with_capacity(body.len() / 4 + 64), 4096, &params);
    writer.write_all(body)?;
    Ok(writer.into_inner())
}
