use fastweb::prelude::*;

struct Db;

#[websocket("/rooms/{room}")]
async fn chat(socket: WebSocket, room: &str, db: Db) {
    let _ = (socket, room, db);
}

fn main() {}
