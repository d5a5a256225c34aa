//! Handlers that wrap the function whose name they have.

use super::{BoundHandler, ErasedHandler};
use crate::extract::{BindCx, BodyUse};
use crate::route::RouteDoc;

/// Until it is bound: requests do not pass through it.
pub(crate) struct Named {
    pub(crate) handler: Box<dyn ErasedHandler>,
    pub(crate) name: &'static str,
}

impl ErasedHandler for Named {
    fn body_use(&self) -> BodyUse {
        self.handler.body_use()
    }

    fn body_users(&self) -> usize {
        self.handler.body_users()
    }

    fn bind(&self, cx: &mut BindCx<'_>) -> Option<Box<dyn BoundHandler>> {
        self.handler.bind(cx)
    }

    fn describe(&self, doc: &mut RouteDoc) {
        self.handler.describe(doc);
    }

    fn name(&self) -> &'static str {
        self.name
    }
}
