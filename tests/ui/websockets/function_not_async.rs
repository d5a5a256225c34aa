use fastweb::prelude::*;

#[websocket("/rooms")]
fn chat(socket: WebSocket) {
    drop(socket);
}

fn main() {}
