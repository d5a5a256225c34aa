//! The way of a request through the cache: what is looked for before the handler, and what is kept behind it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use fastweb_core::{Flow, Reply, ReplyHeaders, Request, Result, StatusCode};

use super::counts::Counters;
use super::epochs::Epochs;
use super::key::{self, CachedRoute, tag_of_name, tag_of_route, tag_of_target};
use super::policy::{self, Refusal, Use, Usual, Wish};
use super::record::{Lifetime, Record};
use super::rule::TAGS;
use super::store::ResponseStore;
use crate::plugins::cache::{Bounded, Flights, Lead, Turn};
use crate::plugins::etag::ETag;

type Key = Arc<str>;
pub(super) type Clock = dyn Fn() -> SystemTime + Send + Sync;

/// What handle and plugin share.
pub(super) struct Shared<S> {
    pub(super) store: S,
    pub(super) counters: Counters,
    /// Of this process, for what is being made while something is removed.
    epochs: Epochs,
    making: Flights<Key, Landed>,
    refreshing: Flights<Key, Landed>,
    /// Keys of what was not kept lately, and until when nobody waits for it.
    passing: Bounded<Key, SystemTime>,
}

/// What became of an answer that others wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Landed {
    Kept,
    /// Everybody has to see for himself.
    NotKept,
}

/// The cache as its hooks have it.
pub(super) struct Core<S> {
    pub(super) shared: Arc<Shared<S>>,
    pub(super) usual: Usual,
    pub(super) heeds_requests: bool,
    pub(super) status_name: Option<String>,
    pub(super) clock: Option<Box<Clock>>,
}

/// Attached to a request whose answer may be kept.
struct Pending {
    route: Arc<CachedRoute>,
    base: Key,
    /// Others wait for it. Dropped with the request, should its client leave.
    lead: Option<Lead<Key, Landed>>,
    /// What is removed from here on was perhaps read by the handler before.
    begun: u64,
    /// The headers that were set before the handler: for this request alone.
    before: ReplyHeaders,
    is_refresh: bool,
}

/// What is found for a request, and under which key it is or would be.
struct Found(Key, Option<Record>);

/// What others make is gone before it can be had, so often in a row: then everybody makes his own.
const ROUNDS: usize = 3;

/// How long nobody waits for what was not kept.
const PASS: Duration = Duration::from_secs(5);

/// So many keys of such things are known at a time.
const MOST_PASSING: u64 = 4096;

impl<S: ResponseStore> Shared<S> {
    pub(super) fn new(store: S) -> Self {
        Self {
            store,
            counters: Counters::default(),
            epochs: Epochs::new(),
            making: Flights::new(),
            refreshing: Flights::new(),
            passing: Bounded::new(MOST_PASSING, 256),
        }
    }

    pub(super) async fn remove_tagged(&self, tag: &str) -> Result<()> {
        // First: what is being made then sees it, whether it is put away before or behind the next line.
        self.epochs.change(tag);
        self.counters.removals.add();
        self.store.remove_tagged(tag).await
    }

    pub(super) async fn clear(&self) -> Result<()> {
        self.epochs.change_all();
        self.counters.removals.add();
        self.store.clear().await
    }
}

impl<S: ResponseStore> Core<S> {
    fn now(&self) -> SystemTime {
        self.clock.as_ref().map_or_else(SystemTime::now, |now| now())
    }

    /// The last `pre_handler` hook of a route: whoever may not see the answer has been refused by then.
    pub(super) async fn look(&self, route: &Arc<CachedRoute>, req: &mut Request, reply: &mut Reply) -> Result<Flow> {
        let counters = &self.shared.counters;
        if let Some(pending) = req.extensions_mut().get_mut::<Pending>() {
            // This is the request that was repeated to bring it up to date.
            pending.before = reply.headers().clone();
            return Ok(Flow::Continue);
        }
        let wish = policy::wish(req, self.heeds_requests);
        if wish == Wish::Pass {
            counters.passed.add();
            return Ok(Flow::Continue);
        }
        let is_head = req.method() == "HEAD";
        let mut base = route.key(req, "GET");
        if is_head {
            // RFC 9111, 4: what answers GET answers HEAD. What answers HEAD answers no GET, and is kept by itself.
            let Found(_, record) = self.find(&base, req).await;
            if let Some(record) = record.filter(|record| policy::use_of(record, self.now(), &wish) == Use::Fresh) {
                return self.hit(&record, req, false);
            }
            base = route.key(req, "HEAD");
        }
        let make = |req: &mut Request, reply: &Reply, lead| {
            counters.misses.add();
            let (begun, before) = (self.shared.epochs.now(), reply.headers().clone());
            let (route, base) = (route.clone(), base.clone());
            req.extensions_mut().insert(Pending { route, base, lead, begun, before, is_refresh: false });
            Ok(Flow::Continue)
        };
        if wish == Wish::Afresh {
            return make(req, reply, None);
        }
        let mut rounds = 0;
        loop {
            let Found(key, record) = self.find(&base, req).await;
            match record.map(|record| (policy::use_of(&record, self.now(), &wish), record)) {
                Some((Use::Fresh, record)) => return self.hit(&record, req, false),
                Some((Use::Stale, record)) => {
                    self.refresh(route, &base, &key, req);
                    return self.hit(&record, req, true);
                }
                Some((Use::No, _)) | None => {}
            }
            if let Wish::Kept { only: true, .. } = wish {
                // RFC 9111, 5.2.1.7.
                return Flow::reply(StatusCode::GATEWAY_TIMEOUT);
            }
            let passes = self.shared.passing.get(&*key).is_some_and(|until| self.now() < until);
            if passes || rounds == ROUNDS {
                return make(req, reply, None);
            }
            match self.shared.making.join(&key) {
                Turn::Lead(lead) => {
                    // Whoever had the lead before may have ended between the look and the join.
                    let Found(_, record) = self.find(&base, req).await;
                    if let Some(record) = record.filter(|it| policy::use_of(it, self.now(), &wish) == Use::Fresh) {
                        lead.finish(Landed::Kept, || ());
                        return self.hit(&record, req, false);
                    }
                    return make(req, reply, Some(lead));
                }
                Turn::Wait(wait) => {
                    counters.waits.add();
                    match wait.outcome().await {
                        Some(Landed::Kept) => rounds += 1,
                        Some(Landed::NotKept) => return make(req, reply, None),
                        // Its client has left: the next one begins. There are no more rounds of this than clients that leave.
                        None => {}
                    }
                }
            }
        }
    }

