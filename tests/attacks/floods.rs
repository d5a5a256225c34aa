//! Very many connections at once.

use std::time::{Duration, Instant};

use crate::child::{Child, HELLO};
use crate::support::socket::Client;

/// As many as the usual number of open files of this process allows.
const FLOOD: usize = 800;

#[test]
fn connects_all_at_once() {
    let server = Child::start("");
    let mut normal = server.client();
    for round in 0..3 {
        let mut slowest = Duration::ZERO;
        let began = Instant::now();
        let mut clients: Vec<Client> = (0..FLOOD)
            .map(|_| {
                let asked = Instant::now();
                let client = server.client();
                slowest = slowest.max(asked.elapsed());
                client
            })
            .collect();
        assert_eq!(normal.ask(HELLO).summary(), "200 - hello");
        for client in &mut clients {
            client.send(HELLO);
        }
        for client in &mut clients {
            assert_eq!(client.answer().summary(), "200 - hello");
        }
        println!("flood {round}: {FLOOD} connects, the slowest {slowest:?}, all answered after {:?}", began.elapsed());
        drop(clients);
    }
    server.wait_until_alone(&mut normal);
}

/// They wait for a place, and have it when others leave.
#[test]
fn more_than_there_are_places() {
    let server = Child::start("connections=50");
    for _ in 0..3 {
        let mut clients: Vec<Client> = (0..300).map(|_| server.client()).collect();
        for client in &mut clients {
            client.send(HELLO);
        }
        for mut client in clients {
            assert_eq!(client.answer().summary(), "200 - hello");
        }
    }
}

/// Clients that are gone before they are accepted.
#[test]
fn connects_that_are_aborted() {
    let server = Child::start("");
    let mut normal = server.client();
    // When it answers, all workers have what they need.
    assert_eq!(normal.ask(HELLO).summary(), "200 - hello");
    let files = server.files();
    for _ in 0..10 {
        let clients: Vec<Client> = (0..100).map(|_| server.client()).collect();
        clients.into_iter().for_each(Client::reset);
        assert_eq!(normal.ask(HELLO).summary(), "200 - hello");
    }
    server.wait_until_alone(&mut normal);
    // Those that were reset in the backlog are accepted and closed by and by.
    crate::support::eventually("descriptors are given back", || server.files() == files);
}
