//! The plugin `ETag`.

use fastweb::etag::EntityTag;
use fastweb::prelude::*;

async fn build(app: App) -> Server {
    app.build().await.unwrap_or_else(|error| panic!("{error}"))
}

fn known(tag: &str) -> Inject {
    Inject::get("/").header("if-none-match", tag)
}

#[tokio::test]
async fn given_tags_and_times_are_compared() {
    let changed = std::time::UNIX_EPOCH + std::time::Duration::from_secs(784_111_777);
    let both = move || Reply::text("text").etag_from(7).with_last_modified(changed).with_header("vary", "cookie");
    let server = build(App::new().plugin(ETag::new()).get("/", both)).await;
    let whole = server.inject(Inject::get("/")).await;
    whole.assert_status(200).assert_text("text").assert_header("etag", "\"7\"");
    let same = server.inject(known("\"7\"")).await;
    same.assert_status(304).assert_text("").assert_header("etag", "\"7\"").assert_header("vary", "cookie");
    assert_eq!((same.header("content-type"), same.header("content-length")), (None, None));
    server
        .inject(Inject::get("/").header("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT"))
        .await
        .assert_status(304);
    server.inject(known("\"8\"")).await.assert_status(200).assert_text("text");
    server.inject(Inject::get("/").header("if-match", "\"8\"")).await.assert_status(412);
    let head = server.inject(Inject::head("/").header("if-none-match", "\"7\"")).await;
    head.assert_status(304).assert_header("etag", "\"7\"");
}

#[tokio::test]
async fn a_weak_form_of_what_the_client_has_stays_weak() {
    let server = build(App::new().plugin(ETag::new()).get("/", || Reply::text("text").etag_from(7))).await;
    server.inject(known("W/\"7\"")).await.assert_status(304).assert_header("etag", "W/\"7\"");
    server.inject(known("\"6\", \"7\", W/\"7\"")).await.assert_status(304).assert_header("etag", "\"7\"");
}

#[tokio::test]
async fn only_200_to_get_and_head_has_a_state() {
    let app = App::new()
        .plugin(ETag::new().computed())
        .any("/", "text")
        .get("/created", (StatusCode::CREATED, "text"))
        .get("/error", || -> Result<&str> { Err(Error::not_found("none")) })
        .get("/stream", || {
            Body::from_fn(async |out| {
                out.send("text").await;
                Ok(())
            })
        })
        .get("/secret", ([("cache-control", "private, no-store")], "text"))
        .get("/own", || Reply::text("text").with_etag(EntityTag::from_version("own").weak()));
    let server = build(app).await;
    let tag_of = async |request: Inject| server.inject(request).await.header("etag").map(str::to_owned);
    let tag = tag_of(Inject::get("/")).await.expect("it is computed");
    assert_eq!(tag, EntityTag::of(b"text").to_string());
    assert_eq!(tag_of(Inject::head("/")).await, Some(tag.clone()));
    for request in [
        Inject::post("/"),
        Inject::put("/"),
        Inject::get("/created"),
        Inject::get("/error"),
        Inject::get("/nowhere"),
        Inject::get("/stream"),
        Inject::get("/secret"),
    ] {
        let shown = format!("{request:?}");
        assert_eq!(tag_of(request).await, None, "{shown}");
    }
    assert_eq!(tag_of(Inject::get("/own")).await.as_deref(), Some("W/\"own\""));
    server.inject(Inject::post("/").header("if-none-match", "*")).await.assert_status(200);
    server.inject(Inject::get("/nowhere").header("if-none-match", "*")).await.assert_status(404);
    server.inject(Inject::get("/").header("if-none-match", "*")).await.assert_status(304);
}

#[tokio::test]
async fn computed_tags_follow_the_content() {
    let echo = |Query(query): Query<std::collections::HashMap<String, String>>| query["text"].clone();
    let server = build(App::new().plugin(ETag::new().computed().weak().most(10)).get("/", echo)).await;
    let ask = async |text: &str| {
        let reply = server.inject(Inject::get(format!("/?text={text}"))).await;
        reply.header("etag").map(str::to_owned)
    };
    let a = ask("a").await.expect("it is short");
    assert!(a.starts_with("W/\""), "{a}");
    assert_eq!(ask("a").await, Some(a.clone()));
    assert_ne!(ask("b").await, Some(a.clone()));
    assert!(ask("0123456789").await.is_some());
    assert_eq!(ask("0123456789a").await, None);
    server.inject(Inject::get("/?text=a").header("if-none-match", &a)).await.assert_status(304);
    server.inject(Inject::get("/?text=b").header("if-none-match", &a)).await.assert_status(200).assert_text("b");
}

#[tokio::test]
async fn options_hold_for_their_scope_alone() {
    let by_length = ETag::new().computed_by(|body| EntityTag::from_version(body.len()));
    let app = App::new()
        .get("/", "text")
        .scope("/a", |a| a.plugin(by_length).get("/", "text"))
        .scope("/b", |b| b.plugin(ETag::new().computed().without_304()).get("/", "text"));
    let server = build(app).await;
    assert_eq!(server.inject(Inject::get("/")).await.header("etag"), None);
    server.inject(Inject::get("/a").header("if-none-match", "\"4\"")).await.assert_status(304);
    let tag = EntityTag::of(b"text").to_string();
    server.inject(Inject::get("/b").header("if-none-match", &tag)).await.assert_status(200).assert_header("etag", &tag);
}

#[tokio::test]
async fn a_constant_answer_is_compared_too() {
    let server = build(App::new().plugin(ETag::new()).get("/", ([("etag", "\"c\"")], "constant"))).await;
    for _ in 0..2 {
        server.inject(known("\"c\"")).await.assert_status(304).assert_text("");
        server.inject(Inject::get("/")).await.assert_status(200).assert_text("constant");
    }
}
