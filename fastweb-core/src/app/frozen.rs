//! The application after start-up: immutable, and bound once by each worker.

use std::collections::HashMap;
use std::sync::Arc;

use super::problems::{Places, Problems};
use super::routes::{Constrained, RouteTable};
use super::{App, Settings, WorkerInit};
use crate::blocking::Pool;
use crate::error::Result;
use crate::extract::BindCx;
use crate::fallback;
use crate::hooks::{ApplicationHooks, LifeHook, ListenHook};
use crate::lifecycle::{caught, caught_to_end};
use crate::plugin::{self, BootReport};
use crate::request::TrustProxy;
use crate::route::{Route, RouteRecord};
use crate::scope::{Child, Inherited, Scope};

/// The application as all workers share it.
pub(crate) struct FrozenApp {
    pub(crate) routes: RouteTable,
    /// By number. Number [`BoundApp::ROOT`](super::BoundApp::ROOT) answers for the root scope where no route does.
    pub(crate) records: Vec<RouteRecord>,
    pub(crate) worker_inits: Vec<Arc<WorkerInit>>,
    pub(crate) settings: Settings,
    pub(crate) pool: Pool,
    pub(crate) plugins: Vec<BootReport>,
    pub(crate) on_listen: Vec<ListenHook>,
    pub(crate) pre_close: Vec<LifeHook>,
    /// In the order in which they run.
    pub(crate) on_close: Vec<LifeHook>,
}

impl FrozenApp {
    /// Sets up the plugins of `app`, resolves it, and runs its `on_ready` hooks. Belongs on the control runtime.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) async fn build(app: App) -> Result<Arc<Self>> {
        let App { mut root, settings } = app;
        let mut problems = Problems::default();
        root.hooks.give_ids(&settings.request_ids);
        let plugins = plugin::boot(&mut root, settings.plugin_timeout, &mut problems.0).await;
        let (frozen, on_ready) = Self::freeze(root, settings, plugins, problems)?;
        for hook in &on_ready {
            caught_to_end(|| hook()).await?;
        }
        Ok(Arc::new(frozen))
    }

    fn freeze(
        root: Scope,
        settings: Settings,
        plugins: Vec<BootReport>,
        problems: Problems,
    ) -> Result<(Self, Vec<LifeHook>)> {
        let mut freeze = Freeze {
            problems,
            records: Vec::new(),
            worker_inits: Vec::new(),
            application: ApplicationHooks::default(),
            registrations: Vec::new(),
            not_found: Vec::new(),
        };
        freeze.scope(root, &Inherited::nothing(&settings));
        let Freeze { mut problems, mut records, worker_inits, mut application, registrations, not_found } = freeze;

        let mut routes = RouteTable::new(&settings);
        register(&mut routes, &settings, &records, registrations, &mut problems);
        if routes.varies {
            // Any route may answer where one with a version did not want to, and its reply says so.
            records.iter_mut().for_each(|record| record.is_direct = false);
        }
        let mut answered: HashMap<String, usize> = HashMap::new();
        for (prefix, number) in not_found {
            if let Some(other) = answered.insert(prefix.clone(), number) {
                let whose = if prefix.is_empty() { "of the application".into() } else { format!("below {prefix:?}") };
                let [description, other] = [number, other].map(|number| &records[number].description);
                problems.push(format!(
                    "{description}: what is not found {whose} is answered already, by {other}; keep one of the two, or give its scope a \
                     prefix of its own"
                ));
                continue;
            }
            if let Err(error) = routes.insert_not_found(&settings, &prefix, number) {
                problems.push(format!("{}: {error}", records[number].description));
            }
        }
        for record in &mut records {
            let mut missing = Vec::new();
            let mut cx = BindCx::new(record, None, &mut missing);
            let bound = caught(|| drop(record.handler.bind(&mut cx)));
            let awaits_dependencies = cx.plan.found;
            if let Err(panic) = bound {
                missing.push(format!("an argument {} while it was bound", panic.message()));
            }
            if awaits_dependencies {
                record.await_dependencies();
            }
            problems.extend(&record.description, missing);
        }
        if let Some(value) = &settings.server_header
            && !crate::reply::is_header_value(value)
        {
            problems.push(format!("the server header {value:?} has control characters or blanks around it"));
        }
        let proxies = settings.trust_proxy.as_ref().and_then(TrustProxy::problem);
        for problem in [settings.limits.problem(), settings.request_ids.problem(), proxies].into_iter().flatten() {
            problems.push(problem);
        }
        problems.into_result()?;
        if cfg!(panic = "abort") {
            tracing::warn!(
                "this program aborts on panic: a handler that panics ends the server instead of one request"
            );
        }
        application.on_close.reverse();
        let frozen = Self {
            routes,
            records,
            worker_inits,
            pool: Pool::new(settings.blocking),
            settings,
            plugins,
            on_listen: application.on_listen,
            pre_close: application.pre_close,
            on_close: application.on_close,
        };
        Ok((frozen, application.on_ready))
    }
}

