//! The schemas that routes and scopes are declared with.

use http::StatusCode;
use serde_json::Value;

use crate::route::Route;

/// The JSON Schemas of a route, as they were declared: [`Route::schemas`](crate::Route::schemas).
///
/// ```
/// # use fastweb_core::get;
/// # use serde_json::json;
/// let route = get("/", "x").response(200, json!({ "type": "string" }));
/// assert_eq!(route.schemas().responses, [("200".to_owned(), json!({ "type": "string" }))]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RouteSchemas {
    /// Of the parameters of the path, by name.
    pub params: Option<Value>,
    /// Of the query, by key.
    pub query: Option<Value>,
    /// Of the headers, by name.
    pub headers: Option<Value>,
    /// Of the body, where there is one schema for all media types.
    pub body: Option<Value>,
    /// Of the body by media type. A body of another type is 415.
    pub bodies: Vec<(String, Value)>,
    /// Of the answers by status: `"200"`, `"2xx"`, `"default"`.
    pub responses: Vec<(String, Value)>,
}

impl RouteSchemas {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the request's body has one.
    pub(crate) fn reads_body(&self) -> bool {
        self.body.is_some() || !self.bodies.is_empty()
    }
}

/// For which answers a response schema is: one status (`200`), a class of them (`"2xx"`), or all others (`"default"`).
pub trait ResponseStatus {
    /// As OpenAPI and Fastify write it.
    fn into_key(self) -> String;
}

impl ResponseStatus for u16 {
    fn into_key(self) -> String {
        self.to_string()
    }
}

impl ResponseStatus for StatusCode {
    fn into_key(self) -> String {
        self.as_str().to_owned()
    }
}

impl ResponseStatus for &str {
    fn into_key(self) -> String {
        self.to_owned()
    }
}

