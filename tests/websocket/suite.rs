//! The Autobahn testsuite itself, where `FASTWEB_WSTEST` names its `wstest`: `.ci/long autobahn` does.

use std::process::{Command, Stdio};

use fastweb::websocket::WebSocketOptions;
use serde_json::{Value, json};

use crate::echo_server;
use crate::support::temporary_file;

#[test]
#[ignore = "`.ci/long autobahn` installs the testsuite, and runs it for some minutes"]
fn every_case_is_strict() {
    let wstest = std::env::var_os("FASTWEB_WSTEST").expect("FASTWEB_WSTEST names the testsuite's program");
    let server = echo_server(WebSocketOptions::new().max_message(64 << 20).max_frame(64 << 20).deflate());
    let folder = temporary_file("autobahn").to_path_buf();
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let cases = std::env::var("FASTWEB_AUTOBAHN").unwrap_or_else(|_| "*".to_owned());
    let spec = json!({
        "outdir": folder.join("report"),
        "servers": [{ "agent": "fastweb", "url": format!("ws://{}", server.address) }],
        "cases": cases.split(',').collect::<Vec<_>>(),
        "exclude-cases": [],
        "exclude-agent-cases": {},
    });
    let file = folder.join("spec.json");
    std::fs::write(&file, spec.to_string()).expect("a file can be written");
    let mut command = Command::new(wstest);
    let ran = command.args(["-m", "fuzzingclient", "-s"]).arg(&file).stdout(Stdio::null()).status();
    assert!(ran.expect("wstest can be started").success());
    let index = std::fs::read(folder.join("report/index.json")).expect("there is a report");
    let index: Value = serde_json::from_slice(&index).expect("the report is JSON");
    let results = index["fastweb"].as_object().expect("it is about this server");
    let mut counts = std::collections::BTreeMap::new();
    let mut wrong = Vec::new();
    for (case, result) in results {
        let said = |key: &str| result[key].as_str().unwrap_or("?").to_owned();
        let (behavior, close) = (said("behavior"), said("behaviorClose"));
        *counts.entry(behavior.clone()).or_insert(0) += 1;
        // Some cases only tell what a server does. A case whose offer is declined would be "UNIMPLEMENTED": none is.
        if ![&behavior, &close].into_iter().all(|said| ["OK", "INFORMATIONAL"].contains(&&**said)) {
            wrong.push(format!("{case}: {behavior}, close {close}"));
        }
    }
    println!("{} cases: {counts:?}", results.len());
    let _ = std::fs::remove_dir_all(&folder);
    assert!(wrong.is_empty(), "{wrong:#?}");
}
