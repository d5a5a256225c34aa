//! The page: Swagger UI, from this server alone.

use fastweb_core::{Body, Reply, Route, Scope, get};
use serde_json::json;

/// The page's files come from where it came from, no script stands in it, and none is evaluated.
const POLICY: &str = "script-src 'self'; style-src 'self'";

const VERSION: &str = env!("FASTWEB_SWAGGER_UI_VERSION");

/// The files of Swagger UI, compressed. Every browser takes gzip, so nobody is asked: there is no other form to choose (RFC 9110, 12.5.3).
macro_rules! compressed {
    ($name:literal, $media_type:expr) => {
        ($name, $media_type, include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz")))
    };
}

static COMPRESSED: [(&str, &str, &[u8]); 4] = [
    compressed!("swagger-ui-bundle.js", JAVASCRIPT),
    compressed!("swagger-ui.css", CSS),
    compressed!("oauth2-redirect.html", HTML),
    compressed!("oauth2-redirect.js", JAVASCRIPT),
];

static OWN: [(&str, &str, &str); 2] =
    [("page.js", JAVASCRIPT, include_str!("page.js")), ("page.css", CSS, include_str!("page.css"))];

const HTML: &str = "text/html; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// Adds the page and its files. `documents` are names and paths; the first one is shown first.
pub(super) fn add(scope: Scope, path: &str, title: &str, documents: &[(String, String)]) -> Scope {
    let html = html(path, title, documents);
    let mut scope = scope.route(route(path.to_owned(), HTML, move || html.clone().into()));
    for (name, media_type, text) in OWN {
        scope = scope.route(route(format!("{path}/{name}"), media_type, move || text.into()));
    }
    for (name, media_type, bytes) in COMPRESSED {
        scope = scope.route(asset(format!("{path}/{name}"), media_type, bytes));
    }
    scope
}

/// What may be another with the next version of the application.
fn route(path: String, media_type: &'static str, body: impl Fn() -> Body + Send + Sync + 'static) -> Route {
    get(path, move || reply(media_type).with_header("cache-control", "no-cache").with_body(body())).hidden()
}

/// What stays as it is: the page asks for it with its version.
fn asset(path: String, media_type: &'static str, bytes: &'static [u8]) -> Route {
    let answer = move || {
        reply(media_type)
            .with_header("content-encoding", "gzip")
            .with_header("cache-control", "public, max-age=31536000, immutable")
            .with_body(bytes)
    };
    get(path, answer).hidden()
}

fn reply(media_type: &'static str) -> Reply {
    Reply::new()
        .with_content_type(media_type)
        .with_header("content-security-policy", POLICY)
        .with_header("x-content-type-options", "nosniff")
}

/// Its references are relative, so that it works behind a proxy that puts a prefix before its path.
fn html(path: &str, title: &str, documents: &[(String, String)]) -> String {
    let folder = path.rsplit('/').next().unwrap_or_default();
    let documents: Vec<_> =
        documents.iter().map(|(name, target)| json!({ "name": name, "url": relative(path, target) })).collect();
    let (title, folder, documents) = (escape(title), escape(folder), escape(&json!(documents).to_string()));
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{folder}/swagger-ui.css?v={VERSION}">
<link rel="stylesheet" href="{folder}/page.css">
</head>
<body>
<nav id="documents"></nav>
<main id="page" data-documents="{documents}" data-login="{folder}/oauth2-redirect.html"></main>
<noscript>This page needs JavaScript. The document itself does not.</noscript>
<script src="{folder}/swagger-ui-bundle.js?v={VERSION}"></script>
<script src="{folder}/page.js"></script>
</body>
</html>
"#
    )
}

/// The way from one path to another: from `/a/docs` to `/a/x.json` it is `x.json`.
fn relative(from: &str, to: &str) -> String {
    let folder = from.rfind('/').map_or("", |at| &from[..=at]);
    let common = folder.bytes().zip(to.bytes()).take_while(|(a, b)| a == b).count();
    // Paths may differ within a letter of several bytes; a slash is one of one.
    let common = folder.as_bytes()[..common].iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
    let up = folder[common..].matches('/').count();
    "../".repeat(up) + &to[common..]
}

/// Text in HTML, also between quotes.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_from_one_path_to_another() {
        for (from, to, way) in [
            ("/docs", "/openapi.json", "openapi.json"),
            ("/docs", "/openapi/admin.json", "openapi/admin.json"),
            ("/a/docs", "/a/x.json", "x.json"),
            ("/a/docs", "/ab/x.json", "../ab/x.json"),
            ("/a/b/docs", "/x.json", "../../x.json"),
            ("/é/docs", "/è/x.json", "../è/x.json"),
        ] {
            assert_eq!(relative(from, to), way, "{from} {to}");
        }
    }

    #[test]
    fn what_was_written_by_others_is_text() {
        let html = html("/docs", "</title><script>", &[("\"'>".into(), "/x.json".into())]);
        assert!(!html.contains("<script>") && !html.contains("\"'>"), "{html}");
        assert!(html.contains("&lt;/title&gt;&lt;script&gt;"));
    }
}
