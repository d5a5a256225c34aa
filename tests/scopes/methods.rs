//! Other methods of a path: 405 and automatic OPTIONS are answered by the scope of the path, with its hooks.

use fastweb::RouterOptions;
use fastweb::prelude::*;

/// What a plugin for cross-origin requests does: it answers preflights and marks every answer.
fn cors(req: &mut Request, reply: &mut Reply) -> Result<Flow> {
    reply.set_header("access-control-allow-origin", "https://shop.example");
    match req.method() == Method::OPTIONS && req.header("access-control-request-method").is_some() {
        true => Flow::reply(NoContent),
        false => Ok(Flow::Continue),
    }
}

fn app() -> App {
    App::new().get("/open", "x").scope("/api", |api| {
        api.on_request(cors).get("/items", "x").put("/items", "x").scope("/deep", |deep| deep.post("/", "x"))
    })
}

#[tokio::test]
async fn preflights_meet_the_hooks_of_their_scope() {
    let server = app().build().await.unwrap();
    for path in ["/api/items", "/api/deep", "/api/deep/"] {
        let reply = server.inject(Inject::options(path).header("access-control-request-method", "PUT")).await;
        reply.assert_status(204).assert_header("access-control-allow-origin", "https://shop.example");
        assert_eq!(reply.header("allow"), None, "the hook has answered");
    }
    let reply = server.inject(Inject::options("/open").header("access-control-request-method", "PUT")).await;
    assert_eq!(reply.assert_status(204).header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn automatic_options_and_405_have_the_headers_of_their_scope() {
    let server = app().build().await.unwrap();
    for (request, status) in [(Inject::options("/api/items"), 204), (Inject::delete("/api/items"), 405)] {
        let reply = server.inject(request).await;
        reply.assert_status(status).assert_header("allow", "GET, HEAD, PUT, OPTIONS");
        reply.assert_header("access-control-allow-origin", "https://shop.example");
    }
    for (request, status) in [(Inject::options("/open"), 204), (Inject::delete("/open"), 405)] {
        let reply = server.inject(request).await;
        reply.assert_status(status).assert_header("allow", "GET, HEAD, OPTIONS");
        assert_eq!(reply.header("access-control-allow-origin"), None);
    }
    // A path that nobody has is none of the scope's.
    let reply = server.inject(Inject::options("/api/nowhere").header("access-control-request-method", "PUT")).await;
    assert_eq!(reply.assert_status(404).header("access-control-allow-origin"), None);
}

/// One path of two scopes: the first of its methods decides whose hooks run.
#[tokio::test]
async fn a_path_of_two_scopes() {
    let named = |name: &'static str| {
        move |_: &mut Request, reply: &mut Reply| {
            reply.set_header("x-scope", name);
        }
    };
    let app = App::new()
        .scope("/a", |a| a.on_request(named("posts")).post("/", "x"))
        .scope("/a", |a| a.on_request(named("gets")).get("/", "x"));
    let server = app.build().await.unwrap();
    for (method, status, scope) in
        [("GET", 200, "gets"), ("POST", 200, "posts"), ("PUT", 405, "gets"), ("OPTIONS", 204, "gets")]
    {
        server.inject(Inject::new(method, "/a")).await.assert_status(status).assert_header("x-scope", scope);
    }
}

#[tokio::test]
async fn a_route_of_its_own_goes_before_automatic_options() {
    let app = App::new().scope("/api", |api| api.get("/", "x").options("/", "own")).get("/plain", "x");
    let server = app.build().await.unwrap();
    server.inject(Inject::options("/api")).await.assert_status(200).assert_text("own");
    server.inject(Inject::options("*")).await.assert_status(204).assert_header("allow", "GET, HEAD, OPTIONS");

    let app = App::new().router(RouterOptions::default().automatic_options(false)).get("/plain", "x");
    let server = app.build().await.unwrap();
    server.inject(Inject::options("/plain")).await.assert_status(405).assert_header("allow", "GET, HEAD");
    server.inject(Inject::options("*")).await.assert_status(405).assert_header("allow", "GET, HEAD");
}

/// Fastify has neither: it answers 404, with the hooks of the application alone.
#[tokio::test]
async fn fastify_mode_has_neither() {
    let server = app().fastify_mode().build().await.unwrap();
    for request in [Inject::options("/api/items"), Inject::delete("/api/items")] {
        let reply = server.inject(request).await;
        assert_eq!(reply.assert_status(404).header("access-control-allow-origin"), None);
        assert_eq!(reply.header("allow"), None);
    }
}
