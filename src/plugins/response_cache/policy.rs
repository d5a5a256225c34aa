//! Which requests may be answered with what is kept, and which answers may be kept (RFC 9111, 3 and 4): the rules of a cache that several clients share, and where they leave
//! a choice the one that keeps less.

use std::time::{Duration, SystemTime};

use fastweb_core::{Reply, Request};

use super::directives::Directives;
use super::record::{Lifetime, Record};
use super::rule::Cached;
use crate::plugins::etag::{cache_control, date};

/// What a request wants of the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Nothing: it goes by.
    Pass,
    /// An answer of the handler, which may then be kept.
    Afresh,
    /// What is kept, if it is good enough.
    Kept { max_age: Option<u64>, min_fresh: u64, only: bool },
}

pub(super) fn wish(req: &mut Request, heeds_directives: bool) -> Wish {
    if !matches!(req.method().as_str(), "GET" | "HEAD") || !req.body_mut().is_empty() {
        return Wish::Pass;
    }
    // Looked for in one go: it is every request.
    let (mut has_control, mut pragma) = (false, false);
    for (name, value) in req.headers() {
        match name.len() {
            5 if name.eq_ignore_ascii_case("range") => return Wish::Pass,
            6 if name.eq_ignore_ascii_case("pragma") => pragma |= value.eq_ignore_ascii_case(b"no-cache"),
            // RFC 9111, 3.5: what is answered to one who has said who he is, is for him alone.
            13 if name.eq_ignore_ascii_case("authorization") => return Wish::Pass,
            13 if name.eq_ignore_ascii_case("cache-control") => has_control = true,
            // Of the state that the handler has, and not of what is kept.
            8 if name.eq_ignore_ascii_case("if-match") || name.eq_ignore_ascii_case("if-range") => return Wish::Pass,
            19 if name.eq_ignore_ascii_case("if-unmodified-since") => return Wish::Pass,
            7 if name.eq_ignore_ascii_case("upgrade") => return Wish::Pass,
            _ => {}
        }
    }
    let anything = Wish::Kept { max_age: None, min_fresh: 0, only: false };
    if !heeds_directives || !(has_control || pragma) {
        return anything;
    }
    if !has_control {
        // RFC 9111, 5.4: of clients that know nothing newer.
        return Wish::Afresh;
    }
    let directives = Directives::read(lines_of_request(req));
    if directives.no_store {
        Wish::Pass
    } else if directives.no_cache {
        Wish::Afresh
    } else {
        let min_fresh = directives.min_fresh.unwrap_or(0);
        Wish::Kept { max_age: directives.max_age, min_fresh, only: directives.only_if_cached }
    }
}

fn lines_of_request(req: &Request) -> impl Iterator<Item = &[u8]> {
    req.headers().filter(|(name, _)| name.eq_ignore_ascii_case("cache-control")).map(|(_, value)| value)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Fresh,
    /// While a new one is made.
    Stale,
    No,
}

pub(super) fn use_of(record: &Record, now: SystemTime, wish: &Wish) -> Use {
    let Wish::Kept { max_age, min_fresh, .. } = wish else { return Use::No };
    let age = record.age(now);
    if max_age.is_some_and(|most| age.as_secs() > most) {
        return Use::No;
    }
    if age + Duration::from_secs(*min_fresh) < record.fresh_for() {
        Use::Fresh
    } else if *min_fresh == 0 && !record.is_over(now) {
        Use::Stale
    } else {
        Use::No
    }
}

/// Why an answer is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is of a kind that is never kept here: who asks next need not wait for it.
    Kind,
    /// This one is not. The next may be.
    Occasion,
}

/// What the plugin says.
#[derive(Clone, Debug)]
pub(super) struct Usual {
    pub(super) ttl: Option<Duration>,
    pub(super) stale: Duration,
    pub(super) most: usize,
}

/// How long an answer may be used, if it may be kept at all.
pub(super) fn lifetime(
    req: &Request,
    reply: &Reply,
    rule: &Cached,
    usual: &Usual,
    now: SystemTime,
) -> Result<Lifetime, Refusal> {
    let status = reply.status();
    // RFC 9110, 15.1: those of which it may be guessed how long they hold. 206 and 304 are no whole answers, errors of the server are over soon.
    let is_kept = matches!(status.as_u16(), 200 | 203 | 204 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501);
    if !is_kept {
        return Err(Refusal::Occasion);
    }
    // Only what is whole: a stream may end early, and nobody knows how long it is.
    let body = reply.body_bytes().filter(|body| body.len() <= usual.most);
    let has = |name: &str| reply.has_header(name);
    if body.is_none() || reply.gives_connection_away() || has("set-cookie") || has("content-range") {
        return Err(Refusal::Kind);
    }
    let own = |name: &'static str| {
        reply.headers().iter().filter(move |(there, _)| there.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    // What the route will be given by its `on_send` hook counts as if it stood there.
    let (control, expires_after) = match status.is_success() {
        true => cache_control::of_route(req),
        false => (None, None),
    };
    let directives = match has("cache-control") {
        true => Directives::read(own("cache-control")),
        false => Directives::read(control.map(str::as_bytes).into_iter()),
    };
    if directives.no_store || directives.private || directives.no_cache {
        return Err(Refusal::Kind);
    }
    // RFC 9111, 4.2.1: the most exact of what it says. A date that is none is one that is over (5.3).
    let expires = own("expires").next();
    let expires = match expires {
        Some(value) => Some(date::read(value).and_then(|at| at.duration_since(now).ok()).unwrap_or_default()),
        None => expires_after,
    };
    let said = directives.s_maxage.or(directives.max_age).map(Duration::from_secs).or(expires);
    let ttl = rule.ttl.or(usual.ttl);
    let fresh = match (said, ttl) {
        (Some(said), Some(ttl)) => said.min(ttl),
        (Some(said), None) => said,
        // An error, or a choice, holds for as long as it says, and not for as long as the route's answers do.
        (None, Some(ttl)) if status.is_success() || matches!(status.as_u16(), 301 | 308) => ttl,
        (None, _) => return Err(Refusal::Kind),
    };
    let text = |value: &[u8]| std::str::from_utf8(value).ok().and_then(|text| text.trim().parse().ok());
    let age = Duration::from_secs(own("age").next().and_then(text).unwrap_or(0_u64).min(1 << 31));
    if fresh <= age {
        return Err(Refusal::Kind);
    }
    // RFC 9111, 5.2.2.10: s-maxage means proxy-revalidate, unless the answer itself says how stale it may be.
    let stale = match directives.stale_while_revalidate {
        _ if directives.must_revalidate => Duration::ZERO,
        Some(seconds) => Duration::from_secs(seconds),
        None if directives.s_maxage.is_some() => Duration::ZERO,
        None => rule.stale.unwrap_or(usual.stale),
    };
    Ok(Lifetime { age, fresh, stale })
}

/// The headers that an answer differs by, in lower case and in order. `None` where it differs by what no header says.
pub(super) fn varies(reply: &Reply) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for (_, line) in reply.headers().iter().filter(|(name, _)| name.eq_ignore_ascii_case("vary")) {
        for name in std::str::from_utf8(line).ok()?.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if name == "*" {
                return None;
            }
            names.push(name.to_ascii_lowercase());
        }
    }
    names.sort_unstable();
    names.dedup();
    Some(names)
}
