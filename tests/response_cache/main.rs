//! Answers that are kept: for whom, for how long, by whom they are made, and what is never kept.

mod changes;
mod freshness;
mod kept;
mod once;
mod order;
mod stale;
mod stores;
#[path = "../support/mod.rs"]
mod support;
mod users;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fastweb::prelude::*;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A time that goes on when it is told to.
#[derive(Clone, Default)]
struct Time(Arc<AtomicU64>);

impl Time {
    fn pass(&self, time: Duration) {
        self.0.fetch_add(time.as_millis() as u64, Ordering::Relaxed);
    }

    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_790_000_000) + Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn clock(&self) -> impl Fn() -> SystemTime + Send + Sync + 'static + use<> {
        let time = self.clone();
        move || time.now()
    }
}

/// How often a handler was called.
#[derive(Clone, Default)]
struct Calls(Arc<AtomicU64>);

impl Calls {
    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

async fn build(app: App) -> Server {
    app.build().await.unwrap_or_else(|error| panic!("{error}"))
}

/// The numbers of the calls that two requests in a row are answered with: `(1, 1)` where the second was given what the first one was.
async fn twice(cache: ResponseCache, make: impl Fn() -> Reply + Send + Sync + 'static, request: Inject) -> (u64, u64) {
    let calls = Calls::default();
    let handler = move || make().with_header("x-call", calls.next().to_string());
    let server = build(App::new().plugin(cache).get("/", handler)).await;
    let first = call(&server.inject(request.clone()).await);
    (first, call(&server.inject(request).await))
}

fn call(reply: &fastweb::InjectReply) -> u64 {
    reply.header("x-call").and_then(|text| text.parse().ok()).unwrap_or_default()
}
