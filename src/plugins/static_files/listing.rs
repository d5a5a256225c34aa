//! What lies in a folder, as a page.

use std::fmt::Write;

use crate::plugins::percent;

/// Folders with more than this are not shown whole.
pub(super) const MOST: usize = 10_000;

pub(super) struct Entry {
    pub(super) name: String,
    pub(super) is_folder: bool,
}

/// Folders first, and names in their order. Nothing in the page comes from elsewhere, and nothing of it runs.
pub(super) fn html(path: &str, mut entries: Vec<Entry>) -> String {
    entries.sort_by(|a, b| (b.is_folder, &a.name).cmp(&(a.is_folder, &b.name)));
    let title = text(path);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>/{title}</title>\n</head>\n<body>\n<h1>/{title}</h1>\n<ul>\n"
    );
    if !path.is_empty() {
        page.push_str("<li><a href=\"../\">../</a></li>\n");
    }
    for Entry { name, is_folder } in entries {
        let slash = if is_folder { "/" } else { "" };
        // Writing to a string does not fail.
        let _ = writeln!(page, "<li><a href=\"./{}{slash}\">{}{slash}</a></li>", escaped(&name), text(&name));
    }
    page.push_str("</ul>\n</body>\n</html>\n");
    page
}

/// A name within a path of a URL: all but unreserved characters is escaped (RFC 3986, 2.3).
pub(super) fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    percent::encode(name, percent::is_unreserved, &mut escaped);
    escaped
}

/// Text in HTML.
fn text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text_whatever_they_are() {
        let entry = |name: &str, is_folder| Entry { name: name.to_owned(), is_folder };
        let page = html(
            "a&b",
            vec![
                entry("b", false),
                entry("<script>\"", false),
                entry("z", true),
                entry("javascript:x", false),
                entry("ä b", false),
            ],
        );
        assert!(page.contains("<title>/a&amp;b</title>"));
        let names: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("<li>")?.strip_suffix("</li>")).collect();
        assert_eq!(
            names,
            [
                "<a href=\"../\">../</a>",
                "<a href=\"./z/\">z/</a>",
                "<a href=\"./%3Cscript%3E%22\">&lt;script&gt;&quot;</a>",
                "<a href=\"./b\">b</a>",
                "<a href=\"./javascript%3Ax\">javascript:x</a>",
                "<a href=\"./%C3%A4%20b\">ä b</a>",
            ]
        );
    }
}
