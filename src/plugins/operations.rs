//! From what routes know about themselves to operations of an API: what is common to all who describe it.

use fastweb_core::{ArgumentSource, PartDoc, ReplyDoc, Route, RouteSchemas, StatusCode};
use fastweb_schema::openapi::{Content, Operation, Response};
use serde_json::Value;

/// The operation that a route is, without who may ask for it.
pub(super) fn operation(route: &Route) -> Operation {
    let (doc, schemas) = (route.doc(), route.schemas());
    let mut methods = route.methods().map(str::to_owned);
    let mut operation = Operation::new(methods.next().unwrap_or_default(), path(route));
    operation.methods.extend(methods);
    operation.tags = doc.tags.iter().map(|tag| tag.clone().into_owned()).collect();
    let text = |text: &Option<std::borrow::Cow<'static, str>>| text.as_deref().map(str::to_owned);
    operation.summary = text(&doc.summary);
    operation.description = text(&doc.description);
    operation.operation_id = text(&doc.operation_id);
    operation.deprecated = doc.deprecated;
    let both = |own: &Option<Value>, part: &PartDoc| own.iter().chain(&part.schemas).cloned().collect();
    operation.params = both(&schemas.params, &doc.params);
    operation.query = both(&schemas.query, &doc.query);
    operation.headers = both(&schemas.headers, &doc.headers);
    operation.cookies = doc.cookies.schemas.clone();
    operation.body = body(route);
    operation.body_is_optional = !schemas_of_body(schemas) && doc.bodies.iter().all(|body| !body.is_required);
    operation.responses = responses(route);
    operation.registry = route.shared_schemas().cloned().unwrap_or_default();
    operation
}

/// The pattern, with the types of arguments that are parameters of it: who takes `id: u64` for `{id}` might as well have written `{id:u64}`.
fn path(route: &Route) -> String {
    let mut path = route.path().to_owned();
    // Braces that are text are not to be taken for others.
    if path.contains("{{") {
        return path;
    }
    for argument in &route.doc().arguments {
        let Some(name) = argument.name.filter(|_| argument.source == ArgumentSource::Path) else { continue };
        let ty = argument.type_name;
        let ty = ty.strip_prefix("core::option::Option<").and_then(|ty| ty.strip_suffix('>')).unwrap_or(ty);
        let ty = match ty {
            "u8" | "u16" | "u32" | "u64" | "u128" | "i8" | "i16" | "i32" | "i64" | "i128" | "f64" | "bool" => ty,
            "usize" => "u64",
            "isize" => "i64",
            "f32" => "f64",
            "uuid::Uuid" => "uuid",
            _ => continue,
        };
        path = path.replace(&format!("{{{name}}}"), &format!("{{{name}:{ty}}}"));
        path = path.replace(&format!("{{{name}?}}"), &format!("{{{name}:{ty}?}}"));
    }
    path
}

/// Whether the route itself says what its body is. A request without one is checked, too.
fn schemas_of_body(schemas: &RouteSchemas) -> bool {
    schemas.body.is_some() || !schemas.bodies.is_empty()
}

/// What the route says of its body, or else what its arguments read.
fn body(route: &Route) -> Vec<Content> {
    let (schemas, read) = (route.schemas(), &route.doc().bodies);
    let mut content: Vec<_> = schemas.bodies.iter().map(|(ty, schema)| Content::new(ty, schema.clone())).collect();
    if let Some(schema) = &schemas.body
        && content.is_empty()
    {
        // What is no JSON and no form is text, or something that a parser makes JSON of.
        let media_type = read.iter().map(|body| body.media_type).find(|media_type| *media_type != "*/*");
        content.push(Content::new(media_type.unwrap_or("application/json"), schema.clone()));
    }
    if content.is_empty() {
        for body in read {
            let known = content.iter_mut().find(|content| content.media_type == body.media_type);
            match (known, &body.schema) {
                (Some(known), schema) => known.schema = known.schema.take().or_else(|| schema.clone()),
                (None, Some(schema)) => content.push(Content::new(body.media_type, schema.clone())),
                (None, None) => content.push(Content::of(body.media_type)),
            }
        }
    }
    content
}

fn responses(route: &Route) -> Vec<Response> {
    let mut responses: Vec<_> =
        route.schemas().responses.iter().map(|(status, schema)| response(status, schema)).collect();
    let doc = route.doc();
    let status = doc.status.unwrap_or(StatusCode::OK);
    if !responses.iter().any(|response| is_for(&response.status, status.as_str())) {
        match (&doc.answer_schema, doc.answer_media_type) {
            (schema, Some(media_type)) => {
                let mut content = Content::of(media_type);
                content.schema = schema.clone();
                let mut response = Response::of(status.as_str());
                response.content = vec![content];
                responses.push(response);
            }
            (Some(schema), None) => responses.push(Response::new(status.as_str(), schema.clone())),
            (None, None) if doc.status.is_some() => responses.push(Response::of(status.as_str())),
            (None, None) => {}
        }
    }
    let replies = &doc.replies;
    for (at, reply) in replies.iter().enumerate() {
        let same = |other: &&ReplyDoc| other.status == reply.status;
        // A schema of the route's own says more.
        if replies[..at].iter().any(|other| same(&other))
            || responses.iter().any(|response| is_for(&response.status, reply.status.as_str()))
        {
            continue;
        }
        let mut response = Response::of(reply.status.as_str());
        response.is_error = reply.status.as_u16() >= 400;
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
    let is_class = key.len() == 3 && key.get(1..).is_some_and(|rest| rest.eq_ignore_ascii_case("xx"));
    key == status || (is_class && key.get(..1) == status.get(..1))
}
