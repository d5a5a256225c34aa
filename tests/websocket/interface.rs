//! What handlers have: messages, JSON, halves, the macro.

use std::time::Duration;

use fastweb::prelude::*;

use crate::echo;

#[tokio::test]
async fn messages_are_texts_and_bytes() {
    let server = App::new().websocket("/", echo).build().await.unwrap();
    let mut client = server.inject_websocket("/").await.unwrap();
    for message in [Message::from("é"), Message::from(vec![0, 255]), Message::from(""), Message::from(&b""[..])] {
        client.send(message.clone()).await;
        assert_eq!(client.recv().await, Some(message));
    }
    assert_eq!(client.close(4000, "enough").await.code, 4000);
}

#[tokio::test]
async fn halves_work_in_tasks_of_the_worker() {
    let clock = async |socket: WebSocket| -> Result<()> {
        let (mut reader, writer) = socket.split();
        let ticking = writer.clone();
        let ticker = tokio::task::spawn_local(async move {
            let mut count = 0;
            while ticking.send(format!("tick {count}")).await.is_ok() {
                count += 1;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        while let Some(message) = reader.recv().await {
            writer.send(message?).await?;
        }
        ticker.await.map_err(|error| Error::internal(error.to_string()))
    };
    let server = App::new().websocket("/", clock).build().await.unwrap();
    let mut client = server.inject_websocket("/").await.unwrap();
    assert_eq!(client.recv_text().await, "tick 0");
    assert_eq!(client.recv_text().await, "tick 1");
    client.send("hello").await;
    while client.recv_text().await != "hello" {}
    assert!(client.close(1000, "").await.was_clean);
}

/// A reader in another task, with the handler waiting for something else: pings and closes are still seen to.
#[tokio::test]
async fn a_reader_in_another_task_gets_its_messages() {
    let handler = async |socket: WebSocket| -> Result<()> {
        let (mut reader, writer) = socket.split();
        let saying = writer.clone();
        tokio::task::spawn_local(async move {
            while let Some(Ok(message)) = reader.recv().await {
                let _ = saying.send(message).await;
            }
        });
        writer.closed().await;
        Ok(())
    };
    let server = App::new().websocket("/", handler).build().await.unwrap();
    let mut client = server.inject_websocket("/").await.unwrap();
    for n in 0..3 {
        client.send(n.to_string()).await;
        assert_eq!(client.recv_text().await, n.to_string());
    }
    let event = client.close(1000, "").await;
    assert_eq!((event.code, event.was_clean), (1000, true));
}

#[tokio::test]
async fn receiving_may_be_given_up_without_loss() {
    let impatient = async |mut socket: WebSocket| -> Result<()> {
        loop {
            tokio::select! {
                biased;
                message = socket.recv() => match message {
                    Some(message) => socket.send(message?).await?,
                    None => return Ok(()),
                },
                () = tokio::task::yield_now() => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        }
    };
    let server = App::new().websocket("/", impatient).build().await.unwrap();
    let mut client = server.inject_websocket("/").await.unwrap();
    for n in 0..100 {
        client.send(n.to_string()).await;
        if n % 3 == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    for n in 0..100 {
        assert_eq!(client.recv_text().await, n.to_string());
    }
    assert_eq!(client.close(1000, "").await.code, 1000);
}

struct Names;

/// One of them.
#[websocket("/rooms/{room}/{seat}", config = WebSocketOptions::new().max_message(5))]
async fn room(seat: u8, mut socket: WebSocket, room: &str, _names: State<Names>) -> Result<()> {
    socket.send(format!("{room} {seat}")).await?;
    while let Some(message) = socket.recv().await {
        socket.send(message?).await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_macro_makes_a_route() {
    let server = App::new().state(Names).route(room).build().await.unwrap();
    let mut client = server.inject_websocket("/rooms/tea/3").await.unwrap();
    assert_eq!(client.recv_text().await, "tea 3");
    client.send("more than five").await;
    assert_eq!(client.recv().await, None);
    assert_eq!(client.close_event().unwrap().code, 1009);
    server.inject_websocket("/rooms/tea/x").await.unwrap_err().assert_status(400);
}

#[tokio::test]
async fn many_arguments_in_any_order() {
    async fn six(
        a: Path<u8>,
        method: Method,
        mut socket: WebSocket,
        query: Query<Vec<(String, String)>>,
        names: State<Names>,
        uri: fastweb::Uri,
    ) -> Result<()> {
        let _ = names;
        Ok(socket.send(format!("{} {method} {} {}", a.0, query.0.len(), uri.path())).await?)
    }
    let server = App::new().state(Names).websocket("/{a}", six).build().await.unwrap();
    assert_eq!(server.inject_websocket("/7?x=1").await.unwrap().recv_text().await, "7 GET 1 /7");
}
