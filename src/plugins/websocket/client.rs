//! A WebSocket client for tests, without a socket.

use std::fmt;
use std::future::Future;

use fastweb_core::{Inject, InjectIo, InjectReply, Server};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::CloseEvent;
use super::handshake;
use super::message::Message;
use super::protocol::{Bounds, Decoder, Event, Opcode, Sender, pack_close, write};

/// What the client of every test says. A key protects nothing.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// WebSockets of a [`Server`] without a network, for tests.
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::websocket::{InjectWebSocket as _, WebSocket, WebSocketRoutes as _};
///
/// async fn hello(mut socket: WebSocket) -> Result<()> {
///     Ok(socket.send("hello").await?)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = App::new().websocket("/hello", hello).build().await?;
/// let mut client = server.inject_websocket("/hello").await.expect("it may connect");
/// assert_eq!(client.recv_text().await, "hello");
/// assert_eq!(client.recv().await, None);
/// assert_eq!(client.close_event().map(|event| event.code), Some(1000));
///
/// // A refusal is an ordinary reply.
/// let request = Inject::get("/hello").header("origin", "https://elsewhere.example");
/// server.inject_websocket(request).await.unwrap_err().assert_status(403);
/// # Ok(())
/// # }
/// ```
pub trait InjectWebSocket {
    /// Connects: to a path, or by a request with headers of its own. The headers of the handshake are added.
    ///
    /// # Errors
    /// The reply, where it is not 101.
    fn inject_websocket(
        &self,
        request: impl Into<Inject>,
    ) -> impl Future<Output = Result<WebSocketClient, InjectReply>> + Send;
}

impl InjectWebSocket for Server {
    fn inject_websocket(
        &self,
        request: impl Into<Inject>,
    ) -> impl Future<Output = Result<WebSocketClient, InjectReply>> + Send {
        let request = request
            .into()
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", KEY);
        async move {
            let (reply, io) = self.inject_upgrade(request).await;
            if reply.status() != 101 {
                return Err(reply);
            }
            assert_eq!(reply.header("sec-websocket-accept"), Some(&*handshake::accept(KEY)), "the server's handshake");
            let deflate = reply.header("sec-websocket-extensions").is_some();
            let bounds = Bounds { message: usize::MAX >> 1, frame: usize::MAX >> 1 };
            let decoder = Decoder::new(Sender::Server, deflate, bounds);
            Ok(WebSocketClient { reply, io, decoder, input: Vec::new(), event: None })
        }
    }
}

/// The client's side of a WebSocket in a test: [`InjectWebSocket::inject_websocket`]. Pings are answered while it receives. Dropping it is the end of the
/// connection, as if the client had lost its network.
///
/// What goes wrong panics, as assertions do.
pub struct WebSocketClient {
    reply: InjectReply,
    io: InjectIo,
    decoder: Decoder,
    input: Vec<u8>,
    event: Option<CloseEvent>,
}

impl WebSocketClient {
    /// The reply that opened it, 101.
    pub fn reply(&self) -> &InjectReply {
        &self.reply
    }

    /// Sends a message. One that the server does not take any more is lost, as it would be on a network.
    pub async fn send(&mut self, message: impl Into<Message>) {
        let message = message.into();
        self.write(message.opcode(), message.as_bytes()).await;
    }

    /// Sends a value as a text of JSON.
    ///
    /// # Panics
    /// It cannot be written as JSON.
    #[allow(clippy::expect_used)]
    pub async fn send_json<T: Serialize + ?Sized>(&mut self, value: &T) {
        self.send(serde_json::to_string(value).expect("the value can be written as JSON")).await;
    }

    /// Sends bytes as they are: frames of any kind, right or wrong.
    pub async fn send_raw(&mut self, bytes: &[u8]) {
        let _ = self.io.write_all(bytes).await;
    }

    async fn write(&mut self, opcode: Opcode, payload: &[u8]) {
        let mut frame = Vec::new();
        write(&mut frame, opcode, false, Some([0x37, 0xfa, 0x21, 0x3d]), payload);
        self.send_raw(&frame).await;
    }

    /// The next message. `None` when the connection is closed; [`close_event`](Self::close_event) says how.
    ///
    /// # Panics
    /// The server breaks the protocol.
    pub async fn recv(&mut self) -> Option<Message> {
        loop {
            if self.event.is_some() {
                return None;
            }
            let mut rest = &self.input[..];
            let decoded = self.decoder.decode(&mut rest);
            let used = self.input.len() - rest.len();
            self.input.drain(..used);
            match decoded {
                Err(failure) => panic!("the server breaks the protocol: {}", failure.reason),
                Ok(Some(Event::Text(text))) => return Some(Message::Text(text)),
                Ok(Some(Event::Binary(bytes))) => return Some(Message::Binary(bytes.into())),
                Ok(Some(Event::Ping(payload))) => self.write(Opcode::Pong, &payload).await,
                Ok(Some(Event::Pong)) => {}
                Ok(Some(Event::Close(said))) => {
                    let (code, reason) = said.unwrap_or((1005, String::new()));
                    self.write(Opcode::Close, &pack_close(code, "")).await;
                    self.event = Some(CloseEvent { code, reason, was_clean: true });
                }
                Ok(None) => {
                    let mut space = [0; 4096];
                    match self.io.read(&mut space).await {
                        Ok(n @ 1..) => self.input.extend_from_slice(&space[..n]),
                        _ => self.event = Some(CloseEvent { code: 1006, reason: String::new(), was_clean: false }),
                    }
                }
            }
        }
    }

    /// The next message, which is a text.
    ///
    /// # Panics
    /// It is none, or the connection is closed.
    pub async fn recv_text(&mut self) -> String {
        match self.recv().await {
            Some(Message::Text(text)) => text,
            Some(Message::Binary(bytes)) => panic!("a text was expected, and these bytes came: {bytes:?}"),
            None => panic!("a text was expected, and the connection was closed: {:?}", self.event),
        }
    }

    /// The next message, which is JSON.
    ///
    /// # Panics
    /// It is none, or the connection is closed.
    pub async fn recv_json<T: DeserializeOwned>(&mut self) -> T {
        let text = self.recv_text().await;
        match serde_json::from_str(&text) {
            Ok(value) => value,
            Err(error) => panic!("{error} in the message {text}"),
        }
    }

    /// Closes, and says how that went. Messages that were on their way are thrown away.
    pub async fn close(&mut self, code: u16, reason: &str) -> CloseEvent {
        if self.event.is_none() {
            self.write(Opcode::Close, &pack_close(code, reason)).await;
            while self.recv().await.is_some() {}
        }
        self.event.clone().unwrap_or(CloseEvent { code: 1006, reason: String::new(), was_clean: false })
    }

    /// How the connection has ended. `None` where it has not.
    pub fn close_event(&self) -> Option<&CloseEvent> {
        self.event.as_ref()
    }
}

impl fmt::Debug for WebSocketClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketClient").field("event", &self.event).finish_non_exhaustive()
    }
}
