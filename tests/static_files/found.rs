//! What is found, and what is said about it.

use std::time::Duration;

use fastweb::etag::CacheControl;
use fastweb::prelude::*;

use crate::build;
use crate::folder::{Folder, numbers};

#[tokio::test]
async fn files_are_sent_as_they_are_whatever_their_length() {
    let lens = [0, 1, 65_535, 65_536, 65_537, 1_000_000];
    let folder = Folder::with(&[]);
    for len in lens {
        folder.write(&format!("{len}.bin"), &numbers(len));
    }
    let server = build(App::new().plugin(StaticFiles::new("/f", folder.public()))).await;
    for len in lens {
        let reply = server.inject(Inject::get(format!("/f/{len}.bin"))).await;
        reply.assert_status(200).assert_header("content-length", &len.to_string());
        reply.assert_header("accept-ranges", "bytes").assert_header("cache-control", "public, max-age=0");
        assert!(reply.body() == numbers(len), "{len}");
        let head = server.inject(Inject::head(format!("/f/{len}.bin"))).await;
        head.assert_status(200).assert_text("");
        for name in ["content-length", "etag", "last-modified", "content-type", "accept-ranges", "cache-control"] {
            assert!(reply.header(name).is_some(), "{name}");
            assert_eq!(head.header(name), reply.header(name), "{name}");
        }
    }
}

#[tokio::test]
async fn media_types_go_by_the_end_of_the_name() {
    let files: &[(&str, &[u8])] = &[
        ("a.html", b""),
        ("a.JS", b""),
        ("a.tar.gz", b""),
        ("a", b""),
        ("a.odd", b""),
        ("a.own", b""),
        ("ä ö.txt", b""),
    ];
    let folder = Folder::with(files);
    let plugin = StaticFiles::new("/", folder.public()).media_type("OWN", "application/x-own");
    let server = build(App::new().plugin(plugin)).await;
    for (path, media_type) in [
        ("/a.html", "text/html; charset=utf-8"),
        ("/a.JS", "text/javascript; charset=utf-8"),
        ("/a.tar.gz", "application/gzip"),
        ("/a", "application/octet-stream"),
        ("/a.odd", "application/octet-stream"),
        ("/a.own", "application/x-own"),
        ("/%C3%A4%20%C3%B6.txt", "text/plain; charset=utf-8"),
    ] {
        server.inject(Inject::get(path)).await.assert_status(200).assert_header("content-type", media_type);
    }
}

#[tokio::test]
async fn folders_have_an_index_and_a_slash() {
    let folder = Folder::with(&[
        ("index.html", b"root"),
        ("a b/index.html", b"inner"),
        ("bare/x", b""),
        ("own/main.htm", b"own"),
    ]);
    let app = App::new()
        .plugin(StaticFiles::new("/f", folder.public()))
        .plugin(StaticFiles::new("/own", folder.public().join("own")).index("main.htm"))
        .plugin(StaticFiles::new("/none", folder.public()).without_index());
    let server = build(app).await;
    server
        .inject(Inject::get("/f/"))
        .await
        .assert_text("root")
        .assert_header("content-type", "text/html; charset=utf-8");
    server.inject(Inject::get("/f/a%20b/")).await.assert_text("inner");
    for (path, to) in [("/f", "./f/"), ("/f?x=1", "./f/?x=1"), ("/f/a%20b", "./a%20b/"), ("/own", "./own/")] {
        server.inject(Inject::get(path)).await.assert_status(301).assert_header("location", to);
    }
    server.inject(Inject::get("/own/")).await.assert_text("own");
    for path in ["/f/bare", "/f/bare/", "/f/index.html/", "/none/", "/none", "/f/a%20b/x"] {
        server.inject(Inject::get(path)).await.assert_status(404);
    }
}

#[tokio::test]
async fn what_is_not_there_goes_to_the_scope_and_other_methods_nowhere() {
    let folder = Folder::with(&[("a", b"a")]);
    let app = App::new()
        .plugin(StaticFiles::new("/", folder.public()))
        .get("/api", "api")
        .not_found(|| (StatusCode::NOT_FOUND, "no such page"));
    let server = build(app).await;
    server.inject(Inject::get("/none")).await.assert_status(404).assert_text("no such page");
    server.inject(Inject::get("/api")).await.assert_text("api");
    server.inject(Inject::post("/a")).await.assert_status(405);
    server.inject(Inject::get("/a")).await.assert_text("a");
}

