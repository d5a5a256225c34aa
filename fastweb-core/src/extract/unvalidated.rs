//! JSON bodies that are not validated.

use std::ops::{Deref, DerefMut};

use serde::de::DeserializeOwned;

use super::json::check_media_type;
use super::plans::JsonPlan;
use super::{BindCx, BodyUse, Extract};
use crate::error::Result;
use crate::request::Request;

/// The request's body, read from JSON by the type alone: what its model or the route's schema asks for beside that is not checked. For handlers that look at invalid
/// input themselves; everybody else takes [`Json`](crate::Json).
///
/// ```
/// # use fastweb_core::{App, Inject, Unvalidated};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// #[derive(serde::Deserialize)]
/// struct Draft { title: String }
///
/// let save = async |Unvalidated(draft): Unvalidated<Draft>| draft.title;
/// let server = App::new().post("/drafts", save).build().await?;
/// server.inject(Inject::post("/drafts").json(&serde_json::json!({ "title": "" }))).await.assert_text("");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unvalidated<T>(pub T);

impl<T: DeserializeOwned + 'static> Extract for Unvalidated<T> {
    type Bound = ();
    const BODY: BodyUse = BodyUse::Whole;

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        check_media_type(req)?;
        JsonPlan::without_model().read(req).map(Self)
    }
}

impl<T> Deref for Unvalidated<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Unvalidated<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
