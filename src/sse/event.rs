//! One event, as it is on the wire.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use fastweb_core::{Bytes, Error, Result};
use serde::Serialize;

/// An event: data, and what clients are told about it.
///
/// `T` is the type of what its data are JSON of, and `str` where they are text.
///
/// ```
/// use fastweb::sse::Event;
///
/// #[derive(serde::Serialize)]
/// struct Price {
///     cents: u64,
/// }
///
/// let price = Event::json(&Price { cents: 990 }).event("price").id(7);
/// assert_eq!(price.into_frame()?, "data: {\"cents\":990}\nevent: price\nid: 7\n\n");
/// let lines = Event::text("two\nlines");
/// assert_eq!(lines.into_frame()?, "data: two\ndata: lines\n\n");
/// # Ok::<(), fastweb::Error>(())
/// ```
///
/// Nothing that stands in a field can end it: data of several lines become several fields, which clients put together again, and a name or an id with
/// a line break is an error of who sends it.
#[must_use = "an event is sent by whoever is given it"]
pub struct Event<T: ?Sized = str> {
    /// Its lines so far.
    frame: Vec<u8>,
    /// The last one that was set.
    id: Option<Box<str>>,
    fault: Option<Error>,
    data: PhantomData<fn(&T)>,
}

impl Event<str> {
    /// An event with text. Its line breaks (LF, CR LF, CR) reach the client as LF.
    pub fn text(text: impl AsRef<str>) -> Self {
        let mut event = Self::new();
        event.lines("data", text.as_ref());
        event
    }
}

impl<T: Serialize> Event<T> {
    /// An event with `value` as JSON. If that cannot be written, sending the event fails.
    pub fn json(value: &T) -> Self {
        let mut event = Self::new();
        event.frame.extend_from_slice(b"data: ");
        let begin = event.frame.len();
        match serde_json::to_writer(&mut event.frame, value) {
            // There are none, but of values that write themselves as they are.
            Ok(()) if event.frame[begin..].iter().any(|byte| matches!(byte, b'\n' | b'\r')) => {
                let text = String::from_utf8_lossy(&event.frame[begin..]).into_owned();
                event.frame.clear();
                event.lines("data", &text);
            }
            Ok(()) => event.frame.push(b'\n'),
            Err(error) => event.fail(Error::internal("the data of an event cannot be serialised").with_source(error)),
        }
        event
    }
}

impl<T: ?Sized> Event<T> {
    /// An event without data. Clients take its id and its `retry`, and call nobody: for comments, and to say where they are.
    pub fn new() -> Self {
        Self { frame: Vec::new(), id: None, fault: None, data: PhantomData }
    }

    /// Its name: who has asked for it by `addEventListener(name, …)` is called, instead of `onmessage`. A name with a line break makes sending fail.
    pub fn event(mut self, name: impl AsRef<str>) -> Self {
        self.field("event", name.as_ref());
        self
    }

    /// What the client sends as `last-event-id` when it comes back. With a line break or NUL in it sending fails. An empty one makes the client forget its
    /// own.
    ///
    /// An event that is published to a [`Topic`](super::Topic) gets an id there, unless it has one.
    pub fn id(mut self, id: impl fmt::Display) -> Self {
        let id = id.to_string();
        if id.contains('\0') {
            self.fail(Error::internal("the id of an event has a NUL, which makes clients pass it over"));
            return self;
        }
        self.field("id", &id);
        self.id = Some(id.into());
        self
    }

    /// How long the client waits before it comes back, in milliseconds. It keeps to it until it is told otherwise.
    pub fn retry(mut self, time: Duration) -> Self {
        let milliseconds = time.as_millis().to_string();
        self.field("retry", &milliseconds);
        self
    }

    /// Words for who looks at the stream. Clients pass them over.
    pub fn comment(mut self, text: impl AsRef<str>) -> Self {
        self.lines("", text.as_ref());
        self
    }

    /// Its bytes, as every client gets them.
    ///
    /// # Errors
    /// Something that it was given cannot be sent (500).
    pub fn into_frame(self) -> Result<Bytes> {
        let (mut frame, _) = self.into_lines(1)?;
        frame.push(b'\n');
        Ok(frame.into())
    }

