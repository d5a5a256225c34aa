//! Every answer that a handler may return.

use std::borrow::Cow;

use fastweb::prelude::*;
use fastweb::{HeaderMap, HeaderValue};
use serde::Serialize;

const TEXT: Option<&str> = Some("text/plain; charset=utf-8");
const OCTETS: Option<&str> = Some("application/octet-stream");
const JSON: Option<&str> = Some("application/json; charset=utf-8");

async fn assert_answers(app: App, cases: &[(&str, u16, Option<&str>, &str)]) {
    let server = app.build().await.unwrap();
    for &(path, status, content_type, text) in cases {
        let reply = server.inject(Inject::get(path)).await;
        assert_eq!(
            (reply.status().as_u16(), reply.header("content-type"), reply.text()),
            (status, content_type, text),
            "{path}"
        );
        if reply.status() != 204 {
            reply.assert_header("content-length", &text.len().to_string());
        }
    }
}

#[tokio::test]
async fn text_bytes_and_values() {
    let app = App::new()
        .get("/str", async || "text")
        .get("/string", async || String::from("ä"))
        .get("/cow-borrowed", || Cow::Borrowed("text"))
        .get("/cow-owned", || Cow::<'static, str>::Owned("text".into()))
        .get("/text/{t}", |Path(text): Path<Text>| text)
        .get("/bytes", || Bytes::from_static(b"text"))
        .get("/vec", || b"text".to_vec())
        .get("/slice", || -> &'static [u8] { b"text" })
        .get("/json", || Json([1.5, 2.0]))
        .get("/json-str", || Json("quote \" and \u{1}"))
        .get("/json-unit", || Json(()))
        .get("/raw", || Json::raw("{}"))
        .get("/status", || StatusCode::IM_A_TEAPOT)
        .get("/unit", || ())
        .get("/no-content", || NoContent)
        .get("/body", || Body::from("text"))
        .get("/empty-body", Body::empty)
        .get("/empty-str", || "")
        .get("/reply", Reply::new);
    let cases = [
        ("/str", 200, TEXT, "text"),
        ("/string", 200, TEXT, "ä"),
        ("/cow-borrowed", 200, TEXT, "text"),
        ("/cow-owned", 200, TEXT, "text"),
        ("/text/text", 200, TEXT, "text"),
        ("/text/t%65xt", 200, TEXT, "text"),
        ("/bytes", 200, OCTETS, "text"),
        ("/vec", 200, OCTETS, "text"),
        ("/slice", 200, OCTETS, "text"),
        ("/json", 200, JSON, "[1.5,2.0]"),
        ("/json-str", 200, JSON, r#""quote \" and \u0001""#),
        ("/json-unit", 200, JSON, "null"),
        ("/raw", 200, JSON, "{}"),
        ("/status", 418, None, ""),
        ("/unit", 200, None, ""),
        ("/no-content", 204, None, ""),
        ("/body", 200, None, "text"),
        ("/empty-body", 200, None, ""),
        ("/empty-str", 200, TEXT, ""),
        ("/reply", 200, None, ""),
    ];
    assert_answers(app, &cases).await;
}

#[tokio::test]
async fn tuples() {
    let map = || {
        let mut map = HeaderMap::new();
        map.append("x-a", HeaderValue::from_static("1"));
        map.append("x-a", HeaderValue::from_static("2"));
        map
    };
    let app = App::new()
        .get("/status", || (StatusCode::CREATED, "text"))
        .get("/headers", || ([("x-a", "1"), ("x-a", "2")], "text"))
        .get("/both", || (StatusCode::CREATED, [("x-a", "1")], Json(1)))
        .get("/vec", || (vec![("x-a".to_owned(), "1".to_owned())], "text"))
        .get("/map", move || (map(), "text"))
        .get("/map-status", move || (StatusCode::ACCEPTED, map(), ()))
        .get("/nested", || (StatusCode::CREATED, (StatusCode::ACCEPTED, [("x-a", "1")], ([("x-b", "2")], "text"))))
        .get("/type", || ([("content-type", "text/x-own")], "text"))
        .get("/json-type", || ([("Content-Type", "application/ld+json")], Json(1)))
        .get("/cookies", || ([("set-cookie", "a=1"), ("set-cookie", "b=2")], "text"))
        .get("/result", || (StatusCode::CREATED, Ok::<_, Error>("text")))
        .get("/result-error", || (StatusCode::CREATED, [("x-a", "1")], Err::<&str, _>(Error::conflict("no"))));
    let cases = [
        ("/status", 201, TEXT, "text"),
        ("/headers", 200, TEXT, "text"),
        ("/both", 201, JSON, "1"),
        ("/vec", 200, TEXT, "text"),
        ("/map", 200, TEXT, "text"),
        ("/map-status", 202, None, ""),
        ("/nested", 201, TEXT, "text"),
        ("/type", 200, Some("text/x-own"), "text"),
        ("/json-type", 200, Some("application/ld+json"), "1"),
        ("/cookies", 200, TEXT, "text"),
        ("/result", 201, TEXT, "text"),
        ("/result-error", 409, JSON, r#"{"statusCode":409,"error":"Conflict","message":"no"}"#),
    ];
    assert_answers(app, &cases).await;
}

#[tokio::test]
async fn headers_in_tuples() {
    let app = App::new()
        .get("/array", || ([("x-a", "1"), ("X-A", "2"), ("x-b", "3")], "text"))
        .get("/map", || {
            let mut map = HeaderMap::new();
            map.append("x-a", HeaderValue::from_static("1"));
            map.append("x-a", HeaderValue::from_static("2"));
            (map, "text")
        })
        .get("/cookies", || ([("set-cookie", "a=1"), ("set-cookie", "b=2")], "text"));
    let server = app.build().await.unwrap();
    let of = |reply: &fastweb::InjectReply, name: &str| -> Vec<String> {
        reply.headers().filter(|(n, _)| *n == name).map(|(_, value)| value.to_owned()).collect()
    };
    // Setting replaces, but a map may have many of a name, and cookies are always many.
    let reply = server.inject(Inject::get("/array")).await;
    assert_eq!((of(&reply, "x-a"), of(&reply, "x-b")), (vec!["2".to_owned()], vec!["3".to_owned()]));
    assert_eq!(of(&server.inject(Inject::get("/map")).await, "x-a"), ["1", "2"]);
    assert_eq!(of(&server.inject(Inject::get("/cookies")).await, "set-cookie"), ["a=1", "b=2"]);
}

#[tokio::test]
async fn options_results_and_errors() {
    #[derive(Debug)]
    struct Taken;
    impl std::fmt::Display for Taken {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("taken")
        }
    }
    impl std::error::Error for Taken {}
    impl HttpError for Taken {
        fn status(&self) -> StatusCode {
            StatusCode::CONFLICT
        }
    }
    let app = App::new()
        .get("/some", || Some("text"))
        .get("/none", || None::<Json<u8>>)
        .get("/ok", || Ok::<_, Taken>(Json(1)))
        .get("/err", || Err::<Json<u8>, _>(Taken))
        .get("/error", || Error::forbidden("no"))
        .get("/ok-none", || Ok::<_, Error>(None::<&str>))
        .get("/unit", || Ok::<(), Error>(()));
    let cases = [
        ("/some", 200, TEXT, "text"),
        ("/none", 404, JSON, r#"{"statusCode":404,"error":"Not Found","message":"Not Found"}"#),
        ("/ok", 200, JSON, "1"),
        ("/err", 409, JSON, r#"{"statusCode":409,"error":"Conflict","message":"taken"}"#),
        ("/error", 403, JSON, r#"{"statusCode":403,"error":"Forbidden","message":"no"}"#),
        ("/ok-none", 404, JSON, r#"{"statusCode":404,"error":"Not Found","message":"Not Found"}"#),
        ("/unit", 200, None, ""),
    ];
    assert_answers(app, &cases).await;
}

#[tokio::test]
async fn streams() {
    use tokio::io::AsyncReadExt;
    let app = App::new()
        .get("/known", || Body::from_reader(tokio::io::repeat(b'x').take(100_000), 100_000))
        .get("/unknown", || Body::from_reader(tokio::io::repeat(b'x').take(100_000), None))
        .get("/longer", || Body::from_reader(tokio::io::repeat(b'x'), 100_000))
        .get("/shorter", || Body::from_reader(tokio::io::repeat(b'x').take(50_000), 100_000))
        .get("/nothing", || Body::from_reader(tokio::io::empty(), None))
        .get("/typed", || Reply::new().with_body(Body::from_reader(&b"a,b"[..], None)).with_content_type("text/csv"));
    let server = app.build().await.unwrap();
    let reply = server.inject(Inject::get("/known")).await;
    reply.assert_header("content-length", "100000");
    assert_eq!((reply.body().len(), reply.is_broken()), (100_000, false));
    let reply = server.inject(Inject::get("/unknown")).await;
    reply.assert_header("transfer-encoding", "chunked");
    assert_eq!((reply.header("content-length"), reply.body().len(), reply.is_broken()), (None, 100_000, false));
    let reply = server.inject(Inject::get("/longer")).await;
    assert_eq!((reply.body().len(), reply.is_broken()), (100_000, false));
    let reply = server.inject(Inject::get("/shorter")).await;
    assert_eq!((reply.body().len(), reply.is_broken()), (50_000, true));
    let reply = server.inject(Inject::get("/nothing")).await;
    assert_eq!((reply.text(), reply.is_broken()), ("", false));
    server.inject(Inject::get("/typed")).await.assert_header("content-type", "text/csv").assert_text("a,b");
}

#[tokio::test]
async fn what_cannot_be_serialised_is_500() {
    struct Never;
    impl Serialize for Never {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("it holds a secret"))
        }
    }
    // Half of it is written when the fault is found.
    let half = || Json((vec!["written"; 100], Never));
    let server = App::new().get("/", half).get("/reply", || Reply::json(&Never)).build().await.unwrap();
    for path in ["/", "/reply"] {
        let reply = server.inject(Inject::get(path)).await;
        let text = r#"{"statusCode":500,"code":"FW_ERR_INTERNAL","error":"Internal Server Error","message":"Internal Server Error"}"#;
        reply.assert_status(500).assert_text(text);
    }
}

#[tokio::test]
async fn the_builder_of_replies() {
    let app = App::new()
        .get("/text", || Reply::text("text").with_status(201).with_header("x-a", "1").with_header("x-a", "2"))
        .get("/json", || Reply::json(&[1]).map(|reply| reply.with_status(StatusCode::ACCEPTED)))
        .get("/body", || Reply::new().with_body(vec![b'x'; 3]).with_content_type("text/x-own"))
        .get("/from", || Reply::from((StatusCode::CREATED, Json(1))).map(|reply| reply.with_header("x-b", "1")))
        .get("/appended", |_: &mut Request, reply: &mut Reply| {
            reply.append_header("x-a", "1").append_header("X-A", "2").append_header("x-c", "3").remove_header("x-c");
            reply.send("text")
        })
        .get("/send", |_: &mut Request, reply: &mut Reply| {
            reply.set_content_type("text/csv");
            reply.send("a,b")
        })
        .get("/send-twice", |_: &mut Request, reply: &mut Reply| {
            reply.send("first")?;
            reply.send(Json("second"))
        });
    let cases = [
        ("/text", 201, TEXT, "text"),
        ("/json", 202, JSON, "[1]"),
        ("/body", 200, Some("text/x-own"), "xxx"),
        ("/from", 201, JSON, "1"),
        ("/appended", 200, TEXT, "text"),
        ("/send", 200, Some("text/csv"), "a,b"),
        ("/send-twice", 200, JSON, "\"second\""),
    ];
    assert_answers(app, &cases).await;
}

#[tokio::test]
async fn a_status_out_of_range_is_500() {
    for status in [0_u16, 99, 100, 199, 600, 999, 1000] {
        let server = App::new().get("/", move || Reply::text("x").with_status(status)).build().await.unwrap();
        server.inject(Inject::get("/")).await.assert_status(500);
    }
    for status in [200_u16, 299, 304, 418, 599] {
        let server = App::new().get("/", move || Reply::new().with_status(status)).build().await.unwrap();
        server.inject(Inject::get("/")).await.assert_status(status);
    }
}

#[tokio::test]
async fn answers_without_a_body_have_none() {
    let app = App::new()
        .get("/204", || (StatusCode::NO_CONTENT, "text"))
        .get("/304", || (StatusCode::NOT_MODIFIED, [("etag", "\"1\"")], "text"));
    let server = app.build().await.unwrap();
    for path in ["/204", "/304"] {
        let reply = server.inject(Inject::get(path)).await;
        reply.assert_text("");
        assert_eq!((reply.header("content-length"), reply.header("transfer-encoding")), (None, None));
    }
}
