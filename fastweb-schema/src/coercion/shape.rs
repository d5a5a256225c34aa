//! What a schema says about the form of data, apart from whether they are valid: types, defaults, and which names it knows.

use referencing::{Draft, Resolver, ResourceRef};
use serde_json::{Map, Value};

use super::Coercion;
use super::text::Type;
use crate::address::ByAddress;
use crate::document::Document;
use crate::members;
use crate::validator::judge::{Judge, Judged};

pub(super) type ShapeId = u32;

/// The shape of values that are left as they are.
pub(super) const ANY: ShapeId = 0;

#[derive(Default)]
pub(super) struct Shape {
    /// Empty where nothing is turned into anything.
    pub(super) types: Vec<Type>,
    pub(super) properties: Vec<Property>,
    pub(super) additional: ShapeId,
    /// Where names that the schema forbids are removed: what they may be beside `properties`.
    pub(super) removes: Option<Vec<Judge>>,
    pub(super) prefix: Vec<ShapeId>,
    pub(super) items: ShapeId,
    /// Something is to be done for a value of this shape, or for one within it.
    pub(super) acts: bool,
}

pub(super) struct Property {
    pub(super) name: Box<str>,
    pub(super) shape: ShapeId,
    pub(super) default: Option<Document>,
}

impl Shape {
    pub(super) fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| *property.name == *name)
    }

    pub(super) fn keeps(&self, name: &str) -> bool {
        let Some(patterns) = &self.removes else { return true };
        if self.property(name).is_some() {
            return true;
        }
        !patterns.is_empty() && {
            let name = name.to_owned();
            patterns.iter().any(|pattern| pattern.is_valid(Judged::Name(&name)))
        }
    }
}

/// A schema with what it takes to follow its references.
#[derive(Clone)]
struct Source<'r> {
    schema: &'r Value,
    resolver: Resolver<'r>,
    draft: Draft,
}

pub(crate) struct Shaper<'r> {
    shapes: Vec<Shape>,
    /// By the places in memory of all schemas that one value has to obey.
    known: ByAddress<Vec<*const Value>, ShapeId>,
    coercion: Coercion,
    judge: &'r dyn Fn(Draft, &Value) -> Option<Judge>,
}

impl<'r> Shaper<'r> {
    pub(crate) fn new(coercion: Coercion, judge: &'r dyn Fn(Draft, &Value) -> Option<Judge>) -> Self {
        Self { shapes: vec![Shape::default()], known: ByAddress::default(), coercion, judge }
    }

    pub(super) fn run(mut self, schema: &'r Value, resolver: Resolver<'r>, draft: Draft) -> (Vec<Shape>, ShapeId) {
        let root = self.shape(vec![Source { schema, resolver, draft }]);
        self.spread();
        (self.shapes, root)
    }

    fn shape(&mut self, sources: Vec<Source<'r>>) -> ShapeId {
        let mut all = Vec::new();
        for source in sources {
            flatten(source, &mut all);
        }
        if all.is_empty() {
            return ANY;
        }
        let key: Vec<_> = all.iter().map(|source| std::ptr::from_ref(source.schema)).collect();
        if let Some(&shape) = self.known.get(&key) {
            return shape;
        }
        let id = self.shapes.len() as ShapeId;
        self.shapes.push(Shape::default());
        self.known.insert(key, id);
        let shape = self.build(&all);
        self.shapes[id as usize] = shape;
        id
    }

