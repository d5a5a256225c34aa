//! The router: from method and path to a route's value.

use std::fmt;

use crate::lanes::Lanes;
use crate::method::{self, GET, HEAD, STANDARD};
use crate::pattern::Pattern;
use crate::{InsertError, Params};

/// Finds the value that was registered for a method and a path.
///
/// The value is whatever the caller keeps per route; it is never cloned. Filled once with [`insert`](Router::insert),
/// the router is read through `&self` from any number of threads. See the [crate docs](crate) for the path syntax, for
/// which route wins and for what a lookup costs.
///
/// ```
/// use fastweb_router::{Params, Router};
///
/// let mut router = Router::new();
/// router.insert("GET", "/users/{id}", "show a user")?;
/// router.insert("GET", "/users/me", "show myself")?;
///
/// let mut params = Params::new();
/// assert_eq!(router.find("GET", "/users/42", &mut params), Some(&"show a user"));
/// assert_eq!(params.get(0), Some(7..9));
/// assert_eq!(router.find("GET", "/users/me", &mut params), Some(&"show myself"));
/// assert!(params.is_empty());
/// # Ok::<(), fastweb_router::InsertError>(())
/// ```
pub struct Router<T> {
    standard: [Lanes<T>; STANDARD.len()],
    /// All other methods, sorted by name. There are rarely more than two or three, so a scan is as good as a search.
    others: Vec<(Box<str>, Lanes<T>)>,
}

impl<T> Router<T> {
    /// A router without routes.
    ///
    /// ```
    /// use fastweb_router::Router;
    ///
    /// let router: Router<u32> = Router::new();
    /// assert!(router.is_empty());
    /// ```
    pub fn new() -> Self {
        Self { standard: std::array::from_fn(|_| Lanes::new()), others: Vec::new() }
    }

    /// Registers `value` for a method and a path in the [router's syntax](crate#paths).
    ///
    /// `method` is any token and is case-sensitive, as RFC 9110 section 9.1 has it: `get` is not `GET`.
    ///
    /// ```
    /// use fastweb_router::Router;
    ///
    /// let mut router = Router::new();
    /// router.insert("GET", "/files/{*path}", 1)?;
    /// router.insert("PURGE", "/files/{*path}", 2)?;
    /// assert_eq!(router.len(), 2);
    /// # Ok::<(), fastweb_router::InsertError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the method is no token, the path is not in the syntax, or a route of the same method is in the way; see
    /// [`InsertError`]. The router's routes are then what they were before, and `value` is dropped.
    pub fn insert(&mut self, method: &str, path: &str, value: T) -> Result<(), InsertError> {
        if !method::is_token(method) {
            return Err(InsertError::InvalidMethod { method: method.to_owned(), path: path.to_owned() });
        }
        let pattern = Pattern::parse(path).map_err(|reason| InsertError::Invalid { path: path.to_owned(), reason })?;
        let lanes = match method::slot(method) {
            Some(slot) => &mut self.standard[slot],
            None => {
                let at = match self.others.binary_search_by(|(name, _)| (**name).cmp(method)) {
                    Ok(at) => at,
                    Err(at) => {
                        self.others.insert(at, (method.into(), Lanes::new()));
                        at
                    }
                };
                &mut self.others[at].1
            }
        };
        lanes.insert(method, path, pattern, value)
    }

    /// The value of the route that matches, and in `params` the byte ranges of its parameters.
    ///
    /// `path` is compared byte by byte as it comes: without the query, percent-encoding neither undone nor normalised.
    /// `params` is emptied first; on a miss and for a static route it stays empty. A `HEAD` that no `HEAD` route matches
    /// takes the `GET` route (RFC 9110 section 9.3.2: the answer is that of `GET`, without its content).
    ///
    /// ```
    /// use fastweb_router::{Params, Router};
    ///
    /// let mut router = Router::new();
    /// router.insert("GET", "/img/{name}.png", "image")?;
    ///
    /// let mut params = Params::new();
    /// let path = "/img/logo.png";
    /// assert_eq!(router.find("HEAD", path, &mut params), Some(&"image"));
    /// assert_eq!(&path[params.get(0).unwrap()], "logo");
    ///
    /// assert_eq!(router.find("POST", path, &mut params), None);
    /// assert!(params.is_empty());
    /// # Ok::<(), fastweb_router::InsertError>(())
    /// ```
    pub fn find(&self, method: &str, path: &str, params: &mut Params) -> Option<&T> {
        params.clear();
        let Some(slot) = method::slot(method) else {
            return self.others.iter().find(|(name, _)| **name == *method)?.1.find(path, params);
        };
        match self.standard[slot].find(path, params) {
            None if slot == HEAD => self.standard[GET].find(path, params),
            found => found,
        }
    }

    /// Every method that [`find`](Router::find) has a route for with this path, for the `allow` header of a 405 answer;
    /// none where it is a 404.
    ///
    /// The order is fixed: GET, HEAD, POST, PUT, PATCH, DELETE, CONNECT, OPTIONS, TRACE, then the other methods by their
    /// bytes. HEAD is there wherever GET is. This looks through every method's routes, so it is for the misses.
    ///
    /// ```
    /// use fastweb_router::Router;
    ///
    /// let mut router = Router::new();
    /// router.insert("PURGE", "/files/{*path}", ())?;
    /// router.insert("DELETE", "/files/{*path}", ())?;
    /// router.insert("GET", "/files/index", ())?;
    ///
    /// assert_eq!(router.allowed("/files/index"), ["GET", "HEAD", "DELETE", "PURGE"]);
    /// assert!(router.allowed("/nowhere").is_empty());
    /// # Ok::<(), fastweb_router::InsertError>(())
    /// ```
    pub fn allowed(&self, path: &str) -> Vec<&str> {
        let get = self.standard[GET].matches(path);
        let standard = STANDARD.into_iter().zip(&self.standard).enumerate();
        let standard = standard
            .filter(|&(slot, (_, lanes))| (get && slot == HEAD) || lanes.matches(path))
            .map(|(_, (name, _))| name);
        let others = self.others.iter().filter(|(_, lanes)| lanes.matches(path)).map(|(name, _)| &**name);
        standard.chain(others).collect()
    }

    /// How many routes there are, over all methods.
    ///
    /// ```
    /// use fastweb_router::Router;
    ///
    /// let mut router = Router::new();
    /// router.insert("GET", "/", ())?;
    /// router.insert("POST", "/", ())?;
    /// assert_eq!(router.len(), 2);
    /// # Ok::<(), fastweb_router::InsertError>(())
    /// ```
    pub fn len(&self) -> usize {
        let (fixed, dynamic) = self.counts();
        fixed + dynamic
    }

    /// Whether there is no route at all.
    ///
    /// ```
    /// use fastweb_router::Router;
    ///
    /// let mut router = Router::new();
    /// assert!(router.is_empty());
    /// router.insert("GET", "/", ())?;
    /// assert!(!router.is_empty());
    /// # Ok::<(), fastweb_router::InsertError>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn counts(&self) -> (usize, usize) {
        let all = self.standard.iter().chain(self.others.iter().map(|(_, lanes)| lanes));
        all.map(Lanes::counts).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }
}

impl<T> Default for Router<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Prints how many routes there are, with and without parameters: `Router { static: 2, dynamic: 1 }`.
impl<T> fmt::Debug for Router<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (fixed, dynamic) = self.counts();
        f.debug_struct("Router").field("static", &fixed).field("dynamic", &dynamic).finish()
    }
}
