//! Requests that do not wait for each other's answers.

use std::io::Write as _;
use std::time::Duration;

use fastweb::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::app::{app, gated_app, long_limits};
use crate::support::answer::parse;
use crate::support::pipe::block_on;
use crate::support::probe::Probe;
use crate::support::server::TestServer;

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
}

#[test]
fn answers_do_not_wait_for_later_requests() {
    let probe = Probe::default();
    let (app, gate) = gated_app(&probe);
    let server = TestServer::start(app.limits(long_limits()));
    let mut client = server.client();
    client.send(
        get("/hello")
            + &get("/later")
            + &get("/gated")
            + &get("/hello")
            + &get("/conflict")
            + &get("/gated")
            + &get("/constant"),
    );
    assert_eq!(client.answer().summary(), "200 - hello");
    assert_eq!(client.answer().summary(), "200 - later");
    client.assert_quiet(Duration::from_millis(50));
    assert_eq!(probe.count("handler"), 3, "one request at a time");
    gate.add_permits(1);
    assert_eq!(client.answer().summary(), "200 - gated");
    assert_eq!(client.answer().summary(), "200 - hello");
    assert_eq!(client.answer().summary(), "409 - TAKEN");
    client.assert_quiet(Duration::from_millis(50));
    gate.add_permits(1);
    assert_eq!(client.answer().summary(), "200 - gated");
    assert_eq!(client.answer().summary(), "200 - constant");
}

#[test]
fn a_refusal_waits_for_the_answers_before_it() {
    let probe = Probe::default();
    let (app, gate) = gated_app(&probe);
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send(get("/gated") + "nonsense\r\n\r\n" + &get("/hello"));
    client.assert_quiet(Duration::from_millis(50));
    gate.add_permits(1);
    assert_eq!(client.answer().summary(), "200 - gated");
    assert_eq!(client.answer().summary(), "400 close FW_ERR_BAD_REQUEST");
    client.assert_closed();
    assert_eq!(probe.count("handler /hello"), 0);
}

/// `on_response` runs when the answer is with the operating system, whatever the next request of the same client waits for.
#[test]
fn on_response_does_not_wait_for_later_requests() {
    let probe = Probe::default();
    let (app, gate) = gated_app(&probe);
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send(get("/hello") + &get("/gated"));
    assert_eq!(client.answer().summary(), "200 - hello");
    probe.wait_for("handler /gated", 1);
    probe.wait_for("response /hello", 1);
    assert_eq!(probe.live(), 1, "the second handler is still running");
    gate.add_permits(1);
    assert_eq!(client.answer().summary(), "200 - gated");
    probe.wait_for("response /gated", 1);
}

#[test]
fn on_response_runs_in_the_order_of_the_answers_once_each() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe));
    let mut client = server.client();
    client.send(get("/hello") + &get("/later") + &get("/nope") + &get("/chunked") + &get("/hello"));
    for _ in 0..5 {
        client.answer();
    }
    probe.wait_for("response", 5);
    let ended: Vec<_> = probe.events().into_iter().filter(|event| !event.starts_with("handler")).collect();
    assert_eq!(ended, ["response /hello", "response /later", "response /nope", "response /chunked", "response /hello"]);
}

#[test]
fn a_thousand_requests_before_the_first_answer_is_read() {
    // Together 8 MiB: more than socket buffers hold, so the server has to stop and wait for this client.
    let number = async |Path(n): Path<u32>| {
        if n % 3 == 0 {
            tokio::task::yield_now().await;
        }
        format!("{n}:{}", "x".repeat(8 * 1024))
    };
    let probe = Probe::default();
    let server = TestServer::start(app(&probe).get("/n/{n}", number));
    let mut client = server.client();
    let mut writer = client.stream();
    let writing = std::thread::spawn(move || {
        for n in 0..1000 {
            writer.write_all(get(&format!("/n/{n}")).as_bytes()).expect("the server reads");
        }
    });
    // Others are served meanwhile.
    let mut other = server.client();
    for _ in 0..20 {
        assert_eq!(other.ask(get("/hello")).summary(), "200 - hello");
    }
    std::thread::sleep(Duration::from_millis(50));
    for n in 0..1000 {
        let answer = client.answer();
        let start = format!("{n}:x");
        assert!(answer.text().starts_with(&start), "answer {n} begins {:?}", &answer.text()[..start.len()]);
    }
    writing.join().expect("all were written");
    client.finish_sending().assert_closed();
    probe.wait_for("response /n/", 1000);
    assert_eq!(probe.count("response /n/"), 1000);
    assert_eq!(probe.count("abort"), 0);
}

#[test]
fn a_thousand_small_requests_in_one_write() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe).get("/n/{n}", async |Path(n): Path<u32>| n.to_string()));
    let mut client = server.client();
    let requests: String = (0..1000).map(|n| get(&format!("/n/{n}"))).collect();
    client.send(requests).finish_sending();
    for n in 0..1000 {
        assert_eq!(client.answer().summary(), format!("200 - {n}"));
    }
    client.assert_closed();
    probe.wait_for("response", 1000);
}

/// A batch that never ends does not keep a worker's other connections waiting.
#[test]
fn an_endless_batch_leaves_room_for_others() {
    let server = TestServer::start(app(&Probe::default()));
    let mut greedy = server.client();
    let mut writer = greedy.stream();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let stopped = stop.clone();
    let writing = std::thread::spawn(move || {
        let batch = get("/constant").repeat(100);
        let mut sent = 0;
        while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
            writer.write_all(batch.as_bytes()).expect("the server reads");
            sent += 100;
        }
        let _ = writer.shutdown(std::net::Shutdown::Write);
        sent
    });
    let address = server.address;
    let others = std::thread::spawn(move || {
        for _ in 0..20 {
            let mut other = crate::support::socket::Client::connect(address);
            assert_eq!(other.ask(get("/hello")).summary(), "200 - hello");
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    let received = greedy.read_to_end();
    others.join().expect("others are served");
    let sent: usize = writing.join().expect("the server reads");
    let answers = received.windows(12).filter(|window| *window == b"\r\n\r\nconstant").count();
    assert_eq!(answers, sent, "every request was answered");
}

/// Not every stream is a socket: one that collects what it is given sends it when it is flushed.
#[test]
fn answers_are_flushed() {
    block_on(async {
        let server = app(&Probe::default()).build().await.expect("a valid application");
        let (mut client, io) = tokio::io::duplex(64 * 1024);
        let talk = async {
            for path in ["/hello", "/later", "/chunked"] {
                client.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await.expect("room");
                let mut received = Vec::new();
                while parse(&received, false, false).is_none() {
                    assert_ne!(client.read_buf(&mut received).await.expect("a pipe can be read"), 0);
                }
            }
            drop(client);
        };
        tokio::join!(server.serve_connection(tokio::io::BufStream::new(io)), talk);
    });
}
