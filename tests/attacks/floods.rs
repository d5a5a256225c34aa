//! Very many connections at once.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::child::{Child, HELLO};
use crate::crowd::{Member, all, run};
use crate::figures::{size, tell, tell_time};
use crate::support::eventually;
use crate::support::socket::Client;

/// How long a client of a flood waits for its connection, and for its answer.
async fn connect_and_ask(address: SocketAddr) -> (Duration, Duration) {
    let asked = Instant::now();
    let mut client = Member::connect(address).await.expect("the server accepts");
    let connected = asked.elapsed();
    assert_eq!(client.ask(HELLO).await.expect("an answer").summary(), "200 - hello");
    (connected, asked.elapsed())
}

#[test]
fn connects_all_at_once() {
    let flood = size(500, 1000);
    let server = Child::start("");
    let address = server.address;
    let mut normal = server.client();
    let (mut connected, mut answered) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..3 {
        for (connect, answer) in run(all((0..flood).map(|_| connect_and_ask(address)))) {
            (connected, answered) = (connected.max(connect), answered.max(answer));
        }
        assert_eq!(normal.ask(HELLO).summary(), "200 - hello");
    }
    tell_time(format_args!("flood: slowest of 3 × {flood} connects"), connected, Duration::from_millis(500));
    tell_time("flood: slowest of their answers", answered, Duration::from_millis(500));
    server.wait_until_alone(&mut normal);
}

/// They wait for a place, and have it when others leave. In full there are more than the backlog holds: 4096, if the system lets it.
#[test]
fn more_than_there_are_places() {
    const PLACES: usize = 50;
    let crowd = size(400, 4500);
    let server = Child::start("connections=50");
    let address = server.address;
    let mut placed: Vec<Client> = (0..PLACES).map(|_| server.client()).collect();
    for client in &mut placed {
        assert_eq!(client.ask(HELLO).summary(), "200 - hello");
    }
    let began = Instant::now();
    let waiting = std::thread::spawn(move || run(all((0..crowd).map(|_| connect_and_ask(address)))));
    std::thread::sleep(Duration::from_millis(500));
    let before = server.time();
    std::thread::sleep(Duration::from_secs(1));
    let used = server.time() - before;
    for client in &mut placed {
        assert_eq!(client.ask(HELLO).summary(), "200 - hello", "who has a place is served");
    }
    drop(placed);
    let left = Instant::now();
    let answered = waiting.join().expect("no panic");
    let at_once = answered.iter().filter(|(connected, _)| *connected < Duration::from_millis(400)).count();
    tell(format_args!(
        "full: {crowd} clients for {PLACES} places, {at_once} of them in the backlog at once; {used:?} of processor time in a second; all \
         answered {:.2?} after places were free, {:.2?} in all",
        left.elapsed(),
        began.elapsed(),
    ));
    assert_eq!(answered.len(), crowd);
}

/// Clients that are gone before they are accepted.
#[test]
fn connects_that_are_aborted() {
    let server = Child::start("");
    let mut normal = server.client();
    // When it answers, all workers have what they need.
    assert_eq!(normal.ask(HELLO).summary(), "200 - hello");
    let files = server.files();
    for _ in 0..size(10, 100) {
        let clients: Vec<Client> = (0..100).map(|_| server.client()).collect();
        clients.into_iter().for_each(Client::reset);
        assert_eq!(normal.ask(HELLO).summary(), "200 - hello");
    }
    server.wait_until_alone(&mut normal);
    // Those that were reset in the backlog are accepted and closed by and by.
    eventually("descriptors are given back", || server.files() == files);
}
