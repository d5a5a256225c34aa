//! Models as arguments: types that know their schema, and what is read of them is valid.

use std::any::{TypeId, type_name};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use fastweb_schema::model::{ModelError, ModelPlan, from_json};
use fastweb_schema::{Buffers, Coercer, Coercion, Document, Registry, SchemaError, Validator, header_schema};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::request_plan::{parse, refusal};
use super::text::{TextPairs, cookies, form_pairs, headers, params, query, text};
use super::{BodyKind, SchemaPart, data_error};
use crate::error::{Code, Error, Result};
use crate::extract::{BindCx, whole};
use crate::request::Request;
use crate::route::RouteDoc;

/// How a JSON body is read as one type. Public as what `Json` is bound to, and by no path.
#[derive(Debug)]
#[allow(unreachable_pub)]
pub struct JsonPlan(Option<ModelPlan>);

impl JsonPlan {
    pub(crate) fn bind<T: DeserializeOwned + 'static>(cx: &mut BindCx<'_>) -> Option<Self> {
        told::<T, _>(cx, ModelPlan::kept::<T>()).map(Self)
    }

    /// For bodies that no argument reads.
    ///
    /// # Errors
    /// The type's schema is none, which nobody has found at start-up.
    pub(crate) fn kept<T: DeserializeOwned + 'static>() -> Result<Self> {
        let plan = ModelPlan::kept::<T>();
        plan.map(Self).map_err(|error| Error::internal(format!("the schema of {} is none: {error}", type_name::<T>())))
    }

    /// Of a type whose schema is not asked for.
    pub(crate) fn without_model() -> Self {
        Self(None)
    }

    /// The schema of the type, if it is a model, or made of models.
    pub(crate) fn schema_of<T: DeserializeOwned + 'static>() -> Option<Value> {
        ModelPlan::kept::<T>().ok()?.map(|plan| plan.schema().clone())
    }

    /// Notes that a body is read as this type.
    pub(crate) fn describe_body<T: DeserializeOwned + 'static>(doc: &mut RouteDoc) {
        let plan = ModelPlan::kept::<T>().ok().flatten();
        doc.add_body("application/json", plan.as_ref().map(|plan| plan.schema().clone()));
        let reasons = plan.iter().flat_map(ModelPlan::reasons);
        doc.slow_models.extend(reasons.map(|reason| format!("the body is read by serde and a validator: {reason}")));
    }

    /// Notes that this type is answered with.
    pub(crate) fn describe_answer<T: DeserializeOwned + 'static>(doc: &mut RouteDoc) {
        if let Ok(Some(plan)) = ModelPlan::kept::<T>() {
            Self::describe_answer_of(&plan, doc);
        }
    }

    fn describe_answer_of(plan: &ModelPlan, doc: &mut RouteDoc) {
        doc.answer_schema.get_or_insert_with(|| plan.schema().clone());
        let reasons = plan.writing_reasons().iter();
        doc.slow_models.extend(reasons.map(|reason| format!("the answer is written by serde: {reason}")));
    }

    /// Reads the body, whose media type was looked at.
    ///
    /// # Errors
    /// It is no JSON, or not valid (400).
    pub(crate) fn read<T: DeserializeOwned>(&self, req: &mut Request) -> Result<T> {
        if let Some(document) = req.documents.as_ref().and_then(|documents| documents.body_as(BodyKind::Json)) {
            if let Some(plan) = &self.0 {
                valid(SchemaPart::Body, plan.validator(), document)?;
            }
            return document.deserialize().map_err(|error| data_error("body", &error));
        }
        let bytes = whole(req)?;
        if bytes.is_empty() {
            return Err(Error::from_code(Code::EmptyJsonBody));
        }
        match &self.0 {
            Some(plan) => from_json(bytes, plan).map_err(not_valid),
            None => self.read_plain(req),
        }
    }

    /// One rule for all JSON: what has no model is read from a document, too.
    fn read_plain<T: DeserializeOwned>(&self, req: &mut Request) -> Result<T> {
        let mut documents = req.documents.take().unwrap_or_default();
        let read = whole(req).and_then(|bytes| {
            let document = parse(bytes, &mut documents.buffers)?;
            let read = document.deserialize().map_err(|error| data_error("body", &error));
            document.recycle(&mut documents.buffers);
            read
        });
        req.documents = Some(documents);
        read
    }
}

