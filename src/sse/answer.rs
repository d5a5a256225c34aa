//! A stream of events as an answer.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use fastweb_core::{Body, Bytes, IntoReply, Reply, Result, Stopping};
#[cfg(feature = "schema")]
use fastweb_core::{DescribeReply, RouteDoc};
use tokio::time::{Instant, Sleep};

use super::channel::EventSender;
use super::event::Event;
use super::source::{EventWriter, Source, written};

/// The media type of streams of events (WHATWG HTML, 9.2.4).
const EVENT_STREAM: &str = "text/event-stream";

/// WHATWG HTML, 9.2.7: "authors can include a comment line … every 15 seconds or so", for proxies that drop what is silent.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A comment, which no client tells anybody about.
const SIGN_OF_LIFE: Bytes = Bytes::from_static(b":\n\n");

/// An answer of events that are sent as they come: what `EventSource` reads in a browser, and `fetch` or `curl -N` everywhere.
///
/// It says `content-type: text/event-stream`, that nobody may keep it (`cache-control: no-store`), and that proxies are not to collect it
/// (`x-accel-buffering: no`). After 15 s without an event it sends a comment, so that nobody in between takes the connection for dead, and who is gone is
/// noticed. It ends when its source does, when its client is gone, and when the server begins to stop; clients come back by
/// themselves then, with the id of the last event that they have got.
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::sse::{Event, EventWriter, Sse};
///
/// async fn countdown() -> Sse {
///     Sse::from_fn(async |events: &mut EventWriter| {
///         for n in (0..3).rev() {
///             events.send(Event::text(n.to_string()).id(n)).await?;
///         }
///         Ok(())
///     })
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = App::new().get("/countdown", countdown).build().await?;
/// let reply = server.inject(Inject::get("/countdown")).await;
/// reply.assert_header("content-type", "text/event-stream").assert_header("cache-control", "no-store");
/// reply.assert_text("data: 2\nid: 2\n\ndata: 1\nid: 1\n\ndata: 0\nid: 0\n\n");
/// # Ok(())
/// # }
/// ```
///
/// What is the same for many clients comes from a [`Topic`](super::Topic). Any method will do: clients that use `fetch` send a `POST` with a body as readily
/// as a `GET`. A client that is not to come back is answered with [`NoContent`](crate::NoContent).
///
/// `T` is the type that data are JSON of. Where it is a model, the OpenAPI document has its schema.
#[must_use = "events are made when it is returned as an answer"]
pub struct Sse<T: ?Sized = str> {
    source: Source,
    keep_alive: Option<Duration>,
    first: Option<Event<T>>,
    last: Option<Event<T>>,
    data: PhantomData<fn(&T)>,
}

