//! From what routes know about themselves to operations.

use fastweb_core::{KeyIn, ReplyDoc, Route, SecurityRequirement, SecurityScheme as Asked};
use fastweb_schema::openapi::{Api, Content, Operation, Requirement, Response, SecurityScheme};
use serde_json::Value;

/// A route, as it was when it was seen.
pub(super) struct Collected {
    operation: Operation,
    security: Vec<SecurityRequirement>,
    /// By document: whether it is in it.
    selected: Vec<bool>,
}

impl Collected {
    pub(super) fn new(route: &Route, selected: Vec<bool>) -> Self {
        let (doc, schemas) = (route.doc(), route.schemas());
        let mut methods = route.methods().map(str::to_owned);
        let mut operation = Operation::new(methods.next().unwrap_or_default(), route.path());
        operation.methods.extend(methods);
        operation.tags = doc.tags.iter().map(|tag| tag.clone().into_owned()).collect();
        let text = |text: &Option<std::borrow::Cow<'static, str>>| text.as_deref().map(str::to_owned);
        operation.summary = text(&doc.summary);
        operation.description = text(&doc.description);
        operation.operation_id = text(&doc.operation_id);
        operation.deprecated = doc.deprecated;
        operation.params = schemas.params.iter().cloned().collect();
        operation.query = schemas.query.iter().cloned().collect();
        operation.headers = schemas.headers.iter().cloned().collect();
        operation.body = body(route);
        operation.responses = responses(route);
        operation.registry = route.shared_schemas().cloned().unwrap_or_default();
        Self { operation, security: doc.security.clone(), selected }
    }
}

/// What the extractors of bodies read, by the beginnings of the names of their types.
const BODIES: [(&str, &str); 5] = [
    ("fastweb_core::extract::json::Json<", "application/json"),
    ("fastweb_core::extract::form::Form<", "application/x-www-form-urlencoded"),
    ("alloc::string::String", "text/plain"),
    ("bytes::bytes::Bytes", "*/*"),
    ("fastweb_core::body::Body", "*/*"),
];

fn body(route: &Route) -> Vec<Content> {
    let schemas = route.schemas();
    let by_type: Vec<_> = schemas.bodies.iter().map(|(ty, schema)| Content::new(ty, schema.clone())).collect();
    let taken = route.doc().arguments.iter().find_map(|argument| {
        let name = argument.type_name;
        let bare = name.strip_prefix("core::option::Option<").unwrap_or(name);
        BODIES.iter().find(|(start, _)| bare.starts_with(start)).map(|(_, media_type)| *media_type)
    });
    match (&schemas.body, taken) {
        (Some(schema), _) if by_type.is_empty() => {
            // What is not JSON is text, or bytes that a parser makes JSON of.
            let media_type = taken.filter(|media_type| *media_type != "*/*").unwrap_or("application/json");
            vec![Content::new(media_type, schema.clone())]
        }
        (None, Some(media_type)) if by_type.is_empty() => vec![Content::of(media_type)],
        _ => by_type,
    }
}

fn responses(route: &Route) -> Vec<Response> {
    let mut responses: Vec<_> =
        route.schemas().responses.iter().map(|(status, schema)| response(status, schema)).collect();
    if let Some(status) = route.doc().status
        && !responses.iter().any(|response| is_for(&response.status, status.as_str()))
    {
        responses.push(Response::of(status.as_str()));
    }
    let replies = &route.doc().replies;
    for (at, reply) in replies.iter().enumerate() {
        let same = |other: &&ReplyDoc| other.status == reply.status;
        // A schema of the route's own says more.
        if replies[..at].iter().any(|other| same(&other))
            || responses.iter().any(|response| is_for(&response.status, reply.status.as_str()))
        {
            continue;
        }
        let mut response = Response::of(reply.status.as_str());
        let lines = replies.iter().filter(same).map(|reply| match &reply.code {
            Some(code) => format!("`{code}`: {}", reply.description),
            None => reply.description.clone().into_owned(),
        });
        response.description = Some(lines.collect::<Vec<_>>().join("\n\n"));
        responses.push(response);
    }
    responses
}

/// Fastify lets an answer have content of several media types: `{ "content": { "text/csv": { "schema": … } } }`.
fn response(status: &str, schema: &Value) -> Response {
    let content = schema.get("content").and_then(Value::as_object).filter(|_| schema.get("type").is_none());
    let Some(content) = content else { return Response::new(status, schema.clone()) };
    let mut response = Response::of(status);
    response.description = schema.get("description").and_then(Value::as_str).map(str::to_owned);
    response.content = content
        .iter()
        .map(|(media_type, object)| match object.get("schema") {
            Some(schema) => Content::new(media_type, schema.clone()),
            None => Content::of(media_type),
        })
        .collect();
    response
}

fn is_for(key: &str, status: &str) -> bool {
    key == status || (key.len() == 3 && key[1..].eq_ignore_ascii_case("xx") && key.get(..1) == status.get(..1))
}

/// Adds the operations of a document.
pub(super) fn add(routes: &[Collected], document: usize, api: &mut Api) {
    let mut names: Vec<(Asked, String)> = Vec::new();
    for route in routes.iter().filter(|route| route.selected[document]) {
        let mut operation = route.operation.clone();
        let mut name = |requirement: &SecurityRequirement| {
            let asked = requirement.scheme;
            if let Some((_, name)) = names.iter().find(|(other, _)| *other == asked) {
                return Requirement::new(name);
            }
            let (wanted, scheme) = scheme(asked);
            let is_taken = |name: &str| names.iter().any(|(_, other)| other == name);
            let mut name = wanted.clone();
            let mut number = 1;
            while is_taken(&name) {
                number += 1;
                name = format!("{wanted}{number}");
            }
            api.security_scheme(&name, scheme);
            names.push((asked, name.clone()));
            Requirement::new(name)
        };
        let (required, optional): (Vec<_>, Vec<_>) =
            route.security.iter().partition(|requirement| requirement.is_required);
        let required: Vec<Requirement> = required.into_iter().map(&mut name).collect();
        // One of those that are optional beside all that are required, or none.
        for requirement in optional {
            operation.security.push([required.clone(), vec![name(requirement)]].concat());
        }
        if !route.security.is_empty() {
            operation.security.push(required);
        }
        api.add(operation);
    }
}

/// A scheme as arguments of handlers ask for it, and the name that it would have.
fn scheme(asked: Asked) -> (String, SecurityScheme) {
    match asked {
        Asked::Basic => ("basic".into(), SecurityScheme::basic()),
        Asked::Bearer => ("bearer".into(), SecurityScheme::bearer()),
        Asked::ApiKey { place, name } => {
            let place = match place {
                KeyIn::Query => "query",
                KeyIn::Cookie => "cookie",
                _ => "header",
            };
            let is_valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            (name.replace(|c| !is_valid(c), "_"), SecurityScheme::api_key(place, name))
        }
        // A kind that came later: better than nothing.
        _ => ("http".into(), SecurityScheme::bearer()),
    }
}
