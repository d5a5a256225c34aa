//! Hooks that write down where a request came by.

// Each test binary uses a part of this.
#![allow(dead_code, unused_macros, unused_imports)]

use std::sync::{Arc, Mutex};

use fastweb::{Completed, Error, Extract, Flow, Payload, Request, Result};

/// What happened, in order. Hooks and tests share it.
#[derive(Clone, Default)]
pub(crate) struct Trail(Arc<Mutex<Vec<String>>>);

impl Trail {
    pub(crate) fn push(&self, step: impl Into<String>) {
        self.0.lock().unwrap().push(step.into());
    }

    /// What happened since the last look.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// Notes `step`, and does what the request wants done there: the headers `x-at` and `x-do` say where and what.
    fn step(&self, step: &str, req: &Request) -> Result<Flow> {
        self.push(step);
        if req.header("x-at") != Some(step) {
            return Ok(Flow::Continue);
        }
        match req.header("x-do") {
            Some("reply") => Flow::reply((fastweb::StatusCode::ACCEPTED, format!("early from {step}"))),
            Some("fail") => Err(Error::conflict(format!("{step} failed"))),
            Some("panic") => panic!("{step} panicked"),
            other => panic!("no such order: {other:?}"),
        }
    }

    pub(crate) fn hook(&self, step: &'static str) -> impl Fn(&mut Request) -> Result<Flow> + use<> {
        let trail = self.clone();
        move |req| trail.step(step, req)
    }

    /// Waits once before it notes its step: a hook that only seems to be waited for would be out of order.
    pub(crate) fn async_hook(&self, step: &'static str) -> impl AsyncFn(&mut Request) -> Result<Flow> + use<> {
        let trail = self.clone();
        async move |req| {
            tokio::task::yield_now().await;
            trail.step(step, req)
        }
    }

    pub(crate) fn value_hook(&self, step: &'static str) -> impl Fn(&mut Request, &mut Payload) -> Result<()> + use<> {
        let trail = self.clone();
        move |req, _| trail.step(step, req).map(drop)
    }

    pub(crate) fn async_value_hook(
        &self,
        step: &'static str,
    ) -> impl AsyncFn(&mut Request, &mut Payload) -> Result<()> + use<> {
        let trail = self.clone();
        async move |req, _| {
            tokio::task::yield_now().await;
            trail.step(step, req).map(drop)
        }
    }

    pub(crate) fn error_hook(&self, step: &'static str) -> impl Fn(&mut Request, &Error) + use<> {
        let trail = self.clone();
        move |_, error| trail.push(format!("{step}({})", error.status().as_u16()))
    }

    pub(crate) fn async_error_hook(&self, step: &'static str) -> impl AsyncFn(&mut Request, &Error) + use<> {
        let trail = self.clone();
        async move |_, error| {
            tokio::task::yield_now().await;
            trail.push(format!("{step}({})", error.status().as_u16()));
        }
    }

    pub(crate) fn response_hook(&self, step: &'static str) -> impl Fn(&mut Request, &Completed) + use<> {
        let trail = self.clone();
        move |_, done| trail.push(format!("{step}({})", done.status().as_u16()))
    }

    pub(crate) fn async_response_hook(&self, step: &'static str) -> impl AsyncFn(&mut Request, &Completed) + use<> {
        let trail = self.clone();
        async move |_, done| {
            tokio::task::yield_now().await;
            trail.push(format!("{step}({})", done.status().as_u16()));
        }
    }
}

/// An argument that notes when it is made: that is the validation.
pub(crate) struct Validated;

impl Extract for Validated {
    type Bound = Trail;

    fn bind(cx: &mut fastweb::BindCx<'_>) -> Option<Trail> {
        cx.state::<Trail>().map(|trail| (*trail).clone())
    }

    fn extract(trail: &Trail, req: &mut Request) -> Result<Self> {
        trail.step("validation", req).map(|_| Self)
    }
}

/// Adds a hook of every phase to an `App` or a `Route`.
macro_rules! with_hooks {
    (sync $on:expr, $trail:expr, $who:literal) => {
        $on.on_request($trail.hook(concat!($who, ".on_request")))
            .pre_parsing($trail.hook(concat!($who, ".pre_parsing")))
            .pre_validation($trail.hook(concat!($who, ".pre_validation")))
            .pre_handler($trail.hook(concat!($who, ".pre_handler")))
            .pre_serialization($trail.value_hook(concat!($who, ".pre_serialization")))
            .on_send($trail.hook(concat!($who, ".on_send")))
            .on_response($trail.response_hook(concat!($who, ".on_response")))
            .on_error($trail.error_hook(concat!($who, ".on_error")))
    };
    (async $on:expr, $trail:expr, $who:literal) => {
        $on.on_request($trail.async_hook(concat!($who, ".on_request")))
            .pre_parsing($trail.async_hook(concat!($who, ".pre_parsing")))
            .pre_validation($trail.async_hook(concat!($who, ".pre_validation")))
            .pre_handler($trail.async_hook(concat!($who, ".pre_handler")))
            .pre_serialization($trail.async_value_hook(concat!($who, ".pre_serialization")))
            .on_send($trail.async_hook(concat!($who, ".on_send")))
            .on_response($trail.async_response_hook(concat!($who, ".on_response")))
            .on_error($trail.async_error_hook(concat!($who, ".on_error")))
    };
}
pub(crate) use with_hooks;
