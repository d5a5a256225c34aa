//! No open files are left: the server waits without spinning, goes on with what it has, and takes the next connection as soon as one is closed.

use std::time::{Duration, Instant};

use crate::child::{Child, HELLO};
use crate::figures::{tell, tell_time};
use crate::support::socket::Client;

#[test]
fn a_server_without_files_waits() {
    // More connections than files: the bound on connections does not help here.
    let server = Child::start_with_files("connections=10000", Some(128));
    let mut first = server.client();
    assert_eq!(first.ask(HELLO).summary(), "200 - hello");
    let mut waiting: Vec<Client> = (0..200).map(|_| server.client()).collect();
    server.wait_for_count(&mut first, "accept_failures", 1);
    let (before, failures) = (server.time(), server.counts(&mut first)["accept_failures"]);
    let began = Instant::now();
    std::thread::sleep(Duration::from_secs(1));
    let used = server.time() - before;
    let failures = server.counts(&mut first)["accept_failures"] - failures;
    tell(format_args!("without files: {failures} attempts, {used:?} of processor time in {:.1?}", began.elapsed()));
    // Two workers, each every 50 ms. How long they really waited does not count: a spin would be thousands.
    assert!(failures <= 3 * 20 * began.elapsed().as_secs_f64().ceil() as u64, "{failures} attempts in a second");
    assert_eq!(first.ask(HELLO).summary(), "200 - hello", "what is open goes on");
    let complaints = server.logged().iter().filter(|line| line.contains("cannot be accepted")).count();
    assert_eq!(complaints, 1, "it is logged once");
    // The first that came are those that are served. When they leave, the others are.
    let mut late = waiting.split_off(180);
    drop(waiting);
    let closed = Instant::now();
    assert_eq!(late.pop().expect("20 wait").ask(HELLO).summary(), "200 - hello");
    tell_time("without files: served after others had left", closed.elapsed(), Duration::from_millis(100));
    for mut client in late {
        assert_eq!(client.ask(HELLO).summary(), "200 - hello");
    }
}

/// As it comes, connections are bounded below the files: nothing fails, the next ones wait.
#[test]
fn a_server_as_it_comes_never_runs_out() {
    let server = Child::start_with_files("", Some(64));
    let mut clients: Vec<Client> = (0..100).map(|_| server.client()).collect();
    for client in &mut clients {
        client.send(HELLO);
    }
    let mut clients = clients.into_iter();
    let mut first = clients.next().expect("there are 100");
    assert_eq!(first.answer().summary(), "200 - hello");
    // Each is answered when it has its turn, and makes room.
    for mut client in clients {
        assert_eq!(client.answer().summary(), "200 - hello");
    }
    let counts = server.counts(&mut first);
    assert_eq!((counts["accept_failures"], counts["connections_accepted"]), (0, 100));
}
