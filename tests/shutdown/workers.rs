//! Workers are threads with names; connections spread evenly over them and never move.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fastweb::prelude::*;

use crate::support::PATIENCE;
use crate::support::server::TestServer;
use crate::support::socket::Client;

const WHO: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

fn app(workers: usize) -> App {
    App::new().workers(workers).get("/", async || {
        // A moment in which the worker does something else.
        tokio::task::yield_now().await;
        std::thread::current().name().unwrap_or_default().to_owned()
    })
}

/// The worker that serves each of `clients`.
fn workers_of(clients: &mut [Client]) -> Vec<String> {
    clients.iter_mut().map(|client| client.ask(WHO).text()).collect()
}

fn count(workers: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for worker in workers {
        *counts.entry(worker.as_str()).or_default() += 1;
    }
    counts
}

#[test]
fn connections_are_spread_evenly() {
    for (workers, clients) in [(1, 8), (2, 8), (3, 8), (4, 2), (8, 8)] {
        let server = TestServer::start(app(workers));
        let mut clients: Vec<Client> = (0..clients).map(|_| server.client()).collect();
        let served = workers_of(&mut clients);
        let counts = count(&served);
        for worker in counts.keys() {
            let number = worker.strip_prefix("fastweb-worker-").and_then(|number| number.parse::<usize>().ok());
            assert!(number.is_some_and(|number| number < workers), "{worker}");
        }
        let fewest = if counts.len() < workers { 0 } else { counts.values().copied().min().unwrap_or_default() };
        let most = counts.values().copied().max().unwrap_or_default();
        assert!(most - fewest <= 1, "{workers} workers: {counts:?}");
    }
}

#[test]
fn connections_that_come_at_once_are_spread_evenly() {
    let server = TestServer::start(app(2));
    let address = server.address;
    let connecting: Vec<_> = (0..8).map(|_| std::thread::spawn(move || Client::connect(address))).collect();
    let mut clients: Vec<Client> = connecting.into_iter().map(|thread| thread.join().expect("it connects")).collect();
    let served = workers_of(&mut clients);
    assert_eq!(count(&served).into_values().collect::<Vec<_>>(), [4, 4]);
}

#[test]
fn connections_stay_with_their_worker() {
    let server = TestServer::start(app(2));
    let mut clients: Vec<Client> = (0..4).map(|_| server.client()).collect();
    let first = workers_of(&mut clients);
    for _ in 0..20 {
        assert_eq!(workers_of(&mut clients), first);
    }
}

#[test]
fn new_connections_go_where_old_ones_have_left() {
    let server = TestServer::start(app(2));
    let began = Instant::now();
    loop {
        let mut clients: Vec<Client> = (0..8).map(|_| server.client()).collect();
        let served = workers_of(&mut clients);
        let leaving = served[0].clone();
        let mut kept: Vec<Client> = clients
            .into_iter()
            .zip(&served)
            .filter(|(_, worker)| **worker != leaving)
            .map(|(client, _)| client)
            .collect();
        // The server notices a little later that they have left; if that took longer, another try shows it.
        std::thread::sleep(Duration::from_millis(20));
        kept.extend((0..4).map(|_| server.client()));
        let served = workers_of(&mut kept);
        if served[4..].iter().all(|worker| *worker == leaving) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "still uneven: {served:?}");
    }
}

#[test]
fn the_limit_of_connections_holds_for_all_workers_together() {
    let server = TestServer::start(app(2).limits(Limits::default().with_connections(3)));
    let mut clients: Vec<Client> = (0..3).map(|_| server.client()).collect();
    workers_of(&mut clients);
    let mut waiting = server.client();
    waiting.send(WHO).assert_quiet(Duration::from_millis(100));
    // Somebody leaves, so there is room.
    clients.pop();
    assert_eq!(waiting.answer().status, 200);
}

#[test]
fn workers_may_have_sockets_of_their_own() {
    let server = TestServer::start(app(2).reuse_port(true));
    let mut clients: Vec<Client> = (0..16).map(|_| server.client()).collect();
    for worker in workers_of(&mut clients) {
        assert!(worker == "fastweb-worker-0" || worker == "fastweb-worker-1", "{worker}");
    }
    server.stop.shutdown();
    for client in &mut clients {
        client.assert_closed();
    }
    server.wait().expect("a graceful end");
}

#[test]
fn no_request_runs_on_the_callers_thread() {
    let server = TestServer::start(app(1));
    assert_eq!(server.client().ask(WHO).text(), "fastweb-worker-0");
}

#[test]
fn blocking_one_worker_leaves_the_others() {
    let blocking = || {
        std::thread::sleep(Duration::from_millis(300));
        "slept"
    };
    let server = TestServer::start(app(2).get("/sleep", blocking));
    let mut clients = [server.client(), server.client()];
    let served = workers_of(&mut clients);
    assert_ne!(served[0], served[1]);
    clients[0].send("GET /sleep HTTP/1.1\r\nHost: x\r\n\r\n");
    let began = Instant::now();
    let mut answers = 0;
    while began.elapsed() < Duration::from_millis(150) {
        assert_eq!(clients[1].ask(WHO).text(), served[1]);
        answers += 1;
    }
    assert!(answers > 1, "the other worker went on");
    assert_eq!(clients[0].answer().text(), "slept");
}
