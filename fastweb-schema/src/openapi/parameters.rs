//! Parameters: of the path, the query, headers and cookies.

use serde_json::{Map, Value, json};

use super::path::Template;
use super::schemas::{Place, Schemas};
use crate::members;

/// Where parameters stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum In {
    Query,
    Header,
    Cookie,
}

impl In {
    fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }

    /// What OpenAPI wants said elsewhere: a Parameter Object with these names is ignored (OpenAPI 3.1, 4.8.12.2).
    fn ignores(self, name: &str) -> bool {
        self == Self::Header
            && ["accept", "content-type", "authorization"].iter().any(|other| name.eq_ignore_ascii_case(other))
    }
}

/// The parameters of a path. `renamed` are their names in the document, which another method of the path has chosen.
pub(super) fn of_path(
    template: &Template,
    renamed: &[String],
    declared: &[(String, Place, bool)],
    schemas: &mut Schemas,
    out: &mut Vec<Value>,
) {
    for (param, name) in template.params.iter().zip(renamed) {
        let mut object = match declared.iter().find(|(name, ..)| *name == param.name) {
            Some((_, place, _)) => object(place, schemas),
            None => members::single("schema", param.schema.clone()),
        };
        object.insert("name".into(), name.as_str().into());
        object.insert("in".into(), "path".into());
        object.insert("required".into(), true.into());
        if param.is_rest && !object.contains_key("description") {
            object.insert("description".into(), "The rest of the path, slashes included.".into());
        }
        out.push(Value::Object(object));
    }
}

/// Parameters that are the properties of an object.
pub(super) fn of_object(part: In, properties: &[(String, Place, bool)], schemas: &mut Schemas, out: &mut Vec<Value>) {
    for (name, place, is_required) in properties {
        if part.ignores(name) {
            continue;
        }
        let mut object = object(place, schemas);
        // Several values come under the same name again and again.
        if part == In::Query && takes_several(place, schemas) {
            object.insert("style".into(), "form".into());
            object.insert("explode".into(), true.into());
        }
        object.insert("name".into(), name.as_str().into());
        object.insert("in".into(), part.name().into());
        if *is_required {
            object.insert("required".into(), true.into());
        }
        out.push(Value::Object(object));
    }
}

/// The headers of an answer, by name.
pub(super) fn headers(properties: &[(String, Place, bool)], schemas: &mut Schemas) -> Map<String, Value> {
    let mut headers = Map::new();
    for (name, place, is_required) in properties {
        if name.eq_ignore_ascii_case("content-type") {
            continue;
        }
        let mut object = object(place, schemas);
        if *is_required {
            object.insert("required".into(), true.into());
        }
        headers.insert(name.clone(), Value::Object(object));
    }
    headers
}

/// What a parameter and a header have in common. What a schema says to readers of its parameter is said by the parameter.
fn object(place: &Place, schemas: &mut Schemas) -> Map<String, Value> {
    let mut object = Map::new();
    if let Some(description) = schemas.says(place, "description").filter(Value::is_string) {
        object.insert("description".into(), description);
    }
    if schemas.says(place, "deprecated") == Some(Value::Bool(true)) {
        object.insert("deprecated".into(), true.into());
    }
    let mut schema = schemas.write(place);
    if let Value::Object(members) = &mut schema {
        for keyword in ["description", "deprecated"] {
            if object.contains_key(keyword) {
                members.remove(keyword);
            }
        }
    }
    object.insert("schema".into(), schema);
    object
}

fn takes_several(place: &Place, schemas: &mut Schemas) -> bool {
    match schemas.says(place, "type") {
        Some(Value::Array(types)) => types.contains(&json!("array")),
        Some(one) => one == "array",
        None => false,
    }
}
