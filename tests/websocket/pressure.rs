//! What waits is bounded: by the high-water mark, and for pongs.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastweb::prelude::*;

use crate::raw::{PING, PONG, Raw, TEXT, close, frame};
use crate::support::eventually;
use crate::support::server::TestServer;
use crate::{echo, echo_server};

#[test]
fn sending_waits_above_the_high_water_mark() {
    let sent = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (counted, noted) = (sent.clone(), most.clone());
    let flood = move |mut socket: WebSocket| {
        let (sent, most) = (counted.clone(), noted.clone());
        async move {
            for _ in 0..1000 {
                if socket.send(vec![7; 100_000]).await.is_err() {
                    return;
                }
                sent.fetch_add(1, Ordering::Relaxed);
                most.fetch_max(socket.buffered_amount(), Ordering::Relaxed);
            }
            socket.drain().await.expect("the client reads all");
            assert_eq!(socket.buffered_amount(), 0);
            socket.send("all").await.expect("the client is there");
        }
    };
    let flood = async move |socket: WebSocket| flood(socket).await;
    let options = WebSocketOptions::new().high_water_mark(250_000);
    let server = TestServer::start(App::new().route(websocket("/", flood).config(options)));
    let mut raw = Raw::connect(server.address, "/");
    // Nobody reads: it stands still, far from the end.
    let mut before = usize::MAX;
    eventually("it waits", || {
        std::thread::sleep(std::time::Duration::from_millis(100));
        std::mem::replace(&mut before, sent.load(Ordering::Relaxed)) == sent.load(Ordering::Relaxed)
    });
    assert!(before < 1000, "{before} messages of 100 kB went somewhere");
    for _ in 0..1000 {
        raw.assert_frame(0x82, vec![7; 100_000]);
    }
    raw.assert_frame(TEXT, "all");
    assert!(most.load(Ordering::Relaxed) <= 350_020, "{most:?} bytes waited");
}

/// Pings come without end, and nobody reads the pongs: the server's memory does not grow, and the last ping is answered.
#[test]
fn a_flood_of_pings_is_answered_as_far_as_there_is_room() {
    let server = echo_server(WebSocketOptions::new());
    let mut raw = Raw::connect(server.address, "/");
    let pings: Vec<u8> = (0..5_000u32).flat_map(|n| frame(PING, n.to_string().repeat(20))).collect();
    let mut writing = raw.stream.try_clone().unwrap();
    let sender = std::thread::spawn(move || {
        use std::io::Write;
        for _ in 0..40 {
            writing.write_all(&pings).unwrap();
        }
        writing.write_all(&frame(PING, "last")).unwrap();
    });
    std::thread::sleep(std::time::Duration::from_millis(300));
    let mut pongs = 0;
    while let Some((first, payload)) = raw.frame() {
        assert_eq!(first, PONG);
        pongs += 1;
        if payload == b"last" {
            break;
        }
    }
    sender.join().unwrap();
    assert!(pongs > 1);
    raw.send(frame(TEXT, "still here")).assert_frame(TEXT, "still here").send(close(1000, "")).assert_closed(1000);
}

/// A handler that does not receive holds its client up: one message is read ahead, and what a buffer holds behind it.
#[test]
fn messages_that_nobody_takes_stay_with_the_client() {
    let deaf = async |mut socket: WebSocket| drop(socket.closed().await);
    let server = TestServer::start(App::new().websocket("/", deaf).websocket("/echo", echo));
    let mut raw = Raw::connect(server.address, "/");
    raw.stream.set_write_timeout(Some(std::time::Duration::from_millis(300))).unwrap();
    let message = frame(0x82, vec![1; 60_000]);
    let sent = (0..10_000).take_while(|_| raw.try_send(&message)).count();
    assert!(sent < 10_000, "600 MB went somewhere");
    let mut byte = [0];
    raw.stream.set_read_timeout(Some(std::time::Duration::from_millis(50))).unwrap();
    assert!(raw.stream.read(&mut byte).is_err(), "nothing is said to it");
}

/// Frames that are queued while the handler runs go out in one call: they arrive together.
#[test]
fn what_is_sent_together_is_written_together() {
    let burst = async |mut socket: WebSocket| -> Result<()> {
        while let Some(message) = socket.recv().await {
            let message = message?;
            for _ in 0..50 {
                socket.send(message.clone()).await?;
            }
        }
        Ok(())
    };
    let server = TestServer::start(App::new().websocket("/", burst));
    let mut raw = Raw::connect(server.address, "/");
    for _ in 0..20 {
        raw.send(frame(TEXT, "0123456789"));
        let mut space = [0; 2000];
        let n = raw.stream.read(&mut space).unwrap();
        assert_eq!(n, 50 * 12);
    }
}
