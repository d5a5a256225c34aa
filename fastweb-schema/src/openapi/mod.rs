//! OpenAPI 3.1 documents as data: operations, and the schemas that they share, become one JSON value.
//!
//! ```
//! use fastweb_schema::Registry;
//! use fastweb_schema::openapi::{Api, Content, Info, Operation, Response};
//! use serde_json::json;
//!
//! let mut registry = Registry::new();
//! registry.add(json!({ "$id": "user", "type": "object", "properties": { "name": { "type": "string" } } }))?;
//!
//! let mut operation = Operation::new("PUT", "/users/{id:u64}");
//! operation.registry = registry;
//! operation.query = vec![json!({ "properties": { "notify": { "type": "boolean" } } })];
//! operation.body = vec![Content::new("application/json", json!({ "$ref": "user#" }))];
//! operation.responses = vec![Response::new("200", json!({ "type": "array", "items": { "$ref": "user#" } }))];
//!
//! let mut api = Api::new(Info::new("Users", "1.0"));
//! api.add(operation);
//! let document = api.document()?;
//! let put = &document["paths"]["/users/{id}"]["put"];
//! assert_eq!(put["parameters"][0]["schema"]["minimum"], 0);
//! assert_eq!(put["requestBody"]["content"]["application/json"]["schema"]["$ref"], "#/components/schemas/user");
//! assert_eq!(document["components"]["schemas"]["user"]["type"], "object");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Schemas come as they are: of any draft, with references of every form, with OpenAPI 3.0's `nullable` and `example`. In the document they are 2020-12. What is
//! referred to, and what has a name of its own (an `$id`, or a title that is one), stands once among the components; equal ones of
//! one name are one component, different ones are numbered. `$dynamicRef` is written as the reference that it is where nothing
//! overrides it. The same input gives the same document, byte for byte.

mod errors;
mod keywords;
mod names;
mod operation;
mod parameters;
mod path;
mod schemas;
mod status;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

pub use errors::{ErrorAnswers, OpenApiError};
pub use operation::{Content, Info, Operation, Requirement, Response, SecurityScheme};
use parameters::In;
use path::{Template, templates};
use schemas::{Place, Schemas};

use crate::Registry;
use crate::members;

/// The version of OpenAPI that documents are written in.
const VERSION: &str = "3.1.0";

/// An API on its way to an OpenAPI document: see the [module](self).
///
/// ```
/// use fastweb_schema::openapi::{Api, Info, Operation};
///
/// let mut api = Api::new(Info::new("Users", "1.0"));
/// api.servers.push(("https://api.example.com".into(), None));
/// api.tags.push(("users".into(), Some("Who is who.".into())));
/// api.add(Operation::new("GET", "/users"));
/// assert_eq!(api.document()?["openapi"], "3.1.0");
/// # Ok::<(), fastweb_schema::openapi::OpenApiError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Api {
    /// What is said of the whole.
    pub info: Info,
    /// URLs that paths are relative to, and what each is for. Without any it is where the document came from.
    pub servers: Vec<(String, Option<String>)>,
    /// Groups in the order in which they are shown, and what is said of them. Groups of operations that are not here come behind these.
    pub tags: Vec<(String, Option<String>)>,
    /// The form of the error answers that operations do not declare.
    pub error_answers: ErrorAnswers,
    /// Further members of the document: `externalDocs`, `webhooks`, `x-…`. They are taken over as they are.
    pub more: Map<String, Value>,
    schemes: BTreeMap<String, SecurityScheme>,
    operations: Vec<Operation>,
}

/// An operation of the document.
struct Entry<'a> {
    operation: &'a Operation,
    method: &'a str,
    template: Template,
    /// The path's, which another operation may have named otherwise.
    names: Vec<String>,
    id: Option<String>,
}

impl Entry<'_> {
    fn describe(&self) -> String {
        format!("{} {}", self.method, self.operation.path)
    }
}

impl Api {
    /// An API without operations.
    pub fn new(info: Info) -> Self {
        Self { info, ..Self::default() }
    }

