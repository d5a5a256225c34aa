//! The slow-request log: one warning with the documented fields, by the threshold nearest to the route.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use fastweb::prelude::*;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

/// An event: its level and its fields as text.
#[derive(Clone, Debug)]
struct Noted {
    level: Level,
    fields: BTreeMap<&'static str, String>,
}

impl Visit for Noted {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

/// Keeps the slow-request log of all tests of this binary: requests are answered on threads of the server's own, so it is
/// the subscriber of all threads, and a test looks for the routes that are its own.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Noted>>>);

impl Log {
    fn get() -> &'static Log {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Log::default();
            tracing::subscriber::set_global_default(log.clone()).expect("no other subscriber in this binary");
            log
        })
    }

    fn of_path(&self, path: &str) -> Vec<Noted> {
        self.0.lock().unwrap().iter().filter(|noted| noted.fields["path"] == path).cloned().collect()
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "fastweb::slow_requests"
    }

    fn event(&self, event: &Event<'_>) {
        let mut noted = Noted { level: *event.metadata().level(), fields: BTreeMap::new() };
        event.record(&mut noted);
        self.0.lock().unwrap().push(noted);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Answers after as many milliseconds as the request says.
async fn sleepy(req: &mut Request) -> String {
    let milliseconds = req.header("x-ms").and_then(|text| text.parse().ok()).unwrap_or(0);
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    req.id().to_string()
}

const NEVER: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_slow_request_is_one_warning_with_all_its_fields() {
    let log = Log::get();
    let app = App::new().on_response(slow_requests(Duration::from_millis(40))).get("/slow/{id}", sleepy);
    let server = app.build().await.unwrap();
    let reply = server.inject(Inject::get("/slow/fields?token=secret").header("x-ms", "50")).await;
    let noted = log.of_path("/slow/fields");
    let [Noted { level, fields }] = &noted[..] else { panic!("one warning, not {noted:?}") };
    assert_eq!(*level, Level::WARN);
    let names: Vec<&str> = fields.keys().copied().collect();
    assert_eq!(
        names,
        ["duration_ms", "message", "method", "path", "phases_ms", "request_id", "route", "status"],
        "the documented fields and no others"
    );
    for (name, value) in [
        ("message", "slow request"),
        ("method", "GET"),
        ("route", "/slow/{id}"),
        ("path", "/slow/fields"),
        ("status", "200"),
        ("request_id", reply.text()),
    ] {
        assert_eq!(fields[name], value, "{name}");
    }
    let duration: f64 = fields["duration_ms"].parse().expect("a number");
    assert!((50.0..5_000.0).contains(&duration), "{duration}");
    let phases: BTreeMap<&str, f64> = fields["phases_ms"]
        .split(' ')
        .map(|phase| phase.split_once('=').expect("name=time"))
        .map(|(name, time)| (name, time.parse().expect("a number")))
        .collect();
    assert!(phases["handler"] >= 50.0, "{phases:?}");
    // Each phase is cut to whole microseconds.
    let sum: f64 = phases.values().sum();
    assert!(sum <= duration + 0.001 && sum >= duration - 0.010, "{phases:?} against {duration}");
}

#[tokio::test]
async fn fast_requests_are_not_logged() {
    let log = Log::get();
    let app = App::new().on_response(slow_requests(Duration::from_secs(5))).get("/fast/{id}", sleepy);
    app.build().await.unwrap().inject(Inject::get("/fast/1").header("x-ms", "20")).await.assert_status(200);
    assert_eq!(log.of_path("/fast/1").len(), 0);
}

#[tokio::test]
async fn the_threshold_of_the_route_wins() {
    let log = Log::get();
    let strict = get("/wins/strict", sleepy).on_response(slow_requests(Duration::ZERO));
    let lenient = get("/wins/lenient", sleepy).on_response(slow_requests(NEVER));
    let server =
        App::new().on_response(slow_requests(NEVER)).route(strict).get("/wins/default", sleepy).build().await.unwrap();
    for path in ["/wins/strict", "/wins/default"] {
        server.inject(Inject::get(path)).await.assert_status(200);
    }
    assert_eq!(log.of_path("/wins/strict").len(), 1);
    assert_eq!(log.of_path("/wins/default").len(), 0);

    // Registered behind the route, and the route's wins all the same.
    let server = App::new().route(lenient).on_response(slow_requests(Duration::ZERO)).build().await.unwrap();
    server.inject(Inject::get("/wins/lenient")).await.assert_status(200);
    assert_eq!(log.of_path("/wins/lenient").len(), 0);

    // Two thresholds that both are met make one line.
    let both = get("/wins/both", sleepy).on_response(slow_requests(Duration::ZERO));
    let server = App::new().on_response(slow_requests(Duration::ZERO)).route(both).build().await.unwrap();
    server.inject(Inject::get("/wins/both")).await.assert_status(200);
    assert_eq!(log.of_path("/wins/both").len(), 1);
}

#[tokio::test]
async fn a_timed_log_is_still_the_slow_request_log() {
    let log = Log::get();
    let route = get("/timed", sleepy).on_response(timed(slow_requests(NEVER)));
    let server = App::new().on_response(slow_requests(Duration::ZERO)).route(route).build().await.unwrap();
    server.inject(Inject::get("/timed")).await.assert_status(200);
    assert_eq!(log.of_path("/timed").len(), 0);
}

#[tokio::test]
async fn errors_and_missing_routes_are_logged_too() {
    let log = Log::get();
    let app = App::new()
        .on_response(slow_requests(Duration::ZERO))
        .get("/logged/error", || Err::<(), _>(Error::conflict("no")))
        .get("/logged/panic", || -> &'static str { panic!("no") });
    let server = app.build().await.unwrap();
    for (method, path, status, route) in [
        ("GET", "/logged/error", "409", "/logged/error"),
        ("HEAD", "/logged/panic", "500", "/logged/panic"),
        ("PROPFIND", "/logged/nowhere", "404", "*"),
    ] {
        server.inject(Inject::new(method, path)).await;
        let noted = log.of_path(path);
        let [Noted { fields, .. }] = &noted[..] else { panic!("one warning, not {noted:?}") };
        assert_eq!([&fields["method"], &fields["status"], &fields["route"]], [method, status, route]);
    }
}
