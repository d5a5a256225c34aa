//! `$ref`: which schema is meant.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

use super::super::error::escaped;
use super::error::CompileProblem;

/// Where schemas come from that a response schema refers to and does not hold: a registry. Nothing is ever loaded from files or
/// the network.
///
/// A closure from the URI to the document is one.
///
/// ```
/// use fastweb_schema::Serializer;
/// use serde_json::{Value, json};
///
/// let registry = |uri: &str| (uri == "user").then(|| json!({ "properties": { "name": { "type": "string" } } }));
/// let users = Serializer::compile_with(&json!({ "type": "array", "items": { "$ref": "user#" } }), &registry)?;
/// let mut out = Vec::new();
/// users.write_value(&json!([{ "name": "Ada", "password": "x" }]), &mut out)?;
/// assert_eq!(out, br#"[{"name":"Ada"}]"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Resolve {
    /// The document that `uri` means. The fragment, what stands behind `#`, is not part of `uri`: it is looked for in the document.
    ///
    /// A relative reference is asked for twice if need be: resolved against the `$id` that it stands under, and as it is written.
    fn resolve(&self, uri: &str) -> Option<Value>;
}

impl<F: Fn(&str) -> Option<Value>> Resolve for F {
    fn resolve(&self, uri: &str) -> Option<Value> {
        self(uri)
    }
}

/// Nothing but what the schema itself holds.
pub(in super::super) struct NoRegistry;

impl Resolve for NoRegistry {
    fn resolve(&self, _uri: &str) -> Option<Value> {
        None
    }
}

/// The documents that a schema can refer to.
pub(super) struct Documents {
    /// By URI; the schema itself, without a name of its own, is the first.
    documents: Vec<(String, Value)>,
    /// Documents by what they were asked for as: the base, and the URI in the reference.
    asked: HashMap<(String, String), usize>,
}

/// A schema and what references in it are relative to.
#[derive(Clone)]
pub(super) struct Located<'s> {
    pub(super) schema: &'s Value,
    /// The schema that a fragment is looked for in.
    resource: &'s Value,
    base: Rc<str>,
    /// For messages.
    pub(super) place: Rc<str>,
}

/// What a `$ref` may not go into: data, not schemas.
fn is_data(keyword: &str) -> bool {
    matches!(keyword, "const" | "enum" | "default" | "examples" | "example")
}

/// `$id` without an empty fragment; one that is only a fragment is an anchor.
fn id(schema: &Value) -> Option<&str> {
    let id = schema.get("$id")?.as_str()?;
    let id = id.strip_suffix('#').unwrap_or(id);
    (!id.is_empty() && !id.starts_with('#')).then_some(id)
}

fn split(reference: &str) -> (&str, &str) {
    reference.split_once('#').unwrap_or((reference, ""))
}

/// `reference` resolved against `base` (RFC 3986, section 5.2), as far as schemas use it: without dot segments.
fn join(base: &str, reference: &str) -> String {
    let has_scheme = |uri: &str| uri.split_once(':').is_some_and(|(scheme, _)| !scheme.contains('/'));
    if has_scheme(reference) || base.is_empty() {
        return reference.to_owned();
    }
    let authority = base.find("://").map_or(0, |scheme| scheme + 3);
    let path = base[authority..].find('/').map_or(base.len(), |slash| authority + slash);
    if reference.starts_with('/') {
        return format!("{}{reference}", &base[..path]);
    }
    match base[path..].rfind('/') {
        Some(slash) => format!("{}{reference}", &base[..=path + slash]),
        None if authority > 0 => format!("{base}/{reference}"),
        None => reference.to_owned(),
    }
}

