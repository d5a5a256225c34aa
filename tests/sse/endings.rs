//! How streams end: with the server, with their client, with what makes them.

use std::time::{Duration, Instant};

use fastweb::prelude::*;
use fastweb::sse::{Event, EventWriter, Sse, Topic};

use crate::stream::Stream;
use crate::support::eventually;
use crate::support::probe::Probe;
use crate::support::server::TestServer;

fn app(probe: &Probe, topic: &Topic) -> App {
    // By what is sent, who only closed its socket is noticed.
    const OFTEN: Duration = Duration::from_millis(50);
    let (a, b, c) = (probe.clone(), probe.clone(), probe.clone());
    let app = App::new()
        .workers(1)
        .state(topic.clone())
        .get("/topic", |topic: State<Topic>| {
            topic.subscribe(None).sse().keep_alive(OFTEN).last_words(Event::new().retry(Duration::from_secs(9)))
        })
        .get("/silent", move || {
            let live = a.enter("/silent");
            Sse::from_fn(async move |events: &mut EventWriter| {
                let _live = live;
                events.send(Event::text("one")).await?;
                std::future::pending().await
            })
            .keep_alive(OFTEN)
        })
        .get("/always", move || {
            let live = b.enter("/always");
            Sse::from_poll_fn(move |_| {
                let _ = &live;
                std::task::Poll::Ready(Some(Ok(Event::text("more"))))
            })
        })
        .get("/channel", move || {
            let live = c.enter("/channel");
            let (mut sender, sse) = Sse::channel(1000);
            tokio::spawn(async move {
                let _live = live;
                let _ = sender.send(Event::text("one")).await;
                sender.closed().await;
            });
            sse.keep_alive(OFTEN)
        });
    probe.watch(app)
}

#[test]
fn all_end_well_when_the_server_stops() {
    let (probe, topic) = (Probe::default(), Topic::new());
    let application = app(&probe, &topic);
    let counters = application.counters();
    let server = TestServer::start(application);
    let mut streams: Vec<_> = ["/topic", "/silent", "/always", "/channel"]
        .iter()
        .map(|path| Stream::open(server.address, path, &[]))
        .collect();
    streams.iter_mut().for_each(|stream| assert!(stream.next().is_some()));
    let asked = Instant::now();
    server.stop.shutdown();
    let ends: Vec<_> = streams.into_iter().map(|stream| stream.rest().pop()).collect();
    assert_eq!(ends[0].as_deref(), Some("retry: 9000"), "its last words");
    assert!(ends[1].as_deref().is_none_or(|last| last == ":"), "{ends:?}");
    server.wait().expect("it ends well");
    assert!(asked.elapsed() < Duration::from_secs(15), "half of the time that shutdown waits for those that go on");
    assert_eq!(counters.read().answers_broken, 0);
    probe.wait_until_none_is_live();
}

#[test]
fn what_makes_events_is_dropped_when_its_client_is_gone() {
    let (probe, topic) = (Probe::default(), Topic::new());
    let server = TestServer::start(app(&probe, &topic));
    for path in ["/silent", "/always", "/channel"] {
        let mut stream = Stream::open(server.address, path, &[]);
        assert!(stream.next().is_some());
        assert_eq!(probe.live(), 1, "{path}");
        drop(stream);
        probe.wait_until_none_is_live();
    }
    let mut stream = Stream::open(server.address, "/topic", &[]);
    assert!(stream.next().is_some());
    assert_eq!(topic.subscribers(), 1);
    drop(stream);
    eventually("it is no subscriber any more", || topic.subscribers() == 0);
}

#[test]
fn a_sender_that_is_dropped_ends_the_stream_well() {
    let once = || {
        let (mut sender, sse) = Sse::channel(1000);
        std::thread::spawn(move || sender.blocking_send(Event::text("one")));
        sse
    };
    let server = TestServer::start(App::new().workers(1).get("/", once));
    assert_eq!(Stream::open(server.address, "/", &[]).rest(), ["data: one"]);
}
