//! Messages, and frames that are encoded once.

use std::sync::Arc;

use fastweb_core::Bytes;

use super::handshake::Deflate;
use super::protocol::{Opcode, write};

/// A message: a text, or bytes. Pings, pongs and closes are no messages; the connection deals with them itself.
///
/// ```
/// use fastweb::websocket::Message;
///
/// assert_eq!(Message::from("hello"), Message::Text("hello".to_owned()));
/// assert_eq!(Message::from("hello").as_text(), Some("hello"));
/// assert_eq!(Message::from(vec![1, 2]).as_bytes(), [1, 2]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A text.
    Text(String),
    /// Bytes of any kind.
    Binary(Bytes),
}

impl Message {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) => None,
        }
    }

    /// What it carries.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    pub(super) fn opcode(&self) -> Opcode {
        match self {
            Self::Text(_) => Opcode::Text,
            Self::Binary(_) => Opcode::Binary,
        }
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&[u8]> for Message {
    fn from(bytes: &[u8]) -> Self {
        Self::Binary(Bytes::copy_from_slice(bytes))
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes.into())
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Self {
        Self::Binary(bytes)
    }
}

/// A message as it goes over the wire, for any number of connections.
#[derive(Clone, Debug)]
pub(super) struct Frame(Arc<Encoded>);

#[derive(Debug)]
struct Encoded {
    plain: Bytes,
    /// For connections that agreed to compress: made for the first of them, `None` where it would be no shorter.
    #[cfg(feature = "websocket-deflate")]
    deflated: std::sync::OnceLock<Option<Bytes>>,
    #[cfg(feature = "websocket-deflate")]
    message: (Opcode, usize),
}

impl Frame {
    pub(super) fn new(message: &Message) -> Self {
        let mut plain = Vec::new();
        write(&mut plain, message.opcode(), false, None, message.as_bytes());
        Self(Arc::new(Encoded {
            #[cfg(feature = "websocket-deflate")]
            deflated: std::sync::OnceLock::new(),
            #[cfg(feature = "websocket-deflate")]
            message: (message.opcode(), plain.len() - message.as_bytes().len()),
            plain: plain.into(),
        }))
    }

    /// The bytes for a connection.
    pub(super) fn bytes(&self, deflate: Option<Deflate>) -> &Bytes {
        #[cfg(feature = "websocket-deflate")]
        if let Some(agreed) = deflate {
            use super::protocol::deflate::{self, WIDEST, WORTH_IT};
            let (opcode, head) = self.0.message;
            let payload = &self.0.plain[head..];
            // Within a message that fits into the window nothing refers further back. Others are not compressed anew for few.
            if agreed.window() < WIDEST && payload.len() > 1 << agreed.window() {
                return &self.0.plain;
            }
            let deflated = self.0.deflated.get_or_init(|| {
                let compressed = (payload.len() >= WORTH_IT).then(|| deflate::deflate(payload, WIDEST)).flatten()?;
                let mut frame = Vec::new();
                write(&mut frame, opcode, true, None, &compressed);
                Some(frame.into())
            });
            return deflated.as_ref().unwrap_or(&self.0.plain);
        }
        let _ = deflate;
        &self.0.plain
    }
}
