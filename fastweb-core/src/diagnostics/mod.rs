//! What a built application is made of, drawn as text.

mod plugins;
mod routes;

pub(crate) use plugins::draw_plugins;
pub(crate) use routes::draw_routes;

/// One entry of a drawn tree: its lines, and what is below it.
struct Branch {
    lines: Vec<String>,
    below: Vec<Branch>,
}

/// Draws trees with the lines that `ls` and `cargo tree` have made familiar.
fn draw(branches: &[Branch], indent: &str, out: &mut String) {
    for (i, Branch { lines, below }) in branches.iter().enumerate() {
        let is_last = i + 1 == branches.len();
        let (first, rest) = if is_last { ("└── ", "    ") } else { ("├── ", "│   ") };
        for (at, line) in lines.iter().enumerate() {
            out.push_str(indent);
            out.push_str(if at == 0 { first } else { rest });
            out.push_str(line);
            out.push('\n');
        }
        draw(below, &format!("{indent}{rest}"), out);
    }
}
