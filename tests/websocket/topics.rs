//! Topics: across workers, with history, and with subscribers that are too slow.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastweb::prelude::*;

use crate::raw::{Raw, TEXT, close, frame};
use crate::support::eventually;
use crate::support::server::TestServer;

async fn chat(mut socket: WebSocket, Path(room): Path<String>, topics: State<Topics>) -> Result<()> {
    socket.subscribe_to(&topics, &room);
    while let Some(message) = socket.recv().await {
        topics.publish(&room, message?);
    }
    Ok(())
}

#[test]
fn all_subscribers_on_all_workers_get_every_message_in_order() {
    let topics = Topics::new();
    let app = App::new().workers(3).state(topics.clone()).websocket("/{room}", chat);
    let server = TestServer::start(app);
    let mut clients: Vec<_> = (0..12).map(|_| Raw::connect(server.address, "/a")).collect();
    let mut other = Raw::connect(server.address, "/b");
    eventually("all have subscribed", || topics.subscribers("a") == 12 && topics.subscribers("b") == 1);
    // From threads of no worker, and of each.
    for round in 0..50 {
        topics.publish("a", format!("outside {round}"));
        let from = round % 12;
        clients[from].send(frame(TEXT, format!("inside {round}")));
        for raw in &mut clients {
            raw.assert_frame(TEXT, format!("outside {round}")).assert_frame(TEXT, format!("inside {round}"));
        }
    }
    topics.publish("b", "only here");
    other.assert_frame(TEXT, "only here");
    for mut raw in clients {
        raw.send(close(1000, "")).assert_closed(1000);
    }
    eventually("nobody is left", || topics.subscribers("a") == 0);
    assert_eq!(topics.len(), 1, "a topic without subscribers is forgotten");
    assert_eq!(topics.publish("a", "nobody"), 0);
}

#[test]
fn crowds_come_and_go_while_somebody_talks() {
    let topics = Topics::new();
    let app = App::new().workers(2).state(topics.clone()).websocket("/{room}", chat);
    let server = TestServer::start(app);
    let stop = Arc::new(AtomicUsize::new(0));
    let talking = (topics.clone(), stop.clone());
    let talker = std::thread::spawn(move || {
        let mut said = 0;
        while talking.1.load(Ordering::Relaxed) == 0 {
            talking.0.publish("a", said.to_string());
            said += 1;
            std::thread::sleep(std::time::Duration::from_micros(200));
        }
    });
    for round in 0..20 {
        let mut clients: Vec<_> = (0..6).map(|_| Raw::connect(server.address, "/a")).collect();
        for raw in &mut clients {
            let next = |raw: &mut Raw| -> u64 {
                let (_, text) = raw.frame().expect("somebody talks");
                String::from_utf8(text).unwrap().parse().unwrap()
            };
            let first = next(raw);
            (1..5).for_each(|n| assert_eq!(next(raw), first + n, "without a gap"));
        }
        if round % 2 == 0 {
            clients.truncate(3);
        }
    }
    stop.store(1, Ordering::Relaxed);
    talker.join().unwrap();
    eventually("all are gone", || topics.is_empty());
}

#[tokio::test]
async fn late_subscribers_get_the_history() {
    let topics = Topics::new().history(3).keep(2);
    let server = App::new().state(topics.clone()).websocket("/{room}", chat).build().await.unwrap();
    for n in 0..5 {
        topics.publish("a", n.to_string());
    }
    let mut client = server.inject_websocket("/a").await.unwrap();
    for n in 2..5 {
        assert_eq!(client.recv_text().await, n.to_string());
    }
    client.send("5").await;
    assert_eq!(client.recv_text().await, "5");
    client.close(1000, "").await;
    let mut client = server.inject_websocket("/a").await.unwrap();
    assert_eq!(client.recv_text().await, "3");
    // Of those that nobody needs only the last two are kept; names may come from anywhere.
    for n in 0..100 {
        topics.publish(&format!("room {n}"), "hello");
    }
    assert_eq!(topics.len(), 3, "and the one that has a subscriber");
    let mut late = server.inject_websocket("/room%2099").await.unwrap();
    assert_eq!(late.recv_text().await, "hello");
}

#[derive(serde::Serialize)]
struct Price {
    cents: u64,
}

#[tokio::test]
async fn topics_have_types() {
    let prices: Topic<Price> = Topics::new().history(1).topic("prices");
    async fn watch(mut socket: WebSocket, prices: State<Topic<Price>>) {
        socket.subscribe(&prices);
        while let Some(Ok(message)) = socket.recv().await {
            match message.as_text() {
                Some("stop") => assert!(socket.unsubscribe("prices")),
                _ => socket.send("listening").await.expect("the client is there"),
            }
        }
    }
    let server = App::new().state(prices.clone()).websocket("/", watch).build().await.unwrap();
    let mut client = server.inject_websocket("/").await.unwrap();
    client.send("?").await;
    assert_eq!(client.recv_text().await, "listening");
    assert_eq!(prices.publish(&Price { cents: 250 }).unwrap(), 1);
    assert_eq!(client.recv_text().await, r#"{"cents":250}"#);
    client.send("stop").await;
    client.send("?").await;
    assert_eq!(client.recv_text().await, "listening");
    assert_eq!((prices.publish(&Price { cents: 1 }).unwrap(), prices.subscribers(), prices.name()), (0, 0, "prices"));
}

/// A client that does not read misses messages, or is closed; the others do not notice.
#[test]
fn slow_subscribers_harm_nobody_else() {
    for closes in [false, true] {
        let mut topics = Topics::new().capacity(8);
        if closes {
            topics = topics.close_slow();
        }
        let codes = Arc::new(std::sync::Mutex::new(Vec::new()));
        let noted = codes.clone();
        let options = WebSocketOptions::new()
            .high_water_mark(100_000)
            .write_timeout(std::time::Duration::from_millis(if closes { 500 } else { 30_000 }))
            .on_close(move |event| noted.lock().unwrap().push(event.code));
        let app = App::new().state(topics.clone()).route(websocket("/{room}", chat).config(options));
        let server = TestServer::start(app);
        let mut slow = Raw::connect(server.address, "/a");
        let mut fast = Raw::connect(server.address, "/a");
        eventually("both have subscribed", || topics.subscribers("a") == 2);
        let message = "x".repeat(50_000);
        for n in 0..400 {
            topics.publish("a", format!("{n} {message}"));
            fast.assert_frame(TEXT, format!("{n} {message}"));
        }
        if closes {
            // It cannot be told, since it does not read.
            eventually("it is closed", || codes.lock().unwrap().len() == 1);
            assert_eq!(*codes.lock().unwrap(), [1008]);
        } else {
            let (mut next, mut missed) = (0, 0);
            while next < 400 {
                let (_, text) = slow.frame().expect("it goes on");
                let text = String::from_utf8(text).unwrap();
                let n: u64 = text.split(' ').next().unwrap().parse().unwrap();
                missed += n - next;
                next = n + 1;
            }
            assert!(missed > 0);
            assert_eq!(topics.missed(), missed);
        }
    }
}
