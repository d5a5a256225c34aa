//! Schemas as OpenAPI 3.1 writes them: 2020-12, each that is referred to under a name of its own.
//!
//! A place is a schema in a resource: in one of the shared schemas, or in one that an operation brings. What is referred to is put aside as a
//! component, from wherever it stands; [`names`](super::names) gives components their names when all are known.

use std::collections::{HashMap, VecDeque};

use jsonschema::{Draft, Uri};
use serde_json::{Map, Value, json};

use super::keywords::{Holds, holds};
use super::names;
use crate::Registry;
use crate::members;

/// References nest this deep where they are followed to find the properties of an object.
const DEEPEST: usize = 32;

/// Before a number, a reference to what has no name yet. No URI reference begins so.
const UNNAMED: &str = "\0component ";

/// Where a schema stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    resource: usize,
    pointer: String,
}

/// What has a URI, or is a whole by itself.
struct Resource {
    schema: Value,
    base: Uri<String>,
    draft: Draft,
    /// Which shared schemas its references may name.
    registry: usize,
    /// The name that its author gave it.
    name: Option<String>,
    /// Pointers by anchor.
    anchors: HashMap<String, String>,
    /// Resources within it, by pointer.
    inner: HashMap<String, usize>,
}

/// Schemas that have names, and these by URI.
struct Shared {
    registry: Registry,
    ids: HashMap<String, String>,
}

/// The schemas of a document on their way into it.
#[derive(Default)]
pub(super) struct Schemas {
    registries: Vec<Shared>,
    resources: Vec<Resource>,
    by_uri: HashMap<(usize, String), usize>,
    /// By what they say: many operations bring the same.
    by_text: HashMap<(usize, String), usize>,
    components: Vec<names::Component>,
    numbers: HashMap<Place, usize>,
    /// Not translated yet.
    waiting: VecDeque<(usize, Place)>,
    /// References that lead nowhere, each with the place where it stands.
    pub(super) problems: Vec<String>,
}

impl Schemas {
    /// Takes a schema over, whose references name the schemas in `registry`.
    pub(super) fn add(&mut self, schema: &Value, registry: &Registry) -> Place {
        let known = self.registries.iter().position(|shared| shared.registry.is_same(registry));
        let number = known.unwrap_or_else(|| {
            let ids = registry.iter().filter_map(|(id, _)| {
                let uri = jsonschema::uri::from_str(id).ok()?;
                Some((uri.as_str().to_owned(), id.to_owned()))
            });
            self.registries.push(Shared { registry: registry.clone(), ids: ids.collect() });
            self.registries.len() - 1
        });
        let key = (number, schema.to_string());
        if let Some(&resource) = self.by_text.get(&key) {
            return Place { resource, pointer: String::new() };
        }
        let base = own_id(schema, registry.draft_of(schema)).map(|id| id.trim_end_matches('#'));
        let base = jsonschema::uri::from_str(base.unwrap_or("json-schema:///"));
        let base = base.or_else(|_| jsonschema::uri::from_str("json-schema:///")).expect("a URI");
        let registry = number;
        // A shared schema may be given as a whole; it is the same one then.
        let resource = match self.shared(registry, &base) {
            Some(resource) if self.resources[resource].schema == *schema => resource,
            _ => self.add_resource(schema.clone(), base, registry),
        };
        self.by_text.insert(key, resource);
        Place { resource, pointer: String::new() }
    }

    fn add_resource(&mut self, schema: Value, base: Uri<String>, registry: usize) -> usize {
        let draft = self.registries[registry].registry.draft_of(&schema);
        let name = name_of(&schema, draft);
        let number = self.resources.len();
        self.resources.push(Resource {
            schema: Value::Null,
            base,
            draft,
            registry,
            name,
            anchors: HashMap::new(),
            inner: HashMap::new(),
        });
        self.index(number, &schema, String::new());
        self.resources[number].schema = schema;
        number
    }

