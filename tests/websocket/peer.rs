//! A client of others: tokio-tungstenite.

use fastweb::prelude::*;
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message as Theirs};

use crate::echo_server;

#[tokio::test]
async fn tungstenite_talks_with_it() {
    let server = echo_server(WebSocketOptions::new());
    let stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let url = format!("ws://{}/", server.address);
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    for len in [0, 1, 125, 126, 65535, 65536, 1 << 20] {
        for message in [Theirs::text("é".repeat(len / 2)), Theirs::binary(vec![7; len])] {
            socket.send(message.clone()).await.unwrap();
            assert_eq!(socket.next().await.unwrap().unwrap(), message);
        }
    }
    socket.send(Theirs::Ping("are you there".into())).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Theirs::Pong("are you there".into()));
    let bye = CloseFrame { code: CloseCode::Away, reason: "bye".into() };
    socket.close(Some(bye)).await.unwrap();
    match socket.next().await {
        Some(Ok(Theirs::Close(Some(frame)))) => assert_eq!(frame.code, CloseCode::Away),
        other => panic!("{other:?}"),
    }
    assert!(socket.next().await.is_none());
}
