//! What a document fails with.

use std::fmt;

use jsonschema::error::{TypeKind, ValidationErrorKind};

use super::judge::{Judge, Judged};
use super::plan::Plan;
use crate::document::{DataError, Document, Node};
use crate::message::message;

/// One rule that a document breaks.
///
/// ```
/// use fastweb_schema::{Document, Registry};
///
/// let validator = Registry::new().compile(&serde_json::json!({"properties": {"age": {"minimum": 18}}}))?;
/// let failures = validator.validate(&Document::parse(br#"{"age":17}"#)?).unwrap_err();
/// let failure = &failures.as_slice()[0];
/// assert_eq!((&*failure.pointer, failure.keyword, &*failure.message), ("/age", "minimum", "must be >= 18"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// Where in the document, as a JSON pointer (RFC 6901); empty for the document as a whole.
    pub pointer: String,
    /// The rule, in JSON Schema's words: `type`, `required`, `maximum`.
    pub keyword: &'static str,
    /// What a reader is told: `must be integer`. Never the value that was sent.
    pub message: String,
}

impl Failure {
    /// A failure that a validator of the application's own has found.
    ///
    /// ```
    /// use fastweb_schema::Failure;
    ///
    /// assert_eq!(Failure::new("/age", "adult", "must be an adult's").to_string(), "/age must be an adult's");
    /// ```
    pub fn new(pointer: impl Into<String>, keyword: &'static str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), keyword, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.pointer {
            "" => f.write_str(&self.message),
            pointer => write!(f, "{pointer} {}", self.message),
        }
    }
}

/// All that is wrong with a document, in its order: at least one failure, at most [`Failures::LIMIT`].
///
/// ```
/// use fastweb_schema::{Document, Registry};
///
/// let validator = Registry::new().compile(&serde_json::json!({"items": {"type": "string"}}))?;
/// let failures = validator.validate(&Document::parse(b"[1,\"a\",2]")?).unwrap_err();
/// assert_eq!(failures.to_string(), "/0 must be string, /2 must be string");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failures(Vec<Failure>);

impl Failures {
    /// How many failures are told.
    pub const LIMIT: usize = 16;

    /// For each failure the judge keeps where it is, so that a large document that is wrong everywhere takes many times its memory.
    const LARGEST: usize = 4096;

    /// And where a schema leads to itself more than once for a value, the time that it takes to list failures doubles with each level.
    const DEEPEST: usize = 8;

    /// Why the document is not valid: by the plan if it knows the whole schema, else by the judge.
    #[cold]
    pub(super) fn of(plan: Option<&Plan>, judge: Option<&Judge>, document: &Document) -> Self {
        if let Some(failures) = plan.and_then(|plan| plan.explain(document, Self::LIMIT)) {
            return Self(failures);
        }
        let (root, Some(judge)) = (document.root(), judge) else { return Self::unexplained() };
        if document.tape().len() > Self::LARGEST || document.depth() > Self::DEEPEST {
            return Self::unexplained();
        }
        let mut failures: Vec<_> = judge.iter_errors(Judged::Value(root)).map(|error| failure(root, &error)).collect();
        in_order(&mut failures);
        failures.dedup();
        failures.truncate(Self::LIMIT);
        let failures: Vec<_> = failures.into_iter().map(|(_, failure)| failure).collect();
        if failures.is_empty() { Self::unexplained() } else { Self(failures) }
    }

    /// For a document that is not valid and of which nobody can say why, or not within bounds.
    fn unexplained() -> Self {
        Self(vec![Failure { pointer: String::new(), keyword: "false schema", message: "is not valid".to_owned() }])
    }

    /// The failures.
    pub fn as_slice(&self) -> &[Failure] {
        &self.0
    }
}

/// A type's own code may ask for more than its schema does.
impl From<DataError> for Failures {
    fn from(error: DataError) -> Self {
        Self(vec![Failure {
            pointer: error.pointer().to_owned(),
            keyword: error.keyword(),
            message: error.message().to_owned(),
        }])
    }
}

impl IntoIterator for Failures {
    type Item = Failure;
    type IntoIter = std::vec::IntoIter<Failure>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, failure) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{failure}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failures {}

