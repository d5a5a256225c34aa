//! The seeds of the fuzzers, and what they found.

#[path = "support/lanes.rs"]
mod lanes;
#[path = "support/texts.rs"]
mod texts;

/// The inputs of a fuzz target that are kept.
fn inputs(target: &str) -> Vec<Vec<u8>> {
    let folder = format!("{}/fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

#[test]
fn both_lanes_say_the_same_of_the_fuzzers_documents() {
    let compared = inputs("validator").iter().filter(|input| lanes::check(input).is_some()).count();
    assert!(compared > 0);
}

#[test]
fn the_fuzzers_documents_are_those_of_serde_json() {
    let accepted = inputs("document").iter().filter(|input| texts::check(input)).count();
    assert!(accepted > 0);
}
