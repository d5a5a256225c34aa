//! The keyed cache: one load for many, what fails, what leaves, what is out of date.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fastweb::prelude::*;
use tokio::sync::Notify;

const SECOND: Duration = Duration::from_secs(1);

/// A time that goes on when it is told to.
#[derive(Clone)]
struct Time(Arc<(Instant, AtomicU64)>);

impl Time {
    fn new() -> Self {
        Self(Arc::new((Instant::now(), AtomicU64::new(0))))
    }

    fn pass(&self, time: Duration) {
        self.0.1.fetch_add(time.as_millis() as u64, Ordering::Relaxed);
    }

    fn clock(&self) -> impl Fn() -> Instant + Send + Sync + 'static + use<> {
        let Self(time) = self.clone();
        move || time.0 + Duration::from_millis(time.1.load(Ordering::Relaxed))
    }
}

async fn loads<V>(value: V) -> Result<V> {
    Ok(value)
}

/// Lets everything that can go on do so.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

/// A load that waits until it is told to go on.
#[derive(Clone, Default)]
struct Gate(Arc<Notify>);

impl Gate {
    fn load<V>(&self, value: Result<V>) -> impl Future<Output = Result<V>> + use<V> {
        let gate = self.0.clone();
        async move {
            gate.notified().await;
            value
        }
    }

    fn open(&self) {
        self.0.notify_one();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_who_miss_load_once() {
    let cache: Cache<u32, String> = Cache::new(10);
    let gate = Gate::default();
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (cache, load) = (cache.clone(), gate.load(Ok(String::from("loaded"))));
            tokio::spawn(async move { cache.get_or_load(1, load).await })
        })
        .collect();
    while cache.counts().waits < 99 {
        tokio::task::yield_now().await;
    }
    gate.open();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), "loaded");
    }
    let counts = cache.counts();
    assert_eq!((counts.loads, counts.waits, counts.entries), (1, 99, 1));
}

#[tokio::test]
async fn what_fails_is_told_to_all_who_wait_and_not_kept() {
    let cache: Cache<u32, String> = Cache::new(10);
    let gate = Gate::default();
    let failed = || Err(Error::conflict("taken").with_code("TAKEN"));
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let (cache, load) = (cache.clone(), gate.load(failed()));
            tokio::spawn(async move { cache.get_or_load(1, load).await })
        })
        .collect();
    settle().await;
    gate.open();
    for task in tasks {
        let error = task.await.unwrap().unwrap_err();
        assert_eq!((error.status().as_u16(), error.code(), error.message()), (409, Some("TAKEN"), "taken"));
    }
    assert_eq!((cache.counts().loads, cache.counts().failures, cache.counts().entries), (1, 1, 0));
    assert_eq!(cache.get_or_load(1, loads("now".into())).await.unwrap(), "now");
}

#[tokio::test]
async fn who_leaves_while_it_loads_leaves_the_load_to_another() {
    let cache: Cache<u32, u32> = Cache::new(10);
    let spawn = |load: u32, gate: &Gate| {
        let (cache, load) = (cache.clone(), gate.load(Ok(load)));
        tokio::spawn(async move { cache.get_or_load(1, load).await })
    };
    let (never, gate) = (Gate::default(), Gate::default());
    let leader = spawn(1, &never);
    settle().await;
    let waiting: Vec<_> = (2..6).map(|load| spawn(load, &gate)).collect();
    settle().await;
    // Whoever waits may leave, too.
    waiting[0].abort();
    leader.abort();
    settle().await;
    gate.open();
    for task in waiting.into_iter().skip(1) {
        let loaded = task.await.unwrap().unwrap();
        assert!((3..6).contains(&loaded));
        assert_eq!(cache.get(&1), Some(loaded));
    }
    assert_eq!(cache.counts().loads, 2);
}

#[tokio::test]
async fn a_load_that_panics_hangs_nobody() {
    let cache: Cache<u32, u32> = Cache::new(10);
    let gate = Gate::default();
    let (first, load) = (cache.clone(), gate.load(Ok(0)));
    let first = tokio::spawn(async move {
        let load = async { load.await.map(|_: u32| -> u32 { panic!("as it should") }) };
        first.get_or_load(1, load).await
    });
    settle().await;
    let second = cache.clone();
    let second = tokio::spawn(async move { second.get_or_load(1, loads(2)).await });
    settle().await;
    gate.open();
    assert!(first.await.unwrap_err().is_panic());
    assert_eq!(second.await.unwrap().unwrap(), 2);
}

#[tokio::test]
async fn what_is_removed_while_it_loads_is_not_kept() {
    let cache: Cache<u32, &str> = Cache::new(10);
    for change in
        [|cache: &Cache<u32, &'static str>| cache.remove(&1), |cache: &Cache<u32, &'static str>| cache.clear()]
    {
        let gate = Gate::default();
        let (task, load) = (cache.clone(), gate.load(Ok("before the change")));
        let task = tokio::spawn(async move { task.get_or_load(1, load).await });
        settle().await;
        change(&cache);
        // Who comes behind it does not wait for what was read before.
        assert_eq!(cache.get_or_load(1, loads("behind it")).await.unwrap(), "behind it");
        gate.open();
        assert_eq!(task.await.unwrap().unwrap(), "before the change");
        assert_eq!(cache.get(&1), Some("behind it"));
        cache.remove(&1);
    }
    let gate = Gate::default();
    let (task, load) = (cache.clone(), gate.load(Ok("read")));
    let task = tokio::spawn(async move { task.get_or_load(1, load).await });
    settle().await;
    cache.insert(1, "written");
    gate.open();
    task.await.unwrap().unwrap();
    assert_eq!(cache.get(&1), Some("written"));
}

