//! What trusted proxies tell about a request: `x-forwarded-for`, `-host`, `-proto`, or `forwarded` (RFC 7239).
//!
//! Anybody can send these headers. Proxies append to them, so they are read from the right, and no further than trusted peers vouch: the
//! address that the nearest trusted proxy saw is known; what that address claims counts only if it is trusted itself. Text is cut
//! from the right as well: what a client has put before, unbalanced quotes for one, cannot change how a proxy's part is read.

use std::net::{IpAddr, SocketAddr};

use super::cidr::Cidr;
use super::head::Head;
use crate::http1::is_host;

/// The proxies in front of a server: [`App::trust_proxy`](crate::App::trust_proxy).
///
/// Made of addresses and ranges, `"10.0.0.7"`, `"10.0.0.0/8"`, `"2001:db8::/32"`, and of these names: `loopback` (127.0.0.0/8, ::1), `linklocal`
/// (169.254.0.0/16, fe80::/10), `uniquelocal` (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7), and `unix` for peers at the other end of a Unix
/// socket. There is no number of hops to trust: a client can add hops.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustProxy {
    ranges: Vec<Cidr>,
    unix: bool,
    /// They write `forwarded`.
    rfc7239: bool,
    wrong: Vec<String>,
}

const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1"];
const LINK_LOCAL: [&str; 2] = ["169.254.0.0/16", "fe80::/10"];
const UNIQUE_LOCAL: [&str; 4] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

impl TrustProxy {
    /// Trusts peers of these addresses, ranges and names. They write `x-forwarded-for`, `x-forwarded-host` and `x-forwarded-proto`.
    pub fn new<T: AsRef<str>>(peers: impl IntoIterator<Item = T>) -> Self {
        let mut proxies = Self::default();
        for peer in peers {
            proxies.add(peer.as_ref());
        }
        proxies
    }

    fn add(&mut self, peer: &str) {
        let ranges: &[&str] = match peer {
            "unix" => {
                self.unix = true;
                return;
            }
            "loopback" => &LOOPBACK,
            "linklocal" => &LINK_LOCAL,
            "uniquelocal" => &UNIQUE_LOCAL,
            range => &[range],
        };
        for range in ranges {
            match Cidr::parse(range) {
                Some(range) => self.ranges.push(range),
                None => self.wrong.push((*range).to_owned()),
            }
        }
    }

    /// The proxies write `forwarded` (RFC 7239), and `x-forwarded-*` is not looked at. Which of the two they write has to be said: the other one comes from the
    /// client as it is.
    #[must_use]
    pub fn with_forwarded(mut self) -> Self {
        self.rfc7239 = true;
        self
    }

    /// What is wrong with these.
    pub(crate) fn problem(&self) -> Option<String> {
        let wrong = self.wrong.first()?;
        Some(format!(
            "trust_proxy has {wrong:?}, which is no address, range or name: write `10.0.0.7`, `10.0.0.0/8`, `loopback`, `linklocal`, \
             `uniquelocal` or `unix`"
        ))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.ranges.iter().any(|range| range.contains(address))
    }

    fn trusts_peer(&self, peer: Option<SocketAddr>, is_unix: bool) -> bool {
        peer.map_or(is_unix && self.unix, |peer| self.trusts(peer.ip()))
    }

    /// What is known of a request that came from `peer`.
    pub(super) fn read<'h>(&self, head: &'h Head, peer: Option<SocketAddr>, is_unix: bool) -> Forwarded<'h> {
        let mut ips: Vec<IpAddr> = peer.map(|peer| peer.ip().to_canonical()).into_iter().collect();
        if !self.trusts_peer(peer, is_unix) {
            return Forwarded { ips, host: None, is_https: None };
        }
        if self.rfc7239 {
            return self.read_rfc7239(head, ips);
        }
        for hop in elements(head, "x-forwarded-for") {
            let Some(address) = parse_node(hop) else { break };
            ips.push(address);
            if !self.trusts(address) {
                break;
            }
        }
        // These are of the nearest proxy: it writes them anew, or adds its own at the end.
        let host = elements(head, "x-forwarded-host").next().filter(|host| is_named_host(host));
        let is_https = elements(head, "x-forwarded-proto").next().and_then(is_https);
        Forwarded { ips, host, is_https }
    }

    fn read_rfc7239<'h>(&self, head: &'h Head, mut ips: Vec<IpAddr>) -> Forwarded<'h> {
        let (mut host, mut https) = (None, None);
        for element in elements(head, "forwarded") {
            let parameter = |name: &str| parameter(element, name);
            // Each proxy tells what it was asked for. Of those that are trusted the outermost one heard it from the client.
            host = parameter("host").filter(|host| is_named_host(host)).or(host);
            https = parameter("proto").and_then(is_https).or(https);
            let Some(address) = parameter("for").and_then(parse_node) else { break };
            ips.push(address);
            if !self.trusts(address) {
                break;
            }
        }
        Forwarded { ips, host, is_https: https }
    }
}

