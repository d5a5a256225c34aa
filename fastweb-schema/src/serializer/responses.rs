//! Which response schema an answer is written by.

use std::fmt;

use super::Serializer;

/// The serialisers of a route by the status of the answer: that of the exact status, then that of its class (`2xx`), then
/// `default`. Looking one up takes a single step.
///
/// ```
/// use fastweb_schema::{Responses, Serializer};
/// use serde_json::json;
///
/// let user = Serializer::compile(&json!({ "properties": { "id": { "type": "integer" } } }))?;
/// let error = Serializer::compile(&json!({ "properties": { "code": { "type": "string" } } }))?;
/// let responses = Responses::new([("2xx", user), ("default", error)])?;
/// let mut out = Vec::new();
/// responses.get(201).unwrap().write_value(&json!({ "id": 1, "code": "x" }), &mut out)?;
/// assert_eq!(out, br#"{"id":1}"#);
/// out.clear();
/// responses.get(404).unwrap().write_value(&json!({ "id": 1, "code": "x" }), &mut out)?;
/// assert_eq!(out, br#"{"code":"x"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Responses {
    serializers: Box<[Serializer]>,
    /// For each status from 100 to 599 the place of its serialiser and one; 0 if it has none.
    by_status: Option<Box<[u16; STATUSES]>>,
}

const FIRST: usize = 100;
const STATUSES: usize = 500;

/// What a key of [`Responses`] stands for: where it begins, how many statuses it is for, and how particular it is.
fn statuses(key: &str) -> Option<(usize, usize, u8)> {
    if key.eq_ignore_ascii_case("default") {
        return Some((0, STATUSES, 0));
    }
    let &[class @ b'1'..=b'5', tens, ones] = key.as_bytes() else { return None };
    let hundreds = usize::from(class - b'1') * 100;
    match (tens, ones) {
        (b'x' | b'X', b'x' | b'X') => Some((hundreds, 100, 1)),
        (b'0'..=b'9', b'0'..=b'9') => Some((hundreds + usize::from(tens - b'0') * 10 + usize::from(ones - b'0'), 1, 2)),
        _ => None,
    }
}

impl Responses {
    /// Keys are statuses from `"100"` to `"599"`, classes from `"1xx"` to `"5xx"`, and `"default"`.
    ///
    /// # Errors
    ///
    /// Keys that are something else, or that stand for the same twice, all of them.
    ///
    /// ```
    /// use fastweb_schema::{Responses, Serializer};
    ///
    /// let any = Serializer::compile(&serde_json::json!(true))?;
    /// let error = Responses::new([("20x", any.clone()), ("4xx", any.clone()), ("4XX", any)]).unwrap_err();
    /// assert_eq!(error.keys(), ["20x", "4XX"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new<K: AsRef<str>>(serializers: impl IntoIterator<Item = (K, Serializer)>) -> Result<Self, ResponsesError> {
        let mut wrong = Vec::new();
        let mut ranges = Vec::new();
        let mut kept = Vec::new();
        for (key, serializer) in serializers {
            match statuses(key.as_ref()) {
                // At most 506 keys are different, so their places fit.
                Some(range) if ranges.iter().all(|(other, _)| *other != range) => {
                    kept.push(serializer);
                    ranges.push((range, kept.len() as u16));
                }
                _ => wrong.push(key.as_ref().to_owned()),
            }
        }
        if !wrong.is_empty() {
            return Err(ResponsesError { keys: wrong });
        }
        if kept.is_empty() {
            return Ok(Self::default());
        }
        let mut by_status = Box::new([0; STATUSES]);
        // What is more particular overwrites what is less.
        ranges.sort_by_key(|((_, _, particular), _)| *particular);
        for ((start, len, _), place) in ranges {
            by_status[start..start + len].fill(place);
        }
        Ok(Self { serializers: kept.into(), by_status: Some(by_status) })
    }

    /// The serialiser for answers of this status.
    ///
    /// ```
    /// use fastweb_schema::Responses;
    ///
    /// assert!(Responses::default().get(200).is_none());
    /// ```
    #[inline]
    pub fn get(&self, status: u16) -> Option<&Serializer> {
        let place = *self.by_status.as_ref()?.get(usize::from(status).checked_sub(FIRST)?)?;
        self.serializers.get(usize::from(place).checked_sub(1)?)
    }

    /// Whether there is no serialiser for any status.
    ///
    /// ```
    /// assert!(fastweb_schema::Responses::default().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.serializers.is_empty()
    }
}

/// Keys that stand for no status, or for the same as another.
///
/// ```
/// use fastweb_schema::{Responses, Serializer};
///
/// let any = Serializer::compile(&serde_json::json!(true))?;
/// let error = Responses::new([("600", any)]).unwrap_err();
/// assert!(error.to_string().starts_with("responses: '600' is no status"), "{error}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponsesError {
    keys: Vec<String>,
}

impl ResponsesError {
    /// The keys, as they were given.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }
}

impl fmt::Display for ResponsesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "responses: '{}' is no status, or stands twice; keys are \"100\" to \"599\", \"1xx\" to \"5xx\" and \"default\", each once",
            self.keys.join("', '")
        )
    }
}

impl std::error::Error for ResponsesError {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_most_particular_serializer_is_taken_whatever_the_order_of_the_keys() {
        let writing = |text: &str| Serializer::compile(&json!({ "const": text })).unwrap();
        let keys = ["201", "2xx", "default", "404", "5XX"];
        for turn in 0..keys.len() {
            let mut keys = keys;
            keys.rotate_left(turn);
            let responses = Responses::new(keys.map(|key| (key, writing(key)))).unwrap();
            let expected = |status: u16| match status {
                201 => "201",
                200..300 => "2xx",
                404 => "404",
                500..600 => "5XX",
                _ => "default",
            };
            for status in 100..600 {
                let key = expected(status);
                assert!(responses.get(status).unwrap().write(key, &mut Vec::new()).is_ok(), "{status} {key}");
            }
            for status in [0, 99, 600, u16::MAX] {
                assert!(responses.get(status).is_none());
            }
        }
    }

    #[test]
    fn statuses_without_a_serializer_have_none() {
        let any = Serializer::compile(&json!(true)).unwrap();
        let responses = Responses::new([("404", any)]).unwrap();
        assert!(responses.get(404).is_some());
        assert!(responses.get(403).is_none() && responses.get(200).is_none());
        assert!(!responses.is_empty());
    }

    #[test]
    fn keys_that_are_no_status_are_told_all_at_once() {
        let any = Serializer::compile(&json!(true)).unwrap();
        let keys = ["", "2", "20", "099", "600", "xxx", "2x1", "20x", "default ", "١xx", "200", "200"];
        let error = Responses::new(keys.map(|key| (key, any.clone()))).unwrap_err();
        assert_eq!(error.keys().len(), keys.len() - 1);
    }
}
