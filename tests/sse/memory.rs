//! What clients cost that only listen. They are in a process of their own, so that what is counted is the server's.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use fastweb::prelude::*;
use fastweb::sse::{Event, Subscription, Topic};

use crate::support::client::request;
use crate::support::server::TestServer;
use crate::topics::Counted;

/// Where the process of the clients is told of the server.
const SERVER: &str = "FASTWEB_SSE_SERVER";

/// In bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.expect("Linux tells the memory of a process") * 1024
}

/// How many files a process may have open.
fn open_files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(usize::MAX)
}

/// The process of the clients. It does what it is told, line by line.
struct Clients {
    process: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Clients {
    fn start(address: SocketAddr) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
        command.args(["--ignored", "--exact", "memory::the_clients_process", "--nocapture"]);
        command.env(SERVER, address.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("it can be started again");
        let answers = BufReader::new(process.stdout.take().expect("a pipe"));
        Self { orders: process.stdin.take(), process, answers }
    }

    fn order(&mut self, order: &str) {
        let orders = self.orders.as_mut().expect("it was not ended");
        orders.write_all(format!("{order}\n").as_bytes()).expect("the clients are there");
        let mut line = String::new();
        while !line.trim_end().ends_with("done") {
            line.clear();
            assert!(self.answers.read_line(&mut line).expect("text") > 0, "the clients are gone");
        }
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        self.orders = None;
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "its figures are to be read: .ci/long runs it"]
fn clients_that_listen() {
    let topic = Topic::<Counted>::new();
    let subscribe = async |topic: State<Topic<Counted>>| -> Subscription<Counted> { topic.subscribe(None) };
    let server = TestServer::start(App::new().workers(1).state(topic.clone()).get("/", subscribe));
    let mut clients = Clients::start(server.address);
    // What the first ones need is needed once.
    clients.order("open 100");
    let before = resident();
    let most = 10_000.min(open_files().saturating_sub(300));
    for count in [1000, most] {
        clients.order(&format!("open {}", count - topic.subscribers()));
        assert_eq!(topic.subscribers(), count);
        let each = resident().saturating_sub(before) / (count as u64 - 100);
        let (counted, published) = (Counted::default(), Instant::now());
        topic.publish(Event::json(&counted)).expect("it can be sent");
        clients.order("read");
        println!("{count} clients: {each} bytes each; until all have read an event: {:?}", published.elapsed());
        assert_eq!(counted.times(), 1, "an event is encoded once");
        assert!(each < 8 * 1024, "{each} bytes per client");
    }
}

/// Not a test: what [`Clients`] starts.
#[test]
#[ignore = "started by `clients_that_listen`"]
fn the_clients_process() {
    let Ok(address) = std::env::var(SERVER) else { return };
    let mut streams = Vec::new();
    for order in std::io::stdin().lines() {
        let order = order.expect("text");
        match order.strip_prefix("open ") {
            Some(count) => {
                for _ in 0..count.parse().expect("a number") {
                    let mut stream = TcpStream::connect(&*address).expect("the server accepts connections");
                    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout can be set");
                    stream.write_all(&request("GET", "/", &[], b"")).expect("the server reads");
                    read(&mut stream, b"id: ");
                    streams.push(stream);
                }
            }
            None => streams.iter_mut().for_each(|stream| read(stream, b"data: ")),
        }
        println!("done");
    }
}

/// Reads until this has come.
fn read(stream: &mut TcpStream, what: &[u8]) {
    let (mut all, mut piece) = (Vec::new(), [0; 1024]);
    while !all.windows(what.len()).any(|part| part == what) {
        let n = stream.read(&mut piece).expect("something comes");
        assert!(n > 0, "the server has ended it");
        all.extend_from_slice(&piece[..n]);
    }
}
