//! Latency beside a pool of blocking work that is full, printed. Nothing here depends on a time: what is asserted is that the pool was full and
//! that everybody was answered.
//!
//! ```sh
//! cargo test --release --test work saturated -- --ignored --nocapture
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastweb::blocking;
use fastweb::prelude::*;

use crate::support::eventually;
use crate::support::log::Log;
use crate::support::server::TestServer;

const PLAINTEXT: &str = "GET /plaintext HTTP/1.1\r\nhost: x\r\n\r\n";
/// One request per this much, whatever the answer before took.
const APART: Duration = Duration::from_millis(2);
const REQUESTS: usize = 750;
/// Beside what blocks the worker itself: each of them waits for that.
const HELD_UP: usize = 60;
const ROUNDS: usize = 5;

/// How long blocking work takes, and what it does meanwhile.
const WORK: Duration = Duration::from_millis(40);

fn spin() -> &'static str {
    let began = Instant::now();
    while began.elapsed() < WORK {
        std::hint::spin_loop();
    }
    "spun"
}

fn sleep() -> &'static str {
    thread::sleep(WORK);
    "slept"
}

fn app() -> App {
    App::new()
        .workers(1)
        .blocking_threads(1)
        .blocking_queue(4)
        .block_warning(Some(Duration::from_millis(100)))
        .get("/plaintext", "Hello, World!")
        .get("/sleep", blocking(sleep))
        .get("/spin", blocking(spin))
        .get("/on-the-worker", sleep)
        .get("/planted/{id}", || {
            thread::sleep(Duration::from_millis(200));
            "blocked"
        })
}

/// Clients that ask for `path` without a pause, until they are dropped.
struct Load {
    stop: Arc<AtomicBool>,
    busy: Arc<AtomicUsize>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Load {
    fn start(server: &TestServer, path: &str, clients: usize) -> Self {
        let (stop, busy) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let start = |_| {
            let (stop, busy, mut client) = (stop.clone(), busy.clone(), server.client());
            let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    if client.ask(&request).status == 503 {
                        busy.fetch_add(1, Ordering::Relaxed);
                        thread::sleep(Duration::from_millis(5));
                    }
                }
            })
        };
        let threads = (0..clients).map(start).collect();
        Self { stop, busy, threads }
    }

    /// How often the pool was full.
    fn finish(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        self.threads.into_iter().for_each(|thread| thread.join().expect("a client was not answered"));
        self.busy.load(Ordering::Relaxed)
    }
}

/// p50 and p99 of one round, from when each request was due: a server that stalls makes later requests late.
fn round(server: &TestServer, requests: usize) -> (Duration, Duration) {
    let mut client = server.client();
    let began = Instant::now();
    let mut latencies: Vec<_> = (0..requests)
        .map(|number| {
            let due = began + APART * number as u32;
            thread::sleep(due.saturating_duration_since(Instant::now()));
            assert_eq!(client.ask(PLAINTEXT).summary(), "200 - Hello, World!");
            due.elapsed()
        })
        .collect();
    latencies.sort_unstable();
    (latencies[requests / 2], latencies[requests * 99 / 100])
}

fn summary(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let us = |time: Duration| time.as_micros();
    format!("{:>7} ({} to {})", us(times[times.len() / 2]), us(times[0]), us(times[times.len() - 1]))
}

#[test]
#[ignore = "takes a minute; its figures are to be read"]
fn plaintext_beside_a_full_pool() {
    Log::keep();
    let server = TestServer::start(app());
    // What else runs, how many clients ask for it, and whether that fills the pool.
    let loads = [("nothing", 0, false), ("/sleep", 8, true), ("/spin", 8, true), ("/on-the-worker", 1, false)];
    let mut p50 = vec![Vec::new(); loads.len()];
    let mut p99 = vec![Vec::new(); loads.len()];
    for _ in 0..ROUNDS {
        for (at, (path, clients, fills)) in loads.into_iter().enumerate() {
            let load = Load::start(&server, path, clients);
            if fills {
                eventually("the pool is full", || load.busy.load(Ordering::Relaxed) > 0);
            }
            let requests = if clients == 1 { HELD_UP } else { REQUESTS };
            let (half, most) = round(&server, requests);
            p50[at].push(half);
            p99[at].push(most);
            assert_eq!(load.finish() > 0, fills, "{path}");
        }
    }
    println!(
        "GET /plaintext, one per {APART:?}, {ROUNDS} rounds of {REQUESTS} in turns, µs: median of rounds (least to most)"
    );
    for ((path, ..), (p50, p99)) in loads.into_iter().zip(p50.into_iter().zip(p99)) {
        println!("beside {path:<15} p50 {:<24} p99 {}", summary(p50), summary(p99));
    }
    // What is planted is named.
    assert_eq!(server.client().ask("GET /planted/7 HTTP/1.1\r\nhost: x\r\n\r\n").status, 200);
    let planted = |noted: &crate::support::log::Noted| {
        noted.target == "fastweb::blocked_worker" && noted.field("route") == "/planted/{id}"
    };
    eventually("the block is told", || Log::events(planted).len() == 1);
    for noted in Log::events(planted) {
        println!(
            "{} worker={} route={} blocked_ms={}",
            noted.level,
            noted.field("worker"),
            noted.field("route"),
            noted.field("blocked_ms")
        );
        println!("  {}", noted.field("message"));
    }
}
