//! The cases of the Autobahn testsuite (Crossbar.io, version 0.8.2), written out by their numbers. Each is sent whole, and again byte by byte.
//!
//! 6.* are in `utf8.rs`, 9.* and 10.* in `limits.rs`, 12.* and 13.* in `deflate.rs`.

use fastweb::websocket::WebSocketOptions;

use crate::echo_server;
use crate::raw::{
    BINARY, BINARY_BEGIN, CLOSE, LAST, MIDDLE, PING, PONG, Raw, TEXT, TEXT_BEGIN, close, close_payload, frame,
};
use crate::support::server::TestServer;

/// How a case ends.
#[derive(Clone, Copy, Debug)]
enum End<'p> {
    /// The client closes, and the server answers.
    Clean,
    /// The server closes with this code.
    Fails(u16),
    /// What was sent has a close in it, and the server answers with this payload.
    Answers(&'p [u8]),
}

use End::{Answers, Clean, Fails};

struct Cases {
    server: TestServer,
    run: usize,
}

impl Cases {
    fn new() -> Self {
        Self { server: echo_server(WebSocketOptions::new()), run: 0 }
    }

    #[track_caller]
    fn case(&mut self, number: &str, sent: &[Vec<u8>], expected: &[(u8, &[u8])], end: End<'_>) {
        self.run += 1;
        println!("{number}");
        let all = sent.concat();
        let mut ways = vec![all.len().max(1)];
        if all.len() < 1000 {
            ways.push(1);
        }
        for size in ways {
            let mut raw = Raw::connect(self.server.address, "/");
            // The server may end it in the middle.
            let _ = all.chunks(size).all(|chunk| raw.try_send(chunk));
            for (first, payload) in expected {
                raw.assert_frame(*first, payload);
            }
            match end {
                Clean => {
                    raw.send(close(1000, "")).assert_frame(CLOSE, close_payload(1000, "")).assert_end();
                }
                Fails(code) => drop(raw.assert_closed(code)),
                Answers(payload) => raw.assert_frame(CLOSE, payload).assert_end(),
            }
        }
    }
}

#[test]
fn framing_of_texts_and_bytes() {
    let mut cases = Cases::new();
    for (section, first, byte) in [("1.1", TEXT, b'*'), ("1.2", BINARY, 0xfe)] {
        for (n, len) in [0, 125, 126, 127, 128, 65535, 65536].into_iter().enumerate() {
            let payload = vec![byte; len];
            cases.case(&format!("{section}.{}", n + 1), &[frame(first, &payload)], &[(first, &payload)], Clean);
        }
        // Chopped into pieces of 997 bytes.
        let payload = vec![byte; 65536];
        let mut raw = Raw::connect(cases.server.address, "/");
        for chunk in frame(first, &payload).chunks(997) {
            raw.send(chunk);
        }
        raw.assert_frame(first, &payload).send(close(1000, "")).assert_closed(1000);
    }
    assert_eq!(cases.run, 14);
}

#[test]
fn pings_and_pongs() {
    let mut cases = Cases::new();
    let bytes = b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff";
    let long = [0xfe; 125];
    cases.case("2.1", &[frame(PING, "")], &[(PONG, b"")], Clean);
    cases.case("2.2", &[frame(PING, "Hello, world!")], &[(PONG, b"Hello, world!")], Clean);
    cases.case("2.3", &[frame(PING, bytes)], &[(PONG, bytes)], Clean);
    cases.case("2.4", &[frame(PING, long)], &[(PONG, &long)], Clean);
    // 2.6 is 2.4 byte by byte.
    cases.case("2.5", &[frame(PING, [0xfe; 126])], &[], Fails(1002));
    cases.case("2.7", &[frame(PONG, "")], &[], Clean);
    cases.case("2.8", &[frame(PONG, "unsolicited")], &[], Clean);
    cases.case("2.9", &[frame(PONG, "unsolicited"), frame(PING, "ping")], &[(PONG, b"ping")], Clean);
    let payloads: Vec<_> = (0..10).map(|n| format!("payload-{n}")).collect();
    let pings: Vec<_> = payloads.iter().map(|payload| frame(PING, payload)).collect();
    let pongs: Vec<_> = payloads.iter().map(|payload| (PONG, payload.as_bytes())).collect();
    // 2.11 is 2.10 byte by byte.
    cases.case("2.10", &pings, &pongs, Clean);
}

