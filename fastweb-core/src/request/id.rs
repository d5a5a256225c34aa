//! Request ids.

use std::fmt;

/// The number of a request, unique within the running server. Shown in base 36, as in Fastify: `req-1`, `req-1k`.
///
/// It is a number until somebody prints it; making one costs nothing.
///
/// ```
/// # use fastweb_core::App;
/// # use fastweb_core::{Inject, Request};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// let server = App::new().get("/", |req: &mut Request| req.id().to_string()).build().await?;
/// let reply = server.inject(Inject::get("/")).await;
/// assert!(reply.text().starts_with("req-"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(pub(crate) u64);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        // 36^13 > 2^64
        let mut text = [b'0'; 13];
        let mut at = text.len();
        let mut rest = self.0;
        loop {
            at -= 1;
            text[at] = DIGITS[(rest % 36) as usize];
            rest /= 36;
            if rest == 0 {
                break;
            }
        }
        f.write_str("req-")?;
        f.write_str(std::str::from_utf8(&text[at..]).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::RequestId;

    #[test]
    fn ids_are_written_in_base_36() {
        assert_eq!(RequestId(0).to_string(), "req-0");
        assert_eq!(RequestId(35).to_string(), "req-z");
        assert_eq!(RequestId(36).to_string(), "req-10");
        assert_eq!(RequestId(u64::MAX).to_string(), "req-3w5e11264sgsf");
    }
}
