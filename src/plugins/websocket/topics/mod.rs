//! Messages for whoever listens: each is encoded once, for all subscribers on all workers.

mod ring;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fastweb_core::Result;
use serde::Serialize;

use super::json::to_message;
use super::message::{Frame, Message};
use ring::Ring;
pub(super) use ring::{Delivery, Subscription};

/// Topics by name: a chat's rooms, a market's shares. Clones are the same topics; as the [state](crate::State) of an application they belong to all of its workers.
///
/// A topic begins with its first subscriber. What is published is encoded once, and written by every subscriber's connection without its handler. Who
/// cannot keep up is at most [`capacity`](Self::capacity) messages behind, beside what waits in its own connection: it then misses the oldest, or is
/// [closed](Self::close_slow).
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::websocket::{InjectWebSocket as _, Topics, WebSocket, WebSocketRoutes as _};
///
/// async fn chat(mut socket: WebSocket, Path(room): Path<String>, topics: State<Topics>) -> Result<()> {
///     socket.subscribe_to(&topics, &room);
///     while let Some(message) = socket.recv().await {
///         topics.publish(&room, message?);
///     }
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let topics = Topics::new().history(10);
/// let server = App::new().state(topics.clone()).websocket("/chat/{room}", chat).build().await?;
/// let mut ada = server.inject_websocket("/chat/tea").await.expect("she may connect");
/// ada.send("milk first").await;
/// assert_eq!(ada.recv_text().await, "milk first");
/// // Who comes later is told what was said, and any thread may say something.
/// let mut bob = server.inject_websocket("/chat/tea").await.expect("he may connect");
/// assert_eq!(bob.recv_text().await, "milk first");
/// topics.publish("tea", "never");
/// assert_eq!(bob.recv_text().await, "never");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Topics {
    settings: Settings,
    registry: Arc<Mutex<Registry>>,
}

#[derive(Clone, Copy, Debug)]
struct Settings {
    capacity: usize,
    history: usize,
    closes: bool,
    kept: usize,
}

#[derive(Default)]
struct Registry {
    topics: HashMap<Arc<str>, Entry>,
    /// Those that nobody needs and that have a history, in the order in which they came to that.
    idle: BTreeMap<u64, Arc<str>>,
    next_idle: u64,
    /// By subscribers of topics that are no more.
    missed: u64,
}

struct Entry {
    ring: Arc<Ring>,
    /// Those who need it.
    handles: usize,
    /// Its place among the idle.
    idle: Option<u64>,
}

impl Topics {
    /// No topic yet, no history, and slow subscribers that miss messages.
    pub fn new() -> Self {
        let settings = Settings { capacity: 256, history: 0, closes: false, kept: 1024 };
        Self { settings, registry: Arc::default() }
    }

    /// The messages that each topic keeps for subscribers to come. A topic with a history outlives its subscribers: see [`keep`](Self::keep).
    pub fn history(mut self, messages: usize) -> Self {
        self.settings.history = messages;
        self.settings.capacity = self.settings.capacity.max(messages);
        self
    }

    /// How many messages a subscriber may be behind: 256, and no less than the history.
    pub fn capacity(mut self, messages: usize) -> Self {
        self.settings.capacity = messages.max(1).max(self.settings.history);
        self
    }

    /// Closes subscribers that are too far behind, with 1008, instead of leaving messages out.
    pub fn close_slow(mut self) -> Self {
        self.settings.closes = true;
        self
    }

    /// How many topics without subscribers keep their history: 1024. Names may come from clients, so this is what bounds their memory.
    pub fn keep(mut self, topics: usize) -> Self {
        self.settings.kept = topics;
        self
    }

    /// A topic for values of one type, which are sent as JSON. Nothing begins by this.
    ///
    /// ```
    /// use fastweb::prelude::*;
    /// use fastweb::websocket::{Topic, Topics};
    ///
    /// #[derive(serde::Serialize)]
    /// struct Price {
    ///     cents: u64,
    /// }
    ///
    /// let prices: Topic<Price> = Topics::new().topic("prices");
    /// assert_eq!(prices.publish(&Price { cents: 250 })?, 0, "nobody listens");
    /// # Ok::<(), fastweb::Error>(())
    /// ```
    pub fn topic<T: ?Sized>(&self, name: &str) -> Topic<T> {
        Topic { handle: self.handle(name), _type: PhantomData }
    }

    /// Sends a message to all who have subscribed to a topic. Says how many they are.
    pub fn publish(&self, name: &str, message: impl Into<Message>) -> usize {
        let ring = self.lock().topics.get(name).map(|entry| entry.ring.clone());
        match ring {
            Some(ring) => ring.publish(Frame::new(&message.into())),
            // Nobody listens, and nothing is to be kept.
            None if self.settings.history == 0 => 0,
            None => self.handle(name).ring.publish(Frame::new(&message.into())),
        }
    }

