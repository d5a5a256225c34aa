//! curl and Python's requests, as those who write forms: what they send is what is read.

use std::process::{Command, Output};

use super::files::Folder;
use super::support::server::TestServer;
use super::*;

fn serve() -> TestServer {
    TestServer::start(App::new().route(post("/", told).body_limit(10_000_000)))
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Contents that a reader of lines would take apart, or for text.
fn contents() -> [Vec<u8>; 4] {
    let lines = b"\r\n--\r\n\r\n--------------------------\r\n".repeat(3000);
    [Vec::new(), b"\r\n".to_vec(), lines, "ö\u{feff}".repeat(20_000).into_bytes()]
}

#[test]
#[ignore = "needs curl: .ci/long runs it"]
fn curl_is_understood() {
    let (server, folder) = (serve(), Folder::new());
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--max-time", "30"]).arg(format!("http://{}/", server.address));
    command.args(["-F", "plain=a b;type=text/x-plain", "--form-string", "quoted\"name=@;x", "-F", "ö=ü"]);
    let mut expected = vec![
        json!({ "name": "plain", "file": null, "type": "text/x-plain", "content": "a b" }),
        json!({ "name": "quoted\"name", "file": null, "type": null, "content": "@;x" }),
        json!({ "name": "ö", "file": null, "type": null, "content": "ü" }),
    ];
    for (n, content) in contents().into_iter().enumerate() {
        let path = folder.path(&format!("{n} file.bin"));
        std::fs::write(&path, &content).expect("it can be written");
        command.arg("-F").arg(format!("file=@\"{}\";filename=\"na\\\"me {n}.txt\"", path.display()));
        let content = String::from_utf8(content).expect("text");
        let name = format!("na\"me {n}.txt");
        expected.push(json!({ "name": "file", "file": name, "type": "text/plain", "content": content }));
    }
    let answer: Value = serde_json::from_slice(&run(&mut command).stdout).expect("JSON");
    assert_eq!(answer, Value::Array(expected));
    // In chunks, and asking first.
    command.args(["-H", "transfer-encoding: chunked", "-H", "expect: 100-continue"]);
    assert_eq!(serde_json::from_slice::<Value>(&run(&mut command).stdout).expect("JSON"), answer);
}

const SCRIPT: &str = r#"
import json, sys, requests
lines = b"\r\n--\r\n\r\n--------------------------\r\n" * 3000
files = [
    ("file", ("plain.txt", b"", "text/plain")),
    ("file", ("na\"me.bin", lines, "application/octet-stream")),
    ("file", ("näme.txt", "ö\ufeff".encode() * 20000)),
    ("no file", (None, "text")),
]
data = [("name", "a b"), ("name", "\r\n"), ("quo\"ted", "ü"), ("empty", "")]
reply = requests.post(sys.argv[1], data=data, files=files, timeout=30)
assert reply.status_code == 200, reply.text
told = reply.json()
expected = [{"name": n, "file": None, "type": None, "content": c} for n, c in data]
for name, (file, content, *kind) in files:
    content = content.decode() if isinstance(content, bytes) else content
    expected.append({"name": name, "file": file, "type": kind[0] if kind else None, "content": content})
assert told == expected, [(a, b) for a, b in zip(told, expected) if a != b]
print("same")
"#;

/// A Python that has requests, or why there is none.
fn python() -> std::result::Result<std::path::PathBuf, String> {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("requests");
    let python = folder.join("bin/python");
    let run = |command: &mut Command| match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) => Err(error.to_string()),
    };
    let has_it = |python| run(Command::new(python).args(["-c", "import requests"]));
    if has_it(&python).is_err() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "requests>=2.32,<3"]))?;
        has_it(&python)?;
    }
    Ok(python)
}

#[test]
#[ignore = "needs Python: .ci/long runs it"]
fn requests_of_python_is_understood() {
    let python = match python() {
        Ok(python) => python,
        Err(error) => {
            println!("PASSED OVER: Python's requests cannot be installed: {error}");
            return;
        }
    };
    let server = serve();
    let output = run(Command::new(python).args(["-c", SCRIPT]).arg(format!("http://{}/", server.address)));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "same");
}