    /// Adds an operation. The order does not matter but where two want the same place: the first one gets it.
    pub fn add(&mut self, operation: Operation) {
        self.operations.push(operation);
    }

    /// Names a way to say who asks. Operations refer to it by a [`Requirement`].
    ///
    /// ```
    /// # use fastweb_schema::openapi::{Api, Info, Operation, Requirement, SecurityScheme};
    /// let mut api = Api::new(Info::new("Users", "1.0"));
    /// api.security_scheme("token", SecurityScheme::bearer());
    /// let mut operation = Operation::new("GET", "/users");
    /// operation.security = vec![vec![Requirement::new("token")]];
    /// api.add(operation);
    /// let document = api.document()?;
    /// assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    /// assert_eq!(document["paths"]["/users"]["get"]["security"][0]["token"], serde_json::json!([]));
    /// # Ok::<(), fastweb_schema::openapi::OpenApiError>(())
    /// ```
    pub fn security_scheme(&mut self, name: impl Into<String>, scheme: SecurityScheme) {
        self.schemes.insert(name.into(), scheme);
    }

    /// What OpenAPI has no place for, one sentence each: a second operation of one path and method (paths that differ in the names or types of their parameters
    /// are one), and methods that it does not know. The document does without them.
    ///
    /// ```
    /// # use fastweb_schema::openapi::{Api, Info, Operation};
    /// let mut api = Api::new(Info::new("Users", "1.0"));
    /// api.add(Operation::new("GET", "/users/{id:u64}"));
    /// api.add(Operation::new("GET", "/users/{name}"));
    /// let [left_out] = &api.left_out()[..] else { panic!() };
    /// assert!(left_out.starts_with("GET /users/{name} has the place of GET /users/{id:u64}"));
    /// ```
    pub fn left_out(&self) -> Vec<String> {
        self.entries().1
    }

    /// Operations by path and method, and what has no place.
    fn entries(&self) -> (BTreeMap<String, BTreeMap<String, Entry<'_>>>, Vec<String>) {
        let mut paths: BTreeMap<String, BTreeMap<String, Entry<'_>>> = BTreeMap::new();
        // The paths by what is left of them without the names of their parameters.
        let mut shapes: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
        let mut left_out = Vec::new();
        for operation in self.operations.iter().filter(|operation| !operation.hidden) {
            for (number, method) in operation.methods.iter().enumerate() {
                if !METHODS.contains(&&*method.to_ascii_uppercase()) {
                    let path = &operation.path;
                    left_out.push(format!("{method} {path} has a method that OpenAPI 3.1 does not know"));
                    continue;
                }
                for template in templates(&operation.path) {
                    let own = || template.params.iter().map(|param| param.name.clone()).collect();
                    let (path, names) =
                        shapes.entry(template.shape()).or_insert_with(|| (template.path.clone(), own())).clone();
                    let id = operation.operation_id.as_deref().map(|id| id_of(id, method, number, &template));
                    let entry = Entry { operation, method, template, names, id };
                    let item = paths.entry(path).or_default();
                    match item.get(&method.to_ascii_lowercase()) {
                        // The short form of an optional parameter may have a route of its own.
                        Some(_) if entry.template.without.is_some() => {}
                        Some(other) => left_out.push(format!(
                            "{} has the place of {} in the OpenAPI document, where both are one path; hide one of them, or give it to another \
                             document",
                            entry.describe(),
                            other.describe()
                        )),
                        None => drop(item.insert(method.to_ascii_lowercase(), entry)),
                    }
                }
            }
        }
        (paths, left_out)
    }

