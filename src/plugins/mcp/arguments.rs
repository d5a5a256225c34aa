//! From the arguments of a call to a request, and from its answer to a result.

use fastweb_core::{ConnectInfo, Inject, InjectReply};
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Map, Value, json};

use super::plan::{BODY, Body, Part, Plan};
use crate::plugins::percent;

/// Headers of the client that say something about its own request and not about who it is: they are not the call's. So are all that begin with these.
const OWN: [&str; 14] = [
    "accept",
    "connection",
    "content-",
    "expect",
    "if-",
    "keep-alive",
    "last-event-id",
    "mcp-",
    "origin",
    "proxy-",
    "range",
    "sec-",
    "t",
    "upgrade",
];

/// Whether a header is handed on to the route.
fn is_handed_on(name: &str) -> bool {
    match name {
        // Who it is for, what it speaks, and what traces go by.
        "accept-language" | "accept-version" | "traceparent" | "tracestate" => true,
        _ => !OWN.iter().any(|own| {
            if *own == "t" { matches!(name, "te" | "trailer" | "transfer-encoding") } else { name.starts_with(own) }
        }),
    }
}

impl Plan {
    /// The request that `arguments` make, from a client that has sent `parts`.
    ///
    /// # Errors
    /// The result that says what is wrong with them.
    pub(super) fn request(
        &self,
        arguments: &Map<String, Value>,
        parts: Option<&http::request::Parts>,
    ) -> Result<Inject, CallToolResult> {
        let mut target = self.path(arguments)?;
        let mut pairs = Vec::new();
        for name in &self.query {
            if let Some(value) = arguments.get(name) {
                add_pairs(&mut pairs, name, value);
            }
        }
        if !pairs.is_empty() {
            target.push('?');
            target.push_str(&form(&pairs));
        }
        let mut request = Inject::new(&*self.method, target);
        for (name, value) in parts.into_iter().flat_map(|parts| &parts.headers) {
            if is_handed_on(name.as_str()) {
                request = request.header(name.as_str(), value);
            }
        }
        if let Some(ConnectInfo(peer)) = parts.and_then(|parts| parts.extensions.get()) {
            request = request.peer_addr(*peer);
        }
        request = request.header("accept", "application/json, */*;q=0.5");
        let Some(kind) = self.body else { return Ok(request) };
        let Some(body) = arguments.get(BODY) else {
            let required = self.tool.input_schema.get("required").and_then(Value::as_array);
            return match required.into_iter().flatten().any(|name| name == BODY) {
                true => Err(invalid(&format!("arguments must have required property '{BODY}'"))),
                false => Ok(request),
            };
        };
        Ok(match kind {
            Body::Json => request.header("content-type", "application/json").body(body.to_string()),
            Body::Form => {
                let mut pairs = Vec::new();
                for (name, value) in body.as_object().into_iter().flatten() {
                    add_pairs(&mut pairs, name, value);
                }
                request.header("content-type", "application/x-www-form-urlencoded").body(form(&pairs))
            }
            Body::Text(media_type) => request.header("content-type", media_type).body(text(body)),
        })
    }

    fn path(&self, arguments: &Map<String, Value>) -> Result<String, CallToolResult> {
        let known = &self.tool.input_schema["properties"];
        if arguments.keys().any(|name| known.get(name).is_none()) {
            let names: Vec<_> = known.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect();
            return Err(invalid(&format!("arguments must have no other properties than {}", names.join(", "))));
        }
        let is_there = |part: &Part| match part {
            Part::Text(_) => true,
            Part::Param { name, .. } => arguments.get(name).is_some_and(|value| !value.is_null()),
        };
        let Some(path) = self.paths.iter().find(|path| path.iter().all(is_there)) else {
            let shortest = self.paths.last().into_iter().flatten();
            let missing = shortest.filter(|part| !is_there(part)).find_map(|part| match part {
                Part::Param { name, .. } => Some(name.as_str()),
                Part::Text(_) => None,
            });
            return Err(invalid(&format!("params must have required property '{}'", missing.unwrap_or_default())));
        };
        let mut target = String::new();
        for part in path {
            match part {
                Part::Text(text) => target.push_str(text),
                Part::Param { name, may_have_slashes } => {
                    let value = text(&arguments[name]);
                    // They would lead to another path.
                    if value.split('/').any(|segment| matches!(segment, "." | ".."))
                        || (value.is_empty() && !may_have_slashes)
                    {
                        return Err(invalid(&format!("params/{name} must be neither empty nor `.` or `..`")));
                    }
                    escape(&value, *may_have_slashes, &mut target);
                }
            }
        }
        Ok(target)
    }
}

