//! JSON values that are in memory already, whoever holds them.

use serde_json::{Map, Value};

/// A JSON value that a [`Serializer`](super::Serializer) can look into: `&serde_json::Value`, or a node of another
/// representation.
///
/// ```
/// use fastweb_schema::{Serializer, Source, View};
/// use serde_json::json;
///
/// /// A table without types: all its values are text.
/// #[derive(Clone, Copy)]
/// enum Table<'v> {
///     Rows(&'v [Vec<(String, String)>]),
///     Row(&'v [(String, String)]),
///     Cell(&'v str),
/// }
///
/// impl<'v> Source<'v> for Table<'v> {
///     type Items = std::vec::IntoIter<Self>;
///     type Properties = std::vec::IntoIter<(&'v str, Self)>;
///
///     fn view(self) -> View<'v, Self> {
///         match self {
///             Self::Rows(rows) => {
///                 let rows: Vec<_> = rows.iter().map(|row| Self::Row(row)).collect();
///                 View::Array(rows.into_iter())
///             }
///             Self::Row(row) => {
///                 let cells: Vec<_> = row.iter().map(|(name, text)| (name.as_str(), Self::Cell(text))).collect();
///                 View::Object(cells.into_iter())
///             }
///             Self::Cell(text) => View::String(text),
///         }
///     }
/// }
///
/// let rows = vec![vec![("name".to_owned(), "Ada".to_owned()), ("secret".to_owned(), "x".to_owned())]];
/// let names = Serializer::compile(&json!({ "items": { "properties": { "name": { "type": "string" } } } }))?;
/// let mut out = Vec::new();
/// names.write_value(Table::Rows(&rows), &mut out)?;
/// assert_eq!(out, br#"[{"name":"Ada"}]"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Source<'v>: Copy {
    /// The items of an array.
    type Items: Iterator<Item = Self>;
    /// The properties of an object.
    type Properties: Iterator<Item = (&'v str, Self)>;

    /// What this value is.
    fn view(self) -> View<'v, Self>;
}

/// What a JSON value is.
///
/// ```
/// use fastweb_schema::{Source, View};
///
/// let value = serde_json::json!([1, "a"]);
/// let View::Array(items) = (&value).view() else { panic!("an array") };
/// let views: Vec<_> = items.map(|item| item.view()).collect();
/// assert!(matches!(views[..], [View::Unsigned(1), View::String("a")]));
/// ```
#[derive(Debug)]
pub enum View<'v, S: Source<'v>> {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// An integer that is not negative.
    Unsigned(u64),
    /// An integer.
    Signed(i64),
    /// A number with a fraction or an exponent, or beyond 64 bits.
    Float(f64),
    /// A string, unescaped.
    String(&'v str),
    /// An array, by its items.
    Array(S::Items),
    /// An object, by its properties, in the order in which they are written.
    Object(S::Properties),
}

impl<'v> Source<'v> for &'v Value {
    type Items = std::slice::Iter<'v, Value>;
    type Properties = Properties<'v>;

    #[inline(always)]
    fn view(self) -> View<'v, Self> {
        match self {
            Value::Null => View::Null,
            Value::Bool(value) => View::Boolean(*value),
            Value::Number(number) => {
                if let Some(value) = number.as_u64() {
                    View::Unsigned(value)
                } else if let Some(value) = number.as_i64() {
                    View::Signed(value)
                } else {
                    // A number always is a float if it is no integer, but for a feature of serde_json that keeps any text as a
                    // number; what is beyond all floats is refused as an infinity.
                    View::Float(number.as_f64().unwrap_or(f64::INFINITY))
                }
            }
            Value::String(value) => View::String(value),
            Value::Array(items) => View::Array(items.iter()),
            Value::Object(properties) => View::Object(Properties(properties.iter())),
        }
    }
}

/// The properties of a `serde_json::Value`.
///
/// ```
/// use fastweb_schema::{Source, View};
///
/// let value = serde_json::json!({ "a": 1 });
/// let View::Object(mut properties) = (&value).view() else { panic!("an object") };
/// assert_eq!(properties.next(), Some(("a", &serde_json::json!(1))));
/// ```
#[derive(Clone, Debug)]
pub struct Properties<'v>(<&'v Map<String, Value> as IntoIterator>::IntoIter);

impl<'v> Iterator for Properties<'v> {
    type Item = (&'v str, &'v Value);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.0.next()?;
        Some((name, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}
