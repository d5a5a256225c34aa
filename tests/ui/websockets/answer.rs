use fastweb::prelude::*;

#[websocket("/rooms")]
async fn chat(mut socket: WebSocket) -> String {
    let _ = socket.recv().await;
    "bye".to_owned()
}

fn main() {}