impl From<&str> for TrustProxy {
    fn from(peer: &str) -> Self {
        Self::new([peer])
    }
}

impl<const N: usize> From<[&str; N]> for TrustProxy {
    fn from(peers: [&str; N]) -> Self {
        Self::new(peers)
    }
}

impl From<Vec<String>> for TrustProxy {
    fn from(peers: Vec<String>) -> Self {
        Self::new(peers)
    }
}

/// What is known of a request, of it and of what trusted proxies say.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Forwarded<'h> {
    /// From the peer to the client.
    pub(super) ips: Vec<IpAddr>,
    pub(super) host: Option<&'h str>,
    pub(super) is_https: Option<bool>,
}

/// The elements of a list that may stand in several lines, the last one first.
fn elements<'h>(head: &'h Head, name: &'static str) -> impl Iterator<Item = &'h str> {
    let fields: Vec<&[u8]> =
        head.fields().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect();
    // What is no text is one element that is nothing.
    let lines = fields.into_iter().rev().map(|line| std::str::from_utf8(line).unwrap_or("?"));
    lines.flat_map(FromRight).map(|element| element.trim_matches([' ', '\t']))
}

/// The elements of a line from the right. A comma within quotes separates nothing; a backslash is no escape here, because no proxy writes one.
struct FromRight<'h>(&'h str);

impl<'h> Iterator for FromRight<'h> {
    type Item = &'h str;

    fn next(&mut self) -> Option<&'h str> {
        if self.0.is_empty() {
            return None;
        }
        match last_outside_quotes(self.0, b',') {
            Some(comma) => {
                let element = &self.0[comma + 1..];
                self.0 = &self.0[..comma];
                Some(element)
            }
            None => Some(std::mem::take(&mut self.0)),
        }
    }
}

fn last_outside_quotes(text: &str, wanted: u8) -> Option<usize> {
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate().rev() {
        match byte {
            b'"' => quoted = !quoted,
            byte if byte == wanted && !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// The value of a parameter of an element of `forwarded`, without quotes. Of several the last one.
fn parameter<'h>(element: &'h str, name: &str) -> Option<&'h str> {
    let mut rest = element;
    loop {
        let at = last_outside_quotes(rest, b';');
        let pair = at.map_or(rest, |at| &rest[at + 1..]).trim_matches([' ', '\t']);
        if let Some((candidate, value)) = pair.split_once('=')
            && candidate.eq_ignore_ascii_case(name)
        {
            return Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value));
        }
        rest = &rest[..at?];
    }
}

/// An address, with a port if it has one: `192.0.2.7`, `192.0.2.7:80`, `2001:db8::1`, `[2001:db8::1]:80`. `unknown` and names that proxies make up
/// (RFC 7239, 6) are none.
fn parse_node(text: &str) -> Option<IpAddr> {
    let address = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            port.strip_prefix(':').map_or(port.is_empty(), is_port).then(|| address.parse().ok())?.map(IpAddr::V6)?
        }
        None => match text.split_once(':') {
            Some((address, port)) if is_port(port) => IpAddr::V4(address.parse().ok()?),
            _ => text.parse().ok()?,
        },
    };
    Some(address.to_canonical())
}

fn is_port(text: &str) -> bool {
    (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_named_host(host: &str) -> bool {
    !host.is_empty() && is_host(host.as_bytes())
}

fn is_https(protocol: &str) -> Option<bool> {
    match protocol {
        _ if protocol.eq_ignore_ascii_case("https") => Some(true),
        _ if protocol.eq_ignore_ascii_case("http") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
#[path = "forwarded_tests.rs"]
mod tests;
