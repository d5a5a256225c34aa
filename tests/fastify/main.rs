//! Fastify mode against what Fastify 5.12.8 answered: every row of the facts in `shared/fastify` is asked again, and either the answer is the same or the
//! guide's page `from_fastify` says why it is not.

#![cfg(feature = "json")]

mod app;
mod facts;
mod hooks;
mod inject;
mod live;
#[path = "../support/mod.rs"]
mod support;

/// Rows that differ. Each stands in the guide, word for word; a row that no longer differs has to leave both.
#[track_caller]
fn compare(rows: Vec<(String, Result<(), String>)>, different: &[&str], untried: &[&str]) {
    let guide = include_str!("../../src/guide/from_fastify.md");
    let mut faults = Vec::new();
    for name in different.iter().chain(untried) {
        if !guide.contains(&format!("`{name}`")) {
            faults.push(format!("the guide does not explain {name:?}"));
        }
        if !rows.iter().any(|(row, _)| row == name) {
            faults.push(format!("there is no row {name:?}"));
        }
    }
    for (name, result) in &rows {
        match (result, different.contains(&&**name), untried.contains(&&**name)) {
            (_, _, true) | (Ok(()), false, _) | (Err(_), true, _) => {}
            (Ok(()), true, _) => faults.push(format!("{name:?} is the same and listed as different")),
            (Err(how), false, _) => faults.push(format!("{name:?} differs: {how}")),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(!rows.is_empty(), "there are no rows");
}
