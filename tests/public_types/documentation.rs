//! What rustdoc's JSON says about types of other crates.

use std::fmt;

use serde_json::Value;

/// A type or trait of another crate, and an item that says it.
pub(crate) struct Use {
    pub(crate) krate: String,
    last_name: String,
    /// It is what a trait of the documented crate is implemented for.
    pub(crate) is_implementor: bool,
    place: String,
}

impl Use {
    /// Crate and last name: where in its crate a type is defined is no promise of anybody's.
    pub(crate) fn name(&self) -> String {
        format!("{}::{}", self.krate, self.last_name)
    }
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let implementor = if self.is_implementor { ", for which a trait is implemented," } else { "" };
        write!(f, "{}{implementor} {}", self.name(), self.place)
    }
}

/// All uses of other crates' types in public items of the documented crate.
pub(crate) fn uses_of(documentation: &Value) -> Vec<Use> {
    let mut uses = Vec::new();
    let items = documentation["index"].as_object().into_iter().flatten().map(|(_, item)| item);
    for item in items.filter(|item| item["crate_id"] == 0) {
        // `default` is what belongs to something else: to a trait, an enum, an implementation.
        if !matches!(item["visibility"].as_str(), Some("public" | "default")) {
            continue;
        }
        let implementation = &item["inner"]["impl"];
        // What the compiler implements by itself, and what others implement for everything.
        if implementation["is_synthetic"] == true || !implementation["blanket_impl"].is_null() {
            continue;
        }
        let span = &item["span"];
        let (name, file) = (item["name"].as_str().unwrap_or("an implementation"), span["filename"].as_str());
        let place = format!("in `{name}`, {}:{}", file.unwrap_or("?"), span["begin"][0]);
        let is_own = |id: &Value| documentation["paths"][id.to_string()]["crate_id"] == 0;
        if is_own(&implementation["trait"]["id"]) {
            find(documentation, &implementation["for"], true, &place, &mut uses);
        } else {
            find(documentation, &item["inner"], false, &place, &mut uses);
        }
    }
    uses
}

/// Types are objects with a number and a name; their arguments stand within.
fn find(documentation: &Value, value: &Value, is_implementor: bool, place: &str, uses: &mut Vec<Use>) {
    match value {
        Value::Object(members) => {
            let is_named = ["path", "name", "source"].iter().any(|name| members.contains_key(*name));
            if let Some(id) = members.get("id").filter(|_| is_named) {
                let path = &documentation["paths"][id.to_string()];
                if path["crate_id"].as_u64().is_some_and(|krate| krate != 0) {
                    let krate = &documentation["external_crates"][path["crate_id"].to_string()]["name"];
                    let last_name = path["path"].as_array().and_then(|path| path.last()?.as_str()).unwrap_or("?");
                    uses.push(Use {
                        krate: krate.as_str().unwrap_or("?").to_owned(),
                        last_name: last_name.to_owned(),
                        is_implementor,
                        place: place.to_owned(),
                    });
                }
            }
            members.values().for_each(|member| find(documentation, member, is_implementor, place, uses));
        }
        Value::Array(values) => values.iter().for_each(|value| find(documentation, value, is_implementor, place, uses)),
        _ => {}
    }
}
