//! Words of HTTP.

/// Whether this is a token (RFC 9110, 5.6.2): the name of a header, of a method, of a cookie.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
