//! What can go wrong: statuses, codes and messages, which stand in the document, too.

use fastweb::ApiError;

#[derive(Debug, ApiError)]
pub(crate) enum UserError {
    #[error(status = 404, code = "USER_NOT_FOUND", message = "there is no user {id}")]
    NotFound { id: u64 },
    #[error(status = 409, code = "EMAIL_TAKEN", message = "this address has a user already")]
    EmailTaken,
}