#[cold]
fn not_valid(error: ModelError) -> Error {
    match error {
        ModelError::Parse(error) => super::request_plan::no_json(&error),
        ModelError::Invalid(failures) => refusal(SchemaPart::Body, failures),
    }
}

/// How a part of a request that is names and values is read as one type. Public as what `Query` is bound to, and by no path.
#[derive(Debug)]
#[allow(unreachable_pub)]
pub struct TextPlan {
    part: TextPart,
    model: Option<Arc<TextModel>>,
}

/// Such parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TextPart {
    Params,
    Query,
    Headers,
    Cookies,
    Form,
}

#[derive(Debug)]
struct TextModel {
    coercer: Coercer,
    validator: Validator,
}

impl TextPart {
    fn schema_part(self) -> SchemaPart {
        match self {
            Self::Params => SchemaPart::Params,
            Self::Query => SchemaPart::Query,
            Self::Headers => SchemaPart::Headers,
            Self::Cookies => SchemaPart::Cookies,
            Self::Form => SchemaPart::Body,
        }
    }

    /// What the route's own schema has made of it.
    fn document(self, req: &Request) -> Option<&Document> {
        let documents = req.documents.as_ref()?;
        match self {
            Self::Params => documents.params.as_ref(),
            Self::Query => documents.query.as_ref(),
            Self::Headers => documents.headers.as_ref(),
            Self::Cookies => None,
            Self::Form => documents.body_as(BodyKind::Form),
        }
    }

    fn pairs(self, req: &Request) -> Result<TextPairs<'_>> {
        match self {
            Self::Params => params(req),
            Self::Query => query(req),
            Self::Headers => Ok(headers(req)),
            Self::Cookies => Ok(cookies(req)),
            Self::Form => form_pairs(text(whole(req)?)?, "body"),
        }
    }
}

impl TextPlan {
    pub(crate) fn bind<T: DeserializeOwned + 'static>(cx: &mut BindCx<'_>, part: TextPart) -> Option<Self> {
        let model = told::<T, _>(cx, TextModel::shared::<T>(part))?;
        Some(Self { part, model })
    }

    /// The schema of the type, if it is a model with fields.
    pub(crate) fn schema_of<T: DeserializeOwned + 'static>(part: TextPart) -> Option<Value> {
        let mut schema = JsonPlan::schema_of::<T>().filter(has_fields)?;
        without_null(&mut schema);
        Some(if part == TextPart::Headers { header_schema(&schema) } else { schema })
    }

    /// Reads the part; by `plain` where no schema says what it is.
    ///
    /// # Errors
    /// It is not valid (400).
    pub(crate) fn read<T: DeserializeOwned>(
        &self,
        req: &mut Request,
        plain: impl FnOnce(&Request) -> Result<T>,
    ) -> Result<T> {
        let part = self.part.schema_part();
        if let Some(document) = self.part.document(req) {
            if let Some(model) = &self.model {
                valid(part, &model.validator, document)?;
            }
            return document.deserialize().map_err(|error| data_error(part.name(), &error));
        }
        let Some(model) = &self.model else { return plain(req) };
        let mut documents = req.documents.take().unwrap_or_default();
        let read = self.part.pairs(req).and_then(|pairs| model.read(part, pairs, &mut documents.buffers));
        req.documents = Some(documents);
        read
    }
}

