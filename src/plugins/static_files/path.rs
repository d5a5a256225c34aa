//! From what a client asks for to a place below a folder, and nowhere else.

use fastweb_core::Request;

/// What becomes of files and folders whose names begin with a dot. `.well-known` at the top (RFC 8615) is none of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dotfiles {
    /// They are not there: 404.
    #[default]
    Ignore,
    /// 403.
    Deny,
    /// They are files like others.
    Allow,
}

/// A path below a folder: names, none of which leads out of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Below {
    /// The names with slashes between them. Empty for the folder itself.
    pub(super) path: String,
    /// It ended in a slash: a folder is meant.
    pub(super) is_folder: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Missing,
    Forbidden,
}

/// Bytes that decode to what separates names, or ends them, somewhere: whoever escapes them wants somebody before this server to see something else.
const NEVER_ESCAPED: [&str; 3] = ["%2f", "%5c", "%00"];

impl Below {
    pub(super) fn of(req: &Request, dotfiles: Dotfiles) -> Result<Self, Refused> {
        let raw = req.path().as_bytes();
        if raw.windows(3).any(|three| NEVER_ESCAPED.iter().any(|escape| three.eq_ignore_ascii_case(escape.as_bytes())))
        {
            return Err(Refused::Missing);
        }
        Self::parse(&req.param("path").unwrap_or_default(), dotfiles)
    }

    /// `path` is decoded, once.
    fn parse(path: &str, dotfiles: Dotfiles) -> Result<Self, Refused> {
        let (names, is_folder) = path.strip_suffix('/').map_or((path, path.is_empty()), |names| (names, true));
        if names.is_empty() {
            // `//` is not the folder.
            return if path.is_empty() { Ok(Self { path: String::new(), is_folder }) } else { Err(Refused::Missing) };
        }
        let mut refused = None;
        for (at, name) in names.split('/').enumerate() {
            if !is_name(name) {
                return Err(Refused::Missing);
            }
            let is_well_known = at == 0 && name == ".well-known";
            if name.starts_with('.') && !is_well_known {
                refused = match dotfiles {
                    Dotfiles::Ignore => Some(Refused::Missing),
                    Dotfiles::Deny => Some(Refused::Forbidden),
                    Dotfiles::Allow => refused,
                };
            }
        }
        refused.map_or_else(|| Ok(Self { path: names.to_owned(), is_folder }), Err)
    }
}

/// Whether it names something in a folder, on any system: no way up, no separator, nothing that ends a name early, no drive and no stream of one.
fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte >= 0x20 && byte != 0x7f && byte != b'\\' && byte != b'/';
    let is_odd = cfg!(windows) && (name.contains(':') || name.ends_with(['.', ' ']));
    !name.is_empty() && name != "." && name != ".." && name.bytes().all(is_plain) && !is_odd
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(path: &str) -> Result<(String, bool), Refused> {
        Below::parse(path, Dotfiles::Ignore).map(|below| (below.path, below.is_folder))
    }

    #[test]
    fn names_stay_below() {
        let found = |path: &str, is_folder| Ok((path.to_owned(), is_folder));
        assert_eq!(parse(""), found("", true));
        assert_eq!(parse("a"), found("a", false));
        assert_eq!(parse("a/"), found("a", true));
        assert_eq!(parse("a/b c/é.txt"), found("a/b c/é.txt", false));
        assert_eq!(parse("..."), Err(Refused::Missing));
        assert_eq!(parse(".well-known/x"), found(".well-known/x", false));
        assert_eq!(parse("a..b/c.."), found("a..b/c..", false));
        for bad in [
            "/",
            "//",
            "a//b",
            "/a",
            "a//",
            ".",
            "..",
            "../a",
            "a/..",
            "a/../b",
            "a/./b",
            "./a",
            "a\\b",
            "..\\a",
            "a\0",
            "a\n",
            "a/\u{7f}",
            ".git",
            "a/.git/config",
            "a/.well-known",
        ] {
            assert_eq!(parse(bad), Err(Refused::Missing), "{bad:?}");
        }
    }

    #[test]
    fn dotfiles_are_as_they_were_told() {
        assert_eq!(Below::parse(".env", Dotfiles::Deny), Err(Refused::Forbidden));
        assert_eq!(Below::parse(".env", Dotfiles::Allow).map(|below| below.path), Ok(".env".to_owned()));
        assert_eq!(Below::parse("..", Dotfiles::Allow), Err(Refused::Missing));
    }

    proptest::proptest! {
        #[test]
        fn nothing_leads_out(path in "[a./\\\\%]{0,12}") {
            if let Ok(below) = Below::parse(&path, Dotfiles::Allow) {
                let joined = std::path::Path::new("/root").join(&below.path);
                let components: Vec<_> = joined.components().collect();
                proptest::prop_assert!(joined.starts_with("/root"));
                proptest::prop_assert!(!components.contains(&std::path::Component::ParentDir));
            }
        }
    }
}
