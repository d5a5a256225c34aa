//! From an error to the body of its answer.

use super::{Detail, Error, fastify};

/// The form of the error answers that fastweb writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorFormat {
    /// Fastify's: `{"statusCode":400,"code":"…","error":"Bad Request","message":"…"}`.
    #[default]
    Fastify,
    /// `application/problem+json` (RFC 9457): `{"type":"about:blank","title":"Bad Request","status":400,"detail":"…","code":"…"}`.
    Problem,
}

impl ErrorFormat {
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Fastify => "application/json; charset=utf-8",
            Self::Problem => "application/problem+json",
        }
    }
}

/// How errors of one application are answered.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ErrorStyle {
    pub(crate) format: ErrorFormat,
    /// With Fastify's codes and messages, and without details, which it does not have.
    pub(crate) fastify_mode: bool,
}

/// No answer lists more reasons than this, however much is wrong with the request.
const MOST_DETAILS: usize = 16;

/// Appends the body of the answer for `error` to `out`.
pub(crate) fn write(error: &Error, style: ErrorStyle, out: &mut Vec<u8>) {
    let status = error.status();
    let ErrorStyle { format, fastify_mode } = style;
    let (code, message) = if fastify_mode { fastify::words(error) } else { (error.code(), error.public_message()) };
    let phrase = status.canonical_reason().unwrap_or("Unknown");
    // Node writes this one with a capital, fastweb as RFC 9110 has it.
    let phrase = if fastify_mode && status == 418 { "I'm a Teapot" } else { phrase };
    let mut object = Object::begin(out);
    match format {
        ErrorFormat::Fastify => {
            object.raw("statusCode", status.as_str());
            if let Some(code) = code {
                object.string("code", code);
            }
            object.string("error", phrase);
            object.string("message", message);
        }
        ErrorFormat::Problem => {
            object.string("type", "about:blank");
            object.string("title", phrase);
            object.raw("status", status.as_str());
            object.string("detail", message);
            if let Some(code) = code {
                object.string("code", code);
            }
        }
    }
    if !error.details().is_empty() && !fastify_mode {
        object.key("details");
        object.out.push(b'[');
        for (i, detail) in error.details().iter().take(MOST_DETAILS).enumerate() {
            if i > 0 {
                object.out.push(b',');
            }
            write_detail(detail, object.out);
        }
        object.out.push(b']');
    }
    object.end();
}

fn write_detail(detail: &Detail, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    object.string("in", detail.part);
    object.string("pointer", &detail.pointer);
    object.string("keyword", detail.keyword);
    object.string("message", &detail.message);
    object.end();
}

/// A JSON object that is written member by member. Error answers work without the `json` feature.
struct Object<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
}

impl<'a> Object<'a> {
    fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, first: true }
    }

    fn key(&mut self, key: &str) {
        if !std::mem::replace(&mut self.first, false) {
            self.out.push(b',');
        }
        write_string(key, self.out);
        self.out.push(b':');
    }

    fn string(&mut self, key: &str, value: &str) {
        self.key(key);
        write_string(value, self.out);
    }

    fn raw(&mut self, key: &str, value: &str) {
        self.key(key);
        self.out.extend_from_slice(value.as_bytes());
    }

    fn end(self) {
        self.out.push(b'}');
    }
}

/// `text` as a JSON string (RFC 8259, 7).
fn write_string(text: &str, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    for &byte in text.as_bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..=0x1f => {
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn body(error: &Error, format: ErrorFormat) -> String {
        let mut out = Vec::new();
        write(error, ErrorStyle { format, fastify_mode: false }, &mut out);
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    #[test]
    fn fastifys_form() {
        let error = Error::from_code(Code::Validation).with_message("body/age must be integer").with_detail(Detail {
            part: "body",
            pointer: "/age".into(),
            keyword: "type",
            message: "must be integer".into(),
        });
        assert_eq!(
            body(&error, ErrorFormat::Fastify),
            r#"{"statusCode":400,"code":"FW_ERR_VALIDATION","error":"Bad Request","message":"body/age must be integer","details":[{"in":"body","pointer":"/age","keyword":"type","message":"must be integer"}]}"#
        );
    }

    #[test]
    fn an_error_without_code_has_none() {
        assert_eq!(
            body(&Error::new(409, "taken"), ErrorFormat::Fastify),
            r#"{"statusCode":409,"error":"Conflict","message":"taken"}"#
        );
    }

    #[test]
    fn problem_details() {
        assert_eq!(
            body(&Error::from_code(Code::NotFound), ErrorFormat::Problem),
            r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"Route not found","code":"FW_ERR_NOT_FOUND"}"#
        );
    }

    #[test]
    fn at_most_sixteen_details_leave() {
        let mut error = Error::from_code(Code::Validation);
        for _ in 0..40 {
            let detail = Detail { part: "body", pointer: String::new(), keyword: "type", message: "m".into() };
            error = error.with_detail(detail);
        }
        assert_eq!(body(&error, ErrorFormat::Fastify).matches("\"in\"").count(), 16);
    }

    #[cfg(feature = "json")]
    proptest::proptest! {
        #[test]
        fn every_string_is_valid_json(text in "\\PC*|[\\x00-\\x7f]*") {
            let mut out = Vec::new();
            write_string(&text, &mut out);
            let read: String = serde_json::from_slice(&out).expect("valid JSON");
            proptest::prop_assert_eq!(read, text);
        }
    }
}
