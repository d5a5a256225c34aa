//! Boot: every plugin is set up, and what is left is a tree of scopes.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Registered;
use crate::app::States;
use crate::error::{Error, Result};
use crate::hooks::RegisterHook;
use crate::lifecycle::{caught, caught_to_end};
use crate::scope::{Child, Scope};

/// A plugin that was set up, and those that it registered itself.
#[derive(Clone, Debug)]
pub(crate) struct BootReport {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) took: Duration,
    pub(crate) shares_scope: bool,
    pub(crate) inner: Vec<BootReport>,
}

/// What is known inside a scope while it boots.
#[derive(Clone)]
struct Outer {
    /// How many scopes are around.
    depth: usize,
    /// The names of plugins that were set up, here and in the scopes around.
    plugins: Vec<String>,
    /// The names of those that could not be.
    failed: Vec<String>,
    /// What the scopes around were given.
    states: Arc<States>,
    /// The `on_register` hooks of the scopes around, outermost first.
    on_register: Vec<RegisterHook>,
}

/// Scopes are not nested deeper than this. An `on_register` hook that opens a scope is given that one too, and would go on for ever.
const DEEPEST: usize = 64;

struct Boot<'a> {
    timeout: Duration,
    /// Scopes were nested too deep: nothing more is opened.
    is_too_deep: bool,
    problems: &'a mut Vec<String>,
}

/// Sets up every plugin of `root` and of the scopes within it, which then hold scopes alone. What goes wrong goes to `problems`.
pub(crate) async fn boot(root: &mut Scope, timeout: Duration, problems: &mut Vec<String>) -> Vec<BootReport> {
    let outer =
        Outer { depth: 0, plugins: Vec::new(), failed: Vec::new(), states: Arc::default(), on_register: Vec::new() };
    Boot { timeout, is_too_deep: false, problems }.scope(root, outer).await
}

impl Boot<'_> {
    /// A scope's plugins first, then the scopes within it.
    fn scope<'f>(
        &'f mut self,
        scope: &'f mut Scope,
        mut outer: Outer,
    ) -> Pin<Box<dyn Future<Output = Vec<BootReport>> + 'f>> {
        Box::pin(async move {
            let mut reports = Vec::new();
            if outer.depth > DEEPEST && !std::mem::replace(&mut self.is_too_deep, true) {
                let (file, line) = (scope.place.file(), scope.place.line());
                self.problems.push(format!(
                    "the scope {:?} ({file}:{line}) has {DEEPEST} scopes around it: does an on_register hook or a plugin open scopes without end?",
                    scope.prefix
                ));
            }
            if self.is_too_deep {
                scope.children.clear();
                return reports;
            }
            // Those that plugins have filled, and those that wait until all plugins are set up.
            let (mut filled, mut scopes) = (Vec::new(), Vec::new());
            let mut waiting = VecDeque::new();
            let around = outer.on_register.len();
            loop {
                // A plugin that shares this scope may have registered more. They come before those that were registered behind it.
                let mut next = 0;
                for child in std::mem::take(&mut scope.children) {
                    match child {
                        Child::Scope(inner) => scopes.push(inner),
                        Child::Plugin(plugin) => {
                            if let Some(plugin) = self.check(plugin, &waiting, &outer) {
                                waiting.insert(next, plugin);
                                next += 1;
                            }
                        }
                    }
                }
                outer.on_register.truncate(around);
                outer.on_register.extend(scope.application.on_register.iter().cloned());
                let ready = waiting
                    .iter()
                    .position(|plugin| plugin.dependencies.iter().all(|dependency| outer.plugins.contains(dependency)));
                let Some(plugin) = ready.and_then(|at| waiting.remove(at)) else { break };
                let name = plugin.name.clone();
                outer.plugins.push(name.clone());
                let report = self.plugin(plugin, scope, &mut filled, &outer).await;
                if report.is_none() {
                    outer.plugins.pop();
                    outer.failed.push(name);
                }
                reports.extend(report);
            }
            self.explain_waiting(&waiting, &outer);
            outer.failed.extend(waiting.into_iter().map(|plugin| plugin.name));
            scope.children.extend(filled.into_iter().map(|scope| Child::Scope(Box::new(scope))));
            for declared in scopes {
                let mut inner = self.open(declared.prefix.clone(), declared.place, scope, &outer);
                inner.absorb(*declared);
                reports.extend(self.scope(&mut inner, outer.within(scope)).await);
                scope.children.push(Child::Scope(Box::new(inner)));
            }
            reports
        })
    }

    /// Gives a plugin back that may wait for its turn.
    fn check(&mut self, plugin: Registered, waiting: &VecDeque<Registered>, outer: &Outer) -> Option<Registered> {
        if plugin.name.is_empty() {
            self.problems.push(format!("{}: has no name", plugin.describe()));
        } else if let Some(other) = waiting.iter().find(|other| other.name == plugin.name) {
            let (file, line) = (other.place.file(), other.place.line());
            self.problems.push(format!("{}: is registered already, at {file}:{line}", plugin.describe()));
        } else if outer.plugins.contains(&plugin.name) || outer.failed.contains(&plugin.name) {
            self.problems.push(format!("{}: is registered already, in this scope or around it", plugin.describe()));
        } else {
            return Some(plugin);
        }
        None
    }

    /// Sets up one plugin, and whatever it registers itself. A scope of its own goes to `scopes`.
    async fn plugin(
        &mut self,
        plugin: Registered,
        scope: &mut Scope,
        scopes: &mut Vec<Scope>,
        outer: &Outer,
    ) -> Option<BootReport> {
        let described = plugin.describe();
        let Registered { name, version, shares_scope, place, plugin, .. } = plugin;
        let empty = match shares_scope {
            true => Scope::at(String::new(), place).with_outer_states(outer.states_within(scope)),
            false => self.open(String::new(), place, scope, outer),
        };
        let started = Instant::now();
        let mut filled = match within(self.timeout, || plugin.set_up(empty)).await {
            Ok(filled) => filled,
            Err(error) => {
                self.problems.push(format!("{described}: {error}"));
                return None;
            }
        };
        let took = started.elapsed();
        let mut inner = Vec::new();
        if shares_scope {
            scope.absorb(filled);
        } else {
            inner = self.scope(&mut filled, outer.within(scope)).await;
            scopes.push(filled);
        }
        Some(BootReport { name, version, took, shares_scope, inner })
    }

    /// A new scope inside `scope`, as the `on_register` hooks leave it.
    fn open(
        &mut self,
        prefix: String,
        place: &'static std::panic::Location<'static>,
        scope: &Scope,
        outer: &Outer,
    ) -> Scope {
        let mut inner = Scope::at(prefix, place).with_outer_states(outer.states_within(scope));
        for hook in &outer.on_register {
            let (prefix, states) = (inner.prefix.clone(), outer.states_within(scope));
            inner = caught(|| hook(inner)).unwrap_or_else(|panic| {
                self.problems.push(format!("an on_register hook {}", panic.message()));
                Scope::at(prefix, place).with_outer_states(states)
            });
        }
        inner
    }

    /// Why the plugins that are left cannot be set up: what they depend on is not there, or depends on them.
    fn explain_waiting(&mut self, waiting: &VecDeque<Registered>, outer: &Outer) {
        let by_name = |name: &str| waiting.iter().find(|plugin| plugin.name == *name);
        let mut told: Vec<&str> = Vec::new();
        for plugin in waiting {
            for dependency in &plugin.dependencies {
                if outer.failed.contains(dependency) {
                    self.problems.push(format!(
                        "{}: was not set up, because it depends on `{dependency}`, which could not be",
                        plugin.describe()
                    ));
                } else if !outer.plugins.contains(dependency) && by_name(dependency).is_none() {
                    self.problems.push(format!(
                        "{}: depends on `{dependency}`, which is registered neither in this scope nor around it",
                        plugin.describe()
                    ));
                }
            }
            if let Some(circle) = circle(plugin, &by_name)
                && !told.contains(&&*plugin.name)
            {
                let names: Vec<String> = circle.iter().map(|name| format!("`{name}`")).collect();
                let path = names.join(" → ");
                self.problems.push(format!("{}: depends on itself: {path} → {}", plugin.describe(), names[0]));
                told.extend(circle);
            }
        }
    }
}

