//! Notes, kept in memory: routes that people use by HTTP, and models as tools of the Model Context Protocol.
//!
//! ```text
//! cargo run --release --features mcp --example mcp [ADDRESS]
//!
//! curl http://127.0.0.1:3000/notes --json '{"text":"buy tea"}'
//! npx @modelcontextprotocol/inspector    # Streamable HTTP, http://127.0.0.1:3000/mcp
//! ```
//!
//! To remove a note takes the token `secret`, for people and models alike.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use fastweb::prelude::*;
use fastweb::{Bearer, model};

#[derive(Clone, Default)]
struct Notes(Arc<Mutex<BTreeMap<u32, String>>>);

impl Notes {
    fn with<T>(&self, change: impl FnOnce(&mut BTreeMap<u32, String>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[model]
struct Note {
    id: u32,
    text: String,
}

#[model]
struct NewNote {
    /// What is to be remembered.
    #[schema(min_length = 1, max_length = 200)]
    text: String,
}

#[model]
struct Search {
    /// Only notes with this in their text.
    part: Option<String>,
    #[schema(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// All notes, or those with some text.
#[get("/notes", mcp)]
async fn search_notes(Query(search): Query<Search>, notes: State<Notes>) -> Json<Vec<Note>> {
    let part = search.part.unwrap_or_default();
    let limit = search.limit.unwrap_or(20) as usize;
    let found = notes.with(|notes| {
        let found = notes.iter().filter(|(_, text)| text.contains(&part)).take(limit);
        found.map(|(&id, text)| Note { id, text: text.clone() }).collect()
    });
    Json(found)
}

/// One note.
#[get("/notes/{id}", mcp)]
async fn show_note(id: u32, notes: State<Notes>) -> Option<Json<Note>> {
    let text = notes.with(|notes| notes.get(&id).cloned())?;
    Some(Json(Note { id, text }))
}

/// Keeps a note.
///
/// Its number is in the answer.
#[post("/notes", status = 201, mcp)]
async fn add_note(Json(new): Json<NewNote>, notes: State<Notes>) -> Json<Note> {
    let id = notes.with(|notes| {
        let id = notes.keys().next_back().map_or(1, |last| last + 1);
        notes.insert(id, new.text.clone());
        id
    });
    Json(Note { id, text: new.text })
}

/// Removes a note, for who has the token.
#[delete("/notes/{id}", mcp)]
async fn remove_note(id: u32, token: Bearer, notes: State<Notes>) -> Result<NoContent> {
    if !token.is("secret") {
        return Err(Bearer::refused());
    }
    notes.with(|notes| notes.remove(&id)).map(|_| NoContent).ok_or_else(|| Error::not_found("there is no such note"))
}

/// Not everything is for models.
#[get("/health")]
async fn health() -> &'static str {
    "ok"
}

fn main() -> Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    App::new()
        .plugin(Mcp::new("notes", "1.0").instructions("Short notes of one person.").sessions())
        .state(Notes::default())
        .route(search_notes)
        .route(show_note)
        .route(add_note)
        .route(remove_note)
        .route(health)
        .on_listen(|address| println!("http://{address}"))
        .run(address)
}
