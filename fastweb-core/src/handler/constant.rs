//! Answers that need no function: `.get("/", "Hello, World!")`.

use std::any::Any;
use std::rc::Rc;

use super::{BoundHandler, ErasedHandler, Handler};
use crate::error::Result;
use crate::extract::{BindCx, BodyUse};
use crate::reply::{FrozenReply, IntoReply, Reply};
use crate::request::Request;
use crate::slot::{Called, Slot};

/// Marks values that are answers.
#[derive(Debug)]
pub struct Constant;

impl<T: IntoReply + Send + Sync + 'static> Handler<Constant> for T {
    fn erase(self) -> Result<Box<dyn ErasedHandler>> {
        let reply = FrozenReply::of(Reply::from(self)?)?;
        Ok(Box::new(ConstantHandler { reply, name: std::any::type_name::<T>() }))
    }
}

struct ConstantHandler {
    reply: FrozenReply,
    name: &'static str,
}

impl ErasedHandler for ConstantHandler {
    fn body_use(&self) -> BodyUse {
        BodyUse::None
    }

    fn body_users(&self) -> usize {
        0
    }

    fn bind(&self, _: &mut BindCx<'_>) -> Option<Box<dyn BoundHandler>> {
        Some(Box::new(BoundConstant(Rc::new(self.reply.clone()))))
    }

    fn name(&self) -> &'static str {
        self.name
    }
}

struct BoundConstant(Rc<FrozenReply>);

impl BoundHandler for BoundConstant {
    fn extract<'a>(&'a self, _: &'a mut Request, _: &'a mut Slot) -> Called<'a, Result<Box<dyn Any>>> {
        Called::Done(Ok(Box::new(())))
    }

    fn call<'a>(
        &'a self,
        _: Option<Box<dyn Any>>,
        _: &'a mut Request,
        reply: &'a mut Reply,
        _: &'a mut Slot,
    ) -> Called<'a, Result<()>> {
        reply.set_frozen(&self.0);
        Called::Done(Ok(()))
    }
}
