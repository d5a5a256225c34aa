//! One of two answers.

use super::{IntoReply, Reply};
use crate::error::Result;

/// One of two answers of different types, for handlers that cannot return both as one: `Either<Json<User>, Reply>`.
///
/// ```
/// # use fastweb_core::{App, Either, Inject, Query, Reply};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// #[derive(serde::Deserialize)]
/// struct Go {
///     to: Option<String>,
/// }
///
/// let go = |Query(go): Query<Go>| match go.to {
///     Some(place) => Either::Left(Reply::redirect(format!("/places/{place}"))),
///     None => Either::Right("nowhere to go"),
/// };
/// let server = App::new().get("/go", go).build().await?;
/// server.inject(Inject::get("/go?to=sea")).await.assert_header("location", "/places/sea");
/// server.inject(Inject::get("/go")).await.assert_text("nowhere to go");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Either<L, R> {
    /// The one.
    Left(L),
    /// The other.
    Right(R),
}

impl<L: IntoReply, R: IntoReply> IntoReply for Either<L, R> {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        match self {
            Self::Left(left) => left.into_reply(reply),
            Self::Right(right) => right.into_reply(reply),
        }
    }
}
