//! Examples as processes: started on a free port, ended whatever happens.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use super::client::Client;

/// A machine that builds beside the tests is slow.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Example {
    child: Child,
    address: SocketAddr,
    /// What it prints after its address.
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

/// How an example ended, and what it said.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs an example that ends by itself, and gives what it printed.
pub(crate) fn output(name: &str, arguments: &[&str]) -> String {
    let output = Command::new(binary(name)).args(arguments).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

impl Example {
    /// Starts an example and waits until it has printed its address.
    pub(crate) fn start(name: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(binary(name));
        command.args(arguments).env("NO_COLOR", "1").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        let stdout = lines(child.stdout.take());
        let stderr = lines(child.stderr.take());
        // From here on it is ended by `drop`, also where it never prints an address.
        let mut example = Self { child, address: ([0, 0, 0, 0], 0).into(), stdout, stderr };
        let line = example.stdout.recv_timeout(PATIENCE);
        let address =
            line.as_ref().ok().and_then(|line| line.strip_prefix("http://")).and_then(|text| text.parse().ok());
        let Some(address) = address else {
            let more = || example.stderr.recv_timeout(Duration::from_secs(1)).ok();
            let said = std::iter::from_fn(more).collect::<Vec<_>>().join("\n");
            panic!("{name} prints its address first, not {line:?}\n{said}");
        };
        example.address = address;
        example
    }

    /// Where it listens.
    #[allow(dead_code)] // Not every test binary asks.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    /// The memory that it has, in KiB.
    pub(crate) fn memory(&self) -> i64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("Linux tells it");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("Linux tells it");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(sent.expect("there is a kill command").success());
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> Ended {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                break status;
            }
            assert!(started.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        };
        let said = |lines: &Receiver<String>| lines.iter().collect::<Vec<_>>().join("\n");
        Ended { status, stdout: said(&self.stdout), stderr: said(&self.stderr) }
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        // It has ended already where all went well; that is no error here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `target/<profile>/examples/<name>`, beside the `deps` folder that this test lies in.
fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a process knows its file");
    let profile = test.ancestors().nth(2).expect("the test lies in target/<profile>/deps");
    let binary = profile.join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        binary.exists(),
        "{} is missing: `cargo build --examples` makes it, and so does `cargo test`",
        binary.display()
    );
    binary
}

/// The lines that come out of a pipe, read as they come so that it never fills.
fn lines(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let pipe = BufReader::new(pipe.expect("the output is piped"));
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in pipe.lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}
