//! JSONTestSuite: the documented rule, with `serde_json` as the oracle.

use std::fs;
use std::path::Path;

use fastweb_schema::{Document, ParseErrorKind};
use serde_json::Value;

/// Files that have a name twice in an object, which the suite leaves open.
const DUPLICATES: [&str; 6] = [
    "y_object_duplicated_key.json",
    "y_object_duplicated_key_and_value.json",
    "object_same_key_different_values.json",
    "object_same_key_same_value.json",
    "object_same_key_unclear_values.json",
    "object_same_key_unclear_values_2.json",
];

pub(crate) fn run(folder: &Path) {
    let mut files = 0;
    for part in ["test_parsing", "test_transform"] {
        for entry in fs::read_dir(folder.join(part)).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            check(&name, fs::read(&path).expect("a file"));
            files += 1;
        }
    }
    assert!(files > 300, "the suite has more than {files} files");
}

fn check(name: &str, mut json: Vec<u8>) {
    let document = Document::parse(&json);
    if DUPLICATES.contains(&name) {
        assert_eq!(document.err().map(|error| error.kind()), Some(ParseErrorKind::DuplicateName), "{name}");
        return;
    }
    match name.split_once('_') {
        Some(("y", _)) => assert!(document.is_ok(), "{name}: {document:?}"),
        Some(("n", _)) => assert!(document.is_err(), "{name}"),
        _ => {}
    }
    let oracle = serde_json::from_slice::<Value>(&json);
    assert_eq!(document.is_ok(), oracle.is_ok(), "{name}: {document:?} {oracle:?}");
    if let (Ok(document), Ok(oracle)) = (document, oracle) {
        assert_eq!(Value::from(&document), oracle, "{name}");
        assert_eq!(serde_json::to_string(&document).expect("JSON").parse::<Value>().expect("JSON"), oracle, "{name}");
        let typed: Value = Document::parse(&json).expect("JSON").deserialize().expect("a value");
        assert_eq!(typed, oracle, "{name}");
    }
    // Whatever it is cut to, the parser answers as the oracle does.
    json.truncate(500);
    while json.pop().is_some() {
        assert_eq!(Document::parse(&json).is_ok(), serde_json::from_slice::<Value>(&json).is_ok(), "{name}");
    }
}
