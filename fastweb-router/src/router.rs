//! The router: from method and path to a route's value.

use std::fmt;

use crate::lanes::{Lanes, any};
use crate::method::{self, GET, HEAD, STANDARD};
use crate::normal::with_normal;
use crate::{InsertError, Miss, Options, Params};

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
/// assert_eq!(router.find("GET", "/users/42", &mut params), Ok(&"show a user"));
/// assert_eq!(params.get(0), Some(7..9));
/// assert_eq!(router.find("GET", "/users/me", &mut params), Ok(&"show myself"));
/// assert!(params.is_empty());
/// # Ok::<(), fastweb_router::InsertError>(())
/// ```
pub struct Router<T> {
    standard: [Lanes<T>; STANDARD.len()],
    /// All other methods, sorted by name. There are rarely more than two or three, so a scan is as good as a search.
    others: Vec<(Box<str>, Lanes<T>)>,
    /// Of methods that have no routes: what is wrong with a path is wrong whatever the method.
    none: Lanes<T>,
    options: Options,
    has_conditions: bool,
}

impl<T> Router<T> {
    /// A router without routes, with the default [`Options`].
    ///
    /// ```
    /// use fastweb_router::Router;
    ///
    /// let router: Router<u32> = Router::new();
    /// assert!(router.is_empty());
    /// ```
    pub fn new() -> Self {
        Self::with_options(Options::default())
    }

    /// A router without routes.
    ///
    /// ```
    /// use fastweb_router::{Options, Params, Router};
    ///
    /// let mut options = Options::default();
    /// options.ignore_trailing_slash = true;
    /// let mut router = Router::with_options(options);
    /// router.insert("GET", "/about", ())?;
    /// assert!(router.find("GET", "/about/", &mut Params::new()).is_ok());
    /// # Ok::<(), fastweb_router::InsertError>(())
    /// ```
    pub fn with_options(options: Options) -> Self {
        Self {
            standard: std::array::from_fn(|_| Lanes::new()),
            others: Vec::new(),
            none: Lanes::new(),
            options,
            has_conditions: false,
        }
    }

    /// What the router takes for the same path.
    ///
    /// ```
    /// use fastweb_router::Router;
    ///
    /// assert!(Router::<()>::new().options().case_sensitive);
    /// ```
    pub fn options(&self) -> &Options {
        &self.options
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
        self.register(method, path, None, value)
    }

    /// Registers `value` for those requests to a method and a path that a caller of [`find_where`](Self::find_where) accepts it for.
    ///
    /// One pattern may have any number of such values, and one without a condition. Those of more weight are asked for first, of the
    /// same weight the one that was registered first; the one without a condition comes last. What the condition is, only the
    /// caller knows: a host, a version, a header.
    ///
    /// ```
    /// use fastweb_router::{Params, Router};
    ///
    /// let mut router = Router::new();
    /// router.insert("GET", "/{page}", "any host")?;
    /// router.insert_conditional("GET", "/{page}", 1, "api.example.com")?;
    /// assert!(router.has_conditions());
    ///
    /// let mut find = |host: &str| {
    ///     let found = router.find_where("GET", "/home", &mut Params::new(), |&value| value == host || value == "any host");
    ///     found.copied()
    /// };
    /// assert_eq!(find("api.example.com"), Ok("api.example.com"));
    /// assert_eq!(find("example.com"), Ok("any host"));
    /// # Ok::<(), fastweb_router::InsertError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`insert`](Self::insert), but that a pattern may have been there before.
    pub fn insert_conditional(&mut self, method: &str, path: &str, weight: u32, value: T) -> Result<(), InsertError> {
        self.register(method, path, Some(weight), value)?;
        self.has_conditions = true;
        Ok(())
    }

    fn register(&mut self, method: &str, path: &str, weight: Option<u32>, value: T) -> Result<(), InsertError> {
        if !method::is_token(method) {
            return Err(InsertError::InvalidMethod { method: method.to_owned(), path: path.to_owned() });
        }
        if let Some(slot) = method::slot(method) {
            return self.standard[slot].insert(method, path, weight, value, &self.options);
        }
        match self.others.binary_search_by(|(name, _)| (**name).cmp(method)) {
            Ok(at) => self.others[at].1.insert(method, path, weight, value, &self.options),
            Err(at) => {
                let mut lanes = Lanes::new();
                lanes.insert(method, path, weight, value, &self.options)?;
                self.others.insert(at, (method.into(), lanes));
                Ok(())
            }
        }
    }

