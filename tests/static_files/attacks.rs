//! Ways out of the folder. The file `secret` lies beside it.

use std::os::unix::fs::symlink;
use std::process::Command;

use fastweb::prelude::*;
use fastweb::static_files::{Dotfiles, Symlinks};

use crate::build;
use crate::folder::Folder;
use crate::support::client::Client;
use crate::support::server::TestServer;

/// What has been tried on file servers, in every way to write it.
fn corpus() -> Vec<String> {
    let dots = [
        "..",
        "%2e%2e",
        "%2E%2e",
        ".%2e",
        "%2e.",
        "%252e%252e",
        "..%00",
        "..;",
        "..%20",
        "...",
        "....",
        "%c0%ae%c0%ae",
        "%e0%80%ae%e0%80%ae",
        "%uff0e%uff0e",
        "．．",
        "%ef%bc%8e%ef%bc%8e",
        "..\\",
        "..%5c",
    ];
    let slashes = ["/", "%2f", "%2F", "\\", "%5c", "%5C", "//", "/./", "%252f", "%c0%af", "%e0%80%af", "%00/", "∕"];
    let mut targets = Vec::new();
    for dot in dots {
        for slash in slashes {
            for depth in 1..=3 {
                let up = format!("{dot}{slash}").repeat(depth);
                targets.push(format!("/{up}secret"));
                targets.push(format!("/inner{slash}{up}secret"));
                targets.push(format!("/inner/{up}{dot}{slash}secret"));
                targets.push(format!("/{up}etc/passwd"));
            }
        }
    }
    for odd in [
        "//etc/passwd",
        "///etc/passwd",
        "/%2fetc%2fpasswd",
        "/%2f%2fetc/passwd",
        "/file:///etc/passwd",
        "/~root",
        "/secret%00.txt",
        "/a.txt%00",
        "/a.txt/..",
        "/a.txt/../../secret",
        "/.",
        "/./",
        "/..",
        "/../",
        "/inner/..",
        "/inner/%2e",
        "/C:/secret",
        "/a.txt::$DATA",
        "/inner\\..\\..\\secret",
        "/%5c..%5csecret",
        "/a.txt/",
        "/a.txt/a.txt",
        "/dangling",
        "/loop",
        "/out",
        "/out/secret",
        "/deep/out",
    ] {
        targets.push(odd.to_owned());
    }
    targets
}

fn attacked() -> Folder {
    let folder = Folder::with(&[("a.txt", b"public"), ("inner/b.txt", b"public"), ("deep/c.txt", b"public")]);
    let public = folder.public();
    symlink(folder.outside().join("secret"), public.join("out-file")).unwrap();
    symlink(folder.outside(), public.join("out")).unwrap();
    symlink("../../secret", public.join("deep/out")).unwrap();
    symlink("nowhere", public.join("dangling")).unwrap();
    symlink("loop", public.join("loop")).unwrap();
    symlink("a.txt", public.join("within")).unwrap();
    symlink("inner", public.join("within-folder")).unwrap();
    folder
}

#[test]
fn nothing_leads_out_of_the_folder() {
    let folder = attacked();
    let app = || {
        let all = StaticFiles::new("/", folder.public()).dotfiles(Dotfiles::Allow).precompressed();
        let below = StaticFiles::new("/files", folder.public()).spa("a.txt").listing();
        App::new().plugin(all).plugin(below)
    };
    let server = TestServer::start(app());
    let mut client = Client::connect(server.address);
    let mut count = 0;
    for target in corpus().into_iter().flat_map(|target| [format!("/files{target}"), target]) {
        let request = format!("GET {target} HTTP/1.1\r\nhost: a\r\naccept-encoding: gzip\r\n\r\n");
        client.send(request.as_bytes());
        let answer = client.read(false);
        let text = String::from_utf8_lossy(&answer.body);
        assert!(!text.contains("root:") && text != "secret", "{target}: {text}");
        // Files of the folder may be found: by a way that is none. Pages, too, and errors.
        assert!(matches!(answer.status, 200 | 301 | 400 | 404), "{target}: {}", answer.status);
        if answer.status == 200 {
            assert!(text == "public" || text.starts_with("<!doctype"), "{target}: {text}");
        }
        if answer.header("connection") == Some("close") {
            client = Client::connect(server.address);
        }
        count += 1;
    }
    assert!(count > 5000, "{count}");
}