    /// Notes what is within a resource: anchors, and resources of their own.
    fn index(&mut self, number: usize, schema: &Value, pointer: String) {
        let Value::Object(members) = schema else { return };
        let Resource { draft, registry, .. } = self.resources[number];
        if !pointer.is_empty()
            && let Some(id) = own_id(schema, draft)
            && let Ok(base) = jsonschema::uri::resolve_against(&self.resources[number].base.borrow(), id)
        {
            let uri = base.as_str().to_owned();
            let inner = self.add_resource(schema.clone(), base, registry);
            self.by_uri.entry((registry, uri)).or_insert(inner);
            self.resources[number].inner.insert(pointer, inner);
            return;
        }
        let old = members.get("$id").or_else(|| members.get("id")).and_then(Value::as_str);
        let old = old.and_then(|id| id.strip_prefix('#')).filter(|_| draft < Draft::Draft201909);
        let new = ["$anchor", "$dynamicAnchor"].map(|keyword| members.get(keyword).and_then(Value::as_str));
        for anchor in new.into_iter().chain([old]).flatten().filter(|anchor| !anchor.is_empty()) {
            self.resources[number].anchors.entry(anchor.to_owned()).or_insert_with(|| pointer.clone());
        }
        for (keyword, value) in members {
            let at = format!("{pointer}/{}", escape(keyword));
            match (holds(keyword), value) {
                (Holds::Data, _) => {}
                (Holds::Schemas, Value::Array(items)) => {
                    items.iter().enumerate().for_each(|(i, item)| self.index(number, item, format!("{at}/{i}")));
                }
                (Holds::NamedSchemas, Value::Object(named)) => {
                    named.iter().for_each(|(name, item)| self.index(number, item, format!("{at}/{}", escape(name))));
                }
                (_, value) => self.index(number, value, at),
            }
        }
    }

    /// The schema of `registry` that has this URI.
    fn shared(&mut self, registry: usize, uri: &Uri<String>) -> Option<usize> {
        let key = (registry, uri.as_str().trim_end_matches('#').to_owned());
        if let Some(&known) = self.by_uri.get(&key) {
            return Some(known);
        }
        let Shared { registry: shared, ids } = &self.registries[registry];
        let id = ids.get(&key.1)?;
        let (schema, name) = (shared.get(id)?.clone(), names::of_uri(id));
        let resource = self.add_resource(schema, uri.clone(), registry);
        self.resources[resource].name = Some(name);
        self.by_uri.insert(key, resource);
        Some(resource)
    }

    /// The schema at a place, as it was written.
    pub(super) fn get(&self, place: &Place) -> &Value {
        self.resources[place.resource].schema.pointer(&place.pointer).unwrap_or(&Value::Null)
    }

