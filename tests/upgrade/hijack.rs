//! Sockets that are taken before anything was written.

use fastweb::UpgradedIo;
use fastweb::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::probe::Probe;
use crate::support::server::TestServer;

#[test]
fn nothing_is_written_but_what_its_taker_writes() {
    let probe = Probe::default();
    let (sent, response) = (probe.clone(), probe.clone());
    let app = App::new()
        .workers(1)
        .get("/hello", "hello")
        .post("/raw", || {
            Reply::hijack(async |mut io: UpgradedIo| -> Result<()> {
                let mut text = String::new();
                io.read_to_string(&mut text).await?;
                Ok(io.write_all(format!("raw: {text}").as_bytes()).await?)
            })
            .with_status(299)
        })
        .on_send(move |req: &mut Request| sent.note(format!("send {}", req.path())))
        .on_response(move |req: &mut Request, done: &Completed| {
            response.note(format!("response {} {}", req.path(), done.status().as_u16()));
        });
    let server = TestServer::start(app);
    let mut client = server.client();
    // The answer before it leaves first. Its body is not read by anybody, so it is there as it was sent.
    client.send(
        "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nPOST /raw HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    assert_eq!(client.answer().summary(), "200 - hello");
    client.send("4\r\nbody\r\n0\r\n\r\n").finish_sending();
    assert_eq!(String::from_utf8_lossy(&client.read_to_end()), "raw: 4\r\nbody\r\n0\r\n\r\n");
    probe.wait_for("response /raw 299", 1);
    assert_eq!(probe.count("send /raw"), 0);
    assert_eq!(probe.count("send /hello"), 1);
}

#[test]
fn a_hook_may_hijack() {
    let take = |req: &mut Request| match req.path() {
        "/taken" => Flow::reply(Reply::hijack(async |mut io: UpgradedIo| -> Result<()> {
            Ok(io.write_all(b"by a hook").await?)
        })),
        _ => Ok(Flow::Continue),
    };
    let server = TestServer::start(App::new().workers(1).on_request(take).get("/taken", "never").get("/", "home"));
    let mut client = server.client();
    assert_eq!(client.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").summary(), "200 - home");
    client.send("GET /taken HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(String::from_utf8_lossy(&client.read_to_end()), "by a hook");
}
