//! What is published once and read by many: who comes back, who is slow, who is told that something is missing.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fastweb::prelude::*;
use fastweb::sse::{Event, Lag, LastEventId, Subscription, Topic};

use crate::stream::Stream;
use crate::support::eventually;
use crate::support::server::TestServer;

async fn subscribe(last: LastEventId, topic: State<Topic>) -> Subscription {
    topic.subscribe(last.id())
}

async fn history(last: LastEventId, topic: State<Topic>) -> Subscription {
    topic.subscribe(last.id()).with_history()
}

fn serve(topic: &Topic) -> TestServer {
    TestServer::start(App::new().workers(2).state(topic.clone()).get("/", subscribe).get("/history", history))
}

fn publish(topic: &Topic, texts: impl IntoIterator<Item = u32>) {
    texts.into_iter().for_each(|n| topic.publish(Event::text(n.to_string())).expect("it can be sent"));
}

#[test]
fn all_subscribers_get_what_is_published_from_then_on() {
    let topic = Topic::new();
    let server = serve(&topic);
    publish(&topic, [1]);
    let mut streams: Vec<_> = (0..8).map(|_| Stream::open(server.address, "/", &[])).collect();
    // Where they are, they know before the first event.
    let here = topic.last_id();
    streams.iter_mut().for_each(|stream| assert_eq!(stream.next(), Some(format!("id: {here}"))));
    assert_eq!(topic.subscribers(), 8);
    publish(&topic, 2..50);
    for stream in &mut streams {
        (2..50).for_each(|n| assert_eq!(stream.next_with_id().0, format!("data: {n}")));
    }
    topic.close();
    streams.into_iter().for_each(|stream| assert_eq!(stream.rest(), [""; 0]));
}

/// Data that count how often they are encoded.
#[derive(Debug, Default)]
pub(crate) struct Counted(AtomicUsize);

