//! Schemas of models: schemars' with fastweb's constraints.

use std::borrow::Cow;
use std::cell::Cell;

use schemars::transform::Transform;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::rules::{Limit, Rules};

pub(super) fn schema_of_model<T: JsonSchema + ?Sized>() -> Value {
    root_schema(Asked { name: T::schema_name, id: T::schema_id, schema: T::json_schema })
}

/// The type whose schema is made, by what schemars asks of it.
#[derive(Clone, Copy)]
struct Asked {
    name: fn() -> Cow<'static, str>,
    id: fn() -> Cow<'static, str>,
    schema: fn(&mut SchemaGenerator) -> Schema,
}

thread_local! {
    static ASKED: Cell<Option<Asked>> = const { Cell::new(None) };
}

/// Stands for whatever type is asked for. schemars makes a root schema by a function that has the type as its parameter, of some 800 lines of LLVM's code; with
/// this it is compiled once, and not for each model (a tenth of what an application of 60 models took to compile, 2026-11).
struct Standin;

fn asked() -> Asked {
    ASKED.get().expect("schemars asks while a root schema is made")
}

impl JsonSchema for Standin {
    fn schema_name() -> Cow<'static, str> {
        (asked().name)()
    }

    fn schema_id() -> Cow<'static, str> {
        (asked().id)()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let asked = asked();
        let schema = (asked.schema)(generator);
        // One that was made within another has left its own.
        ASKED.set(Some(asked));
        schema
    }
}

fn root_schema(asked: Asked) -> Value {
    ASKED.set(Some(asked));
    let mut schema = SchemaGenerator::default().into_root_schema_for::<Standin>().to_value();
    tidy(&mut schema);
    schema
}

/// Takes schemars' names of Rust's numbers out: `uint8` is no format of JSON Schema, and what it means is said by bounds.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(members) => {
            let range = members.get("format").and_then(Value::as_str).and_then(range);
            if let Some((least, most)) = range {
                members.remove("format");
                for (keyword, bound) in [("minimum", least), ("maximum", most)] {
                    if let Some(bound) = bound
                        && !members.contains_key(keyword)
                    {
                        members.insert(keyword.to_owned(), bound);
                    }
                }
            }
            for (keyword, member) in members.iter_mut() {
                match (keyword.as_str(), member) {
                    // What is data, not a schema.
                    ("const" | "enum" | "default" | "examples", _) => {}
                    // Schemas by names, which may be any.
                    ("properties" | "patternProperties" | "$defs", Value::Object(schemas)) => {
                        schemas.values_mut().for_each(tidy);
                    }
                    (_, member) => tidy(member),
                }
            }
        }
        _ => {}
    }
}

fn range(format: &str) -> Option<(Option<Value>, Option<Value>)> {
    let range = |least: Value, most: Value| (Some(least).filter(|v| !v.is_null()), Some(most).filter(|v| !v.is_null()));
    Some(match format {
        "uint8" => range(json!(0), json!(u8::MAX)),
        "uint16" => range(json!(0), json!(u16::MAX)),
        "uint32" => range(json!(0), json!(u32::MAX)),
        "uint64" | "uint" => range(json!(0), json!(u64::MAX)),
        "uint128" => range(json!(0), Value::Null),
        "int8" => range(json!(i8::MIN), json!(i8::MAX)),
        "int16" => range(json!(i16::MIN), json!(i16::MAX)),
        "int32" => range(json!(i32::MIN), json!(i32::MAX)),
        "int64" | "int" => range(json!(i64::MIN), json!(i64::MAX)),
        "int128" | "float" | "double" => range(Value::Null, Value::Null),
        _ => return None,
    })
}

