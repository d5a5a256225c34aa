//! Plugins: parts of applications that are set up when the application is built.

mod boot;
mod function;

pub(crate) use boot::{BootReport, boot};
pub use function::{FnPlugin, plugin};

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;

use crate::error::Result;
use crate::scope::Scope;

/// A part of an application that brings its own routes, hooks and state, and may do asynchronous work to get ready: connect to a database, read a
/// file, fetch keys.
///
/// `build()` sets plugins up one after the other, those that others depend on first and otherwise in the order of their registration; what a plugin
/// registers itself before those behind it, and a scope's plugins before the scopes within it. Each gets an empty [`Scope`] and gives it back filled. What it adds stays inside, as with every scope,
/// unless the plugin [shares the scope](Self::shares_scope) that it is registered in.
///
/// A set-up that fails, panics, or takes longer than [the time for it](crate::App::plugin_timeout) is an error of `build()` that names the plugin;
/// those that depend on it are not set up then.
/// [`plugin`] makes one of a function.
///
/// ```
/// # use fastweb_core::{App, Inject, Plugin, Result, Scope, State};
/// # use std::sync::Arc;
/// struct Db(String);
///
/// /// Gives its surroundings a [`Db`].
/// struct Database {
///     url: String,
/// }
///
/// impl Plugin for Database {
///     fn name(&self) -> &str {
///         "database"
///     }
///
///     fn shares_scope(&self) -> bool {
///         true
///     }
///
///     async fn set_up(self, scope: Scope) -> Result<Scope> {
///         let db = Db(self.url);
///         Ok(scope.state(db).on_close(async || { /* say goodbye */ }))
///     }
/// }
///
/// /// Routes that need it.
/// struct Users;
///
/// impl Plugin for Users {
///     fn name(&self) -> &str {
///         "users"
///     }
///
///     fn dependencies(&self) -> &[&str] {
///         &["database"]
///     }
///
///     async fn set_up(self, scope: Scope) -> Result<Scope> {
///         assert!(scope.get_state::<Db>().is_some(), "it is there already");
///         Ok(scope.get("/users", |db: State<Db>| format!("users of {}", db.0)))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// // The order of registration does not matter: `users` says what it needs.
/// let server = App::new().plugin(Users).plugin(Database { url: "db://x".into() }).build().await?;
/// assert_eq!(server.inject(Inject::get("/users")).await.text(), "users of db://x");
/// # Ok(())
/// # }
/// ```
pub trait Plugin: Send + 'static {
    /// The name by which others depend on it, and under which messages speak of it. Unique in its scope and the scopes around.
    fn name(&self) -> &str;

    /// Its version, for [`Server::print_plugins`](crate::Server::print_plugins). `env!("CARGO_PKG_VERSION")` is the one of your crate.
    fn version(&self) -> &str {
        ""
    }

    /// The names of plugins that must be set up before, in this scope or one around it.
    fn dependencies(&self) -> &[&str] {
        &[]
    }

    /// Whether what it adds belongs to the scope that it is registered in, and not to a scope of its own. Fastify's `fastify-plugin`.
    fn shares_scope(&self) -> bool {
        false
    }

    /// Fills `scope`. It runs on the server's control runtime: one thread, whose tasks live until the last `on_close` hook has ended. So
    /// `tokio::spawn` is for what shall live as long as the server.
    ///
    /// # Errors
    /// The application cannot start.
    fn set_up(self, scope: Scope) -> impl Future<Output = Result<Scope>>;
}

/// A plugin of whatever type.
trait ErasedPlugin: Send {
    fn set_up(self: Box<Self>, scope: Scope) -> Pin<Box<dyn Future<Output = Result<Scope>>>>;
}

impl<P: Plugin> ErasedPlugin for P {
    fn set_up(self: Box<Self>, scope: Scope) -> Pin<Box<dyn Future<Output = Result<Scope>>>> {
        Box::pin(async move { Plugin::set_up(*self, scope).await })
    }
}

/// A plugin that is registered and waits for `build()`.
pub(crate) struct Registered {
    name: String,
    version: String,
    dependencies: Vec<String>,
    shares_scope: bool,
    place: &'static Location<'static>,
    plugin: Box<dyn ErasedPlugin>,
}

impl Registered {
    #[track_caller]
    pub(crate) fn new(plugin: impl Plugin) -> Self {
        Self {
            name: plugin.name().to_owned(),
            version: plugin.version().to_owned(),
            dependencies: plugin.dependencies().iter().map(|&name| name.to_owned()).collect(),
            shares_scope: plugin.shares_scope(),
            place: Location::caller(),
            plugin: Box::new(plugin),
        }
    }

    /// For messages.
    fn describe(&self) -> String {
        format!("plugin `{}` ({}:{})", self.name, self.place.file(), self.place.line())
    }
}

impl fmt::Debug for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").field("name", &self.name).field("version", &self.version).finish_non_exhaustive()
    }
}
