//! Methods: the nine that RFC 9110 and RFC 5789 define have a fixed place, every other is a token.

/// The standard methods in the order of their slots, which is also the order of [`Router::allowed`](crate::Router::allowed).
pub(crate) const STANDARD: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"];

pub(crate) const GET: usize = 0;
pub(crate) const HEAD: usize = 1;

/// The slot of a standard method. The length leaves at most two candidates, and comparing with a constant is one or two
/// loads, so no method is hashed.
#[inline]
pub(crate) fn slot(method: &str) -> Option<usize> {
    if method == "GET" {
        return Some(GET);
    }
    let slot = match method.len() {
        3 if method == "PUT" => 3,
        4 if method == "POST" => 2,
        4 if method == "HEAD" => HEAD,
        5 if method == "PATCH" => 4,
        5 if method == "TRACE" => 8,
        6 if method == "DELETE" => 5,
        7 if method == "OPTIONS" => 7,
        7 if method == "CONNECT" => 6,
        _ => return None,
    };
    Some(slot)
}

/// Whether this is a token, RFC 9110 section 5.6.2: `1*tchar`.
pub(crate) fn is_token(method: &str) -> bool {
    !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_standard_method_has_its_own_slot() {
        for (place, method) in STANDARD.into_iter().enumerate() {
            assert_eq!(slot(method), Some(place), "{method}");
        }
        assert_eq!((STANDARD[GET], STANDARD[HEAD]), ("GET", "HEAD"));
    }

    #[test]
    fn methods_are_case_sensitive() {
        for method in ["get", "Get", "GEt", "PURGE", "GET ", "", "PROPFIND", "DELETES", "DELET"] {
            assert_eq!(slot(method), None, "{method:?}");
        }
    }

    #[test]
    fn tokens() {
        for method in ["GET", "get", "M-SEARCH", "VERSION-CONTROL", "a1!#$%&'*+-.^_`|~"] {
            assert!(is_token(method), "{method:?}");
        }
        for method in ["", " GET", "GET ", "G T", "GÉT", "GET/", "(GET)", "GET\r\n", "a,b", "{a}", "a:b", "\"a\"", "\0"]
        {
            assert!(!is_token(method), "{method:?}");
        }
    }
}
