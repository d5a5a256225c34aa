//! Fields with parameters: `form-data; name="a"; filename="b.txt"`.

use crate::plugins::token::is_token;

/// What a field says, and its parameters by their names in lower case.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters {
    pub(super) essence: String,
    named: Vec<(String, Vec<u8>)>,
}

impl Parameters {
    /// `None` where it is malformed: who guesses what was meant guesses otherwise than the next server does.
    pub(super) fn parse(field: &[u8]) -> Option<Self> {
        let end = field.iter().position(|&byte| byte == b';').unwrap_or(field.len());
        let (essence, mut rest) = field.split_at(end);
        let essence = std::str::from_utf8(essence.trim_ascii()).ok()?.to_ascii_lowercase();
        let mut named: Vec<(String, Vec<u8>)> = Vec::new();
        while let [b';', behind @ ..] = rest {
            rest = behind.trim_ascii_start();
            // Some write a semicolon behind the last one, too.
            if rest.is_empty() {
                break;
            }
            let equals = rest.iter().position(|&byte| byte == b'=')?;
            let name = std::str::from_utf8(&rest[..equals]).ok().filter(|name| is_token(name))?.to_ascii_lowercase();
            let value;
            (value, rest) = take_value(&rest[equals + 1..])?;
            if named.iter().any(|(other, _)| *other == name) {
                return None;
            }
            named.push((name, value));
        }
        rest.is_empty().then_some(Self { essence, named })
    }

    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.named.iter().find(|(other, _)| other == name).map(|(_, value)| &**value)
    }
}

/// A value, and what stands behind it: nothing, or a semicolon and more.
fn take_value(rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let [b'"', rest @ ..] = rest else {
        let end = rest.iter().position(|&byte| byte == b';').unwrap_or(rest.len());
        let (value, rest) = rest.split_at(end);
        let value = value.trim_ascii_end();
        return value.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'"').then(|| (value.to_vec(), rest));
    };
    let (mut value, mut rest) = (Vec::new(), rest);
    loop {
        rest = match rest {
            [b'"', behind @ ..] => {
                let behind = behind.trim_ascii_start();
                return matches!(behind, [] | [b';', ..]).then_some((value, behind));
            }
            // Older browsers send paths as they are: another backslash escapes nothing.
            [b'\\', b'"', behind @ ..] => {
                value.push(b'"');
                behind
            }
            [byte, behind @ ..] => {
                value.push(*byte);
                behind
            }
            [] => return None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(field: &str) -> Option<(String, Vec<(String, String)>)> {
        let Parameters { essence, named } = Parameters::parse(field.as_bytes())?;
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Some((essence, named.into_iter().map(|(name, value)| (name, text(value))).collect()))
    }

    #[test]
    fn parameters_are_tokens_and_quoted_texts() {
        let read = |field, named: &[(&str, &str)]| {
            let named = named.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            assert_eq!(parse(field), Some(("form-data".to_owned(), named)), "{field}");
        };
        read("form-data", &[]);
        read("Form-Data ;", &[]);
        read("form-data; name=a", &[("name", "a")]);
        read("form-data;name=\"a;b\" ; FileName=\"c \\\"d\\\".txt\"", &[("name", "a;b"), ("filename", "c \"d\".txt")]);
        read("form-data; filename=\"C:\\a\\b.txt\"", &[("filename", "C:\\a\\b.txt")]);
        read("form-data; name=\"\"; filename=", &[("name", ""), ("filename", "")]);
    }

    #[test]
    fn what_is_malformed_is_not_guessed() {
        for field in [
            "form-data; name",
            "form-data; name=\"a",
            "form-data; name=\"a\"b",
            "form-data; name=a b",
            "form-data; name=a\"b",
            "form-data; na me=a",
            "form-data; =a",
            "form-data; name=a; NAME=b",
            "form-data; ; name=a",
        ] {
            assert_eq!(parse(field), None, "{field}");
        }
    }
}
