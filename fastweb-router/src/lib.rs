//! The routing layer of fastweb: which route is it, for this method and this path, and where in the path are its
//! parameters?
//!
//! ```
//! use fastweb_router::{Params, Router};
//!
//! let mut router = Router::new();
//! router.insert("GET", "/users", "list")?;
//! router.insert("GET", "/users/{id}", "show")?;
//! router.insert("DELETE", "/users/{id}", "delete")?;
//! router.insert("GET", "/files/{*path}", "download")?;
//!
//! // One `Params` serves all lookups, so that they need not allocate.
//! let mut params = Params::new();
//!
//! let path = "/users/42";
//! assert_eq!(router.find("GET", path, &mut params), Ok(&"show"));
//! assert_eq!(&path[params.get(0).unwrap()], "42");
//!
//! // 404 or 405? If some method would have found it, it is 405, and these go into `allow`.
//! assert!(router.find("POST", path, &mut params).is_err());
//! assert_eq!(router.allowed(path), ["GET", "HEAD", "DELETE"]);
//! # Ok::<(), fastweb_router::InsertError>(())
//! ```
//!
//! The router knows nothing of requests, handlers or sockets. It maps two strings to a value of yours, and compares bytes:
//! the query is cut off before, and percent-encoding, upper and lower case and doubled slashes are what they are. A
//! parameter's text comes as it stands in the path, `%2F` and all.
//!
//! # Paths
//!
//! A path begins with a slash. `/a` and `/a/` are different paths.
//!
//! | written | matches | not |
//! |---|---|---|
//! | `/about` | `/about` | `/about/`, `/About` |
//! | `/users/{id}` | `/users/42`, `/users/a%2Fb` | `/users/`, `/users/4/2` |
//! | `/users/{id}/posts` | `/users/42/posts` | `/users//posts` |
//! | `/img-{n}`, `/{n}.png`, `/v{n}.json` | `/img-7`, `/7.png`, `/v7.json` | `/img-`, `/.png`, `/v7` |
//! | `/files/{*path}` | `/files/a`, `/files/a/b/` | `/files`, `/files/` |
//! | `/{{id}}` | `/{id}` | `/42` |
//!
//! - `{name}` takes one segment, or what text before and behind it leaves of the segment; never nothing, never a slash.
//! - `{*name}` takes all that is left, slashes included, but not nothing. It comes last.
//! - There is one parameter to a segment. At most 25 are in a path, and their names differ.
//! - A brace that is text is doubled. It may not stand right behind a parameter: `{a}}}` could be read in two ways.
//!
//! All else is text: `:id`, `*` and `<id>` mean nothing here. [`param_names`] gives a pattern's names, in the order of
//! [`Params`].
//!
//! # Which route wins
//!
//! Where several match, the first place in which they differ decides, and the order in which they were registered does not:
//!
//! 1. text,
//! 2. a parameter with text beside it, and of two such the one with more text,
//! 3. a parameter,
//! 4. a catch-all.
//!
//! So a path without parameters always goes first. If the way that was chosen ends nowhere, the next one is tried:
//!
//! ```
//! use fastweb_router::{Params, Router};
//!
//! let mut router = Router::new();
//! for path in ["/{team}/{page}", "/blue/{page}", "/blue/home", "/{team}/home/edit"] {
//!     router.insert("GET", path, path)?;
//! }
//! let mut params = Params::new();
//! assert_eq!(router.find("GET", "/blue/home", &mut params), Ok(&"/blue/home"));
//! assert_eq!(router.find("GET", "/blue/plan", &mut params), Ok(&"/blue/{page}"));
//! assert_eq!(router.find("GET", "/red/home", &mut params), Ok(&"/{team}/{page}"));
//! assert_eq!(router.find("GET", "/blue/home/edit", &mut params), Ok(&"/{team}/home/edit"));
//! # Ok::<(), fastweb_router::InsertError>(())
//! ```
//!
//! One way is not tried again: where text *behind* a parameter fits, a shorter one or none is not considered, even if the
//! rest of the path then fits nowhere. Beside `/{a}-b/y`, the route `/{a}/x` does not match `/1-b/x`.
//!
//! # Conflicts
//!
//! [`insert`](Router::insert) refuses a route if it could not be said which one wins, and names the other one. Two routes of
//! a method are
//!
//! - duplicates if they differ at most in the names of their parameters: `/users/{id}` and `/users/{name}`;
//! - in conflict if, in the first segment in which they differ, both have a parameter and
//!   - one is a catch-all and the other is not, with the same text before them: `/files/{id}` and `/files/{*path}`;
//!   - one has text before its parameter and the other behind, or one has both and the other has any: `/v{n}` and
//!     `/{name}.json`, which would both match `/v1.json`.
//!
//! Text in one of the two places is enough to keep them apart: `/files/{id}` and `/files/all/{*path}`.
//!
//! # Methods
//!
//! A method is any token, and case-sensitive. Each has routes of its own, with one exception: HEAD takes the routes of GET
//! where it has none.
//!
//! # What a lookup costs
//!
//! Each method has two lanes. A path without parameters is a key of a hash table; all others are in a radix tree, that of
//! [matchit](https://docs.rs/matchit). The table comes first, and is passed over where no key has the length of the path;
//! the tree is passed over where it is empty.
//!
//! Per lookup, in August 2026 on a shared AMD EPYC core (`cargo bench --bench router`), beside one matchit router per method,
//! whose figure does not include reading the parameters:
//!
//! | 250 routes of GitHub's API | fastweb | matchit |
//! |---|---|---|
//! | static path | 7 ns | 18 ns |
//! | three parameters | 40 ns | 44 ns |
//! | miss | 33 ns | 41 ns |
//! | every route once, mean | 31 ns | 35 ns |
//!
//! A lookup does not allocate, but for two cases. Both cost 10 to 15 ns per allocation, and `tests/allocations.rs` counts
//! them:
//!
//! - more than three parameters: one allocation at the fourth, one more at the fifth, ninth and seventeenth;
//! - a fork among the routes with parameters: with `/a/{x}/{y}` and `/a/{x}/new/{z}`, one allocation for a path whose
//!   third segment begins like `new`. (Beside a static path there is no fork; those are not in the tree.)
#![forbid(unsafe_code)]

mod error;
mod hasher;
mod lanes;
mod literals;
mod method;
mod miss;
mod normal;
mod options;
mod order;
mod params;
mod pattern;
mod router;
mod segment;
mod syntax;
mod text;
mod tree;
mod types;

pub use error::InsertError;
pub use miss::Miss;
pub use options::Options;
pub use params::Params;
pub use router::Router;
pub use syntax::{ParamSpec, param_names, params};
pub use types::ParamType;
