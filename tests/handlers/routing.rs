//! Which route answers: HEAD, 404, 405 and the `not_found` handler.

use fastweb::prelude::*;
use fastweb::{head, options, trace};
use serde_json::Value;

#[tokio::test]
async fn every_method_has_its_routes() {
    let app = App::new()
        .route(get("/", "get"))
        .route(post("/", "post"))
        .route(put("/", "put"))
        .route(patch("/", "patch"))
        .route(delete("/", "delete"))
        .route(options("/", "options"))
        .route(trace("/", "trace"))
        .route(route("PROPFIND", "/", "propfind"))
        .route(route("connect", "/", "lower case"))
        .put("/short", "put")
        .patch("/short", "patch")
        .delete("/short", "delete")
        .options("/short", "options")
        .post("/short", "post");
    let server = app.build().await.unwrap();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
        server.inject(Inject::new(method, "/")).await.assert_status(200).assert_text(&method.to_lowercase());
    }
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "POST"] {
        server.inject(Inject::new(method, "/short")).await.assert_status(200).assert_text(&method.to_lowercase());
    }
    // Methods are case-sensitive (RFC 9110, 9.1).
    server.inject(Inject::new("connect", "/")).await.assert_text("lower case");
    server.inject(Inject::new("get", "/")).await.assert_status(405);
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let app = App::new()
        .get("/constant", ([("x-a", "1")], "Hello, World!"))
        .get("/async", async || "Hello, World!")
        .get("/json", || Json("Hello, World"))
        .get("/large", || "x".repeat(100_000))
        .get("/stream", || Body::from_reader(tokio::io::repeat(b'x'), 100_000))
        .get("/chunked", || Body::from_reader(tokio::io::repeat(b'x'), None))
        .get("/error", || Err::<(), _>(Error::conflict("no")))
        .get("/own", "get's")
        .route(head("/own", || ([("x-own", "1")], ())));
    let server = app.build().await.unwrap();
    for (path, length) in
        [("/constant", "13"), ("/async", "13"), ("/json", "14"), ("/large", "100000"), ("/stream", "100000")]
    {
        let reply = server.inject(Inject::head(path)).await;
        reply.assert_status(200).assert_text("").assert_header("content-length", length);
        assert!(!reply.is_broken());
    }
    let reply = server.inject(Inject::head("/chunked")).await;
    reply.assert_status(200).assert_text("").assert_header("transfer-encoding", "chunked");
    let (whole, head) = (server.inject(Inject::get("/error")).await, server.inject(Inject::head("/error")).await);
    head.assert_status(409).assert_text("").assert_header("content-length", &whole.body().len().to_string());
    server.inject(Inject::head("/missing")).await.assert_status(404).assert_text("");
    server.inject(Inject::head("/own")).await.assert_status(200).assert_header("x-own", "1");
    assert_eq!(server.inject(Inject::get("/own")).await.header("x-own"), None);
    let handler = |method: Method| method.to_string();
    let server = App::new().get("/", handler).build().await.unwrap();
    server.inject(Inject::head("/")).await.assert_header("content-length", "4");
}

#[tokio::test]
async fn what_is_not_there_is_404() {
    let server = App::new().get("/here", "x").get("/users/{id}", "x").build().await.unwrap();
    let reply = server.inject(Inject::get("/nope?x=1")).await;
    // Fastify's words.
    let text =
        r#"{"statusCode":404,"code":"FW_ERR_NOT_FOUND","error":"Not Found","message":"Route GET:/nope?x=1 not found"}"#;
    reply.assert_status(404).assert_text(text).assert_header("content-type", "application/json; charset=utf-8");
    assert_eq!(reply.header("allow"), None);
    for path in ["/here/", "/Here", "//here", "/", "/users", "/users/", "/users/1/2", "/%2Fhere"] {
        server.inject(Inject::get(path)).await.assert_status(404);
    }
    // An escape is the character that it stands for.
    server.inject(Inject::get("/%68ere")).await.assert_status(200);
    // What a client put into its target stays text.
    let reply = server.inject(Inject::get(r#"/"quoted"\"#)).await;
    assert_eq!(reply.json::<Value>()["message"], r#"Route GET:/"quoted"\ not found"#);
}

#[tokio::test]
async fn another_method_is_405_with_allow() {
    let app = App::new()
        .get("/a", "x")
        .put("/a", "x")
        .route(route("PURGE", "/a", "x"))
        .post("/only-post", "x")
        .get("/users/me", "x")
        .delete("/users/{id}", "x");
    let server = app.build().await.unwrap();
    for (method, path, allow) in [
        ("POST", "/a", "GET, HEAD, PUT, PURGE, OPTIONS"),
        ("get", "/a", "GET, HEAD, PUT, PURGE, OPTIONS"),
        ("GET", "/only-post", "POST, OPTIONS"),
        ("HEAD", "/only-post", "POST, OPTIONS"),
        ("POST", "/users/me", "GET, HEAD, DELETE, OPTIONS"),
        ("GET", "/users/7", "DELETE, OPTIONS"),
    ] {
        let reply = server.inject(Inject::new(method, path)).await;
        reply.assert_status(405).assert_header("allow", allow);
        if method != "HEAD" {
            let body: Value = reply.json();
            assert_eq!(body["code"], "FW_ERR_METHOD_NOT_ALLOWED");
            assert_eq!(body["error"], "Method Not Allowed");
        }
    }
}

#[tokio::test]
async fn a_handler_for_what_is_not_there() {
    let handler = async |req: &mut Request, headers: Headers| {
        (StatusCode::NOT_FOUND, [("x-path", req.path().to_owned())], format!("nothing at {:?}", headers.get("host")))
    };
    let server = App::new().get("/here", "x").not_found(handler).build().await.unwrap();
    let reply = server.inject(Inject::get("/nowhere")).await;
    reply.assert_status(404).assert_text(r#"nothing at Some("localhost")"#).assert_header("x-path", "/nowhere");
    // The path is there, so this is no question of what is not.
    server.inject(Inject::post("/here")).await.assert_status(405);
    server.inject(Inject::get("/here")).await.assert_status(200);

    // A constant keeps its own status, and a body is there to be read.
    let server = App::new().not_found("index").build().await.unwrap();
    server.inject(Inject::get("/nowhere")).await.assert_status(200).assert_text("index");
    let server = App::new().not_found(async |body: Bytes| body).build().await.unwrap();
    server.inject(Inject::post("/nowhere").body("echo")).await.assert_text("echo");
}

#[tokio::test]
async fn text_wins_over_parameters_and_those_over_catch_alls() {
    let app = App::new()
        .get("/users/{id}", |Path(id): Path<Text>| format!("user {id}"))
        .get("/users/me", "me")
        .get("/files/all/{*path}", |Path(path): Path<Text>| format!("file {path}"))
        .get("/files/all/index", "index")
        .get("/img/{name}.png", |Path(name): Path<Text>| format!("image {name}"));
    let server = app.build().await.unwrap();
    for (path, expected) in [
        ("/users/me", "me"),
        ("/users/you", "user you"),
        ("/users/me?x", "me"),
        ("/files/all/a/b", "file a/b"),
        ("/files/all/index", "index"),
        ("/img/a.b.png", "image a.b"),
    ] {
        server.inject(Inject::get(path)).await.assert_status(200).assert_text(expected);
    }
}
