//! fastweb: `/` echoes; `/topic` tells all who are connected what one of them says.

use fastweb::prelude::*;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

async fn echo(mut socket: WebSocket) -> Result<()> {
    while let Some(message) = socket.recv().await {
        socket.send(message?).await?;
    }
    Ok(())
}

async fn topic(mut socket: WebSocket, topics: State<Topics>) -> Result<()> {
    socket.subscribe_to(&topics, "all");
    while let Some(message) = socket.recv().await {
        topics.publish("all", message?);
    }
    Ok(())
}

fn main() -> Result<()> {
    let port = std::env::args().nth(1).unwrap_or_default();
    let workers = std::env::args().nth(2).and_then(|workers| workers.parse().ok()).unwrap_or(1);
    let limits = Limits::default().with_connections(20_000);
    let app = App::new().workers(workers).limits(limits).state(Topics::new());
    app.websocket("/", echo).websocket("/topic", topic).run(format!("127.0.0.1:{port}"))
}
