//! The set of helmet.

use fastweb::prelude::*;

#[tokio::test]
async fn every_answer_has_them_and_an_answer_of_its_own_comes_first() {
    let app = App::new()
        .plugin(SecurityHeaders::new())
        .get("/", "text")
        .get("/own", ([("X-Frame-Options", "DENY")], "own"))
        .route(get("/embed", "embed").config(SecurityHeaders::new().without("X-Frame-Options").set("x-a", "1")))
        .route(get("/none", "none").config(SecurityHeaders::none()));
    let server = app.build().await.unwrap();
    for (path, status) in [("/", 200), ("/nowhere", 404)] {
        let reply = server.inject(Inject::get(path)).await;
        reply.assert_status(status);
        for (name, value) in [
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("origin-agent-cluster", "?1"),
            ("referrer-policy", "no-referrer"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
            ("x-content-type-options", "nosniff"),
            ("x-dns-prefetch-control", "off"),
            ("x-download-options", "noopen"),
            ("x-frame-options", "SAMEORIGIN"),
            ("x-permitted-cross-domain-policies", "none"),
            ("x-xss-protection", "0"),
        ] {
            reply.assert_header(name, value);
        }
        assert!(reply.header("content-security-policy").is_some_and(|policy| policy.contains("script-src 'self';")));
    }
    let own = server.inject(Inject::get("/own")).await;
    own.assert_header("x-frame-options", "DENY").assert_header("x-content-type-options", "nosniff");
    let embed = server.inject(Inject::get("/embed")).await;
    embed.assert_header("x-a", "1").assert_header("referrer-policy", "no-referrer");
    assert_eq!(embed.header("x-frame-options"), None);
    assert_eq!(server.inject(Inject::get("/none")).await.header("referrer-policy"), None);
}

#[tokio::test]
async fn a_policy_is_written_and_what_may_not_be_sent_found() {
    let headers = SecurityHeaders::none().policy([("default-src", "'none'"), ("upgrade-insecure-requests", "")]);
    let server = App::new().plugin(headers).get("/", "text").build().await.unwrap();
    let reply = server.inject(Inject::get("/")).await;
    reply.assert_header("content-security-policy", "default-src 'none';upgrade-insecure-requests");
    for bad in [SecurityHeaders::new().set("x a", "1"), SecurityHeaders::new().set("x-a", "1\r\nx-b: 2")] {
        let error = App::new().plugin(bad).build().await.expect_err("it may not be sent");
        assert!(error.to_string().contains("may not be sent"), "{error}");
    }
}
