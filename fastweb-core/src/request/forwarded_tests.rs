use std::rc::Rc;

use http::Version;
use proptest::prelude::*;

use super::*;
use crate::buffer::Buffer;
use crate::request::head::Parts;

/// A head with these header lines.
fn head(lines: &[(&str, &str)]) -> Head {
    let mut text = String::from("GET / HTTP/1.1\r\n");
    for (name, value) in lines {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut buffer = Buffer::new(text.len().max(64));
    buffer.append(text.as_bytes());
    let buffer = Rc::new(buffer);
    let all = std::str::from_utf8(buffer.filled()).expect("text");
    let mut head = Head::default();
    let lines = &all.as_bytes()[16..];
    let (method, target) = (&all[..3], &all[4..5]);
    head.fill(&buffer, Parts { version: Version::HTTP_11, method, target, path_len: 1, lines, content_type: b"" });
    head
}

fn ips(proxies: &TrustProxy, lines: &[(&str, &str)], peer: &str) -> Vec<String> {
    let head = head(lines);
    let peer = SocketAddr::new(peer.parse().expect("an address"), 80);
    proxies.read(&head, Some(peer), false).ips.iter().map(ToString::to_string).collect()
}

#[test]
fn x_forwarded_for_counts_as_far_as_peers_are_trusted() {
    let proxies = TrustProxy::new(["10.0.0.0/8", "2001:db8::/32"]);
    for (peer, line, expected) in [
        // Not trusted: what it says is not looked at.
        ("192.0.2.1", "1.1.1.1", &["192.0.2.1"][..]),
        ("10.0.0.1", "1.1.1.1", &["10.0.0.1", "1.1.1.1"]),
        // The client has written the first.
        ("10.0.0.1", "6.6.6.6, 1.1.1.1", &["10.0.0.1", "1.1.1.1"]),
        ("10.0.0.1", "10.9.9.9, 1.1.1.1", &["10.0.0.1", "1.1.1.1"]),
        ("10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2", &["10.0.0.1", "10.0.0.2", "1.1.1.1"]),
        ("10.0.0.1", "10.0.0.3,10.0.0.2", &["10.0.0.1", "10.0.0.2", "10.0.0.3"]),
        // What is no address ends the chain.
        ("10.0.0.1", "1.1.1.1, unknown", &["10.0.0.1"]),
        ("10.0.0.1", "1.1.1.1,,10.0.0.2", &["10.0.0.1", "10.0.0.2"]),
        ("10.0.0.1", "1.1.1.1, 10.0.0.2,", &["10.0.0.1"]),
        ("10.0.0.1", "1.1.1.1 10.0.0.2", &["10.0.0.1"]),
        ("10.0.0.1", "0x0a000002", &["10.0.0.1"]),
        ("10.0.0.1", "010.0.0.2", &["10.0.0.1"]),
        ("10.0.0.1", "\"1.1.1.1\"", &["10.0.0.1"]),
        ("10.0.0.1", "", &["10.0.0.1"]),
        // With ports, and as IPv6.
        ("10.0.0.1", "1.1.1.1:4711", &["10.0.0.1", "1.1.1.1"]),
        ("10.0.0.1", "1.1.1.1:x", &["10.0.0.1"]),
        ("10.0.0.1", "[2001:db9::1]:80", &["10.0.0.1", "2001:db9::1"]),
        ("10.0.0.1", "2001:db9::1", &["10.0.0.1", "2001:db9::1"]),
        ("2001:db8::1", "1.1.1.1, 2001:db8::2", &["2001:db8::1", "2001:db8::2", "1.1.1.1"]),
        // An IPv4 address within an IPv6 one is that address.
        ("::ffff:10.0.0.1", "1.1.1.1, ::ffff:10.0.0.2", &["10.0.0.1", "10.0.0.2", "1.1.1.1"]),
    ] {
        assert_eq!(ips(&proxies, &[("X-Forwarded-For", line)], peer), expected, "{peer} {line}");
    }
    let lines =
        [("x-forwarded-for", "6.6.6.6"), ("forwarded", "for=7.7.7.7"), ("x-forwarded-for", "1.1.1.1, 10.0.0.2")];
    assert_eq!(ips(&proxies, &lines, "10.0.0.1"), ["10.0.0.1", "10.0.0.2", "1.1.1.1"]);
    assert_eq!(ips(&TrustProxy::default(), &lines, "10.0.0.1"), ["10.0.0.1"]);
}

#[test]
fn forwarded_counts_as_far_as_peers_are_trusted() {
    let proxies = TrustProxy::new(["10.0.0.0/8"]).with_forwarded();
    for (line, expected) in [
        ("for=1.1.1.1", &["10.0.0.1", "1.1.1.1"][..]),
        ("For=\"[2001:db8::1]:4711\";proto=https;by=10.0.0.1", &["10.0.0.1", "2001:db8::1"]),
        ("for=6.6.6.6, for=1.1.1.1;host=\"a,b\", for=10.0.0.2", &["10.0.0.1", "10.0.0.2", "1.1.1.1"]),
        ("for=1.1.1.1, for=_hidden", &["10.0.0.1"]),
        ("for=1.1.1.1, for=unknown", &["10.0.0.1"]),
        ("for=1.1.1.1, proto=http", &["10.0.0.1"]),
        // Quotes that a client has left open do not swallow what the proxy has added.
        ("for=\"6.6.6.6, for=1.1.1.1", &["10.0.0.1", "1.1.1.1"]),
        ("x=\", for=\"[2001:db8::1]\"", &["10.0.0.1", "2001:db8::1"]),
        ("for=6.6.6.6;x=\"\\\", for=1.1.1.1", &["10.0.0.1", "1.1.1.1"]),
        ("for=", &["10.0.0.1"]),
        ("for", &["10.0.0.1"]),
    ] {
        assert_eq!(ips(&proxies, &[("forwarded", line)], "10.0.0.1"), expected, "{line}");
    }
    let other = [("x-forwarded-for", "6.6.6.6"), ("forwarded", "for=1.1.1.1")];
    assert_eq!(ips(&proxies, &other, "10.0.0.1"), ["10.0.0.1", "1.1.1.1"]);
}

#[test]
fn host_and_protocol_are_those_that_a_trusted_peer_tells() {
    let peer = |text: &str| Some(SocketAddr::new(text.parse().expect("an address"), 80));
    let told = |proxies: &TrustProxy, from: &str, lines: &[(&str, &str)]| {
        let head = head(lines);
        let forwarded = proxies.read(&head, peer(from), false);
        (forwarded.host.map(str::to_owned), forwarded.is_https)
    };
    let host = |host: &str| Some(host.to_owned());
    let proxies = TrustProxy::from("10.0.0.1");
    let lines = [("x-forwarded-host", "a.example, b.example:80"), ("x-forwarded-proto", "http,HTTPS")];
    assert_eq!(told(&proxies, "10.0.0.1", &lines), (host("b.example:80"), Some(true)));
    assert_eq!(told(&proxies, "10.0.0.2", &lines), (None, None));
    let bad = [("x-forwarded-host", "a/b"), ("x-forwarded-proto", "gopher")];
    assert_eq!(told(&proxies, "10.0.0.1", &bad), (None, None));
    let proxies = TrustProxy::from(["10.0.0.1", "10.0.0.2"]).with_forwarded();
    let lines = [(
        "forwarded",
        "for=6.6.6.6;host=evil, for=1.1.1.1;host=b.example;proto=https, for=10.0.0.2;host=c;proto=http",
    )];
    assert_eq!(told(&proxies, "10.0.0.1", &lines), (host("b.example"), Some(true)));
    // The second proxy is not trusted: what it says of its client is not looked at.
    assert_eq!(told(&TrustProxy::from("10.0.0.1").with_forwarded(), "10.0.0.1", &lines), (host("c"), Some(false)));
    assert_eq!(told(&proxies, "6.6.6.6", &lines), (None, None));
}

#[test]
fn peers_without_an_address_are_trusted_by_name() {
    let head = head(&[("x-forwarded-for", "1.1.1.1")]);
    let count = |peers: &[&str], is_unix| TrustProxy::new(peers).read(&head, None, is_unix).ips.len();
    assert_eq!((count(&["unix"], true), count(&["unix"], false), count(&["loopback"], true)), (1, 0, 0));
}

#[test]
fn what_is_no_range_is_told() {
    assert_eq!(TrustProxy::from(["loopback", "linklocal", "uniquelocal", "unix", "::1", "10.0.0.0/8"]).problem(), None);
    let problem = TrustProxy::from(["loopback", "2"]).problem().expect("a number of hops is no range");
    assert!(problem.contains("\"2\""), "{problem}");
}

proptest! {
    /// Whatever a client sends, the address that the trusted proxy has seen is the one that counts.
    #[test]
    fn a_client_cannot_change_its_address(
        sent in "[ -~]{0,40}|(10\\.0\\.0\\.[0-9], ?){1,3}|(for=\"?10\\.0\\.0\\.2\"?[;,]){1,3}",
        forwarded: bool,
        own_line: bool,
    ) {
        let proxies = TrustProxy::new(["10.0.0.0/8"]);
        let (proxies, name, own) = match forwarded {
            true => (proxies.with_forwarded(), "forwarded", "for=\"[2001:db8::1]\";proto=https"),
            false => (proxies, "x-forwarded-for", "2001:db8::1"),
        };
        let sent = sent.trim().to_owned();
        let joined = format!("{sent}, {own}");
        let lines = if own_line { vec![(name, &*sent), (name, own)] } else { vec![(name, &*joined)] };
        prop_assert_eq!(ips(&proxies, &lines, "10.0.0.1"), ["10.0.0.1", "2001:db8::1"]);
    }

    /// The same from the left, the slow way: all of the list, then the longest trusted end of it.
    #[test]
    fn the_chain_is_the_trusted_end_of_the_list(hops in prop::collection::vec((any::<bool>(), 1_u8..9), 0..8)) {
        let proxies = TrustProxy::new(["10.0.0.0/8"]);
        let hops: Vec<String> =
            hops.iter().map(|(trusted, n)| if *trusted { format!("10.0.0.{n}") } else { format!("1.1.1.{n}") }).collect();
        let line = hops.join(", ");
        let first = hops.iter().rposition(|hop| hop.starts_with("1.")).unwrap_or(0);
        let mut expected: Vec<String> = hops[first.min(hops.len())..].to_vec();
        expected.push("10.0.0.1".into());
        expected.reverse();
        prop_assert_eq!(ips(&proxies, &[("x-forwarded-for", &line)], "10.0.0.1"), expected);
    }
}
