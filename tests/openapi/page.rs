//! The page and its files, without a browser.

use std::io::Read;

use fastweb::prelude::*;

use crate::users;

const POLICY: &str = "script-src 'self'; style-src 'self'";

/// The values of these attributes in HTML.
fn references(html: &str) -> Vec<&str> {
    let parts = html.split("src=\"").skip(1).chain(html.split("href=\"").skip(1));
    parts.map(|part| part.split('"').next().unwrap()).filter(|value| !value.starts_with("data:")).collect()
}

#[tokio::test]
async fn everything_comes_from_this_server_and_no_script_stands_in_the_page() {
    let server =
        App::new().plugin(OpenApi::new("<Users>", "1.0").docs_path("/internal/api-docs")).build().await.unwrap();
    let page = server.inject(Inject::get("/internal/api-docs")).await;
    page.assert_status(200).assert_header("content-type", "text/html; charset=utf-8");
    page.assert_header("content-security-policy", POLICY).assert_header("cache-control", "no-cache");
    let html = page.text();
    assert!(html.contains("<title>&lt;Users&gt;</title>") && html.contains("&quot;../openapi.json&quot;"), "{html}");
    assert!(
        !html.contains("<script>") && !html.contains("<style") && !html.contains("style=") && !html.contains("://")
    );
    let references = references(html);
    assert_eq!(references.len(), 4, "{references:?}");
    for reference in references {
        // As a browser resolves it.
        let (path, query) = reference.split_once('?').unwrap_or((reference, ""));
        let reply = server.inject(Inject::get(format!("/internal/{path}?{query}"))).await;
        let kind = if path.ends_with(".js") { "text/javascript; charset=utf-8" } else { "text/css; charset=utf-8" };
        reply.assert_status(200).assert_header("content-type", kind).assert_header("x-content-type-options", "nosniff");
        // What is kept for ever has its version in its URL.
        let for_ever = reply.header("cache-control").unwrap().contains("immutable");
        assert_eq!(for_ever, query.starts_with("v="), "{reference}");
    }
}

#[tokio::test]
async fn what_is_large_comes_compressed() {
    let server = App::new().plugin(users()).build().await.unwrap();
    for (path, least, most) in [("swagger-ui-bundle.js", 1_000_000, 600_000), ("swagger-ui.css", 100_000, 40_000)] {
        let reply = server.inject(Inject::get(format!("/docs/{path}"))).await;
        reply.assert_status(200).assert_header("content-encoding", "gzip");
        assert!(reply.body().len() < most, "{path}: {}", reply.body().len());
        let mut content = String::new();
        flate2::read::GzDecoder::new(reply.body()).read_to_string(&mut content).unwrap();
        assert!(content.len() > least && content.contains("swagger-ui"), "{path}: {}", content.len());
    }
    server.inject(Inject::get("/docs/oauth2-redirect.html")).await.assert_header("content-encoding", "gzip");
    let head = server.inject(Inject::head("/docs/swagger-ui.css")).await;
    assert!(head.assert_status(200).body().is_empty());
}

#[tokio::test]
async fn there_may_be_no_page() {
    let server = App::new().plugin(users().without_docs()).build().await.unwrap();
    server.inject(Inject::get("/docs")).await.assert_status(404);
    server.inject(Inject::get("/openapi.json")).await.assert_status(200);
}
