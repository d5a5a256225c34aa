//! Fields behind bodies, both ways (RFC 9110, 6.5).

use fastweb::prelude::*;

use crate::support::server::TestServer;

fn show(trailers: Option<&fastweb::HeaderMap>) -> String {
    let fields = trailers.into_iter().flatten();
    fields.map(|(name, value)| format!("{name}={} ", value.to_str().unwrap_or("?"))).collect::<String>()
}

fn chunked(path: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{body}")
}

#[test]
fn those_of_requests_are_there_when_the_body_was_read() {
    let app = App::new()
        .post("/body", async |mut body: Body| -> Result<String> {
            let before = show(body.trailers());
            while body.chunk().await?.is_some() {}
            Ok(format!("{before}|{}", show(body.trailers())))
        })
        .post("/unread", async |body: Body| show(body.trailers()))
        .post("/whole", async |req: &mut Request| -> Result<String> {
            let text = req.text().await?;
            Ok(format!("{text}|{}", show(req.trailers())))
        })
        .post("/hook", async |body: String| body)
        .on_send(|req: &mut Request, reply: &mut Reply| {
            reply.set_header("x-seen", show(req.trailers()).trim_end());
        });
    let server = TestServer::start(app);
    let mut client = server.client();
    let body = "3\r\nabc\r\n0\r\nX-Sum: 294\r\nx-sum:295\r\nContent-Length: 7\r\nHost: evil\r\n\r\n";
    assert_eq!(client.ask(chunked("/body", body)).text(), "|x-sum=294 x-sum=295 ");
    assert_eq!(client.ask(chunked("/whole", body)).text(), "abc|x-sum=294 x-sum=295 ");
    let hooked = client.ask(chunked("/hook", body));
    assert_eq!((hooked.text(), hooked.header("x-seen")), ("abc".to_owned(), Some("x-sum=294 x-sum=295")));
    assert_eq!(client.ask(chunked("/unread", body)).text(), "");
    // They do not stay for the next one.
    for next in ["0\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n"] {
        assert_eq!(client.ask(chunked("/body", next)).text(), "|");
    }
    let hooked = client.ask("POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
    assert_eq!((hooked.text(), hooked.header("x-seen")), ("abc".to_owned(), Some("")));
}

fn app() -> App {
    App::new()
        .workers(1)
        .get("/text", || Reply::text("hello").with_trailer("X-Sum", "532"))
        .get("/large", || Reply::text("x".repeat(40_000)).with_trailer("x-sum", "1"))
        .get("/none", || Reply::new().with_status(204).with_trailer("x-sum", "0"))
        .get("/fn", || {
            let body = Body::from_fn(async |out| {
                out.send("hello").await;
                out.set_trailer("x-sum", "532")
            });
            Reply::new().with_header("trailer", "x-sum").with_body(body)
        })
        .get("/channel", async || {
            let (mut sender, body) = Body::channel(100);
            sender.set_trailer("x-sum", "532")?;
            sender.send("hello").await?;
            sender.finish();
            Ok::<_, Error>(body)
        })
        .get("/failed", || -> Result<Reply> { Err(Error::conflict("no").with_code("NO")) })
        .on_send(|req: &mut Request, reply: &mut Reply| {
            if req.path() == "/hooked" {
                reply.set_trailer("x-hook", "1");
            }
        })
        .get("/hooked", "constant")
        .get("/forbidden", || Reply::text("x").with_trailer("content-length", "1"))
        .get("/malformed", || Reply::text("x").with_trailer("x-a", "1\r\nx-b: 2"))
        .post("/echo", async |body: Body| body)
}

fn ask(server: &TestServer, path: &str, fields: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close, TE\r\n{fields}\r\n");
    let bytes = server.client().send(request).read_to_end();
    String::from_utf8(bytes).expect("text")
}

#[test]
fn those_of_replies_go_to_who_asked_for_them() {
    let server = TestServer::start(app());
    for te in ["TE: trailers\r\n", "te: gzip;q=0.5,Trailers\r\n", "TE: deflate\r\nTE: trailers\r\n"] {
        for path in ["/text", "/fn", "/channel"] {
            let answer = ask(&server, path, te);
            assert!(answer.ends_with("\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 532\r\n\r\n"), "{path}: {answer}");
            assert!(
                answer.contains("transfer-encoding: chunked\r\n") && !answer.contains("content-length"),
                "{answer}"
            );
            assert_eq!(
                answer.contains("\r\ntrailer: x-sum\r\n"),
                path != "/channel",
                "what is known is named: {answer}"
            );
        }
        let large = ask(&server, "/large", te);
        assert!(large.ends_with("xx\r\n0\r\nx-sum: 1\r\n\r\n"));
        assert!(ask(&server, "/hooked", te).ends_with("\r\n\r\n8\r\nconstant\r\n0\r\nx-hook: 1\r\n\r\n"));
    }
}

#[test]
fn others_read_the_body_as_if_there_were_none() {
    let server = TestServer::start(app());
    for te in ["", "TE: gzip\r\n", "TE: trailers-not\r\n", "X-TE: trailers\r\n"] {
        let answer = ask(&server, "/text", te);
        assert!(answer.contains("content-length: 5\r\n") && answer.ends_with("\r\n\r\nhello"), "{answer}");
        assert!(!answer.contains("trailer"), "{answer}");
        assert!(ask(&server, "/fn", te).ends_with("\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
    }
    let te = "TE: trailers\r\n";
    // No body, no place for them.
    assert!(!ask(&server, "/none", te).contains("x-sum"));
    assert!(!ask(&server, "/failed", te).contains("trailer"));
    let http10 = server.client().send("GET /text HTTP/1.0\r\nTE: trailers\r\n\r\n").read_to_end();
    assert!(http10.ends_with(b"\r\n\r\nhello") && !String::from_utf8_lossy(&http10).contains("x-sum"));
    let mut client = server.client();
    let head = client.send("HEAD /text HTTP/1.1\r\nHost: x\r\nTE: trailers\r\n\r\n").head_answer();
    assert_eq!((head.header("transfer-encoding"), head.header("trailer")), (Some("chunked"), Some("x-sum")));
    // Nothing of it is left for the next answer of the connection.
    let next = client.ask("GET /hooked HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(
        (next.text(), next.header("trailer"), next.header("content-length")),
        ("constant".into(), None, Some("8"))
    );
}

#[test]
fn what_may_not_follow_a_body_fails_the_request() {
    let server = TestServer::start(app());
    for path in ["/forbidden", "/malformed"] {
        let answer = server.client().ask(format!("GET {path} HTTP/1.1\r\nHost: x\r\nTE: trailers\r\n\r\n"));
        assert_eq!(answer.summary(), "500 - FW_ERR_INVALID_HEADER", "{path}");
    }
}

#[test]
fn an_echo_has_those_of_the_request() {
    let server = TestServer::start(app());
    let body = "3\r\nabc\r\n0\r\nx-sum: 1\r\nhost: evil\r\n\r\n";
    let request = chunked("/echo", body).replacen("\r\n", "\r\nConnection: close\r\nTE: trailers\r\n", 1);
    let bytes = server.client().send(request).read_to_end();
    assert!(bytes.ends_with(b"\r\n\r\n3\r\nabc\r\n0\r\nx-sum: 1\r\n\r\n"), "{}", String::from_utf8_lossy(&bytes));
}
