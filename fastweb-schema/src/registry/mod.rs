//! Schemas by name, and how they are compiled.

mod error;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use referencing::{Resolver, ResourceRef};
use serde_json::{Value, json};

pub use error::SchemaError;

use crate::coercion::{Coercer, Coercion, Shaper};
use crate::validator::Validator;
use crate::validator::judge::{Judge, Tape};
use crate::validator::plan::{Compiler, Plan};

/// An edition of JSON Schema.
///
/// ```
/// use fastweb_schema::{Draft, Registry};
///
/// // As Fastify has it, for schemas that do not say what they are.
/// let registry = Registry::new().with_default_draft(Draft::Draft7);
/// # drop(registry);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Draft {
    /// Draft 4.
    Draft4,
    /// Draft 6.
    Draft6,
    /// Draft 7.
    Draft7,
    /// Draft 2019-09.
    Draft201909,
    /// Draft 2020-12.
    #[default]
    Draft202012,
}

impl Draft {
    fn judged(self) -> jsonschema::Draft {
        match self {
            Self::Draft4 => jsonschema::Draft::Draft4,
            Self::Draft6 => jsonschema::Draft::Draft6,
            Self::Draft7 => jsonschema::Draft::Draft7,
            Self::Draft201909 => jsonschema::Draft::Draft201909,
            Self::Draft202012 => jsonschema::Draft::Draft202012,
        }
    }
}

/// Schemas that others refer to by name, and the settings that schemas are compiled with.
///
/// A clone is cheap and goes its own way: what a scope adds to its clone, its parent and its siblings do not see.
///
/// References are resolved as the drafts and Fastify write them: `user#`, `user#/properties/name`, `#/definitions/name`, `#/$defs/name`,
/// `#anchor`, `$dynamicRef`, relative and absolute URIs, and in circles. Nothing is ever read from the network or from a file.
///
/// ```
/// use fastweb_schema::{Document, Registry};
/// use serde_json::json;
///
/// let mut registry = Registry::new();
/// registry.add(json!({ "$id": "userId", "type": "string", "format": "uuid" }))?;
/// let mut scope = registry.clone();
/// scope.add(json!({ "$id": "user", "properties": { "id": { "$ref": "userId#" } } }))?;
///
/// let validator = scope.compile(&json!({ "type": "array", "items": { "$ref": "user#" } }))?;
/// assert!(validator.is_valid(&Document::parse(br#"[{"id":"7f2c1a52-9d0e-4c58-8f0b-3a5c6f0e1b7d"}]"#)?));
/// assert!(!validator.is_valid(&Document::parse(br#"[{"id":"7"}]"#)?));
///
/// let error = registry.compile(&json!({ "items": { "$ref": "user#" } })).unwrap_err();
/// assert!(error.to_string().starts_with("the schema at /items/$ref: there is no schema \"user\""));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Registry(Arc<Inner>);

struct Inner {
    /// By `$id`, without an empty fragment.
    schemas: BTreeMap<String, Arc<Value>>,
    draft: Draft,
    formats: bool,
    /// Made of `schemas` for the first schema that is compiled, and kept for the others.
    prepared: OnceLock<Result<Prepared, SchemaError>>,
}

/// What is known of all schemas of a registry together.
struct Prepared {
    /// What the judge makes of them.
    registry: jsonschema::Registry<'static>,
    /// One of them has a `default`.
    has_defaults: bool,
}

impl Default for Inner {
    fn default() -> Self {
        Self { schemas: BTreeMap::new(), draft: Draft::default(), formats: true, prepared: OnceLock::new() }
    }
}

/// A copy is made in order to be changed: what was prepared does not hold for it.
impl Clone for Inner {
    fn clone(&self) -> Self {
        Self { schemas: self.schemas.clone(), prepared: OnceLock::new(), ..*self }
    }
}

impl Registry {
    /// An empty one: draft 2020-12 for schemas without `$schema`, formats are asserted.
    pub fn new() -> Self {
        Self::default()
    }

    fn change(&mut self) -> &mut Inner {
        let inner = Arc::make_mut(&mut self.0);
        inner.prepared = OnceLock::new();
        inner
    }

