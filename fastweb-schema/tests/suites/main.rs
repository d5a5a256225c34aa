//! The public suites: `json-test-suite` (documents) and `json-schema-test-suite` (validators). Where their data are absent, they are reported as ignored; where `FASTWEB_REQUIRE_TEST_DATA` is set they are
//! required.

mod documents;
mod schemas;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

type Suite = (&'static str, fn(&Path));

fn main() -> ExitCode {
    // Tests of a package run in its folder.
    let data = std::env::var_os("FASTWEB_TEST_DATA").map_or_else(|| PathBuf::from("../../shared/data"), PathBuf::from);
    let suites: [Suite; 2] = [("json-test-suite", documents::run), ("json-schema-test-suite", schemas::run)];
    if std::env::args().any(|arg| arg == "--list") {
        return ExitCode::SUCCESS;
    }
    let mut missing = 0;
    for (name, run) in suites {
        let folder = data.join(name);
        if folder.is_dir() {
            run(&folder);
            println!("test {name} ... ok");
        } else {
            missing += 1;
            println!("test {name} ... ignored, there is no {}; FASTWEB_TEST_DATA names its parent", folder.display());
        }
    }
    if missing > 0 && std::env::var_os("FASTWEB_REQUIRE_TEST_DATA").is_some() {
        println!("FASTWEB_REQUIRE_TEST_DATA is set: every suite is required");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
