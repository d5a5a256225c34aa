//! What is removed, and what is removed while it is made.

use std::sync::Mutex;

use fastweb::response_cache::{CacheHandle, CacheTags, Cached};
use tokio::sync::Notify;

use super::*;

/// A server whose routes count, and the handle of its cache.
async fn server() -> (Server, CacheHandle) {
    let cache = ResponseCache::new().ttl(MINUTE);
    let handle = cache.handle();
    let calls = Calls::default();
    let counted = move |tag: &'static str| {
        let calls = calls.clone();
        move |req: &mut Request| {
            let id = req.param("id").unwrap_or_default().into_owned();
            (CacheTags::new([tag.to_owned(), format!("id-{id}")]), calls.next().to_string())
        }
    };
    let app = App::new()
        .plugin(cache)
        .route(get("/articles/{id}", counted("a")).config(Cached::as_usual().tag("texts")))
        .get("/users/{id}", counted("u"));
    (build(app).await, handle)
}

const TARGETS: [&str; 4] = ["/articles/7", "/articles/7?full=1", "/articles/8", "/users/7"];

/// Which of the targets are made anew after a removal.
async fn removed(remove: &impl AsyncFn(&CacheHandle) -> Result<()>) -> Vec<&'static str> {
    let (server, handle) = server().await;
    let ask = async |target: &str| server.inject(Inject::get(target)).await.text().to_owned();
    let mut before = Vec::new();
    for target in TARGETS {
        before.push(ask(target).await);
        assert_eq!(ask(target).await, before[before.len() - 1]);
    }
    remove(&handle).await.unwrap();
    let mut anew = Vec::new();
    for (target, before) in TARGETS.into_iter().zip(before) {
        if ask(target).await != before {
            anew.push(target);
        }
    }
    anew
}

/// Tags share places, which every cache has others of: what is made anew by chance in one is not in the next.
async fn assert_removed(remove: impl AsyncFn(&CacheHandle) -> Result<()>, expected: &[&str]) {
    for _ in 0..3 {
        if removed(&remove).await == expected {
            return;
        }
    }
    assert_eq!(removed(&remove).await, expected);
}

#[tokio::test]
async fn answers_are_removed_by_target_route_and_tag() {
    assert_removed(async |_| Ok(()), &[]).await;
    assert_removed(async |handle| handle.remove("/articles/7").await, &["/articles/7"]).await;
    assert_removed(async |handle| handle.remove("/articles/7?full=1").await, &["/articles/7?full=1"]).await;
    assert_removed(async |handle| handle.remove("/nothing").await, &[]).await;
    assert_removed(async |handle| handle.remove_route("/articles/{id}").await, &TARGETS[..3]).await;
    assert_removed(async |handle| handle.remove_tag("u").await, &["/users/7"]).await;
    assert_removed(async |handle| handle.remove_tag("texts").await, &TARGETS[..3]).await;
    assert_removed(async |handle| handle.remove_tag("id-7").await, &[TARGETS[0], TARGETS[1], TARGETS[3]]).await;
    assert_removed(async |handle| handle.clear().await, &TARGETS).await;
    // A name is no target.
    assert_removed(async |handle| handle.remove_tag("/articles/7").await, &[]).await;
}

#[tokio::test]
async fn what_was_changed_by_a_request_is_made_anew() {
    let text = Arc::new(Mutex::new(String::from("first")));
    let (read, write) = (text.clone(), text.clone());
    let write = move |req: &mut Request| -> Result<Reply> {
        if req.header("x-fail").is_some() {
            return Err(Error::conflict("no"));
        }
        *write.lock().unwrap() = format!("by {}", req.method());
        Ok(Reply::new().with_status(204).with_header("location", "/there"))
    };
    let there = text.clone();
    let app = App::new()
        .plugin(ResponseCache::new().ttl(MINUTE))
        .get("/here", move || read.lock().unwrap().clone())
        .get("/there", move || there.lock().unwrap().clone())
        .route(fastweb::route(["PUT", "POST", "DELETE"], "/here", write));
    let server = build(app).await;
    let read = async |path: &str, expected: &str| {
        server.inject(Inject::get(path)).await.assert_text(expected);
    };
    read("/here", "first").await;
    read("/there", "first").await;
    *text.lock().unwrap() = "unnoticed".into();
    read("/here", "first").await;
    // One that has changed nothing.
    server.inject(Inject::put("/here").header("x-fail", "1")).await.assert_status(409);
    read("/here", "first").await;
    for method in ["PUT", "POST", "DELETE"] {
        server.inject(Inject::new(method, "/here")).await.assert_status(204);
        read("/here", &format!("by {method}")).await;
        read("/there", &format!("by {method}")).await;
    }
}

#[tokio::test]
async fn what_is_removed_while_it_is_made_is_not_kept() {
    let cache = ResponseCache::new().ttl(MINUTE);
    let handle = cache.handle();
    let (begun, go, text) = (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::new(Mutex::new("before")));
    let (tell, wait, shared) = (begun.clone(), go.clone(), text.clone());
    let handler = async move || {
        let read = *shared.lock().unwrap();
        tell.notify_one();
        wait.notified().await;
        read
    };
    let server = Arc::new(build(App::new().plugin(cache).get("/", handler)).await);
    for remove in 0..3 {
        *text.lock().unwrap() = "before";
        let first = server.clone();
        let first = tokio::spawn(async move { first.inject(Inject::get("/")).await.text().to_owned() });
        begun.notified().await;
        *text.lock().unwrap() = "behind";
        match remove {
            0 => handle.remove("/").await.unwrap(),
            1 => handle.remove_route("/").await.unwrap(),
            _ => handle.clear().await.unwrap(),
        }
        go.notify_one();
        assert_eq!(first.await.unwrap(), "before");
        let second = server.clone();
        let second = tokio::spawn(async move { second.inject(Inject::get("/")).await.text().to_owned() });
        begun.notified().await;
        go.notify_one();
        assert_eq!(second.await.unwrap(), "behind");
        server.inject(Inject::get("/")).await.assert_text("behind").assert_header("age", "0");
        handle.clear().await.unwrap();
    }
}
