//! The dependencies that a request has.

use std::any::Any;
use std::rc::Rc;

use crate::error::{Error, Result};

/// By their places in the plan of the route.
#[derive(Default)]
pub(crate) struct Provided {
    values: Vec<Value>,
    /// Those that are there, in the order in which they came.
    order: Vec<usize>,
    /// `before_response` has run.
    is_told: bool,
}

#[derive(Default)]
enum Value {
    #[default]
    Awaited,
    There(Rc<dyn Any>),
    Failed(Error),
}

impl Provided {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        // Each in the reverse order of providing, as Rust drops what depends on something else.
        while let Some(at) = self.order.pop() {
            self.values[at] = Value::Awaited;
        }
        self.values.clear();
        self.is_told = false;
    }

    pub(super) fn begin(&mut self, count: usize) {
        self.clear();
        self.values.resize_with(count, Value::default);
    }

    pub(super) fn put(&mut self, at: usize, provided: Result<Rc<dyn Any>>) {
        self.values[at] = match provided {
            Ok(value) => {
                self.order.push(at);
                Value::There(value)
            }
            Err(error) => Value::Failed(error),
        };
    }

    pub(super) fn is_decided(&self, at: usize) -> bool {
        !matches!(self.values.get(at), Some(Value::Awaited) | None)
    }

    pub(super) fn get<T: 'static>(&self, at: usize) -> Result<Rc<T>> {
        match self.values.get(at) {
            Some(Value::There(value)) => {
                value.clone().downcast().map_err(|_| Error::internal("a dependency has another type than its place"))
            }
            Some(Value::Failed(error)) => Err(error.again()),
            _ => Err(Error::internal(format!("the dependency {} was not provided", std::any::type_name::<T>()))),
        }
    }

    /// Says once that `before_response` is due.
    pub(super) fn take_turn(&mut self) -> bool {
        !std::mem::replace(&mut self.is_told, true)
    }

    /// The last first.
    pub(super) fn newest_first(&self) -> Vec<(usize, Rc<dyn Any>)> {
        let values = self.order.iter().rev().filter_map(|&at| match &self.values[at] {
            Value::There(value) => Some((at, value.clone())),
            _ => None,
        });
        values.collect()
    }
}
