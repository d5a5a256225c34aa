//! A plugin that shares its scope: its hook runs for every route of the application, and its state is everybody's.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fastweb::prelude::*;
use serde::Serialize;

/// What was answered so far, for every handler that wants to know.
#[derive(Default, Serialize)]
pub(crate) struct Answers {
    ok: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
}

impl Answers {
    fn count(&self, status: StatusCode) {
        let counter = match status.as_u16() {
            500.. => &self.failed,
            400.. => &self.refused,
            _ => &self.ok,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

pub(crate) struct Audit;

impl Plugin for Audit {
    fn name(&self) -> &str {
        "audit"
    }

    fn version(&self) -> &str {
        "1.2.0"
    }

    /// Without this the hook would run for this plugin's own routes alone.
    fn shares_scope(&self) -> bool {
        true
    }

    async fn set_up(self, scope: Scope) -> Result<Scope> {
        // A set-up may wait for what it needs; the server starts when all of them are done.
        tokio::time::sleep(Duration::from_millis(1)).await;
        Ok(scope
            .state(Answers::default())
            .on_response(|req: &mut Request, done: &Completed| {
                if let Some(answers) = req.state::<Answers>() {
                    answers.count(done.status());
                }
            })
            .get("/audit", |answers: State<Answers>| Reply::json(&*answers)))
    }
}
