//! Encapsulation: what a scope hands down to its routes and to the scopes within it, all of it in one place.
//!
//! [`Inherited::enter`] makes what holds inside a scope of what holds around it; it takes from outside and gives nothing back, so that nothing
//! can leak upwards or sideways. [`Inherited::resolve`] makes the record of a route, which is flat: no request ever looks at a scope.

use std::sync::Arc;

use fastweb_router::param_names;

use super::Scope;
use crate::app::{Settings, States, WorkerInit};
use crate::extract::BodyUse;
use crate::handler::{ErasedErrorHandler, WithStatus};
use crate::hooks::{Hooks, RouteHook, Timing};
use crate::parser::ContentTypeParser;
use crate::route::{BodyPlan, Configs, Route, RouteRecord};
#[cfg(feature = "schema")]
use crate::schema::Compilers;
use crate::timeout::Timeout;

/// What holds inside a scope.
#[derive(Clone)]
pub(crate) struct Inherited {
    /// Of all scopes from the root to this one, joined.
    pub(crate) prefix: String,
    /// Outer scopes' first.
    hooks: Hooks,
    /// The nearest first: what one of them fails with goes to the next.
    error_handlers: Vec<Arc<dyn ErasedErrorHandler>>,
    states: Arc<States>,
    /// In bytes.
    body_limit: u64,
    timeout: Option<Timeout>,
    /// The nearest last.
    parsers: Vec<ContentTypeParser>,
    #[cfg(feature = "schema")]
    pub(crate) compilers: Compilers,
    configs: Configs,
    #[cfg(feature = "tower")]
    layers: crate::tower::Layers,
    /// Outer scopes' first.
    on_route: Vec<RouteHook>,
    /// The number of the record that answers for this scope where none of its routes does.
    pub(crate) fallback: usize,
    /// The number of the nearest `not_found` handler's record.
    pub(crate) not_found: Option<usize>,
}

impl Inherited {
    /// What holds around the root scope.
    pub(crate) fn nothing(settings: &Settings) -> Self {
        Self {
            prefix: String::new(),
            hooks: Hooks::default(),
            error_handlers: Vec::new(),
            states: Arc::default(),
            body_limit: settings.limits.body,
            timeout: None,
            parsers: Vec::new(),
            #[cfg(feature = "schema")]
            compilers: Compilers::new(settings),
            configs: Configs::default(),
            #[cfg(feature = "tower")]
            layers: crate::tower::Layers::default(),
            on_route: Vec::new(),
            fallback: 0,
            not_found: None,
        }
    }

    /// What holds inside `scope`, which is inside this one.
    pub(crate) fn enter(
        &self,
        scope: &mut Scope,
        worker_inits: &mut Vec<Arc<WorkerInit>>,
        problems: &mut Vec<String>,
    ) -> Self {
        let mut inside = self.clone();
        inside.prefix.push_str(scope.prefix.trim_end_matches('/'));
        inside.hooks = self.hooks.followed_by(&scope.hooks);
        inside.error_handlers.splice(0..0, scope.error_handler.clone());
        let mut states = std::mem::take(&mut scope.states).enter(&self.states);
        states.number_worker_states(worker_inits);
        inside.states = Arc::new(states);
        inside.body_limit = scope.body_limit.unwrap_or(self.body_limit);
        inside.timeout = scope.timeout.or(self.timeout);
        inside.parsers.append(&mut scope.parsers);
        #[cfg(feature = "schema")]
        inside.compilers.enter(std::mem::take(&mut scope.schemas), problems);
        #[cfg(not(feature = "schema"))]
        let _ = problems;
        inside.configs = self.configs.followed_by(&scope.configs);
        #[cfg(feature = "tower")]
        {
            inside.layers = self.layers.around(&scope.layers);
        }
        inside.on_route.append(&mut scope.application.on_route);
        inside
    }

    /// The path of a route of this scope, and a second one that it answers: below a prefix, `/` is the prefix with and without its slash.
    pub(crate) fn paths(&self, path: &str) -> (String, Option<String>) {
        let prefix = &self.prefix;
        match path {
            "/" if !prefix.is_empty() => (prefix.clone(), Some(format!("{prefix}/"))),
            _ => (format!("{prefix}{path}"), None),
        }
    }

    /// Shows `route` to the `on_route` hooks.
    pub(crate) fn show(&self, mut route: Route) -> Route {
        route.configs = self.configs.followed_by(&route.configs);
        self.on_route.iter().fold(route, |route, hook| hook(route))
    }

