//! Little that becomes much.

use std::io::Write;

use fastweb::prelude::*;

use crate::decoders::{ALL, encode};

/// Counts what comes, whatever that is.
async fn server(body_limit: u64) -> Server {
    let count = async |mut body: Body| -> Result<String> {
        let mut count = 0;
        while let Some(chunk) = body.chunk().await? {
            count += chunk.len();
        }
        Ok(count.to_string())
    };
    let app = App::new().plugin(Compression::new().requests()).route(post("/", count).body_limit(body_limit));
    app.build().await.unwrap()
}

async fn send(server: &Server, coding: &str, body: Vec<u8>) -> (u16, String) {
    let reply = server.inject(Inject::post("/").header("content-encoding", coding).body(body)).await;
    (reply.status().as_u16(), reply.text().to_owned())
}

#[tokio::test]
async fn a_bomb_goes_no_further_than_the_limit_of_its_route() {
    let zeros = vec![0; 12_000_000];
    let server = server(1024 * 1024).await;
    for coding in ALL {
        let bomb = encode(coding, &zeros);
        let (status, text) = send(&server, coding, bomb).await;
        assert_eq!(status, 413, "{coding}: {text}");
    }
}

#[tokio::test]
async fn where_a_route_has_no_limit_the_ratio_is_one() {
    let zeros = vec![0; 12_000_000];
    let server = server(u64::MAX).await;
    for coding in ALL {
        let bomb = encode(coding, &zeros);
        assert!(bomb.len() < 20_000, "{}", bomb.len());
        let (status, text) = send(&server, coding, bomb).await;
        assert_eq!(status, 413, "{coding}: {text}");
        assert!(text.contains("more than 100 times as long as it was sent"), "{text}");
        // Little may be compressed as well as it can.
        let little = encode(coding, &zeros[..60_000]);
        assert_eq!(send(&server, coding, little).await, (200, "60000".to_owned()), "{coding}");
    }
}

#[tokio::test]
async fn patience_before_a_bomb_does_not_help_it_beyond_the_ratio() {
    // Much that is not compressed earns the right to much: but it is never in memory at once, as the pieces show.
    let mut text = Vec::new();
    let mut state = 1_u32;
    text.extend(
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(100_000),
    );
    text.extend_from_slice(&vec![0; 2_000_000]);
    let server = server(u64::MAX).await;
    for coding in ALL {
        assert_eq!(send(&server, coding, encode(coding, &text)).await, (200, "2100000".to_owned()), "{coding}");
    }
}

#[tokio::test]
async fn windows_are_bounded() {
    let server = server(u64::MAX).await;
    for bits in 10..=24 {
        let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, 2, bits);
        writer.write_all(b"little").unwrap();
        writer.flush().unwrap();
        let (status, text) = send(&server, "br", writer.into_inner()).await;
        assert_eq!(status, if bits <= 22 { 200 } else { 413 }, "{bits}: {text}");
    }
    for bits in [10, 20, 23, 24, 27] {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.set_parameter(zstd::zstd_safe::CParameter::WindowLog(bits)).unwrap();
        encoder.write_all(b"little").unwrap();
        encoder.flush().unwrap();
        let (status, text) = send(&server, "zstd", encoder.finish().unwrap()).await;
        assert_eq!(status, if bits <= 23 { 200 } else { 400 }, "{bits}: {text}");
    }
}
