use fastweb::prelude::*;

#[websocket("/rooms")]
async fn chat(socket: &mut WebSocket) -> Result<()> {
    Ok(socket.send("hello").await?)
}

fn main() {}
