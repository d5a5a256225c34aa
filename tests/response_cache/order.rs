//! Beside other plugins: tags and 304, compression, cross-origin requests.

use fastweb::compression::Coding;

use super::*;

fn text() -> String {
    "the same text, again and again. ".repeat(200)
}

#[tokio::test]
async fn what_is_kept_is_compressed_for_whoever_asks() {
    for cache_first in [true, false] {
        let calls = Calls::default();
        let counted = calls.clone();
        let handler = move || {
            counted.next();
            text()
        };
        let cache = ResponseCache::new().ttl(MINUTE);
        let app = match cache_first {
            true => App::new().plugin(cache).plugin(ETag::new().computed()).plugin(Compression::new()),
            false => App::new().plugin(ETag::new().computed()).plugin(Compression::new()).plugin(cache),
        };
        let server = build(app.get("/", handler)).await;
        for accepted in ["gzip", "br", "", "zstd", "gzip"] {
            let reply = server.inject(Inject::get("/").header("accept-encoding", accepted)).await;
            reply.assert_header("vary", "accept-encoding");
            let coding = Coding::ALL.map(Coding::as_str).into_iter().find(|coding| *coding == accepted);
            assert_eq!(reply.header("content-encoding"), coding);
            let tag = reply.header("etag").unwrap();
            assert_eq!(tag.starts_with("W/"), coding.is_some(), "{tag}");
            assert_eq!(reply.body().len() < 500, coding.is_some());
            // Who has it is told so.
            let again = Inject::get("/").header("accept-encoding", accepted).header("if-none-match", tag);
            let again = server.inject(again).await;
            again
                .assert_status(304)
                .assert_text("")
                .assert_header("vary", "accept-encoding")
                .assert_header("etag", tag);
        }
        assert_eq!(calls.get(), 1);
    }
}

#[tokio::test]
async fn what_is_kept_answers_304_by_its_own_tag_or_date() {
    let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    let handler = move || Reply::text("text").etag_from(7).with_last_modified(changed);
    for with_plugin in [true, false] {
        let mut app = App::new().plugin(ResponseCache::new().ttl(MINUTE));
        if with_plugin {
            app = app.plugin(ETag::new());
        }
        let server = build(app.get("/", handler)).await;
        server.inject(Inject::get("/")).await.assert_text("text");
        for (name, value, status) in [
            ("if-none-match", "\"7\"", 304),
            ("if-none-match", "\"6\"", 200),
            ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT", 304),
            ("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT", 200),
        ] {
            let reply = server.inject(Inject::get("/").header(name, value)).await;
            reply.assert_status(status).assert_header("etag", "\"7\"").assert_header("age", "0");
        }
    }
}

#[tokio::test]
async fn every_page_reads_what_its_own_origin_may() {
    for any in [true, false] {
        let cors = match any {
            true => Cors::new().any_origin(),
            false => Cors::new().origins(["https://a.example", "https://b.example"]).credentials(),
        };
        let calls = Calls::default();
        let app = App::new().plugin(cors).plugin(ResponseCache::new().ttl(MINUTE));
        let server = build(app.get("/", move || calls.next().to_string())).await;
        for origin in ["https://a.example", "https://b.example", "https://c.example", "https://a.example"] {
            let reply = server.inject(Inject::get("/").header("origin", origin)).await;
            let expected = match (any, origin) {
                (true, _) => Some("*"),
                (false, "https://c.example") => None,
                (false, origin) => Some(origin),
            };
            assert_eq!(reply.header("access-control-allow-origin"), expected);
            assert_eq!(reply.header("vary"), (!any).then_some("origin"));
        }
    }
}

#[tokio::test]
async fn what_serialisation_hooks_made_is_kept() {
    let envelope = |_: &mut Request, value: &mut fastweb::Payload| -> Result<()> {
        let inner: serde_json::Value = value.read()?;
        value.replace(&serde_json::json!({ "data": inner }))
    };
    let app = App::new()
        .plugin(ResponseCache::new().ttl(MINUTE))
        .pre_serialization(envelope)
        .get("/", || Json(serde_json::json!([1])));
    let server = build(app).await;
    for _ in 0..2 {
        server.inject(Inject::get("/")).await.assert_text(r#"{"data":[1]}"#);
    }
}
