use fastweb::prelude::*;

#[websocket("/rooms")]
async fn chat(socket: WebSocket, room: &str, seat: u8) {
    let _ = (socket, room, seat);
}

fn main() {}
