//! What is answered where no route is: 404, 405, 400 for a malformed path, and `OPTIONS`.

use fastweb_router::{Miss, ParamType};
use http::StatusCode;

use crate::error::{Code, Detail, Error, Result};
use crate::reply::Reply;
use crate::request::Request;
use crate::route::{Route, route};

/// The record that each scope has for paths that its routes do not answer.
pub(crate) fn route_of_scope() -> Route {
    route("*", "*", answer)
}

fn answer(request: &mut Request, reply: &mut Reply) -> Result<()> {
    let routes = request.routes();
    let fastify_mode = routes.fastify_mode;
    if let Some(error) = request.unroutable.take() {
        return Err(error);
    }
    if let Some(error) = fault_of_path(request) {
        return Err(error);
    }
    // A request that its handler has passed on had the right method.
    let silent = fastify_mode || request.is_passed_on();
    let allowed = if silent { Vec::new() } else { request.allowed_methods() };
    // RFC 9110, 8.6: content-length says the same for HEAD as for GET, so the message does.
    let method = if request.method_str() == "HEAD" { "GET" } else { request.method_str() };
    let target = request.target();
    if allowed.is_empty() {
        let message = format!("Route {method}:{target} not found");
        if fastify_mode {
            return not_found_as_fastify(&message, reply);
        }
        return Err(Error::from_code(Code::NotFound).with_message(message));
    }
    let allow = allowed.join(", ");
    if method == "OPTIONS" && request.routes().automatic_options {
        reply.set_status(StatusCode::NO_CONTENT).set_header("allow", allow);
        return Ok(());
    }
    let message = format!("Route {method}:{target} not found; this path has {allow}");
    Err(Error::from_code(Code::MethodNotAllowed).with_message(message).with_header("allow", allow))
}

/// What is wrong with a path that no route could match whatever routes there are.
fn fault_of_path(request: &Request) -> Option<Error> {
    let routes = request.routes();
    let bad_url = |message: &'static str| Error::from_code(Code::BadUrl).with_message(message);
    match &request.miss {
        _ if request.is_passed_on() => None,
        Miss::BadEscape | Miss::DotSegment if routes.fastify_mode => {
            let message = format!("'{}' is not a valid url component", request.path());
            Some(Error::from_code(Code::BadUrl).with_message(message))
        }
        Miss::BadEscape => Some(bad_url("The path has a percent-escape that is malformed or no UTF-8")),
        Miss::DotSegment => Some(bad_url("The path has a `.` or `..` where a name is expected")),
        Miss::ParamTooLong { param, limit, .. } => {
            let message = format!("The path's parameter `{param}` is longer than {limit} bytes");
            Some(Error::from_code(Code::ParamTooLong).with_message(message))
        }
        Miss::WrongType { param, expected } if routes.refuse_wrong_types => {
            let (keyword, message) = wrong_type(*expected);
            Some(Error::invalid(Detail { part: "params", pointer: format!("/{param}"), keyword, message }))
        }
        _ => None,
    }
}

/// Keyword and message, as those of a schema with this type.
fn wrong_type(expected: ParamType) -> (&'static str, String) {
    let of_type = |name: &str| ("type", format!("must be {name}"));
    match expected {
        ParamType::F64 => of_type("number"),
        ParamType::Bool => of_type("boolean"),
        _ if expected.name().starts_with(['u', 'i']) && expected != ParamType::Uuid => of_type("integer"),
        _ => ("format", format!("must match format \"{expected}\"")),
    }
}

/// To Fastify this is an answer and no error: `on_error` hooks do not run for it, `pre_serialization` hooks do.
#[cfg(feature = "json")]
fn not_found_as_fastify(message: &str, reply: &mut Reply) -> Result<()> {
    reply.set_status(StatusCode::NOT_FOUND);
    reply.set_json(&serde_json::json!({ "message": message, "error": "Not Found", "statusCode": 404 }))
}

#[cfg(not(feature = "json"))]
fn not_found_as_fastify(message: &str, _: &mut Reply) -> Result<()> {
    Err(Error::new(StatusCode::NOT_FOUND, message.to_owned()))
}
