//! `Json`, `Bytes`, `String` and `Body` as arguments, and the limits of bodies.

use fastweb::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const SECRET: &str = "hunter2";

async fn error_of(server: &Server, request: Inject) -> (u16, String, String) {
    let reply = server.inject(request).await;
    assert!(!reply.text().contains(SECRET), "the value of a client is echoed: {}", reply.text());
    let body: Value = reply.json();
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    (reply.status().as_u16(), text("code"), text("message"))
}

#[tokio::test]
async fn json_of_every_media_type_that_is_json() {
    let server = App::new().post("/", async |Json(value): Json<Value>| Json(value)).build().await.unwrap();
    for media_type in [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=utf-8",
        "APPLICATION/JSON",
        "application/vnd.api+json",
        "application/problem+json; x=y",
    ] {
        let request = Inject::post("/").header("content-type", media_type).body(r#" { "a" : [ 1 ] } "#);
        server.inject(request).await.assert_status(200).assert_text(r#"{"a":[1]}"#);
    }
    for media_type in ["text/plain", "application/xml", "application/jsonp", "json", "multipart/form-data", ""] {
        let (status, code, _) = error_of(&server, Inject::post("/").header("content-type", media_type).body("1")).await;
        assert_eq!((status, &*code), (415, "FW_ERR_UNSUPPORTED_MEDIA_TYPE"), "{media_type:?}");
    }
    let (status, code, message) = error_of(&server, Inject::post("/").body("1")).await;
    assert_eq!((status, &*code), (415, "FW_ERR_UNSUPPORTED_MEDIA_TYPE"));
    assert!(message.contains("no content-type"), "{message}");
    // A media type is a client's value too.
    error_of(&server, Inject::post("/").header("content-type", SECRET).body("1")).await;
}

#[tokio::test]
async fn json_that_is_none() {
    let server = App::new().post("/", async |_: Json<Value>| "x").build().await.unwrap();
    let request = || Inject::post("/").header("content-type", "application/json");
    let (status, code, _) = error_of(&server, request()).await;
    assert_eq!((status, &*code), (400, "FW_ERR_EMPTY_JSON_BODY"));
    let (status, code, _) = error_of(&server, request().body("")).await;
    assert_eq!((status, &*code), (400, "FW_ERR_EMPTY_JSON_BODY"));
    let deep = "[".repeat(100_000);
    for bad in [
        " ",
        "{",
        "hunter2",
        r#"{"hunter2"}"#,
        "[1,]",
        "1 hunter2",
        "\"hunter2",
        "{'a':1}",
        "\u{feff}1",
        "01",
        "NaN",
        &deep,
    ] {
        let (status, code, message) = error_of(&server, request().body(bad)).await;
        assert_eq!((status, &*code), (400, "FW_ERR_INVALID_JSON"), "{}", &bad[..bad.len().min(20)]);
        assert!(message.contains("at line 1 column "), "{message}");
    }
    let (status, code, _) = error_of(&server, request().body(b"\"\xff\"")).await;
    assert_eq!((status, &*code), (400, "FW_ERR_INVALID_JSON"));
}

#[tokio::test]
async fn json_of_another_shape_is_told_without_the_value() {
    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Role {
        Admin,
        User,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct User {
        name: String,
        age: u8,
        role: Option<Role>,
        tags: Option<Vec<String>>,
        nested: Option<Nested>,
        ip: Option<std::net::IpAddr>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nested {}

    let handler = async |Json(user): Json<User>| {
        let role = user.role.map(|role| matches!(role, Role::Admin | Role::User));
        format!("{} {} {role:?}", user.name, user.age)
    };
    let server = App::new().post("/", handler).build().await.unwrap();
    let good = json!({ "name": "Ada", "age": 36, "role": "admin" });
    server.inject(Inject::post("/").json(&good)).await.assert_text("Ada 36 Some(true)");
    for (body, message) in [
        (json!({ "age": 1 }), "body must have required property 'name'"),
        (json!({ "name": "x", "age": SECRET }), "body/age must be integer"),
        (json!({ "name": "x", "age": 300 }), "body/age must be <= 255"),
        (json!({ "name": "x", "age": -1 }), "body/age must be >= 0"),
        (json!({ "name": "x", "age": 1.5 }), "body/age must be integer"),
        (json!({ "name": { SECRET: 1 }, "age": 1 }), "body/name must be string"),
        (json!({ "name": "x", "age": 1, "role": SECRET }), "body/role must be equal to one of the allowed values"),
        (json!({ "name": "x", "age": 1, "role": { SECRET: 1 } }), "body/role must be "),
        (json!({ "name": "x", "age": 1, "tags": SECRET }), "body/tags must be array"),
        (json!({ "name": "x", "age": 1, SECRET: 2 }), "body must "),
        (json!({ "name": "x", "age": 1, "nested": { SECRET: 2 } }), "body"),
        (json!({ "name": "x", "age": 1, "ip": SECRET }), "body/ip "),
        // The value ends like one of serde's own messages.
        (json!({ "name": "x", "age": format!("{SECRET}, expected {SECRET}") }), "body/age must be integer"),
        (json!({ "name": "x", "age": format!("{SECRET} at line 1 column 1") }), "body/age must be integer"),
        (json!({ "name": "x", "age": 1, format!("`{SECRET}`, expected {SECRET}"): 2 }), "body must "),
        (json!([SECRET]), "body"),
        (json!(SECRET), "body must be object"),
    ] {
        let (status, code, text) = error_of(&server, Inject::post("/").json(&body)).await;
        assert_eq!((status, &*code), (400, "FW_ERR_VALIDATION"), "{body}");
        assert!(text.starts_with(message), "{body}: {text}");
    }
}

#[tokio::test]
async fn a_key_that_stands_twice_is_400() {
    #[derive(Deserialize)]
    struct One {
        a: u8,
    }
    let server = App::new().post("/", async |Json(one): Json<One>| one.a.to_string()).build().await.unwrap();
    let request = Inject::post("/").header("content-type", "application/json").body(r#"{"a":1,"a":2}"#);
    assert_eq!(error_of(&server, request).await.0, 400);
}

#[tokio::test]
async fn bytes_and_strings_of_any_media_type() {
    let app = App::new()
        .post("/bytes", async |body: Bytes| body)
        .post("/string", |body: String| body)
        .post("/text", async |body: Text| body);
    let server = app.build().await.unwrap();
    let large = vec![b'x'; 300_000];
    for path in ["/bytes", "/string", "/text"] {
        for body in [&b""[..], b"text", "ä€".as_bytes(), &large] {
            let whole = Inject::post(path).header("content-type", "image/x-own").body(body);
            assert!(server.inject(whole).await.body() == body, "{path} {}", body.len());
            let chunks: Vec<u8> = body
                .chunks(1000)
                .flat_map(|chunk| [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat())
                .chain(*b"0\r\n\r\n")
                .collect();
            let chunked = Inject::post(path).header("transfer-encoding", "chunked").body(chunks);
            assert!(server.inject(chunked).await.body() == body, "{path} {} chunked", body.len());
        }
    }
    server.inject(Inject::post("/bytes").body(b"\xff")).await.assert_status(200);
    let (status, code, message) = error_of(&server, Inject::post("/string").body(b"hunter2\xff")).await;
    assert_eq!((status, &*code), (400, "FW_ERR_INVALID_BODY"));
    assert!(message.starts_with("The body is no UTF-8 text"), "{message}");
}

#[tokio::test]
async fn a_body_streams() {
    async fn count(mut body: Body) -> Result<String> {
        let (mut chunks, mut bytes) = (0, 0);
        while let Some(chunk) = body.chunk().await? {
            assert!(!chunk.is_empty());
            chunks += 1;
            bytes += chunk.len();
        }
        assert_eq!(body.chunk().await?, None, "the end stays the end");
        Ok(format!("{} {bytes}", if chunks > 1 { "some" } else { "one" }))
    }
    let server = App::new()
        .post("/count", count)
        .post("/len", async |body: Body| format!("{:?} {}", body.len(), body.is_empty()))
        .post("/echo", async |body: Body| body)
        .post("/rest", async |mut body: Body| -> Result<Bytes> {
            let first = body.chunk().await?.unwrap_or_default();
            let rest = body.bytes().await?;
            Ok([first, rest].concat().into())
        })
        .build()
        .await
        .unwrap();
    server.inject(Inject::post("/count").body(vec![0; 500_000])).await.assert_text("some 500000");
    server.inject(Inject::post("/count").body("x")).await.assert_text("one 1");
    server.inject(Inject::post("/len").body("12345")).await.assert_text("Some(5) false");
    server.inject(Inject::post("/len").body(vec![0; 500_000])).await.assert_text("Some(500000) false");
    server.inject(Inject::post("/len")).await.assert_text("Some(0) true");
    server
        .inject(Inject::post("/len").header("transfer-encoding", "chunked").body("0\r\n\r\n"))
        .await
        .assert_text("None false");
    let body: Vec<u8> = (0..500_000_u32).map(|n| n as u8).collect();
    for path in ["/echo", "/rest"] {
        assert!(server.inject(Inject::post(path).body(body.clone())).await.body() == body, "{path}");
    }
    server.inject(Inject::post("/echo").body("x")).await.assert_header("content-length", "1").assert_text("x");
    server.inject(Inject::post("/echo")).await.assert_text("");
}

#[tokio::test]
async fn limits_of_bodies() {
    let count = async |body: Bytes| body.len().to_string();
    let server = App::new()
        .body_limit(100)
        .post("/app", count)
        .route(post("/route", count).body_limit(200))
        .route(post("/none", count).body_limit(0))
        .route(post("/endless", count).body_limit(u64::MAX))
        .route(
            post("/stream", async |mut body: Body| body.bytes().await.map(|body| body.len().to_string()))
                .body_limit(200),
        )
        .route(
            post("/request", async |req: &mut Request| req.bytes().await.map(|body| body.len().to_string()))
                .body_limit(200),
        )
        .post("/unread", "the handler does not read it")
        .build()
        .await
        .unwrap();
    let chunked = |path: &str, len: usize| {
        let body = format!("{len:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(len));
        Inject::post(path).header("transfer-encoding", "chunked").body(body)
    };
    for (path, limit) in
        [("/app", 100), ("/route", 200), ("/stream", 200), ("/request", 200), ("/missing", 100), ("/unread", 100)]
    {
        let within = if path == "/missing" { 404 } else { 200 };
        server.inject(Inject::post(path).body(vec![b'x'; limit])).await.assert_status(within);
        server.inject(chunked(path, limit)).await.assert_status(within);
        let announced = error_of(&server, Inject::post(path).body(vec![b'x'; limit + 1])).await;
        let message = format!("The request body is larger than {limit} bytes");
        assert_eq!(announced, (413, "FW_ERR_BODY_TOO_LARGE".into(), message), "{path}");
        // Nobody reads it there: it does not matter how long it is.
        if path != "/missing" && path != "/unread" {
            assert_eq!(error_of(&server, chunked(path, limit + 1)).await, announced, "{path}");
        }
    }
    server.inject(Inject::post("/none")).await.assert_text("0");
    server.inject(Inject::post("/none").body("x")).await.assert_status(413);
    server.inject(Inject::post("/endless").body(vec![b'x'; 3_000_000])).await.assert_text("3000000");
}

#[tokio::test]
async fn the_default_limit_is_one_mebibyte() {
    let server = App::new().post("/", async |body: Bytes| body.len().to_string()).build().await.unwrap();
    server.inject(Inject::post("/").body(vec![0; 1 << 20])).await.assert_text("1048576");
    server.inject(Inject::post("/").body(vec![0; (1 << 20) + 1])).await.assert_status(413);
}

#[tokio::test]
async fn json_through_the_request() {
    #[derive(Serialize, Deserialize)]
    struct Point {
        x: i32,
    }
    let handler = async |req: &mut Request| -> Result<Json<i32>> {
        let first: Point = req.json().await?;
        // It stays readable.
        let again: Point = req.json().await?;
        Ok(Json(first.x + again.x))
    };
    let server = App::new().post("/", handler).build().await.unwrap();
    server.inject(Inject::post("/").json(&Point { x: 2 })).await.assert_text("4");
    server.inject(Inject::post("/").body(r#"{"x":3}"#)).await.assert_text("6");
    let (status, code, _) = error_of(&server, Inject::post("/").body(r#"{"x":"hunter2"}"#)).await;
    assert_eq!((status, &*code), (400, "FW_ERR_VALIDATION"));
}
