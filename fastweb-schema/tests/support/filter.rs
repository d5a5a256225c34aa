//! What a serialiser writes, by the slow way that is obviously right: a copy of the value with what its schema lets through, made by
//! reading the schema anew for every part of it. Schemas refer to nothing outside of themselves.

use serde_json::{Map, Number, Value};

/// A schema that applies, and which of its choices are made.
type Part<'s> = (&'s Value, u8);

/// What leaves of `value`; `None` if the schema refuses it.
pub(crate) fn filter(root: &Value, value: &Value) -> Option<Value> {
    apply(root, vec![(root, 0)], value)
}

/// The schemas that apply where `parts` do, by `$ref` and `allOf`, in the order in which they are written.
fn expand<'s>(root: &'s Value, parts: Vec<Part<'s>>) -> Vec<Part<'s>> {
    fn add<'s>(root: &'s Value, part: Part<'s>, given: &[Part<'s>], all: &mut Vec<Part<'s>>) {
        // Choices that are made stay made, by whatever way a schema is met.
        let part = *given.iter().find(|(schema, _)| std::ptr::eq(*schema, part.0)).unwrap_or(&part);
        if part.0 == &Value::Bool(true) || all.iter().any(|(schema, _)| std::ptr::eq(*schema, part.0)) {
            return;
        }
        all.push(part);
        if let Some(reference) = part.0.get("$ref").and_then(Value::as_str) {
            add(root, (root.pointer(&reference[1..]).expect("the schema was compiled"), 0), given, all);
        }
        for schema in part.0.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            add(root, (schema, 0), given, all);
        }
    }
    let mut all = Vec::new();
    parts.iter().for_each(|part| add(root, *part, &parts, &mut all));
    all
}

/// The sets of schemas of which the first that fits applies; `None` if there is no choice to make.
fn branches<'s>(parts: &[Part<'s>]) -> Option<Vec<Vec<Part<'s>>>> {
    for (index, (schema, made)) in parts.iter().enumerate() {
        for (bit, keyword) in [(1, "anyOf"), (2, "oneOf"), (4, "if")] {
            let Some(choice) = schema.get(keyword).filter(|_| made & bit == 0) else { continue };
            let added: Vec<Vec<&Value>> = if keyword == "if" {
                vec![
                    [Some(choice), schema.get("then")].into_iter().flatten().collect(),
                    schema.get("else").into_iter().collect(),
                ]
            } else {
                choice.as_array().unwrap().iter().map(|schema| vec![schema]).collect()
            };
            let with = |added: Vec<&'s Value>| {
                let mut set = parts.to_vec();
                set[index].1 |= bit;
                set.extend(added.into_iter().map(|schema| (schema, 0)));
                set
            };
            return Some(added.into_iter().map(with).collect());
        }
    }
    None
}

fn apply(root: &Value, parts: Vec<Part<'_>>, value: &Value) -> Option<Value> {
    let parts = expand(root, parts);
    if let Some(branches) = branches(&parts) {
        let branch = branches.into_iter().find(|branch| fits(root, branch.clone(), value, true))?;
        return apply(root, branch, value);
    }
    let value = as_allowed(&parts, value)?;
    match &value {
        Value::Array(items) => {
            let item = |(index, item)| apply(root, item_parts(&parts, index)?, item);
            items.iter().enumerate().map(item).collect::<Option<Vec<Value>>>().map(Value::Array)
        }
        Value::Object(properties) if describes_objects(&parts) => {
            let mut left = Map::new();
            for (name, value) in properties {
                if let Some(parts) = property_parts(&parts, name) {
                    left.insert(name.clone(), apply(root, parts, value)?);
                }
            }
            for name in names(&parts).into_iter().filter(|name| !properties.contains_key(*name)) {
                let property = property_parts(&parts, name);
                match property.as_ref().and_then(|property| default(root, property.clone())) {
                    Some(default) => drop(left.insert(name.to_owned(), apply(root, property?, default)?)),
                    None if is_required(&parts, name) => return None,
                    None => {}
                }
            }
            Some(Value::Object(left))
        }
        _ => Some(value),
    }
}

/// Whether a branch is for this value.
fn fits(root: &Value, parts: Vec<Part<'_>>, value: &Value, deep: bool) -> bool {
    let parts = expand(root, parts);
    if let Some(branches) = branches(&parts) {
        return branches.into_iter().any(|branch| fits(root, branch, value, deep));
    }
    if as_allowed(&parts, value).is_none() {
        return false;
    }
    match value {
        Value::Array(items) if deep => {
            let item = |(index, item)| item_parts(&parts, index).is_some_and(|parts| fits(root, parts, item, false));
            items.iter().enumerate().all(item)
        }
        Value::Object(properties) if deep && describes_objects(&parts) => names(&parts).into_iter().all(|name| {
            let property = property_parts(&parts, name);
            match (properties.get(name), property) {
                (Some(value), Some(property)) => fits(root, property, value, false),
                (Some(_), None) => true,
                (None, property) => {
                    !is_required(&parts, name) || property.is_some_and(|property| default(root, property).is_some())
                }
            }
        }),
        _ => true,
    }
}

