//! Fastify mode: what Fastify 5 says where fastweb has words of its own.

use super::{Code, Error};

/// What Fastify answers with instead of one of fastweb's codes.
struct Equivalent {
    code: Code,
    /// `None` where the answer comes from node, or from an error without a code.
    fastify: Option<&'static str>,
    /// `None` where the message is the same.
    message: Option<&'static str>,
}

const fn same(code: Code, fastify: &'static str) -> Equivalent {
    Equivalent { code, fastify: Some(fastify), message: None }
}

const fn other(code: Code, fastify: &'static str, message: &'static str) -> Equivalent {
    Equivalent { code, fastify: Some(fastify), message: Some(message) }
}

const fn uncoded(code: Code, message: Option<&'static str>) -> Equivalent {
    Equivalent { code, fastify: None, message }
}

const EQUIVALENTS: &[Equivalent] = &[
    same(Code::Validation, "FST_ERR_VALIDATION"),
    same(Code::BadUrl, "FST_ERR_BAD_URL"),
    same(Code::ParamTooLong, "FST_ERR_MAX_PARAM_LENGTH"),
    same(Code::HandlerTimeout, "FST_ERR_HANDLER_TIMEOUT"),
    other(Code::BodyTooLarge, "FST_ERR_CTP_BODY_TOO_LARGE", "Request body is too large"),
    other(Code::UnsupportedMediaType, "FST_ERR_CTP_INVALID_MEDIA_TYPE", "Unsupported Media Type"),
    other(
        Code::EmptyJsonBody,
        "FST_ERR_CTP_EMPTY_JSON_BODY",
        "Body cannot be empty when content-type is set to 'application/json'",
    ),
    other(
        Code::InvalidJson,
        "FST_ERR_CTP_INVALID_JSON_BODY",
        "Body is not valid JSON but content-type is set to 'application/json'",
    ),
    uncoded(Code::NotFound, None),
    uncoded(Code::Internal, None),
    uncoded(Code::Panic, None),
    uncoded(Code::InvalidHeader, None),
    uncoded(Code::BadRequest, Some("Client Error")),
    uncoded(Code::InvalidHost, Some("Client Error")),
    uncoded(Code::InvalidFraming, Some("Client Error")),
    uncoded(Code::InvalidBody, Some("Client Error")),
    uncoded(Code::RequestTimeout, Some("Client Timeout")),
    uncoded(Code::HeadTooLarge, Some("Exceeded maximum allowed HTTP header size")),
    uncoded(Code::ShuttingDown, Some("Service Unavailable")),
];

/// Code and message of an error as Fastify would have them. It shows the messages of 5xx errors; that of a panic stays in the log all the same.
pub(super) fn words(error: &Error) -> (Option<&str>, &str) {
    let code = error.code();
    let equivalent = EQUIVALENTS.iter().find(|equivalent| Some(equivalent.code.as_str()) == code);
    let hidden = [Code::Panic, Code::InvalidHeader].iter().any(|hidden| Some(hidden.as_str()) == code);
    let message = if hidden { error.public_message() } else { error.message() };
    match equivalent {
        Some(Equivalent { fastify, message: other, .. }) => (*fastify, other.unwrap_or(message)),
        None => (code, message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_fastifys_names() {
        for (error, code, message) in [
            (
                Error::from_code(Code::EmptyJsonBody),
                Some("FST_ERR_CTP_EMPTY_JSON_BODY"),
                "Body cannot be empty when content-type is set to 'application/json'",
            ),
            (
                Error::from_code(Code::Validation).with_message("body/a must be integer"),
                Some("FST_ERR_VALIDATION"),
                "body/a must be integer",
            ),
            (Error::new(500, "boom"), None, "boom"),
            (Error::internal("boom"), None, "boom"),
            (Error::new(418, "tea").with_code("TEA"), Some("TEA"), "tea"),
            (Error::from_code(Code::Panic).with_message("panicked: secret").hidden(), None, "Internal Server Error"),
        ] {
            assert_eq!(words(&error), (code, message));
        }
    }
}
