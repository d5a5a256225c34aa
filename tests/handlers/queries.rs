//! `Query`: the pairs behind the `?`, typed.

use std::collections::{BTreeMap, HashMap};

use fastweb::prelude::*;
use serde::Deserialize;
use serde_json::Value;

/// A server with one route that answers with what `T` is made of.
async fn server_for<T: serde::de::DeserializeOwned + std::fmt::Debug + 'static>() -> Server {
    App::new().get("/", |Query(query): Query<T>| format!("{query:?}")).build().await.unwrap()
}

async fn answer(server: &Server, query: &str) -> (u16, String) {
    let reply = server.inject(Inject::get(format!("/?{query}"))).await;
    let status = reply.status().as_u16();
    if status == 200 {
        return (status, reply.text().to_owned());
    }
    let body: Value = reply.json();
    (status, body["message"].as_str().unwrap().to_owned())
}

async fn assert_answers<T: serde::de::DeserializeOwned + std::fmt::Debug + 'static>(cases: &[(&str, u16, &str)]) {
    let server = server_for::<T>().await;
    for &(query, status, expected) in cases {
        assert_eq!(answer(&server, query).await, (status, expected.to_owned()), "?{query}");
    }
}

#[tokio::test]
async fn required_optional_and_default() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct S {
        q: String,
        limit: Option<u32>,
        #[serde(default)]
        page: u32,
        #[serde(default = "ten")]
        size: u32,
    }
    fn ten() -> u32 {
        10
    }
    assert_answers::<S>(&[
        ("q=a", 200, r#"S { q: "a", limit: None, page: 0, size: 10 }"#),
        ("q=a&limit=1&page=2&size=3", 200, r#"S { q: "a", limit: Some(1), page: 2, size: 3 }"#),
        ("size=3&q=a", 200, r#"S { q: "a", limit: None, page: 0, size: 3 }"#),
        ("q=", 200, r#"S { q: "", limit: None, page: 0, size: 10 }"#),
        ("q", 200, r#"S { q: "", limit: None, page: 0, size: 10 }"#),
        // Pairs of nothing are none.
        ("&&q=a&", 200, r#"S { q: "a", limit: None, page: 0, size: 10 }"#),
        // Unknown keys are not looked at, not even at their escapes.
        ("q=a&unknown=1&unknown=2&=x&%41=%zz", 200, r#"S { q: "a", limit: None, page: 0, size: 10 }"#),
        ("", 400, "querystring must have required property 'q'"),
        ("Q=a", 400, "querystring must have required property 'q'"),
        ("q=a&limit=", 400, "querystring/limit must be integer"),
        ("q=a&limit=ten", 400, "querystring/limit must be integer"),
        ("q=a&page=ten", 400, "querystring/page must be integer"),
    ])
    .await;
    let server = server_for::<S>().await;
    let reply = server.inject(Inject::get("/")).await;
    reply.assert_status(400).assert_text(concat!(
        r#"{"statusCode":400,"code":"FW_ERR_VALIDATION","error":"Bad Request","#,
        r#""message":"querystring must have required property 'q'","#,
        r#""details":[{"in":"querystring","pointer":"","keyword":"required","message":"must have required property 'q'"}]}"#
    ));
}

#[tokio::test]
async fn escapes_and_blanks() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct S {
        a: String,
        #[serde(default)]
        b: Text,
    }
    assert_answers::<S>(&[
        ("a=x+y%2Bz%26%3D", 200, r#"S { a: "x y+z&=", b: "" }"#),
        ("%61=1&%62=2", 200, r#"S { a: "1", b: "2" }"#),
        ("a=b=c&b=d=", 200, r#"S { a: "b=c", b: "d=" }"#),
        ("a=%C3%A4&b=%E2%82%AC", 200, r#"S { a: "ä", b: "€" }"#),
        ("a=x?y/z", 200, r#"S { a: "x?y/z", b: "" }"#),
        ("a=%zz", 400, "querystring/a has a malformed percent-escape"),
        ("a=1&b=%", 400, "querystring/b has a malformed percent-escape"),
        ("a=%ff", 400, "querystring/a has a malformed percent-escape"),
    ])
    .await;
    let reply = server_for::<S>().await.inject(Inject::get("/?a=%zz")).await;
    assert_eq!(reply.json::<Value>()["code"], "FW_ERR_BAD_URL");
}

#[tokio::test]
async fn repeated_keys() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct S {
        #[serde(default)]
        id: Vec<u32>,
        tag: Option<Vec<Text>>,
        one: Option<u32>,
        pair: Option<(u8, u8)>,
    }
    assert_answers::<S>(&[
        ("", 200, "S { id: [], tag: None, one: None, pair: None }"),
        ("id=1", 200, "S { id: [1], tag: None, one: None, pair: None }"),
        ("id=1&id=2&id=1", 200, "S { id: [1, 2, 1], tag: None, one: None, pair: None }"),
        // In the order of the query, whatever stands between, and however the key is escaped.
        (
            "id=3&tag=a&%69d=2&one=1&tag=b&id=1",
            200,
            r#"S { id: [3, 2, 1], tag: Some(["a", "b"]), one: Some(1), pair: None }"#,
        ),
        ("pair=1&pair=2", 200, "S { id: [], tag: None, one: None, pair: Some((1, 2)) }"),
        ("one=1&one=2", 400, "querystring/one must be a single value"),
        ("one=1&one=1", 400, "querystring/one must be a single value"),
        ("id=1&id=x", 400, "querystring/id must be integer"),
    ])
    .await;
}

#[tokio::test]
async fn unknown_keys_are_refused_where_the_type_says_so() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct S {
        a: Option<u8>,
    }
    assert_answers::<S>(&[
        ("a=1", 200, "S { a: Some(1) }"),
        ("", 200, "S { a: None }"),
        ("a=1&secret=2", 400, "querystring must NOT have additional properties"),
    ])
    .await;
}

#[tokio::test]
async fn enums_and_booleans() {
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Sort {
        Newest,
        Oldest,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct S {
        sort: Option<Sort>,
        #[serde(default)]
        sorts: Vec<Sort>,
        on: Option<bool>,
    }
    assert_answers::<S>(&[
        ("sort=newest&on=true", 200, "S { sort: Some(Newest), sorts: [], on: Some(true) }"),
        ("sorts=oldest&sorts=newest&on=false", 200, "S { sort: None, sorts: [Oldest, Newest], on: Some(false) }"),
        ("sort=secret", 400, "querystring/sort must be equal to one of the allowed values"),
        ("sort=", 400, "querystring/sort must be equal to one of the allowed values"),
        ("on=1", 400, "querystring/on must be boolean"),
        ("on=True", 400, "querystring/on must be boolean"),
        ("on=", 400, "querystring/on must be boolean"),
        ("on", 400, "querystring/on must be boolean"),
    ])
    .await;
}

#[tokio::test]
async fn numbers() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct S {
        u: Option<u8>,
        i: Option<i32>,
        big: Option<u64>,
        f: Option<f32>,
    }
    assert_answers::<S>(&[
        ("i=-5", 200, "S { u: None, i: Some(-5), big: None, f: None }"),
        ("i=-2147483648", 200, "S { u: None, i: Some(-2147483648), big: None, f: None }"),
        ("f=-1.5", 200, "S { u: None, i: None, big: None, f: Some(-1.5) }"),
        ("u=256", 400, "querystring/u must be <= 255"),
        ("u=-1", 400, "querystring/u must be >= 0"),
        ("i=-2147483649", 400, "querystring/i must be >= -2147483648"),
        ("i=2147483648", 400, "querystring/i must be <= 2147483647"),
        ("big=18446744073709551616", 400, "querystring/big must be <= 18446744073709551615"),
        ("big=999999999999999999999999999999999999999999", 400, "querystring/big must be <= 18446744073709551615"),
        ("big=-999999999999999999999999999999999999999999", 400, "querystring/big must be >= 0"),
        ("i=+5", 400, "querystring/i must be integer"),
        ("i=%2B5", 400, "querystring/i must be integer"),
        ("i=--5", 400, "querystring/i must be integer"),
        ("i=5.0", 400, "querystring/i must be integer"),
        ("f=infinity", 400, "querystring/f must be number"),
        // Finite as an f64, and not as what the type asks for.
        ("f=1e300", 400, "querystring/f must be number"),
    ])
    .await;
}

#[tokio::test]
async fn maps_and_lists() {
    assert_answers::<BTreeMap<String, String>>(&[
        ("b=2&a=1", 200, r#"{"a": "1", "b": "2"}"#),
        ("", 200, "{}"),
        ("a=1&a=2", 400, "querystring/a must be a single value"),
    ])
    .await;
    assert_answers::<BTreeMap<Text, Vec<u8>>>(&[("a=1&b=2&a=3", 200, r#"{"a": [1, 3], "b": [2]}"#)]).await;
    assert_answers::<Vec<(String, String)>>(&[
        ("b=2&a=1&b=3&c", 200, r#"[("b", "2"), ("a", "1"), ("b", "3"), ("c", "")]"#),
        ("", 200, "[]"),
        ("%zz=1", 400, "querystring has a malformed percent-escape"),
    ])
    .await;
    assert_answers::<Option<HashMap<String, String>>>(&[("", 200, "None"), ("a=1", 200, r#"Some({"a": "1"})"#)]).await;
}

#[tokio::test]
async fn at_most_512_pairs() {
    let server = server_for::<HashMap<String, Text>>().await;
    let query = |n: usize| (0..n).map(|i| format!("k{i}=1")).collect::<Vec<_>>().join("&");
    assert_eq!(answer(&server, &query(512)).await.0, 200);
    let (status, message) = answer(&server, &query(513)).await;
    assert_eq!(status, 400);
    assert!(message.contains("more than 512 values"), "{message}");

    // The same key as often as is allowed, and keys that have to be decoded to be compared: the worst that is allowed ends soon.
    let worst = (0..512).map(|i| format!("%6{}{}=", i % 10, "x".repeat(i % 7))).collect::<Vec<_>>().join("&");
    let begin = std::time::Instant::now();
    let _ = answer(&server, &worst).await;
    assert!(begin.elapsed().as_secs() < 2, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn without_a_question_mark() {
    let server = server_for::<Vec<(String, String)>>().await;
    server.inject(Inject::get("/")).await.assert_status(200).assert_text("[]");
    server.inject(Inject::get("/?")).await.assert_status(200).assert_text("[]");
}
