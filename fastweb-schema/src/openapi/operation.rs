//! What goes into a document: plain data.

use serde_json::{Map, Value};

use crate::Registry;

/// What the document says of the API as a whole.
///
/// ```
/// use fastweb_schema::openapi::Info;
///
/// let mut info = Info::new("Users", "1.0");
/// info.description = Some("Who is who.".into());
/// // Whatever else an Info Object may have, as it stands there.
/// info.more.insert("license".into(), serde_json::json!({ "name": "MIT", "identifier": "MIT" }));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Info {
    /// The name of the API.
    pub title: String,
    /// Its version: not that of OpenAPI.
    pub version: String,
    /// One line.
    pub summary: Option<String>,
    /// The rest, in Markdown.
    pub description: Option<String>,
    /// `contact`, `license`, `termsOfService`, `x-…`: taken over as they are.
    pub more: Map<String, Value>,
}

impl Info {
    /// A title and a version, which every document has.
    pub fn new(title: impl Into<String>, version: impl Into<String>) -> Self {
        Self { title: title.into(), version: version.into(), ..Self::default() }
    }
}

/// One operation, or several that differ in their method alone.
///
/// ```
/// use fastweb_schema::openapi::{Content, Operation, Response};
/// use serde_json::json;
///
/// let mut operation = Operation::new("PUT", "/users/{id:u64}");
/// operation.tags = vec!["users".into()];
/// operation.body = vec![Content::new("application/json", json!({ "$ref": "user#" }))];
/// operation.responses = vec![Response::new("200", json!({ "$ref": "user#" }))];
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Operation {
    /// `GET`, `POST`, … OpenAPI 3.1 knows the standard methods but `CONNECT`.
    pub methods: Vec<String>,
    /// The pattern as the router has it: `/users/{id:u64}`, `/files/{*path}`, `/archive/{year?}`.
    pub path: String,
    /// The groups that it stands in.
    pub tags: Vec<String>,
    /// One line.
    pub summary: Option<String>,
    /// The rest, in Markdown.
    pub description: Option<String>,
    /// Its name in generated clients. Another method of the operation, and its form without an optional parameter, have one made of it: `searchPost`,
    /// `archiveWithoutYear`.
    pub operation_id: Option<String>,
    /// Clients should not use it any more.
    pub deprecated: bool,
    /// The document leaves it out.
    pub hidden: bool,
    /// Schemas of objects whose properties are the parameters of the path. What they do not name is as the pattern says. Of two that name one, the first
    /// says what it is.
    pub params: Vec<Value>,
    /// Schemas of objects whose properties are the parameters of the query.
    pub query: Vec<Value>,
    /// Schemas of objects whose properties are headers.
    pub headers: Vec<Value>,
    /// Schemas of objects whose properties are cookies.
    pub cookies: Vec<Value>,
    /// The body, by media type; none where it is empty.
    pub body: Vec<Content>,
    /// The body may be left out.
    pub body_is_optional: bool,
    /// The answers. Without one that is a success, 200 without a word about its body is written.
    pub responses: Vec<Response>,
    /// Ways to say who asks: of the list one is enough, of an entry all are needed. An entry without any is for those who do not say.
    pub security: Vec<Vec<Requirement>>,
    /// The shared schemas that `$ref` may name: those of its scope.
    pub registry: Registry,
}

impl Operation {
    /// An operation of one method.
    pub fn new(method: impl Into<String>, path: impl Into<String>) -> Self {
        Self { methods: vec![method.into()], path: path.into(), ..Self::default() }
    }
}

/// A body of one media type.
///
/// ```
/// use fastweb_schema::openapi::Content;
/// use serde_json::json;
///
/// let mut content = Content::new("application/json", json!({ "type": "integer" }));
/// content.examples.push(("seven".into(), json!(7)));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Content {
    /// `application/json`, `text/*`, …
    pub media_type: String,
    /// What it looks like, if that is known.
    pub schema: Option<Value>,
    /// Values with their names.
    pub examples: Vec<(String, Value)>,
}

impl Content {
    /// Content that obeys a schema.
    pub fn new(media_type: impl Into<String>, schema: Value) -> Self {
        Self { schema: Some(schema), ..Self::of(media_type) }
    }

