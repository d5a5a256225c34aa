//! The parts of a request that are names and values, and come as text.

use std::borrow::Cow;

use crate::error::{Code, Error, Result};
use crate::extract::{Pairs, by_name, decode_form, decode_path};
use crate::request::{Request, cookies as request_cookies};

/// Names and values without escapes.
pub(super) type TextPairs<'r> = Vec<(Cow<'r, str>, Cow<'r, str>)>;

pub(super) fn params(request: &Request) -> Result<TextPairs<'_>> {
    let mut pairs = Vec::new();
    for (at, name) in request.param_names().iter().enumerate() {
        // An optional one may not be there.
        let Some(range) = request.params.get(at) else { continue };
        let value = decode_path(&request.path()[range]).ok_or_else(|| {
            let message = format!("params/{name} has a malformed percent-escape");
            Error::from_code(Code::BadUrl).with_message(message)
        })?;
        pairs.push((Cow::Borrowed(&**name), value));
    }
    Ok(pairs)
}

pub(super) fn form_pairs<'r>(text: &'r str, part: &'static str) -> Result<TextPairs<'r>> {
    let mut pairs = Pairs::none(None);
    let pairs = pairs.parse(text).map_err(|error| error.into_error(part))?;
    let decode = |text| {
        decode_form(text).ok_or_else(|| {
            let code = if part == "body" { Code::InvalidBody } else { Code::BadUrl };
            Error::from_code(code).with_message(format!("{part} has a malformed percent-escape"))
        })
    };
    pairs.iter().map(|(key, value)| Ok((decode(key)?, decode(value)?))).collect()
}

/// Names in lower case; values of one name joined (RFC 9110, 5.3).
pub(super) fn headers(request: &Request) -> TextPairs<'_> {
    let mut pairs: TextPairs<'_> = Vec::new();
    for (name, value) in by_name(request) {
        match pairs.iter_mut().find(|(other, _)| *other == name) {
            Some((_, values)) => *values = Cow::Owned(format!("{values}, {value}")),
            None => pairs.push((name, value)),
        }
    }
    pairs
}

pub(super) fn query(request: &Request) -> Result<TextPairs<'_>> {
    form_pairs(request.query().unwrap_or_default(), "querystring")
}

pub(super) fn cookies(request: &Request) -> TextPairs<'_> {
    let first = request_cookies::first_of_each(&request.head);
    first.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}

pub(super) fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| {
        Error::from_code(Code::InvalidBody).with_message(format!("The body is no UTF-8 text: {error}"))
    })
}
