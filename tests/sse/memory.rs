//! What clients cost that only listen.

use std::time::Instant;

use fastweb::prelude::*;
use fastweb::sse::{Event, Subscription, Topic};

use crate::stream::Stream;
use crate::support::eventually;
use crate::support::server::TestServer;

/// In bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.expect("Linux tells the memory of a process") * 1024
}

/// The clients are in this process, too: each with a buffer of 8 KiB of its own.
#[test]
#[ignore = "its figures are to be read: .ci/long runs it"]
fn a_thousand_clients_that_listen() {
    const CLIENTS: usize = 1000;
    let topic = Topic::<str>::new();
    let subscribe = async |topic: State<Topic>| -> Subscription { topic.subscribe(None) };
    let server = TestServer::start(App::new().workers(1).state(topic.clone()).get("/", subscribe));
    // What the first ones need is needed once.
    let mut streams: Vec<Stream> = Vec::with_capacity(CLIENTS + 10);
    streams.extend((0..10).map(|_| Stream::open(server.address, "/", &[])));
    let before = resident();
    streams.extend((0..CLIENTS).map(|_| Stream::open(server.address, "/", &[])));
    eventually("all subscribe", || topic.subscribers() == CLIENTS + 10);
    streams.iter_mut().for_each(|stream| assert!(stream.next().is_some()));
    let each = (resident() - before) / CLIENTS as u64;
    let published = Instant::now();
    topic.publish(Event::text("hello")).expect("it can be sent");
    streams.iter_mut().for_each(|stream| assert!(stream.next_with_id().0 == "data: hello"));
    println!(
        "{CLIENTS} clients: {each} bytes each, those of the clients' side included; one event to all and read in {:?}",
        published.elapsed()
    );
    assert!(each < 32 * 1024, "{each} bytes per client");
}