impl<T: ?Sized + 'static> Sse<T> {
    pub(super) fn of(source: Source) -> Self {
        Self { source, keep_alive: Some(KEEP_ALIVE), first: None, last: None, data: PhantomData }
    }

    /// The events that `produce` sends. It runs like the function of [`Body::from_fn`]: on the request's worker, waiting while the client does not read, dropped
    /// when the client is gone or the server stops. Its `Ok(())` is the end; an error breaks the transfer, and is logged.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fastweb::sse::{Event, EventWriter, Sse};
    ///
    /// #[derive(serde::Serialize)]
    /// struct Load {
    ///     percent: u8,
    /// }
    ///
    /// let loads = || {
    ///     Sse::from_fn(async |events: &mut EventWriter<Load>| {
    ///         for percent in 0.. {
    ///             events.send(Event::json(&Load { percent })).await?;
    ///             tokio::time::sleep(Duration::from_secs(1)).await;
    ///         }
    ///         Ok(())
    ///     })
    /// };
    /// let app = fastweb::App::new().get("/load", loads);
    /// # drop(app);
    /// ```
    pub fn from_fn(produce: impl AsyncFnOnce(&mut EventWriter<T>) -> Result<()> + 'static) -> Self {
        Self::of(written(produce))
    }

    /// The events that `poll` gives one by one: how a `Stream` of any crate becomes one, `Sse::from_poll_fn(move |cx| stream.as_mut().poll_next(cx))`. `None` is
    /// the end, an error breaks the transfer.
    ///
    /// ```
    /// use fastweb::prelude::*;
    /// use fastweb::sse::{Event, Sse};
    /// use std::task::Poll;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let words = || {
    ///     let mut words = ["one", "two"].into_iter();
    ///     Sse::from_poll_fn(move |_| Poll::Ready(words.next().map(|word| Ok(Event::text(word)))))
    /// };
    /// let server = App::new().post("/words", words).build().await?;
    /// server.inject(Inject::post("/words")).await.assert_text("data: one\n\ndata: two\n\n");
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_poll_fn(mut poll: impl FnMut(&mut Context<'_>) -> Poll<Option<Result<Event<T>>>> + 'static) -> Self {
        Self::of(Box::new(move |cx| poll(cx).map(|event| event.map(|event| event.and_then(Event::into_frame)))))
    }

    /// Events that are sent into a channel, from another task or thread. The channel holds `capacity` bytes, and the last event as a whole: a client that reads
    /// slowly holds up who sends. When the client is gone, sending fails; when the sender is dropped, the answer ends.
    ///
    /// ```
    /// use fastweb::prelude::*;
    /// use fastweb::sse::{Event, Sse};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let steps = || {
    ///     let (mut sender, sse) = Sse::channel(4096);
    ///     std::thread::spawn(move || ["read", "written"].iter().try_for_each(|step| sender.blocking_send(Event::text(step))));
    ///     sse
    /// };
    /// let server = App::new().post("/import", steps).build().await?;
    /// server.inject(Inject::post("/import")).await.assert_text("data: read\n\ndata: written\n\n");
    /// # Ok(())
    /// # }
    /// ```
    pub fn channel(capacity: usize) -> (EventSender<T>, Self) {
        let (sender, mut body) = Body::channel(capacity);
        let sse = Self::of(Box::new(move |cx| body.poll_chunk(cx).map(Result::transpose)));
        (EventSender::new(sender), sse)
    }

    /// The silence after which a comment is sent, instead of 15 s; `None` for never. From event to event, or comment, an answer may take as long as a handler
    /// ([`Limits::handler_timeout`](crate::Limits::handler_timeout), 60 s, or the route's own): one that is silent for longer is broken off.
    pub fn keep_alive(mut self, silence: impl Into<Option<Duration>>) -> Self {
        self.keep_alive = silence.into().map(|silence| silence.max(Duration::from_millis(1)));
        self
    }

    /// Tells clients to wait for so long before they come back. Without it browsers wait for some seconds.
    pub fn retry(mut self, time: Duration) -> Self {
        self.first = Some(self.first.take().unwrap_or_default().retry(time));
        self
    }

    /// What clients are sent before all others.
    pub fn first(mut self, event: Event<T>) -> Self {
        self.first = Some(event);
        self
    }

    /// What clients are sent when the server begins to stop, behind all others: a `retry` by chance, so that they do not all come back at once.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fastweb::sse::{Event, Sse, Topic};
    ///
    /// # let topic = Topic::<str>::new();
    /// let sse = topic.subscribe(None).sse().last_words(Event::new().retry(Duration::from_secs(10)));
    /// # drop(sse);
    /// ```
    pub fn last_words(mut self, event: Event<T>) -> Self {
        self.last = Some(event);
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + 'static> IntoReply for Sse<T> {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        let mut stream = Stream {
            source: self.source,
            first: self.first.map(Event::into_frame).transpose()?,
            last: self.last.map(Event::into_frame).transpose()?,
            keep_alive: self.keep_alive.map(KeepAlive::new),
            server: None,
            stopping: None,
            ended: false,
        };
        reply.set_content_type(EVENT_STREAM);
        for (name, value) in [("cache-control", "no-store"), ("x-accel-buffering", "no")] {
            if !reply.has_header(name) {
                reply.set_header(name, value);
            }
        }
        reply.set_body(Body::from_poll_fn(move |cx| stream.poll(cx)));
        Ok(())
    }
}

/// An answer while it is sent.
struct Stream {
    source: Source,
    first: Option<Bytes>,
    /// For the end of the server.
    last: Option<Bytes>,
    keep_alive: Option<KeepAlive>,
    /// What tells that the server stops, if it is one that sends this: known when it is asked for the first time.
    server: Option<Option<Stopping>>,
    /// Ready then. Nobody waits for it before the source is waited for.
    stopping: Option<Pin<Box<dyn Future<Output = ()>>>>,
    ended: bool,
}

