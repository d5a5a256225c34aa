//! A plugin with a scope of its own: its prefix, its hook, its error handler and its per-worker state end where it ends.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use fastweb::prelude::*;
use serde::Serialize;

use crate::keys::{Team, check_key};

/// Shared by all workers.
#[derive(Default)]
struct Store(Mutex<HashMap<String, Vec<String>>>);

impl Store {
    fn add(&self, team: &str, note: String) -> usize {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let notes = notes.entry(team.to_owned()).or_default();
        notes.push(note);
        notes.len()
    }

    fn all(&self, team: &str) -> Vec<String> {
        let notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notes.get(team).cloned().unwrap_or_default()
    }
}

/// One per worker, made on its thread: no lock, and it need not be `Send`.
#[derive(Default)]
struct Served(Cell<u64>);

pub(crate) struct Notes;

impl Plugin for Notes {
    fn name(&self) -> &str {
        "notes"
    }

    fn dependencies(&self) -> &[&str] {
        &["keys", "audit"]
    }

    async fn set_up(self, scope: Scope) -> Result<Scope> {
        Ok(scope.scope("/teams/{team}", |teams| {
            teams
                .state(Store::default())
                .worker_state(async || Ok(Served::default()))
                .on_request(check_key)
                .body_limit(1024)
                .error_handler(|_: &mut Request, error: Error| {
                    (error.status(), Json(serde_json::json!({ "team": "unknown", "problem": error.public_message() })))
                })
                .not_found((StatusCode::NOT_FOUND, "teams have notes, and nothing else"))
                .get("/notes", list)
                .post("/notes", add)
                .get("/notes/{number:u32}", show)
        }))
    }
}

#[derive(Serialize)]
struct List {
    team: String,
    notes: Vec<String>,
    /// By the worker that answers.
    served: u64,
}

async fn list(team: RequestState<Team>, store: State<Store>, served: WorkerState<Served>) -> Json<List> {
    served.0.set(served.0.get() + 1);
    Json(List { team: team.name().to_owned(), notes: store.all(team.name()), served: served.0.get() })
}

async fn add(team: RequestState<Team>, store: State<Store>, note: String) -> impl IntoReply {
    let number = store.add(team.name(), note);
    (StatusCode::CREATED, [("location", format!("/teams/{}/notes/{number}", team.name()))], ())
}

/// What is no number does not come here: the path says `u32`.
async fn show(Path((_, number)): Path<(Text, usize)>, team: RequestState<Team>, store: State<Store>) -> Result<String> {
    let note = store.all(team.name()).into_iter().nth(number.wrapping_sub(1));
    note.ok_or_else(|| Error::not_found(format!("there is no note {number}")))
}
