//! The error answers of fastweb itself, and what can be wrong with a document.

use std::fmt;

use serde_json::{Value, json};

/// The form of the error answers that no operation declares.
///
/// ```
/// use fastweb_schema::openapi::{Api, ErrorAnswers, Info, Operation};
///
/// let mut api = Api::new(Info::new("Users", "1.0"));
/// api.error_answers = ErrorAnswers::Problem;
/// api.add(Operation::new("GET", "/users"));
/// let document = api.document()?;
/// assert!(document["components"]["responses"]["Error"]["content"]["application/problem+json"].is_object());
/// # Ok::<(), fastweb_schema::openapi::OpenApiError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum ErrorAnswers {
    /// Fastify's, with fastweb's codes and details.
    #[default]
    Fastify,
    /// `application/problem+json` (RFC 9457).
    Problem,
    /// As the application has made them: a media type, and a schema for it.
    Own(String, Value),
    /// Nothing is said of them.
    None,
}

impl ErrorAnswers {
    pub(super) fn media_type(&self) -> Option<&str> {
        match self {
            Self::Fastify => Some("application/json"),
            Self::Problem => Some("application/problem+json"),
            Self::Own(media_type, _) => Some(media_type),
            Self::None => None,
        }
    }

    /// The schema, with the name under which it is found.
    pub(super) fn schema(&self) -> Value {
        let status = json!({ "type": "integer", "minimum": 400, "maximum": 599 });
        let code = json!({ "type": "string", "description": "Tells this error from others of its status.", "examples": ["FW_ERR_VALIDATION"] });
        let details = json!({
            "type": "array",
            "description": "What is wrong with the request.",
            "items": {
                "type": "object",
                "properties": {
                    "in": { "type": "string", "description": "The part of the request.", "examples": ["body"] },
                    "pointer": { "type": "string", "description": "The place in it: a JSON pointer.", "examples": ["/age"] },
                    "keyword": { "type": "string", "description": "The rule that is broken.", "examples": ["type"] },
                    "message": { "type": "string", "examples": ["must be integer"] },
                },
                "required": ["in", "pointer", "keyword", "message"],
            },
        });
        match self {
            Self::Fastify => json!({
                "$id": "Error",
                "type": "object",
                "properties": {
                    "statusCode": status,
                    "code": code,
                    "error": { "type": "string", "description": "The name of the status.", "examples": ["Bad Request"] },
                    "message": { "type": "string", "examples": ["body/age must be integer"] },
                    "details": details,
                },
                "required": ["statusCode", "error", "message"],
            }),
            Self::Problem => json!({
                "$id": "Error",
                "type": "object",
                "properties": {
                    "type": { "type": "string", "format": "uri-reference", "default": "about:blank" },
                    "title": { "type": "string", "description": "The name of the status.", "examples": ["Bad Request"] },
                    "status": status,
                    "detail": { "type": "string", "examples": ["body/age must be integer"] },
                    "code": code,
                    "details": details,
                },
                "required": ["type", "title", "status", "detail"],
            }),
            Self::Own(_, schema) => schema.clone(),
            Self::None => Value::Bool(true),
        }
    }
}

/// A document cannot be made: an error of the program, told at start-up.
///
/// ```
/// use fastweb_schema::openapi::{Api, Content, Info, Operation};
/// use serde_json::json;
///
/// let mut api = Api::new(Info::new("Users", "1.0"));
/// let mut operation = Operation::new("POST", "/users");
/// operation.body = vec![Content::new("application/json", json!({ "items": { "$ref": "user#" } }))];
/// api.add(operation);
/// let error = api.document().unwrap_err();
/// assert_eq!(
///     error.problems(),
///     ["POST /users, the body application/json at /items/$ref: there is no schema \"user\"; add it to the registry"]
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenApiError(pub(super) Vec<String>);

impl OpenApiError {
    /// Everything that is wrong: where, what, and how to mend it.
    pub fn problems(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for OpenApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for OpenApiError {}
