//! Bodies of requests, read piece by piece.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastweb::prelude::*;
use proptest::prelude::{ProptestConfig, any, proptest};
use tokio::io::{AsyncBufReadExt, AsyncReadExt};
use tokio::sync::Semaphore;

use crate::support::pipe::{block_on, talk};
use crate::support::probe::Probe;
use crate::support::server::TestServer;
use crate::support::{eventually, temporary_file};

/// More than the sockets' buffers hold.
const TOTAL: usize = 32 * 1024 * 1024;

fn post(path: &str, length: usize) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n")
}

#[test]
fn a_slow_handler_stops_the_client() {
    let gate = Arc::new(Semaphore::new(0));
    let waiting = gate.clone();
    let upload = async move |mut body: Body| -> Result<String> {
        let first = body.chunk().await?.map_or(0, |chunk| chunk.len());
        waiting.acquire().await.expect("it stays open").forget();
        let rest = tokio::io::copy(&mut body, &mut tokio::io::sink()).await?;
        Ok((first as u64 + rest).to_string())
    };
    let server = TestServer::start(App::new().workers(1).route(fastweb::post("/", upload).body_limit(u64::MAX)));
    let mut client = server.client();
    client.send(post("/", TOTAL));
    let sent = Arc::new(AtomicUsize::new(0));
    let (mut stream, counting) = (client.stream(), sent.clone());
    let sending = std::thread::spawn(move || {
        for _ in 0..TOTAL / 16_384 {
            stream.write_all(&[b'x'; 16_384]).expect("the server reads in the end");
            counting.fetch_add(16_384, Ordering::SeqCst);
        }
    });
    let mut last = 0;
    eventually("the client rests", || {
        std::thread::sleep(std::time::Duration::from_millis(250));
        std::mem::replace(&mut last, sent.load(Ordering::SeqCst)) == sent.load(Ordering::SeqCst) && last > 0
    });
    assert!(last < TOTAL / 2, "{last} bytes were taken from the client while nobody read them");
    gate.add_permits(1);
    assert_eq!(client.answer().text(), TOTAL.to_string());
    sending.join().expect("all was sent");
}