#[test]
fn reserved_bits() {
    let mut cases = Cases::new();
    let hello = || frame(TEXT, "Hello, world!");
    let echoed: &[(u8, &[u8])] = &[(TEXT, b"Hello, world!")];
    let rsv = |first: u8, rsv: u8| frame(first | rsv << 4, "Hello, world!");
    cases.case("3.1", &[rsv(TEXT, 4)], &[], Fails(1002));
    cases.case("3.2", &[hello(), rsv(TEXT, 2), frame(PING, "")], echoed, Fails(1002));
    // 3.4 is 3.3 byte by byte.
    cases.case("3.3", &[hello(), rsv(TEXT, 3), frame(PING, "")], echoed, Fails(1002));
    cases.case("3.5", &[rsv(BINARY, 5)], &[], Fails(1002));
    cases.case("3.6", &[rsv(PING, 6)], &[], Fails(1002));
    cases.case("3.7", &[rsv(CLOSE, 7)], &[], Fails(1002));
}

#[test]
fn reserved_opcodes() {
    let mut cases = Cases::new();
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        cases.case(&format!("4.* opcode {opcode}"), &[frame(0x80 | opcode, "")], &[], Fails(1002));
        cases.case(&format!("4.* opcode {opcode}"), &[frame(0x80 | opcode, "reserved")], &[], Fails(1002));
        let sent = [frame(TEXT, "Hello, world!"), frame(0x80 | opcode, "reserved"), frame(PING, "")];
        cases.case(&format!("4.* opcode {opcode}"), &sent, &[(TEXT, b"Hello, world!")], Fails(1002));
    }
}

#[test]
fn fragments() {
    let mut cases = Cases::new();
    let whole: (u8, &[u8]) = (TEXT, b"fragment1fragment2");
    let pong: (u8, &[u8]) = (PONG, b"ping");
    let begin = || frame(TEXT_BEGIN, "fragment1");
    let last = || frame(LAST, "fragment2");
    let ping = || frame(PING, "ping");
    cases.case("5.1", &[frame(0x09, "fragment1"), last()], &[], Fails(1002));
    cases.case("5.2", &[frame(0x0a, "fragment1"), last()], &[], Fails(1002));
    // 5.4 and 5.5 are 5.3 in other pieces.
    cases.case("5.3", &[begin(), last()], &[whole], Clean);
    // 5.7 and 5.8 are 5.6 in other pieces.
    cases.case("5.6", &[begin(), ping(), last()], &[pong, whole], Clean);
    cases.case("5.9", &[frame(LAST, "non-continuation payload"), frame(TEXT, "Hello, world!")], &[], Fails(1002));
    // 5.10 and 5.11 are 5.9, and 5.13 and 5.14 are 5.12, in other pieces.
    cases.case("5.12", &[frame(MIDDLE, "non-continuation payload"), frame(TEXT, "Hello, world!")], &[], Fails(1002));
    let sent = [begin(), last(), frame(MIDDLE, "fragment3"), frame(TEXT, "fragment4")];
    cases.case("5.15", &sent, &[whole], Fails(1002));
    let twice = [frame(MIDDLE, "fragment1"), frame(TEXT_BEGIN, "fragment2"), frame(LAST, "fragment3")].concat();
    cases.case("5.16", &[twice.clone(), twice], &[], Fails(1002));
    let twice = [frame(LAST, "fragment1"), frame(TEXT_BEGIN, "fragment2"), frame(LAST, "fragment3")].concat();
    cases.case("5.17", &[twice.clone(), twice], &[], Fails(1002));
    cases.case("5.18", &[begin(), frame(TEXT, "fragment2")], &[], Fails(1002));
    let five = |pings: bool| {
        let mut sent = vec![begin(), frame(MIDDLE, "fragment2")];
        if pings {
            sent.push(frame(PING, "pongme 1"));
        }
        sent.extend([frame(MIDDLE, "fragment3"), frame(MIDDLE, "fragment4")]);
        if pings {
            sent.push(frame(PING, "pongme 2"));
        }
        sent.push(frame(LAST, "fragment5"));
        sent
    };
    let all = b"fragment1fragment2fragment3fragment4fragment5";
    // 5.20 is 5.19 in other pieces.
    cases.case("5.19", &five(true), &[(PONG, b"pongme 1"), (PONG, b"pongme 2"), (TEXT, all)], Clean);
    cases.case("5.* without pings", &five(false), &[(TEXT, all)], Clean);
    cases.case(
        "5.* bytes",
        &[frame(BINARY_BEGIN, [1]), frame(MIDDLE, []), frame(LAST, [2])],
        &[(BINARY, &[1, 2])],
        Clean,
    );
}

