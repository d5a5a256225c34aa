//! Plugins, and the hooks of an application that run once: what is set up when, what is told when it goes wrong, and how it ends.

mod building;
mod closing;
mod faults;
mod on_register;
mod on_route;
mod order;
mod printing;
mod starting;
#[path = "../support/mod.rs"]
mod support;

/// The problems that a build fails with.
async fn problems(app: fastweb::App) -> Vec<String> {
    let message = app.build().await.expect_err("an application that cannot start").to_string();
    message.lines().skip(1).map(|line| line.strip_prefix("  - ").unwrap_or(line).to_owned()).collect()
}

/// That one of `problems` has all of `words`.
#[track_caller]
fn assert_told(problems: &[String], words: &[&str]) {
    let told = problems.iter().any(|problem| words.iter().all(|word| problem.contains(word)));
    assert!(told, "{words:?} is not among {problems:#?}");
}
