//! SIGTERM under load: every request that was read is answered, and the process ends in time.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::child::{Child, HELLO};
use crate::crowd::{Member, run};
use crate::figures::{size, tell, tell_time};
use crate::support::socket::Client;

const LATER: &str = "GET /later HTTP/1.1\r\nHost: x\r\n\r\n";

/// What a client under load has seen.
#[derive(Clone, Copy, Default)]
struct Seen {
    answers: u64,
    /// Sent on a connection that lived, and not answered.
    lost: u64,
}

/// Sends batches until the server says that it stops. `anew` takes a connection for each.
async fn load(address: std::net::SocketAddr, batch: String, anew: bool, stopping: &AtomicBool) -> Seen {
    let mut seen = Seen::default();
    let requests = batch.matches("HTTP/1.1").count();
    'connections: loop {
        // Once it stops, nobody is let in.
        let Ok(mut client) = Member::connect(address).await else { return seen };
        let mut is_fresh = true;
        loop {
            let sent = client.send(&batch).await.is_ok();
            for at in 0..requests {
                let error = match client.answer().await {
                    Ok(answer) => {
                        assert_eq!(answer.status, 200);
                        seen.answers += 1;
                        is_fresh = false;
                        // What was sent behind it is not looked at, and this client knows.
                        if answer.closes() {
                            assert!(stopping.load(Ordering::Relaxed), "it closes without a reason");
                            continue 'connections;
                        }
                        continue;
                    }
                    Err(error) => error,
                };
                // A connection that was in the backlog when the socket was closed has never been accepted.
                let turned_away = is_fresh && at == 0 && error.kind() == ErrorKind::ConnectionReset;
                seen.lost += u64::from(sent && !turned_away);
                continue 'connections;
            }
            if anew {
                continue 'connections;
            }
        }
    }
}

#[test]
fn under_load_no_request_is_lost() {
    let rounds = size(2, 20);
    let (mut slowest, mut all) = (Duration::ZERO, 0);
    for round in 0..rounds {
        let mut server = Child::start_and_run("");
        let idle: Vec<Client> = (0..50)
            .map(|_| {
                let mut client = server.client();
                assert_eq!(client.ask(HELLO).summary(), "200 - hello");
                client
            })
            .collect();
        let (address, stopping) = (server.address, AtomicBool::new(false));
        let loads =
            [(HELLO.to_owned(), false), (HELLO.repeat(8), false), (LATER.repeat(2), false), (HELLO.to_owned(), true)];
        let seen = std::thread::scope(|scope| {
            let start = |(batch, anew): &(String, bool)| {
                let (batch, anew, stopping) = (batch.clone(), *anew, &stopping);
                scope.spawn(move || run(load(address, batch, anew, stopping)))
            };
            let clients: Vec<_> = loads.iter().chain(&loads).map(start).collect();
            // Never at the same place of what goes on.
            std::thread::sleep(Duration::from_micros(100_000 + round as u64 * 1_379));
            stopping.store(true, Ordering::Relaxed);
            let time = server.terminate();
            slowest = slowest.max(time);
            let seen = clients.into_iter().map(|client| client.join().expect("no panic"));
            seen.fold(Seen::default(), |a, b| Seen { answers: a.answers + b.answers, lost: a.lost + b.lost })
        });
        let counts = server.last_counts();
        assert_eq!(seen.lost, 0, "round {round}: {counts:?}");
        assert_eq!(counts["requests"], seen.answers + 50, "round {round}: each request that was read is answered");
        assert_eq!(counts["requests_aborted"], 0, "round {round}");
        all += seen.answers;
        drop(idle);
    }
    tell(format_args!("SIGTERM: {rounds} times, {all} requests, none of them lost"));
    tell_time("SIGTERM: slowest end, with 50 idle clients", slowest, Duration::from_millis(300));
}

#[test]
fn streaming_clients_have_until_the_deadline() {
    let mut server = Child::start_and_run("shutdown_timeout=1000");
    let mut stalled: Vec<Client> = (0..10).map(|_| server.client()).collect();
    for client in &mut stalled {
        client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n").wait_for_bytes();
    }
    let asked = Instant::now();
    let time = server.terminate();
    assert!(asked.elapsed() >= Duration::from_secs(1), "they have had their time");
    tell_time("SIGTERM: end with streams, deadline 1 s", time, Duration::from_millis(1500));
    assert_eq!(server.last_counts()["requests_aborted"], 10, "none of them has its answer");
}