#[tokio::test]
async fn links_are_followed_as_they_were_told() {
    let folder = attacked();
    let app = App::new()
        .plugin(StaticFiles::new("/within", folder.public()))
        .plugin(StaticFiles::new("/never", folder.public()).symlinks(Symlinks::Never))
        .plugin(StaticFiles::new("/anywhere", folder.public()).symlinks(Symlinks::Anywhere));
    let server = build(app).await;
    for (path, within, never, anywhere) in [
        ("a.txt", 200, 200, 200),
        ("within", 200, 404, 200),
        ("within-folder/b.txt", 200, 404, 200),
        ("out-file", 404, 404, 200),
        ("out/secret", 404, 404, 200),
        ("deep/out", 404, 404, 200),
        ("out/public/a.txt", 200, 404, 200),
        ("dangling", 404, 404, 404),
        ("loop", 404, 404, 404),
    ] {
        for (prefix, status) in [("within", within), ("never", never), ("anywhere", anywhere)] {
            let reply = server.inject(Inject::get(format!("/{prefix}/{path}"))).await;
            assert_eq!(reply.status().as_u16(), status, "/{prefix}/{path}");
        }
    }
}

#[tokio::test]
async fn a_precompressed_file_may_not_lead_out_either() {
    let folder = attacked();
    symlink(folder.outside().join("secret"), folder.public().join("a.txt.gz")).unwrap();
    let server = build(App::new().plugin(StaticFiles::new("/", folder.public()).precompressed())).await;
    let reply = server.inject(Inject::get("/a.txt").header("accept-encoding", "gzip")).await;
    reply.assert_status(200).assert_text("public");
    assert_eq!(reply.header("content-encoding"), None);
}

#[tokio::test]
async fn names_with_dots_are_as_they_were_told() {
    let folder =
        Folder::with(&[(".env", b"key"), (".git/config", b"git"), (".well-known/acme", b"token"), ("a/.b", b"b")]);
    let app = App::new()
        .plugin(StaticFiles::new("/ignore", folder.public()))
        .plugin(StaticFiles::new("/deny", folder.public()).dotfiles(Dotfiles::Deny))
        .plugin(StaticFiles::new("/allow", folder.public()).dotfiles(Dotfiles::Allow));
    let server = build(app).await;
    for path in [".env", ".git/config", "a/.b", "%2eenv"] {
        for (prefix, status) in [("ignore", 404), ("deny", 403), ("allow", 200)] {
            server.inject(Inject::get(format!("/{prefix}/{path}"))).await.assert_status(status);
        }
    }
    server.inject(Inject::get("/ignore/.well-known/acme")).await.assert_text("token");
}

#[tokio::test]
async fn what_is_no_file_and_what_is_not_allowed_is_not_there() {
    let folder = Folder::with(&[("a.txt", b"a"), ("b.key", b"b")]);
    let made = Command::new("mkfifo").arg(folder.public().join("pipe")).status().expect("mkfifo runs");
    assert!(made.success());
    let _socket = std::os::unix::net::UnixListener::bind(folder.public().join("socket")).unwrap();
    symlink("/dev/zero", folder.public().join("zero")).unwrap();
    let allowed = StaticFiles::new("/some", folder.public()).allowed(|path| !path.ends_with(".key"));
    let all = StaticFiles::new("/all", folder.public()).symlinks(Symlinks::Anywhere);
    let server = build(App::new().plugin(allowed).plugin(all)).await;
    for path in ["pipe", "socket", "zero", "none"] {
        server.inject(Inject::get(format!("/all/{path}"))).await.assert_status(404);
    }
    server.inject(Inject::get("/all/b.key")).await.assert_text("b");
    server.inject(Inject::get("/some/b.key")).await.assert_status(404);
    server.inject(Inject::get("/some/a.txt")).await.assert_text("a");
    let long = "x".repeat(400);
    server.inject(Inject::get(format!("/all/{long}"))).await.assert_status(404);
}

#[test]
fn a_redirect_never_leads_to_another_server() {
    let folder = Folder::with(&[("example.com/index.html", b"page"), ("a:b/index.html", b"page")]);
    let server = TestServer::start(App::new().plugin(StaticFiles::new("/", folder.public())));
    for (target, status, location) in [
        ("/example.com", 301, Some("./example.com/")),
        ("//example.com", 404, None),
        ("//example.com/", 404, None),
        ("/%2fexample.com", 404, None),
        ("/\\example.com", 404, None),
        ("/a:b", 301, Some("./a:b/")),
        ("/example.com?//evil.com", 301, Some("./example.com/?//evil.com")),
    ] {
        let mut client = Client::connect(server.address);
        client.send(format!("GET {target} HTTP/1.1\r\nhost: a\r\n\r\n").as_bytes());
        let answer = client.read(false);
        assert_eq!((answer.status, answer.header("location")), (status, location), "{target}");
    }
}