impl Counted {
    pub(crate) fn times(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl serde::Serialize for Counted {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.0.fetch_add(1, Ordering::Relaxed);
        serializer.serialize_str("counted")
    }
}

#[test]
fn an_event_is_encoded_once_for_all() {
    let topic = Topic::<Counted>::new();
    let listen = async |topic: State<Topic<Counted>>| topic.subscribe(None);
    let server = TestServer::start(App::new().workers(2).state(topic.clone()).get("/", listen));
    let mut streams: Vec<_> = (0..20).map(|_| Stream::open(server.address, "/", &[])).collect();
    streams.iter_mut().for_each(|stream| assert!(stream.next().is_some()));
    let counted = Counted::default();
    topic.publish(Event::json(&counted)).expect("it can be sent");
    streams.iter_mut().for_each(|stream| assert_eq!(stream.next_with_id().0, "data: \"counted\""));
    assert_eq!(counted.times(), 1);
}

#[test]
fn who_comes_back_gets_what_it_has_missed_and_nothing_twice() {
    let topic = Topic::new();
    let server = serve(&topic);
    let mut stream = Stream::open(server.address, "/", &[]);
    let (_, nowhere) = stream.next_with_id();
    publish(&topic, 1..=3);
    let ids: Vec<_> = (1..=3).map(|_| stream.next_with_id().1).collect();
    drop(stream);
    publish(&topic, 4..=5);
    for (last, expected) in [(&nowhere, 1..=5), (&ids[0], 2..=5), (&ids[2], 4..=5)] {
        let mut stream = Stream::open(server.address, "/", &[("last-event-id", last)]);
        for n in expected {
            assert_eq!(stream.next_with_id().0, format!("data: {n}"));
        }
    }
    // Nothing missed: what comes first is what is published next.
    let last = topic.last_id();
    let mut stream = Stream::open(server.address, &format!("/?lastEventId={last}"), &[]);
    eventually("it subscribes", || topic.subscribers() >= 1);
    publish(&topic, [6]);
    assert_eq!(stream.next_with_id().0, "data: 6");
}

#[test]
fn a_gap_is_told_and_all_that_is_there_follows() {
    let topic = Topic::new().replay(3, 1000);
    let server = serve(&topic);
    publish(&topic, [1]);
    let first = topic.last_id();
    publish(&topic, 2..=4);
    // 2, 3 and 4 are there: nothing is missing behind the first.
    let mut stream = Stream::open(server.address, "/", &[("last-event-id", &first)]);
    assert_eq!(stream.next_with_id().0, "data: 2");
    publish(&topic, [5]);
    let ids = ["00000000-4", "x", "-", "00000000-", "4", &format!("{}9", topic.last_id())];
    for last in ids.into_iter().chain([&*first]) {
        let mut stream = Stream::open(server.address, "/", &[("last-event-id", last)]);
        assert_eq!(stream.next().as_deref(), Some("event: gap|data:"), "{last}");
        for n in 3..=5 {
            assert_eq!(stream.next_with_id().0, format!("data: {n}"));
        }
    }
}

#[test]
fn a_new_client_may_have_the_history() {
    let topic = Topic::new().replay(1000, 6);
    let server = serve(&topic);
    publish(&topic, 1..=3);
    let mut stream = Stream::open(server.address, "/history", &[]);
    // One event is more than may be kept, and the last one always is.
    assert!(stream.next().is_some_and(|event| event.ends_with("-2")));
    let (event, id) = stream.next_with_id();
    assert_eq!((event.as_str(), &id), ("data: 3", &topic.last_id()));
    let mut stream = Stream::open(server.address, "/history", &[("last-event-id", &id)]);
    eventually("it subscribes", || topic.subscribers() == 2);
    publish(&topic, [4]);
    assert_eq!(stream.next_with_id().0, "data: 4", "it has had the history before");
}

#[test]
fn ids_of_the_applications_own_are_found() {
    let topic = Topic::new();
    let server = serve(&topic);
    for id in ["a", "b", "c"] {
        topic.publish(Event::text(format!("text {id}")).id(id)).expect("it can be sent");
    }
    topic.close();
    let stream = Stream::open(server.address, "/", &[("last-event-id", "b")]);
    assert_eq!(stream.rest(), ["data: text c|id: c"]);
    let stream = Stream::open(server.address, "/", &[("last-event-id", "z")]);
    assert_eq!(stream.rest()[..2], ["event: gap|data:", "data: text a|id: a"]);
}

/// A client that does not read has a place and no queue. When it reads again, or when it has gone too far behind, what becomes of it is the topic's to say.
#[test]
fn who_is_too_slow_is_dropped_or_skips() {
    // More than the sockets' buffers of this machine hold, many times what is kept.
    let large = "x".repeat(100_000);
    for lag in [Lag::Drop, Lag::Skip] {
        let topic = Topic::new().replay(4, 1024 * 1024).lag(lag);
        let server = serve(&topic);
        let mut slow = Stream::open(server.address, "/", &[]);
        assert!(slow.next().is_some());
        for n in 0..400 {
            topic.publish(Event::text(&large).event(n.to_string())).expect("it can be sent");
            std::thread::sleep(Duration::from_millis(1));
        }
        topic.publish(Event::text("last")).expect("it can be sent");
        if lag == Lag::Skip {
            topic.close();
        }
        let events = slow.rest();
        let gaps = events.iter().filter(|event| *event == "event: gap|data:").count();
        let last_came = events.last().is_some_and(|event| event.starts_with("data: last|"));
        match lag {
            Lag::Skip => assert!(gaps >= 1 && last_came && events.len() < 400, "{gaps} gaps of {}", events.len()),
            _ => assert!(gaps == 0 && !last_came && events.len() < 400, "{gaps} gaps of {}", events.len()),
        }
        // What it did get is in order, and nothing of it is missing before a gap.
        let numbers: Vec<u32> =
            events.iter().map_while(|event| event.split_once("|event: ")?.1.split('|').next()?.parse().ok()).collect();
        assert!(numbers.iter().enumerate().all(|(at, n)| at as u32 == *n), "{numbers:?}");
    }
}

#[test]
fn what_cannot_be_sent_is_not_published() {
    let topic = Topic::<str>::new();
    let before = topic.last_id();
    assert!(topic.publish(Event::text("x").event("a\nb")).is_err());
    assert_eq!(topic.last_id(), before);
}
