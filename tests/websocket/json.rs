//! Messages that are models, validated by their schemas.

use fastweb::prelude::*;
use fastweb::websocket::WebSocketError;

#[fastweb::model]
#[derive(Debug)]
struct Move {
    #[schema(maximum = 7)]
    row: u8,
    piece: String,
}

async fn play(mut socket: WebSocket) -> Result<()> {
    while let Some(next) = socket.recv_json::<Move>().await {
        match next {
            Ok(next) => socket.send_json(&next).await?,
            Err(WebSocketError::Invalid(error)) if error.details().len() < 2 => socket.send(error.message()).await?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[tokio::test]
async fn json_is_validated_by_its_schema() {
    let server = App::new().websocket("/", play).build().await.unwrap();
    let mut client = server.inject_websocket("/").await.unwrap();
    client.send_json(&serde_json::json!({ "row": 7, "piece": "rook" })).await;
    assert_eq!(client.recv_json::<Move>().await.piece, "rook");
    client.send(r#"{"row":8,"piece":"rook"}"#).await;
    assert_eq!(client.recv_text().await, "message/row must be <= 7");
    client.send(r#"{"row":8"#).await;
    assert!(client.recv_text().await.starts_with("The message is not valid JSON"));
    // Bytes are read, too.
    client.send(&br#"{"row":1,"piece":"king"}"#[..]).await;
    assert_eq!(client.recv_json::<Move>().await.row, 1);
    // What the handler gives up with is what the client is told.
    client.send(r#"{"row":8,"piece":9}"#).await;
    assert_eq!(client.recv().await, None);
    let event = client.close_event().unwrap();
    assert_eq!((event.code, &*event.reason), (1007, "message/row must be <= 7, message/piece must be string"));
}
