//! `build()`: everything that is wrong, at once, each with its route and its place.

mod arguments;
mod constraints;
mod parsers;
mod routes;
mod together;

use fastweb::App;

/// What `app` fails with, line by line.
async fn problems(app: App) -> Vec<String> {
    let error = app.build().await.expect_err("an application that cannot start");
    assert_eq!(error.status(), 500);
    let message = error.to_string();
    let mut lines = message.lines();
    let head = lines.next().unwrap().to_owned();
    let problems: Vec<String> = lines.map(|line| line.strip_prefix("  - ").expect(line).to_owned()).collect();
    let plural = if problems.len() == 1 { "" } else { "s" };
    assert_eq!(head, format!("the application cannot start: {} problem{plural}", problems.len()));
    problems
}

/// That one of `problems` names the route, the line of the file, and each of `words`.
#[track_caller]
fn assert_told(problems: &[String], route: &str, file: &str, line: u32, words: &[&str]) {
    let place = format!("{file}:{line}");
    let told = problems.iter().any(|problem| {
        problem.contains(route) && problem.contains(&place) && words.iter().all(|word| problem.contains(word))
    });
    assert!(told, "{route} {place} {words:?} is not among {problems:#?}");
}
