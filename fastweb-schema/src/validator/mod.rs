//! Validators: schemas, compiled.

mod equality;
mod failure;
pub(crate) mod judge;
mod lanes;
pub(crate) mod plan;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

pub(crate) use equality::compare_numbers;
pub(crate) use failure::words;
pub use failure::{Failure, Failures};
pub use lanes::Lanes;

use crate::document::Document;
use judge::{Judge, Judged};
use plan::{Plan, Verdict};
pub(crate) use plan::{Simple, everyday};

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
    /// `None` where the plan knows the whole schema and decides alone: a judge takes many times as long to make, and where shared schemas lead to
    /// each other in circles, time that doubles with each of them.
    judge: Option<Judge>,
    /// `None` if it could say nothing.
    plan: Option<Plan>,
}

impl Validator {
    pub(crate) fn new(judge: Option<Judge>, plan: Option<Plan>) -> Self {
        Self(Arc::new(Inner { judge, plan }))
    }

    /// What the plan says alone.
    fn planned(&self, document: &Document) -> Verdict {
        self.0.plan.as_ref().map_or(Verdict::Unsure, |plan| plan.check(document))
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
        match self.planned(document) {
            Verdict::Valid => true,
            // Where there is one, "surely not" is left to the judge, too: a refusal is rare, and the judge gives the reasons for it anyway.
            Verdict::Invalid | Verdict::Unsure => {
                self.0.judge.as_ref().is_some_and(|judge| judge.is_valid(Judged::Value(document.root())))
            }
        }
    }

    /// Tells what is wrong with the document.
    ///
    /// # Errors
    ///
    /// If the document is not valid: the rules that it breaks, in the order of the document, at most [`Failures::LIMIT`].
    ///
    /// Where the schema uses keywords that fastweb leaves to its judge alone (`unevaluatedProperties`, `$dynamicRef`, `patternProperties`
    /// and the like, or draft 4), reasons are found for documents of up to 4096 values that are nested up to 8 deep, so that the time is
    /// bounded; others are refused with one failure that gives none.
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
        Err(Failures::of(self.0.plan.as_ref(), self.0.judge.as_ref(), document))
    }
}

impl fmt::Debug for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Validator").finish_non_exhaustive()
    }
}
