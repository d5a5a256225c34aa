//! The syntax of a path: text, escaped braces, and what stands between braces.

use crate::ParamType;

/// What a pattern says of one of its parameters: for documentation, and for whoever checks a handler against its route.
///
/// ```
/// use fastweb_router::{ParamType, params};
///
/// let [year, rest] = params("/log/{year:u16}/{*rest?}")[..] else { panic!() };
/// assert_eq!((year.name, year.ty, year.catch_all, year.optional), ("year", Some(ParamType::U16), false, false));
/// assert_eq!((rest.name, rest.ty, rest.catch_all, rest.optional), ("rest", None, true, true));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParamSpec<'p> {
    /// Its name, without `*`, type and `?`.
    pub name: &'p str,
    /// `{*name}`: it takes slashes too.
    pub catch_all: bool,
    /// `{name?}`: [`Params`](crate::Params) may be shorter by it. `{*name?}`: it may be empty.
    pub optional: bool,
    /// The type that it is declared with.
    pub ty: Option<ParamType>,
}

/// The parameters of a pattern, in the order in which [`Params`](crate::Params) has their ranges.
///
/// Braces that are escaped (`{{`, `}}`) are text. The pattern is taken to be one that [`insert`](crate::Router::insert)
/// accepts; of another one, the parameters up to the first fault are given.
///
/// ```
/// use fastweb_router::{ParamType, params};
///
/// let found = params("/map/{lat:f64},{lng:f64}/{zoom:u8?}");
/// assert_eq!(found.iter().map(|param| param.name).collect::<Vec<_>>(), ["lat", "lng", "zoom"]);
/// assert_eq!(found[0].ty, Some(ParamType::F64));
/// assert!(found[2].optional);
/// ```
pub fn params(pattern: &str) -> Vec<ParamSpec<'_>> {
    let specs = pieces(pattern).map_while(Result::ok).filter_map(|piece| match piece {
        Piece::Param(spec) => Some(spec),
        Piece::Literal(_) => None,
    });
    specs.collect()
}

/// The names of a pattern's parameters, as [`params`] has them.
///
/// ```
/// use fastweb_router::param_names;
///
/// assert_eq!(param_names("/a/{id:u64}/{*rest?}"), ["id", "rest"]);
/// assert_eq!(param_names("/{{literal}}/{from}-{to}.png"), ["from", "to"]);
/// assert!(param_names("/about").is_empty());
/// ```
pub fn param_names(pattern: &str) -> Vec<&str> {
    params(pattern).into_iter().map(|param| param.name).collect()
}

pub(crate) enum Piece<'p> {
    /// Text without its escape: a slash, a brace, or a run of anything else.
    Literal(&'p str),
    Param(ParamSpec<'p>),
}

/// The pieces of a path up to and including the first fault.
pub(crate) fn pieces(path: &str) -> impl Iterator<Item = Result<Piece<'_>, String>> {
    let mut rest = path;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let piece = next_piece(&mut rest);
        if piece.is_err() {
            rest = "";
        }
        Some(piece)
    })
}

/// Takes the next piece off `rest`, which is not empty.
fn next_piece<'p>(rest: &mut &'p str) -> Result<Piece<'p>, String> {
    let path = *rest;
    let run = path.find(['/', '{', '}']).unwrap_or(path.len());
    let take = match path.as_bytes() {
        _ if run > 0 => run,
        [b'/', ..] => 1,
        // The braces of an escape are one of them as text.
        [b'{', b'{', ..] | [b'}', b'}', ..] => {
            *rest = &path[2..];
            return Ok(Piece::Literal(&path[..1]));
        }
        [b'{', ..] => return param(rest),
        _ => return Err("a `}` closes nothing; write `}}` for the character itself".to_owned()),
    };
    *rest = &path[take..];
    Ok(Piece::Literal(&path[..take]))
}

/// Takes the parameter off `rest`, which begins with its brace.
fn param<'p>(rest: &mut &'p str) -> Result<Piece<'p>, String> {
    let Some((inside, after)) = rest[1..].split_once('}') else {
        return Err(
            "a `{` is never closed; write `{name}` for a parameter and `{{` for the character itself".to_owned()
        );
    };
    if after.starts_with('}') {
        return Err(format!(
            "a `}}` stands right behind the parameter `{{{inside}}}`, where it cannot be told from an escape; put \
             other text between them"
        ));
    }
    let (bare, optional) = match inside.strip_suffix('?') {
        Some(bare) => (bare, true),
        None => (inside, false),
    };
    let (bare, catch_all) = match bare.strip_prefix('*') {
        Some(bare) => (bare, true),
        None => (bare, false),
    };
    let (name, ty) = match bare.split_once(':') {
        Some((name, ty)) => (name, Some(ty)),
        None => (bare, None),
    };
    if name.is_empty() {
        let (open, close) = inside.split_at(usize::from(catch_all));
        return Err(format!("the parameter `{{{inside}}}` has no name; write `{{{open}name{close}}}`"));
    }
    if name.ends_with('?') {
        let (name, ty) = (name.trim_end_matches('?'), ty.unwrap_or("type"));
        return Err(format!("the `?` of the parameter `{{{inside}}}` comes last; write `{{{name}:{ty}?}}`"));
    }
    if let Some(wrong) = name.chars().find(|c| matches!(c, '{' | '*' | '/' | '?')) {
        return Err(format!("the name of the parameter `{{{inside}}}` has a `{wrong}` in it"));
    }
    let ty = match ty {
        Some(_) if catch_all => {
            return Err(format!(
                "the catch-all `{{{inside}}}` has a type; a catch-all takes any text, so leave it out"
            ));
        }
        Some(ty) => Some(ParamType::from_name(ty).ok_or_else(|| unknown_type(inside, ty))?),
        None => None,
    };
    *rest = after;
    Ok(Piece::Param(ParamSpec { name, catch_all, optional, ty }))
}

fn unknown_type(inside: &str, ty: &str) -> String {
    let known: Vec<&str> = ParamType::ALL.iter().map(|ty| ty.name()).collect();
    format!("the parameter `{{{inside}}}` has the unknown type `{ty}`; the types are {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_order() {
        assert_eq!(param_names("/a/{id}/{*rest}"), ["id", "rest"]);
        assert_eq!(param_names("/{{no}}/{{{yes}"), ["yes"]);
        assert_eq!(param_names("/{a}{{b}}/{c}"), ["a", "c"]);
        assert_eq!(param_names("/{a:u8}-{b}.x/{c:date?}"), ["a", "b", "c"]);
        assert_eq!(param_names("/{ok}/{broken"), ["ok"]);
        assert_eq!(param_names("/{ok}/{a:blue}"), ["ok"]);
        assert!(param_names("").is_empty());
    }

    #[test]
    fn what_stands_between_braces() {
        for (path, catch_all, optional, ty) in [
            ("/{n}", false, false, None),
            ("/{n?}", false, true, None),
            ("/{n:u64}", false, false, Some(ParamType::U64)),
            ("/{n:uuid?}", false, true, Some(ParamType::Uuid)),
            ("/{*n}", true, false, None),
            ("/{*n?}", true, true, None),
        ] {
            assert_eq!(params(path), [ParamSpec { name: "n", catch_all, optional, ty }], "{path}");
        }
    }
}
