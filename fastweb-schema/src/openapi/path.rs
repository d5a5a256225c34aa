//! Path patterns as OpenAPI writes them.

use serde_json::{Value, json};

/// A pattern as a path template of OpenAPI.
#[derive(Debug, PartialEq)]
pub(super) struct Template {
    /// With the names of its parameters in braces, everything else as it stands in a URL.
    pub(super) path: String,
    pub(super) params: Vec<Param>,
    /// The name of the optional parameter that this form does without.
    pub(super) without: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Param {
    pub(super) name: String,
    /// What the type in the pattern says.
    pub(super) schema: Value,
    /// It takes slashes too, which OpenAPI has no word for.
    pub(super) is_rest: bool,
}

impl Template {
    /// The path without the names of its parameters: of two templates that are the same in this, OpenAPI takes only one.
    pub(super) fn shape(&self) -> String {
        let mut shape = String::new();
        let mut rest = &*self.path;
        while let Some((before, behind)) = rest.split_once('{') {
            shape.push_str(before);
            shape.push_str("{}");
            rest = behind.split_once('}').map_or("", |(_, behind)| behind);
        }
        shape + rest
    }
}

/// The templates of a pattern: one, or two where its last parameter is optional, the longer one first.
///
/// The pattern is taken to be one that the router accepts; of another one it is read what can be read.
pub(super) fn templates(pattern: &str) -> Vec<Template> {
    let mut path = String::new();
    let mut params: Vec<Param> = Vec::new();
    let mut shorter = None;
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        encode(&rest[..at], &mut path);
        rest = &rest[at..];
        // A brace that is text is doubled.
        if rest.starts_with("{{") || rest.starts_with("}}") {
            encode(&rest[..1], &mut path);
            rest = &rest[2..];
            continue;
        }
        let Some((inside, behind)) = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) else { break };
        rest = behind;
        let (bare, is_optional) = inside.strip_suffix('?').map_or((inside, false), |bare| (bare, true));
        let (bare, is_rest) = bare.strip_prefix('*').map_or((bare, false), |bare| (bare, true));
        let (name, ty) = bare.split_once(':').map_or((bare, ""), |(name, ty)| (name, ty));
        if is_optional {
            // `/archive/{year?}` is `/archive` too, and `/w/{*rest?}` is `/w/`.
            let without = if is_rest { &*path } else { path.strip_suffix('/').unwrap_or(&path) };
            let without = if without.is_empty() { "/" } else { without };
            shorter =
                Some(Template { path: without.to_owned(), params: params.clone(), without: Some(name.to_owned()) });
        }
        path.push('{');
        path.push_str(name);
        path.push('}');
        params.push(Param { name: name.to_owned(), schema: schema_of_type(ty), is_rest });
    }
    encode(rest, &mut path);
    let mut templates = vec![Template { path, params, without: None }];
    templates.extend(shorter);
    templates
}

