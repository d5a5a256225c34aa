//! Events for any number of clients, encoded once.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use fastweb_core::{Bytes, IntoReply, Reply, Result};
#[cfg(feature = "schema")]
use fastweb_core::{DescribeReply, RouteDoc};

use super::answer::Sse;
use super::event::Event;
use super::replay::{Next, Replay};

/// What an id takes of a frame, at most: `id: `, 8 and 16 digits, the lines' ends.
const ID_ROOM: usize = 40;

/// What is published to any number of clients, on any worker: every event is encoded once, and those who read it share its bytes.
///
/// The last events are kept: 1,024 of them and 1 MiB, or what [`replay`](Self::replay) says. A client that comes back says which one it has got last, and
/// [`subscribe`](Self::subscribe) goes on behind it. The same memory serves who is slow. A subscriber has no queue of its own, only a place among these
/// events, so ten thousand that do not read take no more memory than one; whose next event is not kept any more has missed something, and [`Lag`] says what
/// becomes of it.
///
/// It is cheap to clone; clones are the same topic. Usually it is state of the application.
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::sse::{Event, LastEventId, Subscription, Topic};
///
/// #[derive(serde::Serialize)]
/// struct Price {
///     cents: u64,
/// }
///
/// async fn prices(last: LastEventId, topic: State<Topic<Price>>) -> Subscription<Price> {
///     topic.subscribe(last.id())
/// }
///
/// async fn change(cents: String, topic: State<Topic<Price>>) -> Result<()> {
///     let cents = cents.parse().map_err(|_| Error::bad_request("a price is a number"))?;
///     topic.publish(Event::json(&Price { cents }))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let topic = Topic::<Price>::new();
/// let server = App::new().state(topic.clone()).get("/prices", prices).put("/price", change).build().await?;
/// server.inject(Inject::put("/price").body("990")).await.assert_status(200);
/// // A client has got this one, and not the next.
/// let first = topic.last_id();
/// server.inject(Inject::put("/price").body("880")).await.assert_status(200);
/// topic.close();
/// let reply = server.inject(Inject::get("/prices").header("last-event-id", first)).await;
/// assert!(reply.text().starts_with("data: {\"cents\":880}\nid: "));
/// # Ok(())
/// # }
/// ```
pub struct Topic<T: ?Sized = str> {
    shared: Arc<Shared>,
    data: PhantomData<fn(&T)>,
}

/// What becomes of a subscriber that is too slow: the events that it has to read next are not kept any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lag {
    /// Its answer ends. The client comes back with the id of the last event that it has got, and is told then that some are missing.
    #[default]
    Drop,
    /// It is told that some are missing, and goes on with the first one that is there.
    Skip,
}

struct Shared {
    /// Stands in ids, so that those of another topic, or of this one before a restart, are told from its own.
    name: u32,
    state: Mutex<State>,
}

struct State {
    replay: Replay,
    lag: Lag,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn id(&self, number: u64) -> String {
        format!("{:08x}-{number}", self.name)
    }

    /// The number of an event with such an id.
    fn number(&self, id: &str) -> Option<u64> {
        let (name, number) = id.split_once('-')?;
        (u32::from_str_radix(name, 16) == Ok(self.name)).then(|| number.parse().ok()).flatten()
    }

    /// Changes what there is, and wakes those who wait for it when it is unlocked.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut woken = {
            let mut state = self.state();
            change(&mut state);
            state.replay.take_waiting()
        };
        for waker in woken.drain(..) {
            waker.wake();
        }
        self.state().replay.put_back(woken);
    }
}

impl<T: ?Sized + 'static> Topic<T> {
    /// One that keeps the last 1,024 events, and of them 1 MiB.
    pub fn new() -> Self {
        // By chance: the key of a hash.
        let name = RandomState::new().hash_one(0) as u32;
        let state = State { replay: Replay::new(1024, 1024 * 1024), lag: Lag::default() };
        Self { shared: Arc::new(Shared { name, state: Mutex::new(state) }), data: PhantomData }
    }

    /// Keeps the last `events`, and of these no more than `bytes`. The last one is always there.
    pub fn replay(self, events: usize, bytes: usize) -> Self {
        self.shared.state().replay.keep(events, bytes);
        self
    }

    /// What becomes of subscribers that are too slow. By default their answers end.
    pub fn lag(self, lag: Lag) -> Self {
        self.shared.state().lag = lag;
        self
    }

    /// Sends an event to all who subscribe. Nobody is waited for. It is given an id, unless it has one.
    ///
    /// # Errors
    /// Something that the event was given cannot be sent.
    pub fn publish(&self, event: Event<T>) -> Result<()> {
        // What takes time is done before others are locked out.
        let (mut frame, own_id) = event.into_lines(ID_ROOM)?;
        self.shared.change(|state| {
            if own_id.is_none() {
                frame.extend_from_slice(b"id: ");
                frame.extend_from_slice(self.shared.id(state.replay.next()).as_bytes());
                frame.push(b'\n');
            }
            frame.push(b'\n');
            state.replay.push(frame.into(), own_id);
        });
        Ok(())
    }

    /// The events from now on, as an answer; before them those that were published since the event with this id, which is what [`LastEventId`](super::LastEventId) has. Where
    /// some of them are not kept any more, or the id is none of this topic, the client is told by the event [`on_gap`](Subscription::on_gap) and gets all that is there.
    pub fn subscribe(&self, last_event_id: Option<&str>) -> Subscription<T> {
        let mut state = self.shared.state();
        let replay = &mut state.replay;
        let (first, next) = (replay.first(), replay.next());
        // What has its own ids may have one that looks like those of the topic.
        let known = last_event_id.map(|id| replay.number_of(id).or_else(|| self.shared.number(id)));
        let (from, is_gap) = match known {
            None => (next, false),
            Some(Some(number)) if (first..=next).contains(&number.saturating_add(1)) => (number + 1, false),
            Some(_) => (first, true),
        };
        let place = replay.enter();
        Subscription {
            shared: self.shared.clone(),
            place,
            next: from,
            is_gap,
            is_new: last_event_id.is_none(),
            on_gap: None,
            begun: false,
            data: PhantomData,
        }
    }

    /// How many subscribe at the moment.
    pub fn subscribers(&self) -> usize {
        self.shared.state().replay.subscribers()
    }

    /// The id that stands for having got all events so far.
    pub fn last_id(&self) -> String {
        let number = self.shared.state().replay.next() - 1;
        self.shared.id(number)
    }

    /// Ends all answers, when what was published is sent; and those of who subscribes from now on, when they have what is kept.
    pub fn close(&self) {
        self.shared.change(|state| state.replay.is_closed = true);
    }
}

