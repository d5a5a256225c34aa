//! What a router takes for the same path.

/// Which paths are the same to a [`Router`](crate::Router), and how long a parameter may be. The defaults are Fastify's, but for the
/// length, which has no limit here because the server has one for the whole path.
///
/// The options hold for patterns too: with `case_sensitive: false`, `/A` and `/a` are one route registered twice.
///
/// ```
/// use fastweb_router::{Options, Params, Router};
///
/// let mut options = Options::default();
/// options.case_sensitive = false;
/// options.ignore_trailing_slash = true;
/// options.ignore_duplicate_slashes = true;
/// let mut router = Router::with_options(options);
/// router.insert("GET", "/users/{name}", ())?;
///
/// let path = "//Users/Alice/";
/// let mut params = Params::new();
/// assert!(router.find("GET", path, &mut params).is_ok());
/// // What a parameter takes is left as it is.
/// assert_eq!(&path[params.get(0).unwrap()], "Alice");
/// # Ok::<(), fastweb_router::InsertError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Whether `/Users` and `/users` are different paths: true. Only the ASCII letters have a case here; parameters keep
    /// theirs, and their types see it.
    pub case_sensitive: bool,
    /// Whether a path's last slash is left out: false. It is one slash, and not that of `/`. A catch-all does not get it either.
    pub ignore_trailing_slash: bool,
    /// Whether slashes that follow a slash are left out: false. An escaped slash is none of them. In the text of a catch-all,
    /// which is a part of the path as it came, they are still there.
    pub ignore_duplicate_slashes: bool,
    /// The most bytes that a parameter's text may have, escapes undone: `None`, which is no limit. A catch-all has none.
    pub max_param_length: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            case_sensitive: true,
            ignore_trailing_slash: false,
            ignore_duplicate_slashes: false,
            max_param_length: None,
        }
    }
}
