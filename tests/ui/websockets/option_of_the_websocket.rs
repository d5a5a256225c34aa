use fastweb::prelude::*;

#[websocket("/rooms", max_message = 4096, deflate)]
async fn chat(socket: WebSocket) {
    drop(socket);
}

fn main() {}