impl<T: ?Sized + 'static> Default for Topic<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: ?Sized> Clone for Topic<T> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), data: PhantomData }
    }
}

impl<T: ?Sized> fmt::Debug for Topic<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.shared.state();
        let kept = state.replay.first()..state.replay.next();
        f.debug_struct("Topic").field("kept", &kept).field("subscribers", &state.replay.subscribers()).finish()
    }
}

/// The events of a [`Topic`] for one client: an answer.
#[must_use = "it is an answer: return it"]
pub struct Subscription<T: ?Sized = str> {
    shared: Arc<Shared>,
    /// Among those who wait.
    place: usize,
    /// The number of the next event.
    next: u64,
    /// Events that it should get are missing.
    is_gap: bool,
    /// Its client knows no id.
    is_new: bool,
    on_gap: Option<Result<Bytes>>,
    begun: bool,
    data: PhantomData<fn(&T)>,
}

impl<T: ?Sized + 'static> Subscription<T> {
    /// Whether events are missing between the last one that the client has got and the first one that it gets: they are not kept any more, or the server was
    /// started anew since.
    pub fn is_gap(&self) -> bool {
        self.is_gap
    }

    /// Clients that come for the first time get all events that are kept, before those to come.
    pub fn with_history(mut self) -> Self {
        if self.is_new {
            self.next = self.shared.state().replay.first();
        }
        self
    }

    /// What tells a client that events are missing, instead of the event `gap` with empty data: what makes it load anew what it shows.
    ///
    /// ```
    /// use fastweb::sse::{Event, Topic};
    ///
    /// let topic = Topic::<str>::new();
    /// let subscription = topic.subscribe(Some("of another server"));
    /// assert!(subscription.is_gap());
    /// let subscription = subscription.on_gap(Event::text("load again").event("reset"));
    /// # drop(subscription);
    /// ```
    pub fn on_gap(mut self, event: Event<T>) -> Self {
        self.on_gap = Some(event.into_frame());
        self
    }

    /// The answer with its options: keep-alive, `retry`.
    pub fn sse(mut self) -> Sse<T> {
        Sse::of(Box::new(move |cx| self.poll(cx)))
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        if !std::mem::replace(&mut self.begun, true) {
            if std::mem::take(&mut self.is_gap) {
                return Poll::Ready(Some(self.gap()));
            }
            // A client whose connection ends before its first event knows where it was, too.
            if self.is_new {
                let before = self.shared.id(self.next - 1);
                return Poll::Ready(Some(Ok(format!("id: {before}\n\n").into())));
            }
        }
        let mut state = self.shared.state();
        match state.replay.from(self.next) {
            Next::Frames(frames, next) => {
                self.next = next;
                Poll::Ready(Some(Ok(frames)))
            }
            Next::Gone(first) if state.lag == Lag::Skip => {
                self.next = first;
                drop(state);
                Poll::Ready(Some(self.gap()))
            }
            Next::Gone(_) => Poll::Ready(None),
            Next::Nothing if state.replay.is_closed => Poll::Ready(None),
            Next::Nothing => {
                state.replay.wait(self.place, cx.waker());
                Poll::Pending
            }
        }
    }

    /// What tells of a gap. An error of it fails once, and ends the answer.
    fn gap(&mut self) -> Result<Bytes> {
        match &self.on_gap {
            Some(Ok(frame)) => Ok(frame.clone()),
            Some(Err(_)) => self.on_gap.take().unwrap_or_else(|| Ok(Bytes::new())),
            None => Ok(Bytes::from_static(b"event: gap\ndata:\n\n")),
        }
    }
}

impl<T: ?Sized> Drop for Subscription<T> {
    fn drop(&mut self) {
        self.shared.state().replay.leave(self.place);
    }
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + 'static> IntoReply for Subscription<T> {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        self.sse().into_reply(reply)
    }
}

/// As [`Sse`].
#[cfg(feature = "schema")]
impl<T: ?Sized> DescribeReply for Subscription<T>
where
    Sse<T>: DescribeReply,
{
    fn describe_reply(doc: &mut RouteDoc) {
        Sse::<T>::describe_reply(doc);
    }
}

impl<T: ?Sized> fmt::Debug for Subscription<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("next", &self.next).field("is_gap", &self.is_gap).finish_non_exhaustive()
    }
}
