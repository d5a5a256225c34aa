use fastweb::prelude::*;

#[websocket("/rooms")]
async fn chat(socket: WebSocket, req: &mut Request) {
    let _ = (socket, req);
}

fn main() {}