    /// Whether some value has a condition, so that [`find_where`](Self::find_where) has to be asked instead of [`find`](Self::find).
    ///
    /// ```
    /// use fastweb_router::Router;
    ///
    /// let mut router = Router::new();
    /// router.insert("GET", "/", ())?;
    /// assert!(!router.has_conditions());
    /// # Ok::<(), fastweb_router::InsertError>(())
    /// ```
    pub fn has_conditions(&self) -> bool {
        self.has_conditions
    }

    /// The value of the route that matches, and in `params` the byte ranges of its parameters.
    ///
    /// `path` is without the query, and as it came: [escapes](crate#escapes) are undone to compare it. `params` is emptied first;
    /// on a miss and for a static route it stays empty. A `HEAD` that no `HEAD` route matches takes the `GET` route (RFC 9110
    /// section 9.3.2: the answer is that of `GET`, without its content).
    ///
    /// Conditions are ignored: of the values of a pattern it is the one that goes first.
    ///
    /// ```
    /// use fastweb_router::{Miss, Params, Router};
    ///
    /// let mut router = Router::new();
    /// router.insert("GET", "/img/{name}.png", "image")?;
    ///
    /// let mut params = Params::new();
    /// let path = "/img/logo.png";
    /// assert_eq!(router.find("HEAD", path, &mut params), Ok(&"image"));
    /// assert_eq!(&path[params.get(0).unwrap()], "logo");
    ///
    /// assert_eq!(router.find("POST", path, &mut params), Err(Miss::NotFound));
    /// assert!(params.is_empty());
    /// # Ok::<(), fastweb_router::InsertError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Why nothing was found; see [`Miss`].
    pub fn find(&self, method: &str, path: &str, params: &mut Params) -> Result<&T, Miss> {
        self.search(method, path, params, any)
    }

    /// The first value that `accept` takes: in the order of the patterns that match, and among the values of one pattern as
    /// [`insert_conditional`](Self::insert_conditional) says.
    ///
    /// `accept` is asked for every value, also for those without a condition, and perhaps more than once. Where it takes none of a
    /// pattern's, the next pattern is tried. All else is as for [`find`](Self::find).
    ///
    /// ```
    /// use fastweb_router::{Miss, Params, Router};
    ///
    /// let mut router = Router::new();
    /// router.insert_conditional("GET", "/users/me", 1, 2)?;
    /// router.insert("GET", "/users/{id}", 1)?;
    ///
    /// let mut params = Params::new();
    /// assert_eq!(router.find_where("GET", "/users/me", &mut params, |_| true), Ok(&2));
    /// assert_eq!(router.find_where("GET", "/users/me", &mut params, |version| *version == 1), Ok(&1));
    /// assert_eq!(params.get(0), Some(7..9));
    /// assert_eq!(router.find_where("GET", "/users/me", &mut params, |_| false), Err(Miss::NotFound));
    /// # Ok::<(), fastweb_router::InsertError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Why nothing was found; see [`Miss`].
    pub fn find_where(
        &self,
        method: &str,
        path: &str,
        params: &mut Params,
        accept: impl FnMut(&T) -> bool,
    ) -> Result<&T, Miss> {
        self.search(method, path, params, accept)
    }

    #[inline]
    fn search(
        &self,
        method: &str,
        path: &str,
        params: &mut Params,
        mut accept: impl FnMut(&T) -> bool,
    ) -> Result<&T, Miss> {
        params.clear();
        let slot = method::slot(method);
        if let Some(slot) = slot
            && let Some(value) = self.standard[slot].find_fixed(path, &mut accept)
        {
            return Ok(value);
        }
        self.search_all(slot, method, path, params, accept)
    }