    async fn find(&self, base: &Key, req: &Request) -> Found {
        let Some(record) = self.get(base).await else { return Found(base.clone(), None) };
        let Some(names) = record.names() else { return Found(base.clone(), Some(record)) };
        let key = key::varied(base, req, names);
        // Never another list: the names are a part of the key.
        let record = self.get(&key).await.filter(|record| record.as_reply().is_some());
        Found(key, record)
    }

    async fn get(&self, key: &str) -> Option<Record> {
        match self.shared.store.get(key).await {
            Ok(record) => record,
            Err(error) => {
                // A store that is down is to take nothing else with it.
                tracing::warn!(target: "fastweb::response_cache", error = ?error, "an answer could not be looked for, and is made");
                None
            }
        }
    }

    fn hit(&self, record: &Record, req: &mut Request, is_stale: bool) -> Result<Flow> {
        let Some(stored) = record.as_reply() else { return Ok(Flow::Continue) };
        let counters = &self.shared.counters;
        if is_stale {
            counters.stale.add()
        } else {
            counters.hits.add()
        }
        let age = record.age(self.now());
        let mut answer = Reply::from(stored)?;
        answer.set_header("age", age.as_secs().to_string());
        if let Some(name) = &self.status_name {
            // RFC 9211, 2.2 and 2.5: below zero where it is stale.
            let left = record.fresh_for().as_secs() as i64 - age.as_secs() as i64;
            answer.set_header("cache-status", format!("{name}; hit; ttl={left}"));
        }
        // RFC 9111, 4.3.2.
        ETag::new().answer(req, &mut answer)?;
        Ok(Flow::Reply(answer))
    }

    /// Makes it anew when this request is over.
    fn refresh(&self, route: &Arc<CachedRoute>, base: &Key, key: &Key, req: &mut Request) {
        let Some(lead) = self.shared.refreshing.try_lead(key) else { return };
        let mut again = req.repeat();
        again.request_mut().extensions_mut().insert(Pending {
            route: route.clone(),
            base: base.clone(),
            lead: Some(lead),
            begun: self.shared.epochs.now(),
            before: ReplyHeaders::default(),
            is_refresh: true,
        });
        // Where there is no room for background work, a later request has its turn.
        let _ = req.after(async move {
            again.answer().await;
        });
    }

    /// The first `pre_send` hook: what later hooks say is for one client, and is said again to the next.
    pub(super) async fn keep(&self, req: &mut Request, reply: &mut Reply) {
        let pending = req.extensions_mut().remove::<Pending>();
        let mut tags = names_of_tags(reply);
        let Some(pending) = pending else { return self.notice_change(req, reply).await };
        let now = self.now();
        let life = policy::lifetime(req, reply, &pending.route.rule, &self.usual, now);
        let varies = life.and_then(|life| Ok((life, policy::varies(reply).ok_or(Refusal::Kind)?)));
        let (life, varies) = match varies {
            Ok(life) => life,
            Err(refusal) => return self.refuse(req, reply, pending, refusal).await,
        };
        tags.extend(pending.route.rule.tags.iter().map(|tag| tag_of_name(tag)));
        tags.push(tag_of_target(req.target()));
        tags.push(tag_of_route(req.route().pattern()));
        let kept = match without(reply, &pending.before) {
            Some(stored) => self.put(req, &pending, stored, varies, life, tags).await,
            None => false,
        };
        let counters = &self.shared.counters;
        if kept {
            counters.kept.add()
        } else {
            counters.refused.add()
        }
        if pending.is_refresh && kept {
            counters.refreshes.add();
        }
        self.say(reply, if kept { "fwd=miss; stored" } else { "fwd=miss" });
        if let Some(lead) = pending.lead {
            lead.finish(if kept { Landed::Kept } else { Landed::NotKept }, || ());
        }
    }