#[tokio::test]
async fn values_have_their_time_from_the_beginning_of_the_load() {
    let time = Time::new();
    let cache: Cache<u32, u32> = Cache::new(10).ttl(10 * SECOND).clock(time.clock());
    let slow = async {
        time.pass(3 * SECOND);
        Ok::<_, Error>(1)
    };
    assert_eq!(cache.get_or_load(1, slow).await.unwrap(), 1);
    time.pass(6_999 * Duration::from_millis(1));
    assert_eq!(cache.get(&1), Some(1));
    time.pass(Duration::from_millis(1));
    assert_eq!(cache.get(&1), None);
    assert_eq!(cache.get_or_load(1, loads(2)).await.unwrap(), 2);
}

#[tokio::test]
async fn what_is_stale_is_given_to_all_but_the_one_who_loads() {
    let time = Time::new();
    let cache: Cache<u32, u32> = Cache::new(10).ttl(SECOND).stale_while_revalidate(10 * SECOND).clock(time.clock());
    cache.insert(1, 1);
    time.pass(SECOND);
    let gate = Gate::default();
    let (task, load) = (cache.clone(), gate.load(Ok(2)));
    let task = tokio::spawn(async move { task.get_or_load(1, load).await });
    settle().await;
    let unwanted = || async { Err::<u32, _>(Error::internal("somebody loads already")) };
    assert_eq!(cache.get_or_load(1, unwanted()).await.unwrap(), 1);
    gate.open();
    assert_eq!(task.await.unwrap().unwrap(), 2);
    assert_eq!(cache.get_or_load(1, unwanted()).await.unwrap(), 2);
    // One that fails is no harm, as long as the old value may be used.
    time.pass(SECOND);
    assert_eq!(cache.get_or_load(1, unwanted()).await.unwrap(), 2);
    time.pass(10 * SECOND);
    assert!(cache.get_or_load(1, unwanted()).await.is_err());
}

#[tokio::test]
async fn nobody_waits_where_it_is_loaded_in_the_background() {
    static LOADS: AtomicU64 = AtomicU64::new(0);
    static FAILS: AtomicBool = AtomicBool::new(false);
    async fn count(cache: State<Cache<(), u64>>, background: Background) -> Result<String> {
        let load = async {
            match FAILS.load(Ordering::Relaxed) {
                true => Err(Error::internal("not now")),
                false => Ok(LOADS.fetch_add(1, Ordering::Relaxed)),
            }
        };
        Ok(cache.get_or_refresh((), &background, load).await?.to_string())
    }
    let time = Time::new();
    let cache = Cache::<(), u64>::new(1).ttl(SECOND).stale_while_revalidate(SECOND).clock(time.clock());
    let server = App::new().state(cache).get("/", count).build().await.unwrap();
    let ask = async |expected: &str| {
        server.inject(Inject::get("/")).await.assert_text(expected);
    };
    ask("0").await;
    time.pass(SECOND);
    // An injected request is over when its background work is.
    ask("0").await;
    ask("1").await;
    FAILS.store(true, Ordering::Relaxed);
    time.pass(SECOND);
    ask("1").await;
    ask("1").await;
    time.pass(SECOND);
    server.inject(Inject::get("/")).await.assert_status(500);
}

#[test]
fn however_many_are_kept_there_are_no_more_than_may_be() {
    let cache: Cache<u32, u32> = Cache::new(1000);
    (0..50_000).for_each(|key| cache.insert(key, key));
    let counts = cache.counts();
    assert!(counts.entries <= 1000 && counts.evictions >= 49_000, "{counts:?}");
    let heavy = Cache::<u32, Vec<u8>>::new(64 * 1024).weigher(|_, value| value.len() as u64);
    (0..10_000).for_each(|key| heavy.insert(key, vec![0; 1000]));
    assert!((32 * 1024..=64 * 1024).contains(&heavy.counts().weight), "{:?}", heavy.counts());
    heavy.insert(1, vec![0; 65 * 1024]);
    assert_eq!(heavy.get(&1), None, "it is too heavy for any place");
}

#[tokio::test]
async fn what_is_too_heavy_to_be_kept_is_loaded_for_everybody() {
    let cache = Cache::<u32, u64>::new(10).weigher(|_, _| 11);
    let loaded = Arc::new(Mutex::new(0));
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let (cache, loaded) = (cache.clone(), loaded.clone());
            tokio::spawn(async move {
                let load = async {
                    tokio::task::yield_now().await;
                    *loaded.lock().unwrap() += 1;
                    Ok::<_, Error>(n)
                };
                cache.get_or_load(1, load).await
            })
        })
        .collect();
    for (n, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.await.unwrap().unwrap(), n as u64);
    }
    assert_eq!((*loaded.lock().unwrap(), cache.counts().entries), (8, 0));
}