#[tokio::test]
async fn pages_of_an_application_in_the_browser() {
    let folder = Folder::with(&[("index.html", b"page"), ("a.js", b"script")]);
    let server = build(App::new().plugin(StaticFiles::new("/", folder.public()).spa("index.html"))).await;
    let ask = |path: &str, accept: &str| Inject::get(path).header("accept", accept);
    for request in [
        Inject::get("/users/7"),
        ask("/users/7", "text/html,application/xhtml+xml"),
        ask("/users/", "*/*"),
        Inject::get("/"),
    ] {
        let reply = server.inject(request).await;
        reply.assert_status(200).assert_text("page").assert_header("content-type", "text/html; charset=utf-8");
    }
    for request in [Inject::get("/b.js"), ask("/users/7", "application/json"), Inject::get("/.git/config")] {
        server.inject(request).await.assert_status(404);
    }
    server.inject(Inject::get("/a.js")).await.assert_text("script");
}

#[tokio::test]
async fn a_file_that_was_compressed_before_is_sent_to_who_takes_it() {
    let folder = Folder::with(&[
        ("a.js", b"plain"),
        ("a.js.br", b"br"),
        ("a.js.gz", b"gz"),
        ("b.js", b"plain"),
        ("b.js.zst", b"zst"),
        ("c.js", b"plain"),
        ("d.js.gz", b"alone"),
    ]);
    std::fs::create_dir(folder.public().join("c.js.gz")).unwrap();
    let app = App::new()
        .plugin(StaticFiles::new("/on", folder.public()).precompressed())
        .plugin(StaticFiles::new("/off", folder.public()));
    let server = build(app).await;
    let ask = |path: &str, accepts: &str| Inject::get(path).header("accept-encoding", accepts);
    for (path, accepts, expected, coding) in [
        ("/on/a.js", "gzip, br, zstd", "br", Some("br")),
        ("/on/a.js", "gzip, br;q=0.5", "gz", Some("gzip")),
        ("/on/a.js", "zstd", "plain", None),
        ("/on/a.js", "identity", "plain", None),
        ("/on/a.js", "gzip;q=0", "plain", None),
        ("/on/b.js", "gzip, zstd", "zst", Some("zstd")),
        ("/on/c.js", "gzip", "plain", None),
        ("/off/a.js", "gzip, br, zstd", "plain", None),
    ] {
        let reply = server.inject(ask(path, accepts)).await;
        reply.assert_status(200).assert_text(expected).assert_header("content-type", "text/javascript; charset=utf-8");
        assert_eq!(reply.header("content-encoding"), coding, "{path} {accepts}");
        assert_eq!(reply.header("vary"), path.starts_with("/on").then_some("accept-encoding"), "{path} {accepts}");
    }
    server.inject(ask("/on/d.js", "gzip")).await.assert_status(404);
    // Each form has a tag of its own, and is compared by it.
    let tag = |reply: fastweb::InjectReply| reply.header("etag").unwrap().to_owned();
    let plain = tag(server.inject(Inject::get("/on/a.js")).await);
    let br = tag(server.inject(ask("/on/a.js", "br")).await);
    assert_ne!(plain, br);
    server.inject(ask("/on/a.js", "br").header("if-none-match", &br)).await.assert_status(304);
    server.inject(ask("/on/a.js", "br").header("if-none-match", &plain)).await.assert_status(200);
    // Ranges are those of the form that is sent.
    let part = server.inject(ask("/on/a.js", "br").header("range", "bytes=1-")).await;
    part.assert_status(206).assert_text("r").assert_header("content-range", "bytes 1-1/2");
}

