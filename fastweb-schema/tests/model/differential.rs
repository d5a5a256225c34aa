//! The parser against document, judge and serde, over documents that are nearly valid.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};

use crate::models::{Checked, all};

thread_local! {
    static ALL: Vec<Checked> = all();
}

#[test]
fn valid_documents_are_read_in_one_pass() {
    for (at, checked) in all().iter().enumerate() {
        for json in &checked.valid {
            for json in [json, &spaced(json)] {
                assert_eq!(checked.check(json.as_bytes()), Ok(true), "{at}: {json}");
            }
        }
    }
}

/// With white space wherever it may be.
fn spaced(json: &str) -> String {
    let (mut spaced, mut in_string, mut escaped) = (String::new(), false, false);
    for letter in json.chars() {
        if in_string || !"{}[],:".contains(letter) {
            spaced.push(letter);
        } else {
            spaced.push_str(&format!(" \n{letter}\t "));
        }
        in_string ^= letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
    }
    spaced
}

/// A change of one part of a value.
#[derive(Clone, Debug)]
enum Change {
    Replace(Value),
    Remove,
    Add(String),
    Rename(String),
    Reverse,
}

fn changes() -> impl Strategy<Value = Change> {
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(2.0),
        json!(-0.0),
        json!(-6),
        json!(1.5),
        json!(150),
        json!(151),
        json!(256),
        json!(65536),
        json!(4294967296u64),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e19),
        json!(1e300),
        json!(""),
        json!("a"),
        json!("abcd"),
        json!("abcde"),
        json!("éééééééé"),
        json!("ééééééééé"),
        json!("a\"\\\n"),
        json!("\u{1F600}"),
        json!("ada@example.com"),
        json!("\"ada lovelace\"@example.com"),
        json!("ADMIN"),
        json!("GUEST"),
        json!("empty"),
        json!("started"),
        json!("7F2C1A52-9D0E-4C58-8F0B-3A5C6F0E1B7D"),
        json!([]),
        json!({}),
        json!(["a", "a"]),
        json!([1, 1.0]),
        json!(["a", "b", "c", "d"]),
        json!({"circle": 0}),
        json!({"circle": 1, "box": 2}),
        json!({"empty": null}),
        json!({"kind": "started", "x": {"a": [1, {}]}}),
    ];
    let names = [
        "id", "fullName", "email", "age", "home", "address", "zip", "kind", "circle", "seen", "x", "a\n", "order",
        "inner", "country", "GUEST",
    ];
    let name = || proptest::sample::select(names.to_vec()).prop_map(str::to_owned);
    prop_oneof![
        6 => proptest::sample::select(values.to_vec()).prop_map(Change::Replace),
        1 => Just(Change::Remove),
        1 => name().prop_map(Change::Add),
        1 => name().prop_map(Change::Rename),
        1 => Just(Change::Reverse),
    ]
}

/// Changes the part that `at` means, of all that there are.
fn change(value: &mut Value, change: &Change, at: Index) {
    fn count(value: &Value) -> usize {
        1 + match value {
            Value::Array(items) => items.iter().map(count).sum(),
            Value::Object(members) => members.values().map(count).sum::<usize>(),
            _ => 0,
        }
    }
    fn go(value: &mut Value, change: &Change, at: &mut usize) -> bool {
        if *at == 0 {
            match (change, &mut *value) {
                (Change::Add(name), Value::Object(members)) => drop(members.insert(name.clone(), json!("x"))),
                (Change::Rename(name), Value::Object(members)) => {
                    if let Some(first) = members.keys().next().cloned()
                        && let Some(content) = members.remove(&first)
                    {
                        members.insert(name.clone(), content);
                    }
                }
                (Change::Remove, Value::Object(members)) => {
                    if let Some(last) = members.keys().next_back().cloned() {
                        members.remove(&last);
                    }
                }
                (Change::Reverse, Value::Object(members)) => {
                    *members = std::mem::take(members).into_iter().rev().collect::<Map<_, _>>();
                }
                (Change::Reverse, Value::Array(items)) => items.reverse(),
                (Change::Remove, Value::Array(items)) => drop(items.pop()),
                (Change::Replace(new), old) => *old = new.clone(),
                (_, old) => *old = Value::Null,
            }
            return true;
        }
        *at -= 1;
        match value {
            Value::Array(items) => items.iter_mut().any(|item| go(item, change, at)),
            Value::Object(members) => members.values_mut().any(|member| go(member, change, at)),
            _ => false,
        }
    }
    let mut at = at.index(count(value));
    go(value, change, &mut at);
}

/// What texts are damaged with.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    proptest::sample::select(vec![
        &b""[..],
        b" ",
        b"\n\t",
        b",",
        b":",
        b"\"",
        b"{",
        b"}",
        b"[",
        b"]",
        b"\\u0061",
        b"\\",
        b"null",
        b"1",
        b"-",
        b".5",
        b"e1",
        b"0",
        b"\xFF",
        b"\"id\":1,",
        b"\"x\":{},",
        b"\"kind\":\"moved\",",
        b"\"depth\":1,",
        b"1e999",
    ])
    .prop_map(<[u8]>::to_vec)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_in_one_pass_is_what_document_judge_and_serde_read(
        model: Index,
        valid: Index,
        made in proptest::collection::vec((changes(), any::<Index>()), 0..3),
        damage in proptest::collection::vec((any::<Index>(), any::<Index>(), pieces()), 0..2),
        pretty: bool,
    ) {
        ALL.with(|all| {
            let checked = model.get(all);
            let json = valid.get(&checked.valid);
            let mut value: Value = serde_json::from_str(json).unwrap();
            for (made, at) in &made {
                change(&mut value, made, *at);
            }
            // A value has its members in the order of the alphabet, a text in that of the type.
            let mut json = match (made.is_empty(), pretty) {
                (true, false) => json.clone().into_bytes(),
                (true, true) => spaced(json).into_bytes(),
                (false, false) => serde_json::to_vec(&value).unwrap(),
                (false, true) => serde_json::to_vec_pretty(&value).unwrap(),
            };
            for (from, to, piece) in &damage {
                let from = from.index(json.len() + 1);
                // Mostly little is lost.
                let to = from + to.index((json.len() - from).min(4) + 1);
                json.splice(from..to, piece.iter().copied());
            }
            checked.check(&json).map_err(TestCaseError::fail)
        })?;
    }
}

/// The first byte says which model it is.
#[test]
fn what_the_fuzzer_begins_with_and_what_it_found_is_read_alike() {
    let all = all();
    let seeds = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds/model")).expect("seeds");
    let mut count = 0;
    for seed in seeds {
        let input = std::fs::read(seed.expect("a seed").path()).expect("a file");
        let (which, json) = input.split_first().expect("no empty file");
        let checked = all[usize::from(*which) % all.len()].check(json);
        checked.unwrap_or_else(|wrong| panic!("{wrong}"));
        count += 1;
    }
    assert!(count >= all.len());
}