    async fn refuse(&self, req: &Request, reply: &mut Reply, pending: Pending, refusal: Refusal) {
        self.shared.counters.refused.add();
        self.say(reply, "fwd=miss");
        if refusal == Refusal::Kind {
            let Found(key, _) = self.find(&pending.base, req).await;
            drop(self.shared.passing.insert(key, self.now() + PASS, 1));
        }
        if let Some(lead) = pending.lead {
            lead.finish(Landed::NotKept, || ());
        }
    }

    /// Says whether it is there now.
    async fn put(
        &self,
        req: &Request,
        pending: &Pending,
        stored: fastweb_core::StoredReply,
        mut varies: Vec<String>,
        life: Lifetime,
        tags: Vec<String>,
    ) -> bool {
        let Pending { route, base, begun, .. } = pending;
        let is_outdated = || tags.iter().any(|tag| self.shared.epochs.has_changed(tag, *begun));
        if is_outdated() {
            return false;
        }
        let now = self.now();
        varies.retain(|name| !route.names.contains(name));
        let before = self.get(base).await;
        if let Some(names) = before.as_ref().and_then(Record::names) {
            // Answers of one target may name different headers: each is told apart by all of them.
            varies.extend_from_slice(names);
            varies.sort_unstable();
            varies.dedup();
        }
        let put = async {
            let mut key = base.clone();
            if !varies.is_empty() {
                key = key::varied(base, req, &varies);
                self.shared.store.put(base, Record::varies(varies, now, life, tags.clone())).await?;
            }
            self.shared.store.put(&key, Record::reply(stored, now, life, tags.clone())).await?;
            if is_outdated() {
                // Removed in between: whoever did it has not seen this one.
                self.shared.store.remove_tagged(&tag_of_target(req.target())).await?;
                return Ok(false);
            }
            Ok::<bool, fastweb_core::Error>(true)
        };
        put.await.unwrap_or_else(|error| {
            tracing::warn!(target: "fastweb::response_cache", error = ?error, "an answer could not be kept");
            false
        })
    }

    /// RFC 9111, 4.4: what was changed is not answered as it was.
    async fn notice_change(&self, req: &Request, reply: &Reply) {
        let is_safe = matches!(req.method().as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE");
        if is_safe || !(reply.status().is_success() || reply.status().is_redirection()) {
            return;
        }
        let named = ["location", "content-location"].into_iter().filter_map(|name| reply.header(name));
        // Of this host, as far as can be seen at once; those of others could be made to forget what is theirs.
        let named = named.filter(|target| target.starts_with('/') && !target.starts_with("//"));
        let targets: Vec<String> = std::iter::once(req.target()).chain(named).map(tag_of_target).collect();
        for tag in targets {
            if let Err(error) = self.shared.remove_tagged(&tag).await {
                tracing::warn!(target: "fastweb::response_cache", error = ?error, "what was changed could not be removed");
            }
        }
    }

    fn say(&self, reply: &mut Reply, what: &str) {
        if let Some(name) = &self.status_name {
            reply.set_header("cache-status", format!("{name}; {what}"));
        }
    }
}

/// The tags that the handler has given, which are not for clients.
fn names_of_tags(reply: &mut Reply) -> Vec<String> {
    if !reply.has_header(TAGS) {
        return Vec::new();
    }
    let lines = reply.headers().iter().filter(|(name, _)| name.eq_ignore_ascii_case(TAGS));
    let text = lines.filter_map(|(_, value)| std::str::from_utf8(value).ok());
    let names = text.flat_map(|line| line.split(',')).map(str::trim).filter(|name| !name.is_empty());
    let tags = names.map(tag_of_name).collect();
    reply.remove_header(TAGS);
    tags
}

/// The reply as it is kept: without the headers that stood there before the handler, as they stood there. Who is answered with it has his own.
fn without(reply: &Reply, before: &ReplyHeaders) -> Option<fastweb_core::StoredReply> {
    // How old it was is counted on.
    let is_own = |name: &str, value: &[u8]| {
        !name.eq_ignore_ascii_case("age") && !before.iter().any(|(there, was)| there == name && was == value)
    };
    let stored = reply.store()?;
    if stored.headers().iter().all(|(name, value)| is_own(name, value)) {
        return Some(stored);
    }
    let mut own = Reply::new().with_status(stored.status());
    if let Some(media_type) = stored.content_type() {
        own.set_content_type(media_type.to_owned());
    }
    for (name, value) in stored.headers().iter().filter(|(name, value)| is_own(name, value)) {
        own.append_header(name, value);
    }
    own.set_body(stored.body().clone());
    own.store()
}
