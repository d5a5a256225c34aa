//! The routes of a request's path.

use super::Request;
use crate::route::RouteInfo;

impl Request {
    /// The route that this request would be for if it had another method: what a browser asks about by `OPTIONS` before a page's request. `None` where its path has
    /// none. For its own method it is [`route`](Self::route).
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, NoContent, Request, put};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// #[derive(Debug)]
    /// struct Public;
    ///
    /// let of_put = |req: &mut Request| format!("{:?}", req.route_for("PUT").and_then(|route| route.config::<Public>()));
    /// let app = App::new().get("/a", of_put).route(put("/a", NoContent).config(Public)).get("/b", of_put);
    /// let server = app.build().await?;
    /// server.inject(Inject::get("/a")).await.assert_text("Some(Public)");
    /// server.inject(Inject::get("/b")).await.assert_text("None");
    /// # Ok(())
    /// # }
    /// ```
    pub fn route_for(&self, method: &str) -> Option<RouteInfo<'_>> {
        if method == self.method_str() {
            return Some(self.route());
        }
        let mut others = self.routes().others(&self.app.frozen.records, self);
        let (_, number) = others.find(|(other, _)| *other == method)?;
        Some(RouteInfo::of(self.app.record(number)))
    }
}
