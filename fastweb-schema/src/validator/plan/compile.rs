//! Schemas to plans. References are resolved by the judge's own registry, so that both mean the same.

use referencing::{Draft, Resolver, ResourceRef};
use serde_json::{Map, Value};

use super::super::judge::Judge;
use super::format::{self, Format};
use super::names::Names;
use super::pattern::{Matcher, Pattern, Simple};
use super::{
    ANYTHING, Array, Member, Multiple, NOTHING, Number, Object, Other, Plan, Property, Quick, Rule, RuleId, Text,
    Types, UNKNOWN,
};
use crate::address::ByAddress;
use crate::document::raw_number;
use crate::document::tape::Raw;
use crate::members;

/// Keywords that assert nothing by themselves.
const REMARKS: [&str; 20] = [
    "$schema",
    "$id",
    "$anchor",
    "$defs",
    "$comment",
    "$vocabulary",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "definitions",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    // Beside `if` and `items`, whose rules they are part of.
    "then",
    "else",
    "additionalItems",
    "prefixItems",
];

pub(crate) struct Compiler<'r> {
    rules: Vec<Rule>,
    /// By the schema's place in memory: a schema that is referred to twice, or refers to itself, is compiled once.
    known: ByAddress<(*const Value, Draft), RuleId>,
    formats: bool,
    /// Builds the judge of a schema with one keyword.
    judge: &'r dyn Fn(Draft, &Value) -> Option<Judge>,
}

impl<'r> Compiler<'r> {
    pub(crate) fn new(formats: bool, judge: &'r dyn Fn(Draft, &Value) -> Option<Judge>) -> Self {
        // The quick lane has nothing to say to the second and third.
        let rules = vec![Rule::of_types(Types::ALL), Rule::of_types(Types::NONE), Rule::of_types(Types::NONE)];
        Self { rules, known: ByAddress::default(), formats, judge }
    }

    /// `None` where a plan could say nothing.
    pub(crate) fn compile(mut self, schema: &'r Value, resolver: &Resolver<'r>, draft: Draft) -> Option<Plan> {
        let root = self.schema(schema, resolver, draft);
        self.cut_circles();
        let root = self.shorten(root);
        let complete = self.is_complete();
        for object in self.rules.iter_mut().filter_map(|rule| rule.object.as_deref_mut()) {
            object.members =
                Names::new(object.properties.iter().map(|property| {
                    (&*property.name, Member { rule: property.rule, required: property.required.into() })
                }));
        }
        let quick = self.rules.iter().map(Quick::of).collect();
        (root != UNKNOWN).then(|| Plan { rules: self.rules.into(), quick, root, complete })
    }

    fn schema(&mut self, schema: &'r Value, resolver: &Resolver<'r>, draft: Draft) -> RuleId {
        let members = match schema {
            Value::Bool(true) => return ANYTHING,
            Value::Bool(false) => return NOTHING,
            Value::Object(members) => members,
            _ => return UNKNOWN,
        };
        // Draft 4 tells 1 from 1.0 and has bounds of its own; a meta-schema of the application's may mean anything.
        if matches!(draft, Draft::Draft4 | Draft::Unknown) {
            return UNKNOWN;
        }
        // A part with a draft of its own.
        if members.contains_key("$schema") && draft.detect(schema) != draft {
            return UNKNOWN;
        }
        let key = (std::ptr::from_ref(schema), draft);
        if let Some(&rule) = self.known.get(&key) {
            return rule;
        }
        let id = self.rules.len() as RuleId;
        self.rules.push(Rule::of_types(Types::ALL));
        self.known.insert(key, id);
        let rule = match resolver.in_subresource(ResourceRef::new(schema, draft)) {
            Ok(resolver) => self.rule(members, &resolver, draft),
            Err(_) => None,
        };
        self.rules[id as usize] = rule.unwrap_or_else(unknown);
        id
    }

