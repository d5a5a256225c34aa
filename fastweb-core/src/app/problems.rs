//! What is wrong with an application, collected to be told at once.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::panic::Location;

use fastweb_router::InsertError;

use crate::error::{Error, Result};

#[derive(Default)]
pub(super) struct Problems(pub(super) Vec<String>);

impl Problems {
    pub(super) fn push(&mut self, problem: String) {
        self.0.push(problem);
    }

    pub(super) fn extend(&mut self, route: &str, problems: Vec<String>) {
        self.0.extend(problems.into_iter().map(|problem| format!("{route}: {problem}")));
    }

    pub(super) fn into_result(self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let count = self.0.len();
        let mut message = format!("the application cannot start: {count} problem{}", if count == 1 { "" } else { "s" });
        for problem in self.0 {
            let _ = write!(message, "\n  - {problem}");
        }
        Err(Error::at_start(message))
    }
}

/// Where routes were registered, for the message about two that cannot both be.
#[derive(Default)]
pub(super) struct Places(HashMap<(String, String), Vec<Place>>);

/// Of one path and method there may be several, which differ in their constraints.
struct Place {
    constraints: String,
    at: &'static Location<'static>,
}

impl Places {
    pub(super) fn note(&mut self, method: &str, path: &str, constraints: String, at: &'static Location<'static>) {
        self.0.entry((method.to_owned(), path.to_owned())).or_default().push(Place { constraints, at });
    }

    pub(super) fn describe(
        &self,
        method: &str,
        path: &str,
        constraints: &str,
        at: &'static Location<'static>,
        error: &InsertError,
    ) -> String {
        let mut text = format!("{method} {path} ({}:{}): {error}", at.file(), at.line());
        if let InsertError::Duplicate { with, .. }
        | InsertError::Conflict { with, .. }
        | InsertError::Shadowed { with, .. }
        | InsertError::Shadows { with, .. } = error
            && let Some(others) = self.0.get(&(method.to_owned(), with.clone()))
            && let Some(other) = others.iter().find(|other| other.constraints == constraints).or(others.first())
        {
            let _ = write!(text, "; the other one is at {}:{}", other.at.file(), other.at.line());
        }
        text
    }
}