/// Puts failures in the order of their places in the document. Stable: what fails at one place stays in the order in which it was found.
pub(super) fn in_order(failures: &mut [(usize, Failure)]) {
    failures.sort_by_key(|(place, _)| *place);
}

/// A failure of the judge's, in fastweb's words, and its place in the document.
fn failure(root: Node<'_>, error: &jsonschema::ValidationError<'_>) -> (usize, Failure) {
    let pointer = error.instance_path().as_str();
    let (keyword, message) = words(error.kind(), error.schema_path().as_str());
    let position = root.pointer(pointer).map_or(usize::MAX, Node::index);
    (position, Failure { pointer: pointer.to_owned(), keyword, message })
}

/// Keyword and message, from fastweb's table alone: the judge's own texts quote values. `path` is the place in the schema.
pub(crate) fn words(kind: &ValidationErrorKind, path: &str) -> (&'static str, String) {
    use ValidationErrorKind as Kind;
    let said = |keyword: &'static str, operand: &dyn fmt::Display| {
        (keyword, message(keyword, operand).unwrap_or_else(|| "is not valid".to_owned()))
    };
    match kind {
        Kind::Type { kind: TypeKind::Single(kind) } => said("type", kind),
        Kind::Type { kind: TypeKind::Multiple(kinds) } => {
            said("type", &kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(","))
        }
        Kind::Enum { .. } => said("enum", &""),
        Kind::Constant { .. } => said("const", &""),
        Kind::Minimum { limit } => said("minimum", limit),
        Kind::ExclusiveMinimum { limit } => said("exclusiveMinimum", limit),
        Kind::Maximum { limit } => said("maximum", limit),
        Kind::ExclusiveMaximum { limit } => said("exclusiveMaximum", limit),
        Kind::MultipleOf { multiple_of } => said("multipleOf", multiple_of),
        Kind::MinLength { limit } => said("minLength", limit),
        Kind::MaxLength { limit } => said("maxLength", limit),
        Kind::Pattern { pattern } => said("pattern", pattern),
        Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } => said("pattern", &""),
        Kind::Format { format } => said("format", format),
        Kind::ContentEncoding { content_encoding } => said("contentEncoding", content_encoding),
        Kind::FromUtf8 { .. } => said("contentEncoding", &"UTF-8"),
        Kind::ContentMediaType { content_media_type } => said("contentMediaType", content_media_type),
        Kind::MinItems { limit } => said("minItems", limit),
        Kind::MaxItems { limit } => said("maxItems", limit),
        Kind::AdditionalItems { limit } => said("additionalItems", limit),
        Kind::UniqueItems => said("uniqueItems", &""),
        Kind::Contains if path.ends_with("/maxContains") => said("maxContains", &""),
        Kind::Contains if path.ends_with("/minContains") => said("minContains", &""),
        Kind::Contains => said("contains", &1),
        Kind::UnevaluatedItems { .. } => said("unevaluatedItems", &""),
        Kind::Required { property } => said("required", &property.as_str().unwrap_or_default()),
        Kind::MinProperties { limit } => said("minProperties", limit),
        Kind::MaxProperties { limit } => said("maxProperties", limit),
        Kind::AdditionalProperties { .. } => said("additionalProperties", &""),
        Kind::UnevaluatedProperties { .. } => said("unevaluatedProperties", &""),
        Kind::PropertyNames { .. } => said("propertyNames", &""),
        Kind::AnyOf { .. } => said("anyOf", &""),
        Kind::OneOfMultipleValid { .. } | Kind::OneOfNotValid { .. } => said("oneOf", &""),
        Kind::Not { .. } => said("not", &""),
        Kind::FalseSchema => said(forbidding(path), &""),
        Kind::Custom { .. } | Kind::Referencing(_) => said("$ref", &""),
    }
}

/// The keyword whose `false` refuses a value. `path` is the place of that `false` in the schema.
fn forbidding(path: &str) -> &'static str {
    for keyword in ["additionalProperties", "unevaluatedProperties", "unevaluatedItems"] {
        // A property may have the name of a keyword.
        let parent = path.strip_suffix(keyword).and_then(|rest| rest.strip_suffix('/'));
        if parent.is_some_and(|parent| !parent.ends_with("/properties")) {
            return keyword;
        }
    }
    "false schema"
}
