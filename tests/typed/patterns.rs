//! Optional and typed parameters of the path as arguments.

use fastweb::prelude::*;

#[get("/posts/{year?}")]
async fn posts(year: Option<u16>) -> String {
    format!("{year:?}")
}

#[get("/tags/{tag?}")]
fn tags(tag: Option<&str>) -> String {
    format!("{tag:?}")
}

#[get("/items/{id:u64}")]
async fn item(id: u64) -> String {
    format!("number {id}")
}

#[get("/items/{name}")]
async fn named(name: &str) -> String {
    format!("name {name}")
}

#[tokio::test]
async fn optional_and_typed() {
    let app = App::new().route(posts).route(tags).route(item).route(named);
    let server = app.build().await.unwrap();
    for (path, text) in [
        ("/posts", "None"),
        ("/posts/2026", "Some(2026)"),
        ("/tags", "None"),
        ("/tags/a%20b", r#"Some("a b")"#),
        ("/items/7", "number 7"),
        ("/items/x", "name x"),
    ] {
        assert_eq!(server.inject(Inject::get(path)).await.text(), text, "{path}");
    }
    assert_eq!(server.inject(Inject::get("/posts/x")).await.status(), 400);
}