impl TextPlan {
    /// Reads names and values that do not stand in the request like this; by `plain` where no schema says what they are.
    ///
    /// # Errors
    /// They are not valid (400).
    pub(crate) fn read_pairs<T: DeserializeOwned>(
        &self,
        pairs: TextPairs<'_>,
        plain: impl FnOnce(TextPairs<'_>) -> Result<T>,
    ) -> Result<T> {
        match &self.model {
            Some(model) => model.read(self.part.schema_part(), pairs, &mut Buffers::new()),
            None => plain(pairs),
        }
    }
}

impl TextModel {
    /// Made once in the life of the program for each type and part.
    fn shared<T: DeserializeOwned + 'static>(part: TextPart) -> Result<Option<Arc<Self>>, SchemaError> {
        type Models = HashMap<(TypeId, TextPart), Option<Arc<TextModel>>>;
        static MODELS: LazyLock<RwLock<Models>> = LazyLock::new(Default::default);
        let key = (TypeId::of::<T>(), part);
        if let Some(known) = MODELS.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(known.clone());
        }
        let model = Self::of::<T>(part)?.map(Arc::new);
        MODELS.write().unwrap_or_else(PoisonError::into_inner).insert(key, model.clone());
        Ok(model)
    }

    fn of<T: DeserializeOwned + 'static>(part: TextPart) -> Result<Option<Self>, SchemaError> {
        // Also tells what is wrong with the type's schema.
        if ModelPlan::kept::<T>()?.is_none() {
            return Ok(None);
        }
        let Some(schema) = TextPlan::schema_of::<T>(part) else { return Ok(None) };
        let (validator, coercer) = Registry::new().compile_with(&schema, Coercion::text())?;
        Ok(Some(Self { coercer, validator }))
    }

    fn read<T: DeserializeOwned>(&self, part: SchemaPart, pairs: TextPairs<'_>, buffers: &mut Buffers) -> Result<T> {
        let document = self.coercer.read(pairs.iter().map(|(name, value)| (&**name, &**value)), buffers);
        let read = valid(part, &self.validator, &document)
            .and_then(|()| document.deserialize().map_err(|error| data_error(part.name(), &error)));
        document.recycle(buffers);
        read
    }
}

/// Text is never `null`: a property that is an `Option` is there or not, and what is told of it is told of its type.
fn without_null(schema: &mut Value) {
    let is_null = |schema: &Value| schema.get("type").is_some_and(|kind| kind == "null");
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for property in properties.into_iter().flat_map(|properties| properties.values_mut()) {
        let Some(property) = property.as_object_mut() else { continue };
        if let Some(kinds) = property.get_mut("type").and_then(Value::as_array_mut) {
            kinds.retain(|kind| kind != "null");
            if let [only] = &mut kinds[..] {
                let only = only.take();
                property.insert("type".to_owned(), only);
            }
        }
        if property.get("default").is_some_and(Value::is_null) {
            property.remove("default");
        }
        let Some(Value::Array(any)) = property.get_mut("anyOf") else { continue };
        any.retain(|schema| !is_null(schema));
        if let [Value::Object(only)] = &mut any[..] {
            let only = std::mem::take(only);
            property.remove("anyOf");
            property.extend(only);
        }
    }
}

/// Maps and lists of whatever comes are read without a schema.
fn has_fields(schema: &Value) -> bool {
    ["properties", "oneOf", "anyOf", "allOf", "$ref"].iter().any(|keyword| schema.get(keyword).is_some())
}

fn valid(part: SchemaPart, validator: &Validator, document: &Document) -> Result<()> {
    validator.validate(document).map_err(|failures| refusal(part, failures))
}

/// What a type's plan is; where its schema is none, that stops the start.
fn told<T, P>(cx: &mut BindCx<'_>, plan: Result<P, SchemaError>) -> Option<P> {
    match plan {
        Ok(plan) => Some(plan),
        Err(error) => {
            cx.missing(format!("takes {}, whose schema is none: {error}", type_name::<T>()));
            None
        }
    }
}
