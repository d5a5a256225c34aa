//! From a response schema to its plan.
//!
//! A node of the plan stands for a set of schemas that all apply to the same values: a schema with those that it refers to and
//! those of its `allOf`. Sets are found step by step from the root's, and a set that is met again is the same node, so recursive
//! schemas end.

mod allowed;
mod defaults;
mod error;
mod object;
mod reference;

use std::collections::HashMap;

use serde_json::Value;

pub use error::{CompileError, CompileProblem};
pub(super) use reference::NoRegistry;
pub use reference::Resolve;

use super::plan::{Array, Node, Plan, Target};
use super::types::Types;
use reference::{Documents, Located};

/// How many nodes a plan may have: schemas that multiply through `anyOf` within `allOf` end here.
const MOST_NODES: usize = 20_000;

/// How many sets of branches the choices that apply to one value may make: each may have to be tried for it.
const MOST_COMBINATIONS: usize = 128;

/// One schema of a set.
#[derive(Clone)]
struct Part<'s> {
    at: Located<'s>,
    /// Which of its choices are made already, so that only the chosen branch still applies.
    made: Choices,
}

/// `anyOf`, `oneOf`, `if`: bits.
type Choices = u8;
const CHOICES: [(Choices, &str); 3] = [(1, "anyOf"), (2, "oneOf"), (4, "if")];

/// What tells a set from others.
type Key = Vec<(usize, Choices)>;

/// A set of schemas whose node is still to be made.
struct Waiting<'s> {
    index: usize,
    parts: Vec<Part<'s>>,
    /// How many sets there are like this one, that differ by the branches that were chosen.
    combinations: usize,
}

struct Compiler<'s> {
    documents: &'s Documents,
    nodes: Vec<Node>,
    /// The default of each node, and the place of that.
    defaults: Vec<Option<(&'s Value, String)>>,
    by_key: HashMap<Key, usize>,
    waiting: Vec<Waiting<'s>>,
    problems: Vec<CompileProblem>,
}

/// Compiles a response schema.
pub(super) fn compile(schema: &Value, registry: &dyn Resolve) -> Result<Plan, CompileError> {
    let mut problems = Vec::new();
    let documents = Documents::collect(schema, registry, &mut problems);
    let mut compiler = Compiler {
        documents: &documents,
        nodes: vec![Node::ANY],
        defaults: vec![None],
        by_key: HashMap::new(),
        waiting: Vec::new(),
        problems,
    };
    let root = compiler.target(vec![documents.root()]);
    while let Some(Waiting { index, parts, combinations }) = compiler.waiting.pop() {
        if compiler.nodes.len() > MOST_NODES {
            compiler.problems.push(CompileProblem::new(
                "#",
                format!("takes more than {MOST_NODES} steps to write; use fewer anyOf and oneOf within each other"),
            ));
            break;
        }
        let node = compiler.node(&parts, combinations);
        compiler.nodes[index] = node;
    }
    let Compiler { nodes, defaults, mut problems, .. } = compiler;
    let mut plan = Plan { nodes, root };
    plan.set_direct();
    if problems.is_empty() {
        defaults::set(&mut plan, &defaults, &mut problems);
    }
    if problems.is_empty() { Ok(plan) } else { Err(CompileError::new(problems)) }
}

impl<'s> Compiler<'s> {
    fn problem(&mut self, at: &Located<'s>, keyword: &str, message: impl Into<String>) {
        let separator = if keyword.is_empty() { "" } else { "/" };
        self.problems.push(CompileProblem::new(format!("{}{separator}{keyword}", at.place), message));
    }

    /// The node of the schemas that all apply.
    fn target(&mut self, schemas: Vec<Located<'s>>) -> Target {
        let parts = schemas.into_iter().map(|at| Part { at, made: 0 }).collect();
        self.target_of(parts, 1)
    }

    fn target_of(&mut self, parts: Vec<Part<'s>>, combinations: usize) -> Target {
        let parts = self.expand(parts);
        let mut key: Key = parts.iter().map(|part| (std::ptr::from_ref(part.at.schema).addr(), part.made)).collect();
        key.sort_unstable();
        if key.is_empty() {
            return Target::ANY;
        }
        if let Some(&index) = self.by_key.get(&key) {
            return Target::later(index);
        }
        let index = self.nodes.len();
        self.nodes.push(Node::ANY);
        self.defaults.push(parts.iter().find_map(|part| {
            part.at.schema.get("default").map(|default| (default, format!("{}/default", part.at.place)))
        }));
        self.by_key.insert(key, index);
        self.waiting.push(Waiting { index, parts, combinations });
        Target::later(index)
    }