    /// Sets the draft of schemas that have no `$schema`. The default is 2020-12; Fastify's is draft 7.
    ///
    /// ```
    /// # use fastweb_schema::{Document, Draft, Registry};
    /// # use serde_json::json;
    /// let registry = Registry::new().with_default_draft(Draft::Draft7);
    /// let validator = registry.compile(&json!({ "items": [{ "type": "integer" }] }))?;
    /// assert!(!validator.is_valid(&Document::parse(b"[\"x\"]")?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_default_draft(mut self, draft: Draft) -> Self {
        self.change().draft = draft;
        self
    }

    /// Sets whether `format` is asserted: `true` by default, unlike in the later drafts, where it is a remark.
    ///
    /// Asserted are `date`, `date-time`, `time`, `duration`, `email`, `hostname`, `ipv4`, `ipv6`, `uri`, `uri-reference`, `uri-template`, `iri`,
    /// `iri-reference`, `uuid`, `json-pointer`, `relative-json-pointer` and `regex`, as far as the draft has them; `uuid` and `duration` in
    /// every draft. Others are remarks, also `idn-email` and `idn-hostname`.
    ///
    /// ```
    /// # use fastweb_schema::{Document, Registry};
    /// # use serde_json::json;
    /// let schema = json!({ "format": "date" });
    /// let document = Document::parse(b"\"tomorrow\"")?;
    /// assert!(!Registry::new().compile(&schema)?.is_valid(&document));
    /// assert!(Registry::new().with_format_assertion(false).compile(&schema)?.is_valid(&document));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_format_assertion(mut self, assert: bool) -> Self {
        self.change().formats = assert;
        self
    }

    /// Adds a schema that others refer to by its `$id`.
    ///
    /// # Errors
    ///
    /// If it has no `$id`, if another one has it already, or if it is no valid schema.
    ///
    /// ```
    /// # use fastweb_schema::Registry;
    /// # use serde_json::json;
    /// let mut registry = Registry::new();
    /// registry.add(json!({ "$id": "id", "type": "integer" }))?.add(json!({ "$id": "name", "type": "string" }))?;
    /// assert!(registry.add(json!({ "$id": "id" })).is_err());
    /// # Ok::<(), fastweb_schema::SchemaError>(())
    /// ```
    pub fn add(&mut self, schema: Value) -> Result<&mut Self, SchemaError> {
        let Some(id) = error::id_of(&schema).map(str::to_owned) else {
            return Err(SchemaError::new(
                &schema,
                "",
                "it has no \"$id\"; a shared schema is referred to by its \"$id\"",
            ));
        };
        self.add_as(&id, schema)
    }

    /// Adds a schema that others refer to by `id`, whether it has an `$id` of its own or not.
    ///
    /// # Errors
    ///
    /// If another schema has this name already, or if it is no valid schema.
    ///
    /// ```
    /// # use fastweb_schema::Registry;
    /// # use serde_json::json;
    /// let mut registry = Registry::new();
    /// registry.add_as("https://example.com/id.json", json!({ "type": "integer" }))?;
    /// registry.compile(&json!({ "$ref": "https://example.com/id.json" }))?;
    /// # Ok::<(), fastweb_schema::SchemaError>(())
    /// ```
    pub fn add_as(&mut self, id: &str, schema: Value) -> Result<&mut Self, SchemaError> {
        let key = id.strip_suffix('#').unwrap_or(id);
        let problem = if key.is_empty() || key.contains('#') {
            Some(format!("\"{id}\" cannot be referred to; use a name or a URI without fragment"))
        } else if self.0.schemas.contains_key(key) {
            Some(format!("there is a schema \"{key}\" already; give one of them another \"$id\""))
        } else if let Err(error) = jsonschema::uri::from_str(key) {
            Some(format!("\"{id}\" is no URI reference: {error}"))
        } else {
            None
        };
        if let Some(problem) = problem {
            return Err(SchemaError::new(&schema, if schema.get("$id").is_some() { "/$id" } else { "" }, problem));
        }
        self.check(&schema)?;
        self.change().schemas.insert(key.to_owned(), Arc::new(schema));
        Ok(self)
    }

    /// The schema that was added under this name.
    ///
    /// ```
    /// # use fastweb_schema::Registry;
    /// # use serde_json::json;
    /// let mut registry = Registry::new();
    /// registry.add(json!({ "$id": "id", "type": "integer" }))?;
    /// assert_eq!(registry.get("id").unwrap()["type"], "integer");
    /// # Ok::<(), fastweb_schema::SchemaError>(())
    /// ```
    pub fn get(&self, id: &str) -> Option<&Value> {
        self.0.schemas.get(id.strip_suffix('#').unwrap_or(id)).map(|schema| &**schema)
    }

    /// All schemas that were added, in the order of their names.
    ///
    /// ```
    /// # use fastweb_schema::Registry;
    /// # use serde_json::json;
    /// let mut registry = Registry::new();
    /// registry.add(json!({ "$id": "name" }))?.add(json!({ "$id": "id" }))?;
    /// assert_eq!(registry.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["id", "name"]);
    /// # Ok::<(), fastweb_schema::SchemaError>(())
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.schemas.iter().map(|(name, schema)| (&**name, &**schema))
    }

    /// Against the meta-schema of its draft.
    fn check(&self, schema: &Value) -> Result<(), SchemaError> {
        use jsonschema::{draft4, draft6, draft7, draft201909, draft202012};
        let result = match self.draft_of(schema) {
            jsonschema::Draft::Draft4 => draft4::meta::validate(schema),
            jsonschema::Draft::Draft6 => draft6::meta::validate(schema),
            jsonschema::Draft::Draft7 => draft7::meta::validate(schema),
            jsonschema::Draft::Draft201909 => draft201909::meta::validate(schema),
            jsonschema::Draft::Draft202012 => draft202012::meta::validate(schema),
            // A meta-schema of the application's own: known once everything is there.
            _ => Ok(()),
        };
        result.map_err(|error| SchemaError::refused(schema, std::iter::empty(), &error))
    }

    pub(crate) fn draft_of(&self, schema: &Value) -> jsonschema::Draft {
        self.0.draft.judged().detect(schema)
    }

    /// Two schemas of one name: which of them a reference means, nobody could say.
    fn check_name(&self, schema: &Value) -> Result<(), SchemaError> {
        let Some(id) = error::id_of(schema) else { return Ok(()) };
        let key = id.strip_suffix('#').unwrap_or(id);
        match self.0.schemas.get(key) {
            Some(known) if **known != *schema => {
                let message = format!(
                    "the registry has another schema \"{key}\"; refer to it by {{ \"$ref\": \"{key}#\" }}, or give this one \
                     another \"$id\""
                );
                Err(SchemaError::new(schema, "/$id", message))
            }
            _ => Ok(()),
        }
    }

    /// Whether the two are clones of which none was changed, or empty.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let are_empty = || self.0.schemas.is_empty() && other.0.schemas.is_empty() && self.0.draft == other.0.draft;
        Arc::ptr_eq(&self.0, &other.0) || are_empty()
    }

    fn others(&self) -> impl Iterator<Item = &Value> {
        self.0.schemas.values().map(|schema| &**schema)
    }

    fn prepared(&self) -> Result<&Prepared, SchemaError> {
        let prepare = || {
            let schemas = self.0.schemas.iter().map(|(id, schema)| (id, schema.clone()));
            let registry = jsonschema::Registry::new()
                .draft(self.0.draft.judged())
                .retriever(Offline)
                .extend(schemas)
                .and_then(jsonschema::RegistryBuilder::prepare)
                .map_err(|error| SchemaError::dangling(&Value::Null, self.others(), &error))?;
            let has_defaults = self.others().any(mentions_default);
            Ok(Prepared { registry, has_defaults })
        };
        self.0.prepared.get_or_init(prepare).as_ref().map_err(Clone::clone)
    }

    /// Compiles a schema, at start-up.
    ///
    /// # Errors
    ///
    /// If it is no valid schema, if a reference of it or of what it refers to leads nowhere, or if a pattern cannot be matched in linear
    /// time.
    ///
    /// ```
    /// # use fastweb_schema::Registry;
    /// # use serde_json::json;
    /// let error = Registry::new().compile(&json!({ "properties": { "age": { "type": "int" } } })).unwrap_err();
    /// assert_eq!(error.pointer(), "/properties/age/type");
    /// ```
    pub fn compile(&self, schema: &Value) -> Result<Validator, SchemaError> {
        self.check_name(schema)?;
        let rooted = self.rooted(schema)?;
        self.validator(schema, rooted.as_ref())
    }

    /// Compiles a schema, and what is done to data before they are validated against it: [`compile`](Self::compile) and
    /// [`coercer`](Self::coercer) in one go, which costs less.
    ///
    /// # Errors
    ///
    /// As [`compile`](Self::compile).
    ///
    /// ```
    /// # use fastweb_schema::{Buffers, Coercion, Registry};
    /// # use serde_json::json;
    /// let schema = json!({ "properties": { "id": { "type": "integer", "minimum": 1 } } });
    /// let (validator, coercer) = Registry::new().compile_with(&schema, Coercion::text())?;
    /// let params = coercer.read([("id", "0")], &mut Buffers::new());
    /// assert_eq!(validator.validate(&params).unwrap_err().to_string(), "/id must be >= 1");
    /// # Ok::<(), fastweb_schema::SchemaError>(())
    /// ```
    pub fn compile_with(&self, schema: &Value, coercion: Coercion) -> Result<(Validator, Coercer), SchemaError> {
        self.check_name(schema)?;
        let rooted = self.rooted(schema)?;
        let validator = self.validator(schema, rooted.as_ref())?;
        Ok((validator, self.shaped(schema, rooted.as_ref(), coercion)?))
    }

    /// Where the references of this schema are looked up. `None` if they cannot be resolved.
    fn rooted<'a>(&'a self, schema: &'a Value) -> Result<Option<Rooted<'a>>, SchemaError> {
        let (shared, draft) = (&self.prepared()?.registry, self.draft_of(schema));
        if let Some(base) = NO_BASE.clone()
            && draft != jsonschema::Draft::Draft4
        {
            let rooted = Rooted { shared, own: None, base, draft };
            if refers_outwards(schema, &rooted.resolver()) {
                return Ok(Some(rooted));
            }
        }
        Ok(with_root(shared, draft, schema).map(|(own, base)| Rooted { shared, own: Some(own), base, draft }))
    }

    fn validator(&self, schema: &Value, rooted: Option<&Rooted<'_>>) -> Result<Validator, SchemaError> {
        // Where something fails here, there is no plan, and the judge does all of the work.
        let plan = rooted.and_then(|rooted| {
            let judge = |draft, schema: &Value| self.options(draft).build(schema).ok();
            Compiler::new(self.0.formats, &judge).compile(schema, &rooted.resolver(), rooted.draft)
        });
        // A plan that knows the whole schema has followed all references and compiled all patterns. What else a judge could find wrong with it,
        // the meta-schema does.
        let is_enough =
            plan.as_ref().is_some_and(Plan::is_complete) && !has_drafts_within(schema) && self.check(schema).is_ok();
        let judge = if is_enough { None } else { Some(self.judge(schema)?) };
        Ok(Validator::new(judge, plan))
    }

    /// What the judge makes of a schema.
    pub(crate) fn judge(&self, schema: &Value) -> Result<Judge, SchemaError> {
        let prepared = self.prepared()?;
        let judge = self.options(self.draft_of(schema)).with_registry(&prepared.registry).build(schema);
        judge.map_err(|error| SchemaError::refused(schema, self.others(), &error))
    }

    fn options(
        &self,
        draft: jsonschema::Draft,
    ) -> jsonschema::ValidationOptions<'_, Arc<dyn jsonschema::Retrieve>, Tape> {
        let mut options = jsonschema::options_for::<Tape>()
            .with_retriever(Offline)
            .with_pattern_options(jsonschema::PatternOptions::regex())
            .should_validate_formats(self.0.formats);
        if draft < jsonschema::Draft::Draft201909 {
            for name in LATER_FORMATS {
                options = options.with_format(name, format_of_2020(name));
            }
        }
        if draft != jsonschema::Draft::Unknown {
            options = options.with_draft(draft);
        }
        options
    }

    /// Compiles what is done to data before they are validated against a schema, at start-up.
    ///
    /// # Errors
    ///
    /// As [`compile`](Self::compile), which is what finds them: a schema for which no validator can be made has no coercer.
    ///
    /// ```
    /// # use fastweb_schema::{Buffers, Coercion, Registry};
    /// # use serde_json::json;
    /// let schema = json!({ "properties": { "id": { "type": "integer" } } });
    /// let coercer = Registry::new().coercer(&schema, Coercion::text())?;
    /// let params = coercer.read([("id", "12")], &mut Buffers::new());
    /// assert_eq!(params.root().get("id").and_then(|id| id.as_u64()), Some(12));
    /// # Ok::<(), fastweb_schema::SchemaError>(())
    /// ```
    pub fn coercer(&self, schema: &Value, coercion: Coercion) -> Result<Coercer, SchemaError> {
        self.check_name(schema)?;
        let rooted = self.rooted(schema)?;
        self.shaped(schema, rooted.as_ref(), coercion)
    }

    fn shaped(&self, schema: &Value, rooted: Option<&Rooted<'_>>, coercion: Coercion) -> Result<Coercer, SchemaError> {
        let Some(rooted) = rooted else {
            // The judge says why.
            self.judge(schema)?;
            return Err(SchemaError::new(schema, "", "its references cannot be resolved"));
        };
        let fills_in = coercion.defaults && (self.prepared()?.has_defaults || mentions_default(schema));
        if !(coercion.types || coercion.remove_additional || fills_in) {
            return Ok(Coercer::idle());
        }
        let judge = |draft, schema: &Value| self.options(draft).build(schema).ok();
        Ok(Coercer::new(Shaper::new(coercion, &judge), schema, rooted.resolver(), rooted.draft))
    }
}

