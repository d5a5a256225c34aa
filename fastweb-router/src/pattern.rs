//! Reads the path of a route: is it well-formed, is it static, and what are its parameters called?

/// As many named parameters as matchit takes; it panics at the next one.
const MOST_PARAMS: usize = 25;

/// A path as a route is registered with it, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// No parameters: the text that a request's path has to be, escapes undone.
    Static(String),
    /// A path with parameters.
    Dynamic {
        /// The path with every parameter called `p`. Two routes that match the same paths have the same shape.
        ///
        /// matchit gets the shape and never sees a name: it has no use for them, and 0.9.2 forgets that a brace is escaped
        /// when that stands right behind a parameter whose name is longer than one byte.
        shape: String,
        /// What stands before, between and behind the parameters, escapes undone.
        texts: Vec<String>,
    },
}

impl Pattern {
    /// The reason of a refusal is the second half of a sentence that has named the path.
    pub(crate) fn parse(path: &str) -> Result<Self, String> {
        if !path.starts_with('/') {
            return Err(match path {
                "" => "it is empty; write \"/\" for the root".to_owned(),
                _ => format!("it has to begin with a slash; write {:?}", format!("/{path}")),
            });
        }
        let mut texts = vec![String::new()];
        let mut shape = String::with_capacity(path.len());
        let mut names = Vec::new();
        let mut named_in_segment: Option<&str> = None;
        let mut caught_all: Option<&str> = None;

        for piece in pieces(path) {
            if let Some(name) = caught_all {
                return Err(format!("`{{*{name}}}` takes all that follows, so nothing can stand behind it"));
            }
            match piece? {
                Piece::Literal(literal) => {
                    if literal == "/" {
                        named_in_segment = None;
                    }
                    texts.last_mut().expect("never empty").push_str(literal);
                    shape.push_str(literal);
                    if let "{" | "}" = literal {
                        shape.push_str(literal);
                    }
                }
                Piece::Param { name, catch_all } => {
                    if let Some(before) = named_in_segment.replace(name) {
                        return Err(format!(
                            "two parameters, `{before}` and `{name}`, in one segment; put a slash between them, or take one \
                             parameter and split its text in the handler"
                        ));
                    }
                    if names.contains(&name) {
                        return Err(format!("two parameters are called `{name}`; rename one of them"));
                    }
                    names.push(name);
                    texts.push(String::new());
                    if catch_all {
                        caught_all = Some(name);
                    }
                    shape.push_str(if catch_all { "{*p}" } else { "{p}" });
                }
            }
        }
        match names.len() {
            0 => Ok(Self::Static(texts.concat())),
            1..=MOST_PARAMS => Ok(Self::Dynamic { shape, texts }),
            many => Err(format!("it has {many} parameters, and {MOST_PARAMS} is the most a path can have")),
        }
    }
}

/// The names of a pattern's parameters, in the order in which [`Params`](crate::Params) has their ranges.
///
/// Braces that are escaped (`{{`, `}}`) are text. The pattern is taken to be one that [`insert`](crate::Router::insert)
/// accepts; of another one, the names up to the first fault are given.
///
/// ```
/// use fastweb_router::param_names;
///
/// assert_eq!(param_names("/a/{id}/{*rest}"), ["id", "rest"]);
/// assert_eq!(param_names("/{{literal}}/img-{n}.png"), ["n"]);
/// assert!(param_names("/about").is_empty());
/// ```
pub fn param_names(path: &str) -> Vec<&str> {
    let names = pieces(path).map_while(Result::ok).filter_map(|piece| match piece {
        Piece::Param { name, .. } => Some(name),
        Piece::Literal(_) => None,
    });
    names.collect()
}

enum Piece<'p> {
    /// Text without its escape: a slash, a brace, or a run of anything else.
    Literal(&'p str),
    Param {
        name: &'p str,
        catch_all: bool,
    },
}