/// What a value is in a path, a query, a form.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn add_pairs(pairs: &mut Vec<(String, String)>, name: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Array(values) => values.iter().for_each(|value| pairs.push((name.to_owned(), text(value)))),
        value => pairs.push((name.to_owned(), text(value))),
    }
}

fn form(pairs: &[(String, String)]) -> String {
    let mut out = String::new();
    for (at, (name, value)) in pairs.iter().enumerate() {
        if at > 0 {
            out.push('&');
        }
        escape(name, false, &mut out);
        out.push('=');
        escape(value, false, &mut out);
    }
    out
}

/// All but what is unreserved (RFC 3986, 2.3) in hexadecimal digits.
fn escape(text: &str, keeps_slashes: bool, out: &mut String) {
    percent::encode(text, |byte| percent::is_unreserved(byte) || (keeps_slashes && byte == b'/'), out);
}

/// What a route would say to arguments that cannot become a request of it.
fn invalid(message: &str) -> CallToolResult {
    let error = json!({ "statusCode": 400, "code": "FW_ERR_VALIDATION", "error": "Bad Request", "message": message });
    CallToolResult::structured_error(error)
}

/// The result of a call that was answered.
pub(super) fn result(reply: &InjectReply) -> CallToolResult {
    let is_error = reply.status().as_u16() >= 400 || reply.is_broken();
    let text = match std::str::from_utf8(reply.body()) {
        _ if reply.is_broken() && reply.status().is_success() => "the answer is too long, or broke off".to_owned(),
        Ok("") => reply.status().to_string(),
        Ok(text) => text.to_owned(),
        Err(_) => {
            let media_type = reply.header("content-type").unwrap_or("application/octet-stream");
            format!("{} bytes of {media_type}, which are no text", reply.body().len())
        }
    };
    let is_json = reply
        .header("content-type")
        .is_some_and(|ty| ty.split(';').next().is_some_and(|ty| ty.trim_end().ends_with("json")));
    let structured = is_json.then(|| serde_json::from_slice::<Value>(reply.body()).ok()).flatten();
    let content = vec![ContentBlock::text(text)];
    let mut result = if is_error { CallToolResult::error(content) } else { CallToolResult::success(content) };
    // Clients of most versions take nothing else but an object.
    result.structured_content = structured.filter(|_| !reply.is_broken()).map(|value| match value {
        object @ Value::Object(_) => object,
        other => json!({ "result": other }),
    });
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_the_client_is_handed_on_and_nothing_of_its_message() {
        for name in [
            "authorization",
            "cookie",
            "host",
            "user-agent",
            "x-forwarded-for",
            "x-request-id",
            "forwarded",
            "traceparent",
            "accept-language",
        ] {
            assert!(is_handed_on(name), "{name}");
        }
        for name in [
            "accept",
            "accept-encoding",
            "content-length",
            "content-type",
            "transfer-encoding",
            "te",
            "mcp-session-id",
            "origin",
            "if-none-match",
            "range",
            "connection",
        ] {
            assert!(!is_handed_on(name), "{name}");
        }
    }

    #[test]
    fn nothing_that_is_escaped_can_be_another_part_of_a_target() {
        let mut out = String::new();
        escape("a/b?c#d%2F ü&=", false, &mut out);
        assert_eq!(out, "a%2Fb%3Fc%23d%252F%20%C3%BC%26%3D");
        out.clear();
        escape("a/b c", true, &mut out);
        assert_eq!(out, "a/b%20c");
    }
}
