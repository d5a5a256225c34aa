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
//! The router knows nothing of requests, handlers or sockets. It maps two strings to a value of yours. The query is cut off
//! before.
//!
//! # Paths
//!
//! A path begins with a slash. `/a` and `/a/` are different paths, and `/A` is a third one, unless the [`Options`] say otherwise.
//!
//! | written | matches | not |
//! |---|---|---|
//! | `/about` | `/about`, `/%61bout` | `/about/`, `/About` |
//! | `/users/{id}` | `/users/42`, `/users/a%2Fb` | `/users/`, `/users/4/2` |
//! | `/users/{id}/posts` | `/users/42/posts` | `/users//posts` |
//! | `/users/{id:u64}` | `/users/42` | `/users/me`, `/users/-1` |
//! | `/img-{n}`, `/{n}.png`, `/v{n}.json` | `/img-7`, `/7.png`, `/v7.json` | `/img-`, `/.png`, `/v7` |
//! | `/{lat}-{lng}`, `/{a}.{b}.json` | `/1-2`, `/a.b.json` | `/1-`, `/a.json` |
//! | `/opt/{id?}` | `/opt`, `/opt/`, `/opt/7` | `/opt/7/` |
//! | `/files/{*path}` | `/files/a`, `/files/a/b/` | `/files`, `/files/` |
//! | `/w/{*rest?}` | `/w/`, `/w/a/b` | `/w` |
//! | `/{{id}}` | `/{id}` | `/42` |
//!
//! - `{name}` takes one segment, or what text before and behind it leaves of the segment; never nothing, never a slash.
//! - `{name:type}` takes only text of that type, see [`ParamType`]. What is not of the type does not match, and another route may.
//! - Of several parameters in a segment each takes the shortest text that the text behind it allows, and the last one the rest:
//!   of `1-2-3`, `{lat}-{lng}` takes `1` and `2-3`. Text has to stand between any two. A split that was found is not moved for the
//!   sake of a type, so `/{name}-{n:u8}` does not match `/a-b-1`; that keeps the time linear in the length of the segment.
//! - `{name?}` and `{name:type?}`, a whole segment at the end, may be absent, with the slash before it or without. [`Params`] is
//!   shorter by one then.
//! - `{*name}` takes all that is left, slashes included, but not nothing; `{*name?}` takes nothing, too. Either comes last, and may
//!   have text before it.
//! - At most 25 parameters are in a path, and their names differ. A path with parameters has at most 256 segments.
//! - A brace that is text is doubled. It may not stand right behind a parameter: `{a}}}` could be read in two ways.
//!
//! All else is text: `:id`, `*` and `<id>` mean nothing here. [`params`] and [`param_names`] describe a pattern, in the order of
//! [`Params`].
//!
//! # Escapes
//!
//! Compared are segments whose escapes are undone, once: `/caf%C3%A9` finds `/café`, `/%252e` is the text `%2e`, and `%2F` is a
//! slash that ends no segment. So a pattern is written in plain characters, and one with an escape in it is refused. The ranges in
//! [`Params`] are of the path as it came, with its escapes.
//!
//! A path with a `%` that is no escape, or with escapes that are no UTF-8, finds nothing: [`Miss::BadEscape`]. Nor does one in which
//! a parameter or a catch-all would take a segment that is `.` or `..`, however written, and between escaped slashes too:
//! [`Miss::DotSegment`]. So `..%2Fx` is no value that a handler could take for the name of a file. A pattern with such a segment
//! is refused.
//!
//! # Which route wins
//!
//! Where several match, the first segment in which they differ decides, and the order in which they were registered does not:
//!
//! 1. text,
//! 2. the longer text before the first parameter; with the same text before them, a parameter before a catch-all,
//! 3. the more text between and behind parameters; of as much text, the more parameters,
//! 4. a type before no type, and of two types the one that the other holds: `u8` before `u64` before `f64`,
//! 5. `{*name}` before `{*name?}`.
//!
//! So a path without parameters always goes first, a whole `{name}` goes behind all that has text beside it, and a whole catch-all
//! is the last. If the way that was chosen ends nowhere, the next one is tried, so a route that matches is found unless another one
//! goes before it:
//!
//! ```
//! use fastweb_router::{Params, Router};
//!
//! let mut router = Router::new();
//! for path in ["/{team}/{page}", "/blue/{page}", "/blue/home", "/{team}/home/edit", "/{team}/{n:u64}", "/{team}/{*rest}"] {
//!     router.insert("GET", path, path)?;
//! }
//! let mut params = Params::new();
//! assert_eq!(router.find("GET", "/blue/home", &mut params), Ok(&"/blue/home"));
//! assert_eq!(router.find("GET", "/blue/plan", &mut params), Ok(&"/blue/{page}"));
//! assert_eq!(router.find("GET", "/red/home", &mut params), Ok(&"/{team}/{page}"));
//! assert_eq!(router.find("GET", "/red/7", &mut params), Ok(&"/{team}/{n:u64}"));
//! assert_eq!(router.find("GET", "/blue/home/edit", &mut params), Ok(&"/{team}/home/edit"));
//! assert_eq!(router.find("GET", "/blue/home/new", &mut params), Ok(&"/{team}/{*rest}"));
//! # Ok::<(), fastweb_router::InsertError>(())
//! ```
//!
//! One pattern may have several values with [conditions](Router::insert_conditional), which only the caller knows; a value that is
//! not accepted is passed over.
//!
//! # Conflicts
//!
//! [`insert`](Router::insert) refuses a route if it could not be said which one wins, or if one of two would never be asked, and
//! names the other one. Two routes of a method are
//!
//! - duplicates if they differ at most in the names of their parameters, `/users/{id}` and `/users/{name}`; if one is what the
//!   other is without its optional parameter, `/opt` and `/opt/{id?}`; or if the options take them for the same;
//! - in conflict if some path may match both, and in the first segment in which they differ they have
//!   - as much text as each other in different places: `/{a}-{b}` and `/{a}.{b}`;
//!   - types that share some texts, neither of which holds the other: `/{n:i32}` and `/{n:u64}`, `/{x:hex}` and `/{x:alpha}`;
//! - shadowing and shadowed if one goes first because of its text and matches all that the other matches: `/{a}-{b}` and
//!   `/{day:date}`, for every date has dashes.
//!
//! Text in some other place is enough to keep them apart: `/{n:i32}/x` and `/{n:u64}/y`. Routes that only together leave nothing
//! for another one are not looked for.
//!
//! # Methods
//!
//! A method is any token, and case-sensitive. Each has routes of its own, with one exception: HEAD takes the routes of GET
//! where it has none.
//!
//! # What a lookup costs
//!
//! Each method has two lanes. A path without parameters is a key of a hash table; all others are in a tree with a node per segment.
//! The table comes first, and is passed over where no key has the length of the path. While all routes with parameters of a method are
//! plain (`{name}` alone in its segment or with text beside it, `{*name}`), without types and conditions, under the default options,
//! and such that [matchit](https://docs.rs/matchit) finds the same, that goes before the tree. A path with a `%`, or with something that the
//! options ignore, is copied to its normal form and looked up by that.
//!
//! The time has a bound, whatever the path is: a node of the tree is entered at most once per lookup, so that no segment is looked
//! at more than once for a route (`tests/hostile.rs`). A lookup allocates nothing, but for the name in a
//! [`Miss`]; the normal form has its memory per thread. Two cases among plain routes are different, because matchit takes notes
//! (`tests/allocations.rs` counts them):
//!
//! - more than three parameters: one allocation at the fourth, one more at the fifth, ninth and seventeenth;
//! - a fork: with `/a/{x}/{y}` and `/a/{x}/new/{z}`, one allocation for a path whose third segment begins like `new`.
//!
//! Nanoseconds per lookup, on 2026-11-21 on a shared virtual core, all of them in one run of `benches/router.rs`, the rivals in turns.
//! matchit 0.9.2 and wayfind 1.1.2 are one router per method, which look at neither escapes nor dots; matchit's figure does not
//! include reading the parameters. Fastify's router, find-my-way 9.10.1 on node 20, is in another process on the same machine
//! (`benches/find-my-way.mjs`), at another time.
//!
//! | 250 routes of GitHub's API | fastweb | matchit | wayfind | find-my-way |
//! |---|---|---|---|---|
//! | static path | 7 | 22 | 28 | 137 |
//! | three parameters | 57 | 57 | 76 | 358 |
//! | miss | 47 | 45 | 78 | 341 |
//! | every route once, mean | 41 | 41 | 55 | 425 |
//!
//! | 10 routes of a small service | fastweb | matchit | wayfind |
//! |---|---|---|---|
//! | static path | 7 | 16 | 17 |
//! | two parameters | 39 | 41 | 56 |
//! | miss | 23 | 20 | 36 |
//! | every route once, mean | 19 | 23 | 32 |
//!
//! Beside `/teams/{team}/members/{id}` in its plain form, the same lookup takes this many times as long:
//!
//! | | |
//! |---|---|
//! | with `{id:u64}`, alone or before `{name}` | 1.1 |
//! | with `{id?}` | 1.0 |
//! | with three parameters in the last segment | 2.1 |
//! | where three routes that go first lead nowhere | 3.1 |
//! | with all options on, the path being as they would have it | 1.0 |
//! | the same, with case and slashes to fold | 3.0 |
//! | with an escaped character in a parameter | 2.9 |
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
mod plain;
mod router;
mod segment;
mod spans;
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
