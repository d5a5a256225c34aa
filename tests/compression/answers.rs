//! Bodies in memory.

use fastweb::compression::{Coding, NoCompression};
use fastweb::prelude::*;

use crate::decoders::{ALL, decode};
use crate::support::server::TestServer;
use crate::text;

async fn build(app: App) -> Server {
    app.build().await.unwrap_or_else(|error| panic!("{error}"))
}

fn accepting(path: &str, codings: &str) -> Inject {
    Inject::get(path).header("accept-encoding", codings)
}

#[tokio::test]
async fn each_coding_comes_back_as_it_was_whatever_the_length() {
    // Around the threshold, and around where the pool takes over.
    let lengths = [1024, 1025, 5000, 65_535, 65_536, 200_000];
    let mut app = App::new().plugin(Compression::new());
    for len in lengths {
        app = app.get(format!("/{len}"), move || text(len));
    }
    let server = build(app).await;
    for len in lengths {
        for coding in ALL {
            // Twice: the compressor is one that was used before.
            for _ in 0..2 {
                let reply = server.inject(accepting(&format!("/{len}"), coding)).await;
                reply.assert_status(200).assert_header("content-encoding", coding);
                reply
                    .assert_header("vary", "accept-encoding")
                    .assert_header("content-type", "text/plain; charset=utf-8");
                assert_eq!(reply.header("content-length"), Some(reply.body().len().to_string().as_str()));
                assert!(reply.body().len() < len, "{coding} {len}: {}", reply.body().len());
                assert!(decode(coding, reply.body()) == text(len).as_bytes(), "{coding} {len}");
            }
        }
    }
}

#[tokio::test]
async fn every_level_is_read_back() {
    for (coding, levels) in [
        (Coding::Zstd, [1, 3, 22]),
        (Coding::Brotli, [0, 4, 11]),
        (Coding::Gzip, [1, 5, 9]),
        (Coding::Deflate, [1, 5, 9]),
    ] {
        for level in levels {
            let server =
                build(App::new().plugin(Compression::new().level(coding, level)).get("/", || text(20_000))).await;
            let reply = server.inject(accepting("/", coding.as_str())).await;
            reply.assert_header("content-encoding", coding.as_str());
            assert!(decode(coding.as_str(), reply.body()) == text(20_000).as_bytes(), "{coding:?} {level}");
        }
    }
}

#[tokio::test]
async fn what_is_not_worth_it_or_not_wanted_stays_as_it_is() {
    let typed = |media_type: &'static str| move || Reply::text(text(5000)).with_content_type(media_type);
    let with = |name: &'static str, value: &'static str| move || Reply::text(text(5000)).with_header(name, value);
    let app = App::new()
        .plugin(Compression::new())
        .get("/short", || text(1023))
        .get("/image", typed("image/png"))
        .get("/bytes", || text(5000).into_bytes())
        .get("/none", || Reply::new().with_body(text(5000)))
        .get("/encoded", with("content-encoding", "gzip"))
        .get("/fixed", with("cache-control", "public, No-Transform"))
        .get("/part", || Reply::text(text(5000)).with_status(206).with_header("content-range", "bytes 0-4999/9999"))
        .route(get("/secret", || text(5000)).config(NoCompression))
        .get("/empty", NoContent)
        .get("/noise", || Reply::text("").with_body(noise(5000)));
    let server = build(app).await;
    for path in ["short", "image", "bytes", "none", "fixed", "part", "secret", "empty"] {
        let reply = server.inject(accepting(&format!("/{path}"), "gzip, br, zstd")).await;
        assert_eq!((reply.header("content-encoding"), reply.header("vary")), (None, None), "{path}");
    }
    let reply = server.inject(accepting("/encoded", "br")).await;
    reply.assert_header("content-encoding", "gzip");
    assert!(reply.body() == text(5000).as_bytes());
    // It would not get smaller; caches are told that it might have.
    let reply = server.inject(accepting("/noise", "zstd")).await;
    reply.assert_header("vary", "accept-encoding");
    assert_eq!(reply.header("content-encoding"), None);
    assert_eq!(reply.body().len(), noise(5000).len());
}

/// Bytes in no order.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let next = move |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..len).map(next).collect()
}

#[tokio::test]
async fn media_types_are_told_apart() {
    let mut app = App::new().plugin(Compression::new());
    let types = [
        ("text/html; charset=utf-8", true),
        ("TEXT/CSS", true),
        ("application/json", true),
        ("application/problem+json", true),
        ("application/vnd.api+json; ext=x", true),
        ("application/javascript", true),
        ("application/atom+xml", true),
        ("application/wasm", true),
        ("image/svg+xml", true),
        ("font/ttf", true),
        ("font/woff2", false),
        ("image/jpeg", false),
        ("video/mp4", false),
        ("application/zip", false),
        ("application/octet-stream", false),
        ("application/jsonx", false),
        ("json", false),
        ("", false),
    ];
    for (n, (media_type, _)) in types.into_iter().enumerate() {
        app = app.get(format!("/{n}"), move || Reply::text(text(5000)).with_content_type(media_type));
    }
    let server = build(app).await;
    for (n, (media_type, is_compressed)) in types.into_iter().enumerate() {
        let reply = server.inject(accepting(&format!("/{n}"), "gzip")).await;
        assert_eq!(reply.header("content-encoding").is_some(), is_compressed, "{media_type}");
    }
}

