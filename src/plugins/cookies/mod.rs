//! Cookies that are set, and those that only this server can have made.
//!
//! Reading plain ones needs no feature: [`Cookies`](crate::Cookies). The guide's page [`cookies`](crate::guide::cookies) shows both.

mod keys;
mod set_cookie;

pub use keys::{CookieKeys, PrivateCookies, SignedCookies};
pub use set_cookie::{ReplyCookies, SameSite, SetCookie};
