//! The tree of plugins.

use super::{Branch, draw};
use crate::plugin::BootReport;

/// The plugins in the order in which they were set up, those that a plugin registered below it.
pub(crate) fn draw_plugins(plugins: &[BootReport]) -> String {
    let mut out = String::from("app\n");
    draw(&branches(plugins), "", &mut out);
    out
}

fn branches(plugins: &[BootReport]) -> Vec<Branch> {
    plugins
        .iter()
        .map(|plugin| {
            let BootReport { name, version, took, shares_scope, inner } = plugin;
            let version = if version.is_empty() { String::new() } else { format!(" {version}") };
            let shared = if *shares_scope { ", shares its scope" } else { "" };
            let line = format!("{name}{version} ({:.1} ms{shared})", took.as_secs_f64() * 1000.0);
            Branch { lines: vec![line], below: branches(inner) }
        })
        .collect()
}
