use fastweb::prelude::*;

#[derive(serde::Deserialize)]
struct Hello {}

#[websocket("/rooms")]
async fn chat(socket: WebSocket, hello: Json<Hello>, rest: Bytes) {
    let _ = (socket, hello, rest);
}

fn main() {}