/// Schemas are JSON Schema of any draft from 4 on, by their `$schema`; without it 2020-12, in Fastify mode draft 7. They are compiled by `build()`, which
/// tells what is wrong with them, and may refer to those that a scope [shares](crate::App::add_schema).
impl Route {
    /// The schema of the path's parameters, an object by their names. Values are turned into what it asks for (`"7"` into 7) and checked before the
    /// handler runs; what does not fit is 400 with the code `FW_ERR_VALIDATION`.
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, Json, Path, get};
    /// # use serde_json::{Value, json};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let params = json!({ "type": "object", "properties": { "id": { "type": "integer", "minimum": 1 } } });
    /// let user = get("/users/{id}", async |Path(params): Path<Value>| Json(params)).params(params);
    /// let server = App::new().route(user).build().await?;
    /// server.inject(Inject::get("/users/7")).await.assert_text(r#"{"id":7}"#);
    /// let reply = server.inject(Inject::get("/users/0")).await.assert_status(400).clone();
    /// assert_eq!(reply.json::<Value>()["message"], "params/id must be >= 1");
    /// # Ok(())
    /// # }
    /// ```
    pub fn params(mut self, schema: impl Into<Value>) -> Self {
        self.schemas.params = Some(schema.into());
        self
    }

    /// The schema of the query, an object by its keys. As [`params`](Self::params); defaults are filled in, and a key that comes several times, or
    /// that the schema wants as an array, is an array.
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, Json, Query, get};
    /// # use serde_json::{Value, json};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let query = json!({
    ///     "type": "object",
    ///     "properties": {
    ///         "tags": { "type": "array", "items": { "type": "string" } },
    ///         "limit": { "type": "integer", "maximum": 100, "default": 10 },
    ///     },
    /// });
    /// let list = get("/list", async |Query(query): Query<Value>| Json(query)).query(query);
    /// let server = App::new().route(list).build().await?;
    /// server.inject(Inject::get("/list?tags=a")).await.assert_text(r#"{"limit":10,"tags":["a"]}"#);
    /// server.inject(Inject::get("/list?limit=1000")).await.assert_status(400);
    /// # Ok(())
    /// # }
    /// ```
    pub fn query(mut self, schema: impl Into<Value>) -> Self {
        self.schemas.query = Some(schema.into());
        self
    }

    /// The schema of the headers, an object by their names, in which upper and lower case are the same. A header that comes several times is one text, its values
    /// joined by commas (RFC 9110, 5.3).
    pub fn headers(mut self, schema: impl Into<Value>) -> Self {
        self.schemas.headers = Some(schema.into());
        self
    }

    /// The schema of the body: of JSON, and of what a [content-type parser](crate::App::content_type_parser) makes JSON of; of a form, an object by its names; of
    /// other text, a string. JSON is checked strictly: `"7"` is no integer. Defaults are filled in. A request without body is checked as `null`.
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, Json, post};
    /// # use serde_json::{Value, json};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let user = json!({
    ///     "type": "object",
    ///     "required": ["name"],
    ///     "properties": { "name": { "type": "string", "minLength": 1 }, "age": { "type": "integer" } },
    /// });
    /// let create = post("/users", async |Json(user): Json<Value>| Json(user)).body(user);
    /// let server = App::new().route(create).build().await?;
    /// let reply = server.inject(Inject::post("/users").json(&json!({ "name": "", "age": "36" }))).await;
    /// assert_eq!(
    ///     reply.assert_status(400).json::<Value>()["message"],
    ///     "body/age must be integer, body/name must NOT have fewer than 1 characters",
    /// );
    /// # Ok(())
    /// # }
    /// ```
    pub fn body(mut self, schema: impl Into<Value>) -> Self {
        self.schemas.body = Some(schema.into());
        self
    }

    /// The schema of bodies of one media type (`application/json`, `text/*`). Once a route has one, a body of a type that has none is 415.
    pub fn body_as(mut self, media_type: impl Into<String>, schema: impl Into<Value>) -> Self {
        self.schemas.bodies.push((media_type.into(), schema.into()));
        self
    }

    /// The schema of answers with this status: `200`, `"2xx"`, `"default"`; the most particular one holds. Of values that the handler answers with, only what
    /// the schema declares leaves; defaults are filled in. A value that lacks a required property, or has one of another type, is a fault of the
    /// application: 500, and the log names the property.
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, Json, get};
    /// # use serde_json::json;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let me = get("/me", || Json(json!({ "name": "Ada", "password": "secret" })))
    ///     .response(200, json!({ "type": "object", "properties": { "name": { "type": "string" } } }));
    /// let server = App::new().route(me).build().await?;
    /// server.inject(Inject::get("/me")).await.assert_text(r#"{"name":"Ada"}"#);
    /// # Ok(())
    /// # }
    /// ```
    pub fn response(mut self, status: impl ResponseStatus, schema: impl Into<Value>) -> Self {
        self.schemas.responses.push((status.into_key(), schema.into()));
        self
    }

    /// The schemas that it has so far.
    pub fn schemas(&self) -> &RouteSchemas {
        &self.schemas
    }

    /// The schemas that its scope shares. Known in an [`on_route`](crate::App::on_route) hook.
    pub fn shared_schemas(&self) -> Option<&fastweb_schema::Registry> {
        self.registry.as_ref()
    }
}

