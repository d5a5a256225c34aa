//! Both lanes of a validator apart, for tests and fuzzers: they have to agree.

use std::fmt;

use serde_json::Value;

use super::judge::{Judge, Judged};
use super::plan::Verdict;
use super::{Failures, Validator};
use crate::document::Document;
use crate::registry::{Registry, SchemaError};

/// A validator with the judge of its schema, which it may do without.
///
/// ```
/// use fastweb_schema::{Document, Registry, __private::Lanes};
///
/// let lanes = Lanes::compile(&Registry::new(), &serde_json::json!({"type": "integer"}))?;
/// assert_eq!(lanes.check(&Document::parse(b"1.0")?), (Some(true), true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Lanes {
    pub(super) validator: Validator,
    pub(super) judge: Judge,
}

impl Lanes {
    /// As [`Registry::compile`].
    ///
    /// # Errors
    /// If the judge refuses the schema; that is when the registry has to.
    pub fn compile(registry: &Registry, schema: &Value) -> Result<Self, SchemaError> {
        Ok(Self { judge: registry.judge(schema)?, validator: registry.compile(schema)? })
    }

    /// What the fast lane alone says of a document, `None` where it does not know, and what the judge alone says.
    pub fn check(&self, document: &Document) -> (Option<bool>, bool) {
        let fast = match self.validator.planned(document) {
            Verdict::Valid => Some(true),
            Verdict::Invalid => Some(false),
            Verdict::Unsure => None,
        };
        (fast, self.judge.is_valid(Judged::Value(document.root())))
    }

    /// As [`Validator::validate`].
    ///
    /// # Errors
    /// As there.
    pub fn validate(&self, document: &Document) -> Result<(), Failures> {
        self.validator.validate(document)
    }
}

impl fmt::Debug for Lanes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lanes").finish_non_exhaustive()
    }
}
