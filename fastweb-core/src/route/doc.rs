//! What is known about a route beside what serves it.

use std::any::{TypeId, type_name};
use std::borrow::Cow;
use std::fmt;

use http::StatusCode;

use super::ReplyDoc;
use crate::dependency::{Dependency, Needs};
use crate::extract::{BodyUse, FromRequest};
use crate::security::{SecurityRequirement, SecurityScheme};

/// What documentation says about a route: [`Route::doc`](crate::Route::doc). An [`on_route`](crate::App::on_route) hook may read it.
///
/// ```
/// # use fastweb_core::{ArgumentSource, Path, get};
/// let route = get("/users/{id}", |Path(id): Path<u64>| format!("user {id}")).tag("users").summary("One user");
/// let doc = route.doc();
/// assert_eq!(doc.tags, ["users"]);
/// assert_eq!(doc.summary.as_deref(), Some("One user"));
/// assert_eq!(doc.arguments[0].source, ArgumentSource::Extractor);
/// assert!(doc.arguments[0].type_name.ends_with("Path<u64>"));
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RouteDoc {
    /// The status of answers that name none, where it is not 200.
    pub status: Option<StatusCode>,
    /// The groups that the route stands in.
    pub tags: Vec<Cow<'static, str>>,
    /// One line.
    pub summary: Option<Cow<'static, str>>,
    /// The rest, in Markdown.
    pub description: Option<Cow<'static, str>>,
    /// The operation's name in generated clients. One per application.
    pub operation_id: Option<Cow<'static, str>>,
    /// Clients should not use it any more.
    pub deprecated: bool,
    /// It stands in no documentation.
    pub hidden: bool,
    /// The arguments of the handler's function, in their order.
    pub arguments: Vec<ArgumentDoc>,
    /// The full name of the type that the handler answers with. Known of functions with a route macro.
    pub answer: Option<&'static str>,
    /// What its arguments ask of the path's parameters.
    #[cfg(feature = "schema")]
    pub params: PartDoc,
    /// What its arguments ask of the query.
    #[cfg(feature = "schema")]
    pub query: PartDoc,
    /// What its arguments ask of the headers.
    #[cfg(feature = "schema")]
    pub headers: PartDoc,
    /// What its arguments ask of the cookies.
    #[cfg(feature = "schema")]
    pub cookies: PartDoc,
    /// What its arguments make of the body.
    #[cfg(feature = "schema")]
    pub bodies: Vec<BodyDoc>,
    /// The answers that the type says of itself which the handler returns. Known of functions with a route macro.
    pub replies: Vec<ReplyDoc>,
    /// The JSON Schema of what it answers with where it succeeds. Known of functions with a route macro that return models as [`Json`](crate::Json).
    #[cfg(feature = "schema")]
    pub answer_schema: Option<serde_json::Value>,
    /// The media type of what it answers with where it succeeds, where that is not JSON.
    pub answer_media_type: Option<&'static str>,
    /// The models that are not read, or not written, by code of their own, each with the reason. [`Server::print_routes`](crate::Server::print_routes) shows them.
    #[cfg(feature = "schema")]
    pub slow_models: Vec<String>,
    /// The full names of the types of all dependencies, those of dependencies included.
    pub dependencies: Vec<&'static str>,
    /// How it wants to know who asks.
    pub security: Vec<SecurityRequirement>,
    /// How many `Option` and `Result` are around what is being described.
    optional: usize,
    /// What the dependencies do with the body, and how many of them use it.
    pub(crate) dependency_body: (BodyUse, usize),
    /// The dependencies that have been looked at, and whether they were required then: they may go in a circle.
    seen: Vec<(TypeId, bool)>,
}

/// The JSON Schemas by which arguments read a part of requests: of each argument whose type is a model, an object by the names in that part.
#[cfg(feature = "schema")]
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PartDoc {
    /// Each of them holds.
    pub schemas: Vec<serde_json::Value>,
}

/// A body that an argument reads.
#[cfg(feature = "schema")]
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BodyDoc {
    /// Its media type; `*/*` for any.
    pub media_type: &'static str,
    /// Its JSON Schema, where the type that it is read as is a model.
    pub schema: Option<serde_json::Value>,
    /// The argument does not do without it.
    pub is_required: bool,
}

#[cfg(feature = "schema")]
impl PartDoc {
    /// Adds the schema of an argument, where it has one.
    pub fn add(&mut self, schema: impl Into<Option<serde_json::Value>>) {
        self.schemas.extend(schema.into());
    }
}

/// One argument of a handler.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArgumentDoc {
    /// Its name, where the handler is a function with a route macro and the argument has one.
    pub name: Option<&'static str>,
    /// The full name of its type: `fastweb_core::Json<shop::NewUser>`.
    pub type_name: &'static str,
    /// Its type.
    pub type_id: TypeId,
    /// Where it comes from.
    pub source: ArgumentSource,
}

/// Where an argument comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArgumentSource {
    /// It is the parameter of the path that has its name.
    Path,
    /// Its type knows how it is made.
    Extractor,
}

impl RouteDoc {
    pub(crate) fn add_extractor<T: FromRequest>(&mut self, name: Option<&'static str>) {
        self.add::<T>(name, ArgumentSource::Extractor);
        T::describe(self);
    }

    /// Notes that an argument reads the body, for [`Extract::describe`](crate::Extract::describe).
    #[cfg(feature = "schema")]
    pub fn add_body(&mut self, media_type: &'static str, schema: Option<serde_json::Value>) {
        let is_required = self.optional == 0;
        self.bodies.push(BodyDoc { media_type, schema, is_required });
    }

    pub(crate) fn optionally(&mut self, describe: impl FnOnce(&mut Self)) {
        self.optional += 1;
        describe(self);
        self.optional -= 1;
    }

    pub(crate) fn add_security(&mut self, scheme: SecurityScheme) {
        let is_required = self.optional == 0;
        match self.security.iter_mut().find(|there| there.scheme == scheme) {
            Some(there) => there.is_required |= is_required,
            None => self.security.push(SecurityRequirement { scheme, is_required }),
        }
    }

    pub(crate) fn add_dependency<T: Dependency>(&mut self) {
        // One that was optional so far, and is not, is looked at anew for what it requires.
        let seen = (TypeId::of::<T>(), self.optional == 0);
        let is_new = !self.seen.iter().any(|(id, _)| *id == seen.0);
        if self.seen.contains(&seen) || (!is_new && !seen.1) {
            return;
        }
        self.seen.push(seen);
        if !is_new {
            return T::Needs::describe(self);
        }
        self.dependencies.push(type_name::<T>());
        let ((body, users), (more, more_users)) = (self.dependency_body, T::Needs::body());
        self.dependency_body = (body.combine(more), users + more_users);
        T::Needs::describe(self);
    }

    pub(crate) fn add<T: 'static>(&mut self, name: Option<&'static str>, source: ArgumentSource) {
        self.arguments.push(ArgumentDoc { name, type_name: type_name::<T>(), type_id: TypeId::of::<T>(), source });
    }
}

impl fmt::Debug for ArgumentDoc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({:?})", self.name.unwrap_or("_"), self.type_name, self.source)
    }
}