    /// Where a reference leads.
    fn follow(&mut self, from: &Place, reference: &str) -> Result<Place, String> {
        let (target, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let Resource { registry, ref base, .. } = self.resources[from.resource];
        let mut resource = from.resource;
        if !target.is_empty() {
            let uri = jsonschema::uri::resolve_against(&base.borrow(), target);
            let uri = uri.map_err(|_| format!("{reference:?} is no URI reference"))?;
            resource = match self.shared(registry, &uri) {
                Some(found) => found,
                None if uri == self.resources[resource].base => resource,
                None => return Err(format!("there is no schema {target:?}; add it to the registry")),
            };
        }
        let fragment = unescape_percent(fragment);
        if !fragment.is_empty() && !fragment.starts_with('/') {
            let pointer = self.resources[resource].anchors.get(&fragment);
            let pointer = pointer.ok_or_else(|| format!("{reference:?}: no schema has the anchor {fragment:?}"))?;
            return Ok(Place { resource, pointer: pointer.clone() });
        }
        // The way may lead into a resource within: references there have another base.
        let mut pointer = fragment;
        while let Some((prefix, inner)) = self.resources[resource].inner.iter().find_map(|(prefix, &inner)| {
            let below = pointer.strip_prefix(prefix.as_str())?;
            (below.is_empty() || below.starts_with('/')).then_some((prefix.len(), inner))
        }) {
            pointer.drain(..prefix);
            resource = inner;
        }
        match self.resources[resource].schema.pointer(&pointer) {
            Some(Value::Object(_) | Value::Bool(_)) => Ok(Place { resource, pointer }),
            _ => Err(format!("{reference:?}: there is no schema at {pointer:?} in the one that it names")),
        }
    }

    /// What stands for a schema in the document: the schema itself, or a reference to it where it has a name.
    pub(super) fn write(&mut self, place: &Place) -> Value {
        let is_named_whole = place.pointer.is_empty() && self.resources[place.resource].name.is_some();
        if is_named_whole || titled(self.get(place)).is_some() {
            json!({ "$ref": self.refer(place.clone()) })
        } else {
            self.translate(place)
        }
    }

    /// The value of a `$ref` to a component, whose name comes later.
    fn refer(&mut self, place: Place) -> Value {
        let number = match self.numbers.get(&place) {
            Some(&number) => number,
            None => {
                let number = self.components.len();
                self.components.push(names::Component { wanted: self.wanted_name(&place), schema: Value::Null });
                self.numbers.insert(place.clone(), number);
                self.waiting.push_back((number, place));
                number
            }
        };
        format!("{UNNAMED}{number}").into()
    }

    /// The name of a component: that in `$defs`, or of the schema that it stands in and the way to it.
    fn wanted_name(&self, place: &Place) -> String {
        if let Some(title) = titled(self.get(place)).filter(|_| !place.pointer.is_empty()) {
            return title.to_owned();
        }
        let whole = self.resources[place.resource].name.as_deref();
        let mut tokens: Vec<String> = place.pointer.split('/').skip(1).map(unescape).collect();
        let defined = tokens.iter().rposition(|token| matches!(&**token, "$defs" | "definitions"));
        let prefix = match defined {
            Some(at) if at + 1 < tokens.len() => {
                tokens.drain(..=at);
                None
            }
            _ => whole.or(Some("Schema")),
        };
        let words = ["properties", "patternProperties", "dependentSchemas"];
        let tokens = tokens.iter().map(String::as_str).filter(|token| !words.contains(token));
        let parts: Vec<&str> = prefix.into_iter().chain(tokens).collect();
        names::valid(&parts.join("_"))
    }

    pub(super) fn has_components(&self) -> bool {
        !self.components.is_empty()
    }

    /// Translates what is left, and gives the components with their names.
    pub(super) fn finish(&mut self) -> names::Named {
        while let Some((number, place)) = self.waiting.pop_front() {
            let before = self.problems.len();
            let mut schema = self.translate(&place);
            for problem in &mut self.problems[before..] {
                *problem = format!("the schema {:?} at {problem}", self.components[number].wanted);
            }
            let wanted = &self.components[number].wanted;
            // Its name says it.
            if let Value::Object(members) = &mut schema
                && members.get("title").and_then(Value::as_str) == Some(wanted)
            {
                members.remove("title");
            }
            self.components[number].schema = schema;
        }
        names::Named::new(std::mem::take(&mut self.components), UNNAMED)
    }

    fn translate(&mut self, place: &Place) -> Value {
        let schema = self.get(place).clone();
        self.schema(place, &schema)
    }

    /// A schema within the one that is being translated.
    fn below(&mut self, place: &Place, way: &str, schema: &Value) -> Value {
        let pointer = format!("{}/{way}", place.pointer);
        if let Some(&resource) = self.resources[place.resource].inner.get(&pointer) {
            return json!({ "$ref": self.refer(Place { resource, pointer: String::new() }) });
        }
        let place = Place { resource: place.resource, pointer };
        match titled(schema) {
            Some(_) => json!({ "$ref": self.refer(place) }),
            None => self.schema(&place, schema),
        }
    }

    fn schema(&mut self, place: &Place, schema: &Value) -> Value {
        let Value::Object(members) = schema else { return schema.clone() };
        let draft = self.resources[place.resource].draft;
        let mut out = Map::new();
        let is_alone = draft < Draft::Draft201909 && members.get("$ref").is_some_and(Value::is_string);
        for (keyword, value) in members {
            let value = match (holds(keyword), value) {
                (Holds::Reference, Value::String(reference)) => {
                    match self.follow(place, reference) {
                        Ok(target) => drop(out.insert("$ref".into(), self.refer(target))),
                        // Those are everywhere.
                        Err(_) if is_meta_schema(reference) => drop(out.insert("$ref".into(), value.clone())),
                        Err(problem) => self.problems.push(format!("{}/{keyword}: {problem}", place.pointer)),
                    }
                    continue;
                }
                // Up to draft 7 only remarks may stand beside `$ref`.
                _ if is_alone
                    && !matches!(&**keyword, "title" | "description" | "default" | "examples" | "example") =>
                {
                    continue;
                }
                (Holds::Data | Holds::Reference, value) => value.clone(),
                (Holds::Schemas, Value::Array(items)) => {
                    let items = items.iter().enumerate();
                    items.map(|(i, item)| self.below(place, &format!("{}/{i}", escape(keyword)), item)).collect()
                }
                (Holds::NamedSchemas, Value::Object(named)) => {
                    let named = named.iter().map(|(name, item)| {
                        let way = format!("{}/{}", escape(keyword), escape(name));
                        (name.clone(), self.below(place, &way, item))
                    });
                    Value::Object(members::object(named))
                }
                (_, value) => self.below(place, &escape(keyword), value),
            };
            out.insert(keyword.clone(), value);
        }
        if let Some(mapping) = out.get("discriminator").and_then(|object| object.get("mapping")).cloned() {
            self.discriminator(place, &mapping, &mut out);
        }
        super::keywords::modern(out, draft)
    }

    /// The values of a mapping are names of schemas or references to them.
    fn discriminator(&mut self, place: &Place, mapping: &Value, out: &mut Map<String, Value>) {
        for (value, target) in mapping.as_object().into_iter().flatten() {
            let Some(target) = target.as_str().filter(|target| target.contains('#')) else { continue };
            let Ok(target) = self.follow(place, target) else { continue };
            let reference = self.refer(target);
            if let Some(entry) = out.get_mut("discriminator").and_then(|object| object["mapping"].get_mut(value)) {
                *entry = reference;
            }
        }
    }

    /// The properties of an object, each with whether it is required, in the order in which they are found: its own, and those that `$ref` and `allOf` add.
    pub(super) fn properties(&mut self, place: &Place) -> Vec<(String, Place, bool)> {
        let mut found = Vec::new();
        let mut required = Vec::new();
        self.collect(place, 0, &mut found, &mut required);
        found
            .into_iter()
            .map(|(name, place)| {
                let is_required = required.contains(&name);
                (name, place, is_required)
            })
            .collect()
    }

    fn collect(&mut self, place: &Place, depth: usize, found: &mut Vec<(String, Place)>, required: &mut Vec<String>) {
        let Value::Object(members) = self.get(place).clone() else { return };
        if depth > DEEPEST {
            return;
        }
        if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
            match self.follow(place, reference) {
                Ok(target) => self.collect(&target, depth + 1, found, required),
                Err(problem) => self.problems.push(format!("{}/$ref: {problem}", place.pointer)),
            }
        }
        for (i, _) in members.get("allOf").and_then(Value::as_array).into_iter().flatten().enumerate() {
            let pointer = format!("{}/allOf/{i}", place.pointer);
            self.collect(&Place { resource: place.resource, pointer }, depth + 1, found, required);
        }
        for name in members.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name) {
            let pointer = format!("{}/properties/{}", place.pointer, escape(name));
            if !found.iter().any(|(other, _)| other == name) {
                found.push((name.clone(), Place { resource: place.resource, pointer }));
            }
        }
        let names = members.get("required").and_then(Value::as_array).into_iter().flatten();
        required.extend(names.filter_map(Value::as_str).map(str::to_owned));
    }

    /// What a schema says with this keyword, or the one that it refers to.
    pub(super) fn says(&mut self, place: &Place, keyword: &str) -> Option<Value> {
        let mut place = place.clone();
        for _ in 0..DEEPEST {
            let schema = self.get(&place);
            if let Some(value) = schema.get(keyword) {
                return Some(value.clone());
            }
            let reference = schema.get("$ref").and_then(Value::as_str)?.to_owned();
            place = self.follow(&place, &reference).ok()?;
        }
        None
    }
}

