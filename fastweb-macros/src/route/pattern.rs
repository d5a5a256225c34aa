//! The path of a route: the router's rule, and what its parameters are.

use fastweb_router::Router;
use syn::LitStr;

use super::Errors;

/// A parameter of a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Param {
    pub(super) name: String,
    /// `{*name}`
    pub(super) catch_all: bool,
    /// `{name?}`
    pub(super) optional: bool,
}

/// The parameters of a path; `None` where the router does not take it with these methods.
pub(super) fn read(methods: &[String], path: &LitStr, errors: &mut Errors) -> Option<Vec<Param>> {
    let text = path.value();
    let mut router = Router::new();
    for method in methods {
        if let Err(error) = router.insert(method, &text, ()) {
            errors.at(path, error);
            return None;
        }
    }
    Some(params(&text))
}

/// The parameters of a path that the router takes.
fn params(path: &str) -> Vec<Param> {
    let mut found = Vec::new();
    let mut rest = path;
    while let Some(open) = rest.find('{') {
        rest = &rest[open + 1..];
        // `{{` is a brace.
        if let Some(behind) = rest.strip_prefix('{') {
            rest = behind;
            continue;
        }
        let Some((inside, behind)) = rest.split_once('}') else { break };
        rest = behind;
        let (inside, optional) = inside.strip_suffix('?').map_or((inside, false), |inside| (inside, true));
        let (inside, catch_all) = inside.strip_prefix('*').map_or((inside, false), |inside| (inside, true));
        let name = inside.split_once(':').map_or(inside, |(name, _)| name);
        found.push(Param { name: name.to_owned(), catch_all, optional });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::params;

    #[test]
    fn parameters_are_found_as_the_router_finds_them() {
        for path in ["/", "/a/{id}/{*rest}", "/{{no}}/{{{yes}", "/{a}{{b}}/{c}", "/x-{n}.png"] {
            let names: Vec<_> = params(path).into_iter().map(|param| param.name).collect();
            assert_eq!(names, fastweb_router::param_names(path), "{path}");
        }
    }

    #[test]
    fn forms_are_told_apart() {
        let found = params("/{id:u64}/{page:u8?}/{*rest?}");
        let forms: Vec<_> = found.iter().map(|p| (&*p.name, p.catch_all, p.optional)).collect();
        assert_eq!(forms, [("id", false, false), ("page", false, true), ("rest", true, true)]);
    }
}