/// A tree of scopes on its way to a list of records.
struct Freeze {
    problems: Problems,
    records: Vec<RouteRecord>,
    worker_inits: Vec<Arc<WorkerInit>>,
    /// Outer scopes' first.
    application: ApplicationHooks,
    registrations: Vec<Registration>,
    /// Prefixes of scopes with a `not_found` handler, and its records.
    not_found: Vec<(String, usize)>,
}

/// The paths that a record answers.
struct Registration {
    paths: (String, Option<String>),
    record: usize,
    place: &'static std::panic::Location<'static>,
}

impl Freeze {
    fn scope(&mut self, mut scope: Scope, around: &Inherited) {
        self.check(&scope);
        let mut inside = around.enter(&mut scope, &mut self.worker_inits, &mut self.problems.0);
        let Scope { routes, not_found, application, children, problems, .. } = scope;
        self.problems.0.extend(problems);
        self.application.absorb(application);

        inside.fallback = self.records.len();
        self.add(&inside, fallback::route_of_scope());
        if let Some(route) = not_found
            && let Some(number) = self.add(&inside, route)
        {
            self.not_found.push((inside.prefix.clone(), number));
            inside.not_found = Some(number);
        }
        for route in routes {
            self.route(&inside, route);
        }
        for child in children {
            // Plugins have become scopes, or could not and are among the problems.
            if let Child::Scope(scope) = child {
                self.scope(*scope, &inside);
            }
        }
    }

    fn check(&mut self, scope: &Scope) {
        let Scope { prefix, place, .. } = scope;
        let at = || format!("the scope {prefix:?} ({}:{})", place.file(), place.line());
        if !prefix.is_empty() && !prefix.starts_with('/') {
            self.problems.push(format!(
                "{}: its prefix has to begin with a slash; write {:?}",
                at(),
                format!("/{prefix}")
            ));
        }
        if prefix.contains("{*") {
            self.problems.push(format!("{}: `{{*…}}` takes all that follows, so nothing can be below it", at()));
        }
        self.problems.0.extend(scope.parsers.iter().filter_map(|parser| parser.problem()));
    }

    /// Resolves a route of a scope.
    fn route(&mut self, inside: &Inherited, mut route: Route) {
        let paths = inside.paths(&route.path);
        #[cfg(feature = "schema")]
        {
            route.registry = Some(inside.compilers.registry.clone());
        }
        let declared = std::mem::replace(&mut route.path, paths.0.clone());
        let described = route.describe(route.handler_name());
        if !inside.prefix.is_empty() && !declared.is_empty() && !declared.starts_with('/') {
            let (prefix, mended) = (&inside.prefix, format!("/{declared}"));
            self.problems.push(format!(
                "{described}: below the prefix {prefix:?} its path {declared:?} has to begin with a slash; write {mended:?}"
            ));
        }
        let route = match caught(|| inside.show(route)) {
            Ok(route) => route,
            Err(panic) => return self.problems.push(format!("{described}: an on_route hook {}", panic.message())),
        };
        if route.path != paths.0 {
            let other = route.describe(route.handler_name());
            return self.problems.push(format!(
                "{described}: an on_route hook gave back another route, {other}; it may change options, and the path is none"
            ));
        }
        let place = route.place;
        if route.methods.is_empty() {
            self.problems.push(format!("{described}: has no method; name at least one"));
        }
        if let Some(record) = self.add(inside, route) {
            self.registrations.push(Registration { paths, record, place });
        }
    }

    fn add(&mut self, inside: &Inherited, route: Route) -> Option<usize> {
        let record = inside.resolve(route, &mut self.problems.0)?;
        self.records.push(record);
        Some(self.records.len() - 1)
    }
}

/// Registers all routes; those with constraints behind the others, the most constrained first.
fn register(
    routes: &mut RouteTable,
    settings: &Settings,
    records: &[RouteRecord],
    mut registrations: Vec<Registration>,
    problems: &mut Problems,
) {
    registrations.sort_by(|a, b| {
        let (a, b) = (&records[a.record].constraints, &records[b.record].constraints);
        match (a.count(), b.count()) {
            (0, _) | (_, 0) => a.count().min(1).cmp(&b.count().min(1)),
            _ => a.precedence(b),
        }
    });
    let mut places = Places::default();
    let mut constrained = Constrained::default();
    for Registration { paths: (path, second), record: number, place } in registrations {
        let record = &records[number];
        // Where a slash at the end is passed over, it is the same path.
        let second = second.filter(|_| !settings.router.ignore_trailing_slash);
        for method in &record.methods {
            for path in [Some(&path), second.as_ref()].into_iter().flatten() {
                let distinct = constrained.check(method, path, record);
                match distinct.and_then(|()| routes.insert(method, path, record, number)) {
                    Ok(()) => places.note(method, path, record.constraints.key(), place),
                    Err(error) => {
                        problems.push(places.describe(method, path, &record.constraints.key(), place, &error));
                    }
                }
            }
        }
    }
}

impl std::fmt::Debug for FrozenApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FrozenApp").field("records", &self.records.len()).finish_non_exhaustive()
    }
}
