//! What happens around every request.

use fastweb::prelude::*;

/// Whoever sends this may write.
pub(crate) struct ApiKey(String);

impl ApiKey {
    pub(crate) fn from_env() -> Self {
        Self(std::env::var("API_KEY").unwrap_or_else(|_| "secret".into()))
    }
}

/// Everybody may read; who writes needs the key. An error from a hook ends the request: the body is not even read.
pub(crate) fn check_api_key(req: &mut Request) -> Result<()> {
    if req.method().is_safe() {
        return Ok(());
    }
    let ApiKey(expected) = req.state().ok_or_else(|| Error::internal("nobody gave an ApiKey"))?;
    match req.header("x-api-key") {
        Some(key) if key == expected => Ok(()),
        Some(_) => Err(Error::forbidden("the API key is wrong")),
        None => Err(Error::unauthorized("an API key is needed").with_header("www-authenticate", "ApiKey")),
    }
}

/// One line per request, once its answer has left.
pub(crate) fn log(req: &mut Request, done: &Completed) {
    tracing::info!(
        request_id = %req.id(),
        method = %req.method(),
        path = req.path(),
        route = done.route(),
        status = done.status().as_u16(),
        bytes = done.body_bytes(),
        duration = ?done.duration(),
        "answered"
    );
}
