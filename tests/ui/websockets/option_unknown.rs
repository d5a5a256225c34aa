use fastweb::prelude::*;

#[websocket("/rooms", max_mesage = 4096)]
async fn chat(socket: WebSocket) {
    drop(socket);
}

fn main() {}
