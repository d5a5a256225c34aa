//! Autobahn 12.* and 13.*, in small: compressed messages (RFC 7692), what is agreed upon, and bombs.

use fastweb::prelude::*;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

use crate::echo_server;
use crate::raw::{BINARY, LAST, PING, PONG, Raw, TEXT, TEXT_BEGIN, close, frame};
use crate::support::eventually;
use crate::support::server::TestServer;

/// The first reserved bit.
const COMPRESSED: u8 = 0x40;

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 1000);
    Compress::new(Compression::best(), false).compress_vec(bytes, &mut out, FlushCompress::Sync).unwrap();
    assert!(out.ends_with(&[0, 0, 255, 255]));
    out.truncate(out.len() - 4);
    out
}

fn inflate(bytes: &[u8], len: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(len + 100);
    let bytes = [bytes, &[0, 0, 255, 255]].concat();
    Decompress::new(false).decompress_vec(&bytes, &mut out, FlushDecompress::Sync).unwrap();
    out
}

fn server(options: WebSocketOptions) -> TestServer {
    echo_server(options.deflate())
}

fn connect(server: &TestServer) -> Raw {
    let offer = "sec-websocket-extensions: permessage-deflate; client_max_window_bits\r\n";
    let raw = Raw::connect_with(server.address, "/", offer);
    let agreed = "sec-websocket-extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    assert!(raw.head.contains(agreed), "{}", raw.head);
    raw
}

