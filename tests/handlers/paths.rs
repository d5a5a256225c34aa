//! `Path`: the parameters of a route, decoded and typed.

use std::collections::{BTreeMap, HashMap};

use fastweb::prelude::*;
use serde::Deserialize;
use serde_json::Value;

async fn message(server: &Server, path: &str) -> String {
    let reply = server.inject(Inject::get(path)).await;
    reply.assert_status(400);
    let body: Value = reply.json();
    body["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn one_value_of_any_type() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Id(u64);
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Sort {
        Newest,
        MostLiked,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Named(Id);

    let app = App::new()
        .get("/u8/{v}", |Path(v): Path<u8>| format!("{v:?}"))
        .get("/u64/{v}", |Path(v): Path<u64>| format!("{v:?}"))
        .get("/i64/{v}", |Path(v): Path<i64>| format!("{v:?}"))
        .get("/i128/{v}", |Path(v): Path<i128>| format!("{v:?}"))
        .get("/u128/{v}", |Path(v): Path<u128>| format!("{v:?}"))
        .get("/usize/{v}", |Path(v): Path<usize>| format!("{v:?}"))
        .get("/f64/{v}", |Path(v): Path<f64>| format!("{v:?}"))
        .get("/bool/{v}", |Path(v): Path<bool>| format!("{v:?}"))
        .get("/char/{v}", |Path(v): Path<char>| format!("{v:?}"))
        .get("/string/{v}", |Path(v): Path<String>| format!("{v:?}"))
        .get("/text/{v}", |Path(v): Path<Text>| format!("{v:?}"))
        .get("/boxed/{v}", |Path(v): Path<Box<str>>| format!("{v:?}"))
        .get("/option/{v}", |Path(v): Path<Option<u8>>| format!("{v:?}"))
        .get("/newtype/{v}", |Path(v): Path<Id>| format!("{v:?}"))
        .get("/nested/{v}", |Path(v): Path<Named>| format!("{v:?}"))
        .get("/enum/{v}", |Path(v): Path<Sort>| format!("{v:?}"))
        .get("/one-tuple/{v}", |Path(v): Path<(u8,)>| format!("{v:?}"))
        .get("/ip/{v}", |Path(v): Path<std::net::IpAddr>| format!("{v:?}"));
    let server = app.build().await.unwrap();
    for (path, expected) in [
        ("/u8/255", "255"),
        ("/u8/007", "7"),
        ("/u8/-0", "0"),
        ("/i64/-0", "0"),
        ("/u64/18446744073709551615", "18446744073709551615"),
        ("/i64/-9223372036854775808", "-9223372036854775808"),
        ("/i128/-170141183460469231731687303715884105728", "-170141183460469231731687303715884105728"),
        ("/u128/340282366920938463463374607431768211455", "340282366920938463463374607431768211455"),
        ("/usize/0", "0"),
        ("/f64/-1.5e3", "-1500.0"),
        ("/bool/true", "true"),
        ("/char/%C3%A4", "'ä'"),
        ("/string/a%20b", "\"a b\""),
        ("/text/a%20b", "\"a b\""),
        ("/text/plain", "\"plain\""),
        ("/boxed/x", "\"x\""),
        ("/option/7", "Some(7)"),
        ("/newtype/7", "Id(7)"),
        ("/nested/7", "Named(Id(7))"),
        ("/enum/most-liked", "MostLiked"),
        ("/enum/%6eewest", "Newest"),
        ("/one-tuple/7", "(7,)"),
        ("/ip/::1", "::1"),
    ] {
        let reply = server.inject(Inject::get(path)).await;
        assert_eq!((reply.status().as_u16(), reply.text()), (200, expected), "{path}");
    }
}

#[tokio::test]
async fn tuples_structs_and_maps() {
    #[derive(Deserialize)]
    struct Blob {
        line: u32,
        repo: String,
        #[serde(default)]
        other: u8,
    }
    #[derive(Deserialize)]
    struct Pair(String, u32);

    let app = App::new()
        .get("/tuple/{repo}/{line}", |Path((repo, line)): Path<(String, u32)>| format!("{repo} {line}"))
        .get("/struct/{repo}/{line}", |Path(b): Path<Blob>| {
            format!("{} {}{}", b.repo, b.line, "!".repeat(b.other.into()))
        })
        .get("/tuple-struct/{repo}/{line}", |Path(Pair(repo, line)): Path<Pair>| format!("{repo} {line}"))
        .get("/map/{repo}/{line}", |Path(map): Path<BTreeMap<String, String>>| {
            format!("{} {}", map["repo"], map["line"])
        })
        .get("/text-map/{repo}/{line}", |Path(map): Path<HashMap<Text, Text>>| {
            format!("{} {}", map["repo"], map["line"])
        })
        .get("/list/{repo}/{line}", |Path(list): Path<Vec<Text>>| format!("{} {}", list[0], list[1]));
    let server = app.build().await.unwrap();
    for kind in ["tuple", "struct", "tuple-struct", "map", "text-map", "list"] {
        let reply = server.inject(Inject::get(format!("/{kind}/a%2Fb/12"))).await;
        reply.assert_status(200).assert_text("a/b 12");
    }
}

#[tokio::test]
async fn values_are_decoded_each_for_itself() {
    let server = App::new()
        .get("/{a}/{b}", |Path((a, b)): Path<(String, Text)>| format!("{a:?} {b:?}"))
        .get("/files/all/{*rest}", |Path(rest): Path<Text>| format!("{rest:?}"))
        .build()
        .await
        .unwrap();
    for (path, expected) in [
        ("/a%2Fb/c%252Fd", r#""a/b" "c%2Fd""#),
        ("/a+b/%2B", r#""a+b" "+""#),
        ("/%C3%A4/%e2%82%ac", r#""ä" "€""#),
        ("/%00/%0d%0a", r#""\0" "\r\n""#),
        ("/files/all/a%2Fb/c", r#""a/b/c""#),
    ] {
        server.inject(Inject::get(path)).await.assert_status(200).assert_text(expected);
    }
}

#[tokio::test]
async fn malformed_escapes_are_400() {
    let server = App::new()
        .get("/text/{v}", |_: Path<Text>| ())
        .get("/string/{v}", |_: Path<String>| ())
        .get("/number/{v}", |_: Path<u64>| ())
        .get("/map/{v}", |_: Path<HashMap<String, String>>| ())
        .build()
        .await
        .unwrap();
    for kind in ["text", "string", "number", "map"] {
        for bad in ["%", "a%4", "%zz", "%E0%A4%A", "%ff", "%+1", "%c0%af"] {
            let reply = server.inject(Inject::get(format!("/{kind}/{bad}"))).await;
            reply.assert_status(400);
            let body: Value = reply.json();
            assert_eq!(body["code"], "FW_ERR_BAD_URL", "{kind} {bad}");
            assert_eq!(body["message"], "The path has a percent-escape that is malformed or no UTF-8", "{kind} {bad}");
        }
    }
}

#[tokio::test]
async fn what_is_not_of_the_type_is_told_without_the_value() {
    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Sort {
        Newest,
        Oldest,
    }
    let server = App::new()
        .get("/u8/{v}", |_: Path<u8>| ())
        .get("/i8/{v}", |_: Path<i8>| ())
        .get("/u64/{v}", |_: Path<u64>| ())
        .get("/i128/{v}", |_: Path<i128>| ())
        .get("/u128/{v}", |_: Path<u128>| ())
        .get("/f64/{v}", |_: Path<f64>| ())
        .get("/bool/{v}", |_: Path<bool>| ())
        .get("/char/{v}", |_: Path<char>| ())
        .get("/enum/{v}", |Path(sort): Path<Sort>| u8::from(matches!(sort, Sort::Newest | Sort::Oldest)).to_string())
        .get("/tuple/{a}/{v}", |_: Path<(String, u8)>| ())
        .build()
        .await
        .unwrap();
    for (path, expected) in [
        ("/u8/secret", "must be integer"),
        ("/u8/1.5", "must be integer"),
        ("/u8/+5", "must be integer"),
        ("/u8/-", "must be integer"),
        ("/u8/0x1", "must be integer"),
        ("/u8/%20", "must be integer"),
        ("/u8/%D9%A3", "must be integer"),
        ("/u8/256", "must be <= 255"),
        ("/u8/-1", "must be >= 0"),
        ("/i8/128", "must be <= 127"),
        ("/i8/-129", "must be >= -128"),
        ("/u64/18446744073709551616", "must be <= 18446744073709551615"),
        ("/u8/99999999999999999999999999999999999999999999999999", "must be <= 255"),
        ("/i8/-99999999999999999999999999999999999999999999999999", "must be >= -128"),
        (
            "/i128/99999999999999999999999999999999999999999999999999",
            "must be <= 170141183460469231731687303715884105727",
        ),
        (
            "/u128/99999999999999999999999999999999999999999999999999",
            "must be <= 340282366920938463463374607431768211455",
        ),
        ("/u128/-1", "must be >= 0"),
        ("/u128/secret", "must be integer"),
        ("/f64/secret", "must be number"),
        ("/f64/NaN", "must be number"),
        ("/f64/inf", "must be number"),
        ("/f64/1e999", "must be number"),
        ("/f64/+1", "must be number"),
        ("/bool/1", "must be boolean"),
        ("/bool/TRUE", "must be boolean"),
        ("/char/secret", "must be a character"),
        ("/enum/secret", "must be equal to one of the allowed values"),
        ("/tuple/secret/secret", "must be integer"),
    ] {
        let message = message(&server, path).await;
        assert_eq!(message, format!("params/v {expected}"), "{path}");
    }
    let reply = server.inject(Inject::get("/u8/secret")).await;
    reply.assert_text(concat!(
        r#"{"statusCode":400,"code":"FW_ERR_VALIDATION","error":"Bad Request","message":"params/v must be integer","#,
        r#""details":[{"in":"params","pointer":"/v","keyword":"type","message":"must be integer"}]}"#
    ));
}

#[tokio::test]
async fn what_a_struct_misses_is_told() {
    #[derive(Deserialize)]
    struct Blob {
        #[serde(rename = "file")]
        _file: String,
    }
    let server = App::new().get("/{repo}/{line}", |_: Path<Blob>| ()).build().await.unwrap();
    assert_eq!(message(&server, "/a/1").await, "params must have required property 'file'");
}

#[tokio::test]
async fn the_request_gives_params_too() {
    let handler = |req: &mut Request| format!("{:?} {:?} {:?}", req.param("a"), req.param("b"), req.param("c"));
    let server = App::new().get("/{a}/{b}", handler).build().await.unwrap();
    server.inject(Inject::get("/x%20y/%25zz")).await.assert_text(r#"Some("x y") Some("%zz") None"#);
}
