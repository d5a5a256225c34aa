//! Scopes: what is declared for some routes and not for others.

mod declare;
mod encapsulation;

pub(crate) use declare::{route_methods, scope_methods};
pub(crate) use encapsulation::Inherited;

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::app::States;
use crate::handler::ErasedErrorHandler;
use crate::hooks::{ApplicationHooks, Hooks};
use crate::parser::ContentTypeParser;
use crate::plugin::Registered;
use crate::route::{Configs, Route};
#[cfg(feature = "schema")]
use crate::schema::ScopeSchemas;
use crate::timeout::Timeout;

/// A part of an application: a path prefix, and what holds for the routes below it.
///
/// Made by [`App::scope`](crate::App::scope), and given to plugins. It has the methods of [`App`](crate::App) that are not about the server as a whole. What is
/// declared on it is inherited by the scopes within it, and never leaks to the scope around it or to those beside it; the order in which things are
/// declared within a scope does not matter, but among hooks of one phase.
#[must_use = "a scope is part of its application only when it is given back"]
pub struct Scope {
    pub(crate) prefix: String,
    pub(crate) place: &'static Location<'static>,
    pub(crate) routes: Vec<Route>,
    pub(crate) hooks: Hooks,
    pub(crate) error_handler: Option<Arc<dyn ErasedErrorHandler>>,
    pub(crate) not_found: Option<Route>,
    pub(crate) states: States,
    pub(crate) body_limit: Option<u64>,
    pub(crate) timeout: Option<Timeout>,
    pub(crate) parsers: Vec<ContentTypeParser>,
    #[cfg(feature = "schema")]
    pub(crate) schemas: ScopeSchemas,
    pub(crate) configs: Configs,
    #[cfg(feature = "tower")]
    pub(crate) layers: Vec<Arc<dyn crate::tower::ErasedLayer>>,
    pub(crate) application: ApplicationHooks,
    pub(crate) children: Vec<Child>,
    /// What is wrong with it and was found while it was declared.
    pub(crate) problems: Vec<String>,
}

/// What a scope holds in the order of registration.
pub(crate) enum Child {
    Scope(Box<Scope>),
    Plugin(Registered),
}

impl Scope {
    #[track_caller]
    pub(crate) fn new(prefix: String) -> Self {
        Self::at(prefix, Location::caller())
    }

    pub(crate) fn at(prefix: String, place: &'static Location<'static>) -> Self {
        Self {
            prefix,
            place,
            routes: Vec::new(),
            hooks: Hooks::default(),
            error_handler: None,
            not_found: None,
            states: States::default(),
            body_limit: None,
            timeout: None,
            parsers: Vec::new(),
            #[cfg(feature = "schema")]
            schemas: ScopeSchemas::default(),
            configs: Configs::default(),
            #[cfg(feature = "tower")]
            layers: Vec::new(),
            application: ApplicationHooks::default(),
            children: Vec::new(),
            problems: Vec::new(),
        }
    }

    scope_methods!();

    /// The state of type `T` that this scope has, by itself or from around it. What is around it is known in a plugin's set-up and in `on_register`
    /// hooks: the state of outer scopes, and of plugins that were set up before.
    pub fn get_state<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.states.get()
    }

    /// Takes over everything that `other` declares, behind what this scope has.
    pub(crate) fn absorb(&mut self, other: Scope) {
        let Scope {
            prefix: _,
            place: _,
            routes,
            hooks,
            error_handler,
            not_found,
            states,
            body_limit,
            timeout,
            parsers,
            #[cfg(feature = "schema")]
            schemas,
            configs,
            #[cfg(feature = "tower")]
            layers,
            application,
            children,
            problems,
        } = other;
        self.routes.extend(routes);
        self.hooks.absorb(hooks);
        self.error_handler = error_handler.or(self.error_handler.take());
        self.not_found = not_found.or(self.not_found.take());
        self.states.absorb(states);
        self.body_limit = body_limit.or(self.body_limit);
        self.timeout = timeout.or(self.timeout);
        self.parsers.extend(parsers);
        #[cfg(feature = "schema")]
        self.schemas.absorb(schemas);
        self.configs = self.configs.followed_by(&configs);
        #[cfg(feature = "tower")]
        self.layers.extend(layers);
        self.application.absorb(application);
        self.children.extend(children);
        self.problems.extend(problems);
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("prefix", &self.prefix)
            .field("routes", &self.routes)
            .field("hooks", &self.hooks)
            .field("states", &self.states)
            .finish_non_exhaustive()
    }
}
