//! Fields behind a body (RFC 9110, 6.5).

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::{Code, Error, Result};

/// Fields that say how a message is framed, routed, authorised or to be read: they have to be known before the body, and behind it they
/// would be a way around whoever looks at heads alone (RFC 9110, 6.5.1).
const NEVER: &[&str] = &[
    "age",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-location",
    "content-range",
    "content-type",
    "cookie",
    "date",
    "expect",
    "expires",
    "host",
    "keep-alive",
    "location",
    "max-forwards",
    "pragma",
    "proxy-authenticate",
    "proxy-authorization",
    "range",
    "retry-after",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "vary",
    "www-authenticate",
];

fn may_follow(name: &HeaderName) -> bool {
    NEVER.binary_search(&name.as_str()).is_err()
}

/// A field that is to follow the body of a reply.
pub(crate) fn checked(name: &str, value: &[u8]) -> Result<(HeaderName, HeaderValue)> {
    let refused = |why: &str| {
        let message = format!("`{}` cannot follow a body: {why}", name.escape_default());
        Error::from_code(Code::InvalidHeader).with_message(message).hidden()
    };
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused("its name is no token"))?;
    if !may_follow(&name) {
        return Err(refused("clients have to know it before the body, so it is a header"));
    }
    let value = Some(value).filter(|value| crate::reply::is_value(value));
    let value = value.and_then(|value| HeaderValue::from_bytes(value).ok());
    Ok((name, value.ok_or_else(|| refused("its value has control characters, or blanks at its ends"))?))
}

/// The fields behind the body of a request, from lines that were found well-formed. Those that may not stand there are left out.
pub(crate) fn received(lines: &[u8]) -> Option<HeaderMap> {
    let mut trailers = HeaderMap::new();
    for line in lines.split(|&byte| byte == b'\n') {
        let Some(colon) = line.iter().position(|&byte| byte == b':') else { continue };
        let (name, value) = (HeaderName::from_bytes(&line[..colon]), line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value))
            && may_follow(&name)
        {
            trailers.append(name, value);
        }
    }
    (!trailers.is_empty()).then_some(trailers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order() {
        assert!(NEVER.is_sorted());
    }

    #[test]
    fn what_steers_a_message_does_not_follow_it() {
        let lines = b"X-Sum: 1 \r\nContent-Length: 5\r\nAuthorization: me\r\nx-sum:2\r\nHost: evil\r\nempty:\r\n";
        let trailers = received(lines).expect("three are left");
        let all: Vec<_> = trailers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        assert_eq!(all, [("x-sum", &b"1"[..]), ("x-sum", b"2"), ("empty", b"")]);
        assert_eq!(received(b"Host: evil\r\n"), None);
        assert!(checked("x-sum", b"1").is_ok());
        for (name, value) in [("host", "x"), ("a b", "x"), ("x-sum", "a\r\nb: c"), ("Set-Cookie", "a=b")] {
            let refused = checked(name, value.as_bytes()).expect_err("it would be sent");
            assert_eq!((refused.code(), refused.status().as_u16()), (Some("FW_ERR_INVALID_HEADER"), 500));
        }
    }
}
