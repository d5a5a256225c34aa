//! The opening handshake from the server's side (RFC 6455, 4.2).

use fastweb_core::{Code, Error, Request, Result, Upgrade};

use super::options::WebSocketOptions;
use super::sha1;

/// What the two sides have agreed upon.
#[derive(Debug)]
pub(super) struct Agreed {
    /// The value of `sec-websocket-accept`.
    pub(super) accept: String,
    pub(super) protocol: Option<String>,
    pub(super) deflate: Option<Deflate>,
}

/// That messages are compressed, each by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deflate {
    /// How far back what is sent may refer, in bits, where the client has asked for a bound (RFC 7692, 7.1.2.1).
    window: Option<u8>,
}

impl Deflate {
    #[cfg(feature = "websocket-deflate")]
    pub(super) fn window(self) -> u8 {
        self.window.unwrap_or(15)
    }

    /// What the client is told.
    pub(super) fn accepted(self) -> String {
        let mut accepted = "permessage-deflate; server_no_context_takeover; client_no_context_takeover".to_owned();
        if let Some(bits) = self.window {
            accepted.push_str(&format!("; server_max_window_bits={bits}"));
        }
        accepted
    }
}

/// Looks at everything that a client has to say before it may talk.
///
/// # Errors
/// It is no handshake (426, or 400 with what is wrong), or its page may not connect (403).
pub(super) fn check(req: &Request, upgrade: &Upgrade, options: &WebSocketOptions) -> Result<Agreed> {
    // RFC 6455, 4.2.1. Of the request line and `host` the kernel has taken care.
    if !upgrade.offers("websocket") {
        let message = "This resource is a WebSocket: ask for it with `connection: upgrade`, `upgrade: websocket` and `sec-websocket-version: 13`";
        let error = Error::from_code(Code::UpgradeRequired).with_message(message).with_header("upgrade", "websocket");
        return Err(error.with_header("sec-websocket-version", "13"));
    }
    if req.method() != "GET" {
        return Err(Error::from_code(Code::BadRequest).with_message("A WebSocket is asked for with GET"));
    }
    let version = only(req, "sec-websocket-version")?;
    if version != Some("13") {
        // RFC 6455, 4.4.
        let error = Error::from_code(Code::UpgradeRequired)
            .with_message("The `sec-websocket-version` is missing or not the one that is spoken here, which is 13");
        return Err(error.with_header("upgrade", "websocket").with_header("sec-websocket-version", "13"));
    }
    let key = only(req, "sec-websocket-key")?.filter(|key| is_key(key)).ok_or_else(|| {
        Error::from_code(Code::BadRequest)
            .with_message("The `sec-websocket-key` is missing or not the base64 of 16 bytes (RFC 6455, 4.1)")
    })?;
    // Whoever is no browser has no origin, and could make one up.
    if let Some(origin) = only(req, "origin")?
        && !options.allows(origin, req)
    {
        return Err(Error::forbidden("Pages of this origin may not connect"));
    }
    let accept = accept(key);
    let protocol = protocol(req, options);
    Ok(Agreed { accept, protocol, deflate: options.settings.deflate.then(|| offered_deflate(req)).flatten() })
}

/// A header that may stand once (RFC 6455, 11.3).
fn only<'r>(req: &'r Request, name: &'static str) -> Result<Option<&'r str>> {
    let mut values = req.headers().filter(|(candidate, _)| candidate.eq_ignore_ascii_case(name));
    let Some((_, value)) = values.next() else { return Ok(None) };
    match (std::str::from_utf8(value), values.next()) {
        (Ok(value), None) => Ok(Some(value.trim())),
        _ => Err(Error::from_code(Code::BadRequest).with_message(format!("The `{name}` stands twice or is malformed"))),
    }
}

/// Whether it is the base64 of 16 bytes: 22 characters, the last of them with four bits that are zero, and two of padding.
fn is_key(key: &str) -> bool {
    key.strip_suffix("==").is_some_and(|key| {
        key.len() == 22
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
            && key.ends_with(['A', 'Q', 'g', 'w'])
    })
}

/// Shows that the server knows the protocol (RFC 6455, 4.2.2, 5.4).
pub(super) fn accept(key: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = sha1::digest(format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11").as_bytes());
    let mut text = String::with_capacity(28);
    for chunk in digest.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let sextet = bits >> (18 - 6 * at) & 0x3f;
            text.push(if at > chunk.len() { '=' } else { ALPHABET[sextet as usize] as char });
        }
    }
    text
}

/// The members of a list that all headers of this name make up.
fn listed<'r>(req: &'r Request, name: &'static str) -> impl Iterator<Item = &'r str> {
    let fields = req.headers().filter(move |(candidate, _)| candidate.eq_ignore_ascii_case(name));
    fields.flat_map(|(_, value)| std::str::from_utf8(value).unwrap_or_default().split(',')).map(str::trim)
}

/// The first of the route's subprotocols that the client offers.
fn protocol(req: &Request, options: &WebSocketOptions) -> Option<String> {
    let offers = |protocol: &&String| listed(req, "sec-websocket-protocol").any(|offered| offered == *protocol);
    options.protocols.iter().find(offers).cloned()
}

/// The first offer that can be accepted (RFC 7692, 7.1).
fn offered_deflate(req: &Request) -> Option<Deflate> {
    let bits =
        |value: &str| value.parse().ok().filter(|bits| (8..=15).contains(bits) && !value.starts_with(['0', '+']));
    listed(req, "sec-websocket-extensions").find_map(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        if parts.next() != Some("permessage-deflate") {
            return None;
        }
        let (mut seen, mut window): (Vec<&str>, _) = (Vec::new(), None);
        for part in parts {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim().trim_matches('"'))),
                None => (part, None),
            };
            if seen.contains(&name) {
                return None;
            }
            seen.push(name);
            match (name, value) {
                ("server_no_context_takeover" | "client_no_context_takeover" | "client_max_window_bits", None) => {}
                // Whatever the client's window, it can be read.
                ("client_max_window_bits", Some(value)) => drop(bits(value)?),
                ("server_max_window_bits", Some(value)) => window = Some(bits(value)?),
                _ => return None,
            }
        }
        Some(Deflate { window })
    })
}

#[cfg(test)]
mod tests {
    use super::{accept, is_key};

    #[test]
    fn the_key_of_the_rfc_is_accepted() {
        // RFC 6455, 1.3.
        assert_eq!(accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert!(is_key("dGhlIHNhbXBsZSBub25jZQ=="));
        for wrong in ["", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25j*Q=="] {
            assert!(!is_key(wrong), "{wrong}");
        }
    }
}
