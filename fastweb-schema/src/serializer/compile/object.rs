//! `properties` and what stands beside them.

use regex::Regex;
use serde_json::Value;

use super::super::plan::{MOST_PROPERTIES, Missing, Object, Property, Target};
use super::{Compiler, Located, Part};
use crate::text::{Fragment, write_str};

/// What describes the properties of objects. A schema with none of it, and without the type `object`, says nothing of them.
const DESCRIBES: [&str; 5] =
    ["properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "required"];

impl<'s> Compiler<'s> {
    /// What leaves of an object; `None` if no schema says anything of its properties.
    pub(super) fn object(&mut self, parts: &[Part<'s>]) -> Option<Box<Object>> {
        let describes = |part: &Part<'s>| {
            let names_type = part.at.schema.get("type").is_some_and(|name| match name {
                Value::Array(names) => names.iter().any(|name| name == "object"),
                name => name == "object",
            });
            names_type || DESCRIBES.iter().any(|keyword| part.at.schema.get(keyword).is_some())
        };
        if !parts.iter().any(describes) {
            return None;
        }
        let patterns = self.patterns(parts);
        let mut names: Vec<&'s str> = Vec::new();
        for part in parts {
            match part.at.schema.get("properties") {
                Some(Value::Object(properties)) => {
                    names.extend(properties.keys().map(String::as_str));
                }
                Some(_) => self.problem(&part.at, "properties", "must be an object from names to schemas"),
                None => {}
            }
        }
        let required = self.required(parts);
        let declared = names.len();
        names.extend(required.iter().copied());
        let mut properties: Vec<Property> = Vec::new();
        let mut tracked = 0;
        let mut known = std::collections::HashSet::new();
        for (index, &name) in names.iter().enumerate() {
            if !known.insert(name) {
                continue;
            }
            let target = if index < declared || patterns.iter().any(|(pattern, _)| pattern.is_match(name)) {
                self.property(parts, &patterns, name)
            } else {
                // Required, and nothing else is said of it.
                self.additional(parts)
            };
            let mut fragment = vec![b','];
            write_str(&mut fragment, name);
            fragment.push(b':');
            let missing = if required.contains(&name) { Missing::Refuse } else { Missing::Nothing };
            let is_asked_for =
                matches!(missing, Missing::Refuse) || target.is_some_and(|target| self.defaults[target.node].is_some());
            let (word, bit) = if is_asked_for { (tracked / 64, 1 << (tracked % 64)) } else { (0, 0) };
            tracked += usize::from(is_asked_for);
            let fragment = Fragment::new(&fragment);
            properties.push(Property { name: name.into(), fragment, target, missing, word, bit });
        }
        if properties.len() > MOST_PROPERTIES {
            self.problem(&parts[0].at, "properties", format!("must be at most {MOST_PROPERTIES}"));
            return None;
        }
        let additional = self.additional(parts);
        let mut targets = Vec::new();
        for (pattern, at) in patterns {
            let hidden = at.schema == &Value::Bool(false);
            targets.push((pattern, if hidden { None } else { Some(self.target(vec![at])) }));
        }
        Some(Box::new(Object::new(properties.into(), targets.into(), additional)))
    }

    /// The names that `required` lists.
    fn required(&mut self, parts: &[Part<'s>]) -> Vec<&'s str> {
        let mut required = Vec::new();
        for part in parts {
            match part.at.schema.get("required") {
                // Draft 3 had a flag there, which says nothing of the object's own properties.
                None | Some(Value::Bool(_)) => {}
                Some(Value::Array(names)) if names.iter().all(Value::is_string) => {
                    required.extend(names.iter().filter_map(Value::as_str));
                }
                Some(_) => self.problem(&part.at, "required", "must be a list of property names"),
            }
        }
        required
    }

    fn patterns(&mut self, parts: &[Part<'s>]) -> Vec<(Regex, Located<'s>)> {
        let mut patterns = Vec::new();
        for part in parts {
            match part.at.schema.get("patternProperties") {
                Some(Value::Object(schemas)) => {
                    for (pattern, schema) in schemas {
                        let at = part.at.part(schema, &["patternProperties", pattern]);
                        match Regex::new(pattern) {
                            Ok(pattern) => patterns.push((pattern, at)),
                            Err(_) => self.problem(
                                &at,
                                "",
                                "is no pattern that can be matched in linear time; look-around and back-references cannot",
                            ),
                        }
                    }
                }
                Some(_) => self.problem(&part.at, "patternProperties", "must be an object from patterns to schemas"),
                None => {}
            }
        }
        patterns
    }

    /// The schemas of a property that is declared; `None` if one of them is `false`.
    fn property(&mut self, parts: &[Part<'s>], patterns: &[(Regex, Located<'s>)], name: &str) -> Option<Target> {
        let mut schemas: Vec<Located<'s>> =
            patterns.iter().filter(|(pattern, _)| pattern.is_match(name)).map(|(_, at)| at.clone()).collect();
        for part in parts {
            match part.at.schema.get("properties").and_then(|properties| properties.get(name)) {
                Some(schema) => schemas.push(part.at.part(schema, &["properties", name])),
                // To this schema it is an additional one. That it is declared elsewhere outweighs `false`.
                None => schemas.extend(part.at.child("additionalProperties").filter(|at| at.schema.is_object())),
            }
        }
        let hidden = schemas.iter().any(|at| at.schema == &Value::Bool(false));
        if hidden { None } else { Some(self.target(schemas)) }
    }

    /// What leaves of properties that are not declared: nothing, unless a schema says what they are and none says `false`.
    fn additional(&mut self, parts: &[Part<'s>]) -> Option<Target> {
        let said =
            |part: &Part<'s>| part.at.child("additionalProperties").or_else(|| part.at.child("unevaluatedProperties"));
        let schemas: Vec<Located<'s>> = parts.iter().filter_map(said).collect();
        let hidden = schemas.is_empty() || schemas.iter().any(|at| at.schema == &Value::Bool(false));
        if hidden { None } else { Some(self.target(schemas)) }
    }
}
