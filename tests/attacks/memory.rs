//! Clients that want the server's memory.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::child::{Child, HELLO};
use crate::support::socket::Client;

/// Far more than is needed, far less than an attack that works takes. In KiB.
const BOUND: i64 = 16 * 1024;

/// Has a server do what it does, so that what it keeps at hand is there.
fn warm(server: &Child) -> Client {
    for _ in 0..20 {
        let mut client = server.client();
        client.send(HELLO.repeat(10));
        (0..10).for_each(|_| assert_eq!(client.answer().status, 200));
        client.ask("GET /payload HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    server.client()
}

#[track_caller]
fn report(what: &str, server: &Child, before: i64) {
    let growth = server.memory() - before;
    println!("memory: {growth} KiB more with {what}");
    assert!(growth < BOUND, "{growth} KiB more with {what}");
}

#[test]
fn pipelining_without_ever_reading() {
    let server = Child::start("write_timeout=3000");
    let mut normal = warm(&server);
    let before = server.memory();
    let batch = "GET /payload HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100);
    let greedy: Vec<Client> = (0..10).map(|_| server.client()).collect();
    let began = Instant::now();
    let mut sent = 0;
    for client in &greedy {
        client.stream().set_nonblocking(true).expect("it can be set");
    }
    while began.elapsed() < Duration::from_millis(1500) {
        for client in &greedy {
            sent += client.stream().write(batch.as_bytes()).unwrap_or(0);
        }
        assert_eq!(normal.ask(HELLO).summary(), "200 - hello");
    }
    let what = format!("10 clients that sent {} KiB of requests for {PAYLOAD_KIB} KiB each", sent / 1024);
    report(&what, &server, before);
    server.wait_for_count(&mut normal, "write_timeouts", 10);
    server.wait_until_alone(&mut normal);
    drop(greedy);
}

const PAYLOAD_KIB: usize = 10;

#[test]
fn large_answers_that_nobody_reads() {
    let server = Child::start("");
    let mut normal = warm(&server);
    let before = server.memory();
    let mut stalled: Vec<Client> = (0..20).map(|_| server.client()).collect();
    for client in &mut stalled {
        client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n").wait_for_bytes();
    }
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(normal.ask(HELLO).summary(), "200 - hello");
    report("20 readers of 100 MiB that stall", &server, before);
    stalled.into_iter().for_each(Client::reset);
    server.wait_until_alone(&mut normal);
}

#[test]
fn header_bombs() {
    let server = Child::start("");
    let mut normal = warm(&server);
    let before = server.memory();
    let bombs = [
        format!("GET /hello HTTP/1.1\r\nHost: x\r\nA: {}\r\n\r\n", "a".repeat(1 << 20)),
        format!("GET /hello HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(100_000)),
        format!("GET /hello HTTP/1.1\r\nHost: x\r\n{}\r\n", "A:\r\n".repeat(100_000)),
        format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(1 << 20)),
        "\r\n".repeat(500_000),
        format!("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;{}", "a".repeat(1 << 20)),
        format!("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: {}", "a".repeat(1 << 20)),
        format!(
            "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{}",
            "1\r\nx\r\n".repeat(1_100_000)
        ),
        format!("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n{}", "x".repeat(1 << 20)),
    ];
    let mut closed = 0;
    for bomb in bombs.iter().cycle().take(90) {
        let mut client = server.client();
        client.try_send(bomb.as_bytes());
        let answer = client.try_read_answer().expect("an answer in spite of all");
        assert!(matches!(answer.status, 400 | 413 | 414 | 431), "{answer:?}");
        closed += usize::from(answer.closes());
        assert_eq!(normal.ask(HELLO).summary(), "200 - hello");
    }
    assert_eq!(closed, 90, "no such connection goes on");
    // A body of 1 MiB is read whole where a handler wants it whole; what it took is given back or used again.
    report("90 header and body bombs", &server, before);
}

#[test]
fn many_that_are_idle() {
    const IDLE: usize = 800;
    let server = Child::start("");
    let mut normal = warm(&server);
    // Once to make what stays, once to measure.
    for round in 0..2 {
        let before = server.memory();
        let mut idle: Vec<Client> = (0..IDLE).map(|_| server.client()).collect();
        for client in &mut idle {
            client.send(HELLO);
        }
        for client in &mut idle {
            assert_eq!(client.answer().summary(), "200 - hello");
        }
        let growth = server.memory() - before;
        println!(
            "idle, round {round}: {growth} KiB more with {IDLE} connections, {} bytes each",
            growth * 1024 / IDLE as i64
        );
        assert!(growth < 4 * IDLE as i64, "{growth} KiB");
        assert_eq!(normal.ask(HELLO).summary(), "200 - hello");
        for client in idle.iter_mut().step_by(7) {
            assert_eq!(client.ask(HELLO).summary(), "200 - hello", "idle is not dead");
        }
        drop(idle);
        server.wait_until_alone(&mut normal);
    }
}

#[test]
fn many_requests_of_mixed_kinds() {
    let server = Child::start("");
    let mut normal = warm(&server);
    let requests = [
        HELLO.repeat(20),
        "GET /payload HTTP/1.1\r\nHost: x\r\n\r\n".repeat(5),
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello".repeat(10),
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".repeat(10),
        "GET /nope HTTP/1.1\r\nHost: x\r\n\r\n".repeat(10),
    ];
    let mut plateau = Vec::new();
    for _ in 0..4 {
        for _ in 0..25 {
            let mut client = server.client();
            for batch in &requests {
                client.send(batch);
                (0..batch.matches("HTTP/1.1").count()).for_each(|_| drop(client.answer()));
            }
        }
        server.wait_until_alone(&mut normal);
        plateau.push(server.memory());
    }
    println!("memory: {plateau:?} KiB after each 1,375 requests of mixed kinds");
    assert!(plateau[3] - plateau[0] < 2048, "{plateau:?}");
}
