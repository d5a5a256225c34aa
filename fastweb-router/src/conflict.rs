//! Which two paths with parameters cannot both be routes of one method.
//!
//! The rule is written out here because matchit 0.9.2 does not keep its own: what it refuses depends on which route it was
//! told first, and on what else it was told. This rule looks at two routes and at nothing else. All that it takes, matchit
//! can hold (see [`Tree`](crate::tree::Tree)).

/// A segment of a [shape](crate::pattern::Pattern), with the text around its parameter.
///
/// In the order in which matchit is told of them: see [`Tree`](crate::tree::Tree).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Segment<'s> {
    /// `{p}` or `{*p}`.
    Whole {
        catch_all: bool,
    },
    /// `text{*p}`.
    PrefixedCatchAll(&'s str),
    /// `{p}text` or `text{p}text`.
    Suffixed {
        prefix: &'s str,
        suffix: &'s str,
    },
    /// `text{p}`.
    Prefixed(&'s str),
    Static(&'s str),
}

impl<'s> Segment<'s> {
    pub(crate) fn new(segment: &'s str) -> Self {
        let mut from = 0;
        while let Some(brace) = segment[from..].find('{') {
            let (prefix, param) = segment.split_at(from + brace);
            // Two braces are one as text.
            if param.starts_with("{{") {
                from += brace + 2;
                continue;
            }
            let (catch_all, suffix) = match param.strip_prefix("{*p}") {
                Some(suffix) => (true, suffix),
                None => (false, &param["{p}".len()..]),
            };
            return match (prefix, suffix) {
                ("", "") => Self::Whole { catch_all },
                (_, _) if catch_all => Self::PrefixedCatchAll(prefix),
                (_, "") => Self::Prefixed(prefix),
                (_, _) => Self::Suffixed { prefix, suffix },
            };
        }
        Self::Static(segment)
    }

    /// Whether the segments, which differ, have parameters of which neither is the more specific one.
    fn collides(self, other: Self) -> bool {
        use Segment::{Prefixed, PrefixedCatchAll, Static, Suffixed, Whole};
        match (self, other) {
            (Static(_), _) | (_, Static(_)) => false,
            // A catch-all and a parameter behind the same text; if the text differs, the longer one goes first.
            (Whole { catch_all: true }, other) | (other, Whole { catch_all: true }) => {
                matches!(other, Whole { .. } | Suffixed { prefix: "", .. })
            }
            (PrefixedCatchAll(text), Prefixed(prefix) | Suffixed { prefix, .. })
            | (Prefixed(prefix) | Suffixed { prefix, .. }, PrefixedCatchAll(text)) => text == prefix,
            (PrefixedCatchAll(_), _) | (_, PrefixedCatchAll(_)) => false,
            // Text beside a parameter is more specific than none, and of texts on the same side the longer one. But
            // `a{p}` and `{p}b` both match `acb`.
            (Whole { .. }, _) | (_, Whole { .. }) => false,
            (Prefixed(_), Prefixed(_)) => false,
            (Suffixed { prefix: "", .. }, Suffixed { prefix: "", .. }) => false,
            (Prefixed(_) | Suffixed { .. }, Prefixed(_) | Suffixed { .. }) => true,
        }
    }
}

/// How two shapes stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    /// They match the same paths.
    Same,
    /// Some path matches both, and neither goes first.
    Collide,
    /// No path matches both, or it is clear which one goes first.
    Apart,
}

/// The first segments that differ decide.
pub(crate) fn relation(a: &str, b: &str) -> Relation {
    if a == b {
        return Relation::Same;
    }
    // Every route is compared with every other, so where they differ is found before any segment is read.
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let start = a.as_bytes()[..same].iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    let segment = |shape: &'_ str| -> Option<usize> { shape[start..].find('/').map(|len| start + len) };
    let a = &a[start..segment(a).unwrap_or(a.len())];
    let b = &b[start..segment(b).unwrap_or(b.len())];
    // They are alike where one path is the beginning of the other.
    if a != b && Segment::new(a).collides(Segment::new(b)) { Relation::Collide } else { Relation::Apart }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments() {
        for (text, segment) in [
            ("{p}", Segment::Whole { catch_all: false }),
            ("{*p}", Segment::Whole { catch_all: true }),
            ("a{*p}", Segment::PrefixedCatchAll("a")),
            ("{{{*p}", Segment::PrefixedCatchAll("{{")),
            ("{p}a", Segment::Suffixed { prefix: "", suffix: "a" }),
            ("}}{p}p}}", Segment::Suffixed { prefix: "}}", suffix: "p}}" }),
            ("{{p}}{p}{{p}}", Segment::Suffixed { prefix: "{{p}}", suffix: "{{p}}" }),
            ("{{{p}", Segment::Prefixed("{{")),
            ("{{p}}", Segment::Static("{{p}}")),
            ("{{{{", Segment::Static("{{{{")),
            ("", Segment::Static("")),
        ] {
            assert_eq!(Segment::new(text), segment, "{text}");
        }
    }

    #[test]
    fn relations() {
        use Relation::{Apart, Collide, Same};
        for (a, b, expected) in [
            ("/{p}", "/{p}", Same),
            ("/{p}", "/{*p}", Collide),
            ("/{p}/a", "/{*p}", Collide),
            ("/{p}/a", "/{p}/{p}", Apart),
            ("/{p}", "/{p}/", Apart),
            ("/{p}", "/{p}/{p}", Apart),
            ("/{p}/{*p}", "/{p}/", Apart),
            ("/a{*p}", "/a{p}", Collide),
            ("/a{*p}", "/a{p}s", Collide),
            ("/a{*p}", "/ab{p}", Apart),
            ("/a{*p}", "/{p}s", Apart),
            ("/a{*p}", "/{p}", Apart),
            ("/a{*p}", "/{*p}", Apart),
            ("/{*p}", "/{p}s", Collide),
            ("/{*p}", "/a{p}", Apart),
            ("/{*p}", "/a{p}s", Apart),
            ("/a{p}", "/ab{p}", Apart),
            ("/{p}s", "/{p}ts", Apart),
            ("/a{p}", "/{p}s", Collide),
            ("/a{p}", "/b{p}s", Collide),
            ("/a{p}s", "/{p}s", Collide),
            ("/a{p}s", "/a{p}t", Collide),
            ("/a{p}", "/{p}", Apart),
            ("/a{p}s", "/{p}", Apart),
            ("/@{p}", "/{p}/posts", Apart),
            ("/x/a{p}/b", "/x/{p}s/c", Collide),
            ("/x/{p}/{p}s", "/y/{p}/a{p}", Apart),
            ("/ä{p}", "/ö{p}s", Collide),
            ("/ä/{p}", "/ö/{*p}", Apart),
        ] {
            assert_eq!(relation(a, b), expected, "{a} {b}");
            assert_eq!(relation(b, a), expected, "{b} {a}");
        }
    }
}
