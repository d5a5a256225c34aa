//! What a reply depends on beside its URL.

use super::Reply;

impl Reply {
    /// Says that this reply depends on a field of the request: adds its name to `vary` (RFC 9110, 12.5.5), where it is not there already. Caches then keep one reply per value of it.
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, Reply, Request};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let greet = |req: &mut Request, reply: &mut Reply| {
    ///     reply.add_vary("accept-language").add_vary("Accept-Language").add_vary("origin");
    ///     reply.send(if req.header("accept-language") == Some("de") { "Hallo" } else { "Hello" })
    /// };
    /// let server = App::new().get("/", greet).build().await?;
    /// server.inject(Inject::get("/")).await.assert_header("vary", "accept-language, origin");
    /// # Ok(())
    /// # }
    /// ```
    pub fn add_vary(&mut self, name: &str) -> &mut Self {
        let lines = self.headers().iter().filter(|(field, _)| field.eq_ignore_ascii_case("vary"));
        let there: Vec<_> = lines.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).collect();
        let mut names = there.iter().flat_map(|line| line.split(',')).map(str::trim);
        if names.any(|there| there == "*" || there.eq_ignore_ascii_case(name)) {
            return self;
        }
        let mut all = there.join(", ");
        if !all.is_empty() {
            all.push_str(", ");
        }
        all.push_str(name);
        self.set_header("vary", all)
    }
}
