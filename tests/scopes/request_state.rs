//! Request state: made when it is first asked for, shared by all that see the request, gone with it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastweb::RequestState;
use fastweb::prelude::*;

use crate::support::server::TestServer;
use crate::support::{eventually, probe::Probe};

#[derive(Default)]
struct Steps(RefCell<Vec<&'static str>>);

impl Steps {
    fn text(&self) -> String {
        self.0.borrow().join(" ")
    }
}

fn step(step: &'static str) -> impl Fn(&mut Request) {
    move |req| req.request_state::<Steps>().expect("it is declared").0.borrow_mut().push(step)
}

#[tokio::test]
async fn hooks_handler_and_error_handler_share_one_value() {
    let seen = Probe::default();
    let after = seen.clone();
    let app = App::new()
        .request_state(|_| Steps::default())
        .on_request(step("app"))
        .on_send(|req: &mut Request, reply: &mut Reply| {
            let steps = req.request_state::<Steps>().expect("it is declared");
            reply.set_header("x-steps", steps.text());
        })
        .on_response(async move |req: &mut Request, _: &Completed| {
            after.note(req.request_state::<Steps>().expect("it is declared").text());
        })
        .error_handler(|req: &mut Request, error: Error| {
            step("error handler")(req);
            error.status()
        })
        .scope("/scope", |scope| {
            scope
                .pre_handler(async |req: &mut Request| step("scope")(req))
                .get("/", |steps: RequestState<Steps>, again: RequestState<Steps>| {
                    steps.0.borrow_mut().push("handler");
                    again.text()
                })
                .get("/fails", |steps: RequestState<Steps>| -> Result<()> {
                    steps.0.borrow_mut().push("handler");
                    Err(Error::conflict("no"))
                })
        });
    let server = app.build().await.unwrap();
    server
        .inject(Inject::get("/scope"))
        .await
        .assert_text("app scope handler")
        .assert_header("x-steps", "app scope handler");
    server
        .inject(Inject::get("/scope/fails"))
        .await
        .assert_status(409)
        .assert_header("x-steps", "app scope handler error handler");
    server.inject(Inject::get("/nowhere")).await.assert_status(404).assert_header("x-steps", "app error handler");
    assert_eq!(seen.events(), ["app scope handler", "app scope handler error handler", "app error handler"]);
}

#[tokio::test]
async fn it_is_made_once_and_only_for_those_who_ask() {
    let made = Arc::new(AtomicUsize::new(0));
    let counted = made.clone();
    struct Key(Option<String>);
    let app = App::new()
        .request_state(move |req: &Request| {
            counted.fetch_add(1, Ordering::SeqCst);
            Key(req.header("x-key").map(str::to_owned))
        })
        .get("/nobody", "x")
        .get("/twice", |first: RequestState<Key>, req: &mut Request| {
            let second = req.request_state::<Key>().expect("it is declared");
            format!("{:?} {}", first.0, std::ptr::eq(&*first, &*second))
        });
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/nobody")).await.assert_status(200);
    assert_eq!(made.load(Ordering::SeqCst), 0);
    server.inject(Inject::get("/twice").header("x-key", "k")).await.assert_text("Some(\"k\") true");
    assert_eq!(made.load(Ordering::SeqCst), 1);
}

/// Of requests on one connection, which are served with the same memory.
#[test]
fn every_request_has_its_own_and_it_ends_with_the_request() {
    struct Seen(Cell<u32>, Probe);
    impl Drop for Seen {
        fn drop(&mut self) {
            self.1.note(format!("dropped after {}", self.0.get()));
        }
    }
    let probe = Probe::default();
    let made = probe.clone();
    let app = App::new()
        .workers(1)
        .request_state(move |_| Seen(Cell::new(0), made.clone()))
        .on_request(|req: &mut Request| {
            let seen = req.request_state::<Seen>().expect("it is declared");
            seen.0.set(seen.0.get() + 1);
        })
        .get("/sync", |seen: RequestState<Seen>| seen.0.get().to_string())
        .get("/async", async |seen: RequestState<Seen>| {
            tokio::task::yield_now().await;
            seen.0.get().to_string()
        })
        .get("/panics", |_: RequestState<Seen>| -> &'static str { panic!("no") })
        .get("/none", "0");
    let server = TestServer::start(app);
    let mut client = server.client();
    for _ in 0..3 {
        for (path, expected) in [("/sync", "1"), ("/async", "1"), ("/none", "0"), ("/panics", ""), ("/nowhere", "")] {
            let answer = client.ask(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n"));
            assert!(expected.is_empty() || answer.text() == expected, "{path}: {}", answer.text());
        }
    }
    // The same, one behind the other.
    client.send("GET /sync HTTP/1.1\r\nhost: x\r\n\r\nGET /async HTTP/1.1\r\nhost: x\r\n\r\n".repeat(3));
    for _ in 0..6 {
        assert_eq!(client.answer().text(), "1");
    }
    eventually("all are dropped", || probe.count("dropped after 1") == 15 + 6);
    assert_eq!(probe.events().len(), 21);
}

#[tokio::test]
async fn the_nearest_scope_decides_and_nothing_leaks() {
    let of = |name: RequestState<&'static str>| *name;
    let app = App::new()
        .request_state(|_| "app")
        .get("/", of)
        .scope("/own", |own| own.request_state(|_| "own").get("/", of).request_state(|_| 7_u8));
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/")).await.assert_text("app");
    server.inject(Inject::get("/own")).await.assert_text("own");

    let app = App::new()
        .scope("/a", |a| a.request_state(|_| 7_u8).get("/", |_: RequestState<u8>| ()))
        .scope("/b", |b| b.get("/", |_: RequestState<u8>| ()))
        .get("/hook", |req: &mut Request| req.request_state::<u8>().is_some().to_string());
    let message = crate::fault(app).await;
    assert!(message.contains("GET /b ") && message.contains("1 problem\n"), "{message}");
}

/// What hooks attach by hand is something else, whatever its type.
#[tokio::test]
async fn extensions_are_not_request_state() {
    let app = App::new()
        .request_state(|_| String::from("declared"))
        .on_request(|req: &mut Request| {
            req.extensions_mut().insert(Rc::new(String::from("attached")));
        })
        .get("/", |declared: RequestState<String>, req: &mut Request| {
            format!("{} {:?}", *declared, req.extensions().get::<Rc<String>>())
        });
    let reply = app.build().await.unwrap().inject(Inject::get("/")).await;
    reply.assert_text("declared Some(\"attached\")");
}

#[tokio::test]
async fn a_panic_while_it_is_made_is_an_error_of_the_request() {
    let app = App::new()
        .request_state(|req: &Request| -> u8 { req.header("x-key").expect("the key is there").len() as u8 })
        .get("/", |length: RequestState<u8>| length.to_string());
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/")).await.assert_status(500);
    server.inject(Inject::get("/").header("x-key", "abc")).await.assert_status(200).assert_text("3");
}
