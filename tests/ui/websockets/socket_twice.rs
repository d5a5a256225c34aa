use fastweb::prelude::*;

#[websocket("/rooms")]
async fn chat(reader: WebSocket, writer: WebSocket) {
    drop((reader, writer));
}

fn main() {}