/// Where the references of a schema are looked up.
struct Rooted<'a> {
    shared: &'a jsonschema::Registry<'static>,
    /// The shared schemas and this one, where it refers to itself. To make it takes longer than most plans, and it has to find anew where each
    /// reference of the shared ones leads.
    own: Option<jsonschema::Registry<'a>>,
    base: jsonschema::Uri<String>,
    draft: jsonschema::Draft,
}

impl Rooted<'_> {
    fn resolver(&self) -> Resolver<'_> {
        self.own.as_ref().unwrap_or(self.shared).resolver(self.base.clone())
    }
}

/// Of schemas without `$id`.
const DEFAULT_BASE: &str = "json-schema:///";
static NO_BASE: LazyLock<Option<jsonschema::Uri<String>>> =
    LazyLock::new(|| jsonschema::uri::from_str(DEFAULT_BASE).ok());

/// Whether a schema has no name by which it or a part of it could be referred to, and all of its references lead to shared ones.
fn refers_outwards(value: &Value, shared: &Resolver<'_>) -> bool {
    const NAMES: [&str; 7] =
        ["$id", "$schema", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$dynamicRef", "$recursiveRef"];
    match value {
        Value::Object(members) => members.iter().all(|(name, value)| match (&**name, value) {
            ("$ref", Value::String(reference)) => !reference.starts_with('#') && shared.lookup(reference).is_ok(),
            (name, _) if NAMES.contains(&name) => false,
            (_, value) => refers_outwards(value, shared),
        }),
        Value::Array(items) => items.iter().all(|item| refers_outwards(item, shared)),
        _ => true,
    }
}

/// Whether a property of this name stands anywhere in a schema.
fn mentions_default(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => members.iter().any(|(name, value)| name == "default" || mentions_default(value)),
        Value::Array(items) => items.iter().any(mentions_default),
        _ => false,
    }
}