#[tokio::test]
async fn the_client_and_then_the_server_choose() {
    let gzip_first = Compression::new().codings([Coding::Gzip, Coding::Zstd]);
    let app = App::new().scope("/a", |a| a.plugin(Compression::new()).get("/", || text(5000)));
    let app = app.scope("/b", |b| b.plugin(gzip_first).get("/", || text(5000)));
    let server = build(app).await;
    for (path, accepts, chosen) in [
        ("/a", "gzip, deflate, br, zstd", Some("zstd")),
        ("/a", "gzip, deflate, br", Some("br")),
        ("/a", "gzip;q=1, br;q=0.9", Some("gzip")),
        ("/a", "*", Some("zstd")),
        ("/a", "identity", None),
        ("/a", "zstd;q=0", None),
        ("/a", "compress", None),
        ("/b", "gzip, deflate, br, zstd", Some("gzip")),
        ("/b", "br", None),
        ("/b", "zstd", Some("zstd")),
    ] {
        let reply = server.inject(accepting(path, accepts)).await;
        assert_eq!(reply.header("content-encoding"), chosen, "{path} {accepts}");
        // Whatever was chosen, it was a choice.
        reply.assert_header("vary", "accept-encoding");
    }
    let reply = server.inject(Inject::get("/a")).await;
    reply.assert_header("vary", "accept-encoding").assert_text(&text(5000));
}

#[tokio::test]
async fn tags_become_weak_and_vary_keeps_what_it_had() {
    let tagged = || {
        let reply = Reply::text(text(5000)).with_header("etag", "\"7\"").with_header("accept-ranges", "bytes");
        reply.with_header("vary", "Cookie")
    };
    let app = App::new()
        .plugin(ETag::new())
        .plugin(Compression::new())
        .get("/", tagged)
        .get("/weak", || Reply::text(text(5000)).with_header("etag", "W/\"7\""))
        .get("/any", || Reply::text(text(5000)).with_header("vary", "*"));
    let server = build(app).await;
    let reply = server.inject(accepting("/", "gzip")).await;
    reply.assert_header("etag", "W/\"7\"").assert_header("vary", "Cookie, accept-encoding");
    assert_eq!(reply.header("accept-ranges"), None);
    let plain = server.inject(Inject::get("/")).await;
    plain.assert_header("etag", "\"7\"").assert_header("accept-ranges", "bytes");
    server.inject(accepting("/weak", "gzip")).await.assert_header("etag", "W/\"7\"");
    server.inject(accepting("/any", "gzip")).await.assert_header("vary", "*");
    // The client that got the compressed one asks with its tag.
    let same = server.inject(accepting("/", "gzip").header("if-none-match", "W/\"7\"")).await;
    same.assert_status(304)
        .assert_header("etag", "W/\"7\"")
        .assert_header("vary", "Cookie, accept-encoding")
        .assert_text("");
}

#[tokio::test]
async fn errors_are_answers_like_others() {
    let long = || -> Result<&str> { Err(Error::bad_request("too bad. ".repeat(500))) };
    let server = build(App::new().plugin(Compression::new()).get("/", long)).await;
    let reply = server.inject(accepting("/", "br")).await;
    reply.assert_status(400).assert_header("content-encoding", "br");
    assert!(String::from_utf8(decode("br", reply.body())).unwrap().contains("too bad"));
}

#[tokio::test]
async fn wrong_options_are_errors_of_build() {
    for (plugin, told) in [
        (Compression::new().level(Coding::Gzip, 10), "the level 10 of the compression gzip has to be from 1 to 9"),
        (Compression::new().level(Coding::Zstd, 0), "the level 0 of the compression zstd has to be from 1 to 22"),
        (Compression::new().codings([]), "compression without a coding"),
    ] {
        let error = App::new().plugin(plugin).build().await.expect_err(told);
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[test]
fn head_says_what_get_says() {
    let server = TestServer::start(App::new().plugin(Compression::new()).get("/", || text(100_000)));
    let mut client = server.client();
    let get = client.ask("GET / HTTP/1.1\r\nhost: a\r\naccept-encoding: gzip\r\n\r\n");
    client.send("HEAD / HTTP/1.1\r\nhost: a\r\naccept-encoding: gzip\r\n\r\n");
    let head = client.head_answer();
    for name in ["content-length", "content-encoding", "vary", "content-type"] {
        assert!(get.header(name).is_some());
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    assert!(decode("gzip", &get.body) == text(100_000).as_bytes());
}

/// What the system's own programs read.
#[test]
#[ignore = "needs curl and gzip: .ci/long runs it"]
fn other_programs_read_it() {
    use std::process::Command;
    let app = App::new().plugin(Compression::new()).get("/", || text(200_000)).get("/stream", || {
        Body::from_fn(async |out| {
            for _ in 0..10 {
                out.send(text(20_000)).await;
            }
            Ok(())
        })
    });
    let app = app.on_send(|_: &mut Request, reply: &mut Reply| {
        if reply.content_type().is_none() {
            reply.set_content_type("text/plain");
        }
    });
    let server = TestServer::start(App::new().mount("/", app));
    for coding in ["gzip", "deflate", "br", "zstd"] {
        for (path, expected) in [("/", text(200_000)), ("/stream", text(20_000).repeat(10))] {
            let url = format!("http://{}{path}", server.address);
            let header = format!("accept-encoding: {coding}");
            let output =
                Command::new("curl").args(["-sS", "--max-time", "20", "--compressed", "-H", &header, &url]).output();
            let output = output.expect("curl runs");
            assert!(output.status.success(), "{coding}: {}", String::from_utf8_lossy(&output.stderr));
            assert!(output.stdout == expected.as_bytes(), "{coding} {path}: {} bytes", output.stdout.len());
        }
    }
}
