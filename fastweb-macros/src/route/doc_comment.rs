//! Summary and description out of a doc comment.

/// The first paragraph in one line, and the rest in Markdown.
pub(super) fn read(lines: &[String]) -> (Option<String>, Option<String>) {
    let lines: Vec<&str> = lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect();
    let start = lines.iter().position(|line| !line.is_empty()).unwrap_or(lines.len());
    let end = lines[start..].iter().position(|line| line.is_empty()).map_or(lines.len(), |length| start + length);
    let summary = lines[start..end].iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    let description = lines[end..].join("\n");
    let text = |text: &str| Some(text.trim_matches('\n').to_owned()).filter(|text| !text.is_empty());
    (text(&summary), text(&description))
}

#[cfg(test)]
mod tests {
    use super::read;

    fn lines(text: &str) -> Vec<String> {
        text.split('\n').map(str::to_owned).collect()
    }

    #[test]
    fn the_first_paragraph_is_the_summary() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(read(&[]), (None, None));
        assert_eq!(read(&lines(" Create a user.")), (text("Create a user."), None));
        assert_eq!(
            read(&lines("\n Create\n a user.\n\n # More\n\n   indented\n\n")),
            (text("Create a user."), text("# More\n\n  indented"))
        );
    }
}
