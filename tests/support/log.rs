//! What is logged, for tests that ask for it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

/// An event: where it is from, its level and its fields as text.
#[derive(Clone, Debug)]
pub(crate) struct Noted {
    pub(crate) target: String,
    pub(crate) level: Level,
    pub(crate) fields: BTreeMap<&'static str, String>,
}

impl Noted {
    /// A field, or `-`.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("-", String::as_str)
    }
}

impl Visit for Noted {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

/// What fastweb logs in all tests of a binary: requests are answered on threads of the server's own, so it is the subscriber of all threads,
/// and a test looks for what is its own.
pub(crate) struct Log;

static EVENTS: Mutex<Vec<Noted>> = Mutex::new(Vec::new());

impl Log {
    /// Begins to keep events. To be called before those of interest.
    pub(crate) fn keep() {
        static KEPT: OnceLock<()> = OnceLock::new();
        KEPT.get_or_init(|| tracing::subscriber::set_global_default(Log).expect("no other subscriber in this binary"));
    }

    /// The events that are of interest so far.
    pub(crate) fn events(wanted: impl Fn(&Noted) -> bool) -> Vec<Noted> {
        EVENTS.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|noted| wanted(noted)).cloned().collect()
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("fastweb")
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let (target, level) = (metadata.target().to_owned(), *metadata.level());
        let mut noted = Noted { target, level, fields: BTreeMap::new() };
        event.record(&mut noted);
        EVENTS.lock().unwrap_or_else(PoisonError::into_inner).push(noted);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