    /// What is not a static path of a standard method; out of the way of those.
    #[inline(never)]
    fn search_all(
        &self,
        slot: Option<usize>,
        method: &str,
        path: &str,
        params: &mut Params,
        mut accept: impl FnMut(&T) -> bool,
    ) -> Result<&T, Miss> {
        let lanes = match slot {
            Some(slot) => &self.standard[slot],
            None => {
                let lanes =
                    self.others.iter().find(|(name, _)| **name == *method).map_or(&self.none, |(_, lanes)| lanes);
                if let Some(value) = lanes.find_fixed(path, &mut accept) {
                    return Ok(value);
                }
                lanes
            }
        };
        match lanes.find(path, params, &self.options, &mut accept) {
            Err(miss) if slot == Some(HEAD) && falls_to_get(&miss) => self.search_get(miss, path, params, accept),
            found => found,
        }
    }

    /// For a HEAD that has no route of its own.
    #[cold]
    fn search_get(
        &self,
        miss: Miss,
        path: &str,
        params: &mut Params,
        mut accept: impl FnMut(&T) -> bool,
    ) -> Result<&T, Miss> {
        let get = &self.standard[GET];
        if let Some(value) = get.find_fixed(path, &mut accept) {
            return Ok(value);
        }
        match get.find(path, params, &self.options, &mut accept) {
            Err(Miss::NotFound) => Err(miss),
            found => found,
        }
    }

    /// For every method that [`find`](Self::find) has a route for with this path, the method and the value of that route.
    ///
    /// In the order of [`allowed`](Self::allowed), HEAD with the value of GET where it has no route of its own. Conditions are
    /// ignored. Like `allowed` it is for the misses: whose routes were near?
    ///
    /// ```
    /// use fastweb_router::Router;
    ///
    /// let mut router = Router::new();
    /// router.insert("GET", "/files/{*path}", "files")?;
    /// router.insert("DELETE", "/files/{name:alpha}", "admin")?;
    ///
    /// let found: Vec<_> = router.matching("/files/a").collect();
    /// assert_eq!(found, [("GET", &"files"), ("HEAD", &"files"), ("DELETE", &"admin")]);
    /// assert_eq!(router.matching("/files/1").count(), 2);
    /// # Ok::<(), fastweb_router::InsertError>(())
    /// ```
    pub fn matching<'r>(&'r self, path: &str) -> impl Iterator<Item = (&'r str, &'r T)> + use<'r, T> {
        let mut found = Vec::new();
        if path.len() <= u32::MAX as usize {
            let mut params = Params::new();
            // One normal form for all methods. A path that has none is nobody's.
            let _ = with_normal(path, &self.options, |normal| {
                let mut best = |lanes: &'r Lanes<T>| lanes.best(path, normal, &mut params, &self.options);
                let get = best(&self.standard[GET]);
                for (slot, (name, lanes)) in STANDARD.into_iter().zip(&self.standard).enumerate() {
                    let value = match slot {
                        GET => get.as_ref().ok().copied(),
                        HEAD => match best(lanes) {
                            Err(miss) if falls_to_get(&miss) => get.as_ref().ok().copied(),
                            own => own.ok(),
                        },
                        _ => best(lanes).ok(),
                    };
                    found.extend(value.map(|value| (name, value)));
                }
                for (name, lanes) in &self.others {
                    found.extend(best(lanes).ok().map(|value| (&**name, value)));
                }
            });
        }
        found.into_iter()
    }

    /// Every method that [`find`](Router::find) has a route for with this path, for the `allow` header of a 405 answer;
    /// none where it is a 404.
    ///
    /// The order is fixed: GET, HEAD, POST, PUT, PATCH, DELETE, CONNECT, OPTIONS, TRACE, then the other methods by their
    /// bytes. HEAD is there where GET is. This looks through every method's routes, so it is for the misses.
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
        self.matching(path).map(|(method, _)| method).collect()
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

/// Whether a `HEAD` that missed like this takes the routes of `GET`: it has no route of its own. Otherwise it has one, for which the
/// path is not fit.
fn falls_to_get(miss: &Miss) -> bool {
    matches!(miss, Miss::NotFound | Miss::WrongType { .. })
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