/// The value if its type is right and it is one of those allowed, an integer where one is wanted.
fn as_allowed(parts: &[Part<'_>], value: &Value) -> Option<Value> {
    let mut value = value.clone();
    let wants = |name: &str| parts.iter().all(|(schema, _)| allows(schema, name));
    if parts.iter().any(|(schema, _)| *schema == &Value::Bool(false)) {
        return None;
    }
    if let Value::Number(number) = &value
        && number.is_f64()
        && !wants("float")
    {
        value = Value::Number(whole(number).and_then(Number::from_i128)?);
    }
    let name = match &value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is_listed = |(schema, _): &Part<'_>| {
        let null = schema.get("nullable") == Some(&Value::Bool(true)) && value.is_null();
        let listed = |list: &Value| list.as_array().unwrap().iter().any(|listed| equal(listed, &value));
        null || (schema.get("enum").is_none_or(listed) && schema.get("const").is_none_or(|one| equal(one, &value)))
    };
    (wants(name) && parts.iter().all(is_listed)).then_some(value)
}

/// Whether `type` allows this; `float` is a number that is no integer.
fn allows(schema: &Value, name: &str) -> bool {
    let is = |listed: &Value| listed == name || (listed == "number" && matches!(name, "integer" | "float"));
    match schema.get("type") {
        None => true,
        Some(Value::Array(names)) => names.iter().any(is) || (schema["nullable"] == true && name == "null"),
        Some(one) => is(one) || (schema["nullable"] == true && name == "null"),
    }
}

/// An integer within 64 bits.
fn whole(number: &Number) -> Option<i128> {
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(float) => {
            (float.fract() == 0.0 && (-(2_f64.powi(63))..2_f64.powi(64)).contains(&float)).then_some(float as i128)
        }
        None => number.as_i128(),
    }
}

fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (whole(a), whole(b)) {
            (None, None) => a.as_f64() == b.as_f64(),
            (a, b) => a == b,
        },
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| equal(a, b)))
        }
        (a, b) => a == b,
    }
}

/// The schemas of an item; `None` if there may be none there.
fn item_parts<'s>(parts: &[Part<'s>], index: usize) -> Option<Vec<Part<'s>>> {
    let mut found = Vec::new();
    for (schema, _) in parts {
        let items = schema.get("items");
        let (prefix, rest) = match items {
            Some(Value::Array(prefix)) => (Some(prefix), schema.get("additionalItems")),
            rest => (schema.get("prefixItems").and_then(Value::as_array), rest),
        };
        if let Some(schema) = prefix.and_then(|prefix| prefix.get(index)).or(rest) {
            found.push((schema, 0));
        }
    }
    // No item behind one that may not be there.
    let may_be = |index| item_parts(parts, index).is_some();
    let none = found.iter().any(|(schema, _)| *schema == &Value::Bool(false));
    (!none && (index == 0 || may_be(index - 1))).then_some(found)
}

fn describes_objects(parts: &[Part<'_>]) -> bool {
    parts.iter().any(|(schema, _)| {
        let names_type = match schema.get("type") {
            Some(Value::Array(names)) => names.iter().any(|name| name == "object"),
            name => name.is_some_and(|name| name == "object"),
        };
        names_type
            || ["properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "required"]
                .iter()
                .any(|keyword| schema.get(keyword).is_some())
    })
}

/// The names that a schema says anything of.
fn names<'s>(parts: &[Part<'s>]) -> Vec<&'s str> {
    let properties = parts.iter().filter_map(|(schema, _)| schema.get("properties")?.as_object());
    let required = parts.iter().filter_map(|(schema, _)| schema.get("required")?.as_array());
    let properties = properties.flatten().map(|(name, _)| name.as_str());
    properties.chain(required.flatten().map(|name| name.as_str().unwrap())).collect()
}

fn is_required(parts: &[Part<'_>], name: &str) -> bool {
    let lists = parts.iter().filter_map(|(schema, _)| schema.get("required")?.as_array());
    lists.flatten().any(|required| required == name)
}

fn default<'s>(root: &'s Value, parts: Vec<Part<'s>>) -> Option<&'s Value> {
    expand(root, parts).iter().find_map(|(schema, _)| schema.get("default"))
}

/// The schemas of a property; `None` if it does not leave.
fn property_parts<'s>(parts: &[Part<'s>], name: &str) -> Option<Vec<Part<'s>>> {
    let mut found: Vec<&Value> = Vec::new();
    let matching = |schema: &'s Value| {
        let patterns = schema.get("patternProperties").and_then(Value::as_object);
        patterns.into_iter().flatten().filter(|(pattern, _)| matches(pattern, name)).map(|(_, schema)| schema)
    };
    let patterns: Vec<&Value> = parts.iter().flat_map(|(schema, _)| matching(schema)).collect();
    let declared = |schema: &'s Value| schema.get("properties").and_then(|properties| properties.get(name));
    if parts.iter().any(|(schema, _)| declared(schema).is_some()) || (is_required(parts, name) && !patterns.is_empty())
    {
        found.extend(patterns);
        for (schema, _) in parts {
            let additional = || schema.get("additionalProperties").filter(|schema| schema.is_object());
            found.extend(declared(schema).or_else(additional));
        }
    } else if let Some(first) = patterns.first() {
        found.push(first);
    } else {
        for (schema, _) in parts {
            found.extend(schema.get("additionalProperties").or_else(|| schema.get("unevaluatedProperties")));
        }
        if found.is_empty() {
            return None;
        }
    }
    let hidden = found.iter().any(|schema| **schema == Value::Bool(false));
    (!hidden).then(|| found.into_iter().map(|schema| (schema, 0)).collect())
}

/// Patterns that the tests use: a prefix, behind `^`.
fn matches(pattern: &str, name: &str) -> bool {
    name.starts_with(pattern.strip_prefix('^').expect("the tests use no other patterns"))
}