/// The pieces of a path up to and including the first fault.
fn pieces(path: &str) -> impl Iterator<Item = Result<Piece<'_>, String>> {
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
    // matchit reads `}}` from the left, as an escape: the name would go on behind it.
    if after.starts_with('}') {
        return Err(format!(
            "a `}}` stands right behind the parameter `{{{inside}}}`, where it cannot be told from an escape; put \
             other text between them"
        ));
    }
    let (name, catch_all) = match inside.strip_prefix('*') {
        Some(name) => (name, true),
        None => (inside, false),
    };
    if name.is_empty() {
        return Err(format!("the parameter `{{{inside}}}` has no name; write `{{{inside}name}}`"));
    }
    if let Some(wrong) = name.chars().find(|c| matches!(c, '{' | '*' | '/')) {
        return Err(format!("the name of the parameter `{{{inside}}}` has a `{wrong}` in it"));
    }
    *rest = after;
    Ok(Piece::Param { name, catch_all })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(path: &str) -> Pattern {
        Pattern::parse(path).unwrap_or_else(|reason| panic!("{path}: {reason}"))
    }

    #[test]
    fn static_paths_lose_their_escapes() {
        for (path, text) in [
            ("/", "/"),
            ("/a/b/", "/a/b/"),
            ("//", "//"),
            ("/:id/*", "/:id/*"),
            ("/{{", "/{"),
            ("/}}", "/}"),
            ("/{{a}}", "/{a}"),
            ("/{{{{a}}}}", "/{{a}}"),
            ("/ü/{{ü}}", "/ü/{ü}"),
        ] {
            assert_eq!(parse(path), Pattern::Static(text.to_owned()), "{path}");
        }
    }

    #[test]
    fn shapes_have_no_names_and_keep_their_escapes() {
        for (path, shape, texts) in [
            ("/{id}", "/{p}", &["/", ""][..]),
            ("/{*rest}", "/{*p}", &["/", ""]),
            ("/u/{id}/{*rest}", "/u/{p}/{*p}", &["/u/", "/", ""]),
            ("/img-{n}.png/{ü}/", "/img-{p}.png/{p}/", &["/img-", ".png/", "/"]),
            ("/{{{id}/x", "/{{{p}/x", &["/{", "/x"]),
            ("/{id}{{x}}", "/{p}{{x}}", &["/", "{x}"]),
            ("/}}{id}", "/}}{p}", &["/}", ""]),
        ] {
            let texts = texts.iter().map(ToString::to_string).collect();
            assert_eq!(parse(path), Pattern::Dynamic { shape: shape.to_owned(), texts }, "{path}");
        }
    }

    #[test]
    fn faults_are_explained() {
        for (path, reason) in [
            ("", "it is empty"),
            ("a", "write \"/a\""),
            ("{a}", "write \"/{a}\""),
            ("*", "begin with a slash"),
            ("/{}", "the parameter `{}` has no name; write `{name}`"),
            ("/{*}", "the parameter `{*}` has no name; write `{*name}`"),
            ("/{a", "a `{` is never closed"),
            ("/{a/b}", "has a `/` in it"),
            ("/{a{b}", "has a `{` in it"),
            ("/{a*}", "has a `*` in it"),
            ("/{**a}", "has a `*` in it"),
            ("/a}", "a `}` closes nothing"),
            ("/}}}", "a `}` closes nothing"),
            ("/{a}}", "stands right behind the parameter `{a}`"),
            ("/{{{a}}}", "stands right behind the parameter `{a}`"),
            ("/{a}{b}", "two parameters, `a` and `b`, in one segment"),
            ("/x{a}-{*b}", "two parameters, `a` and `b`, in one segment"),
            ("/{a}/{b}/{a}", "two parameters are called `a`"),
            ("/{*a}/b", "`{*a}` takes all that follows"),
            ("/{*a}{b}", "`{*a}` takes all that follows"),
            ("/{*a}b", "`{*a}` takes all that follows"),
        ] {
            let got = Pattern::parse(path).expect_err(path);
            assert!(got.contains(reason), "{path}: {got}");
        }
    }

    #[test]
    fn params_are_counted() {
        let path = |count: usize| (0..count).map(|n| format!("/{{p{n}}}")).collect::<String>();
        assert!(Pattern::parse(&path(MOST_PARAMS)).is_ok());
        let reason = Pattern::parse(&path(MOST_PARAMS + 1)).unwrap_err();
        assert_eq!(reason, "it has 26 parameters, and 25 is the most a path can have");
    }

    #[test]
    fn names_come_in_order() {
        assert_eq!(param_names("/a/{id}/{*rest}"), ["id", "rest"]);
        assert_eq!(param_names("/{{no}}/{{{yes}"), ["yes"]);
        assert_eq!(param_names("/{a}{{b}}/{c}"), ["a", "c"]);
        assert_eq!(param_names("/{ok}/{broken"), ["ok"]);
        assert!(param_names("").is_empty());
    }
}
