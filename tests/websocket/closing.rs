//! How connections end, and that it is told once.

use std::sync::{Arc, Mutex};

use fastweb::prelude::*;
use fastweb::websocket::{CloseEvent, WebSocketError};

use crate::raw::{CLOSE, Raw, TEXT, close, close_payload, frame};
use crate::support::eventually;
use crate::support::server::TestServer;

type Events = Arc<Mutex<Vec<CloseEvent>>>;

fn noting(events: &Events) -> WebSocketOptions {
    let events = events.clone();
    WebSocketOptions::new().on_close(move |event| events.lock().unwrap().push(event.clone()))
}

/// Does what the text says.
async fn obey(mut socket: WebSocket) -> Result<()> {
    while let Some(message) = socket.recv().await {
        match message?.as_text() {
            Some("return") => return Ok(()),
            Some("fail") => return Err(Error::internal("the secret of the house")),
            Some("refuse") => return Err(Error::forbidden("not for you")),
            Some("panic") => panic!("the handler has no mind"),
            Some("close") => socket.close(4001, "as you wish"),
            Some("badly") => socket.close(1005, &"é".repeat(100)),
            _ => socket.send("what?").await?,
        }
    }
    // It may still do something when the connection is no more.
    match socket.send("too late").await {
        Err(WebSocketError::Closed) => Ok(()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_end_is_told_once() {
    let events = Events::default();
    let server = TestServer::start(App::new().route(websocket("/", obey).config(noting(&events))));
    let cut = "é".repeat(61);
    for (word, code, reason) in [
        ("return", 1000, ""),
        ("fail", 1011, "Internal Server Error"),
        ("refuse", 1008, "not for you"),
        ("panic", 1011, ""),
        ("close", 4001, "as you wish"),
        ("badly", 1000, &*cut),
    ] {
        let mut raw = Raw::connect(server.address, "/");
        raw.send(frame(TEXT, word));
        raw.assert_frame(CLOSE, close_payload(code, reason));
        raw.send(close(code, "")).assert_end();
        eventually("it is told", || !events.lock().unwrap().is_empty());
        let told = std::mem::take(&mut *events.lock().unwrap());
        assert_eq!(told.len(), 1, "{word}: {told:?}");
        assert_eq!((told[0].code, told[0].was_clean), (code, true), "{word}");
    }
    // By the client: with a code, without one, and without a word.
    let mut raw = Raw::connect(server.address, "/");
    raw.send(close(4002, "bye")).assert_closed(4002);
    let mut raw = Raw::connect(server.address, "/");
    raw.send(frame(CLOSE, "")).assert_frame(CLOSE, "").assert_end();
    drop(Raw::connect(server.address, "/"));
    let mut raw = Raw::connect(server.address, "/");
    raw.send([0xff]).assert_closed(1002);
    eventually("all are told", || events.lock().unwrap().len() == 4);
    let mut told: Vec<_> =
        events.lock().unwrap().iter().map(|event| (event.code, event.was_clean, event.reason.clone())).collect();
    told.sort();
    let expected = [(1002, false, "a reserved bit is set"), (1005, true, ""), (1006, false, ""), (4002, true, "bye")];
    assert_eq!(told, expected.map(|(code, clean, reason)| (code, clean, reason.to_owned())));
}

#[test]
fn a_client_that_does_not_answer_a_close_is_cut_off() {
    let events = Events::default();
    let options = noting(&events).close_timeout(std::time::Duration::from_millis(50));
    let server = TestServer::start(App::new().route(websocket("/", obey).config(options)));
    let mut raw = Raw::connect(server.address, "/");
    raw.send(frame(TEXT, "close")).assert_frame(CLOSE, close_payload(4001, "as you wish"));
    // What it still says is not listened to.
    let _ = raw.try_send(frame(TEXT, "fail"));
    assert_eq!(raw.frame(), None);
    eventually("it is told", || !events.lock().unwrap().is_empty());
    let event = events.lock().unwrap()[0].clone();
    assert_eq!((event.code, event.was_clean), (4001, false));
}

#[test]
fn a_server_that_stops_says_goodbye() {
    let events = Events::default();
    // Neither handlers that wait for messages nor those that wait for something else hold it up.
    let deaf = async |mut socket: WebSocket| drop(socket.closed().await);
    let app = App::new()
        .route(websocket("/", obey).config(noting(&events)))
        .route(websocket("/deaf", deaf).config(noting(&events)));
    let server = TestServer::start(app);
    let mut clients: Vec<_> =
        ["/", "/deaf", "/", "/deaf"].iter().map(|path| Raw::connect(server.address, path)).collect();
    server.stop.shutdown();
    for raw in &mut clients {
        raw.assert_frame(CLOSE, close_payload(1001, "the server stops"));
        raw.send(close(1001, "")).assert_end();
    }
    server.wait().unwrap();
    let told = events.lock().unwrap();
    assert_eq!(told.len(), 4);
    assert!(told.iter().all(|event| event.code == 1001 && event.was_clean), "{told:?}");
}

/// Neither the client nor the handler comes to an end: the server does not wait for ever, and the end is told all the same.
#[test]
fn a_connection_that_is_dropped_at_the_deadline_is_told_too() {
    let events = Events::default();
    let stuck = async |socket: WebSocket| {
        let _ = socket;
        std::future::pending::<()>().await;
    };
    let options = noting(&events).close_timeout(std::time::Duration::from_secs(600));
    let refused = |_: &mut Request, reply: &mut Reply| {
        reply.set_status(503);
    };
    let app = App::new()
        .limits(fastweb::Limits::default().with_shutdown_timeout(std::time::Duration::from_millis(200)))
        .route(websocket("/", stuck).config(options.clone()))
        .route(websocket("/refused", stuck).config(options).on_send(refused));
    let server = TestServer::start(app);
    assert!(Raw::ask(server.address, &crate::raw::handshake("/refused", "")).head.starts_with("HTTP/1.1 503 "));
    let mut raw = Raw::connect(server.address, "/");
    server.stop.shutdown();
    raw.assert_frame(CLOSE, close_payload(1001, "the server stops"));
    let _ = server.wait();
    let told = events.lock().unwrap();
    let told: Vec<_> = told.iter().map(|event| (event.code, event.was_clean)).collect();
    assert_eq!(told, [(1001, false)]);
}