    /// `None` where only the judge knows.
    fn rule(&mut self, schema: &'r Map<String, Value>, resolver: &Resolver<'r>, draft: Draft) -> Option<Rule> {
        let mut rule = Rule::of_types(Types::ALL);
        let mut others = Vec::new();
        if let Some(reference) = schema.get("$ref") {
            others.push(Other::Ref(self.reference(reference, resolver)?));
            // Drafts up to 7 ignore what stands beside it.
            if matches!(draft, Draft::Draft6 | Draft::Draft7) {
                rule.others = others.into();
                return Some(rule);
            }
        }
        let (mut number, mut text, mut array, mut object) = (None, None, None, None);
        for (keyword, operand) in schema {
            match &**keyword {
                "$ref" => {}
                "type" => (rule.types, rule.type_names) = types(operand)?,
                "enum" => others.push(one_of(operand.as_array()?)),
                "const" => others.push(Other::Const(operand.clone())),
                "minimum" => number.get_or_insert_with(Number::default).minimum = Some(bound(operand)?),
                "maximum" => number.get_or_insert_with(Number::default).maximum = Some(bound(operand)?),
                "exclusiveMinimum" => {
                    number.get_or_insert_with(Number::default).exclusive_minimum = Some(bound(operand)?);
                }
                "exclusiveMaximum" => {
                    number.get_or_insert_with(Number::default).exclusive_maximum = Some(bound(operand)?);
                }
                "multipleOf" => {
                    number.get_or_insert_with(Number::default).multiple_of = Some(self.multiple(operand, draft)?);
                }
                "minLength" => text.get_or_insert_with(Text::default).min = count(operand)?,
                "maxLength" => text.get_or_insert_with(Text::default).max = count(operand)?,
                "pattern" => text.get_or_insert_with(Text::default).pattern = Some(self.pattern(operand, draft)?),
                "format" if !self.formats => {}
                "format" => text.get_or_insert_with(Text::default).format = self.format(operand.as_str()?, draft)?,
                "minItems" => array.get_or_insert_with(Array::default).min = count(operand)?,
                "maxItems" => array.get_or_insert_with(Array::default).max = count(operand)?,
                "uniqueItems" => array.get_or_insert_with(Array::default).unique = operand.as_bool()?,
                "prefixItems" if draft == Draft::Draft202012 => {
                    array.get_or_insert_with(Array::default).prefix = self.schemas(operand, resolver, draft)?;
                }
                "items" => self.items(schema, operand, array.get_or_insert_with(Array::default), resolver, draft)?,
                "minProperties" => object.get_or_insert_with(Object::default).min = count(operand)?,
                "maxProperties" => object.get_or_insert_with(Object::default).max = count(operand)?,
                "properties" | "required" | "additionalProperties" => {
                    object.get_or_insert_with(Object::default);
                }
                "allOf" => others.push(Other::AllOf(self.schemas(operand, resolver, draft)?)),
                "anyOf" => others.push(Other::AnyOf(self.schemas(operand, resolver, draft)?)),
                "oneOf" => others.push(Other::OneOf(self.schemas(operand, resolver, draft)?)),
                "not" => others.push(Other::Not(self.schema(operand, resolver, draft))),
                "if" if draft != Draft::Draft6 => {
                    let condition = self.schema(operand, resolver, draft);
                    let mut branch = |name| schema.get(name).map_or(ANYTHING, |s| self.schema(s, resolver, draft));
                    let (then, otherwise) = (branch("then"), branch("else"));
                    others.push(Other::If { condition, then, otherwise });
                }
                keyword if REMARKS.contains(&keyword) => {}
                // What no draft knows is a remark of the application's.
                keyword if ALL_DRAFTS.iter().any(|draft| draft.is_known_keyword(keyword)) => return None,
                _ => {}
            }
        }
        if let Some(object) = &mut object {
            self.properties(schema, object, resolver, draft)?;
        }
        rule.number = number.map(Box::new);
        rule.string = text.map(Box::new);
        rule.array = array.map(Box::new);
        rule.object = object.map(Box::new);
        rule.others = others.into();
        Some(rule)
    }

    fn reference(&mut self, reference: &'r Value, resolver: &Resolver<'r>) -> Option<RuleId> {
        let (contents, resolver, draft) = resolver.lookup(reference.as_str()?).ok()?.into_inner();
        Some(self.schema(contents, &resolver, draft))
    }