/// Writes rules into a schema.
#[derive(Debug)]
pub struct Constrain(pub &'static Rules);

impl Transform for Constrain {
    fn transform(&mut self, schema: &mut Schema) {
        constrain(schema.ensure_object(), self.0);
    }
}

fn constrain(schema: &mut Map<String, Value>, rules: &Rules) {
    let mut set = |keyword: &str, value: Value| {
        // What is narrower already, stays: a `u8` is never above 255.
        let is_narrower = match (keyword, schema.get(keyword).and_then(Value::as_f64), value.as_f64()) {
            ("minimum" | "minLength" | "minItems", Some(old), Some(new)) => old > new,
            ("maximum" | "maxLength" | "maxItems", Some(old), Some(new)) => old < new,
            _ => false,
        };
        if !is_narrower {
            schema.insert(keyword.to_owned(), value);
        }
    };
    let counts = [
        ("minLength", rules.min_length, 0),
        ("maxLength", rules.max_length, u32::MAX),
        ("minItems", rules.min_items, 0),
        ("maxItems", rules.max_items, u32::MAX),
    ];
    for (keyword, count, none) in counts {
        if count != none {
            set(keyword, count.into());
        }
    }
    let limits = [
        ("minimum", rules.minimum),
        ("maximum", rules.maximum),
        ("exclusiveMinimum", rules.exclusive_minimum),
        ("exclusiveMaximum", rules.exclusive_maximum),
        ("multipleOf", rules.multiple_of),
    ];
    for (keyword, limit) in limits {
        match limit {
            Limit::None => {}
            Limit::Unsigned(value) => set(keyword, value.into()),
            Limit::Negative(value) => set(keyword, value.into()),
            Limit::Float(value) => set(keyword, value.into()),
        }
    }
    if rules.unique_items {
        set("uniqueItems", true.into());
    }
    if let Some(format) = rules.format {
        set("format", format.name.into());
    }
    if let Some(pattern) = rules.pattern {
        set("pattern", pattern.source.into());
    }
    if let Some(rules) = rules.items {
        for keyword in ["items", "additionalProperties"] {
            if let Some(Value::Object(items)) = schema.get_mut(keyword) {
                constrain(items, rules);
            }
        }
    }
}

/// Other names of fields and variants, which a schema has to allow. The first of each list is the one that it has.
#[derive(Debug)]
pub struct Aliases(pub &'static [&'static [&'static str]]);

impl Transform for Aliases {
    fn transform(&mut self, schema: &mut Schema) {
        for names in self.0 {
            if let [name, others @ ..] = names {
                Alias(name, others).of(schema.ensure_object(), false);
            }
        }
    }
}

struct Alias(&'static str, &'static [&'static str]);

impl Alias {
    fn of(&self, schema: &mut Map<String, Value>, is_variant: bool) {
        self.of_object(schema, is_variant);
        self.of_texts(schema);
        let Some(Value::Array(variants)) = schema.get_mut("oneOf") else { return };
        for variant in variants.iter_mut().filter_map(Value::as_object_mut) {
            self.of(variant, true);
            // A variant that is told by the name of its only member.
            if let Some(Value::Object(properties)) = variant.get_mut("properties")
                && properties.len() == 1
            {
                properties
                    .values_mut()
                    .filter_map(Value::as_object_mut)
                    .for_each(|content| self.of_object(content, false));
            }
        }
    }

    /// That one of the names is there is for the type itself to say: it knows the same words for it.
    fn of_object(&self, schema: &mut Map<String, Value>, is_variant: bool) {
        let Self(name, others) = self;
        let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
        let Some(property) = properties.get(*name).cloned() else { return };
        let is_member =
            is_variant && properties.len() == 1 && schema.get("additionalProperties") == Some(&Value::Bool(false));
        let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
        for other in *others {
            properties.insert((*other).to_owned(), property.clone());
        }
        if let Some(Value::Array(required)) = schema.get_mut("required") {
            required.retain(|required| required != name);
            if required.is_empty() {
                schema.remove("required");
            }
        }
        if is_member {
            schema.insert("minProperties".to_owned(), 1.into());
            schema.insert("maxProperties".to_owned(), 1.into());
        }
    }

    fn of_texts(&self, schema: &mut Map<String, Value>) {
        let Self(name, others) = self;
        if let Some(Value::Array(texts)) = schema.get_mut("enum")
            && texts.iter().any(|text| text == name)
        {
            texts.extend(others.iter().map(|other| Value::from(*other)));
        }
        if schema.get("const").is_some_and(|text| text == name) {
            schema.remove("const");
            let names = std::iter::once(name).chain(*others);
            schema.insert("enum".to_owned(), names.map(|name| Value::from(*name)).collect());
        }
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            for property in properties.values_mut().filter_map(Value::as_object_mut) {
                // The tag of a variant.
                if property.get("const").is_some_and(|text| text == name) {
                    self.of_texts(property);
                }
            }
        }
    }
}
