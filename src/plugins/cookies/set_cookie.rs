//! The `set-cookie` header (RFC 6265, 4.1).

use std::fmt;
use std::time::Duration;

use fastweb_core::{Reply, ReplyFields};

use crate::plugins::percent;
use crate::plugins::token::is_token;

/// When a browser sends a cookie with requests that pages of other sites cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameSite {
    /// Never.
    Strict,
    /// Where the user follows a link.
    #[default]
    Lax,
    /// Always. Browsers want it secure then.
    None,
}

/// A cookie to be set. By default it is for the whole server, as long as the browser runs, over HTTPS alone, not to be read by scripts, and not sent with what pages of other sites cause (`SameSite=Lax`).
///
/// It is an answer's header, `(cookie, body)`, or set by [`Reply::with_cookie`](ReplyCookies::with_cookie). What may not stand in a value is percent-encoded.
///
/// ```
/// use std::time::Duration;
/// use fastweb::cookies::SetCookie;
///
/// let cookie = SetCookie::new("theme", "dark; very").max_age(Duration::from_secs(3600));
/// assert_eq!(cookie.to_string(), "theme=dark%3B%20very; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCookie {
    pub(super) name: String,
    pub(super) value: String,
    path: Option<String>,
    domain: Option<String>,
    max_age: Option<u64>,
    secure: bool,
    http_only: bool,
    same_site: SameSite,
    partitioned: bool,
}

impl SetCookie {
    /// A cookie with the defaults. A name that is no token fails the request that sets it.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            path: Some("/".into()),
            domain: None,
            max_age: None,
            secure: true,
            http_only: true,
            same_site: SameSite::default(),
            partitioned: false,
        }
    }

    /// Makes the browser forget a cookie, which has to have the same path and domain.
    pub fn removal(name: impl Into<String>) -> Self {
        Self::new(name, "").max_age(Duration::ZERO)
    }

    /// How long it is kept, in whole seconds, instead of as long as the browser runs.
    #[must_use]
    pub fn max_age(mut self, time: Duration) -> Self {
        self.max_age = Some(time.as_secs());
        self
    }

    /// The paths that it is sent for: this one and what is below, instead of all.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// It is sent to all hosts of this domain, instead of this server alone.
    #[must_use]
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// It is sent over HTTP, too: for development on a host other than `localhost`.
    #[must_use]
    pub fn insecure(mut self) -> Self {
        self.secure = false;
        self
    }

    /// Scripts of the page may read it.
    #[must_use]
    pub fn readable(mut self) -> Self {
        self.http_only = false;
        self
    }

    /// When it is sent with requests that pages of other sites cause.
    #[must_use]
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = same_site;
        self
    }

    /// Each site that this server is embedded in has a cookie of its own (CHIPS).
    #[must_use]
    pub fn partitioned(mut self) -> Self {
        self.partitioned = true;
        self
    }
}

/// As it stands in the header.
impl fmt::Display for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, escape(&self.value))?;
        // A semicolon would begin another attribute.
        for (name, value) in [("Path", &self.path), ("Domain", &self.domain)] {
            if let Some(value) = value {
                write!(f, "; {name}={}", value.replace(';', "%3B"))?;
            }
        }
        if let Some(seconds) = self.max_age {
            write!(f, "; Max-Age={seconds}")?;
        }
        for (is_set, word) in [(self.secure, "Secure"), (self.http_only, "HttpOnly")] {
            if is_set {
                write!(f, "; {word}")?;
            }
        }
        write!(f, "; SameSite={:?}", self.same_site)?;
        if self.partitioned {
            f.write_str("; Partitioned")?;
        }
        Ok(())
    }
}

impl ReplyFields for SetCookie {
    fn set(self, reply: &mut Reply) {
        // A name that is none is a fault of the application. So is that of a header with a line end in it, which says what is wrong.
        let line = if is_token(&self.name) { self.to_string() } else { format!("{:?}\n", self.name) };
        reply.append_header("set-cookie", line);
    }
}

/// Cookies of replies.
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::cookies::SetCookie;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = App::new().post("/theme", || Reply::new().with_cookie(SetCookie::new("theme", "dark"))).build().await?;
/// let reply = server.inject(Inject::post("/theme")).await;
/// reply.assert_header("set-cookie", "theme=dark; Path=/; Secure; HttpOnly; SameSite=Lax");
/// # Ok(())
/// # }
/// ```
pub trait ReplyCookies: Sized {
    /// This reply with a cookie to be set.
    #[must_use]
    fn with_cookie(self, cookie: SetCookie) -> Self;

    /// Sets a cookie.
    fn set_cookie(&mut self, cookie: SetCookie) -> &mut Self;
}

impl ReplyCookies for Reply {
    fn with_cookie(mut self, cookie: SetCookie) -> Self {
        cookie.set(&mut self);
        self
    }

    fn set_cookie(&mut self, cookie: SetCookie) -> &mut Self {
        cookie.set(self);
        self
    }
}

/// RFC 6265, 4.1.1: what may not stand in a value is escaped, and what escapes are made of.
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    percent::encode(value, |byte| (0x21..0x7f).contains(&byte) && !b"\",;\\%".contains(&byte), &mut escaped);
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn any_value_is_one_word_and_comes_back(value in "\\PC*") {
            let escaped = escape(&value);
            proptest::prop_assert!(escaped.bytes().all(|byte| byte.is_ascii_graphic() && !b";, \"\\".contains(&byte)));
            proptest::prop_assert_eq!(percent::decode(&escaped), Some(value));
        }

        #[test]
        fn no_value_is_too_strange(value in "[%0-9a-fg]{0,9}") {
            let _ = percent::decode(&value);
        }
    }
}