#[track_caller]
fn assert_echo(raw: &mut Raw, first: u8, message: &[u8]) {
    match raw.frame() {
        Some((got, payload)) if got == first => assert_eq!(payload, message),
        Some((got, payload)) if got == first | COMPRESSED => {
            assert!(payload.len() < message.len());
            assert_eq!(inflate(&payload, message.len()), message);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn messages_of_all_sizes_come_back() {
    let server = server(WebSocketOptions::new());
    for first in [TEXT, BINARY] {
        let mut raw = connect(&server);
        for len in [0, 16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072, 1 << 20] {
            let words = "the quick brown fox jumps over the lazy dog and ";
            let message: Vec<u8> = words.bytes().cycle().take(len).collect();
            for _ in 0..3 {
                raw.send(frame(first | COMPRESSED, deflate(&message)));
                assert_echo(&mut raw, first, &message);
            }
            // One that is not compressed may stand among those that are.
            raw.send(frame(first, &message));
            assert_echo(&mut raw, first, &message);
        }
        raw.send(close(1000, "")).assert_closed(1000);
    }
    // What does not shrink is sent as it is.
    let mut state = 1u64;
    let mut noise = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 56) as u8
    };
    let noise: Vec<u8> = (0..10_000).map(|_| noise()).collect();
    connect(&server).send(frame(BINARY | COMPRESSED, deflate(&noise))).assert_frame(BINARY, &noise);
}

#[test]
fn fragments_are_compressed_as_one() {
    let server = server(WebSocketOptions::new());
    let mut raw = connect(&server);
    let message = b"a message that is long enough to be made shorter, ".repeat(20);
    let compressed = deflate(&message);
    let (head, rest) = compressed.split_at(7);
    raw.send(frame(TEXT_BEGIN | COMPRESSED, head)).send(frame(PING, "between")).send(frame(LAST, rest));
    raw.assert_frame(PONG, "between");
    assert_echo(&mut raw, TEXT, &message);
    // RFC 7692, 6.1: the bit stands in the first fragment alone.
    raw.send(frame(TEXT_BEGIN | COMPRESSED, head)).send(frame(LAST | COMPRESSED, rest)).assert_closed(1002);
    let mut raw = connect(&server);
    raw.send(frame(PING | COMPRESSED, "x")).assert_closed(1002);
}

#[test]
fn what_is_not_compressed_as_it_says_is_refused() {
    let server = server(WebSocketOptions::new().max_message(100_000));
    connect(&server).send(frame(TEXT | COMPRESSED, [0xff; 20])).assert_closed(1007);
    connect(&server).send(frame(TEXT | COMPRESSED, deflate(b"\xff\xfe"))).assert_closed(1007);
    // A bomb: 10 MB in 10 kB.
    let bomb = deflate(&vec![0; 10_000_000]);
    assert!(bomb.len() < 20_000);
    let reason = connect(&server).send(frame(TEXT | COMPRESSED, &bomb)).assert_closed(1009);
    assert_eq!(reason, "the message is too large when it is not compressed");
    let fits = vec![b'a'; 100_000];
    let mut raw = connect(&server);
    raw.send(frame(TEXT | COMPRESSED, deflate(&fits)));
    assert_echo(&mut raw, TEXT, &fits);
    raw.send(frame(TEXT | COMPRESSED, deflate(&vec![b'a'; 100_001]))).assert_closed(1009);
}

/// 13.*: offers, those that can be accepted and those that cannot.
#[test]
fn offers_are_accepted_or_declined() {
    let server = server(WebSocketOptions::new());
    for (offer, accepted) in [
        ("permessage-deflate", true),
        ("permessage-deflate; client_max_window_bits", true),
        ("permessage-deflate; client_max_window_bits=9", true),
        ("permessage-deflate; client_max_window_bits=\"15\"", true),
        ("permessage-deflate; client_no_context_takeover; server_no_context_takeover", true),
        ("permessage-deflate; server_max_window_bits=10, permessage-deflate", true),
        ("x-other, permessage-deflate", true),
        ("permessage-deflate; server_max_window_bits=8; server_no_context_takeover", true),
        ("permessage-deflate; server_max_window_bits", false),
        ("permessage-deflate; server_max_window_bits=7", false),
        ("permessage-deflate; server_max_window_bits=010", false),
        ("permessage-deflate; client_max_window_bits=16", false),
        ("permessage-deflate; client_max_window_bits=7", false),
        ("permessage-deflate; server_no_context_takeover=1", false),
        ("permessage-deflate; client_no_context_takeover; client_no_context_takeover", false),
        ("permessage-deflate; mode=fast", false),
        ("x-webkit-deflate-frame", false),
        ("", false),
    ] {
        let headers = format!("sec-websocket-extensions: {offer}\r\n");
        let mut raw = Raw::connect_with(server.address, "/", &headers);
        assert_eq!(raw.head.contains("sec-websocket-extensions"), accepted, "{offer}");
        if !accepted {
            raw.send(frame(TEXT | COMPRESSED, deflate(b"hello"))).assert_closed(1002);
        }
    }
    // Without the option there is none.
    let plain = echo_server(WebSocketOptions::new());
    let raw = Raw::connect_with(plain.address, "/", "sec-websocket-extensions: permessage-deflate\r\n");
    assert!(!raw.head.contains("sec-websocket-extensions"));
}

/// A message as a client reads it that keeps no more than its window (RFC 7692, 7.1.2.1).
fn inflate_within(window: u8, bytes: &[u8]) -> Vec<u8> {
    let (mut out, bytes) = (Vec::new(), [bytes, &[0, 0, 255, 255]].concat());
    // The least that there is a decoder for.
    let mut inflating = Decompress::new_with_window_bits(false, window.max(9));
    loop {
        let mut piece = Vec::with_capacity(50);
        let input = &bytes[inflating.total_in() as usize..];
        inflating.decompress_vec(input, &mut piece, FlushDecompress::Sync).expect("nothing refers further back");
        if piece.is_empty() {
            return out;
        }
        out.extend(piece);
    }
}

#[test]
fn a_smaller_window_is_kept_to() {
    let listen = async |mut socket: WebSocket, Path(topic): Path<String>, topics: State<Topics>| {
        socket.subscribe_to(&topics, &topic);
        while let Some(Ok(message)) = socket.recv().await {
            let _ = socket.send(message).await;
        }
    };
    let topics = Topics::new();
    let route = websocket("/{topic}", listen).config(WebSocketOptions::new().deflate());
    let server = TestServer::start(App::new().workers(1).state(topics.clone()).route(route));
    // Runs that can be told in few bits, and what was there 300, 3,000 and 30,000 bytes before.
    let block: Vec<u8> = (0..300u32).flat_map(|n| [b'a' + (n * n % 23) as u8, b'a' + (n % 7) as u8]).collect();
    let far: Vec<u8> = (0..3000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8 | 0x80).collect();
    let long = [&block[..], &block[..], &far[..], &block[..], &far[..]].concat();
    for window in 8..=15 {
        let offer = format!("sec-websocket-extensions: permessage-deflate; server_max_window_bits={window}\r\n");
        let mut raw = Raw::connect_with(server.address, &format!("/{window}"), &offer);
        assert!(raw.head.contains(&format!("; server_max_window_bits={window}\r\n")), "{}", raw.head);
        for message in [&block[..200], &block[..], &long[..], &long.repeat(8)[..]] {
            raw.send(frame(BINARY, message));
            eventually("it subscribes", || topics.subscribers(&window.to_string()) == 1);
            topics.publish(&window.to_string(), message.to_vec());
            for _ in 0..2 {
                match raw.frame() {
                    Some((BINARY, payload)) => assert_eq!(payload, message),
                    Some((first, payload)) => {
                        assert_eq!(first, BINARY | COMPRESSED);
                        assert_eq!(inflate_within(window, &payload), message, "{window} bits");
                    }
                    None => panic!("it has ended"),
                }
            }
        }
        raw.send(close(1000, "")).assert_closed(1000);
    }
}

#[tokio::test]
async fn a_topic_is_compressed_once_for_those_who_want_it() {
    let listen = async |mut socket: WebSocket, topics: State<Topics>| {
        socket.subscribe_to(&topics, "a");
        socket.closed().await;
    };
    let topics = Topics::new();
    let route = websocket("/", listen).config(WebSocketOptions::new().deflate());
    let server = App::new().state(topics.clone()).route(route).build().await.unwrap();
    let offer = Inject::get("/").header("sec-websocket-extensions", "permessage-deflate");
    let mut compressed = server.inject_websocket(offer).await.unwrap();
    let mut plain = server.inject_websocket("/").await.unwrap();
    while topics.subscribers("a") < 2 {
        tokio::task::yield_now().await;
    }
    for message in ["short".to_owned(), "long ".repeat(1000)] {
        topics.publish("a", message.clone());
        assert_eq!(compressed.recv_text().await, message);
        assert_eq!(plain.recv_text().await, message);
    }
}
