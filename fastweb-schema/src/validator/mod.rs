//! Validators: schemas, compiled.

mod equality;
mod failure;
pub(crate) mod judge;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

pub(crate) use failure::words;
pub use failure::{Failure, Failures};

use crate::document::Document;
use judge::{Judge, Judged};

/// A schema that was compiled; [`Registry::compile`](crate::Registry::compile) makes it. Cheap to clone.
///
/// ```
/// use fastweb_schema::{Document, Registry};
///
/// let validator = Registry::new().compile(&serde_json::json!({
///     "type": "object",
///     "properties": { "age": { "type": "integer", "minimum": 0 } },
///     "required": ["age"],
/// }))?;
/// assert!(validator.is_valid(&Document::parse(br#"{"age":36}"#)?));
///
/// let failures = validator.validate(&Document::parse(br#"{"age":-1}"#)?).unwrap_err();
/// assert_eq!(failures.to_string(), "/age must be >= 0");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Validator(Arc<Inner>);

struct Inner {
    judge: Judge,
}

impl Validator {
    pub(crate) fn new(judge: Judge) -> Self {
        Self(Arc::new(Inner { judge }))
    }

    /// Whether the document is valid.
    ///
    /// ```
    /// # use fastweb_schema::{Document, Registry};
    /// let validator = Registry::new().compile(&serde_json::json!({"type": "integer"}))?;
    /// assert!(validator.is_valid(&Document::parse(b"1.0")?));
    /// assert!(!validator.is_valid(&Document::parse(b"1.5")?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_valid(&self, document: &Document) -> bool {
        self.0.judge.is_valid(Judged::Value(document.root()))
    }

    /// Tells what is wrong with the document.
    ///
    /// # Errors
    ///
    /// If the document is not valid: the rules that it breaks, in the order of the document, at most [`Failures::LIMIT`]. Of documents with
    /// more than 4096 values only the first failure that was found is told.
    ///
    /// ```
    /// # use fastweb_schema::{Document, Registry};
    /// let validator = Registry::new().compile(&serde_json::json!({"required": ["a", "b"]}))?;
    /// let failures = validator.validate(&Document::parse(b"{}")?).unwrap_err();
    /// assert_eq!(failures.as_slice().len(), 2);
    /// assert_eq!(failures.as_slice()[1].message, "must have required property 'b'");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn validate(&self, document: &Document) -> Result<(), Failures> {
        if self.is_valid(document) {
            return Ok(());
        }
        // The judge's two ways agree, but they are not the same code: should they ever differ, the document is refused without a reason
        // rather than accepted.
        Err(Failures::collect(&self.0.judge, document).unwrap_or_else(Failures::unexplained))
    }
}

impl fmt::Debug for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Validator").finish_non_exhaustive()
    }
}
