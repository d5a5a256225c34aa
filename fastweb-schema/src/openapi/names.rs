//! Names of components: equal schemas once, clashing names told apart.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value};

use crate::members;

/// A schema that is referred to.
pub(super) struct Component {
    pub(super) wanted: String,
    pub(super) schema: Value,
}

/// Components with their names.
pub(super) struct Named {
    /// By number.
    names: Vec<String>,
    components: Vec<Component>,
    mark: &'static str,
}

impl Named {
    /// References are to numbers behind `mark`. The order of `components` decides who keeps a name.
    pub(super) fn new(components: Vec<Component>, mark: &'static str) -> Self {
        let classes = classes(&components, mark);
        let mut taken: HashSet<&str> = components.iter().map(|component| &*component.wanted).collect();
        // By class, in the order of their first components.
        let mut named: HashMap<usize, String> = HashMap::new();
        let mut owners: HashMap<&str, usize> = HashMap::new();
        let mut made = Vec::new();
        for (component, &class) in components.iter().zip(&classes) {
            if named.contains_key(&class) {
                continue;
            }
            let wanted = &*component.wanted;
            let name = match owners.contains_key(wanted) {
                false => wanted.to_owned(),
                // Numbers of every name go on where the last one was: many clashes are no reason to look for long.
                true => loop {
                    let number = owners.get_mut(wanted).expect("it is there");
                    *number += 1;
                    let name = format!("{wanted}{number}");
                    if !taken.contains(&*name) {
                        break name;
                    }
                },
            };
            owners.entry(wanted).or_insert(1);
            made.push(name.clone());
            named.insert(class, name);
        }
        taken.clear();
        let names = classes.iter().map(|class| named[class].clone()).collect();
        Self { names, components, mark }
    }

    /// Gives the references in `value` the names of what they refer to.
    pub(super) fn name_references(&self, value: &mut Value) {
        replace(value, self.mark, &|number| self.names.get(number).map(|name| format!("#/components/schemas/{name}")));
    }

    /// The components by name.
    pub(super) fn into_components(self) -> Map<String, Value> {
        let mut found: BTreeMap<&str, Value> = BTreeMap::new();
        for (name, component) in self.names.iter().zip(&self.components) {
            found.entry(name).or_insert_with(|| {
                let mut schema = component.schema.clone();
                self.name_references(&mut schema);
                schema
            });
        }
        members::object(found.into_iter().map(|(name, schema)| (name.to_owned(), schema)))
    }
}

/// Which components are the same: those that want the same name and say the same, where references say what they refer to. Begins with all of one name and
/// tells apart until nothing more can be told apart, so that schemas that refer to themselves are compared, too.
fn classes(components: &[Component], mark: &str) -> Vec<usize> {
    let mut classes = vec![0; components.len()];
    let mut count = 0;
    loop {
        let mut known: HashMap<(usize, &str, String), usize> = HashMap::new();
        let next: Vec<usize> = components
            .iter()
            .zip(&classes)
            .map(|(component, &class)| {
                let mut schema = component.schema.clone();
                replace(&mut schema, mark, &|number| classes.get(number).map(|class| format!("{mark}{class}")));
                let number = known.len();
                *known.entry((class, &component.wanted, schema.to_string())).or_insert(number)
            })
            .collect();
        let found = known.len();
        classes = next;
        if found == count {
            return classes;
        }
        count = found;
    }
}

/// Replaces the references to numbers behind `mark`.
fn replace(value: &mut Value, mark: &str, by: &impl Fn(usize) -> Option<String>) {
    match value {
        Value::String(text) => {
            if let Some(name) = text.strip_prefix(mark).and_then(|number| by(number.parse().ok()?)) {
                *text = name;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, mark, by)),
        Value::Object(members) => members.values_mut().for_each(|member| replace(member, mark, by)),
        _ => {}
    }
}

/// Whether OpenAPI takes it for the name of a component.
pub(super) fn is_valid(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(is_valid_byte)
}

fn is_valid_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
}

/// A name that OpenAPI takes.
pub(super) fn valid(name: &str) -> String {
    let name: String = name.chars().map(|c| if u8::try_from(c).is_ok_and(is_valid_byte) { c } else { '_' }).collect();
    if name.is_empty() { "Schema".to_owned() } else { name }
}

/// The name in a URI: of `https://example.com/schemas/item.schema.json` it is `item`.
pub(super) fn of_uri(uri: &str) -> String {
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    let last = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
    let last = last.strip_suffix(".json").unwrap_or(last);
    valid(last.strip_suffix(".schema").unwrap_or(last))
}
