//! WebSockets: the cases of the Autobahn testsuite over raw sockets, handshakes, the interface, topics, compression, and a client of others.

mod autobahn;
mod closing;
mod deadlines;
mod deflate;
mod handshakes;
mod interface;
#[cfg(feature = "schema")]
mod json;
mod limits;
mod peer;
mod pressure;
mod raw;
mod suite;
#[path = "../support/mod.rs"]
mod support;
mod topics;
mod utf8;

use fastweb::prelude::*;
use support::server::TestServer;

/// Says everything again.
async fn echo(mut socket: WebSocket) -> Result<()> {
    while let Some(message) = socket.recv().await {
        socket.send(message?).await?;
    }
    Ok(())
}

fn echo_server(options: WebSocketOptions) -> TestServer {
    TestServer::start(App::new().route(websocket("/", echo).config(options)))
}
