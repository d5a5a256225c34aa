//! A query against a reader that undoes its escapes one after the other.

use super::pairs::{Pairs, PairsDeserializer};
use super::text_value::ValueError;
use crate::request::Text;

#[derive(serde::Deserialize)]
pub(crate) struct Search {
    #[serde(default)]
    pub(crate) q: Text,
    #[serde(default)]
    pub(crate) limit: Option<i64>,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    #[serde(default)]
    pub(crate) exact: bool,
}

/// Any query is read as the slow way reads it, as pairs and by name.
pub fn query(input: &[u8]) {
    // What may stand in a target, the parser has looked at.
    let is_target_byte = |byte: &u8| byte.is_ascii_graphic() && *byte != b'#';
    let Some(query) = std::str::from_utf8(input).ok().filter(|text| text.bytes().all(|byte| is_target_byte(&byte)))
    else {
        return;
    };
    let pairs = slowly(query);
    let many = query.split('&').filter(|part| !part.is_empty()).count() > 512;
    match (read::<Vec<(String, String)>>(query), &pairs) {
        (Ok(read), Some(pairs)) if !many => assert_eq!(&read, pairs, "{query}"),
        (read, pairs) => assert!(read.is_err() && (many || pairs.is_none()), "{query}"),
    }
    if let (Ok(search), Some(pairs)) = (read::<Search>(query), pairs) {
        let of =
            |key: &str| pairs.iter().filter(|(k, _)| k == key).map(|(_, value)| value.as_str()).collect::<Vec<_>>();
        let number = of("limit").first().map(|limit| limit.parse::<i64>().expect("it was taken for one"));
        assert_eq!(&*search.q, of("q").concat(), "{query}");
        assert_eq!((search.limit, search.exact), (number, of("exact") == ["true"]), "{query}");
        assert_eq!(search.tags, of("tags"), "{query}");
    }
}

fn read<T: serde::de::DeserializeOwned>(query: &str) -> Result<T, ValueError> {
    let mut pairs = Pairs::none(None);
    let pairs = pairs.parse(query)?;
    T::deserialize(PairsDeserializer(pairs))
}

/// `None` where an escape is none, or does not give UTF-8.
fn slowly(query: &str) -> Option<Vec<(String, String)>> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let at = part.find('=').unwrap_or(part.len());
            Some((decoded(&part[..at])?, decoded(part.get(at + 1..).unwrap_or(""))?))
        })
        .collect()
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = text.replace('+', " ").into_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let digits = bytes.get(at + 1..at + 3)?;
            if !digits.iter().all(u8::is_ascii_hexdigit) {
                return None;
            }
            let byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
            bytes.splice(at..at + 3, [byte]);
        }
        at += 1;
    }
    String::from_utf8(bytes).ok()
}