    /// All schemas that apply where `parts` do: those that they refer to, and those of `allOf`. `true` is left out.
    ///
    /// A schema is in the set once. Choices that were made for it stay made by whatever way it is met, so a set of branches
    /// always has fewer choices left than the one that it is a branch of, and recursive choices end.
    fn expand(&mut self, parts: Vec<Part<'s>>) -> Vec<Part<'s>> {
        let mut all: Vec<Part<'s>> = Vec::new();
        // In the order of the schemas, which is that of properties and defaults.
        let mut left: Vec<Located<'s>> = parts.iter().rev().map(|part| part.at.clone()).collect();
        while let Some(at) = left.pop() {
            if all.iter().any(|other| std::ptr::eq(other.at.schema, at.schema)) {
                continue;
            }
            let before = parts.iter().find(|part| std::ptr::eq(part.at.schema, at.schema));
            let part = Part { at: at.clone(), made: before.map_or(0, |part| part.made) };
            match at.schema {
                Value::Bool(true) => continue,
                Value::Bool(false) => all.push(part),
                Value::Object(_) => {
                    all.push(part);
                    if let Some(schemas) = at.schema.get("allOf") {
                        left.extend(self.schemas(&at, "allOf", schemas).into_iter().rev());
                    }
                    for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
                        let Some(reference) = at.schema.get(keyword) else { continue };
                        let found = match reference.as_str() {
                            Some(reference) => self.documents.refer(&at, reference),
                            None => Err("must be a string, the URI of a schema".to_owned()),
                        };
                        match found {
                            Ok(at) => left.push(at),
                            Err(message) => self.problem(&at, keyword, message),
                        }
                    }
                }
                _ => self.problem(&at, "", "must be a schema: an object, true or false"),
            }
        }
        all
    }

    /// The schemas of a keyword that takes a list of them.
    fn schemas(&mut self, at: &Located<'s>, keyword: &str, schemas: &'s Value) -> Vec<Located<'s>> {
        match schemas.as_array() {
            Some(schemas) if !schemas.is_empty() => {
                let part = |(index, schema): (usize, &'s Value)| at.part(schema, &[keyword, &index.to_string()]);
                schemas.iter().enumerate().map(part).collect()
            }
            _ => {
                self.problem(at, keyword, "must be a list of schemas, with at least one");
                Vec::new()
            }
        }
    }