    #[cfg(feature = "tower")]
    fn has_layers(&self) -> bool {
        !self.layers.is_empty()
    }

    #[cfg(not(feature = "tower"))]
    fn has_layers(&self) -> bool {
        false
    }

    /// The record that serves `route` in this scope. What is wrong with the route goes to `problems`; without a handler there is no record.
    pub(crate) fn resolve(&self, route: Route, problems: &mut Vec<String>) -> Option<RouteRecord> {
        let described = |name: &str| route.describe(name);
        let handler = match &route.handler {
            Ok(handler) => handler,
            Err(error) => {
                problems.push(format!("{}: answers with something that cannot be sent: {error}", described("?")));
                return None;
            }
        };
        let description: Box<str> = described(handler.name()).into();
        let wrong = route.problems.iter().chain(route.constraints.problems());
        problems.extend(wrong.map(|problem| format!("{description}: {problem}")));
        let (dependency_body, dependency_users) = route.doc.dependency_body;
        let body_users = handler.body_users() + dependency_users;
        if body_users > 1 {
            problems.push(format!(
                "{description}: has {body_users} arguments that take the body, and it can be taken once: keep one of `Json`, `Bytes`, `String` and \
                 `Body`",
            ));
        }
        let is_fallback = route.is_fallback();
        // What answers for a scope knows the parameters of the scope's prefix.
        let names = if is_fallback { param_names(&self.prefix) } else { param_names(&route.path) };
        let param_names = names.into_iter().map(Into::into).collect();
        let mut hooks = self.hooks.followed_by(&route.hooks);
        hooks.settle();
        #[cfg(feature = "schema")]
        let (request_plan, answer_plan) = {
            let mut wrong = Vec::new();
            let plans = self.compilers.compile(&route, !hooks.pre_serialization.is_empty(), &mut wrong);
            problems.extend(wrong.into_iter().map(|problem| format!("{description}: {problem}")));
            plans
        };
        #[cfg(feature = "schema")]
        let reads_body = route.schemas.reads_body();
        #[cfg(not(feature = "schema"))]
        let reads_body = false;
        let Route { methods, path, handler, error_handler, body_limit, timeout, constraints, configs, doc, .. } = route;
        let mut handler = handler.ok()?;
        if let Some(status) = doc.status {
            handler = Box::new(WithStatus { handler, status });
        }
        let mut body_use = handler.body_use().combine(dependency_body);
        if reads_body && body_use == BodyUse::Stream {
            problems.push(format!(
                "{description}: has a schema for its body and takes it as `Body` while it comes in; take it as `Json`, `Bytes` or `String`, or \
                 leave the schema out"
            ));
        } else if reads_body {
            body_use = BodyUse::Whole;
        }
        let body = BodyPlan { body_use, limit: body_limit.unwrap_or(self.body_limit) };
        let parses = body.body_use == BodyUse::Whole && !self.parsers.is_empty();
        let timeout = timeout.or(self.timeout).map(Timeout::resolve);
        #[cfg(feature = "schema")]
        let has_schemas = request_plan.is_some() || answer_plan.is_some();
        #[cfg(not(feature = "schema"))]
        let has_schemas = false;
        Some(RouteRecord {
            timing: hooks.timing(),
            awaits_write: hooks.timing().is_some() || !hooks.on_request_abort.is_empty(),
            is_direct: hooks.timing() != Some(Timing::Phases)
                && hooks.has_none_before_write()
                && !parses
                && !has_schemas
                && timeout.is_none()
                && !self.has_layers(),
            completes_beside: hooks.on_response.iter().any(|hook| hook.is_async()),
            param_names,
            methods: methods.into(),
            pattern: path.into(),
            hooks,
            error_handlers: error_handler.into_iter().chain(self.error_handlers.iter().cloned()).collect(),
            body,
            parsers: if parses { self.parsers.clone() } else { Vec::new() },
            #[cfg(feature = "schema")]
            request_plan,
            #[cfg(feature = "schema")]
            answer_plan,
            #[cfg(feature = "schema")]
            slow_models: doc.slow_models,
            states: self.states.clone(),
            constraints,
            configs: self.configs.followed_by(&configs),
            #[cfg(feature = "tower")]
            layers: self.layers.clone(),
            timeout,
            is_fallback,
            fallback: self.fallback,
            not_found: self.not_found.unwrap_or(self.fallback),
            handler,
            description,
        })
    }
}
