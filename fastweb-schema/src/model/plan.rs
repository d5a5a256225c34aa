//! From bytes to validated values.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::cursor::Cursor;
use super::probe::probe;
use super::reader::Reader;
use crate::document::{DataError, Document, ParseError};
use crate::registry::{Registry, SchemaError};
use crate::validator::{Failures, Validator};

/// What is needed to read values of a type, made at start-up.
///
/// ```
/// use fastweb_schema::model::ModelPlan;
/// use fastweb_schema::Registry;
///
/// let plan = ModelPlan::of::<Vec<u8>>(&Registry::new())?.expect("a type with a schema");
/// assert!(plan.is_one_pass());
/// # Ok::<(), fastweb_schema::SchemaError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ModelPlan {
    schema: Value,
    validator: Validator,
    slow: Vec<String>,
}

impl ModelPlan {
    /// The plan of a type; `None` if it is no model, nor an array, option or map of models.
    ///
    /// # Errors
    ///
    /// If the type's schema is none, which can be where somebody wrote a part of it by hand.
    pub fn of<T: DeserializeOwned>(registry: &Registry) -> Result<Option<Self>, SchemaError> {
        let Some((schema, slow)) = probe::<T>() else { return Ok(None) };
        let validator = registry.compile(&schema)?;
        Ok(Some(Self { schema, validator, slow }))
    }

    /// As [`of`](Self::of) with an empty registry, made once in the life of the program for each type.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use fastweb_schema::model::ModelPlan;
    ///
    /// let (one, other) = (ModelPlan::shared::<Vec<u8>>()?.unwrap(), ModelPlan::shared::<Vec<u8>>()?.unwrap());
    /// assert!(Arc::ptr_eq(&one, &other));
    /// # Ok::<(), fastweb_schema::SchemaError>(())
    /// ```
    pub fn shared<T: DeserializeOwned + 'static>() -> Result<Option<Arc<Self>>, SchemaError> {
        static PLANS: LazyLock<RwLock<HashMap<TypeId, Option<Arc<ModelPlan>>>>> = LazyLock::new(Default::default);
        let id = TypeId::of::<T>();
        if let Some(known) = PLANS.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(known.clone());
        }
        let plan = Self::of::<T>(&Registry::new())?.map(Arc::new);
        PLANS.write().unwrap_or_else(PoisonError::into_inner).insert(id, plan.clone());
        Ok(plan)
    }

    /// The JSON Schema.
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// Validates what was read in another way.
    pub fn validator(&self) -> &Validator {
        &self.validator
    }

    /// Whether values are read in one pass. If they are not, serde reads them and the validator checks them.
    pub fn is_one_pass(&self) -> bool {
        self.slow.is_empty()
    }

    /// The models within that are not read in one pass, each with the reason: `Event: it has a Uuid, which is no model`.
    pub fn reasons(&self) -> &[String] {
        &self.slow
    }
}

/// Reads a value that is valid by its type's schema. The bytes are not written to.
///
/// What is accepted, and what is said of the rest, is what [`Document`] and [`Validator`] accept and say.
///
/// # Errors
///
/// If the bytes are no JSON, or the value is not what the schema and the type ask for.
///
/// ```
/// use fastweb_schema::Registry;
/// use fastweb_schema::model::{ModelPlan, from_json};
///
/// let plan = ModelPlan::of::<Vec<u8>>(&Registry::new())?.expect("a type with a schema");
/// assert_eq!(from_json::<Vec<u8>>(b"[1, 2.0]", &plan)?, [1, 2]);
///
/// let error = from_json::<Vec<u8>>(b"[1, 256, \"2\"]", &plan).unwrap_err();
/// assert_eq!(error.to_string(), "/1 must be <= 255, /2 must be integer");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[inline]
pub fn from_json<T: DeserializeOwned>(json: &[u8], plan: &ModelPlan) -> Result<T, ModelError> {
    if plan.is_one_pass()
        && json.len() <= Document::MAX_LEN
        && let Ok(text) = std::str::from_utf8(json)
    {
        let mut cursor = Cursor::new(text);
        if let Ok(value) = T::deserialize(Reader(&mut cursor))
            && cursor.is_at_end()
        {
            return Ok(value);
        }
    }
    from_document(json, plan)
}

/// The slow way, which is also that of what is wrong.
#[inline(never)]
fn from_document<T: DeserializeOwned>(json: &[u8], plan: &ModelPlan) -> Result<T, ModelError> {
    let document = Document::parse(json).map_err(ModelError::Parse)?;
    plan.validator.validate(&document).map_err(ModelError::Invalid)?;
    document.deserialize().map_err(|error: DataError| ModelError::Invalid(error.into()))
}

/// Why there is no value.
///
/// ```
/// use fastweb_schema::Registry;
/// use fastweb_schema::model::{ModelError, ModelPlan, from_json};
///
/// let plan = ModelPlan::of::<bool>(&Registry::new())?.expect("a type with a schema");
/// assert!(matches!(from_json::<bool>(b"tru", &plan), Err(ModelError::Parse(_))));
/// match from_json::<bool>(b"1", &plan) {
///     Err(ModelError::Invalid(failures)) => assert_eq!(failures.as_slice()[0].keyword, "type"),
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), fastweb_schema::SchemaError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelError {
    /// The bytes are no JSON.
    Parse(ParseError),
    /// The value is not valid.
    Invalid(Failures),
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parse(error) => error.fmt(f),
            Self::Invalid(failures) => failures.fmt(f),
        }
    }
}

impl std::error::Error for ModelError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Parse(error) => Some(error),
            Self::Invalid(failures) => Some(failures),
        }
    }
}
