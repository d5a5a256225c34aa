//! What can go wrong, and how clients are told.

use std::borrow::Cow;
use std::fmt;

use fastweb::prelude::*;
use serde::Serialize;

/// The errors of this service. `?` in a handler turns them into answers.
#[derive(Debug)]
pub(crate) enum BookError {
    Unknown(u64),
    Exists(u64),
    NoTitle,
}

impl fmt::Display for BookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(id) => write!(f, "there is no book {id}"),
            Self::Exists(id) => write!(f, "this is book {id} already"),
            Self::NoTitle => f.write_str("a book has a title"),
        }
    }
}

impl std::error::Error for BookError {}

impl HttpError for BookError {
    fn status(&self) -> StatusCode {
        match self {
            Self::Unknown(_) => StatusCode::NOT_FOUND,
            Self::Exists(_) => StatusCode::CONFLICT,
            Self::NoTitle => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    fn code(&self) -> Option<Cow<'static, str>> {
        let code = match self {
            Self::Unknown(_) => "BOOK_UNKNOWN",
            Self::Exists(_) => "BOOK_EXISTS",
            Self::NoTitle => "BOOK_WITHOUT_TITLE",
        };
        Some(code.into())
    }
}

/// What a client reads, whatever went wrong.
#[derive(Serialize)]
pub(crate) struct Problem {
    code: String,
    message: String,
    /// To be quoted in a report: the log has it too.
    request_id: String,
}

/// The error handler. It answers for every error: the handlers' and hooks' own, unknown paths, bad JSON, panics.
pub(crate) fn answer(req: &mut Request, error: Error) -> (StatusCode, Json<Problem>) {
    let status = error.status();
    // What broke inside is for the log, which has it already, and not for the client.
    let message = if status.is_server_error() { "something broke, and we know of it" } else { error.message() };
    let problem = Problem {
        code: error.code().unwrap_or("REFUSED").to_owned(),
        message: message.to_owned(),
        request_id: req.id().to_string(),
    };
    (status, Json(problem))
}
