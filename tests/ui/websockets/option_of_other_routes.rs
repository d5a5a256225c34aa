use fastweb::prelude::*;

#[websocket("/rooms", status = 200, blocking, body_limit = 4096, timeout = 5, mcp)]
async fn chat(socket: WebSocket) {
    drop(socket);
}

fn main() {}