    /// The document.
    ///
    /// # Errors
    ///
    /// All that is wrong: references that lead nowhere, operation ids that are given twice, security schemes that have no name, statuses that are
    /// none.
    pub fn document(&self) -> Result<Value, OpenApiError> {
        let mut writer = Writer {
            api: self,
            schemas: Schemas::default(),
            problems: Vec::new(),
            has_errors: false,
            error_schema: None,
        };
        let entries = self.entries().0;
        writer.check_ids(&entries);
        let mut paths = Map::new();
        let mut tags = BTreeSet::new();
        for (path, item) in &entries {
            let operations = item.iter().map(|(method, entry)| (method.clone(), writer.operation(entry)));
            paths.insert(path.clone(), members::object(operations).into());
            tags.extend(item.values().flat_map(|entry| entry.operation.tags.iter().map(String::as_str)));
        }
        let mut document = self.more.clone();
        document.insert("openapi".into(), VERSION.into());
        document.insert("info".into(), info(&self.info));
        if !self.servers.is_empty() {
            document.insert("servers".into(), self.servers.iter().map(|(url, of)| described("url", url, of)).collect());
        }
        let known: Vec<&str> = self.tags.iter().map(|(name, _)| &**name).collect();
        let undescribed = tags.into_iter().filter(|name| !known.contains(name)).map(|name| json!({ "name": name }));
        let tags: Vec<Value> =
            self.tags.iter().map(|(name, of)| described("name", name, of)).chain(undescribed).collect();
        if !tags.is_empty() {
            document.insert("tags".into(), tags.into());
        }
        document.insert("paths".into(), paths.into());
        let components = writer.components();
        let named = writer.schemas.finish();
        let mut problems = writer.problems;
        problems.append(&mut writer.schemas.problems);
        if !problems.is_empty() {
            return Err(OpenApiError(problems));
        }
        if let Some(mut components) = components {
            components.insert("schemas".into(), Value::Null);
            document.insert("components".into(), components.into());
        }
        let mut document = Value::Object(document);
        named.name_references(&mut document);
        let schemas = named.into_components();
        if !schemas.is_empty() {
            document["components"]["schemas"] = schemas.into();
        } else if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
            components.remove("schemas");
        }
        Ok(document)
    }
}

/// The methods of a Path Item Object.
const METHODS: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];

/// An id for each of several operations that were declared as one.
fn id_of(id: &str, method: &str, number: usize, template: &Template) -> String {
    let mut id = id.to_owned();
    let mut append = |word: &str| {
        let mut chars = word.chars();
        id.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        id.extend(chars);
    };
    if number > 0 {
        append(&method.to_ascii_lowercase());
    }
    if let Some(name) = &template.without {
        append("without");
        append(name);
    }
    id
}

fn info(info: &Info) -> Value {
    let Info { title, version, summary, description, more } = info;
    let mut object = more.clone();
    object.insert("title".into(), title.as_str().into());
    object.insert("version".into(), version.as_str().into());
    for (key, text) in [("summary", summary), ("description", description)] {
        if let Some(text) = text {
            object.insert(key.into(), text.as_str().into());
        }
    }
    object.into()
}

fn described(key: &str, value: &str, description: &Option<String>) -> Value {
    let mut object = members::single(key, value.into());
    if let Some(description) = description {
        object.insert("description".into(), description.as_str().into());
    }
    object.into()
}

struct Writer<'a> {
    api: &'a Api,
    schemas: Schemas,
    problems: Vec<String>,
    /// An operation refers to the answer that stands for all errors.
    has_errors: bool,
    /// That of error answers, once one was written.
    error_schema: Option<Place>,
}

/// A name, its schema, and whether it is required.
type Property = (String, Place, bool);

