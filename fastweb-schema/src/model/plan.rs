//! From bytes to validated values.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::cursor::Cursor;
use super::probe::{Known, probe};
use super::reader::Reader;
use crate::document::{DataError, Document, ParseError};
use crate::registry::{Registry, SchemaError};
use crate::validator::{Failures, Validator};

/// What is needed to read values of a type, made at start-up. Cheap to clone.
///
/// ```
/// use fastweb_macros::model;
/// use fastweb_schema::Registry;
/// use fastweb_schema::model::ModelPlan;
///
/// #[model(crate = fastweb_schema)]
/// struct Point(#[schema(minimum = 0)] i32);
///
/// let plan = ModelPlan::of::<Vec<Point>>(&Registry::new())?.expect("there is a model in it");
/// assert!(plan.is_one_pass());
/// assert!(ModelPlan::of::<Vec<i32>>(&Registry::new())?.is_none());
/// # Ok::<(), fastweb_schema::SchemaError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ModelPlan(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    schema: Value,
    validator: Validator,
    slow: Vec<String>,
    slow_to_write: Vec<String>,
}

impl ModelPlan {
    /// The plan of a type; `None` if it is no model, nor an array, option or map of models.
    ///
    /// # Errors
    ///
    /// If the type's schema is none, which can be where somebody wrote a part of it by hand.
    ///
    /// ```
    /// # use fastweb_schema::{Registry, model::ModelPlan};
    /// assert!(ModelPlan::of::<String>(&Registry::new())?.is_none());
    /// # Ok::<(), fastweb_schema::SchemaError>(())
    /// ```
    pub fn of<T: DeserializeOwned>(registry: &Registry) -> Result<Option<Self>, SchemaError> {
        Self::compile(probe::<T>(), registry)
    }

    /// What does not depend on the type is compiled once, and not for each.
    fn compile(known: Option<Known>, registry: &Registry) -> Result<Option<Self>, SchemaError> {
        let Some(Known { schema, slow, slow_to_write, .. }) = known else { return Ok(None) };
        let validator = registry.compile(&schema)?;
        Ok(Some(Self(Arc::new(Inner { schema, validator, slow, slow_to_write }))))
    }

    /// As [`of`](Self::of), by a registry of its own; made once per type, and kept.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    ///
    /// ```
    /// # use fastweb_schema::model::ModelPlan;
    /// assert!(ModelPlan::kept::<String>()?.is_none());
    /// # Ok::<(), fastweb_schema::SchemaError>(())
    /// ```
    pub fn kept<T: DeserializeOwned + 'static>() -> Result<Option<Self>, SchemaError> {
        Self::kept_of(TypeId::of::<T>(), probe::<T>)
    }

    fn kept_of(id: TypeId, probe: fn() -> Option<Known>) -> Result<Option<Self>, SchemaError> {
        static KEPT: LazyLock<RwLock<HashMap<TypeId, Option<ModelPlan>>>> = LazyLock::new(Default::default);
        if let Some(plan) = KEPT.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(plan.clone());
        }
        let plan = Self::compile(probe(), &Registry::new())?;
        KEPT.write().unwrap_or_else(PoisonError::into_inner).insert(id, plan.clone());
        Ok(plan)
    }

    /// The JSON Schema.
    ///
    /// ```
    /// # use fastweb_macros::model;
    /// # use fastweb_schema::model::ModelPlan;
    /// #[model(crate = fastweb_schema)]
    /// struct Point(i32);
    ///
    /// let plan = ModelPlan::kept::<Vec<Point>>()?.expect("there is a model in it");
    /// assert_eq!(plan.schema()["type"], "array");
    /// # Ok::<(), fastweb_schema::SchemaError>(())
    /// ```
    pub fn schema(&self) -> &Value {
        &self.0.schema
    }

    /// Validates what was read in another way.
    ///
    /// ```
    /// # use fastweb_macros::model;
    /// # use fastweb_schema::{Document, model::ModelPlan};
    /// #[model(crate = fastweb_schema)]
    /// struct Point(i32);
    ///
    /// let plan = ModelPlan::kept::<Point>()?.expect("a model");
    /// assert!(!plan.validator().is_valid(&Document::parse(b"1.5")?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn validator(&self) -> &Validator {
        &self.0.validator
    }

    /// Whether values are read in one pass. If they are not, serde reads them and the validator checks them.
    ///
    /// ```
    /// # use fastweb_macros::model;
    /// # use fastweb_schema::model::ModelPlan;
    /// #[model(crate = fastweb_schema)]
    /// #[serde(untagged)]
    /// enum Id { Number(u64), Text(String) }
    ///
    /// let plan = ModelPlan::kept::<Vec<Id>>()?.expect("there is a model in it");
    /// assert!(!plan.is_one_pass());
    /// assert_eq!(plan.reasons(), ["Id: it has `#[serde(untagged)]`"]);
    /// # Ok::<(), fastweb_schema::SchemaError>(())
    /// ```
    pub fn is_one_pass(&self) -> bool {
        self.0.slow.is_empty()
    }

    /// The models within that are not read in one pass, each with the reason: `Event: it has a Uuid, which is no model`.
    ///
    /// ```
    /// # use fastweb_macros::model;
    /// # use fastweb_schema::model::ModelPlan;
    /// #[model(crate = fastweb_schema)]
    /// struct Point(i32);
    ///
    /// assert!(ModelPlan::kept::<Point>()?.expect("a model").reasons().is_empty());
    /// # Ok::<(), fastweb_schema::SchemaError>(())
    /// ```
    pub fn reasons(&self) -> &[String] {
        &self.0.slow
    }

    /// The models within that [`to_json`](super::to_json) writes by what serde derives, each with the reason.
    ///
    /// ```
    /// # use fastweb_macros::model;
    /// # use fastweb_schema::model::ModelPlan;
    /// #[model(crate = fastweb_schema)]
    /// #[serde(untagged)]
    /// enum Id { Number(u64), Text(String) }
    ///
    /// assert_eq!(ModelPlan::kept::<Id>()?.expect("a model").writing_reasons(), ["Id: it has `#[serde(untagged)]`"]);
    /// # Ok::<(), fastweb_schema::SchemaError>(())
    /// ```
    pub fn writing_reasons(&self) -> &[String] {
        &self.0.slow_to_write
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
/// use fastweb_macros::model;
/// use fastweb_schema::model::{ModelPlan, from_json};
///
/// #[model(crate = fastweb_schema)]
/// #[derive(Debug, PartialEq)]
/// struct Level(u8);
///
/// let plan = ModelPlan::kept::<Vec<Level>>()?.expect("there is a model in it");
/// assert_eq!(from_json::<Vec<Level>>(b"[1, 2.0]", &plan)?, [Level(1), Level(2)]);
///
/// let error = from_json::<Vec<Level>>(b"[1, 256, \"2\"]", &plan).unwrap_err();
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
    plan.validator().validate(&document).map_err(ModelError::Invalid)?;
    document.deserialize().map_err(|error: DataError| ModelError::Invalid(error.into()))
}

/// Why there is no value.
///
/// ```
/// use fastweb_macros::model;
/// use fastweb_schema::Model;
/// use fastweb_schema::model::ModelError;
///
/// #[model(crate = fastweb_schema)]
/// #[derive(Debug)]
/// struct Switch(bool);
///
/// assert!(matches!(Switch::parse(b"tru"), Err(ModelError::Parse(_))));
/// match Switch::parse(b"1") {
///     Err(ModelError::Invalid(failures)) => assert_eq!(failures.as_slice()[0].keyword, "type"),
///     other => panic!("{other:?}"),
/// }
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
