//! From a route to a tool: decided when the application is built.

use std::sync::Arc;

use fastweb_core::{Error, Result, Route};
use fastweb_schema::openapi::{Api, Info, Operation};
use rmcp::model::ToolAnnotations;
use serde_json::{Map, Value, json};

use super::tool::Tool;
use crate::plugins::operations::operation;

/// The name of the argument that is the body.
pub(super) const BODY: &str = "body";

/// A tool, and how its arguments become a request.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) tool: rmcp::model::Tool,
    pub(super) method: String,
    /// Those with more parameters first: of an optional one there is a path without it.
    pub(super) paths: Vec<Vec<Part>>,
    /// The names of what stands in the query.
    pub(super) query: Vec<String>,
    pub(super) body: Option<Body>,
    /// Method and path of the route, for messages.
    route: String,
}

/// A part of a path.
#[derive(Debug, PartialEq)]
pub(super) enum Part {
    Text(String),
    Param { name: String, may_have_slashes: bool },
}

/// How the body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    Json,
    Form,
    /// As it is, with its media type.
    Text(&'static str),
}

impl Plan {
    /// # Errors
    /// Why it cannot be a tool: completes the sentence "the route …".
    pub(super) fn of(route: &Route) -> Result<Self, String> {
        let asked = route.get_config::<Tool>().cloned().unwrap_or_default();
        let mut operation = operation(route);
        operation.methods.truncate(1);
        let method = operation.methods.first().cloned().unwrap_or_default();
        let body = body(&operation)?;
        // What it answers is no part of the schema.
        operation.responses.clear();
        let doc = route.doc();
        let name = match (asked.name, doc.operation_id.clone()) {
            (Some(name), _) | (None, Some(name)) => name.into_owned(),
            (None, None) => name_of(route, &method),
        };
        if !(1..=128).contains(&name.len())
            || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        {
            return Err(format!(
                "is a tool whose name {name:?} is none: one of letters, digits, `_`, `-` and `.` is given by `operation_id` or `Tool::name`"
            ));
        }
        let mut api = Api::new(Info::new(&*name, "1"));
        api.add(operation);
        let document = api.document().map_err(|error| format!("is a tool whose schemas cannot be told:\n{error}"))?;
        if let Some(left_out) = api.left_out().first() {
            return Err(format!("cannot be a tool: {left_out}"));
        }
        let Input { schema, paths, query } = Input::of(&document, &method, route.path())?;
        let title = asked.title.or_else(|| doc.summary.clone()).map(|title| title.into_owned());
        let description = asked.description.map(|text| text.into_owned()).unwrap_or_else(|| {
            let parts = [&doc.summary, &doc.description];
            parts.into_iter().flatten().map(|part| &**part).collect::<Vec<_>>().join("\n\n")
        });
        let read_only = asked.read_only.unwrap_or(matches!(&*method, "GET" | "HEAD" | "OPTIONS" | "TRACE"));
        let annotations = ToolAnnotations::from_raw(
            title.clone(),
            Some(read_only),
            Some(asked.destructive.unwrap_or(!read_only && method != "POST")),
            Some(asked.idempotent.unwrap_or(read_only || matches!(&*method, "PUT" | "DELETE"))),
            None,
        );
        let description = Some(description).filter(|text| !text.is_empty()).map(Into::into);
        let mut tool =
            rmcp::model::Tool::new_with_raw(name, description, Arc::new(schema)).with_annotations(annotations);
        tool.title = title;
        let route = format!("{method} {}", route.path());
        Ok(Self { tool, method, paths, query, body, route })
    }
}

/// Whether they can be told from one another.
///
/// # Errors
/// Two have one name.
pub(super) fn check(plans: &[Plan]) -> Result<()> {
    for (at, plan) in plans.iter().enumerate() {
        if let Some(other) = plans[..at].iter().find(|other| other.tool.name == plan.tool.name) {
            return Err(Error::internal(format!(
                "two tools are called {:?}, {} and {}: give one of them an `operation_id`, or another `Tool::name`",
                plan.tool.name, other.route, plan.route
            )));
        }
    }
    Ok(())
}

/// That of its function; of a closure there is none but that of the path.
fn name_of(route: &Route, method: &str) -> String {
    let function = route.handler_name().rsplit("::").next().unwrap_or_default();
    if !function.is_empty() && function.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return function.to_owned();
    }
    let words = route.path().split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(method.to_ascii_lowercase().as_str()).chain(words).collect::<Vec<_>>().join("_")
}

fn body(operation: &Operation) -> Result<Option<Body>, String> {
    let has = |is: fn(&str) -> bool| operation.body.iter().any(|content| is(&content.media_type));
    Ok(if operation.body.is_empty() {
        None
    } else if has(|ty| ty == "*/*" || ty == "application/json" || ty.ends_with("+json")) {
        Some(Body::Json)
    } else if has(|ty| ty == "application/x-www-form-urlencoded") {
        Some(Body::Form)
    } else if has(|ty| ty.starts_with("text/")) {
        Some(Body::Text("text/plain; charset=utf-8"))
    } else {
        let ty = &operation.body[0].media_type;
        return Err(format!("cannot be a tool: arguments are JSON, and make no body of the type {ty:?}"));
    })
}

/// What an operation of a document asks for.
struct Input {
    schema: Map<String, Value>,
    paths: Vec<Vec<Part>>,
    query: Vec<String>,
}

