//! How evenly workers are loaded by equal clients: each sends its next request when the last one is answered. Told, and no condition, because the
//! system's scheduler has its share in it; that connections are spread evenly is a test of `tests/shutdown`.
//!
//! `cargo test --test balance -- --ignored --nocapture`

mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastweb::prelude::*;
use support::server::TestServer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const WORKERS: usize = 2;
const LASTS: Duration = Duration::from_secs(3);
/// What is aimed at: the busiest worker's requests by those of the idlest.
const AIMED_AT: f64 = 1.15;

/// Requests of each worker.
#[derive(Default)]
struct Served([AtomicU64; WORKERS]);

async fn serve(served: State<Served>) -> &'static str {
    let name = thread::current().name().map(str::to_owned).unwrap_or_default();
    let number = name.rsplit('-').next().and_then(|number| number.parse::<usize>().ok()).expect("workers have numbers");
    served.0[number].fetch_add(1, Ordering::Relaxed);
    "Hello, World!"
}

async fn client(address: SocketAddr, until: Instant) {
    let mut stream = TcpStream::connect(address).await.expect("the server accepts");
    stream.set_nodelay(true).expect("the option can be set");
    let mut space = [0; 1024];
    while Instant::now() < until {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.expect("the server reads");
        let mut read = 0;
        while !space[..read].ends_with(b"Hello, World!") {
            let more = stream.read(&mut space[read..]).await.expect("the server answers");
            assert_ne!(more, 0, "the server closed a connection");
            read += more;
        }
    }
}

#[test]
#[ignore = "takes both cores for some seconds; its figures are for PERFORMANCE.md"]
fn requests_of_equal_clients_are_spread_evenly() {
    for clients in [8, 64, 512] {
        let served = Arc::new(Served::default());
        let app = App::new().workers(WORKERS).state_arc(served.clone()).get("/", serve);
        let server = TestServer::start(app);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let until = Instant::now() + LASTS;
            let tasks: Vec<_> = (0..clients).map(|_| tokio::spawn(client(server.address, until))).collect();
            for task in tasks {
                task.await.expect("a client ends without a fault");
            }
        });
        let counts = served.0.each_ref().map(|count| count.load(Ordering::Relaxed));
        let (most, fewest) = (counts.iter().max().copied().unwrap_or(0), counts.iter().min().copied().unwrap_or(0));
        assert!(fewest > 0, "a worker served nobody: {counts:?}");
        let ratio = most as f64 / fewest as f64;
        let word = if ratio <= AIMED_AT { "as aimed at" } else { "more than is aimed at" };
        println!("{clients} clients, {WORKERS} workers: {counts:?} requests, {ratio:.2} ({word}: {AIMED_AT})");
    }
}
