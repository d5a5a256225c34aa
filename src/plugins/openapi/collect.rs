//! From routes to the operations of a document.

use fastweb_core::{KeyIn, Route, SecurityRequirement, SecurityScheme as Asked};
use fastweb_schema::openapi::{Api, Operation, Requirement, SecurityScheme};

use crate::plugins::operations::operation;

/// A route, as it was when it was seen.
pub(super) struct Collected {
    operation: Operation,
    security: Vec<SecurityRequirement>,
    /// By document: whether it is in it.
    selected: Vec<bool>,
}

impl Collected {
    pub(super) fn new(route: &Route, selected: Vec<bool>) -> Self {
        Self { operation: operation(route), security: route.doc().security.clone(), selected }
    }
}

/// Adds the operations of a document.
pub(super) fn add(routes: &[Collected], document: usize, api: &mut Api) {
    let mut names: Vec<(Asked, String)> = Vec::new();
    for route in routes.iter().filter(|route| route.selected[document]) {
        let mut operation = route.operation.clone();
        let mut name = |requirement: &SecurityRequirement| {
            let asked = requirement.scheme;
            if let Some((_, name)) = names.iter().find(|(other, _)| *other == asked) {
                return Requirement::new(name);
            }
            let (wanted, scheme) = scheme(asked);
            let is_taken = |name: &str| names.iter().any(|(_, other)| other == name);
            let mut name = wanted.clone();
            let mut number = 1;
            while is_taken(&name) {
                number += 1;
                name = format!("{wanted}{number}");
            }
            api.security_scheme(&name, scheme);
            names.push((asked, name.clone()));
            Requirement::new(name)
        };
        let (required, optional): (Vec<_>, Vec<_>) =
            route.security.iter().partition(|requirement| requirement.is_required);
        let required: Vec<Requirement> = required.into_iter().map(&mut name).collect();
        // One of those that are optional beside all that are required, or none.
        for requirement in optional {
            operation.security.push([required.clone(), vec![name(requirement)]].concat());
        }
        if !route.security.is_empty() {
            operation.security.push(required);
        }
        api.add(operation);
    }
}

/// A scheme as arguments of handlers ask for it, and the name that it would have.
fn scheme(asked: Asked) -> (String, SecurityScheme) {
    match asked {
        Asked::Basic => ("basic".into(), SecurityScheme::basic()),
        Asked::Bearer => ("bearer".into(), SecurityScheme::bearer()),
        Asked::ApiKey { place, name } => {
            let place = match place {
                KeyIn::Query => "query",
                KeyIn::Cookie => "cookie",
                _ => "header",
            };
            let is_valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            (name.replace(|c| !is_valid(c), "_"), SecurityScheme::api_key(place, name))
        }
        // A kind that came later: better than nothing.
        _ => ("http".into(), SecurityScheme::bearer()),
    }
}
