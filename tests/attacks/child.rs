//! The server under attack: this test program again, as a process that serves until its standard input ends.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use fastweb::prelude::*;

use crate::figures::p99;
use crate::support::socket::Client;
use crate::support::{PATIENCE, eventually};

/// Says that this process is one, and which limits it has: `name=value` with blanks between them, times in milliseconds.
const VARIABLE: &str = "FASTWEB_TEST_LIMITS";

const PAYLOAD: usize = 10_000;
/// The length of `/stream`.
pub(crate) const STREAM: u64 = 100 * 1024 * 1024;

pub(crate) const HELLO: &str = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

fn limits(text: &str) -> Limits {
    let mut limits = Limits::default();
    for (name, value) in text.split_ascii_whitespace().filter_map(|pair| pair.split_once('=')) {
        let value: u64 = value.parse().expect("a number");
        let time = Duration::from_millis(value);
        match name {
            "head_timeout" => limits.head_timeout = time,
            "body_timeout" => limits.body_timeout = time,
            "write_timeout" => limits.write_timeout = time,
            "keep_alive" => limits.keep_alive = time,
            "shutdown_timeout" => limits.shutdown_timeout = time,
            "connections" => limits.connections = value as usize,
            "run" => {}
            other => panic!("no limit {other}"),
        }
    }
    limits
}

#[test]
#[ignore = "the other tests start it as a process"]
fn server() {
    let Ok(text) = std::env::var(VARIABLE) else { return };
    tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_writer(std::io::stderr).init();
    let stream = || {
        let bytes = tokio::io::AsyncReadExt::take(tokio::io::repeat(b'x'), STREAM);
        Body::from_reader(bytes, STREAM)
    };
    let app = App::new().workers(2).limits(limits(&text));
    let (counters, last) = (app.counters(), app.counters());
    let app = app
        .get("/hello", "hello")
        .get("/payload", || "x".repeat(PAYLOAD))
        .get("/stream", stream)
        .get("/later", async || {
            tokio::time::sleep(Duration::from_millis(3)).await;
            "later"
        })
        .post("/echo", async |body: String| body)
        .get("/counts", move || format!("{:?}", counters.read()));
    if text.contains("run=") {
        // The other way to end, and the signals of this one.
        std::thread::spawn(|| {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            std::process::exit(1);
        });
        app.on_listen(|address| println!("listens on {address}")).run("127.0.0.1:0").expect("it serves");
        println!("has counted {:?}", last.read());
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let server = app.build().await.expect("a valid application");
        let listening = server.bind("127.0.0.1:0").expect("a free port");
        println!("listens on {}", listening.local_addr());
        let stop = listening.shutdown_handle();
        std::thread::spawn(move || {
            // Also where whoever has started it is killed.
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            stop.abort();
        });
        listening.serve().await.expect("it serves");
    });
}

pub(crate) struct Child {
    process: std::process::Child,
    stdin: Option<ChildStdin>,
    pub(crate) address: SocketAddr,
    /// What it prints behind its address.
    stdout: Receiver<String>,
    log: Receiver<String>,
    last_counts: Option<HashMap<String, u64>>,
}

impl Child {
    /// Starts a server with these limits.
    pub(crate) fn start(limits: &str) -> Self {
        Self::start_with_files(limits, None)
    }

    /// Starts a server that ends by signals.
    pub(crate) fn start_and_run(limits: &str) -> Self {
        Self::start(&format!("{limits} run=1"))
    }

