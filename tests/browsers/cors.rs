//! Cross-origin requests, those that browsers ask before and those that pages send.

use std::time::Duration;

use fastweb::prelude::*;

const SHOP: &str = "https://shop.example";

async fn build(app: App) -> Server {
    app.build().await.unwrap_or_else(|error| panic!("{error}"))
}

fn app(cors: Cors) -> App {
    App::new()
        .plugin(cors)
        .get("/", "text")
        .put("/", "put")
        .get("/error", || -> Result<&str> { Err(Error::conflict("no")) })
}

fn preflight(origin: &str, method: &str) -> Inject {
    Inject::options("/").header("origin", origin).header("access-control-request-method", method)
}

#[tokio::test]
async fn only_named_origins_are_allowed() {
    let server =
        build(app(Cors::new().origin(SHOP).origins(["https://other.example:8443"]).expose(["etag", "x-page"]))).await;
    for (origin, is_allowed) in [
        (SHOP, true),
        ("https://other.example:8443", true),
        ("https://other.example", false),
        ("http://shop.example", false),
        ("https://shop.example.evil.example", false),
        ("https://evil-shop.example", false),
        ("null", false),
        ("", false),
    ] {
        let reply = server.inject(Inject::get("/").header("origin", origin)).await;
        reply.assert_status(200).assert_text("text").assert_header("vary", "origin");
        assert_eq!(reply.header("access-control-allow-origin"), is_allowed.then_some(origin), "{origin}");
        assert_eq!(reply.header("access-control-expose-headers"), is_allowed.then_some("etag, x-page"), "{origin}");
        let reply = server.inject(preflight(origin, "PUT")).await;
        reply.assert_status(204);
        assert_eq!(reply.header("access-control-allow-origin"), is_allowed.then_some(origin), "{origin}");
        assert_eq!(reply.header("access-control-allow-methods").is_some(), is_allowed, "{origin}");
    }
    let reply = server.inject(Inject::get("/")).await;
    reply.assert_text("text").assert_header("vary", "origin");
    assert_eq!(reply.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn what_a_page_asks_for_is_answered() {
    let cors = Cors::new().origin(SHOP).credentials().max_age(Duration::from_secs(600));
    let server = build(app(cors)).await;
    let asked = preflight(SHOP, "PUT").header("access-control-request-headers", "x-a, Content-Type");
    let reply = server.inject(asked).await;
    reply.assert_status(204).assert_text("");
    for (name, value) in [
        ("access-control-allow-origin", SHOP),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "GET, HEAD, PUT, PATCH, POST, DELETE"),
        ("access-control-allow-headers", "x-a, Content-Type"),
        ("access-control-max-age", "600"),
        ("vary", "origin, access-control-request-method, access-control-request-headers"),
    ] {
        reply.assert_header(name, value);
    }
    let odd = preflight(SHOP, "PUT").header("access-control-request-headers", "x-a, b c");
    assert_eq!(server.inject(odd).await.header("access-control-allow-headers"), None);
    // Errors are read, too, and paths without a route.
    for (path, status) in [("/error", 409), ("/nowhere", 404)] {
        let reply = server.inject(Inject::get(path).header("origin", SHOP)).await;
        reply.assert_status(status).assert_header("access-control-allow-origin", SHOP);
    }
    // What is no question is a request.
    let reply = server.inject(Inject::options("/").header("origin", SHOP)).await;
    reply.assert_status(204).assert_header("access-control-allow-origin", SHOP);
    assert!(reply.header("allow").is_some_and(|allow| allow.contains("PUT")));
}

#[tokio::test]
async fn any_origin_and_those_of_a_function() {
    let server = build(app(Cors::new().any_origin().headers(["x-a"]).methods(["GET"]))).await;
    let reply = server.inject(Inject::get("/").header("origin", "https://a.example")).await;
    reply.assert_header("access-control-allow-origin", "*");
    assert_eq!(reply.header("vary"), None);
    let reply = server.inject(preflight("null", "GET").header("access-control-request-headers", "x-b")).await;
    reply.assert_header("access-control-allow-origin", "*").assert_header("access-control-allow-headers", "x-a");
    reply.assert_header("access-control-allow-methods", "GET");
    let by_path = Cors::new().origin_if(|origin, req| origin == SHOP && req.path() == "/");
    let server = build(app(by_path)).await;
    let ask = async |path: &str, origin: &str| {
        let reply = server.inject(Inject::get(path).header("origin", origin)).await;
        reply.header("access-control-allow-origin").map(str::to_owned)
    };
    assert_eq!(ask("/", SHOP).await.as_deref(), Some(SHOP));
    assert_eq!(ask("/error", SHOP).await, None);
    assert_eq!(ask("/", "https://a.example").await, None);
}

#[tokio::test]
async fn an_answer_with_a_vary_of_its_own_keeps_both() {
    let own = || Reply::text("text").with_header("vary", "cookie");
    let server = build(App::new().plugin(Cors::new().origin(SHOP)).get("/", own)).await;
    for request in [Inject::get("/"), Inject::get("/").header("origin", SHOP)] {
        server.inject(request).await.assert_header("vary", "cookie, origin");
    }
}

#[tokio::test]
async fn a_scope_has_its_own() {
    let open = |scope: fastweb::Scope| scope.plugin(Cors::new().any_origin()).get("/open", "open").put("/open", "put");
    let server = build(App::new().scope("", open).get("/closed", "closed").put("/closed", "put")).await;
    for (path, allowed) in [("/open", Some("*")), ("/closed", None)] {
        let reply = server.inject(Inject::get(path).header("origin", SHOP)).await;
        assert_eq!(reply.header("access-control-allow-origin"), allowed, "{path}");
        let asked = Inject::options(path).header("origin", SHOP).header("access-control-request-method", "PUT");
        assert_eq!(server.inject(asked).await.header("access-control-allow-origin"), allowed, "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_meant_is_an_error_of_build() {
    for (cors, told) in [
        (Cors::new(), "without an origin"),
        (Cors::new().any_origin().credentials(), "with credentials from any origin"),
        (Cors::new().origin("https://shop.example/"), "without a slash at the end"),
        (Cors::new().origin("shop.example"), "as browsers send it"),
        (Cors::new().origin("https://*.example"), "as browsers send it"),
        (Cors::new().origin("https://Shop.example"), "in lower case"),
        (Cors::new().origin(SHOP).headers(["x a"]), "\"x a\" is neither"),
        (Cors::new().origin(SHOP).methods(["GET "]), "\"GET \" is neither"),
    ] {
        let error = App::new().plugin(cors).build().await.expect_err(told);
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[tokio::test]
async fn a_route_may_say_something_else_also_to_what_is_asked_before() {
    const OTHER: &str = "https://other.example";
    let app = App::new()
        .plugin(Cors::new().origin(SHOP).credentials().expose(["etag"]))
        .get("/", "of the scope")
        .put("/", "of the scope")
        .route(get("/both", "anybody's").config(Cors::new().any_origin()))
        .route(put("/both", "other's").config(Cors::new().origin(OTHER).methods(["PUT"])))
        .route(post("/both", "nobody's").config(Cors::new()))
        .scope("/in", |scope| scope.config(Cors::new().origin(OTHER)).get("/", "inner"));
    let server = build(app).await;
    let allowed = |reply: &fastweb::InjectReply| reply.header("access-control-allow-origin").map(str::to_owned);
    for (method, path, origin, expected) in [
        ("GET", "/", SHOP, Some(SHOP)),
        ("GET", "/", OTHER, None),
        ("GET", "/both", OTHER, Some("*")),
        ("HEAD", "/both", OTHER, Some("*")),
        ("PUT", "/both", SHOP, None),
        ("PUT", "/both", OTHER, Some(OTHER)),
        ("POST", "/both", SHOP, None),
        ("GET", "/in", OTHER, Some(OTHER)),
        ("GET", "/in", SHOP, None),
        // No route: the scope's.
        ("DELETE", "/both", SHOP, Some(SHOP)),
        ("GET", "/nowhere", SHOP, Some(SHOP)),
    ] {
        let reply = server.inject(Inject::new(method, path).header("origin", origin)).await;
        assert_eq!(allowed(&reply).as_deref(), expected, "{method} {path} {origin}");
        let is_any = expected == Some("*");
        assert_eq!(reply.header("vary"), (!is_any).then_some("origin"), "{method} {path}");
        let asked = Inject::options(path).header("origin", origin).header("access-control-request-method", method);
        let reply = server.inject(asked).await;
        assert_eq!(allowed(&reply).as_deref(), expected, "OPTIONS for {method} {path} {origin}");
        let credentials = reply.header("access-control-allow-credentials").is_some();
        assert_eq!(credentials, expected == Some(SHOP), "{method} {path} {origin}");
    }
    let reply = server
        .inject(Inject::options("/both").header("origin", OTHER).header("access-control-request-method", "PUT"))
        .await;
    reply.assert_status(204).assert_header("access-control-allow-methods", "PUT");
}

#[tokio::test]
async fn what_is_wrong_with_a_route_is_told_with_its_name() {
    let route = get("/wrong", "text").config(Cors::new().any_origin().credentials());
    let error =
        App::new().plugin(Cors::new().origin(SHOP)).route(route).build().await.map(drop).unwrap_err().to_string();
    assert!(error.contains("/wrong") && error.contains("with credentials from any origin"), "{error}");
}