#[test]
fn errors_of_a_body_stay_what_they_are_where_it_is_a_reader() {
    let read = async |mut body: Body| -> Result<String> {
        let mut all = String::new();
        body.read_to_string(&mut all).await?;
        Ok(all)
    };
    let server = TestServer::start(App::new().route(fastweb::post("/", read).body_limit(10)));
    let chunked = |body: &str| format!("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
    for (request, expected) in [
        (post("/", 4) + "text", "200 - text"),
        (chunked("2\r\nte\r\n2\r\nxt\r\n0\r\n\r\n"), "200 - text"),
        (post("/", 11) + "01234567890", "413 - FW_ERR_BODY_TOO_LARGE"),
        (chunked("5\r\n01234\r\n6\r\n567890\r\n0\r\n\r\n"), "413 - FW_ERR_BODY_TOO_LARGE"),
        (chunked("2\r\nte\r\nX"), "400 close FW_ERR_INVALID_BODY"),
    ] {
        assert_eq!(server.client().ask(&request).summary(), expected, "{request:?}");
    }
    let mut client = server.client();
    client.send(post("/", 5) + "abc").finish_sending();
    assert_eq!(client.answer().summary(), "400 close FW_ERR_INVALID_BODY");
}

#[test]
fn uploads_are_saved_and_a_part_that_came_is_told_from_the_whole() {
    let path = temporary_file("saved");
    let (probe, file) = (Probe::default(), path.to_path_buf());
    let saving = probe.clone();
    let save = async move |mut body: Body| -> Result<String> {
        let _live = saving.enter("save");
        let bytes = body.save(std::fs::File::create(&file)?).await;
        saving.note(format!("saved {}", bytes.is_ok()));
        Ok(bytes?.to_string())
    };
    let server = TestServer::start(probe.watch(App::new().route(put("/", save).body_limit(1 << 30))));
    let content: Vec<u8> = (0..500_000_u32).flat_map(u32::to_le_bytes).collect();
    let request = |length: usize| post("/", length).replace("POST", "PUT").into_bytes();
    for length in [0, 5, 70_000, content.len()] {
        let answer = server.client().ask([&request(length), &content[..length]].concat());
        assert_eq!(answer.text(), length.to_string());
        assert!(std::fs::read(&*path).expect("it was written") == content[..length]);
    }
    assert_eq!(probe.take().iter().filter(|event| *event == "saved true").count(), 4);
    // A client that is gone in the middle.
    let mut client = server.client();
    client.send([&request(content.len()), &content[..1_000_000]].concat());
    probe.wait_for("handler", 1);
    client.reset();
    probe.wait_for("abort", 1);
    probe.wait_until_none_is_live();
    // And one whose stream ends there.
    let mut client = server.client();
    client.send([&request(content.len()), &content[..1_000_000]].concat()).finish_sending();
    assert_eq!(client.answer().summary(), "400 close FW_ERR_INVALID_BODY");
    assert_eq!(probe.count("saved false"), 1);
}

#[test]
fn a_body_is_sent_back_as_it_comes() {
    let upper = |body: Body| {
        let mut body = body;
        Body::from_fn(async move |out| {
            while let Some(chunk) = body.chunk().await? {
                out.send(chunk.to_ascii_uppercase()).await;
            }
            Ok(())
        })
    };
    let server = TestServer::start(App::new().post("/", upper));
    let mut client = server.client();
    client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
    client.read_until(b"3\r\nONE\r\n");
    client.send("3\r\ntwo\r\n0\r\n\r\n");
    assert_eq!(client.answer().text(), "ONETWO");
    assert_eq!(client.ask(post("/", 3) + "abc").text(), "ABC", "the connection goes on");
    // A body that breaks off breaks off what is made of it.
    client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\nX");
    let bytes = client.read_to_end();
    assert!(bytes.ends_with(b"3\r\nONE\r\n"), "{}", String::from_utf8_lossy(&bytes));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whoever reads it and however it comes, a body is what was sent.
    #[test]
    fn every_way_to_read_gives_the_same(
        body in proptest::collection::vec(any::<u8>(), 0..40_000),
        piece in 1..20_000_usize,
        step in 1..5_000_usize,
        chunked in any::<bool>(),
    ) {
        let chunks = async |mut body: Body| -> Result<Vec<u8>> {
            let mut all = Vec::new();
            while let Some(chunk) = body.chunk().await? {
                all.extend_from_slice(&chunk);
            }
            Ok(all)
        };
        let read = async |mut body: Body| -> Result<Vec<u8>> {
            let mut all = Vec::new();
            body.read_to_end(&mut all).await?;
            Ok(all)
        };
        // In steps of its own, and the rest as chunks.
        let mixed = async move |mut body: Body| -> Result<Vec<u8>> {
            let mut all = Vec::new();
            for _ in 0..3 {
                let announced = body.len();
                let n = body.fill_buf().await?.len().min(step);
                all.extend_from_slice(&body.fill_buf().await?[..n]);
                std::pin::Pin::new(&mut body).consume(n);
                assert!(announced.is_none_or(|before| body.len() == Some(before - n as u64)));
            }
            all.extend_from_slice(&body.bytes().await?);
            Ok(all)
        };
        let app = App::new()
            .post("/chunks", chunks)
            .post("/read", read)
            .post("/mixed", mixed)
            .post("/echo", async |body: Body| body)
            .post("/bytes", async |body: Bytes| body);
        block_on(async {
            let server = app.build().await.unwrap();
            for path in ["/chunks", "/read", "/mixed", "/echo", "/bytes"] {
                let mut request = post(path, body.len()).into_bytes();
                if chunked {
                    request = format!("POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n").into_bytes();
                    for chunk in body.chunks(step) {
                        request.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                        request.extend_from_slice(chunk);
                        request.extend_from_slice(b"\r\n");
                    }
                    request.extend_from_slice(b"0\r\n\r\n");
                } else {
                    request.extend_from_slice(&body);
                }
                let bytes = talk(&server, &request, piece, 1 << 16).await;
                let answers = crate::support::answer::parse_all(&bytes, |_| false);
                assert!(answers.len() == 1 && answers[0].body == body, "{path}: {:?}", answers[0].status);
            }
        });
    }
}
