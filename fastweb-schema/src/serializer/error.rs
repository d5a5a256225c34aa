//! Why an answer could not be written, and where in it.

use std::fmt;

use super::types::Types;
use crate::message;

/// A value that its response schema does not allow, or that could not be read.
///
/// It names the place and what was expected there, never the value: the text may be logged. The server answers with 500.
///
/// ```
/// use fastweb_schema::Serializer;
/// use serde_json::json;
///
/// let users = Serializer::compile(&json!({ "items": { "properties": { "id": { "type": "integer" } }, "required": ["id"] } }))?;
/// let mut out = Vec::new();
/// let error = users.write_value(&json!([{ "id": 1 }, { "id": "2" }]), &mut out).unwrap_err();
/// assert_eq!(error.pointer(), "/1/id");
/// assert_eq!(error.keyword(), Some("type"));
/// assert!(error.to_string().starts_with("/1/id of the answer must be integer and is string"), "{error}");
/// assert!(out.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SerializeError {
    pointer: String,
    reason: Reason,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Reason {
    /// The value is of another type than those that are expected.
    Type { expected: Types, found: Types },
    /// NaN or an infinity where `null`, which stands for them, is not expected.
    NotFinite { expected: Types },
    /// The value is not one of the schema's `enum`, or not its `const`.
    Allowed,
    /// An object does not have a property that is required and has no default.
    Required(Box<str>),
    /// An array has more items than the schema describes, and says that there are no more.
    Items(usize),
    /// No schema of an `anyOf`, `oneOf` or `if` fits.
    Branch,
    /// The key of a map cannot be text.
    Key,
    /// Nested deeper than the limit.
    Depth(u32),
    /// What the value's own `Serialize` says.
    Custom(Box<str>),
}

impl SerializeError {
    /// Where in the answer: a JSON pointer (RFC 6901), empty for the whole.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The keyword of the schema that the value is not allowed by; `None` for what has nothing to do with the schema: nesting that
    /// is too deep, keys that are no text, an error of the value's own `Serialize`.
    pub fn keyword(&self) -> Option<&'static str> {
        match self.reason {
            Reason::Type { .. } | Reason::NotFinite { .. } => Some("type"),
            Reason::Allowed => Some("enum"),
            Reason::Required(_) => Some("required"),
            Reason::Items(_) => Some("maxItems"),
            Reason::Branch => Some("anyOf"),
            Reason::Key | Reason::Depth(_) | Reason::Custom(_) => None,
        }
    }
}

impl fmt::Display for SerializeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.pointer.is_empty() {
            write!(f, "{} of ", self.pointer)?;
        }
        f.write_str("the answer ")?;
        self.reason.fmt(f)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The words of validation, so that the same fault reads the same on the way in and on the way out.
        let must = |keyword: &str, operand: &dyn fmt::Display| message(keyword, operand).unwrap_or_default();
        match self {
            Self::Type { expected, found } => {
                write!(f, "{} and is {found}", must("type", expected))?;
                if *found == Types::NULL {
                    f.write_str("; let the response schema allow null, or leave the property out where there is none")
                } else {
                    f.write_str("; change the handler's value or its response schema")
                }
            }
            Self::NotFinite { expected } => write!(
                f,
                "{} and is NaN or infinite, which JSON has no text for; check for it, or let the response schema allow null",
                must("type", expected)
            ),
            Self::Allowed => {
                write!(f, "{}; change the handler's value or add it to `enum`", must("enum", &""))
            }
            Self::Required(name) => {
                write!(f, "{}; set it in the handler, give it a default, or do not require it", must("required", name))
            }
            Self::Items(most) => {
                write!(f, "{}; change the handler's value or `items`", must("maxItems", most))
            }
            Self::Branch => {
                write!(f, "{}; none of them fits its type and its properties", must("anyOf", &""))
            }
            Self::Key => {
                f.write_str("has a map whose keys are no text; use strings, numbers, booleans or unit variants as keys")
            }
            Self::Depth(limit) => {
                write!(f, "is nested deeper than {limit} levels; flatten it, or look for a cycle")
            }
            Self::Custom(message) => write!(f, "could not be read: {message}"),
        }
    }
}

impl fmt::Debug for SerializeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SerializeError({self})")
    }
}

impl std::error::Error for SerializeError {}

/// An error on its way up: every level that it passes adds its name, the innermost first.
#[derive(Debug)]
pub(super) struct Failure(Box<(Reason, Vec<Segment>)>);

/// A step from a value to a part of it.
#[derive(Clone, Debug)]
pub(super) enum Segment {
    Property(Box<str>),
    Item(usize),
}

impl Failure {
    #[cold]
    pub(super) fn new(reason: Reason) -> Self {
        Self(Box::new((reason, Vec::new())))
    }

    #[cold]
    pub(super) fn in_property(mut self, name: &str) -> Self {
        self.0.1.push(Segment::Property(name.into()));
        self
    }

    #[cold]
    pub(super) fn in_item(mut self, index: usize) -> Self {
        self.0.1.push(Segment::Item(index));
        self
    }

    #[cold]
    pub(super) fn finish(self) -> SerializeError {
        let (reason, path) = *self.0;
        SerializeError { pointer: pointer(&path), reason }
    }
}

/// The JSON pointer of a path that begins with its innermost step.
pub(super) fn pointer(path: &[Segment]) -> String {
    use fmt::Write;
    let mut pointer = String::new();
    for segment in path.iter().rev() {
        pointer.push('/');
        match segment {
            Segment::Property(name) => pointer.push_str(&escaped(name)),
            // Writing to a string does not fail.
            Segment::Item(index) => drop(write!(pointer, "{index}")),
        }
    }
    pointer
}

/// A name as it stands in a JSON pointer.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.0.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl serde::ser::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(Reason::Custom(message.to_string().into()))
    }
}
