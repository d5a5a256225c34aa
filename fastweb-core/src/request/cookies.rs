//! The `cookie` header (RFC 6265, 4.2.1).

use super::head::Head;

/// All cookies of a head: names and values. Clients send one `cookie` line; where proxies have made several of it, all of them count.
pub(crate) fn of(head: &Head) -> impl Iterator<Item = (&str, &str)> {
    let lines = head.fields().filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
    lines.filter_map(|(_, line)| std::str::from_utf8(line).ok()).flat_map(pairs)
}

/// The first of each name: of several the client sends the one with the longest path first (RFC 6265, 5.4).
pub(crate) fn first_of_each(head: &Head) -> Vec<(&str, &str)> {
    let mut first: Vec<(&str, &str)> = Vec::new();
    for (name, value) in of(head) {
        if first.iter().all(|(other, _)| *other != name) {
            first.push((name, value));
        }
    }
    first
}

fn pairs(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split(';').filter_map(pair)
}

fn pair(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    let (name, value) = (name.trim_matches([' ', '\t']), value.trim_matches([' ', '\t']));
    if name.is_empty() || !name.bytes().all(crate::reply::is_token_byte) {
        return None;
    }
    Some((name, value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_cookie_is_read_and_the_rest_passed_over() {
        for (line, expected) in [
            ("a=b", &[("a", "b")][..]),
            ("a=b; c=d", &[("a", "b"), ("c", "d")]),
            ("a=b;c=d ;\te= f", &[("a", "b"), ("c", "d"), ("e", "f")]),
            ("a=b=c==", &[("a", "b=c==")]),
            ("a=\"b c\"; d=\"", &[("a", "b c"), ("d", "\"")]),
            ("a=; b=\"\"", &[("a", ""), ("b", "")]),
            ("a=1; a=2", &[("a", "1"), ("a", "2")]),
            ("a=%20+", &[("a", "%20+")]),
            ("alone; =empty; a b=c; ;;; a=1", &[("a", "1")]),
            ("ä=1; a=ä", &[("a", "ä")]),
            ("", &[]),
        ] {
            assert_eq!(pairs(line).collect::<Vec<_>>(), expected, "{line:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_was_written_is_read(cookies in proptest::collection::vec(("[a-z_-]{1,4}", "[!#-+--:<-\\[\\]-~]{0,6}"), 0..6)) {
            let line = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
            let read: Vec<_> = pairs(&line).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            proptest::prop_assert_eq!(read, cookies);
        }

        #[test]
        fn no_line_is_too_strange(line in "\\PC*") {
            proptest::prop_assert!(pairs(&line).count() <= line.len());
        }
    }
}
