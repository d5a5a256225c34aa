//! Layers that do not wait for what is within them, or call it again: what was begun ends once, whatever the layer does.

use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use axum::response::IntoResponse;
use fastweb::prelude::*;
use fastweb::{MountBody, Next, Outcome};
use tower::layer::layer_fn;
use tower::{Layer, Service};
use tower_http::timeout::TimeoutLayer;

use crate::support::probe::Probe;
use crate::support::server::TestServer;

const GET: &str = "GET /pending HTTP/1.1\r\nHost: x\r\n\r\n";

/// A dependency that notes how it ends.
struct Held(Probe, usize);

impl Dependency for Held {
    type Needs = (State<Probe>, State<AtomicUsize>);

    async fn provide((probe, count): Self::Needs) -> Result<Self> {
        let number = count.fetch_add(1, Ordering::SeqCst);
        probe.note(format!("provide {number}"));
        Ok(Self((*probe).clone(), number))
    }

    async fn before_response(&self, outcome: &Outcome<'_>) -> Result<()> {
        tokio::task::yield_now().await;
        self.0.note(format!("before {} {}", self.1, outcome.status().as_u16()));
        match outcome.is_success() {
            true => Ok(()),
            // What it fails with then changes no answer.
            false => Err(Error::conflict("could not be taken back")),
        }
    }

    async fn after_response(&self) {
        tokio::task::yield_now().await;
        self.0.note(format!("after {}", self.1));
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.note(format!("drop {}", self.1));
    }
}

/// An application whose handler never answers the first request for `/pending`. Everything that may happen is noted.
fn app(probe: &Probe) -> App {
    let [asked, sent, failed, responded, aborted, handled] = std::array::from_fn(|_| probe.clone());
    App::new()
        .state(probe.clone())
        .state(AtomicUsize::new(0))
        .on_request(move |_: &mut Request| asked.note("on_request"))
        .on_send(move |_: &mut Request, reply: &mut Reply| sent.note(format!("on_send {}", reply.status().as_u16())))
        .on_error(move |_: &mut Request, error: &Error| failed.note(format!("on_error {}", error.status().as_u16())))
        .on_response(move |_: &mut Request, done: &Completed| {
            responded.note(format!("on_response {}", done.status().as_u16()));
        })
        .on_request_abort(move |_: &mut Request| aborted.note("on_request_abort"))
        .get("/{what}", async move |held: Dep<Held>, Path(what): Path<String>| {
            let _live = handled.enter(&what);
            if what == "pending" && held.1 == 0 {
                std::future::pending::<()>().await;
            }
            "done"
        })
}

/// A layer of a function that calls what is within it as it likes.
fn calling<F: Future<Output = http::Response<MountBody>> + Send + 'static>(
    call: impl Fn(Next, http::Request<MountBody>) -> F + Clone + Send + Sync + 'static,
) -> impl Layer<
    Next,
    Service: Service<
        http::Request<MountBody>,
        Response = http::Response<MountBody>,
        Error = Infallible,
        Future: Send,
    > + Clone
                 + Send
                 + 'static,
> + Send
+ Sync
+ 'static {
    layer_fn(move |next: Next| {
        let call = call.clone();
        tower::service_fn(move |request| {
            let response = call(next.clone(), request);
            async { Ok(response.await) }
        })
    })
}

/// The same request without its body.
fn again(request: &http::Request<MountBody>) -> http::Request<MountBody> {
    let mut again = http::Request::new(MountBody::default());
    (*again.method_mut(), *again.uri_mut()) = (request.method().clone(), request.uri().clone());
    (*again.headers_mut(), *again.extensions_mut()) = (request.headers().clone(), request.extensions().clone());
    again
}

async fn ask(mut next: Next, request: http::Request<MountBody>) -> http::Response<MountBody> {
    let Ok(response) = next.call(request).await;
    response
}

const SOON: Duration = Duration::from_millis(50);

#[test]
fn what_a_layer_gives_up_ends_once() {
    let probe = Probe::default();
    let accepting = calling(|next, request| async {
        let late = |_| StatusCode::ACCEPTED.into_response().map(|_| MountBody::default());
        tokio::time::timeout(SOON, ask(next, request)).await.unwrap_or_else(late)
    });
    let server = TestServer::start(app(&probe).workers(1).layer(accepting));
    let mut client = server.client();
    // The layer's answer is the answer, whatever a dependency says to it.
    assert_eq!(client.ask(GET).status, 202);
    probe.wait_for("drop", 1);
    let expected = ["on_request", "provide 0", "handler pending", "before 0 500", "on_send 202", "on_response 202"];
    assert_eq!(probe.take(), [&expected[..], &["after 0", "drop 0"]].concat());
    assert_eq!(probe.live(), 0, "the handler was dropped");
    // The connection goes on, and nothing is left of it.
    assert_eq!(client.ask(GET).summary(), "200 - done");
    probe.wait_for("drop", 1);
    let expected = ["on_request", "provide 1", "handler pending", "before 1 200", "on_send 200", "on_response 200"];
    assert_eq!(probe.take(), [&expected[..], &["after 1", "drop 1"]].concat());
}

