//! Statuses as OpenAPI writes them, and what they are called.

/// `200`, `2XX` or `default`.
pub(super) fn key(status: &str) -> Option<String> {
    let status = status.trim();
    if status.eq_ignore_ascii_case("default") {
        return Some("default".to_owned());
    }
    let [first @ b'1'..=b'5', rest @ ..] = status.as_bytes() else { return None };
    let is_range = rest.eq_ignore_ascii_case(b"xx");
    let is_one = rest.len() == 2 && rest.iter().all(u8::is_ascii_digit);
    match (is_range, is_one) {
        (true, _) => Some(format!("{}XX", char::from(*first))),
        (_, true) => Some(status.to_owned()),
        _ => None,
    }
}

/// What is said of an answer of which nothing else is said: RFC 9110, 15.
pub(super) fn name(key: &str) -> &'static str {
    match key {
        "200" => "OK",
        "201" => "Created",
        "202" => "Accepted",
        "203" => "Non-Authoritative Information",
        "204" => "No Content",
        "205" => "Reset Content",
        "206" => "Partial Content",
        "301" => "Moved Permanently",
        "302" => "Found",
        "303" => "See Other",
        "304" => "Not Modified",
        "307" => "Temporary Redirect",
        "308" => "Permanent Redirect",
        "400" => "Bad Request",
        "401" => "Unauthorized",
        "402" => "Payment Required",
        "403" => "Forbidden",
        "404" => "Not Found",
        "405" => "Method Not Allowed",
        "406" => "Not Acceptable",
        "408" => "Request Timeout",
        "409" => "Conflict",
        "410" => "Gone",
        "411" => "Length Required",
        "412" => "Precondition Failed",
        "413" => "Content Too Large",
        "414" => "URI Too Long",
        "415" => "Unsupported Media Type",
        "416" => "Range Not Satisfiable",
        "417" => "Expectation Failed",
        "418" => "I'm a teapot",
        "422" => "Unprocessable Content",
        "423" => "Locked",
        "424" => "Failed Dependency",
        "425" => "Too Early",
        "426" => "Upgrade Required",
        "428" => "Precondition Required",
        "429" => "Too Many Requests",
        "431" => "Request Header Fields Too Large",
        "451" => "Unavailable For Legal Reasons",
        "500" => "Internal Server Error",
        "501" => "Not Implemented",
        "502" => "Bad Gateway",
        "503" => "Service Unavailable",
        "504" => "Gateway Timeout",
        "default" => "Every other answer",
        _ => match key.as_bytes().first() {
            Some(b'1') => "Information",
            Some(b'2') => "Success",
            Some(b'3') => "Redirection",
            Some(b'4') => "Error in the request",
            _ => "Error on the server",
        },
    }
}

/// Answers of these statuses have no body: RFC 9110, 6.4.1.
pub(super) fn has_no_body(key: &str) -> bool {
    key.starts_with('1') || matches!(key, "204" | "205" | "304")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_a_class_or_all_others() {
        for (status, expected) in [
            ("200", Some("200")),
            ("2xx", Some("2XX")),
            ("5XX", Some("5XX")),
            ("default", Some("default")),
            ("600", None),
            ("2x", None),
            ("20", None),
            ("2000", None),
            ("é00", None),
            ("", None),
        ] {
            assert_eq!(key(status).as_deref(), expected, "{status}");
        }
        assert_eq!((name("418"), name("299"), name("4XX")), ("I'm a teapot", "Success", "Error in the request"));
    }
}