#[tokio::test]
async fn how_long_they_may_be_kept_is_said() {
    let folder = Folder::with(&[("a.html", b""), ("a.js", b"")]);
    let hour = Duration::from_secs(3600);
    let kept = StaticFiles::new("/kept", folder.public()).max_age(hour).immutable();
    let kept = kept.cache_control_for(|path| path.ends_with(".html").then(|| CacheControl::new().no_cache()));
    let silent = StaticFiles::new("/silent", folder.public()).cache_control(CacheControl::new());
    let changed = StaticFiles::new("/changed", folder.public()).on_reply(|path, reply| {
        reply.set_header("x-path", path).set_header("cache-control", "private");
    });
    let server = build(App::new().plugin(kept).plugin(silent).plugin(changed)).await;
    let ask = async |path: &str| server.inject(Inject::get(path)).await;
    ask("/kept/a.js").await.assert_header("cache-control", "public, max-age=3600, immutable");
    ask("/kept/a.html").await.assert_header("cache-control", "no-cache");
    assert_eq!(ask("/silent/a.js").await.header("cache-control"), None);
    ask("/changed/a.js").await.assert_header("x-path", "a.js").assert_header("cache-control", "private");
}

#[tokio::test]
async fn a_folder_is_shown_where_that_is_wanted() {
    let folder = Folder::with(&[("b<i>.txt", b""), ("a/x", b""), (".hidden", b""), ("c/index.html", b"index")]);
    let server = build(App::new().plugin(StaticFiles::new("/f", folder.public()).listing())).await;
    let reply = server.inject(Inject::get("/f/")).await;
    reply.assert_status(200).assert_header("content-type", "text/html; charset=utf-8");
    let text = reply.text();
    assert!(
        text.contains("<a href=\"./a/\">a/</a>") && text.contains("<a href=\"./b%3Ci%3E.txt\">b&lt;i&gt;.txt</a>"),
        "{text}"
    );
    assert!(!text.contains("hidden") && !text.contains("<i>"), "{text}");
    server.inject(Inject::get("/f/a")).await.assert_status(301).assert_header("location", "./a/");
    assert!(server.inject(Inject::get("/f/a/")).await.text().contains("<a href=\"../\">"));
    server.inject(Inject::get("/f/c/")).await.assert_text("index");
}

#[tokio::test]
async fn what_is_wrong_is_found_when_it_is_built() {
    let folder = Folder::with(&[]);
    for (plugin, told) in [
        (StaticFiles::new("/", folder.public().join("none")), "of static files cannot be read"),
        (StaticFiles::new("/", folder.outside().join("secret")), "of static files cannot be read"),
        (StaticFiles::new("assets", folder.public()), "the prefix \"assets\" of static files"),
        (StaticFiles::new("/assets/", folder.public()), "the prefix \"/assets/\" of static files"),
        (StaticFiles::new("/{x}", folder.public()), "the prefix \"/{x}\" of static files"),
        (StaticFiles::new("/", folder.public()).index("../x"), "the file \"../x\" has to be a path below"),
        (StaticFiles::new("/", folder.public()).spa("/x"), "the file \"/x\" has to be a path below"),
    ] {
        let error = App::new().plugin(plugin).build().await.expect_err(told);
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[tokio::test]
async fn together_with_compression_and_tags() {
    let text = numbers(100_000);
    let folder = Folder::with(&[("a.txt", &text), ("small.txt", &text[..5000])]);
    let app = App::new().plugin(ETag::new()).plugin(Compression::new()).plugin(StaticFiles::new("/", folder.public()));
    let server = build(app).await;
    for path in ["/a.txt", "/small.txt"] {
        let plain = server.inject(Inject::get(path)).await;
        let reply = server.inject(Inject::get(path).header("accept-encoding", "gzip")).await;
        reply.assert_header("content-encoding", "gzip");
        assert_eq!(reply.header("accept-ranges"), None);
        let tag = reply.header("etag").unwrap().to_owned();
        assert_eq!(Some(tag.as_str()), plain.header("etag").map(|tag| format!("W/{tag}")).as_deref());
        let mut decoded = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(reply.body()), &mut decoded).unwrap();
        assert!(decoded == plain.body());
        let same = Inject::get(path).header("accept-encoding", "gzip").header("if-none-match", &tag);
        server.inject(same).await.assert_status(304).assert_header("etag", &tag);
        // A part is one of the file as it is.
        let part = Inject::get(path).header("accept-encoding", "gzip").header("range", "bytes=0-1999");
        let part = server.inject(part).await;
        part.assert_status(206).assert_header("content-length", "2000");
        assert_eq!(part.header("content-encoding"), None);
    }
}