/// Appends text of a pattern, which is that of a decoded path, as it stands in a URL: RFC 3986, 3.3, `pchar` and slashes.
fn encode(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// What a parameter of this type takes.
fn schema_of_type(ty: &str) -> Value {
    let unsigned = |maximum: u64| json!({ "type": "integer", "minimum": 0, "maximum": maximum });
    let signed = |minimum: i64, maximum: i64| json!({ "type": "integer", "minimum": minimum, "maximum": maximum });
    let pattern = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    match ty {
        "u8" => unsigned(u8::MAX.into()),
        "u16" => unsigned(u16::MAX.into()),
        "u32" => unsigned(u32::MAX.into()),
        "u64" => unsigned(u64::MAX),
        // Bounds beyond 64 bits are read as floats by most.
        "u128" => json!({ "type": "integer", "minimum": 0 }),
        "i8" => signed(i8::MIN.into(), i8::MAX.into()),
        "i16" => signed(i16::MIN.into(), i16::MAX.into()),
        "i32" => signed(i32::MIN.into(), i32::MAX.into()),
        "i64" => signed(i64::MIN, i64::MAX),
        "i128" => json!({ "type": "integer" }),
        "f64" => json!({ "type": "number" }),
        "bool" => json!({ "type": "boolean" }),
        "uuid" => json!({ "type": "string", "format": "uuid" }),
        "date" => json!({ "type": "string", "format": "date" }),
        "alpha" => pattern("^[A-Za-z]+$"),
        "alnum" => pattern("^[0-9A-Za-z]+$"),
        "hex" => pattern("^[0-9A-Fa-f]+$"),
        _ => json!({ "type": "string" }),
    }
}

#[cfg(test)]
mod tests {
    use fastweb_router::{ParamType, Router, params};
    use proptest::prelude::*;

    use super::*;
    use crate::{Buffers, Coercion, Registry};

    #[track_caller]
    fn paths(pattern: &str) -> Vec<String> {
        templates(pattern).into_iter().map(|template| template.path).collect()
    }

    #[test]
    fn each_form_of_a_pattern() {
        for (pattern, expected) in [
            ("/", &["/"][..]),
            ("/users/{id}", &["/users/{id}"]),
            ("/users/{id:u64}/", &["/users/{id}/"]),
            ("/{lat:f64}-{lng}.png", &["/{lat}-{lng}.png"]),
            ("/f/{*rest}", &["/f/{rest}"]),
            ("/f/x-{*rest?}", &["/f/x-{rest}", "/f/x-"]),
            ("/archive/{year:u16?}", &["/archive/{year}", "/archive"]),
            ("/{page?}", &["/{page}", "/"]),
            ("/{a}/{b?}", &["/{a}/{b}", "/{a}"]),
            ("/{{id}}/{x}", &["/%7Bid%7D/{x}"]),
            ("/café/a b?#%/{x}", &["/caf%C3%A9/a%20b%3F%23%25/{x}"]),
            ("/a:b@c/~d", &["/a:b@c/~d"]),
        ] {
            assert_eq!(paths(pattern), expected, "{pattern}");
        }
        let [long, short] = &templates("/w/{team:u8}/{*rest?}")[..] else { panic!() };
        assert_eq!(
            long.params.iter().map(|param| (&*param.name, param.is_rest)).collect::<Vec<_>>(),
            [("team", false), ("rest", true)]
        );
        assert_eq!((short.params.len(), short.without.as_deref()), (1, Some("rest")));
        assert_eq!(long.shape(), "/w/{}/{}");
    }

    /// What the router takes for a value of a type, its schema takes, and the reverse.
    #[test]
    fn schemas_of_types_say_what_the_router_says() {
        let texts = [
            "0",
            "7",
            "-7",
            "127",
            "128",
            "-129",
            "255",
            "256",
            "65536",
            "4294967296",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775808",
            "1.5",
            "2e-3",
            "true",
            "false",
            "True",
            "abc",
            "ABC9",
            "fe9",
            "9a1b2c3d-0000-4000-8000-0123456789ab",
            "9A1B2C3D-0000-4000-8000-0123456789AB",
            "2026-02-28",
            "2026-02-29",
            "a b",
            "é",
        ];
        for ty in ParamType::ALL {
            let schema = json!({ "properties": { "x": schema_of_type(ty.name()) } });
            let (validator, coercer) =
                (Registry::new().compile(&schema), Registry::new().coercer(&schema, Coercion::text()));
            let (validator, coercer) = (validator.expect("a schema"), coercer.expect("a schema"));
            for text in texts {
                let document = coercer.read([("x", text)], &mut Buffers::new());
                let integral = matches!(ty, ParamType::U128 | ParamType::I128);
                // Beyond 64 bits a number is a float, and these are not integers any more.
                if integral && text.len() > 19 && text.starts_with('1') {
                    continue;
                }
                assert_eq!(validator.is_valid(&document), ty.accepts(text), "{ty}: {text}");
            }
        }
    }

    proptest! {
        /// The router is the oracle of what a pattern is.
        #[test]
        fn parameters_are_those_of_the_router(pattern in "(/|a|é|\\{\\{|\\}\\}|\\{b\\}|\\{c:u8\\}|\\{\\*d\\}|\\{e\\?\\}|\\{\\*f\\?\\}|-){1,8}") {
            let pattern = format!("/{pattern}");
            if Router::new().insert("GET", &pattern, ()).is_ok() {
                let known = params(&pattern);
                let templates = templates(&pattern);
                let found: Vec<_> = templates[0].params.iter().map(|param| (&*param.name, param.is_rest)).collect();
                prop_assert_eq!(found, known.iter().map(|spec| (spec.name, spec.catch_all)).collect::<Vec<_>>());
                prop_assert_eq!(templates.len() == 2, known.iter().any(|spec| spec.optional));
            }
        }
    }
}
