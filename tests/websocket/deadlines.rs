//! Silent clients, and clients that do not read.

use std::time::{Duration, Instant};

use fastweb::prelude::*;

use crate::echo_server;
use crate::raw::{PING, PONG, Raw, TEXT, close, frame};
use crate::support::server::TestServer;

const SHORT: Duration = Duration::from_millis(40);

#[test]
fn silent_clients_are_pinged_and_then_closed() {
    let server = echo_server(WebSocketOptions::new().ping_interval(SHORT).idle_timeout(SHORT * 5));
    let mut raw = Raw::connect(server.address, "/");
    let mut pings = 0;
    let reason = loop {
        match raw.frame() {
            Some((PING, payload)) => {
                assert_eq!(payload, b"");
                pings += 1;
            }
            Some((0x88, payload)) => break String::from_utf8(payload[2..].to_vec()).unwrap(),
            other => panic!("{other:?}"),
        }
    };
    assert!(pings >= 2, "{pings} pings");
    assert_eq!(reason, "nothing was heard for too long");
}

#[test]
fn a_pong_is_a_sign_of_life() {
    let server = echo_server(WebSocketOptions::new().ping_interval(SHORT).idle_timeout(SHORT * 3));
    let mut raw = Raw::connect(server.address, "/");
    let began = Instant::now();
    while began.elapsed() < SHORT * 20 {
        raw.assert_frame(PING, "").send(frame(PONG, ""));
    }
    raw.send(frame(TEXT, "here"));
    while let Some((first, _)) = raw.frame() {
        if first == TEXT {
            break;
        }
    }
    raw.send(close(1000, ""));
    while raw.frame().is_some_and(|(first, _)| first == PING) {}
}

#[test]
fn a_client_that_does_not_read_is_cut_off() {
    let flood = async |mut socket: WebSocket| -> Result<()> {
        loop {
            socket.send(vec![0; 64 * 1024]).await?;
        }
    };
    let events = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = events.clone();
    let options = WebSocketOptions::new()
        .write_timeout(Duration::from_millis(200))
        .on_close(move |event| noted.lock().unwrap().push(event.code));
    let server = TestServer::start(App::new().route(websocket("/", flood).config(options)));
    let raw = Raw::connect(server.address, "/");
    crate::support::eventually("it is cut off", || *events.lock().unwrap() == [1006]);
    drop(raw);
}

/// Deadlines of two seconds and more are kept by the worker's clock.
#[test]
fn long_silences_are_noticed_too() {
    let long = Duration::from_secs(2);
    let server = echo_server(WebSocketOptions::new().ping_interval(long).idle_timeout(long * 2));
    let mut raw = Raw::connect(server.address, "/");
    // What comes in between moves no deadline that it should not.
    raw.send(frame(TEXT, "here")).assert_frame(TEXT, "here").assert_frame(PING, "");
    raw.send(frame(PONG, "")).assert_frame(PING, "");
    let reason = loop {
        match raw.frame() {
            Some((PING, _)) => {}
            Some((0x88, payload)) => break String::from_utf8(payload[2..].to_vec()).unwrap(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(reason, "nothing was heard for too long");
}

#[test]
fn a_time_that_no_clock_can_tell_is_never_over() {
    let options = WebSocketOptions::new().ping_interval(None).idle_timeout(None);
    let options = options.write_timeout(Duration::MAX).close_timeout(Duration::MAX);
    let once = async |mut socket: WebSocket| -> Result<()> { Ok(socket.send("that is all").await?) };
    let server = TestServer::start(App::new().route(websocket("/", once).config(options)));
    let mut raw = Raw::connect(server.address, "/");
    raw.assert_frame(TEXT, "that is all");
    assert_eq!(raw.frame().map(|(first, _)| first), Some(0x88));
    raw.send(close(1000, ""));
    raw.assert_end();
}