    /// Starts a server that may have so many files open.
    pub(crate) fn start_with_files(limits: &str, files: Option<u32>) -> Self {
        let program = std::env::current_exe().expect("a process knows its file");
        let files = files.map_or_else(|| "$(ulimit -Hn)".to_owned(), |files| files.to_string());
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("ulimit -n {files}; exec \"$0\" child::server --exact --ignored --nocapture")])
            .arg(program)
            .env(VARIABLE, limits)
            .env("NO_COLOR", "1");
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("there is a shell");
        let mut stdout = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        let address = stdout.find_map(|line| line.ok()?.rsplit_once("listens on ")?.1.parse().ok());
        let (sender, printed) = mpsc::channel();
        std::thread::spawn(move || stdout.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let (sender, log) = mpsc::channel();
        let stderr = BufReader::new(process.stderr.take().expect("it is piped"));
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let Some(address) = address else { panic!("it says where: {:?}", log.iter().collect::<Vec<_>>()) };
        let stdin = process.stdin.take();
        Self { process, stdin, address, stdout: printed, log, last_counts: None }
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(self.address)
    }

    /// What it has logged since this was asked last.
    pub(crate) fn logged(&self) -> Vec<String> {
        self.log.try_iter().collect()
    }

    /// What it has counted, by the names of `Counts`.
    pub(crate) fn counts(&self, client: &mut Client) -> HashMap<String, u64> {
        counts_in(&client.ask("GET /counts HTTP/1.1\r\nHost: x\r\n\r\n").text())
    }

    /// Asks it to end, and says how long that took. It must end well.
    pub(crate) fn terminate(&mut self) -> Duration {
        let asked = Instant::now();
        let sent = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        assert!(sent.expect("there is a kill command").success());
        let status = loop {
            if let Some(status) = self.process.try_wait().expect("a child can be waited for") {
                break status;
            }
            assert!(asked.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(1));
        };
        let time = asked.elapsed();
        assert!(status.success(), "{status}: {:?}", self.logged());
        time
    }

    /// What it had counted when it ended.
    pub(crate) fn last_counts(&mut self) -> &HashMap<String, u64> {
        self.last_counts.get_or_insert_with(|| {
            let counts = self.stdout.iter().find_map(|line| Some(counts_in(line.split_once("has counted ")?.1)));
            counts.expect("it says what it has counted")
        })
    }

    /// Waits until `name` has been counted so often.
    #[track_caller]
    pub(crate) fn wait_for_count(&self, client: &mut Client, name: &str, count: u64) {
        let mut last = 0;
        let began = Instant::now();
        while last < count {
            last = self.counts(client)[name];
            assert!(began.elapsed() < PATIENCE, "{name} is {last}, not {count}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the client that asks is the only one.
    #[track_caller]
    pub(crate) fn wait_until_alone(&self, client: &mut Client) {
        eventually("all other connections are closed", || {
            let counts = self.counts(client);
            counts["connections_accepted"] - counts["connections_closed"] == 1
        });
    }

    fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.process.id())).expect("Linux tells it")
    }

    /// The memory that it has, in KiB.
    pub(crate) fn memory(&self) -> i64 {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("Linux tells it");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// The processor's time that it has used.
    pub(crate) fn time(&self) -> Duration {
        let stat = self.proc("stat");
        // The name in brackets may have blanks.
        let fields: Vec<&str> = stat.rsplit_once(')').expect("a name").1.split_ascii_whitespace().collect();
        let ticks = |at: usize| fields[at].parse::<u64>().expect("a number");
        // Hundredths of a second, of user and system: fields 14 and 15, and two stand before the bracket.
        Duration::from_millis((ticks(11) + ticks(12)) * 10)
    }

    /// Files that it has open.
    pub(crate) fn files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.process.id())).expect("Linux tells it").count()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let began = Instant::now();
        while self.process.try_wait().is_ok_and(|ended| ended.is_none()) && began.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(5));
        }
        // It has ended already where all went well; that is no error here.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The times of requests that are sent one after the other for a while: how many, and the 99th percentile.
pub(crate) fn requests_for(client: &mut Client, time: Duration) -> (usize, Duration) {
    let began = Instant::now();
    let mut times = Vec::new();
    while began.elapsed() < time {
        let asked = Instant::now();
        assert_eq!(client.ask(HELLO).summary(), "200 - hello");
        times.push(asked.elapsed());
        std::thread::sleep(Duration::from_millis(2));
    }
    (times.len(), p99(&mut times))
}

/// Reads what `Counts` looks like in a log.
fn counts_in(text: &str) -> HashMap<String, u64> {
    let fields = text.trim_start_matches("Counts {").trim_end_matches('}').split(',');
    let pairs = fields.filter_map(|field| field.split_once(':'));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().parse().expect("a number"))).collect()
}