#[test]
fn closes() {
    let mut cases = Cases::new();
    let text = || frame(TEXT, "Hello World!");
    let echoed: &[(u8, &[u8])] = &[(TEXT, b"Hello World!")];
    let normal = &[0x03, 0xe8];
    cases.case("7.1.1", &[text()], echoed, Clean);
    cases.case("7.1.2", &[close(1000, ""), close(1000, "")], &[], Answers(normal));
    cases.case("7.1.3", &[close(1000, ""), frame(PING, "")], &[], Answers(normal));
    cases.case("7.1.4", &[close(1000, ""), text()], &[], Answers(normal));
    cases.case("7.1.5", &[frame(TEXT_BEGIN, "one"), close(1000, ""), frame(LAST, "two")], &[], Answers(normal));
    let large = vec![b'B'; 256 * 1024];
    let sent = [frame(TEXT, &large), text(), close(1000, ""), frame(PING, "")];
    cases.case("7.1.6", &sent, &[(TEXT, &large), echoed[0]], Answers(normal));
    cases.case("7.3.1", &[frame(CLOSE, "")], &[], Answers(b""));
    cases.case("7.3.2", &[frame(CLOSE, "a")], &[], Fails(1002));
    cases.case("7.3.3", &[close(1000, "")], &[], Answers(normal));
    cases.case("7.3.4", &[close(1000, "Hello World!")], &[], Answers(normal));
    cases.case("7.3.5", &[close(1000, &"*".repeat(123))], &[], Answers(normal));
    cases.case("7.3.6", &[frame(CLOSE, close_payload(1000, &"*".repeat(124)))], &[], Fails(1002));
    let broken = b"\x03\xe8\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited";
    cases.case("7.5.1", &[frame(CLOSE, broken)], &[], Fails(1007));
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999u16] {
        let echo = code.to_be_bytes();
        cases.case(&format!("7.7 code {code}"), &[close(code, "")], &[], Answers(&echo));
        cases.case(&format!("7.7 code {code}"), &[close(code, "why")], &[], Answers(&echo));
    }
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
        cases.case(&format!("7.9, 7.13 code {code}"), &[close(code, "")], &[], Fails(1002));
        cases.case(&format!("7.9, 7.13 code {code}"), &[close(code, "why")], &[], Fails(1002));
    }
}

/// Not of the testsuite, which is a client with a mask.
#[test]
fn masks_and_lengths() {
    let mut cases = Cases::new();
    cases.case("no mask", &[vec![TEXT, 2, b'h', b'i']], &[], Fails(1002));
    // It is known before the length is.
    cases.case("no mask, no length", &[vec![BINARY, 126]], &[], Fails(1002));
    cases.case("no mask", &[frame(TEXT, "a"), vec![PING, 0]], &[(TEXT, b"a")], Fails(1002));
    cases.case("16 bits for 125", &[vec![TEXT, 0xfe, 0, 125, 1, 2, 3, 4]], &[], Fails(1002));
    cases.case("64 bits for 65535", &[vec![TEXT, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4]], &[], Fails(1002));
    cases.case("64th bit", &[vec![TEXT, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4]], &[], Fails(1002));
    // A length alone makes nobody reserve memory.
    cases.case("63 bits", &[vec![TEXT, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4]], &[], Fails(1009));
}