    fn schemas(&mut self, schemas: &'r Value, resolver: &Resolver<'r>, draft: Draft) -> Option<Box<[RuleId]>> {
        Some(schemas.as_array()?.iter().map(|schema| self.schema(schema, resolver, draft)).collect())
    }

    /// `items`: one schema for all; in drafts up to 2019-09 also a list, and `additionalItems` for the rest.
    fn items(
        &mut self,
        schema: &'r Map<String, Value>,
        items: &'r Value,
        array: &mut Array,
        resolver: &Resolver<'r>,
        draft: Draft,
    ) -> Option<()> {
        if items.is_array() {
            if draft == Draft::Draft202012 {
                return None;
            }
            array.prefix = self.schemas(items, resolver, draft)?;
            array.items = schema.get("additionalItems").map_or(ANYTHING, |rest| self.schema(rest, resolver, draft));
        } else {
            array.items = self.schema(items, resolver, draft);
        }
        Some(())
    }

    fn properties(
        &mut self,
        schema: &'r Map<String, Value>,
        object: &mut Object,
        resolver: &Resolver<'r>,
        draft: Draft,
    ) -> Option<()> {
        if let Some(additional) = schema.get("additionalProperties") {
            object.additional = self.schema(additional, resolver, draft);
            // By a reference to `false`: the judge tells of each property by itself, and not of the object.
            if object.additional == NOTHING && *additional != Value::Bool(false) {
                return None;
            }
        }
        let mut properties = Vec::new();
        if let Some(declared) = schema.get("properties") {
            for (name, schema) in declared.as_object()? {
                properties.push(Property {
                    name: name.as_str().into(),
                    rule: self.schema(schema, resolver, draft),
                    required: false,
                    declared: true,
                });
            }
        }
        if let Some(required) = schema.get("required") {
            for name in required.as_array()? {
                let name = name.as_str()?;
                match properties.iter_mut().find(|property| *property.name == *name) {
                    Some(property) => property.required = true,
                    None => properties.push(Property {
                        name: name.into(),
                        rule: object.additional,
                        required: true,
                        declared: false,
                    }),
                }
            }
        }
        object.required = properties.iter().filter(|property| property.required).count() as u32;
        object.properties = properties.into();
        Some(())
    }

    fn multiple(&self, operand: &Value, draft: Draft) -> Option<Multiple> {
        // Above, the judge's divisor is not what the schema says any more.
        let divisor = operand.as_u64().filter(|&divisor| divisor <= 1 << 53).unwrap_or(0);
        let judge = (self.judge)(draft, &single("multipleOf", operand))?;
        Some(Multiple { operand: bound(operand)?, divisor, judge })
    }

    fn pattern(&self, operand: &Value, draft: Draft) -> Option<Pattern> {
        let source = operand.as_str()?;
        let matcher = match Simple::compile(source) {
            Some(simple) => Matcher::Simple(simple),
            None => Matcher::Judge((self.judge)(draft, &single("pattern", operand))?),
        };
        Some(Pattern { source: source.into(), matcher })
    }

    /// `Some(None)` for a format that the judge does not know either, and therefore accepts.
    fn format(&self, name: &str, draft: Draft) -> Option<Option<Format>> {
        let known_later = crate::registry::LATER_FORMATS.contains(&name);
        if !known_later && !jsonschema::options().is_known_format(draft, name) {
            return Some(None);
        }
        let build = || (self.judge)(draft, &single("format", &Value::from(name)));
        let judge = format::cached(draft, name, build)?;
        Some(Some(Format::new(name, judge)))
    }

    /// A rule that asks for itself of the same value never ends; the judge has its way with those.
    fn cut_circles(&mut self) {
        #[derive(Clone, Copy, PartialEq)]
        enum State {
            New,
            Open,
            Done,
        }
        let mut state = vec![State::New; self.rules.len()];
        for start in 0..self.rules.len() {
            // Depth first, with a stack of its own: schemas may refer to each other in long chains.
            let mut stack = vec![(start, None::<std::vec::IntoIter<RuleId>>)];
            while let Some((rule, next)) = stack.last_mut() {
                let at = *rule;
                if next.is_none() {
                    if state[at] != State::New {
                        stack.pop();
                        continue;
                    }
                    state[at] = State::Open;
                    *next = Some(self.rules[at].same_value().into_iter());
                }
                match next.as_mut().and_then(Iterator::next) {
                    Some(child) if state[child as usize] == State::Open => self.rules[child as usize] = unknown(),
                    Some(child) => stack.push((child as usize, None)),
                    None => {
                        state[at] = State::Done;
                        stack.pop();
                    }
                }
            }
        }
    }