/// Whether a part of a schema has a draft of its own: it obeys another meta-schema.
fn has_drafts_within(schema: &Value) -> bool {
    fn has_draft(value: &Value) -> bool {
        match value {
            Value::Object(members) => members.contains_key("$schema") || members.values().any(has_draft),
            Value::Array(items) => items.iter().any(has_draft),
            _ => false,
        }
    }
    schema.as_object().is_some_and(|members| members.values().any(has_draft))
}

/// The shared schemas and this one, and its base URI.
fn with_root<'a>(
    prepared: &'a jsonschema::Registry<'static>,
    draft: jsonschema::Draft,
    schema: &'a Value,
) -> Option<(jsonschema::Registry<'a>, jsonschema::Uri<String>)> {
    let resource = ResourceRef::new(schema, draft);
    let base = jsonschema::uri::from_str(resource.id().unwrap_or(DEFAULT_BASE)).ok()?;
    let registry = prepared.add(base.as_str(), resource).ok()?.retriever(Offline).draft(draft).prepare().ok()?;
    Some((registry, base))
}

/// Formats that came with draft 2019-09. Fastify asserts them in draft 7, too.
pub(crate) const LATER_FORMATS: [&str; 2] = ["uuid", "duration"];

fn format_of_2020(name: &'static str) -> impl Fn(&str) -> bool + Send + Sync + 'static {
    type Known = [(&'static str, Option<jsonschema::Validator>); LATER_FORMATS.len()];
    static JUDGES: LazyLock<Known> = LazyLock::new(|| {
        let build = |name: &str| {
            jsonschema::draft202012::options().should_validate_formats(true).build(&json!({ "format": name })).ok()
        };
        LATER_FORMATS.map(|name| (name, build(name)))
    });
    let judge = JUDGES.iter().find(|(known, _)| *known == name).and_then(|(_, judge)| judge.as_ref());
    move |text| judge.is_some_and(|judge| judge.is_valid(&Value::from(text)))
}

/// Retrieves nothing.
struct Offline;

impl jsonschema::Retrieve for Offline {
    fn retrieve(&self, _: &jsonschema::Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Err("nothing is retrieved".into())
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<_> = self.0.schemas.keys().collect();
        f.debug_struct("Registry").field("schemas", &ids).field("draft", &self.0.draft).finish_non_exhaustive()
    }
}
