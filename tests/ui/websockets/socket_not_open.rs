use fastweb::prelude::*;

use fastweb::websocket::{WebSocketReader, WebSocketUpgrade};

#[websocket("/jobs")]
async fn jobs(upgrade: WebSocketUpgrade) {
    drop(upgrade);
}

#[websocket("/halves")]
async fn halves(reader: WebSocketReader) {
    drop(reader);
}

fn main() {}