/// `schema_methods!()` for a scope, `schema_methods!(root)` for what has its scope in the field `root`.
macro_rules! schema_methods {
    ($($root:ident)?) => {
        /// Shares a schema with the routes of this scope and of those within it: they refer to it by its `$id`, as `{ "$ref": "userId#" }`. A second one of
        /// that `$id` is an error from `build()`, and so is a reference that leads nowhere. Nothing is ever fetched.
        ///
        /// ```
        /// # use fastweb_core::{App, Inject, Path, get};
        /// # use serde_json::json;
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> fastweb_core::Result<()> {
        /// let server = App::new()
        ///     .add_schema(json!({ "$id": "userId", "type": "string", "format": "uuid" }))
        ///     .scope("/v1", |v1| {
        ///         let params = json!({ "type": "object", "properties": { "id": { "$ref": "userId#" } } });
        ///         v1.route(get("/users/{id}", async |Path(id): Path<String>| id).params(params))
        ///     })
        ///     .build()
        ///     .await?;
        /// server.inject(Inject::get("/v1/users/7f2c1a52-9d0e-4c58-8f0b-3a5c6f0e1b7d")).await.assert_status(200);
        /// server.inject(Inject::get("/v1/users/7")).await.assert_status(400);
        /// # Ok(())
        /// # }
        /// ```
        #[track_caller]
        pub fn add_schema(mut self, schema: impl Into<serde_json::Value>) -> Self {
            let place = std::panic::Location::caller();
            self.$($root.)?schemas.shared.push($crate::schema::SharedSchema { schema: schema.into(), place });
            self
        }

        /// Validates requests of this scope with validators of its own: `compile` is given each schema of its routes when the application is built, and makes the
        /// function that checks a value. That function may change the value: coerce, fill in, remove. An error of `compile` is one of `build()`.
        ///
        /// ```
        /// # use fastweb_core::{App, Inject, Json, SchemaUse, post};
        /// # use serde_json::{Value, json};
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> fastweb_core::Result<()> {
        /// use fastweb_schema::Failure;
        ///
        /// // A schema of its own kind: the list of the names that must be there.
        /// let names = |usage: &SchemaUse<'_>| {
        ///     let names: Vec<String> = serde_json::from_value(usage.schema.clone())?;
        ///     Ok(move |value: &mut Value| {
        ///         let missing = names.iter().filter(|name| value.get(name).is_none());
        ///         let failures: Vec<_> = missing.map(|name| Failure::new("", "required", format!("must have {name}"))).collect();
        ///         if failures.is_empty() { Ok(()) } else { Err(failures) }
        ///     })
        /// };
        /// let create = post("/users", async |Json(user): Json<Value>| Json(user)).body(json!(["name"]));
        /// let server = App::new().validator_compiler(names).route(create).build().await?;
        /// let reply = server.inject(Inject::post("/users").json(&json!({}))).await.assert_status(400).clone();
        /// assert_eq!(reply.json::<Value>()["message"], "body must have name");
        /// # Ok(())
        /// # }
        /// ```
        pub fn validator_compiler<V>(
            mut self,
            compile: impl Fn(&$crate::SchemaUse<'_>) -> $crate::Result<V> + Send + Sync + 'static,
        ) -> Self
        where
            V: Fn(&mut serde_json::Value) -> Result<(), Vec<fastweb_schema::Failure>> + Send + Sync + 'static,
        {
            let compile = move |usage: &$crate::SchemaUse<'_>| {
                compile(usage).map(|validator| std::sync::Arc::new(validator) as $crate::schema::OwnValidator)
            };
            self.$($root.)?schemas.validator = Some(std::sync::Arc::new(compile));
            self
        }

        /// Writes answers of this scope's routes that have response schemas with serialisers of its own: `compile` is given each of those schemas when the
        /// application is built, and makes the function that makes JSON text of a value. An error of `compile` is one of `build()`.
        ///
        /// ```
        /// # use fastweb_core::{App, Inject, Json, SchemaUse, get};
        /// # use serde_json::{Value, json};
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> fastweb_core::Result<()> {
        /// let pretty = |_: &SchemaUse<'_>| Ok(|value: &Value| Ok(serde_json::to_string_pretty(value)?));
        /// let list = get("/", || Json(json!([1]))).response(200, true);
        /// let server = App::new().serializer_compiler(pretty).route(list).build().await?;
        /// server.inject(Inject::get("/")).await.assert_text("[\n  1\n]");
        /// # Ok(())
        /// # }
        /// ```
        pub fn serializer_compiler<S>(
            mut self,
            compile: impl Fn(&$crate::SchemaUse<'_>) -> $crate::Result<S> + Send + Sync + 'static,
        ) -> Self
        where
            S: Fn(&serde_json::Value) -> $crate::Result<String> + Send + Sync + 'static,
        {
            let compile = move |usage: &$crate::SchemaUse<'_>| {
                compile(usage).map(|serializer| std::sync::Arc::new(serializer) as $crate::schema::OwnSerializer)
            };
            self.$($root.)?schemas.serializer = Some(std::sync::Arc::new(compile));
            self
        }
    };
}
pub(crate) use schema_methods;
