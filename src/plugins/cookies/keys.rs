//! Signed cookies, which nobody else can write, and private ones, which nobody else can read either.

use std::fmt;
use std::sync::Arc;

use cookie::{Cookie, CookieJar, Key};
use fastweb_core::{AllCookies, BindCx, Cookies, Error, Extract, Request, Result};

use super::set_cookie::SetCookie;
use crate::plugins::percent;

/// The secrets of signed and private cookies: state of the application.
///
/// The first makes new cookies; all of them read. To change a secret, put the new one in front and keep the old one for as long as cookies live.
///
/// ```
/// use fastweb::cookies::CookieKeys;
///
/// # fn main() -> fastweb::Result<()> {
/// # let (new, old) = ([7; 32], [8; 64]);
/// let keys = CookieKeys::new(&new)?.with_old(&old)?;
/// assert!(CookieKeys::new(b"too short").is_err());
/// # drop(keys);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CookieKeys(Vec<Key>);

/// 256 bits, which is what signatures and encryption are made with.
const LEAST: usize = 32;

impl CookieKeys {
    /// A secret of at least 32 bytes that nobody can guess: `openssl rand 32`. The keys are derived from it.
    ///
    /// # Errors
    /// It is shorter.
    pub fn new(secret: &[u8]) -> Result<Self> {
        Ok(Self(vec![key(secret)?]))
    }

    /// One that is made now, and gone with the process: for tests and first steps. Cookies do not outlive it, and other processes do not know them.
    pub fn generate() -> Self {
        Self(vec![Key::generate()])
    }

    /// A secret that only reads.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_old(mut self, secret: &[u8]) -> Result<Self> {
        self.0.push(key(secret)?);
        Ok(self)
    }

    /// A cookie that can be read by everybody and made by this server alone. The signature holds for its name and value.
    #[must_use]
    pub fn sign(&self, cookie: SetCookie) -> SetCookie {
        self.made(cookie, |jar, key, cookie| jar.signed_mut(key).add(cookie))
    }

    /// A cookie that can be read and made by this server alone (AES-256-GCM). Its length can be seen.
    #[must_use]
    pub fn encrypt(&self, cookie: SetCookie) -> SetCookie {
        self.made(cookie, |jar, key, cookie| jar.private_mut(key).add(cookie))
    }

    fn made(&self, mut cookie: SetCookie, add: impl FnOnce(&mut CookieJar, &Key, Cookie<'static>)) -> SetCookie {
        let mut jar = CookieJar::new();
        if let Some(key) = self.0.first() {
            // The name is a part of what is signed: a value for one name is none for another.
            let bound = format!("{}={}", cookie.name, cookie.value);
            add(&mut jar, key, Cookie::new(cookie.name.clone(), bound));
        }
        cookie.value = jar.get(&cookie.name).map(|made| made.value().to_owned()).unwrap_or_default();
        cookie
    }

    fn read(
        &self,
        cookies: &AllCookies,
        name: &str,
        open: impl Fn(&CookieJar, &Key, Cookie<'static>) -> Option<Cookie<'static>>,
    ) -> Option<String> {
        let value = percent::decode(cookies.get(name)?)?;
        let jar = CookieJar::new();
        self.0.iter().find_map(|key| {
            let opened = open(&jar, key, Cookie::new(name.to_owned(), value.clone()))?;
            let value = opened.value().strip_prefix(name)?.strip_prefix('=')?;
            Some(value.to_owned())
        })
    }
}

fn key(secret: &[u8]) -> Result<Key> {
    if secret.len() < LEAST {
        let len = secret.len();
        return Err(Error::internal(format!(
            "a secret for cookies has {len} bytes and needs at least {LEAST}: make one by `openssl rand {LEAST}`"
        )));
    }
    Ok(Key::derive_from(secret))
}

/// Without the keys.
impl fmt::Debug for CookieKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CookieKeys({})", self.0.len())
    }
}

macro_rules! sealed_cookies {
    ($(#[$doc:meta])* $name:ident, $make:ident, $open:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            keys: Arc<CookieKeys>,
            cookies: AllCookies,
        }

        impl $name {
            /// The value of a cookie, where this server has made it. Others are as if they were not there.
            pub fn get(&self, name: &str) -> Option<String> {
                self.keys.read(&self.cookies, name, $open)
            }

            /// A cookie to be set that will be found here.
            #[must_use]
            pub fn make(&self, cookie: SetCookie) -> SetCookie {
                self.keys.$make(cookie)
            }
        }

        impl Extract for $name {
            type Bound = Arc<CookieKeys>;

            fn bind(cx: &mut BindCx<'_>) -> Option<Self::Bound> {
                cx.state()
            }

            fn extract(keys: &Self::Bound, req: &mut Request) -> Result<Self> {
                let Cookies(cookies) = Cookies::<AllCookies>::extract(&(), req)?;
                Ok(Self { keys: keys.clone(), cookies })
            }
        }
    };
}

sealed_cookies! {
    /// Signed cookies as an argument: what this server has made, and everybody may read. It wants [`CookieKeys`] as state.
    ///
    /// ```
    /// use fastweb::prelude::*;
    /// use fastweb::cookies::{CookieKeys, SetCookie, SignedCookies};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let login = |cookies: SignedCookies| (cookies.make(SetCookie::new("user", "7")), NoContent);
    /// let who = |cookies: SignedCookies| cookies.get("user").unwrap_or("nobody".into());
    /// let server = App::new().state(CookieKeys::generate()).post("/login", login).get("/", who).build().await?;
    /// let set = server.inject(Inject::post("/login")).await.header("set-cookie").unwrap().to_owned();
    /// let cookie = set.split(';').next().unwrap();
    /// server.inject(Inject::get("/").header("cookie", cookie)).await.assert_text("7");
    /// server.inject(Inject::get("/").header("cookie", "user=7")).await.assert_text("nobody");
    /// # Ok(())
    /// # }
    /// ```
    SignedCookies, sign, |jar, key, cookie| jar.signed(key).verify(cookie)
}

sealed_cookies! {
    /// Private cookies as an argument: what this server has made, and nobody else can read. It wants [`CookieKeys`] as state.
    ///
    /// ```
    /// use fastweb::prelude::*;
    /// use fastweb::cookies::{PrivateCookies, SetCookie};
    ///
    /// fn keep(cookies: PrivateCookies) -> Reply {
    ///     Reply::new().with_cookie(cookies.make(SetCookie::new("cart", "3 apples")))
    /// }
    /// # drop(App::new().post("/cart", keep));
    /// ```
    PrivateCookies, encrypt, |jar, key, cookie| jar.private(key).decrypt(cookie)
}
