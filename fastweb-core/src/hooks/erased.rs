//! The hooks of a scope, and of a route once its scopes are resolved.

use std::fmt;
use std::sync::Arc;

use super::kinds::{Hook, RequestOnly, SyncHook};
use super::{ErasedErrorHook, ErasedHook, ErasedResponseHook, ErasedSerializationHook, Timing};
use crate::reply::Reply;
use crate::request::{Request, RequestIds};

/// All hooks of one scope or route, by phase, in the order of their registration.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) on_request: Vec<Arc<dyn ErasedHook>>,
    pub(crate) pre_parsing: Vec<Arc<dyn ErasedHook>>,
    pub(crate) pre_validation: Vec<Arc<dyn ErasedHook>>,
    pub(crate) pre_handler: Vec<Arc<dyn ErasedHook>>,
    pub(crate) pre_serialization: Vec<Arc<dyn ErasedSerializationHook>>,
    /// They come before all of `on_send`: [`settle`](Self::settle) puts them there.
    pub(crate) pre_send: Vec<Arc<dyn ErasedHook>>,
    pub(crate) on_send: Vec<Arc<dyn ErasedHook>>,
    pub(crate) on_response: Vec<Arc<dyn ErasedResponseHook>>,
    pub(crate) on_error: Vec<Arc<dyn ErasedErrorHook>>,
    pub(crate) on_timeout: Vec<Arc<dyn ErasedHook>>,
    pub(crate) on_request_abort: Vec<Arc<dyn ErasedHook>>,
}

/// The hooks that a route runs: its scopes' and its own, resolved at start-up.
pub(crate) type RouteHooks = Hooks;

impl Hooks {
    /// These hooks followed by those of an inner scope or route. In every phase the outer ones run first, `on_send` too.
    pub(crate) fn followed_by(&self, inner: &Hooks) -> Hooks {
        fn join<T: ?Sized>(outer: &[Arc<T>], inner: &[Arc<T>]) -> Vec<Arc<T>> {
            outer.iter().chain(inner).cloned().collect()
        }
        let mut joined = Hooks {
            on_request: join(&self.on_request, &inner.on_request),
            pre_parsing: join(&self.pre_parsing, &inner.pre_parsing),
            pre_validation: join(&self.pre_validation, &inner.pre_validation),
            pre_handler: join(&self.pre_handler, &inner.pre_handler),
            pre_serialization: join(&self.pre_serialization, &inner.pre_serialization),
            pre_send: join(&self.pre_send, &inner.pre_send),
            on_send: join(&self.on_send, &inner.on_send),
            on_response: join(&self.on_response, &inner.on_response),
            on_error: join(&self.on_error, &inner.on_error),
            on_timeout: join(&self.on_timeout, &inner.on_timeout),
            on_request_abort: join(&self.on_request_abort, &inner.on_request_abort),
        };
        joined.keep_innermost_slow_request_log();
        joined
    }

    /// The hooks of a route, whose scopes are all known now, as they run: `pre_send` before `on_send`, whichever scope they are of.
    pub(crate) fn settle(&mut self) {
        let sent = std::mem::take(&mut self.on_send);
        self.on_send = std::mem::take(&mut self.pre_send);
        self.on_send.extend(sent);
    }

    /// Puts what request ids need before all other hooks of the root scope. Routes of applications that have the server's own numbers pay nothing for it.
    pub(crate) fn give_ids(&mut self, ids: &RequestIds) {
        if ids.are_made() {
            let ids = ids.clone();
            let assign = move |request: &mut Request| ids.assign(request);
            self.on_request.insert(0, Hook::<RequestOnly<SyncHook>>::erase(assign).into());
        }
        if let Some(name) = ids.echo.clone() {
            let tell = move |request: &mut Request, reply: &mut Reply| RequestIds::tell(&name, request, reply);
            self.on_send.insert(0, Hook::<SyncHook>::erase(tell).into());
        }
    }

    /// Appends the hooks of a plugin that shares its scope.
    pub(crate) fn absorb(&mut self, other: Hooks) {
        *self = self.followed_by(&other);
    }

    /// What of a request has to be timed for these hooks.
    pub(crate) fn timing(&self) -> Option<Timing> {
        if self.on_response.iter().any(|hook| hook.wants_timings()) {
            Some(Timing::Phases)
        } else {
            (!self.on_response.is_empty()).then_some(Timing::Whole)
        }
    }

    /// Whether no hook runs on the way from routing to the write, but for errors.
    pub(crate) fn has_none_before_write(&self) -> bool {
        self.on_request.is_empty()
            && self.pre_parsing.is_empty()
            && self.pre_validation.is_empty()
            && self.pre_handler.is_empty()
            && self.pre_serialization.is_empty()
            && self.pre_send.is_empty()
            && self.on_send.is_empty()
    }

    /// A request is one line in the slow-request log, by the threshold that is nearest to its route.
    fn keep_innermost_slow_request_log(&mut self) {
        let last = self.on_response.iter().rposition(|hook| hook.slow_requests().is_some());
        let mut at = 0;
        self.on_response.retain(|hook| {
            let keep = hook.slow_requests().is_none() || Some(at) == last;
            at += 1;
            keep
        });
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("on_request", &self.on_request.len())
            .field("pre_parsing", &self.pre_parsing.len())
            .field("pre_validation", &self.pre_validation.len())
            .field("pre_handler", &self.pre_handler.len())
            .field("pre_serialization", &self.pre_serialization.len())
            .field("pre_send", &self.pre_send.len())
            .field("on_send", &self.on_send.len())
            .field("on_response", &self.on_response.len())
            .field("on_error", &self.on_error.len())
            .field("on_timeout", &self.on_timeout.len())
            .field("on_request_abort", &self.on_request_abort.len())
            .finish()
    }
}
