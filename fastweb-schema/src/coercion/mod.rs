//! Coercion: what is done to data before they are validated.

mod shape;
#[cfg(test)]
mod tests;
mod text;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::document::tape::Raw;
use crate::document::{Buffers, Builder, Document, Node};
use crate::members;
pub(crate) use shape::Shaper;
use shape::{ANY, Shape, ShapeId};
use text::{Coerced, Type, coerce};

/// What a [`Coercer`] does to data before they are validated.
///
/// ```
/// use fastweb_schema::Coercion;
///
/// assert!(!Coercion::body().types, "bodies are strict");
/// assert!(Coercion::text().types, "params, query and headers are text");
/// let lenient = Coercion { remove_additional: true, ..Coercion::body() };
/// # let _ = lenient;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coercion {
    /// Values of another type than the schema asks for are turned into it where ajv does that for Fastify: `"7"` into 7, `"true"` into true, a
    /// single value into an array of it; in documents also an array of one item into that item, `null` into 0, `""` or false, and true into 1.
    /// What cannot be turned stays as it is, and is refused by the validator.
    pub types: bool,
    /// Properties that are missing are filled in from `default`.
    pub defaults: bool,
    /// Properties that `additionalProperties: false` forbids are removed; otherwise the validator refuses them. Those that the schema allows are
    /// always kept.
    pub remove_additional: bool,
}

impl Coercion {
    /// For bodies: strict types, defaults, nothing is removed.
    pub fn body() -> Self {
        Self { types: false, defaults: true, remove_additional: false }
    }

    /// For params, query and headers: types, defaults, nothing is removed.
    pub fn text() -> Self {
        Self { types: true, defaults: true, remove_additional: false }
    }

    /// As Fastify does by default, for all parts of a request: types, defaults, and removal.
    pub fn fastify() -> Self {
        Self { types: true, defaults: true, remove_additional: true }
    }
}

/// A schema, compiled to what is done to data before they are validated. [`Registry::coercer`](crate::Registry::coercer) makes it. Cheap to
/// clone.
///
/// It looks at `properties`, `additionalProperties`, `items`, `prefixItems`, at what `$ref` and `allOf` add, and for the type of a single value
/// also at `anyOf` and `oneOf`. What only some values obey (the schemas in `anyOf`, `oneOf`, `not` and `if`) fills in and removes nothing.
///
/// ```
/// use fastweb_schema::{Buffers, Coercion, Registry};
/// use serde_json::json;
///
/// let schema = json!({
///     "type": "object",
///     "properties": {
///         "limit": { "type": "integer", "default": 10 },
///         "deep": { "type": "boolean" },
///         "ids": { "type": "array", "items": { "type": "integer" } },
///     },
/// });
/// let coercer = Registry::new().coercer(&schema, Coercion::text())?;
/// let query = coercer.read([("deep", "true"), ("ids", "1")], &mut Buffers::new());
/// assert_eq!(serde_json::to_value(&query)?, json!({ "deep": true, "ids": [1], "limit": 10 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Coercer(Arc<Inner>);

struct Inner {
    shapes: Vec<Shape>,
    root: ShapeId,
}

/// Defaults may have defaults of their own, and a schema that leads to itself has them without end.
const NESTED_DEFAULTS: usize = 4;

