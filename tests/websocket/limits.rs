//! Autobahn 9.* and 10.*, in small: large messages in frames and fragments of many sizes, and the bounds.

use fastweb::websocket::WebSocketOptions;

use crate::echo_server;
use crate::raw::{BINARY, BINARY_BEGIN, LAST, MIDDLE, PING, PONG, Raw, TEXT, TEXT_BEGIN, close, frame};

#[test]
fn large_messages_come_back() {
    let server = echo_server(WebSocketOptions::new());
    for (whole, begin, byte) in [(TEXT, TEXT_BEGIN, b'*'), (BINARY, BINARY_BEGIN, 0xfe)] {
        let mut raw = Raw::connect(server.address, "/");
        // 9.1, 9.2.
        for len in [64 << 10, 256 << 10, 1 << 20] {
            let payload = vec![byte; len];
            raw.send(frame(whole, &payload)).assert_frame(whole, &payload);
        }
        // 9.3, 9.4: 256 KiB in fragments of many sizes.
        let payload = vec![byte; 256 << 10];
        for size in [64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10] {
            let mut fragments = vec![frame(begin, "")];
            fragments.extend(payload.chunks(size).map(|chunk| frame(MIDDLE, chunk)));
            fragments.push(frame(LAST, ""));
            raw.send(fragments.concat()).assert_frame(whole, &payload);
        }
        // 9.5, 9.6: in pieces of many sizes.
        let framed = frame(whole, &payload);
        for size in [1 << 10, 2 << 10, 997] {
            for chunk in framed.chunks(size) {
                raw.send(chunk);
            }
            raw.assert_frame(whole, &payload);
        }
        // 9.7, 9.8: many small ones.
        for len in [0, 16, 64, 256, 1024] {
            let payload = vec![byte; len];
            let all = frame(whole, &payload).repeat(100);
            raw.send(all);
            for _ in 0..100 {
                raw.assert_frame(whole, &payload);
            }
        }
        raw.send(close(1000, "")).assert_closed(1000);
    }
}

#[test]
fn more_than_a_bound_is_1009() {
    let options = WebSocketOptions::new().max_message(1000).max_frame(600);
    let server = echo_server(options);
    let connect = || Raw::connect(server.address, "/");
    let mut raw = connect();
    raw.send(frame(TEXT, "a".repeat(600))).assert_frame(TEXT, "a".repeat(600));
    raw.send(frame(TEXT_BEGIN, "a".repeat(600))).send(frame(LAST, "a".repeat(400)));
    raw.assert_frame(TEXT, "a".repeat(1000)).send(close(1000, "")).assert_closed(1000);
    // The head is enough to know.
    let mut raw = connect();
    assert_eq!(raw.send(&frame(TEXT, "a".repeat(601))[..8]).assert_closed(1009), "the frame is too large");
    let mut raw = connect();
    raw.send(frame(TEXT_BEGIN, "a".repeat(600))).send(&frame(LAST, "a".repeat(401))[..8]);
    assert_eq!(raw.assert_closed(1009), "the message is too large");
    // Fragments without bytes make no message either.
    let mut raw = connect();
    raw.send(frame(TEXT_BEGIN, "")).send(frame(MIDDLE, "").repeat(10_000)).send(frame(LAST, "end"));
    raw.assert_frame(TEXT, "end").send(frame(PING, "")).assert_frame(PONG, "");
}
