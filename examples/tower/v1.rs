//! What was there before: nothing here knows of fastweb.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};

use crate::words::Words;

pub(crate) fn router(words: Words) -> Router {
    Router::new().route("/words", post(add)).route("/words/{word}", get(count)).with_state(words)
}

async fn add(State(words): State<Words>, text: String) -> StatusCode {
    words.add(&text);
    StatusCode::CREATED
}

async fn count(State(words): State<Words>, Path(word): Path<String>) -> Result<Json<usize>, (StatusCode, String)> {
    words.count(&word).map(Json).ok_or_else(|| (StatusCode::NOT_FOUND, format!("{word} was never seen")))
}
