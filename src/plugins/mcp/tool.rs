//! What a route says of itself as a tool.

use std::borrow::Cow;

use fastweb_core::Route;

/// Offers a route as a tool of [`Mcp`](super::Mcp), and says what the route itself does not: `get("/report", report).config(Tool::new().name("report"))`. As the `config` of a scope, or of the application, it
/// offers all routes in it.
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::mcp::Tool;
///
/// let app = App::new()
///     .plugin(Mcp::new("shop", "1.0"))
///     .route(delete("/carts/{id}", |Path(_): Path<u64>| NoContent).config(Tool::new().name("empty_cart").title("Empty a cart")))
///     .route(post("/search", |words: String| words).config(Tool::new().name("search").read_only(true)));
/// # drop(app);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it is the `config` of a route"]
pub struct Tool {
    pub(super) name: Option<Cow<'static, str>>,
    pub(super) title: Option<Cow<'static, str>>,
    pub(super) description: Option<Cow<'static, str>>,
    pub(super) read_only: Option<bool>,
    pub(super) destructive: Option<bool>,
    pub(super) idempotent: Option<bool>,
}

impl Tool {
    /// A tool that is what the route says.
    pub fn new() -> Self {
        Self::default()
    }

    /// Its name, instead of the route's `operation_id` or the name of its function: letters, digits, `_`, `-` and `.`, at most 128.
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What people are shown instead of the name. By default the route's summary.
    pub fn title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// What models are told, instead of the route's summary and description.
    pub fn description(mut self, description: impl Into<Cow<'static, str>>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Whether it changes nothing. By default `GET` does not.
    pub fn read_only(mut self, is: bool) -> Self {
        self.read_only = Some(is);
        self
    }

    /// Whether it may destroy something. By default all but `GET` and `POST` may.
    pub fn destructive(mut self, is: bool) -> Self {
        self.destructive = Some(is);
        self
    }

    /// Whether to call it twice does no more than to call it once. By default that is so of `GET`, `PUT` and `DELETE` (RFC 9110, 9.2.2).
    pub fn idempotent(mut self, is: bool) -> Self {
        self.idempotent = Some(is);
        self
    }
}

/// Routes that are offered as tools: `get("/sum", sum).mcp()`, which is `.config(Tool::new())`.
pub trait OfferTool {
    /// Offers it to the clients of [`Mcp`](super::Mcp).
    #[must_use]
    fn mcp(self) -> Self;
}

impl OfferTool for Route {
    fn mcp(self) -> Self {
        self.config(Tool::new())
    }
}