    /// Replaces rules that say nothing but "as that one" by that one.
    fn shorten(&mut self, root: RuleId) -> RuleId {
        let targets: Vec<_> = (0..self.rules.len() as RuleId).map(|rule| self.target(rule)).collect();
        for rule in &mut self.rules {
            rule.each_id(|id| *id = targets[*id as usize]);
        }
        targets[root as usize]
    }

    /// Whether no rule asks for the one that nobody knows.
    fn is_complete(&mut self) -> bool {
        let mut complete = true;
        self.rules.iter_mut().for_each(|rule| rule.each_id(|id| complete &= *id != UNKNOWN));
        complete
    }

    fn target(&self, mut rule: RuleId) -> RuleId {
        // No circles are left, so that this ends.
        while rule > UNKNOWN {
            let Rule { types: Types::ALL, number: None, string: None, array: None, object: None, others, .. } =
                &self.rules[rule as usize]
            else {
                break;
            };
            rule = match &**others {
                [] => ANYTHING,
                [Other::Ref(target)] => *target,
                _ => break,
            };
        }
        rule
    }
}

const ALL_DRAFTS: [Draft; 5] = [Draft::Draft4, Draft::Draft6, Draft::Draft7, Draft::Draft201909, Draft::Draft202012];

/// For what only the judge understands, where another rule may have been expected.
fn unknown() -> Rule {
    Rule { others: [Other::Ref(UNKNOWN)].into(), ..Rule::of_types(Types::ALL) }
}

fn single(keyword: &str, operand: &Value) -> Value {
    Value::Object(members::single(keyword, operand.clone()))
}

fn types(operand: &Value) -> Option<(Types, Box<str>)> {
    let one = |name: &str| {
        Some(match name {
            "null" => Types::NULL,
            "boolean" => Types::BOOLEAN,
            "integer" => Types::INTEGER,
            "number" => Types::INTEGER.with(Types::FRACTION),
            "string" => Types::STRING,
            "array" => Types::ARRAY,
            "object" => Types::OBJECT,
            _ => return None,
        })
    };
    let names: Vec<&str> = match operand {
        Value::Array(names) => names.iter().map(Value::as_str).collect::<Option<_>>()?,
        name => {
            let name = name.as_str()?;
            return Some((one(name)?, name.into()));
        }
    };
    let types = names.iter().try_fold(Types::NONE, |types, name| Some(types.with(one(name)?)))?;
    Some((types, names.join(",").into()))
}

fn one_of(values: &[Value]) -> Other {
    let strings: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
    strings.map_or_else(
        || Other::OneOfValues(values.into()),
        |strings| Other::OneOfStrings(Names::new(strings.into_iter().map(|string| (string, true)))),
    )
}

fn bound(operand: &Value) -> Option<Raw> {
    operand.as_number().map(raw_number)
}

/// A length; also `2.0` is one.
fn count(operand: &Value) -> Option<u32> {
    match raw_number(operand.as_number()?) {
        Raw::Unsigned(count) => count.try_into().ok(),
        Raw::Float(count) if count.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&count) => Some(count as u32),
        _ => None,
    }
}

impl Default for Text {
    fn default() -> Self {
        Self { min: 0, max: u32::MAX, format: None, pattern: None }
    }
}

impl Default for Array {
    fn default() -> Self {
        Self { min: 0, max: u32::MAX, unique: false, prefix: Box::default(), items: ANYTHING }
    }
}

impl Default for Object {
    fn default() -> Self {
        let members = Names::new(std::iter::empty());
        Self { min: 0, max: u32::MAX, required: 0, properties: Box::default(), members, additional: ANYTHING }
    }
}