#[test]
fn a_layer_that_answers_at_once_leaves_what_it_has_called() {
    let probe = Probe::default();
    // It looks at what is within it once.
    let hasty = calling(|next, request| async {
        let mut inner = Box::pin(ask(next, request));
        assert!(poll_fn(|cx| Poll::Ready(inner.as_mut().poll(cx).is_pending())).await);
        http::Response::default()
    });
    let server = TestServer::start(app(&probe).workers(1).layer(hasty));
    let mut client = server.client();
    for _ in 0..2 {
        assert_eq!(client.ask(GET).status, 200);
        probe.wait_for("on_response", 1);
        assert_eq!(probe.take(), ["on_send 200", "on_response 200"], "nothing had begun");
    }
}

#[test]
fn a_client_that_leaves_ends_both_sides_of_a_layer() {
    let probe = Probe::default();
    let (entering, left) = (probe.clone(), probe.clone());
    let holding = calling(move |next, request| {
        let live = entering.enter("layer");
        async move {
            let response = ask(next, request).await;
            drop(live);
            response
        }
    });
    let server = TestServer::start(app(&probe).workers(1).layer(holding));
    let mut client = server.client();
    client.send(GET);
    probe.wait_for("handler pending", 1);
    client.reset();
    left.wait_for("drop", 1);
    let expected = ["handler layer", "on_request", "provide 0", "handler pending"];
    assert_eq!(probe.take(), [&expected[..], &["on_request_abort", "before 0 500", "after 0", "drop 0"]].concat());
    assert_eq!(probe.live(), 0);
}

#[tokio::test]
async fn an_attempt_that_was_given_up_makes_room_for_the_next() {
    let probe = Probe::default();
    let timeout = TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, SOON);
    let twice = calling(|next, request| async {
        let second = again(&request);
        match ask(next.clone(), request).await {
            first if first.status().is_success() => first,
            _ => ask(next, second).await,
        }
    });
    // The layer further out still waits while the one within it has given up.
    let server = app(&probe).layer(twice).layer(timeout).build().await.unwrap();
    server.inject(Inject::get("/pending")).await.assert_status(200).assert_text("done");
    let first = ["on_request", "provide 0", "handler pending", "before 0 500", "after 0", "drop 0"];
    let second = ["on_request", "provide 1", "handler pending", "before 1 200", "on_send 200", "on_response 200"];
    assert_eq!(probe.take(), [&first[..], &second, &["after 1", "drop 1"]].concat());
    assert_eq!(probe.live(), 0);
}

#[tokio::test]
async fn an_attempt_has_the_headers_that_it_was_called_with() {
    let tries = AtomicUsize::new(0);
    let twice = calling(|next, mut request| async {
        let second = again(&request);
        request.headers_mut().insert("x-first", http::HeaderValue::from_static("1"));
        match ask(next.clone(), request).await {
            first if first.status().is_success() => first,
            _ => ask(next, second).await,
        }
    });
    let app = App::new().layer(twice).get("/", move |req: &mut Request| -> Result<String> {
        let seen = format!("{:?} {:?}", req.header("x-first"), req.header("x-own"));
        match tries.fetch_add(1, Ordering::SeqCst) {
            0 => Err(Error::internal(seen)),
            _ => Ok(seen),
        }
    });
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/").header("x-own", "client")).await.assert_text(r#"None Some("client")"#);
}

#[tokio::test]
async fn a_hijacked_connection_keeps_its_status_through_layers() {
    let probe = Probe::default();
    let responded = probe.clone();
    let hijack = || {
        let taken = Reply::hijack(async |mut io: fastweb::UpgradedIo| -> Result<()> {
            tokio::io::AsyncWriteExt::write_all(&mut io, b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").await?;
            Ok(())
        });
        taken.with_status(StatusCode::ACCEPTED)
    };
    let app = App::new()
        .layer(calling(ask))
        .on_response(move |_: &mut Request, done: &Completed| responded.note(done.status().as_u16().to_string()))
        .get("/", hijack);
    app.build().await.unwrap().inject(Inject::get("/")).await.assert_status(202);
    assert_eq!(probe.take(), ["202"]);
}
