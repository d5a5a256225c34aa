//! What routes inherit from where they are registered.

use std::sync::Arc;

use crate::handler::ErasedErrorHandler;
use crate::hooks::{Hooks, Timing};
use crate::route::{BodyPlan, Route, RouteRecord};

/// The settings of a scope, resolved from the root downwards.
#[derive(Clone, Default)]
pub(crate) struct ScopeSettings {
    pub(crate) hooks: Hooks,
    pub(crate) error_handler: Option<Arc<dyn ErasedErrorHandler>>,
    /// In bytes.
    pub(crate) body_limit: u64,
}

impl ScopeSettings {
    /// The record that serves `route` in this scope. What is wrong with the route goes to `problems`; without a handler there is no record.
    pub(crate) fn freeze(&self, route: Route, problems: &mut Vec<String>) -> Option<RouteRecord> {
        let Route { method, path, handler, hooks, error_handler, body_limit, place } = route;
        // The route that answers what no route matches has neither. `*` alone could be a method of the application's own.
        let what = if (&*method, &*path) == ("*", "*") { "not_found".to_owned() } else { format!("{method} {path}") };
        let described = |name: &str| format!("{what} (handler {name}, {}:{})", place.file(), place.line());
        let handler = match handler {
            Ok(handler) => handler,
            Err(error) => {
                problems.push(format!("{}: answers with something that cannot be sent: {error}", described("?")));
                return None;
            }
        };
        let description: Box<str> = described(handler.name()).into();
        if handler.body_users() > 1 {
            problems.push(format!(
                "{description}: has {} arguments that take the body, and it can be taken once: keep one of `Json`, `Bytes`, `String` and \
                 `Body`",
                handler.body_users()
            ));
        }
        let hooks = self.hooks.followed_by(&hooks);
        Some(RouteRecord {
            timing: hooks.timing(),
            awaits_write: hooks.timing().is_some() || !hooks.on_request_abort.is_empty(),
            is_direct: hooks.timing() != Some(Timing::Phases) && hooks.has_none_before_write(),
            completes_beside: hooks.on_response.iter().any(|hook| hook.is_async()),
            param_names: fastweb_router::param_names(&path).into_iter().map(Into::into).collect(),
            pattern: path.into(),
            hooks,
            error_handler: error_handler.or_else(|| self.error_handler.clone()),
            body: BodyPlan { body_use: handler.body_use(), limit: body_limit.unwrap_or(self.body_limit) },
            handler,
            description,
        })
    }
}
