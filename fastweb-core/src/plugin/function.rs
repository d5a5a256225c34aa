//! Functions as plugins.

use std::fmt;

use super::Plugin;
use crate::error::Result;
use crate::scope::Scope;

/// A plugin made of a function: `set_up` gets an empty [`Scope`] and gives it back filled.
///
/// ```
/// # use fastweb_core::{App, Inject, plugin, Scope};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// let health = plugin("health", async |scope: Scope| Ok(scope.get("/health", "ok")));
/// let server = App::new().plugin(health.version("1.0.0")).build().await?;
/// assert_eq!(server.inject(Inject::get("/health")).await.text(), "ok");
/// # Ok(())
/// # }
/// ```
pub fn plugin<F>(name: &'static str, set_up: F) -> FnPlugin<F>
where
    F: AsyncFnOnce(Scope) -> Result<Scope> + Send + 'static,
{
    FnPlugin { name, version: "", dependencies: Vec::new(), shares_scope: false, set_up }
}

/// A function as a plugin. Made by [`plugin`].
pub struct FnPlugin<F> {
    name: &'static str,
    version: &'static str,
    dependencies: Vec<&'static str>,
    shares_scope: bool,
    set_up: F,
}

impl<F> FnPlugin<F> {
    /// Gives it a version: see [`Plugin::version`].
    #[must_use]
    pub fn version(mut self, version: &'static str) -> Self {
        self.version = version;
        self
    }

    /// Adds a plugin that must be set up before: see [`Plugin::dependencies`].
    #[must_use]
    pub fn depends_on(mut self, name: &'static str) -> Self {
        self.dependencies.push(name);
        self
    }

    /// Makes what it adds part of the scope that it is registered in: see [`Plugin::shares_scope`].
    #[must_use]
    pub fn shared(mut self) -> Self {
        self.shares_scope = true;
        self
    }
}

impl<F> Plugin for FnPlugin<F>
where
    F: AsyncFnOnce(Scope) -> Result<Scope> + Send + 'static,
{
    fn name(&self) -> &str {
        self.name
    }

    fn version(&self) -> &str {
        self.version
    }

    fn dependencies(&self) -> &[&str] {
        &self.dependencies
    }

    fn shares_scope(&self) -> bool {
        self.shares_scope
    }

    async fn set_up(self, scope: Scope) -> Result<Scope> {
        (self.set_up)(scope).await
    }
}

impl<F> fmt::Debug for FnPlugin<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FnPlugin").field("name", &self.name).field("version", &self.version).finish_non_exhaustive()
    }
}