    /// As [`publish`](Self::publish), of a value as a text of JSON.
    ///
    /// # Errors
    /// The value cannot be written as JSON.
    pub fn publish_json<T: Serialize + ?Sized>(&self, name: &str, value: &T) -> Result<usize> {
        Ok(self.publish(name, to_message(value)?))
    }

    /// How many have subscribed to a topic.
    pub fn subscribers(&self, name: &str) -> usize {
        self.lock().topics.get(name).map_or(0, |entry| entry.ring.subscribers())
    }

    /// How many topics there are: with subscribers, with a history, or in use.
    pub fn len(&self) -> usize {
        self.lock().topics.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many messages slow subscribers have missed so far. Those that have not come round to it are not counted yet.
    pub fn missed(&self) -> u64 {
        let registry = self.lock();
        let of_each = registry.topics.values().map(|entry| entry.ring.missed.load(Ordering::Relaxed));
        registry.missed + of_each.sum::<u64>()
    }

    pub(super) fn subscription(&self, name: &str) -> Subscription {
        Subscription::new(self.handle(name))
    }

    fn handle(&self, name: &str) -> Handle {
        let mut registry = self.lock();
        let registry = &mut *registry;
        if let Some(entry) = registry.topics.get_mut(name) {
            if let Some(at) = entry.idle.take() {
                registry.idle.remove(&at);
            }
            entry.handles += 1;
            return Handle { ring: entry.ring.clone(), topics: self.clone() };
        }
        let name: Arc<str> = name.into();
        let Settings { capacity, history, closes, .. } = self.settings;
        let ring = Arc::new(Ring::new(name.clone(), capacity, history, closes));
        registry.topics.insert(name, Entry { ring: ring.clone(), handles: 1, idle: None });
        Handle { ring, topics: self.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    fn forget(&mut self, name: &str) {
        if let Some(entry) = self.topics.remove(name) {
            self.missed += entry.ring.missed.load(Ordering::Relaxed);
        }
    }
}

/// Somebody who needs a topic to be there.
pub(super) struct Handle {
    ring: Arc<Ring>,
    topics: Topics,
}

impl Clone for Handle {
    fn clone(&self) -> Self {
        self.topics.handle(self.ring.name())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut registry = self.topics.lock();
        let registry = &mut *registry;
        let Some(entry) = registry.topics.get_mut(self.ring.name()) else { return };
        entry.handles -= 1;
        if entry.handles > 0 {
            return;
        }
        if !self.ring.has_history() {
            return registry.forget(self.ring.name());
        }
        registry.next_idle += 1;
        entry.idle = Some(registry.next_idle);
        registry.idle.insert(registry.next_idle, self.ring.name().clone());
        while registry.idle.len() > self.topics.settings.kept {
            let Some((_, name)) = registry.idle.pop_first() else { return };
            registry.forget(&name);
        }
    }
}

/// A topic for values of type `T`: [`Topics::topic`]. It can be held wherever something happens; it is `Send`, and clones are the same topic.
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::websocket::{Topic, Topics, WebSocket};
///
/// #[derive(serde::Serialize)]
/// struct Price {
///     cents: u64,
/// }
///
/// async fn prices(mut socket: WebSocket, prices: State<Topic<Price>>) {
///     socket.subscribe(&prices);
///     socket.closed().await;
/// }
///
/// let topic: Topic<Price> = Topics::new().topic("prices");
/// let ticker = topic.clone();
/// std::thread::spawn(move || ticker.publish(&Price { cents: 250 }));
/// let app = App::new().state(topic).route(fastweb::websocket::websocket("/prices", prices));
/// # drop(app);
/// ```
pub struct Topic<T: ?Sized> {
    handle: Handle,
    _type: PhantomData<fn(&T)>,
}

impl<T: ?Sized> Topic<T> {
    /// Its name.
    pub fn name(&self) -> &str {
        self.handle.ring.name()
    }

    /// How many have subscribed.
    pub fn subscribers(&self) -> usize {
        self.handle.ring.subscribers()
    }

    pub(super) fn subscription(&self) -> Subscription {
        Subscription::new(self.handle.clone())
    }
}

impl<T: ?Sized + Serialize> Topic<T> {
    /// Sends a value to all subscribers, as a text of JSON. Says how many they are.
    ///
    /// # Errors
    /// The value cannot be written as JSON.
    pub fn publish(&self, value: &T) -> Result<usize> {
        Ok(self.handle.ring.publish(Frame::new(&to_message(value)?)))
    }
}

impl<T: ?Sized> Clone for Topic<T> {
    fn clone(&self) -> Self {
        Self { handle: self.handle.clone(), _type: PhantomData }
    }
}

impl Default for Topics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Topics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Topics").field("settings", &self.settings).field("len", &self.len()).finish_non_exhaustive()
    }
}

impl<T: ?Sized> fmt::Debug for Topic<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Topic").field("name", &self.name()).finish_non_exhaustive()
    }
}
