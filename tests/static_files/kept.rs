//! What is sent while something happens to the file, or to the worker.

use std::fs;
use std::io::Write;

use fastweb::prelude::*;

use crate::build;
use crate::folder::{Folder, numbers};
use crate::support::server::TestServer;

#[tokio::test]
async fn another_content_has_another_tag() {
    let folder = Folder::with(&[("a", b"first")]);
    let server = build(App::new().plugin(StaticFiles::new("/", folder.public()))).await;
    let tag = async || server.inject(Inject::get("/a")).await.header("etag").unwrap().to_owned();
    let first = tag().await;
    assert_eq!(tag().await, first);
    folder.write("a", b"longer");
    let second = tag().await;
    assert_ne!(second, first);
    // As long, and changed at another time.
    folder.write("a", b"LONGER");
    let file = fs::File::options().write(true).open(folder.public().join("a")).unwrap();
    file.set_modified(std::time::SystemTime::now() + std::time::Duration::from_millis(5)).unwrap();
    assert_ne!(tag().await, second);
    server.inject(Inject::get("/a").header("if-none-match", &first)).await.assert_status(200).assert_text("LONGER");
}

#[tokio::test]
async fn files_in_memory_are_files_like_others() {
    let folder = Folder::with(&[
        ("a.txt", b"0123456789"),
        ("a.txt.gz", b"compressed"),
        ("index.html", b"index"),
        ("large", &numbers(70_000)),
    ]);
    let kept = StaticFiles::new("/", folder.public()).precompressed().memory(1_000_000);
    let server = build(App::new().plugin(kept)).await;
    // The second time from memory.
    for _ in 0..2 {
        let whole = server.inject(Inject::get("/a.txt")).await;
        whole.assert_status(200).assert_text("0123456789").assert_header("content-type", "text/plain; charset=utf-8");
        let tag = whole.header("etag").unwrap();
        let head = server.inject(Inject::head("/a.txt")).await;
        head.assert_status(200).assert_header("content-length", "10").assert_header("etag", tag).assert_text("");
        server.inject(Inject::get("/a.txt").header("if-none-match", tag)).await.assert_status(304);
        server.inject(Inject::get("/a.txt").header("if-match", "\"x\"")).await.assert_status(412);
        let part = server.inject(Inject::get("/a.txt").header("range", "bytes=2-3")).await;
        part.assert_status(206).assert_text("23").assert_header("content-range", "bytes 2-3/10");
        server.inject(Inject::get("/a.txt").header("range", "bytes=10-")).await.assert_status(416);
        let parts = server.inject(Inject::get("/a.txt").header("range", "bytes=0-0,9-9")).await;
        assert!(parts.assert_status(206).text().contains("\r\n9\r\n"), "{}", parts.text());
        let gzip = server.inject(Inject::get("/a.txt").header("accept-encoding", "gzip")).await;
        gzip.assert_text("compressed")
            .assert_header("content-encoding", "gzip")
            .assert_header("vary", "accept-encoding");
        gzip.assert_header("content-type", "text/plain; charset=utf-8");
        server.inject(Inject::get("/")).await.assert_text("index");
        assert!(server.inject(Inject::get("/large")).await.body() == numbers(70_000));
        server.inject(Inject::get("/none")).await.assert_status(404);
    }
    // What is changed is seen in a while.
    folder.write("a.txt", b"changed");
    let begun = std::time::Instant::now();
    while server.inject(Inject::get("/a.txt")).await.text() != "changed" {
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "it never is");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[test]
fn a_file_that_shrinks_while_it_is_sent_is_broken_off() {
    let folder = Folder::with(&[("large", &numbers(30_000_000))]);
    let server = TestServer::start(App::new().plugin(StaticFiles::new("/", folder.public())));
    let mut client = crate::support::client::Client::connect(server.address);
    client.send(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n");
    let answer = client.read_head();
    assert_eq!(answer.header("content-length"), Some("30000000"));
    fs::File::options().write(true).open(folder.public().join("large")).unwrap().set_len(0).unwrap();
    let (mut space, mut come) = (vec![0; 1_000_000], 0);
    loop {
        match client.read_some(&mut space) {
            0 => break,
            n => come += n,
        }
    }
    assert!(come < 30_000_000, "{come}");
    // The others are served.
    assert_eq!(server.client().ask("GET /none HTTP/1.1\r\nhost: a\r\n\r\n").status, 404);
}

#[test]
fn a_worker_is_free_while_a_file_waits() {
    // One thread for blocking work, which waits for something that comes late; and one worker.
    let folder = Folder::with(&[("a", b"a")]);
    let (begun, wait_for_begin) = std::sync::mpsc::channel();
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let app = App::new()
        .workers(1)
        .blocking_threads(1)
        .get(
            "/block",
            fastweb::blocking(move || {
                begun.send(()).unwrap();
                wait.lock().unwrap().recv().unwrap();
                "done"
            }),
        )
        .get("/free", "free")
        .plugin(StaticFiles::new("/files", folder.public()));
    let server = TestServer::start(app);
    let ask = |target: &str| format!("GET {target} HTTP/1.1\r\nhost: a\r\n\r\n");
    let (mut blocked, mut file) = (server.client(), server.client());
    blocked.send(ask("/block"));
    wait_for_begin.recv().unwrap();
    file.send(ask("/files/a"));
    for _ in 0..10 {
        assert_eq!(server.client().ask(ask("/free")).text(), "free");
    }
    assert!(file.try_peek_is_quiet());
    go_on.send(()).unwrap();
    assert_eq!(file.answer().text(), "a");
    assert_eq!(blocked.answer().text(), "done");
    std::io::stdout().flush().unwrap();
}
