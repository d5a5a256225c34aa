//! The application that these tests are about.

use fastweb::prelude::*;
use fastweb::{Upgrade, UpgradedIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::probe::Probe;

pub(crate) const ECHO: &str = "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";

/// Sends back what comes, and ends with `bye` when the client does or the server stops.
pub(crate) async fn echo(mut io: UpgradedIo) -> Result<()> {
    let closing = io.closing();
    let mut space = [0; 1024];
    loop {
        let n = tokio::select! {
            read = io.read(&mut space) => read?,
            () = closing.cancelled() => 0,
        };
        if n == 0 {
            return Ok(io.write_all(b"bye").await?);
        }
        io.write_all(&space[..n]).await?;
    }
}

/// `/echo` is had by the protocol `echo`, `/hello` by HTTP.
pub(crate) fn app(probe: &Probe) -> App {
    let (running, body, response) = (probe.clone(), probe.clone(), probe.clone());
    let run = move |running: Probe| {
        async move |io: UpgradedIo| {
            let _live = running.enter("echo");
            echo(io).await
        }
    };
    let posted = running.clone();
    App::new()
        .workers(1)
        .get("/hello", "hello")
        .get("/echo", move |upgrade: Upgrade| upgrade.accept("echo", run(running.clone())))
        .post("/echo", async move |upgrade: Upgrade, text: String| -> Result<Reply> {
            body.note(format!("body {text}"));
            upgrade.accept("echo", run(posted.clone()))
        })
        .on_response(move |req: &mut Request, done: &Completed| {
            response.note(format!("response {} {}", req.path(), done.status().as_u16()));
        })
}
