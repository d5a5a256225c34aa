//! Handlers whose answers have another status than 200 where they name none.

use std::any::Any;

use http::StatusCode;

use super::{BoundHandler, ErasedHandler};
use crate::error::Result;
use crate::extract::{BindCx, BodyUse};
use crate::reply::Reply;
use crate::request::Request;
use crate::route::RouteDoc;
use crate::slot::{Called, Slot};

/// A wrapper, so that routes without a status of their own have nothing to ask.
pub(crate) struct WithStatus {
    pub(crate) handler: Box<dyn ErasedHandler>,
    pub(crate) status: StatusCode,
}

impl ErasedHandler for WithStatus {
    fn body_use(&self) -> BodyUse {
        self.handler.body_use()
    }

    fn body_users(&self) -> usize {
        self.handler.body_users()
    }

    fn bind(&self, cx: &mut BindCx<'_>) -> Option<Box<dyn BoundHandler>> {
        let handler = self.handler.bind(cx)?;
        Some(Box::new(BoundWithStatus { handler, status: self.status }))
    }

    fn describe(&self, doc: &mut RouteDoc) {
        self.handler.describe(doc);
    }

    fn name(&self) -> &'static str {
        self.handler.name()
    }
}

struct BoundWithStatus {
    handler: Box<dyn BoundHandler>,
    status: StatusCode,
}

impl BoundHandler for BoundWithStatus {
    fn extract<'a>(&'a self, request: &'a mut Request, slot: &'a mut Slot) -> Called<'a, Result<Box<dyn Any>>> {
        self.handler.extract(request, slot)
    }

    fn call<'a>(
        &'a self,
        arguments: Option<Box<dyn Any>>,
        request: &'a mut Request,
        reply: &'a mut Reply,
        slot: &'a mut Slot,
    ) -> Called<'a, Result<()>> {
        reply.set_usual_status(self.status);
        self.handler.call(arguments, request, reply, slot)
    }
}
