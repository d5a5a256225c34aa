//! Several routes of one method and path, and which of them answers.

use fastweb::prelude::*;

async fn answer(server: &Server, path: &str, headers: &[(&str, &str)]) -> String {
    let request = headers.iter().fold(Inject::get(path), |request, (name, value)| request.header(*name, value));
    let reply = server.inject(request).await;
    if reply.status() == 200 { reply.text().to_owned() } else { reply.status().as_u16().to_string() }
}

fn header_is(name: &'static str, value: &'static str) -> impl Fn(&Request) -> bool {
    move |req| req.header(name) == Some(value)
}

/// All orders of a few routes.
fn orders<T: Clone>(all: &[T]) -> Vec<Vec<T>> {
    if all.is_empty() {
        return vec![Vec::new()];
    }
    let mut orders = Vec::new();
    for at in 0..all.len() {
        let mut rest = all.to_vec();
        let first = rest.remove(at);
        for mut order in self::orders(&rest) {
            order.insert(0, first.clone());
            orders.push(order);
        }
    }
    orders
}

/// The narrowest host first, whatever the order of registration.
#[tokio::test]
async fn hosts() {
    let patterns = ["", "*.example.com", "*.shop.example.com", "www.example.com", "www.example.com:8080"];
    for order in orders(&patterns) {
        let app = order.iter().fold(App::new(), |app, pattern| match *pattern {
            "" => app.get("/", "all"),
            pattern => app.route(get("/", pattern).host(pattern)),
        });
        let server = app.build().await.unwrap();
        for (host, expected) in [
            ("www.example.com:8080", "www.example.com:8080"),
            ("www.example.com:80", "www.example.com"),
            ("WWW.example.com", "www.example.com"),
            ("a.shop.example.com", "*.shop.example.com"),
            ("shop.example.com", "*.example.com"),
            ("b.example.com:8080", "*.example.com"),
            ("example.com", "all"),
        ] {
            assert_eq!(answer(&server, "/", &[("host", host)]).await, expected, "{host} {order:?}");
        }
    }
}

#[tokio::test]
async fn the_most_constrained_first_and_then_the_next() {
    let beta = || header_is("x-beta", "on");
    let routes: [fn() -> Route; 4] = [
        || get("/", "plain"),
        || get("/", "host").host("a.example"),
        || get("/", "beta").constraint("beta", header_is("x-beta", "on")),
        || get("/", "both").host("a.example").constraint("beta", header_is("x-beta", "on")),
    ];
    for order in orders(&routes) {
        let server = order.into_iter().fold(App::new(), |app, route| app.route(route())).build().await.unwrap();
        for (host, on, expected) in [
            ("a.example", "on", "both"),
            ("a.example", "off", "host"),
            ("b.example", "on", "beta"),
            ("b.example", "", "plain"),
        ] {
            assert_eq!(answer(&server, "/", &[("host", host), ("x-beta", on)]).await, expected);
        }
    }
    // Without one that answers all, the others are nobody's.
    let app = App::new().route(get("/", "beta").constraint("beta", beta())).route(get("/", "host").host("a.example"));
    assert_eq!(answer(&app.build().await.unwrap(), "/", &[("host", "b.example")]).await, "404");
}

/// A route that does not answer is as if it were not there: a less precise path may.
#[tokio::test]
async fn what_falls_through_goes_to_the_next_path() {
    let app = App::new()
        .route(get("/users/me", "me").host("a.example"))
        .route(
            get("/users/{id}", |Path(id): Path<String>| format!("user {id}"))
                .constraint("beta", header_is("x-beta", "on")),
        )
        .get("/users/{*rest}", |Path(rest): Path<String>| format!("rest {rest}"))
        .not_found("nothing");
    let server = app.build().await.unwrap();
    for (host, on, expected) in [
        ("a.example", "on", "me"),
        ("b.example", "on", "user me"),
        ("b.example", "off", "rest me"),
        ("a.example", "", "me"),
    ] {
        assert_eq!(answer(&server, "/users/me", &[("host", host), ("x-beta", on)]).await, expected);
    }
    assert_eq!(answer(&server, "/other", &[("host", "a.example")]).await, "nothing");
}

#[tokio::test]
async fn each_has_its_own_hooks_scope_and_parameters() {
    let named = |name: &'static str| {
        move |_: &mut Request, reply: &mut Reply| {
            reply.set_header("x-scope", name);
        }
    };
    let app = App::new()
        .scope("/{team}", |a| {
            a.on_request(named("a"))
                .route(get("/{id}", |Path(p): Path<(String, String)>| format!("{p:?}")).host("a.example"))
        })
        .scope("/{x}", |b| {
            b.on_request(named("b"))
                .route(get("/{y}", |req: &mut Request| format!("{:?}", req.param("y"))).host("b.example"))
        });
    let server = app.build().await.unwrap();
    for (host, scope, text) in [("a.example", "a", r#"("1", "2")"#), ("b.example", "b", r#"Some("2")"#)] {
        server.inject(Inject::get("/1/2").header("host", host)).await.assert_text(text).assert_header("x-scope", scope);
        let reply = server.inject(Inject::post("/1/2").header("host", host)).await;
        reply.assert_status(405).assert_header("allow", "GET, HEAD, OPTIONS").assert_header("x-scope", scope);
    }
    server.inject(Inject::post("/1/2").header("host", "c.example")).await.assert_status(404);
}