impl Stream {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let server = self.server.get_or_insert_with(Stopping::while_sending);
        // First of all: a source that always has more is to end, too.
        if server.as_ref().is_some_and(|server| server.is_cancelled()) {
            return self.end();
        }
        let next = match self.first.take() {
            Some(first) => Poll::Ready(Some(Ok(first))),
            None => (self.source)(cx),
        };
        if next.is_pending()
            && let Some(Some(Stopping(token))) = &self.server
        {
            let token = token.clone();
            let stopping = self.stopping.get_or_insert_with(|| Box::pin(async move { token.cancelled().await }));
            if stopping.as_mut().poll(cx).is_ready() {
                return self.end();
            }
        }
        match (next, &mut self.keep_alive) {
            (Poll::Ready(next), Some(keep_alive)) => {
                keep_alive.spoke();
                Poll::Ready(next)
            }
            (Poll::Pending, Some(keep_alive)) => keep_alive.poll(cx).map(|()| Some(Ok(SIGN_OF_LIFE))),
            (next, None) => next,
        }
    }

    fn end(&mut self) -> Poll<Option<Result<Bytes>>> {
        self.ended = true;
        Poll::Ready(self.last.take().map(Ok))
    }
}

/// Tells when there was silence for long enough. Its timer is not set anew by every event, but looks when it is over.
struct KeepAlive {
    silence: Duration,
    since: Instant,
    timer: Option<Pin<Box<Sleep>>>,
}

impl KeepAlive {
    fn new(silence: Duration) -> Self {
        Self { silence, since: Instant::now(), timer: None }
    }

    fn spoke(&mut self) {
        self.since = Instant::now();
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let (since, silence) = (self.since, self.silence);
            let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(since + silence)));
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            let is_silent = self.since + self.silence <= timer.deadline();
            if is_silent {
                self.since = Instant::now();
            }
            timer.as_mut().reset(self.since + self.silence);
            if is_silent {
                return Poll::Ready(());
            }
        }
    }
}

/// Its media type, and the schema of its data where that is a model.
#[cfg(feature = "schema")]
impl<T: serde::de::DeserializeOwned + 'static> DescribeReply for Sse<T> {
    fn describe_reply(doc: &mut RouteDoc) {
        let plan = fastweb_schema::model::ModelPlan::kept::<T>().ok().flatten();
        describe(doc, plan.map(|plan| plan.schema().clone()));
    }
}

/// Its media type.
#[cfg(feature = "schema")]
impl DescribeReply for Sse<str> {
    fn describe_reply(doc: &mut RouteDoc) {
        describe(doc, None);
    }
}

/// OpenAPI 3.1 has no word for the items of a stream, and JSON Schema has one for what a text is made of.
#[cfg(feature = "schema")]
pub(super) fn describe(doc: &mut RouteDoc, data: Option<serde_json::Value>) {
    use serde_json::{Value, json};

    let mut shared = None;
    let mut text = json!({ "type": "string" });
    if let Some(mut data) = data {
        if let Some(object) = data.as_object_mut() {
            object.remove("$schema");
            // They are referred to from the root.
            shared = object.remove("$defs");
        }
        text["contentMediaType"] = "application/json".into();
        text["contentSchema"] = data;
    }
    let mut schema = json!({
        "type": "string",
        "contentMediaType": EVENT_STREAM,
        "contentSchema": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "data": text,
                    "event": { "type": "string" },
                    "id": { "type": "string" },
                    "retry": { "type": "integer", "minimum": 0 },
                },
            },
        },
    });
    if let (Some(shared), Value::Object(schema)) = (shared, &mut schema) {
        schema.insert("$defs".into(), shared);
    }
    doc.answer_schema.get_or_insert(schema);
    doc.answer_media_type.get_or_insert(EVENT_STREAM);
}

impl<T: ?Sized> fmt::Debug for Sse<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sse").field("keep_alive", &self.keep_alive).finish_non_exhaustive()
    }
}