impl Coercer {
    pub(crate) fn new<'r>(
        shaper: Shaper<'r>,
        schema: &'r Value,
        resolver: referencing::Resolver<'r>,
        draft: referencing::Draft,
    ) -> Self {
        let (shapes, root) = shaper.run(schema, resolver, draft);
        Self(Arc::new(Inner { shapes, root }))
    }

    /// One that leaves documents as they are.
    pub(crate) fn idle() -> Self {
        Self(Arc::new(Inner { shapes: vec![Shape::default()], root: ANY }))
    }

    /// Whether there is anything that it could do to a document; if not, [`apply`](Self::apply) gives documents back as they are.
    ///
    /// ```
    /// # use fastweb_schema::{Coercion, Registry};
    /// # use serde_json::json;
    /// let registry = Registry::new();
    /// let plain = json!({ "properties": { "age": { "type": "integer" } } });
    /// assert!(!registry.coercer(&plain, Coercion::body())?.acts());
    /// assert!(registry.coercer(&plain, Coercion::fastify())?.acts());
    /// # Ok::<(), fastweb_schema::SchemaError>(())
    /// ```
    pub fn acts(&self) -> bool {
        self.shape(self.0.root).acts
    }

    /// Coerces a document.
    ///
    /// ```
    /// # use fastweb_schema::{Buffers, Coercion, Document, Registry};
    /// # use serde_json::json;
    /// let schema = json!({ "properties": { "age": { "type": "integer" } }, "additionalProperties": false });
    /// let coercer = Registry::new().coercer(&schema, Coercion::fastify())?;
    /// let document = coercer.apply(Document::parse(br#"{"age":"36","x":1}"#)?, &mut Buffers::new());
    /// assert_eq!(serde_json::to_string(&document)?, r#"{"age":36}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn apply(&self, document: Document, buffers: &mut Buffers) -> Document {
        if !self.acts() {
            return document;
        }
        let mut builder = Builder::new(buffers);
        self.node(self.0.root, document.root(), &mut builder, 0);
        document.recycle(buffers);
        builder.finish()
    }

    /// Makes a document of the names and values of params, a query or headers: an object, in the order of the names. Values of a name that
    /// comes several times are an array, in their order.
    ///
    /// Names and values are what they are without percent-encoding. Headers come with names in lower case: see [`header_schema`].
    ///
    /// ```
    /// # use fastweb_schema::{Buffers, Coercion, Registry};
    /// # use serde_json::json;
    /// let schema = json!({ "properties": { "n": { "type": "integer" } } });
    /// let coercer = Registry::new().coercer(&schema, Coercion::text())?;
    /// let query = coercer.read([("n", "5"), ("tag", "a"), ("tag", "b")], &mut Buffers::new());
    /// assert_eq!(serde_json::to_string(&query)?, r#"{"n":5,"tag":["a","b"]}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read<'a>(&self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>, buffers: &mut Buffers) -> Document {
        let mut pairs: Vec<_> = pairs.into_iter().enumerate().collect();
        // Sorted, because many names must not take time that grows with their square; then in the order of the first of each.
        pairs.sort_unstable_by_key(|&(position, (name, _))| (name, position));
        let mut groups: Vec<_> = pairs.chunk_by(|(_, a), (_, b)| a.0 == b.0).collect();
        groups.sort_unstable_by_key(|group| group[0].0);

        let mut builder = Builder::new(buffers);
        let shape = self.shape(self.0.root);
        let mark = builder.open();
        let mut len = 0;
        for group in &groups {
            let name = group[0].1.0;
            if !shape.keeps(name) {
                continue;
            }
            len += 1;
            builder.string(name);
            let id = shape.property(name).map_or(shape.additional, |property| property.shape);
            match group {
                [(_, (_, value))] => self.text(id, value, &mut builder),
                many => {
                    let items = self.shape(id);
                    let mark = builder.open();
                    for (position, (_, (_, value))) in many.iter().enumerate() {
                        let item = items.prefix.get(position).copied().unwrap_or(items.items);
                        self.text(item, value, &mut builder);
                    }
                    builder.close_array(mark, many.len());
                }
            }
        }
        let has = |name: &str| groups.iter().any(|group| group[0].1.0 == name);
        len += self.defaults(shape, has, &mut builder, 0);
        builder.close_object(mark, len);
        builder.finish()
    }

    fn shape(&self, id: ShapeId) -> &Shape {
        &self.0.shapes[id as usize]
    }

    fn text(&self, id: ShapeId, text: &str, builder: &mut Builder) {
        // What kind of value it is, is all that is asked of it.
        self.scalar(id, Raw::String { start: 0, len: 0 }, text, builder);
    }

    /// A value that is no array and no object. `text` is that of a string.
    fn scalar(&self, id: ShapeId, raw: Raw, text: &str, builder: &mut Builder) {
        let shape = self.shape(id);
        if !shape.types.is_empty() && !shape.types.iter().any(|kind| kind.has(raw)) {
            for &kind in &shape.types {
                if kind == Type::Array {
                    let mark = builder.open();
                    let item = shape.prefix.first().copied().unwrap_or(shape.items);
                    self.scalar(item, raw, text, builder);
                    return builder.close_array(mark, 1);
                }
                match coerce(kind, raw, text) {
                    Some(Coerced::Value(raw)) => return builder.push(raw),
                    Some(Coerced::Text(text)) => return builder.string(&text),
                    None => {}
                }
            }
        }
        match raw {
            Raw::String { .. } => builder.string(text),
            raw => builder.push(raw),
        }
    }

    fn node(&self, id: ShapeId, node: Node<'_>, builder: &mut Builder, nested: usize) {
        let shape = self.shape(id);
        if id == ANY || !shape.acts {
            return builder.node(node);
        }
        match node.raw() {
            Raw::Array { len, .. } => {
                // ajv takes an array of one item for that item where no array is asked for.
                if len == 1
                    && !shape.types.is_empty()
                    && !shape.types.contains(&Type::Array)
                    && let Some(item) = node.items().and_then(|mut items| items.next())
                    && !matches!(item.raw(), Raw::Array { .. } | Raw::Object { .. })
                {
                    return self.unwrapped(id, node, item, builder);
                }
                let mark = builder.open();
                for (position, item) in node.items().into_iter().flatten().enumerate() {
                    let id = shape.prefix.get(position).copied().unwrap_or(shape.items);
                    self.node(id, item, builder, nested);
                }
                builder.close_array(mark, len as usize);
            }
            Raw::Object { .. } => self.object(shape, node, builder, nested),
            raw => self.scalar(id, raw, node.as_str().unwrap_or_default(), builder),
        }
    }

    /// The only item of an array in its place, if it is or becomes what is asked for; else the array as it is.
    fn unwrapped(&self, id: ShapeId, array: Node<'_>, item: Node<'_>, builder: &mut Builder) {
        let (raw, text) = (item.raw(), item.as_str().unwrap_or_default());
        let types = &self.shape(id).types;
        if types.iter().any(|kind| kind.has(raw)) || types.iter().any(|&kind| coerce(kind, raw, text).is_some()) {
            self.scalar(id, raw, text, builder);
        } else {
            builder.node(array);
        }
    }

    fn object(&self, shape: &Shape, node: Node<'_>, builder: &mut Builder, nested: usize) {
        let mark = builder.open();
        let mut len = 0;
        for (name, value) in node.members().into_iter().flatten() {
            if shape.keeps(name) {
                len += 1;
                builder.string(name);
                let id = shape.property(name).map_or(shape.additional, |property| property.shape);
                self.node(id, value, builder, nested);
            }
        }
        len += self.defaults(shape, |name| node.get(name).is_some(), builder, nested);
        builder.close_object(mark, len);
    }

    /// Fills in what is missing. Returns how many properties that were.
    fn defaults(&self, shape: &Shape, has: impl Fn(&str) -> bool, builder: &mut Builder, nested: usize) -> usize {
        let mut filled = 0;
        if nested >= NESTED_DEFAULTS {
            return 0;
        }
        for property in &shape.properties {
            if let Some(default) = &property.default
                && !has(&property.name)
            {
                filled += 1;
                builder.string(&property.name);
                self.node(property.shape, default.root(), builder, nested + 1);
            }
        }
        filled
    }
}

impl fmt::Debug for Coercer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coercer").field("acts", &self.acts()).finish_non_exhaustive()
    }
}

/// The schema of headers, with the names in `properties` and `required` in lower case: so requests have them, and so does Fastify.
///
/// ```
/// use fastweb_schema::header_schema;
/// use serde_json::json;
///
/// let schema = json!({ "properties": { "X-Tenant": { "type": "integer" } }, "required": ["X-Tenant"] });
/// assert_eq!(header_schema(&schema), json!({ "properties": { "x-tenant": { "type": "integer" } }, "required": ["x-tenant"] }));
/// ```
pub fn header_schema(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let named = std::mem::take(properties).into_iter();
        *properties = members::object(named.map(|(name, schema)| (name.to_ascii_lowercase(), schema)));
    }
    for name in schema.get_mut("required").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::String(name) = name {
            name.make_ascii_lowercase();
        }
    }
    schema
}
