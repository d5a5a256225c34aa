use fastweb::prelude::*;

#[websocket("/rooms/{room}")]
async fn chat(socket: WebSocket) {
    drop(socket);
}

fn main() {}
