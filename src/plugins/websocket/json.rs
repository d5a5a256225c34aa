//! Messages that are JSON.

use fastweb_core::{Code, Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::WebSocketError;
use super::message::Message;
use super::socket::{WebSocket, WebSocketReader, WebSocketWriter};

impl WebSocket {
    /// The next message as a `T`, read from JSON. A model is validated by its schema: what is not valid is [`WebSocketError::Invalid`], with the details that
    /// a request's body would be answered with. The connection goes on; `?` ends it with 1007.
    ///
    /// ```
    /// use fastweb::prelude::*;
    /// use fastweb::websocket::{WebSocket, WebSocketError};
    ///
    /// #[derive(serde::Deserialize, serde::Serialize)]
    /// struct Guess(u8);
    ///
    /// async fn play(mut socket: WebSocket) -> Result<()> {
    ///     while let Some(guess) = socket.recv_json::<Guess>().await {
    ///         match guess {
    ///             Ok(Guess(7)) => return Ok(socket.send("that is it").await?),
    ///             Ok(Guess(other)) => socket.send_json(&Guess(other.wrapping_add(1))).await?,
    ///             Err(WebSocketError::Invalid(error)) => socket.send(error.message()).await?,
    ///             Err(error) => return Err(error.into()),
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// # let _ = fastweb::websocket::websocket("/play", play);
    /// ```
    pub async fn recv_json<T: DeserializeOwned + 'static>(&mut self) -> Option<Result<T, WebSocketError>> {
        self.reader().recv_json().await
    }

    /// Sends a value as a text of JSON.
    ///
    /// # Errors
    /// The connection is closed, or the value cannot be written as JSON.
    pub async fn send_json<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WebSocketError> {
        self.writer().send_json(value).await
    }
}

impl WebSocketReader {
    /// As [`WebSocket::recv_json`].
    pub async fn recv_json<T: DeserializeOwned + 'static>(&mut self) -> Option<Result<T, WebSocketError>> {
        let received = self.recv().await?;
        Some(received.and_then(|message| read(message.as_bytes()).map_err(WebSocketError::Invalid)))
    }
}

impl WebSocketWriter {
    /// As [`WebSocket::send_json`].
    ///
    /// # Errors
    /// The connection is closed, or the value cannot be written as JSON.
    pub async fn send_json<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), WebSocketError> {
        let message = to_message(value).map_err(WebSocketError::Invalid)?;
        self.send(message).await
    }
}

/// A text of JSON.
pub(super) fn to_message<T: Serialize + ?Sized>(value: &T) -> Result<Message> {
    let text = serde_json::to_string(value);
    text.map(Message::Text).map_err(|error| Error::internal(format!("the message cannot be written as JSON: {error}")))
}

#[cfg(feature = "schema")]
fn read<T: DeserializeOwned + 'static>(json: &[u8]) -> Result<T> {
    use fastweb_core::Detail;
    use fastweb_schema::model::{ModelError, ModelPlan, from_json};
    let plan = ModelPlan::kept::<T>();
    let plan = plan
        .map_err(|error| Error::internal(format!("the schema of {} is none: {error}", std::any::type_name::<T>())))?;
    let Some(plan) = plan else { return read_plain(json) };
    from_json(json, &plan).map_err(|error| match error {
        ModelError::Parse(error) => no_json(&error),
        ModelError::Invalid(failures) => {
            let mut error = Error::from_code(Code::Validation);
            let mut message = String::new();
            for failure in failures.as_slice() {
                let comma = if message.is_empty() { "" } else { ", " };
                message.push_str(&format!("{comma}message{} {}", failure.pointer, failure.message));
                error = error.with_detail(Detail {
                    part: "message",
                    pointer: failure.pointer.clone(),
                    keyword: failure.keyword,
                    message: failure.message.clone(),
                });
            }
            error.with_message(message)
        }
    })
}

#[cfg(not(feature = "schema"))]
fn read<T: DeserializeOwned + 'static>(json: &[u8]) -> Result<T> {
    read_plain(json)
}

/// What has no schema. The text of serde would repeat what the client sent.
fn read_plain<T: DeserializeOwned>(json: &[u8]) -> Result<T> {
    serde_json::from_slice(json).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if error.is_data() {
            let message =
                format!("The message does not have the form that is asked for, at line {line} column {column}");
            Error::from_code(Code::Validation).with_message(message)
        } else {
            no_json(&error)
        }
    })
}

fn no_json(error: &dyn std::fmt::Display) -> Error {
    Error::from_code(Code::InvalidJson).with_message(format!("The message is not valid JSON: {error}"))
}