    /// What a set of schemas says of a value.
    fn node(&mut self, parts: &[Part<'s>], combinations: usize) -> Node {
        if parts.iter().any(|part| part.at.schema == &Value::Bool(false)) {
            return Node { types: Types::NONE, ..Node::ANY };
        }
        let mut types = Types::ALL;
        for part in parts {
            types = types & self.types(&part.at);
        }
        if let Some(node) = self.choice(parts, types, combinations) {
            return node;
        }
        let allowed = self.allowed(parts);
        if let Some(allowed) = &allowed {
            types = types & allowed::types_of(allowed);
        }
        Node {
            types,
            allowed,
            branches: None,
            object: if types.has(Types::OBJECT) { self.object(parts) } else { None },
            array: if types.has(Types::ARRAY) { self.array(parts) } else { None },
        }
    }

    /// What `type` and `nullable` of one schema allow.
    fn types(&mut self, at: &Located<'s>) -> Types {
        let Some(keyword) = at.schema.get("type") else { return Types::ALL };
        let names: Vec<&Value> = match keyword {
            Value::Array(names) => names.iter().collect(),
            name => vec![name],
        };
        let mut types = Types::NONE;
        for name in names {
            match name.as_str().and_then(Types::named) {
                Some(named) => types = types | named,
                None => self.problem(
                    at,
                    "type",
                    "must name types: \"null\", \"boolean\", \"integer\", \"number\", \"string\", \"array\", \"object\", or a list of these",
                ),
            }
        }
        // OpenAPI 3.0.
        if at.schema.get("nullable") == Some(&Value::Bool(true)) { types | Types::NULL } else { types }
    }

    /// The first choice that is still to be made: a node of its branches, each with everything else that applies.
    fn choice(&mut self, parts: &[Part<'s>], types: Types, combinations: usize) -> Option<Node> {
        let (index, choice, keyword) = parts.iter().enumerate().find_map(|(index, part)| {
            let is_open =
                |(bit, keyword): &&(Choices, &str)| part.made & bit == 0 && part.at.schema.get(keyword).is_some();
            CHOICES.iter().find(is_open).map(|(bit, keyword)| (index, *bit, *keyword))
        })?;
        let at = parts[index].at.clone();
        let branches: Vec<Vec<Located<'s>>> = match keyword {
            "if" => {
                let (condition, then, otherwise) = (at.child("if"), at.child("then"), at.child("else"));
                vec![condition.into_iter().chain(then).collect(), otherwise.into_iter().collect()]
            }
            _ => {
                let schemas = at.schema.get(keyword)?;
                self.schemas(&at, keyword, schemas).into_iter().map(|schema| vec![schema]).collect()
            }
        };
        let combinations = combinations * branches.len();
        if combinations > MOST_COMBINATIONS {
            self.problem(
                &at,
                keyword,
                format!("and the others that apply beside it make more than {MOST_COMBINATIONS} combinations; write them as one anyOf"),
            );
            return None;
        }
        let mut targets = Vec::new();
        for branch in branches {
            let mut set = parts.to_vec();
            set[index].made |= choice;
            set.extend(branch.into_iter().map(|at| Part { at, made: 0 }));
            targets.push(self.target_of(set, combinations));
        }
        Some(Node { types, branches: Some(targets.into()), ..Node::ANY })
    }

    fn array(&mut self, parts: &[Part<'s>]) -> Option<Box<Array>> {
        // For each schema: those of the first items, and that of the rest.
        let mut lists: Vec<(Vec<Located<'s>>, Option<Located<'s>>)> = Vec::new();
        for part in parts {
            let at = &part.at;
            let (mut prefix, mut rest) = (Vec::new(), None);
            if let Some(schemas) = at.schema.get("prefixItems") {
                prefix = self.schemas(at, "prefixItems", schemas);
            }
            match at.schema.get("items") {
                // Up to draft 2019-09.
                Some(schemas @ Value::Array(_)) => {
                    prefix = self.schemas(at, "items", schemas);
                    rest = at.child("additionalItems");
                }
                Some(schema) => rest = Some(at.part(schema, &["items"])),
                None => {}
            }
            if !prefix.is_empty() || rest.is_some() {
                lists.push((prefix, rest));
            }
        }
        if lists.is_empty() {
            return None;
        }
        let most = lists.iter().map(|(prefix, _)| prefix.len()).max().unwrap_or(0);
        let mut at_index = |index: usize| -> Option<Target> {
            let schemas: Vec<Located<'s>> =
                lists.iter().filter_map(|(prefix, rest)| prefix.get(index).or(rest.as_ref()).cloned()).collect();
            let none = schemas.iter().any(|at| at.schema == &Value::Bool(false));
            (!none).then(|| self.target(schemas))
        };
        let prefix: Vec<Target> = (0..most).map_while(&mut at_index).collect();
        let rest = if prefix.len() == most { at_index(most) } else { None };
        Some(Box::new(Array { prefix: prefix.into(), rest }))
    }
}

impl Plan {
    /// Sets what targets say of their nodes, now that these are there.
    fn set_direct(&mut self) {
        // A choice has the types of its branches.
        let types = |node: &Node| node.branches.as_ref().map_or(node.types, |b| self.branch_types(b) & node.types);
        let types: Vec<Types> = self.nodes.iter().map(types).collect();
        for (node, types) in self.nodes.iter_mut().zip(types) {
            node.types = types;
        }
        let direct: Vec<Types> = self.nodes.iter().map(Node::direct).collect();
        let set = |target: &mut Target| target.direct = direct[target.node];
        set(&mut self.root);
        for node in &mut self.nodes {
            node.branches.iter_mut().flatten().for_each(set);
            if let Some(array) = &mut node.array {
                array.prefix.iter_mut().chain(&mut array.rest).for_each(set);
            }
            if let Some(object) = &mut node.object {
                object.properties.iter_mut().filter_map(|property| property.target.as_mut()).for_each(set);
                object.patterns.iter_mut().filter_map(|(_, target)| target.as_mut()).for_each(set);
                object.additional.iter_mut().for_each(set);
            }
        }
    }

    /// What any of the branches takes.
    fn branch_types(&self, branches: &[Target]) -> Types {
        // A branch has fewer choices left than the node that it is a branch of: see `expand`.
        branches.iter().fold(Types::NONE, |types, branch| {
            let node = &self.nodes[branch.node];
            match &node.branches {
                Some(branches) => types | (self.branch_types(branches) & node.types),
                None => types | node.types,
            }
        })
    }
}
