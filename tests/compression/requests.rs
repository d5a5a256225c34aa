//! Requests that come compressed.

use fastweb::Bytes;
use fastweb::compression::Coding;
use fastweb::prelude::*;
use std::io::Write;

use crate::decoders::{ALL, encode};
use crate::text;

async fn server() -> Server {
    let streamed = async |mut body: Body| -> Result<String> {
        let mut all = Vec::new();
        while let Some(chunk) = body.chunk().await? {
            assert!(chunk.len() <= 16 * 1024, "{} bytes at a time", chunk.len());
            all.extend_from_slice(&chunk);
        }
        Ok(String::from_utf8(all).expect("it is text"))
    };
    let app = App::new()
        .plugin(Compression::new().requests().codings(Coding::ALL))
        .post("/", |text: String| text)
        .post("/stream", streamed)
        .route(post("/small", |body: Bytes| body.len().to_string()).body_limit(1000));
    app.build().await.unwrap()
}

fn compressed(path: &str, coding: &str, body: impl Into<Vec<u8>>) -> Inject {
    Inject::post(path).header("content-encoding", coding).body(body)
}

#[tokio::test]
async fn each_coding_is_read_as_it_was() {
    let server = server().await;
    for coding in ALL {
        for len in [0, 1, 100, 16_384, 200_000] {
            for path in ["/", "/stream"] {
                let reply = server.inject(compressed(path, coding, encode(coding, text(len).as_bytes()))).await;
                reply.assert_status(200);
                assert!(reply.text() == text(len), "{coding} {len} {path}");
            }
        }
    }
    server.inject(compressed("/", "X-GZIP", encode("gzip", b"old name"))).await.assert_text("old name");
    server.inject(compressed("/", "identity", "as it is")).await.assert_text("as it is");
    server.inject(Inject::post("/").body("as it is")).await.assert_text("as it is");
    // Nothing came, so nothing was compressed.
    server.inject(compressed("/", "gzip", "")).await.assert_status(200).assert_text("");
}

#[tokio::test]
async fn several_streams_in_a_row_are_one_body_where_the_coding_says_so() {
    let server = server().await;
    for coding in ["gzip", "zstd"] {
        let both = [encode(coding, b"one, "), encode(coding, b"two")].concat();
        server.inject(compressed("/", coding, both)).await.assert_status(200).assert_text("one, two");
    }
    for coding in ["br", "deflate"] {
        let both = [encode(coding, b"one, "), encode(coding, b"two")].concat();
        server.inject(compressed("/", coding, both)).await.assert_status(400);
    }
    // Each of them costs more than it brings.
    let many = encode("gzip", b"").repeat(2000);
    server.inject(compressed("/", "gzip", many)).await.assert_status(400);
}

#[tokio::test]
async fn what_is_no_such_coding_or_ends_early_is_400() {
    let server = server().await;
    for coding in ALL {
        let whole = encode(coding, text(5000).as_bytes());
        for end in [1, 2, 10, whole.len() / 2, whole.len() - 1] {
            let reply = server.inject(compressed("/", coding, &whole[..end])).await;
            reply.assert_status(400);
            assert!(reply.text().contains("FW_ERR_INVALID_BODY"), "{coding} {end}: {}", reply.text());
        }
        let mut behind = whole.clone();
        behind.extend_from_slice(b"and more");
        server.inject(compressed("/", coding, behind)).await.assert_status(400);
        server.inject(compressed("/", coding, "this is nothing of the kind")).await.assert_status(400);
    }
    let mut wrong_sum = encode("gzip", b"summed");
    let at = wrong_sum.len() - 8;
    wrong_sum[at] ^= 1;
    server.inject(compressed("/", "gzip", wrong_sum)).await.assert_status(400);
}

#[tokio::test]
async fn what_is_not_known_is_415_and_the_answer_says_what_is() {
    let server = server().await;
    for (name, body) in [("compress", b"x".to_vec()), ("gzip, br", b"x".to_vec()), ("ä", b"x".to_vec())] {
        let reply = server.inject(compressed("/", name, body)).await;
        reply.assert_status(415).assert_header("accept-encoding", "zstd, br, gzip, deflate");
        assert!(reply.text().contains("FW_ERR_UNSUPPORTED_MEDIA_TYPE"), "{}", reply.text());
    }
    let twice = Inject::post("/").header("content-encoding", "gzip").header("content-encoding", "gzip");
    server.inject(twice.body("x")).await.assert_status(415);
    let only_gzip =
        App::new().plugin(Compression::new().requests().codings([Coding::Gzip])).post("/", |text: String| text);
    let only_gzip = only_gzip.build().await.unwrap();
    only_gzip.inject(compressed("/", "br", encode("br", b"x"))).await.assert_status(415);
    // Without the option nothing is decoded.
    let plain =
        App::new().plugin(Compression::new()).post("/", |body: Bytes| body.len().to_string()).build().await.unwrap();
    let body = encode("gzip", text(5000).as_bytes());
    plain.inject(compressed("/", "gzip", body.clone())).await.assert_text(&body.len().to_string());
}

#[tokio::test]
async fn the_limit_of_the_route_counts_what_comes_out() {
    let server = server().await;
    for coding in ALL {
        server.inject(compressed("/small", coding, encode(coding, text(1000).as_bytes()))).await.assert_text("1000");
        let reply = server.inject(compressed("/small", coding, encode(coding, text(1001).as_bytes()))).await;
        reply.assert_status(413);
        assert!(reply.text().contains("larger than 1000 bytes"), "{}", reply.text());
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(
        coding in proptest::sample::select(&ALL[..]),
        text in proptest::collection::vec(proptest::num::u8::ANY, 0..3000),
        change in proptest::option::of((0..3000_usize, 1..=255_u8)),
    ) {
        let mut body = encode(coding, &text);
        if let Some((at, bits)) = change {
            let at = at % body.len();
            body[at] ^= bits;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let app = App::new().plugin(Compression::new().requests()).post("/", |body: Bytes| body);
            let server = app.build().await.unwrap();
            let reply = server.inject(compressed("/", coding, body)).await;
            match change {
                None => assert!(reply.status() == 200 && reply.body() == text),
                // Not every coding has a sum, and not every bit counts.
                Some(_) => assert!(matches!(reply.status().as_u16(), 200 | 400 | 413), "{}", reply.status()),
            }
        });
    }
}

#[test]
fn a_client_that_sends_slowly_is_read_as_it_sends() {
    use crate::support::{client::Client, server::TestServer};
    let app = App::new().plugin(Compression::new().requests()).post("/", |text: String| text);
    let server = TestServer::start(app);
    for coding in ALL {
        let body = encode(coding, text(300).as_bytes());
        let mut client = Client::connect(server.address);
        let head =
            format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-encoding: {coding}\r\ntransfer-encoding: chunked\r\n\r\n");
        client.send(head.as_bytes());
        for byte in body {
            let mut chunk = b"1\r\n".to_vec();
            chunk.write_all(&[byte, b'\r', b'\n']).unwrap();
            client.send(&chunk);
        }
        client.send(b"0\r\n\r\n");
        assert_eq!(client.read(false).expect(200).text(), text(300), "{coding}");
    }
}
