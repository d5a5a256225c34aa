//! `print_routes` and `print_plugins`: what an application is made of.

use fastweb::prelude::*;
use fastweb::{Scope, any, plugin};

async fn list() {}
async fn show(_: Path<u64>) {}
async fn create(_: Json<u8>) {}
fn hook(_: &mut Request) {}

/// With every time as `0.0`.
fn without_times(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, behind)) = rest.split_once(" ms") {
        let at = before.rfind('(').expect("a time is in parentheses") + 1;
        let time: f64 = before[at..].parse().expect("a time is a number");
        assert!((0.0..60_000.0).contains(&time), "{text}");
        out = out + &before[..at] + "0.0 ms";
        rest = behind;
    }
    out + rest
}

#[tokio::test]
async fn routes_as_a_tree() {
    let app = App::new()
        .on_request(hook)
        .get("/", list)
        .get("/health/live", list)
        .not_found("not in the tree")
        .scope("/v1/users", |users| {
            users
                .on_request(hook)
                .on_response(|_: &mut Request, _: &Completed| ())
                .get("/", list)
                .post("/", create)
                .get("/{id}", show)
                .route(
                    get("/{id}/posts/{post}", list)
                        .pre_handler(hook)
                        .pre_handler(hook)
                        .host("*.example.com")
                        .constraint("beta", |_: &Request| true),
                )
                .scope("/{id}/files", |files| files.get("/{*path}", list))
        })
        .route(any("/any", list))
        .route(route(["PURGE", "GET"], "/cache", list));
    let expected = "\
└── / (GET, HEAD) plugins::printing::list · on_request 1
    ├── any (GET, POST, PUT, PATCH, DELETE, OPTIONS, TRACE, HEAD) plugins::printing::list · on_request 1
    ├── cache (PURGE, GET, HEAD) plugins::printing::list · on_request 1
    ├── health/live (GET, HEAD) plugins::printing::list · on_request 1
    └── v1/users (GET, HEAD) plugins::printing::list · on_request 2, on_response 1
        v1/users (POST) plugins::printing::create · on_request 2, on_response 1
        └── {id} (GET, HEAD) plugins::printing::show · on_request 2, on_response 1
            ├── files/{*path} (GET, HEAD) plugins::printing::list · on_request 2, on_response 1
            └── posts/{post} (GET, HEAD) plugins::printing::list [host *.example.com, beta] · on_request 2, pre_handler 2, on_response 1
";
    assert_eq!(app.build().await.unwrap().print_routes(), expected);
    assert_eq!(App::new().build().await.unwrap().print_routes(), "└── /\n");
    let one = App::new().get("/a/b/{c}", list).build().await.unwrap().print_routes();
    assert_eq!(one, "└── /a/b/{c} (GET, HEAD) plugins::printing::list\n");
}

#[cfg(all(feature = "macros", feature = "schema"))]
mod slow_models {
    use fastweb::prelude::*;

    #[fastweb::model]
    struct Point {
        x: i32,
    }

    #[fastweb::model]
    #[serde(untagged)]
    enum Id {
        Number(u64),
        Text(String),
    }

    #[fastweb::model]
    struct Event {
        id: Id,
        at: std::net::IpAddr,
        #[serde(default)]
        tags: Vec<String>,
    }

    #[fastweb::model]
    struct Written {
        #[serde(serialize_with = "shout")]
        word: String,
    }

    fn shout<S: serde::Serializer>(word: &str, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&word.to_uppercase())
    }

    #[post("/points", on_request = super::hook)]
    async fn points(Json(points): Json<Vec<Point>>) -> Json<Vec<Point>> {
        Json(points)
    }

    #[post("/events")]
    async fn events(event: Json<Event>) -> Json<Vec<Event>> {
        Json(vec![event.0])
    }

    #[get("/words")]
    async fn words() -> Result<Json<Written>> {
        Ok(Json(Written { word: String::new() }))
    }

    #[tokio::test]
    async fn models_that_take_the_slower_way_are_told_with_the_reason() {
        let app = App::new().route(points).route(events).route(words).put("/events", |_: Json<Id>| "x");
        let tree = app.build().await.unwrap().print_routes();
        let expected = "\
└── /
    ├── events (POST) plugins::printing::slow_models::events
    │       slower: the body is read by serde and a validator: Event: it has a std::net::IpAddr, which is no model
    │       slower: the body is read by serde and a validator: Id: it has `#[serde(untagged)]`
    │       slower: the answer is written by serde: Id: it has `#[serde(untagged)]`
    │   events (PUT) plugins::printing::slow_models::models_that_take_the_slower_way_are_told_with_the_reason::{{closure}}::{{closure}}
    │       slower: the body is read by serde and a validator: Id: it has `#[serde(untagged)]`
    ├── points (POST) plugins::printing::slow_models::points · on_request 1
    └── words (GET, HEAD) plugins::printing::slow_models::words
            slower: the answer is written by serde: Written: it has `#[serde(serialize_with)]`
";
        assert_eq!(tree, expected);
    }
}

#[tokio::test]
async fn plugins_as_a_tree() {
    let empty = |name: &'static str| plugin(name, async |scope: Scope| Ok(scope));
    let outer = plugin("outer", async move |scope: Scope| {
        Ok(scope.plugin(empty("inner").version("0.1.0")).plugin(empty("last")))
    });
    let app = App::new()
        .plugin(outer.version("2.0.0").depends_on("database"))
        .plugin(empty("database").version("1.2.3").shared())
        .scope("/a", |a| a.plugin(empty("in a scope")));
    let expected = "\
app
├── database 1.2.3 (0.0 ms, shares its scope)
├── outer 2.0.0 (0.0 ms)
│   ├── inner 0.1.0 (0.0 ms)
│   └── last (0.0 ms)
└── in a scope (0.0 ms)
";
    assert_eq!(without_times(&app.build().await.unwrap().print_plugins()), expected);
    assert_eq!(App::new().build().await.unwrap().print_plugins(), "app\n");
}
