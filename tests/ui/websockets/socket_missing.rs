use fastweb::prelude::*;

#[websocket("/rooms/{room}")]
async fn chat(room: &str, topics: State<Topics>) {
    let _ = (room, topics);
}

#[websocket("/")]
async fn nothing() {}

// What has the WebSocket under another name is let be.
type Socket = WebSocket;

#[websocket("/renamed")]
async fn renamed(socket: Socket) {
    drop(socket);
}

fn main() {}
