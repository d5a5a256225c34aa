//! The access log: its events, their fields and levels.

use fastweb::prelude::*;
use fastweb::{RequestIds, access_log};
use tracing::Level;

use crate::support::eventually;
use crate::support::log::{Log, Noted};
use crate::support::server::TestServer;

fn events(host: &str) -> Vec<Noted> {
    Log::events(|noted| noted.target == "fastweb::access" && noted.field("req.host") == host)
}

fn ask(server: &TestServer, path: &str, host: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nx-id: id-1\r\nx-forwarded-for: 192.0.2.7\r\n\r\n");
    server.client().ask(request);
}

#[test]
fn requests_are_logged_when_they_come_in_and_when_they_are_answered() {
    Log::keep();
    let app = App::new()
        .request_ids(RequestIds::new().from_header("x-id"))
        .trust_proxy("loopback")
        .on_request(access_log())
        .on_response(access_log())
        .get("/users/{id}", "hello")
        .get("/fails", || -> &'static str { panic!("no") });
    let server = TestServer::start(app);
    ask(&server, "/users/7?secret=1", "both.example");
    eventually("both events", || events("both.example").len() == 2);
    let [came, done] = &events("both.example")[..] else { panic!("two events") };
    for noted in [came, done] {
        let field = |name| noted.field(name).to_owned();
        assert_eq!(noted.level, Level::INFO);
        assert_eq!(
            (field("reqId"), field("req.method"), field("req.url")),
            ("id-1".into(), "GET".into(), "/users/7".into())
        );
        assert_eq!((field("req.remoteAddress"), field("route")), ("192.0.2.7".into(), "/users/{id}".into()));
        assert!(field("req.remotePort").parse::<u16>().is_ok(), "{noted:?}");
    }
    assert_eq!((came.field("message"), done.field("message")), ("incoming request", "request completed"));
    assert_eq!((came.field("res.statusCode"), done.field("res.statusCode")), ("-", "200"));
    assert_eq!((done.field("res.bytes"), done.field("res.broken")), ("5", "false"));
    assert!(done.field("responseTime").parse::<f64>().unwrap() > 0.0, "{done:?}");
    for (path, host, status, level, route) in
        [("/fails", "fails.example", "500", Level::ERROR, "/fails"), ("/none", "none.example", "404", Level::INFO, "*")]
    {
        ask(&server, path, host);
        eventually("both events", || events(host).len() == 2);
        let done = &events(host)[1];
        assert_eq!((done.field("res.statusCode"), done.level, done.field("route")), (status, level, route));
    }
}

#[test]
fn queries_and_aborts_are_logged_where_that_is_asked_for() {
    Log::keep();
    let app = App::new()
        .on_response(access_log().with_query())
        .on_request_abort(access_log())
        .get("/", "hello")
        .get("/pending", async || std::future::pending::<&str>().await);
    let server = TestServer::start(app);
    ask(&server, "/?q=1", "query.example");
    eventually("one event", || events("query.example").len() == 1);
    assert_eq!(events("query.example")[0].field("req.url"), "/?q=1");
    let mut client = server.client();
    client.send("GET /pending HTTP/1.1\r\nhost: abort.example\r\n\r\n");
    std::thread::sleep(std::time::Duration::from_millis(30));
    client.reset();
    eventually("one event", || events("abort.example").len() == 1);
    let aborted = &events("abort.example")[0];
    assert_eq!((aborted.field("message"), aborted.level), ("request aborted", Level::WARN));
}
