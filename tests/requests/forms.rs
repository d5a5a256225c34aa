//! Forms, and content-type parsers of text.

use std::collections::HashMap;

use fastweb::prelude::*;
use fastweb::{Form, limited};
use proptest::prelude::*;
use serde::Deserialize;

fn form(path: &str, body: impl Into<Vec<u8>>) -> Inject {
    Inject::post(path).header("content-type", "application/x-www-form-urlencoded").body(body)
}

#[derive(Debug, Deserialize)]
struct Order {
    item: Text,
    #[serde(default)]
    count: u8,
    #[serde(default)]
    tags: Vec<String>,
}

async fn order(Form(order): Form<Order>) -> String {
    format!("{} × {} {:?}", order.item, order.count, order.tags)
}

#[tokio::test]
async fn forms_are_read_by_the_rules_of_queries() {
    let server = App::new().post("/orders", order).get("/orders", show).build().await.unwrap();
    async fn show(Query(order): Query<Order>) -> String {
        format!("{} × {} {:?}", order.item, order.count, order.tags)
    }
    for (text, expected) in [
        ("item=tea", Ok("tea × 0 []")),
        ("item=green+tea%21&count=3&tags=a&tags=b", Ok("green tea! × 3 [\"a\", \"b\"]")),
        ("&&item=&other=1", Ok(" × 0 []")),
        ("count=1", Err(" must have required property 'item'")),
        ("item=a&item=b", Err("/item must be a single value")),
        ("item=a&count=300", Err("/count must be <= 255")),
        ("item=a&count=x", Err("/count must be integer")),
        ("item=%zz", Err("/item has a malformed percent-escape")),
        ("item=%ff", Err("/item has a malformed percent-escape")),
    ] {
        let reply = server.inject(form("/orders", text)).await;
        let query = server.inject(Inject::get(format!("/orders?{text}"))).await;
        match expected {
            Ok(answer) => assert_eq!((reply.text(), query.text()), (answer, answer), "{text}"),
            Err(message) => {
                reply.assert_status(400);
                let body = reply.json::<serde_json::Value>();
                assert_eq!(body["message"], format!("body{message}"), "{text}");
                let in_query = query.json::<serde_json::Value>();
                assert_eq!(in_query["message"], format!("querystring{message}"), "{text}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let server = App::new().post("/orders", order).build().await.unwrap();
    server.inject(Inject::post("/orders").body("item=tea")).await.assert_status(415);
    server
        .inject(Inject::post("/orders").header("content-type", "text/plain").body("item=tea"))
        .await
        .assert_status(415);
    let upper = Inject::post("/orders").header("content-type", "Application/X-WWW-Form-Urlencoded; charset=utf-8");
    server.inject(upper.body("item=tea")).await.assert_status(200);
    let reply = server.inject(form("/orders", b"item=\xff".as_slice())).await;
    reply.assert_status(400);
    assert_eq!(reply.json::<serde_json::Value>()["code"], "FW_ERR_INVALID_BODY");
    let many = "a=1&".repeat(600);
    let reply = server.inject(form("/orders", many)).await;
    assert_eq!(reply.json::<serde_json::Value>()["message"], "body is not valid: it has more than 512 values");
}

#[test]
fn pairs_come_as_they_were_written() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let list = |Form(pairs): Form<Vec<(String, String)>>| Json(pairs);
    let server = runtime.block_on(App::new().post("/", list).build()).unwrap();
    proptest!(ProptestConfig::with_cases(64), |(pairs in prop::collection::vec((".{0,4}", ".{0,4}"), 0..12))| {
        let encode = |text: &str| text.bytes().map(|byte| match byte {
            b' ' => "+".to_owned(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02x}"),
        }).collect::<String>();
        let body: Vec<_> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let reply = runtime.block_on(server.inject(form("/", body.join("&"))));
        prop_assert_eq!(reply.json::<Vec<(String, String)>>(), pairs);
    });
}

#[tokio::test]
async fn parsers_of_text_get_text_and_keep_their_limit() {
    let words = |_: &mut Request, text: String| format!("{:?}", text.split(' ').collect::<Vec<_>>());
    let later = async |_: &mut Request, text: String| -> Result<String> {
        tokio::task::yield_now().await;
        Ok(format!("[{:?}]", text.to_uppercase()))
    };
    let app = App::new()
        .content_type_parser("text/words", limited(8, words))
        .content_type_parser("text/later", later)
        .post("/", |Json(words): Json<Vec<String>>| words.join("|"));
    let server = app.build().await.unwrap();
    let post = |kind: &str, body: &[u8]| server.inject(Inject::post("/").header("content-type", kind).body(body));
    post("text/words", b"one two").await.assert_text("one|two");
    post("text/later", b"one two").await.assert_text("ONE TWO");
    post("text/words", b"one two 3").await.assert_status(413);
    let chunked = Inject::post("/").header("content-type", "text/words").header("transfer-encoding", "chunked");
    server.inject(chunked.body("9\r\none two 3\r\n0\r\n\r\n")).await.assert_status(413);
    for kind in ["text/words", "text/later"] {
        let reply = post(kind, b"\xff").await;
        reply.assert_status(400);
        assert_eq!(reply.json::<serde_json::Value>()["code"], "FW_ERR_INVALID_BODY");
    }
}

#[tokio::test]
async fn a_form_that_a_parser_took_is_a_fault_of_the_application() {
    let app = App::new()
        .content_type_parser("*", |_: &mut Request, _: Bytes| "{}")
        .post("/form", |_: Form<HashMap<String, String>>| "read")
        .post("/json", |Json(map): Json<HashMap<String, String>>| map.len().to_string());
    let server = app.build().await.unwrap();
    server.inject(form("/form", "a=1")).await.assert_status(500);
    server.inject(form("/json", "a=1")).await.assert_text("0");
}
