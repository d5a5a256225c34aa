//! A request to be injected.

use std::net::SocketAddr;

/// A request to be answered without a socket: [`Server::inject`](crate::Server::inject).
///
/// It has a `host` (`localhost`) unless it is given one, and a `content-length` where it has a body and no `transfer-encoding`.
///
/// ```
/// use fastweb_core::Inject;
///
/// let request = Inject::post("/users?dry=1").header("x-key", "k").json(&serde_json::json!({ "name": "Ada" }));
/// # drop(request);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is injected"]
pub struct Inject {
    method: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<Vec<u8>>,
    pub(super) peer: Option<SocketAddr>,
}

macro_rules! methods {
    ($($name:ident $method:literal,)+) => {$(
        #[doc = concat!("A `", $method, "` request for a path, with a query if it has one.")]
        pub fn $name(target: impl Into<String>) -> Self {
            Self::new($method, target)
        }
    )+};
}

/// A `GET` request of this target.
impl From<&str> for Inject {
    fn from(target: &str) -> Self {
        Self::get(target)
    }
}

impl Inject {
    /// A request of any method.
    pub fn new(method: impl Into<String>, target: impl Into<String>) -> Self {
        Self { method: method.into(), target: target.into(), headers: Vec::new(), body: None, peer: None }
    }

    methods! {
        get "GET",
        post "POST",
        put "PUT",
        patch "PATCH",
        delete "DELETE",
        head "HEAD",
        options "OPTIONS",
    }

    /// Adds a header. It is sent as it is: a malformed one is refused as it would be from the network.
    pub fn header(mut self, name: impl Into<String>, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.into(), value.as_ref().to_vec()));
        self
    }

    /// The address that the request seems to come from: [`Request::peer_addr`](crate::Request::peer_addr). Without this it has none.
    pub fn peer_addr(mut self, peer: SocketAddr) -> Self {
        self.peer = Some(peer);
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sets a JSON body with its `content-type`.
    ///
    /// # Panics
    /// `value` cannot be serialised.
    #[cfg(feature = "json")]
    #[track_caller]
    pub fn json<T: serde::Serialize + ?Sized>(self, value: &T) -> Self {
        let body = serde_json::to_vec(value).expect("the body of an injected request is serialisable");
        self.header("content-type", "application/json").body(body)
    }

    /// Whether the answer has no body, whatever its head announces.
    pub(super) fn is_head(&self) -> bool {
        self.method == "HEAD"
    }

    /// Whether a success begins a tunnel.
    pub(super) fn is_connect(&self) -> bool {
        self.method == "CONNECT"
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        let Self { method, target, mut headers, body, peer: _ } = self;
        let has = |headers: &[(String, Vec<u8>)], name: &str| headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
        if !has(&headers, "host") {
            headers.insert(0, ("host".into(), b"localhost".to_vec()));
        }
        if let Some(body) = &body
            && !has(&headers, "content-length")
            && !has(&headers, "transfer-encoding")
        {
            headers.push(("content-length".into(), body.len().to_string().into_bytes()));
        }
        let mut bytes = format!("{method} {target} HTTP/1.1\r\n").into_bytes();
        for (name, value) in headers {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(&value);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&body.unwrap_or_default());
        bytes
    }
}