    /// Content of which nothing but its type is known.
    ///
    /// ```
    /// # use fastweb_schema::openapi::Content;
    /// assert_eq!(Content::of("image/png").schema, None);
    /// ```
    pub fn of(media_type: impl Into<String>) -> Self {
        Self { media_type: media_type.into(), schema: None, examples: Vec::new() }
    }
}

/// An answer.
///
/// ```
/// use fastweb_schema::openapi::{Content, Response};
/// use serde_json::json;
///
/// let json = Response::new("2xx", json!({ "type": "string" }));
/// assert_eq!(json.content, [Content::new("application/json", json!({ "type": "string" }))]);
///
/// let mut empty = Response::of("204");
/// empty.headers = Some(json!({ "properties": { "x-left": { "type": "integer" } } }));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Response {
    /// `200`, `2xx` or `default`.
    pub status: String,
    /// What it means. Without it that of the schema, or the name of the status.
    pub description: Option<String>,
    /// By media type; none where it has no body. A schema of which only `null` is valid means no body, as it does for Fastify.
    pub content: Vec<Content>,
    /// The schema of an object whose properties are headers.
    pub headers: Option<Value>,
    /// It is in the form of [`Api::error_answers`](super::Api::error_answers), whatever `content` says.
    pub is_error: bool,
}

impl Response {
    /// An answer in JSON.
    pub fn new(status: impl Into<String>, schema: Value) -> Self {
        Self { content: vec![Content::new("application/json", schema)], ..Self::of(status) }
    }

    /// An answer without a body.
    ///
    /// ```
    /// # use fastweb_schema::openapi::Response;
    /// assert!(Response::of("204").content.is_empty());
    /// ```
    pub fn of(status: impl Into<String>) -> Self {
        Self { status: status.into(), ..Self::default() }
    }

    /// An error in the form of [`Api::error_answers`](super::Api::error_answers).
    ///
    /// ```
    /// # use fastweb_schema::openapi::Response;
    /// assert!(Response::error("404", "Nobody has this number.").is_error);
    /// ```
    pub fn error(status: impl Into<String>, description: impl Into<String>) -> Self {
        Self { description: Some(description.into()), is_error: true, ..Self::of(status) }
    }
}

/// A security scheme that an operation asks for, by its name.
///
/// ```
/// use fastweb_schema::openapi::Requirement;
///
/// let mut oauth = Requirement::new("oauth");
/// oauth.scopes.push("users:write".into());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Requirement {
    /// The name that [`Api::security_scheme`](super::Api::security_scheme) gave it.
    pub scheme: String,
    /// What the client has to be allowed, where the scheme knows that.
    pub scopes: Vec<String>,
}

impl Requirement {
    /// A scheme without scopes.
    pub fn new(scheme: impl Into<String>) -> Self {
        Self { scheme: scheme.into(), scopes: Vec::new() }
    }
}

/// How a client says who asks: an entry of `components/securitySchemes`.
///
/// ```
/// use fastweb_schema::openapi::SecurityScheme;
/// use serde_json::json;
///
/// assert_eq!(SecurityScheme::bearer().to_value(), json!({ "type": "http", "scheme": "bearer" }));
/// assert_eq!(
///     SecurityScheme::api_key("header", "x-api-key").to_value(),
///     json!({ "type": "apiKey", "in": "header", "name": "x-api-key" })
/// );
/// // OAuth 2, OpenID Connect, mutual TLS: as OpenAPI writes them.
/// let login = SecurityScheme::raw(json!({ "type": "openIdConnect", "openIdConnectUrl": "https://id.example.com/" }));
/// # drop(login);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SecurityScheme(Value);

impl SecurityScheme {
    /// Name and password (RFC 7617).
    pub fn basic() -> Self {
        Self(serde_json::json!({ "type": "http", "scheme": "basic" }))
    }

    /// A token (RFC 6750).
    pub fn bearer() -> Self {
        Self(serde_json::json!({ "type": "http", "scheme": "bearer" }))
    }

    /// A key of the application's own, in a `header`, the `query` or a `cookie`.
    pub fn api_key(place: &str, name: &str) -> Self {
        Self(serde_json::json!({ "type": "apiKey", "in": place, "name": name }))
    }

    /// A Security Scheme Object as it stands.
    pub fn raw(object: Value) -> Self {
        Self(object)
    }

    /// The Security Scheme Object.
    pub fn to_value(&self) -> Value {
        self.0.clone()
    }
}
