//! Server-sent events: streams of events that browsers read by `EventSource`, and others by `fetch` (WHATWG HTML, 9.2).
//!
//! [`Sse`] is the answer, [`Event`] what it is made of, [`Topic`] what is published to any number of clients, [`LastEventId`] where a client goes on. The
//! guide's page [`sse`](crate::guide::sse) shows them at work.

mod answer;
mod channel;
mod event;
mod last_event_id;
mod replay;
mod source;
mod topic;

pub use answer::Sse;
pub use channel::EventSender;
pub use event::Event;
pub use last_event_id::LastEventId;
pub use source::EventWriter;
pub use topic::{Lag, Subscription, Topic};
