//! The files with the facts.

use std::path::PathBuf;

/// One of the files in `shared/fastify`; `None`, with a word about it, where they are not there.
pub(crate) fn read(name: &str) -> Option<String> {
    let data = std::env::var_os("FASTWEB_TEST_DATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let path = data.join("../fastify").join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(_) if std::env::var_os("FASTWEB_REQUIRE_TEST_DATA").is_none() => {
            eprintln!("ignored: {} is not there", path.display());
            None
        }
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

/// What Fastify answered to one request.
#[derive(Debug)]
pub(crate) struct Fact<'f> {
    pub(crate) name: &'f str,
    pub(crate) status: u16,
    pub(crate) content_type: &'f str,
    /// At most 200 characters of it.
    pub(crate) body: &'f str,
}

/// The rows of `inject.txt` that are answers: a name of 34 characters, status, content type in quotes, body.
pub(crate) fn answers(text: &str) -> Vec<Fact<'_>> {
    let rows = text.lines().filter(|line| !line.starts_with(['└', ' ']) && !line.starts_with("HOOKS"));
    rows.filter_map(|line| {
        let (name, rest) = line.split_at_checked(34)?;
        let (status, rest) = rest.strip_prefix(' ').unwrap_or(rest).split_once(' ')?;
        let (content_type, body) = rest.strip_prefix('"')?.split_once('"')?;
        Some(Fact { name: name.trim(), status: status.parse().ok()?, content_type, body: body.trim_start() })
    })
    .collect()
}

/// Whether a body is that of the fact: the same JSON, or the same text as far as the fact goes.
pub(crate) fn same_body(body: &str, fact: &str) -> bool {
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    match (json(body), json(fact)) {
        (Some(body), Some(fact)) => body == fact,
        _ => body == fact || (fact.chars().count() == 200 && body.starts_with(fact)),
    }
}
