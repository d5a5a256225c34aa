//! The HOOKS lines of `inject.txt`: which hooks run, and in which order.

use std::sync::{Arc, Mutex};

use fastweb::prelude::*;

use crate::facts;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn note(&self, what: &str) {
        self.0.lock().unwrap().push(what.to_owned());
    }

    fn hook(&self, what: &'static str) -> impl Fn(&mut Request) + Send + Sync + 'static {
        let log = self.clone();
        move |_: &mut Request| log.note(what)
    }
}

/// The second application of the probe.
fn app(log: &Log) -> App {
    let (responded, serialized, failed, handled, early) =
        (log.clone(), log.clone(), log.clone(), log.clone(), log.clone());
    let answer_early = move |_: &mut Request| Flow::reply("early");
    App::new()
        .fastify_mode()
        .on_request(log.hook("root.onRequest"))
        .pre_parsing(log.hook("root.preParsing"))
        .pre_validation(log.hook("root.preValidation"))
        .pre_handler(log.hook("root.preHandler"))
        .pre_serialization(move |_: &mut Request, _: &mut fastweb::Payload| serialized.note("root.preSerialization"))
        .on_send(log.hook("root.onSend"))
        .on_response(move |_: &mut Request, _: &Completed| responded.note("root.onResponse"))
        .on_error(move |_: &mut Request, _: &Error| failed.note("root.onError"))
        .get("/root", "r")
        .scope("", |child| {
            let ok = move || {
                handled.note("handler");
                Json(1)
            };
            let never = move || early.note("HANDLER");
            let fail = |_: &mut Request| -> Result<()> { Err(Error::new(500, "x")) };
            child
                .on_request(log.hook("child.onRequest"))
                .on_send(log.hook("child.onSend"))
                .route(post("/ok", ok).on_request(log.hook("route.onRequest")).on_send(log.hook("route.onSend")))
                .get("/str", "s")
                .get("/err", || Err::<(), _>(Error::new(500, "e")))
                .route(get("/early", never.clone()).pre_handler(answer_early))
                .route(get("/hookerr", never).pre_handler(fail))
        })
}

#[tokio::test]
async fn hooks_run_in_fastifys_order() {
    let Some(text) = facts::read("inject.txt") else { return };
    let log = Log::default();
    let server = app(&log).build().await.expect("a valid application");
    let mut seen = 0;
    for line in text.lines().filter_map(|line| line.strip_prefix("HOOKS ")) {
        let mut words = line.splitn(4, ' ');
        let mut next = || words.next().expect("method, path, status, hooks");
        let (method, path, status, hooks) = (next(), next(), next(), next());
        let request = Inject::new(method, path);
        let request = if method == "POST" { request.json(&serde_json::json!({ "x": 1 })) } else { request };
        let reply = server.inject(request).await;
        assert_eq!(reply.status().as_str(), status, "{line}");
        let ran = std::mem::take(&mut *log.0.lock().unwrap()).join(" > ");
        assert_eq!(ran, hooks, "{line}");
        seen += 1;
    }
    assert_eq!(seen, 7);
}
