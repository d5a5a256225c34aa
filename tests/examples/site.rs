//! `examples/site`.

use super::*;

#[test]
fn a_site_with_an_api() {
    let site = Example::start("site", &[ANY_PORT]);
    let mut client = site.connect();
    let page = client.get("/").expect(200);
    assert!(page.text().contains("<title>A site</title>"));
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    for path in ["/app.js", "/style.css", "/icon.svg"] {
        let file = client.get(path).expect(200);
        let tag = file.header("etag").expect("a tag").to_owned();
        client.call("GET", path, &[("if-none-match", &tag)], b"").expect(304);
    }
    client.get("/articles.rs").expect(404);
    client.get("/..%2fmain.rs").expect(400);

    let article = client.get("/api/articles/1").expect(200);
    assert_eq!(article.header("etag"), Some("\"1\""));
    assert_eq!(article.header("cache-control"), Some("no-cache"));
    assert_eq!(article.json()["title"], "First");
    client.call("GET", "/api/articles/1", &[("if-none-match", "\"1\"")], b"").expect(304);
    let compressed = client.call("GET", "/api/articles/1", &[("accept-encoding", "zstd")], b"");
    assert_eq!(compressed.header("content-encoding"), Some("zstd"));
    assert!(compressed.body.len() < article.body.len() / 10);

    let new = r#"{"title":"New","text":"What came after."}"#;
    let put = |client: &mut support::client::Client, path: &str, name: &str, value: &str| {
        client.json("PUT", path, &[(name, value)], new)
    };
    let changed = put(&mut client, "/api/articles/1", "if-match", "\"1\"").expect(204);
    assert_eq!(changed.header("etag"), Some("\"2\""));
    put(&mut client, "/api/articles/1", "if-match", "\"1\"").expect(412);
    put(&mut client, "/api/articles/2", "if-none-match", "*").expect(204);
    put(&mut client, "/api/articles/2", "if-none-match", "*").expect(412);
    assert_eq!(client.get("/api/articles/1").expect(200).json()["title"], "New");

    let first = client.call("POST", "/api/visits", &[], b"").expect(200);
    let cookie = first.header("set-cookie").expect("a cookie").split(';').next().expect("its pair").to_owned();
    assert_eq!(first.text(), "1");
    assert_eq!(client.call("POST", "/api/visits", &[("cookie", &cookie)], b"").expect(200).text(), "2");
    assert_eq!(client.call("POST", "/api/visits", &[("cookie", "visits=7")], b"").expect(200).text(), "1");
}
