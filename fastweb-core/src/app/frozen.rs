//! The application after start-up: immutable, and bound once by each worker.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

use fastweb_router::{InsertError, Router};

use super::{App, Settings, States};
use crate::error::{Code, Error, Result};
use crate::extract::BindCx;
use crate::handler::BoundHandler;
use crate::hooks::{CloseHook, ListenHook};
use crate::request::Request;
use crate::route::{Route, RouteRecord};

/// The application as all workers share it.
pub(crate) struct FrozenApp {
    pub(crate) router: Router<usize>,
    /// By number. Number [`BoundApp::NOT_FOUND`] answers what no route matches.
    routes: Vec<RouteRecord>,
    states: States,
    pub(crate) settings: Settings,
    pub(crate) on_listen: Vec<ListenHook>,
    pub(crate) on_close: Vec<CloseHook>,
}

impl FrozenApp {
    /// Resolves `app`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn freeze(mut app: App) -> Result<Arc<Self>> {
        let root = app.root();
        let mut problems = Problems::default();
        let mut routes = Vec::with_capacity(app.routes.len() + 1);
        let mut router = Router::new();
        let mut places = Places::default();

        let not_found = app.take_not_found().unwrap_or_else(default_not_found);
        routes.extend(root.freeze(not_found, &mut problems.0));
        for route in std::mem::take(&mut app.routes) {
            match router.insert(&route.method, &route.path, routes.len()) {
                Ok(()) => places.note(&route),
                Err(error) => problems.push(places.describe(&route, &error)),
            }
            routes.extend(root.freeze(route, &mut problems.0));
        }
        for record in &routes {
            let mut missing = Vec::new();
            record.handler.bind(&mut BindCx::new(&app.states, record.param_names.len(), &mut missing));
            problems.extend(&record.description, missing);
        }
        if let Some(value) = &app.settings.server_header
            && !crate::reply::is_header_value(value)
        {
            problems.push(format!("the server header {value:?} has control characters or blanks around it"));
        }
        if let Some(problem) = app.settings.limits.problem() {
            problems.push(problem);
        }
        problems.into_result()?;
        if cfg!(panic = "abort") {
            tracing::warn!(
                "this program aborts on panic: a handler that panics ends the server instead of one request"
            );
        }
        Ok(Arc::new(Self {
            router,
            routes,
            states: app.states,
            settings: app.settings,
            on_listen: app.on_listen,
            on_close: app.on_close,
        }))
    }
}

impl std::fmt::Debug for FrozenApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FrozenApp").field("routes", &self.routes.len()).finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Problems(Vec<String>);

impl Problems {
    fn push(&mut self, problem: String) {
        self.0.push(problem);
    }

    fn extend(&mut self, route: &str, problems: Vec<String>) {
        self.0.extend(problems.into_iter().map(|problem| format!("{route}: {problem}")));
    }

    fn into_result(self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let count = self.0.len();
        let mut message = format!("the application cannot start: {count} problem{}", if count == 1 { "" } else { "s" });
        for problem in self.0 {
            let _ = write!(message, "\n  - {problem}");
        }
        Err(Error::at_start(message))
    }
}

/// Where routes were registered, for the message about two that cannot both be.
#[derive(Default)]
struct Places(HashMap<(String, String), &'static Location<'static>>);

impl Places {
    fn note(&mut self, route: &Route) {
        self.0.insert((route.method.clone(), route.path.clone()), route.place);
    }

    fn describe(&self, route: &Route, error: &InsertError) -> String {
        let Route { method, path, place, .. } = route;
        let mut text = format!("{method} {path} ({}:{}): {error}", place.file(), place.line());
        if let InsertError::Duplicate { with, .. } | InsertError::Conflict { with, .. } = error
            && let Some(other) = self.0.get(&(method.clone(), with.clone()))
        {
            let _ = write!(text, "; the other one is at {}:{}", other.file(), other.line());
        }
        text
    }
}

/// 404, or 405 where the path has routes for other methods.
fn default_not_found() -> Route {
    crate::route::route("*", "*", |req: &mut Request| -> Result<()> {
        // RFC 9110, 8.6: content-length says the same for HEAD as for GET, so the message does.
        let method = if req.method_str() == "HEAD" { "GET" } else { req.method_str() };
        let target = req.target();
        let allowed = req.allowed_methods();
        if allowed.is_empty() {
            let message = format!("Route {method}:{target} not found");
            return Err(Error::from_code(Code::NotFound).with_message(message));
        }
        let allow = allowed.join(", ");
        let message = format!("Route {method}:{target} not found; this path has {allow}");
        Err(Error::from_code(Code::MethodNotAllowed).with_message(message).with_header("allow", allow))
    })
}

/// The application as one worker holds it: its own handlers' bindings, nothing shared that is counted per request.
pub(crate) struct BoundApp {
    pub(crate) frozen: Arc<FrozenApp>,
    handlers: Vec<Box<dyn BoundHandler>>,
    patterns: Vec<Rc<str>>,
}

impl BoundApp {
    /// The number of the route that answers what no route matches.
    pub(crate) const NOT_FOUND: usize = 0;

    /// Binds every handler on this thread. `freeze` has tried the same before, so nothing is missing.
    pub(crate) fn bind(frozen: Arc<FrozenApp>) -> Result<Rc<Self>> {
        let mut missing = Vec::new();
        let mut handlers = Vec::with_capacity(frozen.routes.len());
        for record in &frozen.routes {
            let mut cx = BindCx::new(&frozen.states, record.param_names.len(), &mut missing);
            let handler = record.handler.bind(&mut cx);
            let lost = || Error::internal(format!("{} could not be bound on a worker", record.description));
            handlers.push(handler.ok_or_else(lost)?);
        }
        let patterns = frozen.routes.iter().map(|record| Rc::from(&*record.pattern)).collect();
        Ok(Rc::new(Self { frozen, handlers, patterns }))
    }

    pub(crate) fn record(&self, route: usize) -> &RouteRecord {
        &self.frozen.routes[route]
    }

    pub(crate) fn handler(&self, route: usize) -> &dyn BoundHandler {
        &*self.handlers[route]
    }

    pub(crate) fn pattern(&self, route: usize) -> &Rc<str> {
        &self.patterns[route]
    }

    pub(crate) fn param_names(&self, route: usize) -> &[Box<str>] {
        &self.frozen.routes[route].param_names
    }

    pub(crate) fn states(&self) -> &States {
        &self.frozen.states
    }
}
