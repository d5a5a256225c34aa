//! The tree of routes.

use std::collections::BTreeMap;

use super::{Branch, draw};
use crate::hooks::RouteHooks;
use crate::route::RouteRecord;

/// Every route at the place of its path: methods, handler, constraints, how many hooks run in which phase, and which models take the slower way.
pub(crate) fn draw_routes(records: &[RouteRecord]) -> String {
    let mut root = Node::default();
    for record in records.iter().filter(|record| !record.is_fallback) {
        let mut node = &mut root;
        let path = record.pattern.strip_prefix('/').unwrap_or(&record.pattern);
        for segment in path.split('/').filter(|_| !path.is_empty()) {
            node = node.below.entry(segment).or_default();
        }
        node.routes.push(RouteLines { route: line(record), models: slow_models(record) });
    }
    let mut out = String::new();
    draw(&[root.into_branch("/")], "", &mut out);
    out
}

#[derive(Default)]
struct Node<'r> {
    routes: Vec<RouteLines<'r>>,
    below: BTreeMap<&'r str, Node<'r>>,
}

struct RouteLines<'r> {
    /// What stands behind the path.
    route: String,
    models: &'r [String],
}

impl Node<'_> {
    /// Segments that have one thing below them and nothing else are one entry with it.
    fn into_branch(mut self, text: &str) -> Branch {
        let mut text = text.to_owned();
        while self.routes.is_empty()
            && self.below.len() == 1
            && let Some((segment, below)) = self.below.pop_first()
        {
            if !text.ends_with('/') {
                text.push('/');
            }
            text.push_str(segment);
            self = below;
        }
        let lines = match self.routes.is_empty() {
            true => vec![text],
            false => self.routes.iter().flat_map(|lines| lines.below(&text)).collect(),
        };
        let below = self.below.into_iter().map(|(segment, node)| node.into_branch(segment)).collect();
        Branch { lines, below }
    }
}

impl RouteLines<'_> {
    /// With the path, `text`.
    fn below(&self, text: &str) -> Vec<String> {
        let models = self.models.iter().map(|model| format!("    slower: {model}"));
        std::iter::once(format!("{text} {}", self.route)).chain(models).collect()
    }
}

#[cfg(feature = "schema")]
fn slow_models(record: &RouteRecord) -> &[String] {
    &record.slow_models
}

#[cfg(not(feature = "schema"))]
fn slow_models(_: &RouteRecord) -> &[String] {
    &[]
}

fn line(record: &RouteRecord) -> String {
    let mut methods: Vec<&str> = record.methods.iter().map(String::as_str).collect();
    if methods.contains(&"GET") && !methods.contains(&"HEAD") {
        methods.push("HEAD");
    }
    let mut line = format!("({}) {}", methods.join(", "), record.handler.name());
    let constraints = record.constraints.to_string();
    if !constraints.is_empty() {
        line.push_str(&format!(" [{constraints}]"));
    }
    let hooks = hooks(&record.hooks);
    if !hooks.is_empty() {
        line.push_str(&format!(" · {}", hooks.join(", ")));
    }
    line
}

/// The phases in which hooks run, with their number.
fn hooks(hooks: &RouteHooks) -> Vec<String> {
    let counts = [
        ("on_request", hooks.on_request.len()),
        ("pre_parsing", hooks.pre_parsing.len()),
        ("pre_validation", hooks.pre_validation.len()),
        ("pre_handler", hooks.pre_handler.len()),
        ("pre_serialization", hooks.pre_serialization.len()),
        ("on_send", hooks.on_send.len()),
        ("on_response", hooks.on_response.len()),
        ("on_error", hooks.on_error.len()),
        ("on_timeout", hooks.on_timeout.len()),
        ("on_request_abort", hooks.on_request_abort.len()),
    ];
    counts.into_iter().filter(|(_, count)| *count > 0).map(|(phase, count)| format!("{phase} {count}")).collect()
}
