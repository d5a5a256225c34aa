//! How paths are compared.

/// How paths are compared, and what is answered where none matches. What is not changed costs nothing.
///
/// | option | default |
/// |---|---|
/// | [`case_sensitive`](Self::case_sensitive) | yes: `/Users` is not `/users` |
/// | [`ignore_trailing_slash`](Self::ignore_trailing_slash) | no: `/users/` is not `/users` |
/// | [`ignore_duplicate_slashes`](Self::ignore_duplicate_slashes) | no: `//users` is not `/users` |
/// | [`max_param_length`](Self::max_param_length) | as long as the target may be; 100 in Fastify mode |
/// | [`refuse_wrong_types`](Self::refuse_wrong_types) | no: `/users/x` is 404 for `/users/{id:u64}` |
/// | [`automatic_options`](Self::automatic_options) | yes: `OPTIONS` is answered with 204 and `allow` |
///
/// ```
/// # use fastweb_core::{App, Inject, RouterOptions};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// let options = RouterOptions::default().ignore_trailing_slash(true).refuse_wrong_types(true);
/// let server = App::new().router(options).get("/users/{id:u64}", "a user").build().await?;
/// assert_eq!(server.inject(Inject::get("/users/7/")).await.status(), 200);
/// assert_eq!(server.inject(Inject::get("/users/x")).await.status(), 400);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "options do nothing until they are given to `App::router`"]
pub struct RouterOptions {
    case_sensitive: bool,
    pub(super) ignore_trailing_slash: bool,
    ignore_duplicate_slashes: bool,
    max_param_length: Option<usize>,
    pub(super) refuse_wrong_types: bool,
    pub(super) automatic_options: bool,
}

impl Default for RouterOptions {
    fn default() -> Self {
        Self {
            case_sensitive: true,
            ignore_trailing_slash: false,
            ignore_duplicate_slashes: false,
            max_param_length: None,
            refuse_wrong_types: false,
            automatic_options: true,
        }
    }
}

/// Fastify's `maxParamLength`.
const FASTIFY_PARAM_LENGTH: usize = 100;

impl RouterOptions {
    /// Whether upper and lower case differ in the text of paths. Parameters keep their case either way.
    pub fn case_sensitive(mut self, on: bool) -> Self {
        self.case_sensitive = on;
        self
    }

    /// Whether a slash at the end is passed over.
    pub fn ignore_trailing_slash(mut self, on: bool) -> Self {
        self.ignore_trailing_slash = on;
        self
    }

    /// Whether several slashes in a row count as one.
    pub fn ignore_duplicate_slashes(mut self, on: bool) -> Self {
        self.ignore_duplicate_slashes = on;
        self
    }

    /// The most bytes that a parameter may have, as it stands in the path; a longer one is 414. What `{*rest}` takes may be longer.
    pub fn max_param_length(mut self, bytes: usize) -> Self {
        self.max_param_length = Some(bytes);
        self
    }

    /// Whether a parameter that is not of its type (`{id:u64}`) is 400. Without it the route does not match, and the path is 404.
    pub fn refuse_wrong_types(mut self, on: bool) -> Self {
        self.refuse_wrong_types = on;
        self
    }

    /// Whether `OPTIONS` is answered for paths that have other routes: 204, with the methods in `allow`. Off, it is 405. A route for
    /// `OPTIONS` goes first.
    pub fn automatic_options(mut self, on: bool) -> Self {
        self.automatic_options = on;
        self
    }

    /// The part of them that the router itself keeps to.
    #[allow(clippy::field_reassign_with_default)] // `Options` is non-exhaustive.
    pub(super) fn matching(&self, fastify_mode: bool) -> fastweb_router::Options {
        let longest = self.max_param_length.or(fastify_mode.then_some(FASTIFY_PARAM_LENGTH));
        let mut options = fastweb_router::Options::default();
        options.case_sensitive = self.case_sensitive;
        options.ignore_trailing_slash = self.ignore_trailing_slash;
        options.ignore_duplicate_slashes = self.ignore_duplicate_slashes;
        options.max_param_length = longest;
        options
    }
}