/// `$id`, or `id` in draft 4, where it is a URI and no anchor. Up to draft 7 it means nothing beside `$ref`.
fn own_id(schema: &Value, draft: Draft) -> Option<&str> {
    let id = schema.get(if draft == Draft::Draft4 { "id" } else { "$id" })?.as_str()?;
    let ignored = draft < Draft::Draft201909 && schema.get("$ref").is_some();
    (!id.starts_with('#') && !ignored).then_some(id)
}

/// The name that a schema has by itself: its `$id`, or its title.
fn name_of(schema: &Value, draft: Draft) -> Option<String> {
    own_id(schema, draft).map(names::of_uri).or_else(|| titled(schema).map(str::to_owned))
}

/// A title that is a name, as generators of schemas write it. Not that of a scalar or a list, for `uint32` and `Array_of_User` say no more than the
/// schemas, and not of what may be something else too, which would have the name of what it may be.
fn titled(schema: &Value) -> Option<&str> {
    let title = schema.get("title")?.as_str().filter(|title| names::is_valid(title))?;
    let has = |keyword: &str| schema.get(keyword).is_some();
    let may_be_else = schema.get("type").is_some_and(Value::is_array) || schema.get("nullable").is_some();
    let is_object = schema.get("type").and_then(Value::as_str) == Some("object") || has("properties");
    let is_choice = ["oneOf", "anyOf", "allOf", "enum"].into_iter().any(has);
    (!may_be_else && (is_object || is_choice)).then_some(title)
}

/// What every validator has.
fn is_meta_schema(reference: &str) -> bool {
    reference.starts_with("https://json-schema.org/draft") || reference.starts_with("http://json-schema.org/draft")
}

/// A name as a token of a JSON pointer: RFC 6901, 3.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

fn unescape_percent(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, behind @ ..] = rest {
        let escaped = behind.get(..2).filter(|_| *byte == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*byte);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
