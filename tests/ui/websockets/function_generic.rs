use fastweb::prelude::*;

#[websocket("/rooms")]
async fn chat<T: 'static>(socket: WebSocket, state: State<T>) {
    drop((socket, state));
}

fn main() {}
