use fastweb::prelude::*;

async fn chat(room: u8, socket: WebSocket) {
    let _ = (room, socket);
}

fn app() -> App {
    App::new().websocket("/rooms/{room}", chat)
}

fn main() {}
