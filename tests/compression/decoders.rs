//! Each coding's own way to read and write.

use std::io::{Read, Write};

pub(crate) const ALL: [&str; 4] = ["zstd", "br", "gzip", "deflate"];

/// What was compressed, to its end.
#[track_caller]
pub(crate) fn decode(coding: &str, body: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let read = match coding {
        // The reference implementation.
        "zstd" => zstd::stream::read::Decoder::new(body).and_then(|mut decoder| decoder.read_to_end(&mut decoded)),
        "br" => brotli::Decompressor::new(body, 4096).read_to_end(&mut decoded),
        "gzip" => flate2::read::GzDecoder::new(body).read_to_end(&mut decoded),
        "deflate" => flate2::read::ZlibDecoder::new(body).read_to_end(&mut decoded),
        _ => panic!("{coding} is no coding"),
    };
    read.unwrap_or_else(|error| panic!("no {coding}: {error}"));
    decoded
}

/// As much as can be read of what has come so far.
pub(crate) fn decode_begun(coding: &str, body: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut space = [0; 4096];
    let mut reader: Box<dyn Read> = match coding {
        "zstd" => Box::new(zstd::stream::read::Decoder::new(body).expect("a decoder")),
        "br" => Box::new(brotli::Decompressor::new(body, 4096)),
        "gzip" => Box::new(flate2::read::GzDecoder::new(body)),
        _ => Box::new(flate2::read::ZlibDecoder::new(body)),
    };
    while let Ok(n) = reader.read(&mut space) {
        if n == 0 {
            break;
        }
        decoded.extend_from_slice(&space[..n]);
    }
    decoded
}

pub(crate) fn encode(coding: &str, text: &[u8]) -> Vec<u8> {
    let done = "writing to memory does not fail";
    match coding {
        "zstd" => zstd::encode_all(text, 3).expect(done),
        "br" => {
            let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
            writer.write_all(text).expect(done);
            writer.into_inner()
        }
        "gzip" => {
            let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            writer.write_all(text).expect(done);
            writer.finish().expect(done)
        }
        "deflate" => {
            let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            writer.write_all(text).expect(done);
            writer.finish().expect(done)
        }
        _ => panic!("{coding} is no coding"),
    }
}