impl Outer {
    /// What is known inside the scopes within `scope`.
    fn within(&self, scope: &Scope) -> Self {
        Self { depth: self.depth + 1, states: self.states_within(scope), ..self.clone() }
    }

    fn states_within(&self, scope: &Scope) -> Arc<States> {
        Arc::new(scope.states.clone().enter(&self.states))
    }
}

impl Scope {
    fn with_outer_states(mut self, outer: Arc<States>) -> Self {
        self.states = States::within(outer);
        self
    }
}

/// The names on the way from a plugin back to itself, if it has such a way.
fn circle<'p>(start: &'p Registered, by_name: &impl Fn(&str) -> Option<&'p Registered>) -> Option<Vec<&'p str>> {
    fn walk<'p>(
        from: &'p Registered,
        start: &str,
        way: &mut Vec<&'p str>,
        seen: &mut Vec<&'p str>,
        by_name: &impl Fn(&str) -> Option<&'p Registered>,
    ) -> bool {
        way.push(&from.name);
        seen.push(&from.name);
        for dependency in &from.dependencies {
            if dependency == start {
                return true;
            }
            if seen.iter().all(|name| name != dependency)
                && let Some(next) = by_name(dependency)
                && walk(next, start, way, seen, by_name)
            {
                return true;
            }
        }
        way.pop();
        false
    }
    let (mut way, mut seen) = (Vec::new(), Vec::new());
    walk(start, &start.name, &mut way, &mut seen, by_name).then_some(way)
}

/// Runs a set-up to its end, for at most `timeout`. A panic is its error.
async fn within(
    timeout: Duration,
    set_up: impl FnOnce() -> Pin<Box<dyn Future<Output = Result<Scope>>>>,
) -> Result<Scope> {
    tokio::time::timeout(timeout, caught_to_end(set_up)).await.unwrap_or_else(|_| {
        Err(Error::at_start(format!(
            "did not end its set-up within {timeout:?}; `App::plugin_timeout` sets the time for it"
        )))
    })
}
