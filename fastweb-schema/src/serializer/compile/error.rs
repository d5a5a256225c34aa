//! What is wrong with a response schema.

use std::fmt;

/// Why a response schema could not be compiled: everything that is wrong with it, with the places.
///
/// ```
/// use fastweb_schema::Serializer;
/// use serde_json::json;
///
/// let schema = json!({ "properties": { "id": { "type": "int" }, "owner": { "$ref": "#/$defs/user" } } });
/// let error = Serializer::compile(&schema).unwrap_err();
/// let places: Vec<&str> = error.problems().iter().map(|problem| problem.pointer()).collect();
/// assert_eq!(places, ["#/properties/id/type", "#/properties/owner/$ref"]);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct CompileError {
    problems: Vec<CompileProblem>,
}

/// One thing that is wrong with a response schema.
///
/// ```
/// use fastweb_schema::Serializer;
///
/// let error = Serializer::compile(&serde_json::json!({ "type": "int" })).unwrap_err();
/// let problem = &error.problems()[0];
/// assert_eq!(problem.pointer(), "#/type");
/// assert!(problem.message().contains("integer"), "{problem}");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CompileProblem {
    pointer: String,
    message: String,
}

impl CompileError {
    pub(super) fn new(found: Vec<CompileProblem>) -> Self {
        let mut problems = Vec::new();
        for problem in found {
            // A schema that is used in several places is compiled in each of them.
            if let Err(place) = problems.binary_search(&problem) {
                problems.insert(place, problem);
            }
        }
        Self { problems }
    }

    /// All that is wrong, in the order of the places.
    pub fn problems(&self) -> &[CompileProblem] {
        &self.problems
    }
}

impl CompileProblem {
    pub(super) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into() }
    }

    /// Where: the URI of the schema's document, nothing for the schema itself, and a JSON pointer (RFC 6901) behind `#`.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// What is wrong there, and how it is mended.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for CompileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.message)
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for problem in &self.problems {
            write!(f, "{separator}{problem}")?;
            separator = "\n";
        }
        Ok(())
    }
}

impl fmt::Debug for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CompileError({self})")
    }
}

impl std::error::Error for CompileError {}
