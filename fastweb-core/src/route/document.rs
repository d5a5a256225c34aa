//! What a route says about itself in documentation.

use std::borrow::Cow;

use http::StatusCode;

use super::{Route, RouteDoc};

impl Route {
    /// What documentation says about the route.
    pub fn doc(&self) -> &RouteDoc {
        &self.doc
    }

    /// The status of answers that name none: a [`StatusCode`] or a number from 200 to 399. Errors have their own.
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, post};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let server = App::new().route(post("/users", "made").status(201)).build().await?;
    /// assert_eq!(server.inject(Inject::post("/users")).await.status(), 201);
    /// # Ok(())
    /// # }
    /// ```
    pub fn status(mut self, status: impl TryInto<StatusCode>) -> Self {
        match status.try_into() {
            Ok(status) if (200..400).contains(&status.as_u16()) => self.doc.status = Some(status),
            _ => self.problems.push("has a status that is none of an answer: write a number from 200 to 399".into()),
        }
        self
    }

    /// Puts it into a group. It may stand in several.
    pub fn tag(mut self, tag: impl Into<Cow<'static, str>>) -> Self {
        self.doc.tags.push(tag.into());
        self
    }

    /// What it does, in one line.
    pub fn summary(mut self, summary: impl Into<Cow<'static, str>>) -> Self {
        self.doc.summary = Some(summary.into());
        self
    }

    /// What it does, at length, in Markdown.
    pub fn description(mut self, description: impl Into<Cow<'static, str>>) -> Self {
        self.doc.description = Some(description.into());
        self
    }

    /// Its name in generated clients: `createUser`.
    pub fn operation_id(mut self, id: impl Into<Cow<'static, str>>) -> Self {
        self.doc.operation_id = Some(id.into());
        self
    }

    /// Clients should not use it any more.
    pub fn deprecated(mut self) -> Self {
        self.doc.deprecated = true;
        self
    }

    /// Leaves it out of documentation.
    pub fn hidden(mut self) -> Self {
        self.doc.hidden = true;
        self
    }
}
