//! JSON bodies and answers.

use std::fmt;
use std::ops::{Deref, DerefMut};

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::plans::JsonPlan;
use super::{BindCx, BodyUse, Extract};
use crate::error::{Code, Error, Result};
use crate::reply::{IntoReply, JSON, Reply};
use crate::request::Request;
#[cfg(feature = "schema")]
use crate::route::RouteDoc;

/// As an argument: the request's body, read from JSON. As an answer: a value, written as JSON.
///
/// A body that is not `application/json` or `application/*+json` is 415, an empty one or one that is no JSON is 400, and so is one that does
/// not have the shape of a `T`.
///
/// ```
/// # use fastweb_core::{App, Inject, Json};
/// # use serde::{Deserialize, Serialize};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// #[derive(Deserialize, Serialize)]
/// struct Point { x: i64, y: i64 }
///
/// let mirror = async |Json(p): Json<Point>| Json(Point { x: p.y, y: p.x });
/// let server = App::new().post("/mirror", mirror).build().await?;
/// let reply = server.inject(Inject::post("/mirror").json(&Point { x: 1, y: 2 })).await;
/// assert_eq!(reply.text(), r#"{"x":2,"y":1}"#);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl Json<()> {
    /// An answer that is JSON already: it is sent as it is.
    ///
    /// ```
    /// # use fastweb_core::{App, Json};
    /// let app = App::new().get("/version", Json::raw(r#"{"version":3}"#));
    /// # drop(app);
    /// ```
    pub fn raw(json: impl Into<Bytes>) -> RawJson {
        RawJson(json.into())
    }
}

/// An answer that was serialised before. Made by [`Json::raw`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawJson(Bytes);

#[diagnostic::do_not_recommend]
impl IntoReply for RawJson {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        reply.set_bytes(self.0, JSON);
        Ok(())
    }
}

impl<T: Serialize> IntoReply for Json<T> {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        reply.set_json(&self.0)
    }
}

impl<T: DeserializeOwned + 'static> Extract for Json<T> {
    type Bound = JsonPlan;
    const BODY: BodyUse = BodyUse::Whole;

    fn bind(cx: &mut BindCx<'_>) -> Option<JsonPlan> {
        JsonPlan::bind::<T>(cx)
    }

    fn extract(plan: &JsonPlan, req: &mut Request) -> Result<Self> {
        check_media_type(req)?;
        plan.read(req).map(Json)
    }

    #[cfg(feature = "schema")]
    fn describe(doc: &mut RouteDoc) {
        JsonPlan::describe_body::<T>(doc);
    }
}

/// Whether the body says that it is JSON.
pub(crate) fn reads_as_json(req: &Request) -> bool {
    let media_type = req.head.content_type();
    is_json(media_type) && !(req.routes().fastify_mode && has_suffix(media_type))
}

pub(super) fn check_media_type(req: &Request) -> Result<()> {
    match req.head.content_type() {
        _ if reads_as_json(req) || req.is_parsed => Ok(()),
        other if !other.is_empty() => Err(Error::from_code(Code::UnsupportedMediaType)
            .with_message("This route reads application/json, and the request has another content-type")),
        _ => Err(Error::from_code(Code::UnsupportedMediaType)
            .with_message("This route reads application/json, and the request has no content-type")),
    }
}

/// `application/json` or `application/*+json`, with any parameters.
fn is_json(media_type: &[u8]) -> bool {
    if media_type == b"application/json" {
        return true;
    }
    let essence = essence(media_type);
    let Some(subtype) = essence.get(12..) else { return false };
    essence[..12].eq_ignore_ascii_case(b"application/")
        && (subtype.eq_ignore_ascii_case(b"json") || has_suffix(subtype))
}

/// Without parameters.
pub(crate) fn essence(media_type: &[u8]) -> &[u8] {
    media_type.split(|&b| b == b';').next().unwrap_or_default().trim_ascii()
}

/// Fastify does not take these for JSON.
fn has_suffix(media_type: &[u8]) -> bool {
    essence(media_type).last_chunk::<5>().is_some_and(|end| end.eq_ignore_ascii_case(b"+json"))
}

/// Where schemas are off; where they are on, a document is read.
#[cfg(any(test, not(feature = "schema")))]
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    if body.is_empty() {
        return Err(Error::from_code(Code::EmptyJsonBody));
    }
    serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            Error::from_code(Code::Validation).with_message(format!("body {}", without_value(&error)))
        } else {
            Error::from_code(Code::InvalidJson).with_message(format!("The body is not valid JSON: {error}"))
        }
    })
}

/// What the body should have been. serde's messages quote what it was: a client's data, which no answer and no log repeats.
#[cfg(any(test, not(feature = "schema")))]
fn without_value(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    if let Some(field) = text.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        return format!("must have required property '{field}'");
    }
    let what = if text.starts_with("unknown field `") {
        "must NOT have additional properties".to_owned()
    } else if text.starts_with("unknown variant `") {
        "must be equal to one of the allowed values".to_owned()
    } else if let Some(at) = text.rfind(", expected ") {
        format!("must be {}", &text[at + ", expected ".len()..])
    } else {
        format!("is not valid: {text}")
    };
    format!("{what} at line {line} column {column}")
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: fmt::Debug> fmt::Debug for Json<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Json").field(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_do_not_repeat_the_body() {
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code)]
        struct User {
            age: u8,
        }
        let message = |body: &str| parse::<User>(body.as_bytes()).expect_err("not a user").message().to_owned();
        assert_eq!(message(r#"{"age":"secret"}"#), "body must be u8 at line 1 column 15");
        assert_eq!(message("{}"), "body must have required property 'age'");
        assert_eq!(message(r#"{"age":300}"#), "body must be u8 at line 1 column 10");
        assert_eq!(parse::<User>(b"{").expect_err("no JSON").code(), Some("FW_ERR_INVALID_JSON"));
        assert_eq!(parse::<User>(b"").expect_err("empty").code(), Some("FW_ERR_EMPTY_JSON_BODY"));
    }

    #[test]
    fn media_types_that_are_json() {
        for yes in [
            "application/json",
            "application/json; charset=utf-8",
            "Application/JSON",
            "application/problem+json",
            "application/vnd.api+json;v=1",
        ] {
            assert!(is_json(yes.as_bytes()), "{yes}");
        }
        for no in ["", "text/json", "application/jsonp", "application/", "applicationxjson", "json", "application/+jso"]
        {
            assert!(!is_json(no.as_bytes()), "{no}");
        }
    }
}
