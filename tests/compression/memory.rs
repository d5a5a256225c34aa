//! What bombs cost: the memory of a server in a process of its own, while many come at once.

#![cfg(target_os = "linux")] // Whose /proc tells the memory of a process.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use fastweb::prelude::*;

use crate::decoders::{ALL, encode};
use crate::support::server::TestServer;
use crate::support::socket::Client;

/// By which this program knows that it is to be the server.
const IS_SERVER: &str = "FASTWEB_BOMB_SERVER";

/// What each bomb would become, and how many come at the same time.
const BOMB: usize = 16 * 1024 * 1024;
const AT_ONCE: usize = 16;

/// In KiB: an eighth of what those that come at the same time would become. It was 9 MiB (2026-11, built as tests are).
const MOST: i64 = 32 * 1024;

struct Server(Child, SocketAddr);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    fn start() -> Self {
        let program = std::env::current_exe().expect("a test is a program");
        let arguments = ["--exact", "memory::what_the_other_test_starts", "--nocapture"];
        let mut command = Command::new(program);
        command.args(arguments).env(IS_SERVER, "1").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a program can be started");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
        // What the harness writes stands on the same line.
        let address = lines.find_map(|line| line.split("listens on ").nth(1).map(str::to_owned)).expect("it listens");
        Self(child, address.trim().parse().expect("an address"))
    }

    /// In KiB: what there is, or the most that there was.
    fn memory(&self, field: &str) -> i64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).expect("Linux tells it");
        let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("Linux tells it");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

fn request(path: &str, coding: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-encoding: {coding}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[test]
fn what_the_other_test_starts() {
    if std::env::var_os(IS_SERVER).is_none() {
        return;
    }
    let count = async |mut body: Body| -> Result<String> {
        let mut count = 0;
        while let Some(chunk) = body.chunk().await? {
            count += chunk.len();
        }
        Ok(count.to_string())
    };
    let app = App::new()
        .workers(2)
        .plugin(Compression::new().requests())
        // Kept as a whole, up to the limit; and looked at as it comes, up to the ratio.
        .post("/whole", |body: Bytes| body.len().to_string())
        .route(post("/streamed", count).body_limit(u64::MAX));
    let server = TestServer::start(app);
    println!("listens on {}", server.address);
    // Until whoever started it is gone.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

#[test]
fn many_bombs_at_once_cost_what_their_limits_say() {
    let server = Server::start();
    let warm = |path| {
        for coding in ALL {
            let little = encode(coding, b"little");
            assert_eq!(Client::connect(server.1).ask(request(path, coding, &little)).text(), "6");
        }
    };
    warm("/whole");
    warm("/streamed");
    let before = server.memory("VmRSS:");
    let zeros = vec![0; BOMB];
    for coding in ALL {
        let bomb = encode(coding, &zeros);
        assert!(bomb.len() < 64 * 1024, "{coding}: {}", bomb.len());
        for path in ["/whole", "/streamed"] {
            let mut clients: Vec<_> = (0..AT_ONCE).map(|_| Client::connect(server.1)).collect();
            for client in &mut clients {
                client.send(request(path, coding, &bomb));
            }
            for client in &mut clients {
                assert_eq!(client.answer().status, 413, "{coding} {path}");
            }
        }
    }
    let grown = server.memory("VmHWM:") - before;
    println!("{grown} KiB more at most, of {before}");
    assert!(grown < MOST, "{grown} KiB more");
    // And it serves on.
    warm("/whole");
}
