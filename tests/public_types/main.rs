//! Which types of other crates stand in what fastweb's crates promise. Every one of them ties fastweb's versions to another project's, so there is a list.
//!
//! The items are read from what rustdoc writes as JSON. It is unstable, so `.ci/unstable-rustdoc` asks for it; the form is that of 2026, and the
//! test reads no more of it than names and numbers. `.ci/run` runs it behind `cargo doc`, which has compiled what it needs.

mod documentation;

use std::path::Path;
use std::process::Command;

use documentation::{Use, uses_of};
use serde_json::json;

/// Crates all of whose types may stand anywhere.
const CRATES: &[&str] = &[
    // The language's.
    "std",
    "core",
    "alloc",
    // fastweb's.
    "fastweb",
    "fastweb_core",
    "fastweb_macros",
    "fastweb_schema",
    // The words that Rust's web crates have in common.
    "http",
    "bytes",
    // `Serialize` and `Deserialize`, and what they are written with.
    "serde",
    "serde_core",
];

/// Types of other crates that may stand anywhere.
const TYPES: &[&str] = &[
    "schemars::JsonSchema",
    // What its method is given, where a type of fastweb's own implements it.
    "schemars::SchemaGenerator",
    // JSON that the application writes as it runs, schemas above all: `json!({ … })`.
    "serde_json::Value",
    "serde_json::Map",
    // What the writing of it fails with.
    "serde_json::Error",
    // Of fastweb-schema's own part in generated schemas, which is no interface.
    "schemars::Schema",
    "schemars::Transform",
    // tokio's I/O traits, and what one of them is written with.
    "tokio::AsyncRead",
    "tokio::AsyncBufRead",
    "tokio::AsyncSeek",
    "tokio::AsyncWrite",
    "tokio::ReadBuf",
];

/// Types that traits of fastweb's own are implemented for, so that `?` works on them.
const IMPLEMENTED_FOR: &[&str] = &["tokio::Elapsed", "tokio::JoinError"];

/// What may stand there because a feature is about it.
const FEATURES: &[(&str, &[&str])] =
    &[("tower", &["tower_service", "tower_layer", "http_body"]), ("embedded-files", &["rust_embed"])];

fn is_allowed(used: &Use) -> bool {
    let features = FEATURES.iter().flat_map(|(_, crates)| *crates);
    CRATES.contains(&&*used.krate)
        || features.clone().any(|krate| *krate == used.krate)
        || TYPES.contains(&&*used.name())
        || (used.is_implementor && IMPLEMENTED_FOR.contains(&&*used.name()))
}

#[test]
#[ignore = "documents the crates: .ci/run runs it"]
fn only_listed_types_of_other_crates_are_promised() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target directory");
    let mut faults = Vec::new();
    let mut seen = 0;
    for krate in ["fastweb-core", "fastweb-schema", "fastweb"] {
        let documented = Command::new(env!("CARGO"))
            .args(["rustdoc", "--quiet", "--package", krate, "--lib", "--all-features", "--target-dir"])
            .arg(target)
            .args(["--", "-Zunstable-options", "--output-format=json"])
            .env("RUSTDOC", concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/unstable-rustdoc"))
            .env_remove("RUSTDOCFLAGS")
            .status()
            .expect("cargo runs");
        assert!(documented.success(), "{krate} could not be documented");
        let file = target.join("doc").join(format!("{}.json", krate.replace('-', "_")));
        let text = std::fs::read(&file).expect("rustdoc has written its JSON");
        let documentation = serde_json::from_slice(&text).expect("rustdoc writes JSON");
        let uses = uses_of(&documentation);
        seen += uses.len();
        faults.extend(uses.into_iter().filter(|used| !is_allowed(used)).map(|used| format!("{krate}: {used}")));
    }
    assert!(seen > 100, "only {seen} types were found: the form of rustdoc's JSON has changed");
    faults.sort();
    faults.dedup();
    assert!(
        faults.is_empty(),
        "types of other crates that are on no list of tests/public_types:\n{}",
        faults.join("\n")
    );
}

#[test]
fn what_is_not_listed_is_found() {
    let item = |visibility: &str, inner: serde_json::Value| {
        let span = json!({ "filename": "src/lib.rs", "begin": [7, 1] });
        json!({ "crate_id": 0, "name": "it", "visibility": visibility, "span": span, "inner": inner })
    };
    let function = |id: u32| {
        let output = json!({ "resolved_path": { "path": "T", "id": id, "args": null } });
        json!({ "function": { "sig": { "inputs": [], "output": output } } })
    };
    let implementation = |blanket: serde_json::Value| {
        let of = json!({ "path": "Trait", "id": 1, "args": null });
        let target = json!({ "resolved_path": { "path": "T", "id": 2, "args": null } });
        json!({ "impl": { "trait": of, "for": target, "is_synthetic": false, "blanket_impl": blanket } })
    };
    let documentation = json!({
        "index": {
            "10": item("public", function(2)),
            "11": item("public", function(3)),
            "12": item("crate", function(2)),
            "13": item("default", implementation(json!(null))),
            "14": item("default", implementation(json!({ "generic": "T" }))),
        },
        "paths": {
            "1": { "crate_id": 0, "path": ["own", "Trait"], "kind": "trait" },
            "2": { "crate_id": 5, "path": ["other", "deep", "Type"], "kind": "struct" },
            "3": { "crate_id": 6, "path": ["http", "status", "StatusCode"], "kind": "struct" },
        },
        "external_crates": { "5": { "name": "other" }, "6": { "name": "http" } },
    });
    let mut found: Vec<_> = uses_of(&documentation).iter().map(|used| (used.to_string(), is_allowed(used))).collect();
    found.sort();
    let place = "in `it`, src/lib.rs:7";
    let expected = [
        (format!("http::StatusCode {place}"), true),
        (format!("other::Type {place}"), false),
        (format!("other::Type, for which a trait is implemented, {place}"), false),
    ];
    assert_eq!(found, expected);
}