impl Writer<'_> {
    fn check_ids(&mut self, entries: &BTreeMap<String, BTreeMap<String, Entry<'_>>>) {
        let mut known: BTreeMap<&str, &Entry<'_>> = BTreeMap::new();
        for entry in entries.values().flat_map(BTreeMap::values) {
            let Some(id) = &entry.id else { continue };
            match known.get(&**id) {
                Some(other) => self.problems.push(format!(
                    "{} and {} have the operation id {id:?}; give each its own",
                    other.describe(),
                    entry.describe()
                )),
                None => drop(known.insert(id, entry)),
            }
        }
    }

    /// Does something with a schema of an operation. Problems that it finds are told with the part that they are in.
    fn with<R>(
        &mut self,
        entry: &Entry<'_>,
        part: &str,
        schema: &Value,
        act: impl FnOnce(&mut Schemas, &Place) -> R,
    ) -> R {
        let place = self.schemas.add(schema, &entry.operation.registry);
        let result = act(&mut self.schemas, &place);
        self.blame(entry, part);
        result
    }

    /// Says where the problems are that were found with schemas since it was called last.
    fn blame(&mut self, entry: &Entry<'_>, part: &str) {
        let found = self.schemas.problems.drain(..);
        self.problems.extend(found.map(|problem| format!("{}, {part} at {problem}", entry.describe())));
    }

    fn operation(&mut self, entry: &Entry<'_>) -> Value {
        let Entry { operation, id, .. } = entry;
        let mut object = Map::new();
        if !operation.tags.is_empty() {
            object.insert("tags".into(), operation.tags.clone().into());
        }
        let texts = [("summary", &operation.summary), ("description", &operation.description), ("operationId", id)];
        for (key, text) in texts {
            if let Some(text) = text {
                object.insert(key.into(), text.as_str().into());
            }
        }
        if operation.deprecated {
            object.insert("deprecated".into(), true.into());
        }
        let parameters = self.parameters(entry);
        if !parameters.is_empty() {
            object.insert("parameters".into(), parameters.into());
        }
        // RFC 9110, 9.3: a body means nothing to these.
        let may_have_body = !["GET", "HEAD", "TRACE"].contains(&&*entry.method.to_ascii_uppercase());
        if may_have_body && !operation.body.is_empty() {
            let content = self.content(entry, "the body", &operation.body);
            object.insert("requestBody".into(), json!({ "content": content, "required": !operation.body_is_optional }));
        }
        object.insert("responses".into(), self.responses(entry).into());
        if !operation.security.is_empty() {
            object.insert("security".into(), self.security(entry));
        }
        object.into()
    }

    fn parameters(&mut self, entry: &Entry<'_>) -> Vec<Value> {
        let Entry { operation, template, names, .. } = entry;
        let declared = self.properties(entry, "params", &operation.params);
        let mut out = Vec::new();
        parameters::of_path(template, names, &declared, &mut self.schemas, &mut out);
        self.blame(entry, "params");
        let parts = [
            (In::Query, "query", &operation.query),
            (In::Header, "headers", &operation.headers),
            (In::Cookie, "cookies", &operation.cookies),
        ];
        for (part, name, schemas) in parts {
            let properties = self.properties(entry, name, schemas);
            parameters::of_object(part, &properties, &mut self.schemas, &mut out);
            self.blame(entry, name);
        }
        out
    }

    /// The properties that schemas name, each once. It is required where one of them says so.
    fn properties(&mut self, entry: &Entry<'_>, part: &str, schemas: &[Value]) -> Vec<Property> {
        let mut found: Vec<Property> = Vec::new();
        for schema in schemas {
            let properties = self.with(entry, part, schema, Schemas::properties);
            for (name, place, is_required) in properties {
                match found.iter_mut().find(|(other, ..)| *other == name) {
                    Some((.., known)) => *known |= is_required,
                    None => found.push((name, place, is_required)),
                }
            }
        }
        found
    }

    /// A map of Media Type Objects.
    fn content(&mut self, entry: &Entry<'_>, part: &str, content: &[Content]) -> Map<String, Value> {
        let mut map = Map::new();
        for Content { media_type, schema, examples } in content {
            let mut object = Map::new();
            if let Some(schema) = schema {
                let part = format!("{part} {media_type}");
                object.insert("schema".into(), self.with(entry, &part, schema, Schemas::write));
            }
            if !examples.is_empty() {
                let examples = examples.iter().map(|(name, value)| (name.clone(), json!({ "value": value })));
                object.insert("examples".into(), members::object(examples).into());
            }
            map.insert(media_type.clone(), object.into());
        }
        map
    }

    fn responses(&mut self, entry: &Entry<'_>) -> Map<String, Value> {
        let mut map = Map::new();
        for response in &entry.operation.responses {
            let Some(key) = status::key(&response.status) else {
                let (place, status) = (entry.describe(), &response.status);
                self.problems.push(format!(
                    "{place}: the status {status:?} of an answer is none; write a number from 100 to 599, \"2xx\" or \"default\""
                ));
                continue;
            };
            let object = self.response(entry, &key, response);
            map.insert(key, object);
        }
        let is_success = |key: &String| key.starts_with(['1', '2', '3']) || key == "default";
        if !map.keys().any(is_success) {
            map.insert("200".into(), json!({ "description": status::name("200") }));
        }
        let has_default = map.contains_key("default");
        if !has_default && self.api.error_answers != ErrorAnswers::None {
            self.has_errors = true;
            for class in ["4XX", "5XX"] {
                map.entry(class).or_insert_with(|| json!({ "$ref": "#/components/responses/Error" }));
            }
        }
        map
    }

    fn response(&mut self, entry: &Entry<'_>, key: &str, response: &Response) -> Value {
        let mut object = Map::new();
        let part = format!("the answer {key}");
        let is_null = |content: &Content| {
            content.schema.as_ref().and_then(|schema| schema.get("type")).is_some_and(|ty| ty == "null")
        };
        let mut description = response.description.clone();
        if let Some(schema) = response.content.iter().find_map(|content| content.schema.as_ref()) {
            description = description.or_else(|| {
                let said = self.with(entry, &part, schema, |schemas, place| schemas.says(place, "description"));
                said.as_ref().and_then(Value::as_str).map(str::to_owned)
            });
        }
        if response.is_error {
            if let Some(content) = self.error_content() {
                object.insert("content".into(), content);
            }
        } else if !status::has_no_body(key) && !response.content.is_empty() && !response.content.iter().all(is_null) {
            object.insert("content".into(), self.content(entry, &part, &response.content).into());
        }
        if let Some(headers) = &response.headers {
            let properties = self.properties(entry, &part, std::slice::from_ref(headers));
            object.insert("headers".into(), parameters::headers(&properties, &mut self.schemas).into());
            self.blame(entry, &part);
        }
        object.insert("description".into(), description.unwrap_or_else(|| status::name(key).to_owned()).into());
        object.into()
    }

    /// The content of error answers.
    fn error_content(&mut self) -> Option<Value> {
        let answers = &self.api.error_answers;
        let media_type = answers.media_type()?;
        let place = match &self.error_schema {
            Some(place) => place.clone(),
            None => self.error_schema.insert(self.schemas.add(&answers.schema(), &Registry::new())).clone(),
        };
        let schema = self.schemas.write(&place);
        Some(members::single(media_type, json!({ "schema": schema })).into())
    }

    fn security(&mut self, entry: &Entry<'_>) -> Value {
        let mut list: Vec<Value> = Vec::new();
        for all in &entry.operation.security {
            let mut object = Map::new();
            for Requirement { scheme, scopes } in all {
                if !self.api.schemes.contains_key(scheme) {
                    let place = entry.describe();
                    self.problems.push(format!(
                        "{place} asks for the security scheme {scheme:?}, which nobody has named; `security_scheme` does"
                    ));
                }
                object.insert(scheme.clone(), scopes.clone().into());
            }
            list.push(object.into());
        }
        list.into()
    }

    /// The components beside the schemas.
    fn components(&mut self) -> Option<Map<String, Value>> {
        let mut components = Map::new();
        if self.has_errors
            && let Some(content) = self.error_content()
        {
            let error = json!({ "description": "What went wrong.", "content": content });
            components.insert("responses".into(), json!({ "Error": error }));
        }
        if !self.api.schemes.is_empty() {
            let schemes = self.api.schemes.iter().map(|(name, scheme)| (name.clone(), scheme.to_value()));
            components.insert("securitySchemes".into(), members::object(schemes).into());
        }
        let has_any = !components.is_empty() || self.schemas.has_components();
        has_any.then_some(components)
    }
}
