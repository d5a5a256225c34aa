//! Parts, over the wire and by `inject`.

use fastweb::prelude::*;

use crate::build;
use crate::folder::{Folder, numbers};
use crate::support::server::TestServer;

const LENS: [usize; 3] = [1000, 65_537, 300_000];

async fn server(folder: &Folder) -> Server {
    for len in LENS {
        folder.write(&len.to_string(), &numbers(len));
    }
    folder.write("empty", b"");
    build(App::new().plugin(StaticFiles::new("/", folder.public()))).await
}

fn ask(path: impl std::fmt::Display, range: &str) -> Inject {
    Inject::get(format!("/{path}")).header("range", range)
}

#[tokio::test]
async fn one_part_is_that_part() {
    let folder = Folder::with(&[]);
    let server = server(&folder).await;
    for len in LENS {
        for (range, part) in [
            ("bytes=0-0".to_owned(), 0..1),
            ("bytes=10-99".to_owned(), 10..100),
            ("bytes=1-".to_owned(), 1..len),
            ("bytes=-1".to_owned(), len - 1..len),
            (format!("bytes={}-{}", len - 10, len + 10), len - 10..len),
            (format!("bytes=-{}", len * 2), 0..len),
            (format!("bytes=5-9, {len}-"), 5..10),
        ] {
            let reply = server.inject(ask(len, &range)).await;
            let expected = format!("bytes {}-{}/{len}", part.start, part.end - 1);
            reply.assert_status(206).assert_header("content-range", &expected);
            reply.assert_header("content-length", &part.len().to_string());
            assert!(reply.body() == &numbers(len)[part], "{len} {range}");
            assert!(reply.header("etag").is_some() && reply.header("last-modified").is_some());
        }
    }
}

#[tokio::test]
async fn several_parts_are_told_apart() {
    let folder = Folder::with(&[]);
    let server = server(&folder).await;
    for len in LENS {
        let reply = server.inject(ask(len, "bytes=0-1, 100-299 ,-3")).await;
        reply.assert_status(206).assert_header("content-length", &reply.body().len().to_string());
        assert_eq!(reply.header("content-range"), None);
        let boundary = reply.header("content-type").unwrap().strip_prefix("multipart/byteranges; boundary=").unwrap();
        let whole = numbers(len);
        let mut expected = Vec::new();
        for part in [0..2, 100..300, len - 3..len] {
            let head = format!(
                "\r\n--{boundary}\r\ncontent-type: application/octet-stream\r\ncontent-range: bytes {}-{}/{len}\r\n\r\n",
                part.start,
                part.end - 1
            );
            expected.extend_from_slice(head.as_bytes());
            expected.extend_from_slice(&whole[part]);
        }
        expected.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        assert!(reply.body() == expected, "{len}");
    }
}

#[tokio::test]
async fn what_is_outside_is_416_and_what_means_nothing_the_whole() {
    let folder = Folder::with(&[]);
    let server = server(&folder).await;
    for range in ["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=99999999999999999999-", "bytes=1000-,2000-"] {
        let reply = server.inject(ask(1000, range)).await;
        reply.assert_status(416).assert_header("content-range", "bytes */1000");
        assert!(reply.text().contains("FW_ERR_RANGE_NOT_SATISFIABLE"), "{}", reply.text());
        assert_eq!((reply.header("etag"), reply.header("cache-control")), (None, None), "{range}");
    }
    server.inject(ask("empty", "bytes=0-")).await.assert_status(200).assert_header("content-length", "0");
    let many = format!("bytes={}", (0..17).map(|n| format!("{n}-{n}")).collect::<Vec<_>>().join(","));
    let all_over = ["0-"; 16].join(",");
    for range in
        ["bytes=", "bytes=9-1", "bytes=x", "bytes", "lines=1-2", "bytes=0-1,x", "", &many, &format!("bytes={all_over}")]
    {
        let reply = server.inject(ask(1000, range)).await;
        reply.assert_status(200).assert_header("content-length", "1000");
        assert_eq!(reply.header("content-range"), None, "{range}");
    }
    // A range means something to `GET` alone.
    let head = server.inject(Inject::head("/1000").header("range", "bytes=0-0")).await;
    head.assert_status(200).assert_header("content-length", "1000");
}

#[tokio::test]
async fn conditions_come_first_and_if_range_chooses() {
    let folder = Folder::with(&[]);
    let server = server(&folder).await;
    let whole = server.inject(Inject::get("/1000")).await;
    let (tag, changed) = (whole.header("etag").unwrap(), whole.header("last-modified").unwrap());
    for (name, value, status) in [
        ("if-range", tag, 206),
        ("if-range", changed, 206),
        ("if-range", "\"other\"", 200),
        ("if-range", &format!("W/{tag}"), 200),
        ("if-range", "Sun, 06 Nov 1994 08:49:37 GMT", 200),
        ("if-none-match", tag, 304),
        ("if-none-match", "\"other\"", 206),
        ("if-modified-since", changed, 304),
        ("if-match", tag, 206),
        ("if-match", "\"other\"", 412),
        ("if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT", 412),
    ] {
        let reply = server.inject(ask(1000, "bytes=0-9").header(name, value)).await;
        reply.assert_status(status);
        if status == 304 {
            reply.assert_header("etag", tag).assert_header("cache-control", "public, max-age=0").assert_text("");
        }
    }
}

#[test]
fn many_hostile_ranges_cost_no_more_than_the_file() {
    let folder = Folder::with(&[("large", &numbers(3_000_000))]);
    let server = TestServer::start(App::new().plugin(StaticFiles::new("/", folder.public())));
    let mut client = server.client();
    let spread = (0..1500).map(|n| format!("{n}-")).collect::<Vec<_>>().join(",");
    let answer = client.ask(format!("GET /large HTTP/1.1\r\nhost: a\r\nrange: bytes={spread}\r\n\r\n"));
    assert_eq!((answer.status, answer.body.len()), (200, 3_000_000));
    let sixteen = ["0-"; 16].join(",");
    let answer = client.ask(format!("GET /large HTTP/1.1\r\nhost: a\r\nrange: bytes={sixteen}\r\n\r\n"));
    assert_eq!((answer.status, answer.body.len()), (200, 3_000_000));
    let halves = "bytes=0-1499999,1500000-";
    let answer = client.ask(format!("GET /large HTTP/1.1\r\nhost: a\r\nrange: {halves}\r\n\r\n"));
    assert_eq!(answer.status, 206);
    assert!(answer.body.len() > 3_000_000 && answer.body.len() < 3_001_000);
}
