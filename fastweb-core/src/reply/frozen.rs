//! Answers that are the same every time, written once at start-up.

use std::rc::Rc;

use bytes::Bytes;
use http::StatusCode;

use super::{ContentType, Reply, ReplyBody, ReplyHeaders};
use crate::error::{Error, Result};

/// A constant answer, shared by all workers.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    status: StatusCode,
    content_type: Option<Box<str>>,
    headers: ReplyHeaders,
    body: Bytes,
    close: bool,
}

/// A constant answer as one worker holds it.
#[derive(Debug)]
pub(crate) struct FrozenReply {
    pub(crate) status: StatusCode,
    pub(crate) content_type: Option<Box<str>>,
    pub(crate) headers: ReplyHeaders,
    pub(crate) body: Bytes,
    pub(super) close: bool,
}

impl Template {
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
            content_type: reply.content_type().map(Into::into),
            headers: reply.headers.clone(),
            body,
            close: reply.close,
        })
    }

    pub(crate) fn bind(&self) -> Rc<FrozenReply> {
        let Self { status, content_type, headers, body, close } = self.clone();
        Rc::new(FrozenReply { status, content_type, headers, body, close })
    }
}

impl FrozenReply {
    pub(super) fn thaw_into(&self, reply: &mut Reply) {
        if reply.status == StatusCode::OK || self.status != StatusCode::OK {
            reply.status = self.status;
        }
        reply.close |= self.close;
        if let Some(content_type) = &self.content_type {
            reply.content_type = ContentType::Owned(content_type.to_string());
        }
        for (name, value) in self.headers.iter() {
            reply.headers.append(name, value);
        }
        reply.body = ReplyBody::Bytes(self.body.clone());
    }
}
