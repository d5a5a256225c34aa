//! Objects of members that are made one by one.

use serde_json::{Map, Value};

/// The object of these members. Instead of `collect`, which sorts them first: a sort is some sixty functions, compiled anew for each kind of iterator.
pub(crate) fn object(members: impl Iterator<Item = (String, Value)>) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, value) in members {
        object.insert(name, value);
    }
    object
}

/// The object of one member.
pub(crate) fn single(name: &str, value: Value) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert(name.to_owned(), value);
    object
}
