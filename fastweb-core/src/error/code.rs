//! Every code that fastweb itself answers with, in one table.

use http::StatusCode;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal, $status:ident, $message:literal;)+) => {
        /// The `code` of an error answer that comes from fastweb. A code is never renamed.
        ///
        /// Errors of the application may have codes of their own: [`Error::with_code`](crate::Error::with_code).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ #[doc = ""] #[doc = concat!("`", $text, "`")] $variant,)+
        }

        impl Code {
            /// All codes, in the order of the documentation.
            pub const ALL: &[Code] = &[$(Code::$variant),+];

            /// The code as it stands in an error answer.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text),+ }
            }

            /// The status of the answer.
            pub const fn status(self) -> StatusCode {
                match self { $(Code::$variant => StatusCode::$status),+ }
            }

            /// What the answer says where nothing more precise is known.
            pub const fn message(self) -> &'static str {
                match self { $(Code::$variant => $message),+ }
            }
        }
    };
}

codes! {
    /// The bytes are no HTTP request, or one that RFC 9112 wants refused.
    BadRequest = "FW_ERR_BAD_REQUEST", BAD_REQUEST, "The request is malformed";
    /// The `host` field is missing, repeated or not `uri-host [":" port]` (RFC 9112, 3.2).
    InvalidHost = "FW_ERR_INVALID_HOST", BAD_REQUEST, "The host header is missing, repeated or malformed";
    /// `content-length` and `transfer-encoding` do not say clearly where the body ends (RFC 9112, 6.3).
    InvalidFraming = "FW_ERR_INVALID_FRAMING", BAD_REQUEST, "The length of the request body is ambiguous or malformed";
    /// The body does not have the form that its head announced.
    InvalidBody = "FW_ERR_INVALID_BODY", BAD_REQUEST, "The request body is malformed or incomplete";
    /// The target is no valid URL, or a percent-escape in it is malformed.
    BadUrl = "FW_ERR_BAD_URL", BAD_REQUEST, "The URL is malformed";
    /// The body is not valid JSON.
    InvalidJson = "FW_ERR_INVALID_JSON", BAD_REQUEST, "The body is not valid JSON";
    /// JSON was announced and nothing came.
    EmptyJsonBody = "FW_ERR_EMPTY_JSON_BODY", BAD_REQUEST, "The body cannot be empty where the content-type is JSON";
    /// Params, query, headers or body do not have the types that the route declares.
    Validation = "FW_ERR_VALIDATION", BAD_REQUEST, "The request is not valid";
    /// No route has this path.
    NotFound = "FW_ERR_NOT_FOUND", NOT_FOUND, "Route not found";
    /// The path has routes, but none for this method.
    MethodNotAllowed = "FW_ERR_METHOD_NOT_ALLOWED", METHOD_NOT_ALLOWED, "Method not allowed";
    /// The client took too long to send the head or the body.
    RequestTimeout = "FW_ERR_REQUEST_TIMEOUT", REQUEST_TIMEOUT, "The request took too long to arrive";
    /// What the client asked to hold, by `if-match` or `if-unmodified-since`, does not (RFC 9110, 13.1).
    PreconditionFailed = "FW_ERR_PRECONDITION_FAILED", PRECONDITION_FAILED, "The resource is not in the state that the request asks for";
    /// The body is longer than the route allows.
    BodyTooLarge = "FW_ERR_BODY_TOO_LARGE", PAYLOAD_TOO_LARGE, "The request body is too large";
    /// The target is longer than allowed.
    UriTooLong = "FW_ERR_URI_TOO_LONG", URI_TOO_LONG, "The URL is too long";
    /// A parameter of the path is longer than the router allows.
    ParamTooLong = "FW_ERR_PARAM_TOO_LONG", URI_TOO_LONG, "A parameter of the path is too long";
    /// The route does not read bodies of this media type.
    UnsupportedMediaType = "FW_ERR_UNSUPPORTED_MEDIA_TYPE", UNSUPPORTED_MEDIA_TYPE, "Unsupported media type";
    /// No part of the file is within the ranges that were asked for (RFC 9110, 15.5.17).
    RangeNotSatisfiable = "FW_ERR_RANGE_NOT_SATISFIABLE", RANGE_NOT_SATISFIABLE, "The requested range is outside of the file";
    /// The resource is had by another protocol alone, which the `upgrade` header of the answer names (RFC 9110, 15.5.22).
    UpgradeRequired = "FW_ERR_UPGRADE_REQUIRED", UPGRADE_REQUIRED, "This resource is had by another protocol: ask for an upgrade";
    /// `expect` asks for something other than `100-continue`.
    ExpectationFailed = "FW_ERR_EXPECTATION_FAILED", EXPECTATION_FAILED, "The expectation cannot be met";
    /// The client has sent more requests than it may for now (RFC 6585, 4).
    TooManyRequests = "FW_ERR_TOO_MANY_REQUESTS", TOO_MANY_REQUESTS, "Too many requests";
    /// The head is larger, or has more fields, than allowed.
    HeadTooLarge = "FW_ERR_HEAD_TOO_LARGE", REQUEST_HEADER_FIELDS_TOO_LARGE, "The request head is too large";
    /// A fault of the application. What it was stays in the log.
    Internal = "FW_ERR_INTERNAL", INTERNAL_SERVER_ERROR, "Internal Server Error";
    /// A handler or hook panicked. What it said stays in the log.
    Panic = "FW_ERR_PANIC", INTERNAL_SERVER_ERROR, "Internal Server Error";
    /// A header name or value that the application set may not stand in a reply.
    InvalidHeader = "FW_ERR_INVALID_HEADER", INTERNAL_SERVER_ERROR, "Internal Server Error";
    /// The transfer coding is not `chunked` (RFC 9112, 6.1).
    NotImplemented = "FW_ERR_NOT_IMPLEMENTED", NOT_IMPLEMENTED, "The transfer coding is not supported";
    /// The handler took longer than it may.
    HandlerTimeout = "FW_ERR_HANDLER_TIMEOUT", SERVICE_UNAVAILABLE, "The request took too long to process";
    /// Too much blocking work waits, or too much background work runs.
    Busy = "FW_ERR_BUSY", SERVICE_UNAVAILABLE, "The server is busy";
    /// The server stops and this request did not end in time.
    ShuttingDown = "FW_ERR_SHUTTING_DOWN", SERVICE_UNAVAILABLE, "The server is shutting down";
    /// The request is of an HTTP version that this port does not speak.
    HttpVersion = "FW_ERR_HTTP_VERSION", HTTP_VERSION_NOT_SUPPORTED, "HTTP version not supported";
}