    /// Its lines without the empty one behind them, with room for some more bytes, and its id.
    pub(super) fn into_lines(mut self, room: usize) -> Result<(Vec<u8>, Option<Box<str>>)> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        self.frame.reserve_exact(room);
        Ok((self.frame, self.id))
    }

    fn field(&mut self, name: &str, value: &str) {
        if value.contains(['\n', '\r']) {
            self.fail(Error::internal(format!("the field `{name}` of an event has a line break, which would end it")));
            return;
        }
        self.line(name, value);
    }

    fn line(&mut self, name: &str, value: &str) {
        self.frame.extend_from_slice(name.as_bytes());
        self.frame.extend_from_slice(b": ");
        self.frame.extend_from_slice(value.as_bytes());
        self.frame.push(b'\n');
    }

    /// A field for each line.
    fn lines(&mut self, name: &str, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find(['\n', '\r']) {
            self.line(name, &rest[..at]);
            let is_pair = rest[at..].starts_with("\r\n");
            rest = &rest[at + 1 + usize::from(is_pair)..];
        }
        self.line(name, rest);
    }

    fn fail(&mut self, error: Error) {
        self.fault.get_or_insert(error);
    }
}

impl<T: ?Sized> Default for Event<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: ?Sized> fmt::Debug for Event<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event").field("id", &self.id).field("bytes", &self.frame.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a client makes of a stream: the algorithm of WHATWG HTML, 9.2.6, as it is written there. Gives name, data and last id of what is dispatched.
    fn read(stream: &str) -> Vec<(String, String, String)> {
        let mut lines = Vec::new();
        let mut line = String::new();
        let mut characters = stream.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\r' => {
                    characters.next_if_eq(&'\n');
                    lines.push(std::mem::take(&mut line));
                }
                '\n' => lines.push(std::mem::take(&mut line)),
                other => line.push(other),
            }
        }
        let (mut name, mut data, mut id) = (String::new(), String::new(), String::new());
        let mut events = Vec::new();
        for line in lines {
            if line.is_empty() {
                if !data.is_empty() {
                    data.pop();
                    let kind = if name.is_empty() { "message".to_owned() } else { name.clone() };
                    events.push((kind, data.clone(), id.clone()));
                }
                name.clear();
                data.clear();
                continue;
            }
            let (field, value) = line.split_once(':').unwrap_or((&line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => name = value.to_owned(),
                "data" => {
                    data.push_str(value);
                    data.push('\n');
                }
                "id" if !value.contains('\0') => id = value.to_owned(),
                _ => {}
            }
        }
        events
    }

    fn frame<T: ?Sized>(event: Event<T>) -> Result<String> {
        Ok(String::from_utf8(event.into_frame()?.to_vec()).expect("an event is UTF-8"))
    }

    proptest::proptest! {
        #[test]
        fn clients_read_what_was_written(
            text in "(?s)[a-z:\\n\\r\u{0}\u{2028}\u{feff} ]{0,40}",
            comment in "(?s)[a-z:\\n\\r ]{0,20}",
            name in "[a-z: ]{0,10}",
            id in "[a-z: ]{0,10}",
        ) {
            let event = Event::text(&text).event(&name).id(&id).comment(&comment);
            let read = read(&(frame(event)? + &frame(Event::text("next"))?));
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            let name = if name.is_empty() { "message".to_owned() } else { name };
            proptest::prop_assert_eq!(read, [(name, text, id.clone()), ("message".into(), "next".into(), id)]);
        }

        #[test]
        fn no_field_can_begin_another(name in "(?s)[a-z]{0,3}[\\n\\r][a-z:]{0,9}") {
            proptest::prop_assert!(Event::text("x").event(&name).into_frame().is_err());
            proptest::prop_assert!(Event::text("x").id(&name).into_frame().is_err());
        }
    }

    #[test]
    fn an_event_without_data_calls_nobody() {
        let stream =
            [Event::<str>::new().comment("well"), Event::new().id(7), Event::new().retry(Duration::from_secs(2))];
        let stream: String = stream.into_iter().map(|event| frame(event).expect("it can be sent")).collect();
        assert_eq!(stream, ": well\n\nid: 7\n\nretry: 2000\n\n");
        assert_eq!(read(&stream), []);
        assert_eq!(read(&(stream + "data\n\n")), [("message".into(), String::new(), "7".into())]);
    }

    #[test]
    fn json_that_brings_its_own_lines_stays_one_event() {
        let raw = serde_json::from_str::<serde_json::Value>("[1]").expect("JSON");
        assert_eq!(frame(Event::json(&raw)).expect("it can be sent"), "data: [1]\n\n");
        struct NoJson;
        impl Serialize for NoJson {
            fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                Err(serde::ser::Error::custom("none"))
            }
        }
        let error = Event::json(&NoJson).into_frame().expect_err("it cannot be written");
        assert_eq!(error.status(), 500);
    }

    #[test]
    fn a_nul_makes_no_id() {
        assert!(Event::text("x").id("a\0b").into_frame().is_err());
    }
}