#[tokio::test]
async fn head_takes_the_route_that_get_would() {
    let app = App::new()
        .route(get("/", ([("x-host", "a")], "x")).host("a.example"))
        .get("/", ([("x-host", "all")], "x"))
        .route(route("HEAD", "/", ([("x-host", "own")], ())).host("b.example"));
    let server = app.build().await.unwrap();
    for (host, expected) in [("a.example", "a"), ("c.example", "all"), ("b.example", "own")] {
        server
            .inject(Inject::head("/").header("host", host))
            .await
            .assert_status(200)
            .assert_header("x-host", expected);
    }
}

#[tokio::test]
async fn two_that_differ_in_nothing_are_told() {
    let beta = || header_is("x-beta", "on");
    let (app, first) = (App::new().route(get("/a/{x}", "1").host("a.example")), line!());
    let (app, second) = (app.route(get("/a/{y}", "2").host("A.example")), line!());
    let app = app.route(get("/b", "1").constraint("one", beta()).constraint("two", beta()));
    let (app, other_order) = (app.route(get("/b", "2").constraint("two", beta()).constraint("one", beta())), line!());
    // These differ.
    let app =
        app.route(get("/a/{x}", "3").host("b.example")).get("/a/{x}", "4").route(post("/a/{x}", "5").host("a.example"));
    let message = app.build().await.unwrap_err().to_string();
    let told = |line: u32| {
        message
            .lines()
            .any(|problem| problem.contains(&format!("several.rs:{line}")) && problem.contains("exists already"))
    };
    assert!(told(second) && told(other_order), "{message}");
    assert!(message.contains(&format!("the other one is at tests/constraints/several.rs:{first}")), "{message}");
    assert!(message.contains("2 problems"), "{message}");
}

#[cfg(feature = "accept-version")]
mod versions {
    use super::*;

    fn app(versions: &[&'static str]) -> App {
        versions.iter().fold(App::new(), |app, version| app.route(get("/", *version).version(version)))
    }

    #[tokio::test]
    async fn the_highest_that_fits() {
        for order in orders(&["1.2.0", "1.10.0", "2.0.0", "3.0.0-beta.1"]) {
            let server = app(&order).get("/", "plain").build().await.unwrap();
            for (asked, expected) in [
                ("1.x", "1.10.0"),
                ("1.2.x", "1.2.0"),
                ("1.2.0", "1.2.0"),
                ("^1.0", "1.10.0"),
                ("*", "2.0.0"),
                ("<2", "1.10.0"),
                ("3.0.0-beta.1", "3.0.0-beta.1"),
            ] {
                assert_eq!(answer(&server, "/", &[("accept-version", asked)]).await, expected, "{asked} {order:?}");
            }
            assert_eq!(answer(&server, "/", &[]).await, "plain");
            // Who asks for a version that is not there does not want any.
            assert_eq!(answer(&server, "/", &[("accept-version", "4.x")]).await, "plain");
        }
    }

    #[tokio::test]
    async fn the_route_without_a_version_varies_too() {
        let server = app(&["1.0.0"]).get("/", "plain").get("/other", "x").build().await.unwrap();
        for version in ["1", "2", ""] {
            let request = Inject::get("/").header("accept-version", version);
            server.inject(request).await.assert_status(200).assert_header("vary", "accept-version");
        }
        assert_eq!(server.inject(Inject::get("/other")).await.assert_status(200).header("vary"), None);
    }

    #[tokio::test]
    async fn together_with_hosts() {
        let app = App::new()
            .route(get("/", "1 on a").version("1.0.0").host("a.example"))
            .route(get("/", "2").version("2.0.0"))
            .route(get("/", "1").version("1.0.0"))
            .route(get("/", "a").host("a.example"));
        let server = app.build().await.unwrap();
        for (host, asked, expected) in [
            ("a.example", "1", "1 on a"),
            ("a.example", "2", "2"),
            ("b.example", "1", "1"),
            ("a.example", "", "a"),
            ("b.example", "", "404"),
            // More constraints go before a higher version.
            ("a.example", "*", "1 on a"),
            ("b.example", "*", "2"),
        ] {
            let headers = [("host", host), ("accept-version", asked)];
            let headers = if asked.is_empty() { &headers[..1] } else { &headers[..] };
            assert_eq!(answer(&server, "/", headers).await, expected, "{host} {asked}");
        }
    }
}