impl Documents {
    /// Collects all that `schema` refers to, and what that refers to.
    pub(super) fn collect(schema: &Value, registry: &dyn Resolve, problems: &mut Vec<CompileProblem>) -> Self {
        let mut documents = Self { documents: Vec::new(), asked: HashMap::new() };
        documents.add("", schema.clone());
        let mut next = 0;
        while next < documents.documents.len() {
            let mut references = Vec::new();
            let (uri, document) = &documents.documents[next];
            walk(document, uri.clone(), format!("{uri}#"), &mut |_, schema, base, place| {
                for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
                    if let Some(reference) = schema.get(keyword).and_then(Value::as_str) {
                        references.push((base.to_owned(), split(reference).0.to_owned(), format!("{place}/{keyword}")));
                    }
                }
            });
            for (base, uri, place) in references {
                let asked = (base, uri);
                let (base, uri) = (&asked.0, &asked.1);
                if uri.is_empty() || documents.asked.contains_key(&asked) || documents.known(base, uri).is_some() {
                    continue;
                }
                let joined = join(base, uri);
                let found = registry.resolve(&joined).map(|document| (joined, document));
                match found.or_else(|| registry.resolve(uri).map(|document| (uri.clone(), document))) {
                    Some((name, document)) => {
                        let index = documents.add(&name, document);
                        documents.asked.insert(asked, index);
                    }
                    None => problems.push(CompileProblem::new(
                        place,
                        format!("refers to '{uri}', which is not known; add a schema with this $id, or correct the reference"),
                    )),
                }
            }
            next += 1;
        }
        documents
    }

    fn add(&mut self, uri: &str, document: Value) -> usize {
        let index = self.documents.len();
        self.documents.push((uri.to_owned(), document));
        index
    }

    pub(super) fn root(&self) -> Located<'_> {
        self.document(0)
    }

    fn document(&self, index: usize) -> Located<'_> {
        let (uri, document) = &self.documents[index];
        let located = Located {
            schema: document,
            resource: document,
            base: uri.as_str().into(),
            place: format!("{uri}#").into(),
        };
        located.entered()
    }

    /// The schema whose `$id` is meant by `uri` under `base`.
    fn known(&self, base: &str, uri: &str) -> Option<Located<'_>> {
        let joined = join(base, uri);
        for (index, (name, document)) in self.documents.iter().enumerate() {
            if !name.is_empty() && *name == joined {
                return Some(self.document(index));
            }
            let mut found = None;
            walk(document, name.clone(), format!("{name}#"), &mut |resource, schema, base, place| {
                if found.is_none() && id(schema).is_some_and(|id| base == joined || id == uri) {
                    found = Some(Located { schema, resource, base: base.into(), place: place.into() });
                }
            });
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// The schema that a reference means.
    pub(super) fn refer<'s>(&'s self, from: &Located<'s>, reference: &str) -> Result<Located<'s>, String> {
        let (uri, fragment) = split(reference);
        let resource = if uri.is_empty() {
            Located { schema: from.resource, place: format!("{}#", from.base).into(), ..from.clone() }
        } else {
            let asked = self.asked.get(&(from.base.as_ref().to_owned(), uri.to_owned()));
            match asked.map(|index| self.document(*index)).or_else(|| self.known(&from.base, uri)) {
                Some(resource) => resource,
                // It was told of when documents were collected.
                None => {
                    return Err(format!(
                        "refers to '{uri}', which is not known; add a schema with this $id, or correct the reference"
                    ));
                }
            }
        };
        let dangling =
            || format!("refers to '{reference}', which is not in that schema; add it there, or correct the reference");
        let fragment = decoded(fragment);
        if fragment.is_empty() {
            return Ok(resource);
        }
        if let Some(pointer) = fragment.strip_prefix('/') {
            let mut located = resource;
            for token in pointer.split('/') {
                let name = token.replace("~1", "/").replace("~0", "~");
                let part = match located.schema {
                    Value::Array(items) => name.parse::<usize>().ok().and_then(|index| items.get(index)),
                    other => other.get(&name),
                };
                located = located.part(part.ok_or_else(dangling)?, &[&name]);
            }
            return Ok(located);
        }
        let mut found = None;
        let anchored = |schema: &Value| {
            ["$anchor", "$dynamicAnchor"].iter().any(|keyword| schema.get(keyword).is_some_and(|name| *name == *fragment))
                // Drafts 6 and 7.
                || schema.get("$id").and_then(Value::as_str).and_then(|id| id.strip_prefix('#')) == Some(&fragment)
        };
        walk(
            resource.schema,
            resource.base.to_string(),
            resource.place.to_string(),
            &mut |inner, schema, base, place| {
                if found.is_none() && std::ptr::eq(inner, resource.resource) && anchored(schema) {
                    found = Some(Located { schema, resource: inner, base: base.into(), place: place.into() });
                }
            },
        );
        found.ok_or_else(dangling)
    }
}

impl<'s> Located<'s> {
    /// A schema within this one; `tokens` lead to it.
    pub(super) fn part(&self, schema: &'s Value, tokens: &[&str]) -> Self {
        let mut place = self.place.to_string();
        for token in tokens {
            place.push('/');
            place.push_str(&escaped(token));
        }
        Self { schema, place: place.into(), ..self.clone() }.entered()
    }

    /// The schema of a keyword.
    pub(super) fn child(&self, keyword: &str) -> Option<Self> {
        Some(self.part(self.schema.get(keyword)?, &[keyword]))
    }

    fn entered(self) -> Self {
        match id(self.schema) {
            Some(id) => Self { resource: self.schema, base: join(&self.base, id).into(), ..self },
            None => self,
        }
    }
}

/// Calls `visit` for every object of a document that may be a schema: with the schema resource that it is in, the object, its
/// base URI and its place. Not recursive: nesting does not count.
fn walk<'s>(document: &'s Value, base: String, place: String, visit: &mut dyn FnMut(&'s Value, &'s Value, &str, &str)) {
    let mut left = vec![(document, document, base, place)];
    while let Some((mut resource, value, mut base, place)) = left.pop() {
        match value {
            Value::Object(members) => {
                if let Some(id) = id(value) {
                    base = join(&base, id);
                    resource = value;
                }
                visit(resource, value, &base, &place);
                for (name, member) in members
                    .iter()
                    .rev()
                    .filter(|(name, member)| (member.is_object() || member.is_array()) && !is_data(name))
                {
                    left.push((resource, member, base.clone(), format!("{place}/{}", escaped(name))));
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate().rev() {
                    left.push((resource, item, base.clone(), format!("{place}/{index}")));
                }
            }
            _ => {}
        }
    }
}

/// A URI's fragment without percent-encoding; what is no text stays as it is.
fn decoded(fragment: &str) -> String {
    if !fragment.contains('%') {
        return fragment.to_owned();
    }
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = |digit: Option<&u8>| digit.and_then(|digit| char::from(*digit).to_digit(16));
        match (byte, hex(after.first()), hex(after.get(1))) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &after[2..];
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| fragment.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_joined_to_their_base() {
        for (base, reference, joined) in [
            ("", "user", "user"),
            ("http://x.example/a/b.json", "c.json", "http://x.example/a/c.json"),
            ("http://x.example/a/b.json", "/c.json", "http://x.example/c.json"),
            ("http://x.example", "c.json", "http://x.example/c.json"),
            ("http://x.example/a", "urn:x:y", "urn:x:y"),
            ("user", "group", "group"),
            ("a/user", "group", "a/group"),
        ] {
            assert_eq!(join(base, reference), joined, "{base} {reference}");
        }
    }

    #[test]
    fn fragments_are_decoded() {
        assert_eq!(decoded("/a%20b%25%C3%A9"), "/a b%é");
        assert_eq!(decoded("%ff%zz%2"), "%ff%zz%2");
    }
}
