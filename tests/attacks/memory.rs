//! Clients that want the server's memory.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::child::{Child, HELLO};
use crate::figures::{assert_memory, is_full, size, tell};
use crate::support::socket::Client;

/// Far more than is needed, far less than an attack that works takes. In KiB. Debug builds and sanitizers have their share in it.
const BOUND: i64 = 16 * 1024;
/// What is promised.
const PROMISED: i64 = 2 * 1024;

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
fn report(what: &str, server: &Child, before: i64, most: i64) {
    let growth = server.memory() - before;
    tell(format_args!("memory: {growth} KiB more with {what}"));
    assert_memory(growth < if is_full() { most } else { BOUND }, format_args!("{growth} KiB more with {what}"));
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
    report(&what, &server, before, PROMISED);
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
    report("20 readers of 100 MiB that stall", &server, before, PROMISED);
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
    report("90 header and body bombs", &server, before, BOUND);
}

#[test]
fn many_that_are_idle() {
    let idle = size(800, 10_000);
    let server = Child::start("connections=11000");
    let mut normal = warm(&server);
    // What the first round has made stays; the second shows that it is used again.
    for round in 0..2 {
        let before = server.memory();
        let mut clients: Vec<Client> = Vec::with_capacity(idle);
        while clients.len() < idle {
            let batch = clients.len();
            clients.extend((0..200.min(idle - batch)).map(|_| server.client()));
            clients[batch..].iter_mut().for_each(|client| {
                client.send(HELLO);
            });
            clients[batch..].iter_mut().for_each(|client| assert_eq!(client.answer().summary(), "200 - hello"));
        }
        let growth = server.memory() - before;
        let each = growth * 1024 / idle as i64;
        let verdict = if each <= 1228 { "kept" } else { "NOT KEPT" };
        tell(format_args!("idle, round {round}: {each} bytes each of {idle} connections, at most 1,228: {verdict}"));
        // How much of it is the allocator's is not ours to say.
        assert_memory(each < if is_full() { 1536 } else { 4096 }, format_args!("{each} bytes"));
        assert_eq!(normal.ask(HELLO).summary(), "200 - hello");
        for client in clients.iter_mut().step_by(7) {
            assert_eq!(client.ask(HELLO).summary(), "200 - hello", "idle is not dead");
        }
        drop(clients);
        server.wait_until_alone(&mut normal);
    }
}

#[test]
fn many_requests_of_mixed_kinds() {
    const STAGES: usize = 5;
    let server = Child::start("");
    let mut normal = warm(&server);
    let requests = [
        HELLO.repeat(20),
        "GET /payload HTTP/1.1\r\nHost: x\r\n\r\n".repeat(5),
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello".repeat(10),
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".repeat(10),
        "GET /nope HTTP/1.1\r\nHost: x\r\n\r\n".repeat(9),
        "PUT /hello HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
    ];
    let per_client: usize = requests.iter().map(|batch| batch.matches("HTTP/1.1").count()).sum();
    let clients = size(5_500, 500_000) / STAGES / per_client;
    let mut plateau = Vec::new();
    for _ in 0..STAGES {
        for _ in 0..clients {
            let mut client = server.client();
            for batch in &requests {
                client.send(batch);
                (0..batch.matches("HTTP/1.1").count()).for_each(|_| drop(client.answer()));
            }
        }
        server.wait_until_alone(&mut normal);
        plateau.push(server.memory());
    }
    let all = clients * STAGES * per_client;
    tell(format_args!("memory: {plateau:?} KiB in the course of {all} requests of mixed kinds"));
    let (least, most) = (plateau.iter().min().copied(), plateau.iter().max().copied());
    let (least, most) = (least.unwrap_or_default(), most.unwrap_or_default());
    assert_memory(most - least < if is_full() { least * 3 / 100 } else { 2048 }, format_args!("{plateau:?}"));
}
