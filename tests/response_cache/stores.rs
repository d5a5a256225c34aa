//! Stores: that of the process, which is bounded, and others, which may fail.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use fastweb::response_cache::{Record, ResponseStore};

use super::*;

#[tokio::test]
async fn memory_is_bounded_whatever_is_asked_for() {
    let cache = ResponseCache::with_capacity(1024 * 1024).ttl(MINUTE);
    let handle = cache.handle();
    let handler = |req: &mut Request| {
        Reply::text("x".repeat(1000)).with_header("vary", if req.path() == "/vary" { "x-a" } else { "x-b" })
    };
    let server = build(App::new().plugin(cache).get("/{path}", handler)).await;
    for number in 0..3000 {
        let request = match number % 2 {
            0 => Inject::get(format!("/{number}")),
            _ => Inject::get("/vary").header("x-a", number.to_string()),
        };
        server.inject(request).await.assert_status(200);
    }
    let counts = handle.counts();
    assert!(counts.bytes <= 1024 * 1024 && counts.bytes > 512 * 1024, "{counts:?}");
    assert!(counts.evictions > 0 && counts.entries < 1000, "{counts:?}");
}

#[derive(Clone, Default)]
struct Elsewhere(Arc<(Mutex<HashMap<String, Record>>, AtomicBool)>);

impl Elsewhere {
    async fn reach(&self) -> Result<()> {
        tokio::task::yield_now().await;
        match self.0.1.load(Ordering::Relaxed) {
            true => Err(Error::internal("the store cannot be reached")),
            false => Ok(()),
        }
    }
}

impl ResponseStore for Elsewhere {
    async fn get(&self, key: &str) -> Result<Option<Record>> {
        self.reach().await?;
        let record = self.0.0.lock().unwrap().get(key).cloned();
        // As of another process.
        Ok(record.map(|record| Record::from_bytes(&record.to_bytes()).expect("its own bytes")))
    }

    async fn put(&self, key: &str, record: Record) -> Result<()> {
        self.reach().await?;
        self.0.0.lock().unwrap().insert(key.to_owned(), record);
        Ok(())
    }

    async fn remove_tagged(&self, tag: &str) -> Result<()> {
        self.reach().await?;
        self.0.0.lock().unwrap().retain(|_, record| !record.tags().iter().any(|there| there == tag));
        Ok(())
    }

    async fn clear(&self) -> Result<()> {
        self.reach().await?;
        self.0.0.lock().unwrap().clear();
        Ok(())
    }
}

#[tokio::test]
async fn another_store_does_the_same_and_one_that_is_down_takes_nothing_with_it() {
    let (store, calls) = (Elsewhere::default(), Calls::default());
    let cache = ResponseCache::with_store(store.clone()).ttl(MINUTE);
    let handle = cache.handle();
    let handler = move |req: &mut Request| {
        let language = req.header("accept-language").unwrap_or("none").to_owned();
        Reply::text(format!("{language} {}", calls.next())).with_header("vary", "accept-language")
    };
    let server = build(App::new().plugin(cache).get("/", handler)).await;
    let ask = async |language: &str, expected: &str| {
        server.inject(Inject::get("/").header("accept-language", language)).await.assert_text(expected);
    };
    ask("de", "de 1").await;
    ask("en", "en 2").await;
    ask("de", "de 1").await;
    ask("en", "en 2").await;
    store.0.1.store(true, Ordering::Relaxed);
    ask("de", "de 3").await;
    assert!(handle.remove("/").await.is_err());
    store.0.1.store(false, Ordering::Relaxed);
    ask("de", "de 1").await;
    handle.remove("/").await.unwrap();
    ask("de", "de 4").await;
    assert_eq!(store.0.0.lock().unwrap().len(), 2);
    handle.clear().await.unwrap();
    assert!(store.0.0.lock().unwrap().is_empty());
}