    fn build(&mut self, sources: &[Source<'r>]) -> Shape {
        let mut shape = Shape::default();
        if self.coercion.types {
            shape.types = sources
                .iter()
                .map(types)
                .find(|types| !types.is_empty())
                .or_else(|| sources.iter().map(types_of_branches).find(|types| !types.is_empty()))
                .unwrap_or_default();
        }
        // By name, what each of the schemas says of it.
        let mut members: Vec<(&'r String, Vec<Source<'r>>)> = Vec::new();
        let (mut rest, mut items): (Vec<Source<'r>>, Vec<Source<'r>>) = (Vec::new(), Vec::new());
        let mut prefix: Vec<Vec<Source<'r>>> = Vec::new();
        let (mut forbids, mut patterns) = (false, Vec::new());
        for source in sources {
            let Value::Object(schema) = source.schema else { continue };
            for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
                let member = source.at(member);
                match members.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, all)) => all.push(member),
                    None => members.push((name, vec![member])),
                }
            }
            match schema.get("additionalProperties") {
                Some(Value::Bool(allowed)) => forbids |= !allowed,
                Some(additional) => rest.push(source.at(additional)),
                None => {}
            }
            for pattern in schema.get("patternProperties").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
                let single = Value::Object(members::single("pattern", pattern.as_str().into()));
                patterns.extend((self.judge)(source.draft, &single));
            }
            let lists = [schema.get("prefixItems"), schema.get("items").filter(|items| items.is_array())];
            for list in lists.into_iter().flatten().filter_map(Value::as_array) {
                prefix.resize_with(prefix.len().max(list.len()), Vec::new);
                prefix.iter_mut().zip(list).for_each(|(all, item)| all.push(source.at(item)));
            }
            let of_rest = match schema.get("items") {
                Some(Value::Array(_)) => schema.get("additionalItems"),
                one => one,
            };
            items.extend(of_rest.map(|item| source.at(item)));
        }
        for (name, sources) in members {
            let default = self.coercion.defaults.then(|| sources.iter().find_map(default)).flatten();
            let property = Property { name: name.as_str().into(), shape: self.shape(sources), default };
            shape.properties.push(property);
        }
        shape.additional = self.shape(rest);
        shape.prefix = prefix.into_iter().map(|sources| self.shape(sources)).collect();
        shape.items = self.shape(items);
        shape.removes = (forbids && self.coercion.remove_additional).then_some(patterns);
        shape.acts = !shape.types.is_empty()
            || shape.removes.is_some()
            || shape.properties.iter().any(|property| property.default.is_some());
        shape
    }

    /// A shape acts if one within it does. Shapes may lead to each other in circles, so this goes on until nothing changes.
    fn spread(&mut self) {
        loop {
            let mut changed = false;
            for id in 0..self.shapes.len() {
                let shape = &self.shapes[id];
                let inner = shape.properties.iter().map(|property| property.shape);
                let mut inner = inner.chain(shape.prefix.iter().copied()).chain([shape.additional, shape.items]);
                if !shape.acts && inner.any(|inner| self.shapes[inner as usize].acts) {
                    self.shapes[id].acts = true;
                    changed = true;
                }
            }
            if !changed {
                return;
            }
        }
    }
}

impl<'r> Source<'r> {
    fn at(&self, schema: &'r Value) -> Self {
        let resource = ResourceRef::new(schema, self.draft);
        let resolver = self.resolver.in_subresource(resource).unwrap_or_else(|_| self.resolver.clone());
        Self { schema, resolver, draft: self.draft }
    }
}

/// A schema with all that it adds by `$ref` and `allOf`: what a value has to obey whatever it is.
fn flatten<'r>(source: Source<'r>, all: &mut Vec<Source<'r>>) {
    let Value::Object(schema) = source.schema else { return };
    if all.iter().any(|known| std::ptr::eq(known.schema, source.schema)) {
        return;
    }
    let reference = schema.get("$ref").and_then(Value::as_str);
    let only_reference = reference.is_some()
        && matches!(source.draft, Draft::Draft4 | Draft::Draft6 | Draft::Draft7)
        && schema.get("default").is_none();
    if !only_reference {
        all.push(source.clone());
    }
    if let Some(reference) = reference
        && let Ok(target) = source.resolver.lookup(reference)
    {
        let (schema, resolver, draft) = target.into_inner();
        // A reference to itself would not end.
        if !std::ptr::eq(schema, source.schema) {
            flatten(Source { schema, resolver, draft }, all);
        }
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        flatten(source.at(part), all);
    }
}

fn types(source: &Source<'_>) -> Vec<Type> {
    match source.schema.get("type") {
        Some(Value::Array(names)) => names.iter().filter_map(|name| Type::named(name.as_str()?)).collect(),
        Some(name) => name.as_str().and_then(Type::named).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Of a schema without a type: those of its `anyOf` or `oneOf`, one after the other.
fn types_of_branches(source: &Source<'_>) -> Vec<Type> {
    let branches = ["anyOf", "oneOf"].iter().find_map(|keyword| source.schema.get(*keyword)?.as_array());
    let mut all = Vec::new();
    for branch in branches.into_iter().flatten() {
        let mut parts = Vec::new();
        flatten(source.at(branch), &mut parts);
        for one in parts.iter().map(types).find(|types| !types.is_empty()).unwrap_or_default() {
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    all
}

fn default(source: &Source<'_>) -> Option<Document> {
    source.schema.get("default").map(Document::from)
}