impl Input {
    fn of(document: &Value, method: &str, pattern: &str) -> Result<Self, String> {
        let method = method.to_ascii_lowercase();
        let items = document["paths"].as_object().into_iter().flatten();
        let mut items: Vec<_> =
            items.filter_map(|(path, item)| Some((parts(path, pattern), item.get(&method)?))).collect();
        items.sort_by_key(|(parts, _)| std::cmp::Reverse(parts.len()));
        let Some((_, whole)) = items.first() else {
            return Err(format!("cannot be a tool: OpenAPI has no word for the method {method:?}"));
        };
        let mut made = Made { properties: Map::new(), required: Vec::new() };
        let mut query = Vec::new();
        // Those of the path that stand in every form of it.
        let always = |name: &str| {
            items.iter().all(|(parts, _)| {
                parts.iter().any(|part| matches!(part, Part::Param { name: other, .. } if other == name))
            })
        };
        for parameter in whole["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap_or_default();
            let is_required = parameter["required"] == true;
            let mut schema = parameter["schema"].clone();
            if let (Some(description), Value::Object(schema)) = (parameter.get("description"), &mut schema) {
                schema.entry("description").or_insert_with(|| description.clone());
            }
            match parameter["in"].as_str() {
                Some("path") => made.add(name, schema, is_required && always(name))?,
                Some("query") => {
                    query.push(name.to_owned());
                    made.add(name, schema, is_required)?;
                }
                // Headers and cookies are those of the client itself.
                _ => {}
            }
        }
        if let Some(body) = whole.get("requestBody") {
            let content = body["content"].as_object().into_iter().flat_map(Map::values);
            let schema = content.filter_map(|content| content.get("schema")).next().cloned().unwrap_or(json!({}));
            made.add(BODY, schema, body["required"] == true)?;
        }
        let mut schema = json!({
            "type": "object",
            "properties": made.properties,
            "required": made.required,
            "additionalProperties": false,
        });
        bring_shared(&mut schema, &document["components"]["schemas"]);
        let Value::Object(schema) = schema else { return Err("has no input schema".into()) };
        Ok(Self { schema, paths: items.into_iter().map(|(parts, _)| parts).collect(), query })
    }
}

struct Made {
    properties: Map<String, Value>,
    required: Vec<String>,
}

impl Made {
    fn add(&mut self, name: &str, schema: Value, is_required: bool) -> Result<(), String> {
        if self.properties.insert(name.to_owned(), schema).is_some() {
            return Err(format!(
                "cannot be a tool: two of its arguments are called {name:?}, of path, query and `{BODY}`"
            ));
        }
        if is_required {
            self.required.push(name.to_owned());
        }
        Ok(())
    }
}

/// The parts of a path of a document. The pattern says which parameter has the rest.
fn parts(path: &str, pattern: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = path;
    while let Some((text, (name, behind))) =
        rest.split_once('{').and_then(|(text, rest)| Some((text, rest.split_once('}')?)))
    {
        parts.push(Part::Text(text.to_owned()));
        let may_have_slashes = pattern.contains(&format!("{{*{name}"));
        parts.push(Part::Param { name: name.to_owned(), may_have_slashes });
        rest = behind;
    }
    parts.push(Part::Text(rest.to_owned()));
    parts
}

/// What schemas refer to among the components of their document stands in `$defs`: a tool's schema stands for itself.
fn bring_shared(schema: &mut Value, components: &Value) {
    let mut wanted = Vec::new();
    refer(schema, &mut wanted);
    let mut shared = Map::new();
    while let Some(name) = wanted.pop() {
        if shared.contains_key(&name) {
            continue;
        }
        let mut component = components[&*name].clone();
        refer(&mut component, &mut wanted);
        shared.insert(name, component);
    }
    if !shared.is_empty() {
        schema["$defs"] = shared.into();
    }
}

/// Lets references to components be to `$defs`, and notes their names.
fn refer(schema: &mut Value, wanted: &mut Vec<String>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get_mut("$ref")
                && let Some(rest) = reference.strip_prefix("#/components/schemas/")
            {
                wanted.push(rest.split('/').next().unwrap_or_default().to_owned());
                *reference = format!("#/$defs/{rest}");
            }
            object.values_mut().for_each(|value| refer(value, wanted));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| refer(value, wanted)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_referred_to_comes_along_and_nothing_else() {
        let components = json!({
            "a": { "properties": { "b": { "$ref": "#/components/schemas/b" } } },
            "b": { "items": { "$ref": "#/components/schemas/a" } },
            "c": {},
        });
        let mut schema = json!({ "properties": { "x": { "$ref": "#/components/schemas/a" } } });
        bring_shared(&mut schema, &components);
        assert_eq!(schema["properties"]["x"]["$ref"], "#/$defs/a");
        let shared: Vec<_> = schema["$defs"].as_object().into_iter().flat_map(Map::keys).collect();
        assert_eq!(shared, ["a", "b"]);
        assert_eq!(schema["$defs"]["b"]["items"]["$ref"], "#/$defs/a");
    }

    #[test]
    fn a_path_is_text_and_parameters() {
        let param = |name: &str, may_have_slashes| Part::Param { name: name.into(), may_have_slashes };
        let text = |text: &str| Part::Text(text.into());
        assert_eq!(parts("/a/{id}/b", "/a/{id:u64}/b"), [text("/a/"), param("id", false), text("/b")]);
        assert_eq!(parts("/f/{path}", "/f/{*path}"), [text("/f/"), param("path", true), text("")]);
    }
}
