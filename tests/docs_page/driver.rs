//! A browser without a window, by the WebDriver protocol (W3C).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::client::{Client, request};

/// A machine that builds beside the tests is slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether there is one.
fn is_there() -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join("chromedriver").is_file())
}

/// Runs the only test of a program without a harness: its name is the program's. Where there is no browser it is reported as ignored.
pub(crate) fn run(name: &str, test: fn()) -> ExitCode {
    if std::env::args().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    if !is_there() {
        println!("test {name} ... ignored, there is no `chromedriver`; Debian has it in the package chromium-driver");
        let is_required = std::env::var_os("FASTWEB_REQUIRE_BROWSER").is_some();
        return if is_required { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    }
    test();
    println!("test {name} ... ok");
    ExitCode::SUCCESS
}

pub(crate) struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
    /// What the browser keeps for itself.
    folder: PathBuf,
}

impl Browser {
    /// Starts one that reaches this machine and no other.
    pub(crate) fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver can be started");
        let lines = BufReader::new(driver.stdout.take().expect("its output is piped")).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("fastweb-browser-{}-{n}", std::process::id()));
        let address = SocketAddr::from(([127, 0, 0, 1], port.expect("chromedriver says its port")));
        // From here on it is ended by `drop`.
        let mut browser = Self { driver, address, session: String::new(), folder };
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            &format!("--user-data-dir={}", browser.folder.display()),
        ];
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let session = browser.call("POST", "/session", json!({ "capabilities": { "alwaysMatch": capabilities } }));
        browser.session = session["sessionId"].as_str().expect("a session has an id").to_owned();
        browser
    }

    fn call(&self, method: &str, path: &str, body: Value) -> Value {
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let answer = Client::connect(self.address).json(method, path, &[], &body);
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text());
        answer.json()["value"].clone()
    }

    fn command(&self, path: &str, body: Value) -> Value {
        self.call("POST", &format!("/session/{}/{path}", self.session), body)
    }

    pub(crate) fn open(&self, url: &str) {
        self.command("url", json!({ "url": url }));
    }

    /// Runs the body of a function of JavaScript in the page, and gives what it returns.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.command("execute/sync", json!({ "script": script, "args": [] }))
    }

    /// Asks the page until it says what is wanted.
    pub(crate) fn wait_for(&self, script: &str, wanted: &Value) {
        let began = Instant::now();
        loop {
            let found = self.run(script);
            if found == *wanted {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{script}: {found}, and not {wanted}\n{:#?}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What the browser has logged since it was asked last: errors of scripts, requests that failed, what the page's policy refused.
    pub(crate) fn log(&self) -> Vec<String> {
        let entries = self.command("se/log", json!({ "type": "browser" }));
        entries.as_array().into_iter().flatten().map(Value::to_string).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser goes with its session; the driver is what was started here. This is done while a test fails, too, so nothing is expected.
        if let Ok(mut stream) = TcpStream::connect(self.address) {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
            let _ = stream.write_all(&request("DELETE", &format!("/session/{}", self.session), &[], b""));
            let _ = stream.read(&mut [0; 512]);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
