//! Resets at any moment, under load: what a connection had is given back.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::child::{Child, HELLO};
use crate::figures::{Random, assert_memory, size, tell};
use crate::support::eventually;
use crate::support::socket::Client;

const TALKS: [&str; 10] = [
    HELLO,
    "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /payload HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /payload HTTP/1.1\r\nHost: x\r\n\r\nGET /payload HTTP/1.1\r\nHost: x\r\n\r\nGET /payload HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /later HTTP/1.1\r\nHost: x\r\n\r\nGET /later HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhello",
    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n",
    "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nhel",
    "nonsense\r\n\r\n",
    "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
];

/// Clients that are cut off in the middle of what they say, or behind it, with what was answered read in part or not at all.
fn attack(server: SocketAddr, seed: usize, resets: usize) {
    let mut random = Random::new(seed);
    for _ in 0..resets {
        let mut client = Client::connect(server);
        for _ in 0..random.below(3) {
            let talk = TALKS[random.below(TALKS.len())].as_bytes();
            let part = if random.below(2) == 0 { talk.len() } else { random.below(talk.len()) };
            client.try_send(&talk[..part]);
            if random.below(2) == 0 {
                std::thread::sleep(Duration::from_micros(random.below(2000) as u64));
            }
        }
        if random.below(4) == 0 {
            client.read_for(Duration::from_millis(1));
        }
        client.reset();
    }
}

#[test]
fn at_random_moments_under_load() {
    const THREADS: usize = 4;
    let resets = size(400, 20_000);
    let server = Child::start("");
    let address = server.address;
    let mut normal = server.client();
    // When it answers, all workers have what they need.
    assert_eq!(normal.ask(HELLO).summary(), "200 - hello");
    let files = server.files();
    let mut memory = Vec::new();
    let mut asked = 0;
    for round in 0..4 {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let load = scope.spawn(|| {
                let (mut client, mut asked) = (Client::connect(address), 0);
                while !over.load(Ordering::Relaxed) {
                    assert_eq!(client.ask(HELLO).summary(), "200 - hello");
                    asked += 1;
                }
                asked
            });
            let attack = |thread| attack(address, round * THREADS + thread, resets / THREADS / 4);
            let attackers: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || attack(thread))).collect();
            attackers.into_iter().for_each(|attacker| attacker.join().expect("no panic"));
            over.store(true, Ordering::Relaxed);
            asked += load.join().expect("no panic");
        });
        // Every connection is counted as closed: its task has ended, and its place is free.
        server.wait_until_alone(&mut normal);
        eventually("all files are closed", || server.files() == files);
        memory.push(server.memory());
    }
    let counts = server.counts(&mut normal);
    tell(format_args!(
        "resets: {resets}, {asked} requests beside them; {} aborted, {} answers broken; {files} files as before; memory {memory:?} KiB",
        counts["requests_aborted"], counts["answers_broken"],
    ));
    // The first round has made what is kept.
    assert_memory(memory[3] - memory[0] < 2048, format_args!("{memory:?}"));
}
