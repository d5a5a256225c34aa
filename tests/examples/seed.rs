//! `examples/seed`: both forms answer the same, and what has changed is seen in both.

use super::*;

#[test]
fn both_forms_are_the_same_resource() {
    let seed = Example::start("seed", &[ANY_PORT]);
    let mut client = seed.connect();
    let naive = client.get("/naive").expect(200);
    let good = client.get("/good").expect(200);
    assert_eq!(naive.body, good.body);
    assert!((9_500..=10_800).contains(&good.body.len()), "{}", good.body.len());
    assert_eq!(good.header("etag"), Some("\"1\""));
    assert_eq!(client.get("/good").expect(200).header("age"), Some("0"));
    for (path, answer) in [("/naive", naive), ("/good", good)] {
        let tag = answer.header("etag").expect("a tag").to_owned();
        client.call("GET", path, &[("if-none-match", &tag)], b"").expect(304);
    }
    client.call("PUT", "/products/7", &[], b"12.50").expect(204);
    for path in ["/naive", "/good"] {
        assert_eq!(client.get(path).expect(200).json()[6]["price"], 12.5, "{path}");
    }
    assert_eq!(client.get("/good").expect(200).header("etag"), Some("\"2\""));
    client.call("GET", "/good", &[("if-none-match", "\"1\"")], b"").expect(200);
    client.call("PUT", "/products/70", &[], b"1").expect(404);
    client.call("PUT", "/products/7", &[], b"cheap").expect(400);
}
