//! Answers that are the same every time, written once at start-up.

use bytes::Bytes;
use http::StatusCode;

use super::{ContentType, Reply, ReplyBody, ReplyHeaders};
use crate::error::{Error, Result};

/// A constant answer. The route has one, and each worker a copy of its own, whose count it shares with nobody.
#[derive(Clone, Debug)]
pub(crate) struct FrozenReply {
    pub(crate) status: StatusCode,
    pub(super) content_type: ContentType,
    pub(crate) headers: ReplyHeaders,
    pub(crate) body: Bytes,
    /// `pre_serialization` hooks may see it.
    pub(super) is_value: bool,
    pub(super) close: bool,
}

impl FrozenReply {
    /// Takes a reply that was made at start-up.
    ///
    /// # Errors
    /// The reply's body streams, or it has a header that may not be sent.
    pub(crate) fn of(mut reply: Reply) -> Result<Self> {
        if let Some(fault) = reply.take_fault() {
            return Err(fault);
        }
        let body = reply
            .body_bytes()
            .map(Bytes::copy_from_slice)
            .ok_or_else(|| Error::internal("a stream cannot be a constant answer: it would be sent once only"))?;
        Ok(Self {
            status: reply.status(),
            content_type: reply.content_type,
            headers: reply.headers,
            body,
            is_value: matches!(reply.body, ReplyBody::Value),
            close: reply.close,
        })
    }

    pub(crate) fn content_type(&self) -> Option<&str> {
        self.content_type.as_str()
    }

    /// Answers into `reply` as the function would that returns the same answer: what hooks have set there stays where this has nothing
    /// of its own.
    pub(super) fn thaw_into(&self, reply: &mut Reply) {
        if self.status != StatusCode::OK {
            reply.status = self.status;
        }
        reply.close |= self.close;
        match &self.content_type {
            ContentType::None => {}
            own if reply.content_type.is_default() || !own.is_default() => reply.content_type = own.clone(),
            _ => {}
        }
        reply.headers.replace_with(&self.headers);
        if self.is_value {
            reply.buffer.clear();
            reply.buffer.extend_from_slice(&self.body);
            reply.body = ReplyBody::Value;
        } else {
            reply.body = ReplyBody::Bytes(self.body.clone());
        }
    }
}
