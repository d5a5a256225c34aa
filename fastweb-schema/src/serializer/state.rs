//! What is carried through the writing of one answer beside the buffer.

use std::fmt;

use super::error::{Failure, Reason, Segment, pointer};

/// How deep answers may be nested: as deep as serde_json reads. Writing is recursive, as serde is, and this keeps it off the end of
/// the stack.
pub(super) const MOST_LEVELS: u32 = 128;

/// How many properties are told of that were dropped.
const MOST_DROPPED: usize = 32;

/// Depth, and what was dropped.
#[derive(Debug)]
pub(super) struct State {
    levels: u32,
    /// Whether anybody wants to know what was dropped.
    telling: bool,
    dropped: Vec<Note>,
    more: usize,
}

/// A property that was dropped.
#[derive(Debug)]
struct Note {
    /// How deep the value is that `path` starts from.
    level: u32,
    path: Vec<Segment>,
}

impl State {
    pub(super) fn new(telling: bool) -> Self {
        Self { levels: 0, telling, dropped: Vec::new(), more: 0 }
    }

    #[inline(always)]
    pub(super) fn enter(&mut self) -> Result<(), Failure> {
        if self.levels == MOST_LEVELS {
            return Err(too_deep());
        }
        self.levels += 1;
        Ok(())
    }

    #[inline(always)]
    pub(super) fn leave(&mut self) {
        self.levels -= 1;
    }

    /// The property `name` of the value that is being written does not leave.
    #[inline(always)]
    pub(super) fn drop_property(&mut self, name: &str) {
        if self.telling {
            self.note(name);
        }
    }

    #[cold]
    fn note(&mut self, name: &str) {
        if self.dropped.len() < MOST_DROPPED {
            self.dropped.push(Note { level: self.levels, path: vec![Segment::Property(name.into())] });
        } else {
            self.more += 1;
        }
    }

    /// The part that `segment` leads to, of the value that is being written, has been written: what was dropped in it gets its full
    /// path step by step this way.
    #[inline(always)]
    pub(super) fn lead(&mut self, segment: impl FnOnce() -> Segment) {
        if self.telling {
            self.lead_cold(&segment());
        }
    }

    #[cold]
    fn lead_cold(&mut self, segment: &Segment) {
        let level = self.levels;
        for note in self.dropped.iter_mut().filter(|note| note.level > level) {
            note.path.push(segment.clone());
            note.level = level;
        }
    }

    pub(super) fn into_dropped(self) -> Dropped {
        Dropped { pointers: self.dropped.iter().map(|note| pointer(&note.path)).collect(), more: self.more }
    }
}

#[cold]
fn too_deep() -> Failure {
    Failure::new(Reason::Depth(MOST_LEVELS))
}

/// Which properties of an answer did not leave, because its schema does not declare them: what a development mode logs.
///
/// ```
/// use fastweb_schema::Serializer;
/// use serde_json::json;
///
/// let user = Serializer::compile(&json!({ "properties": { "name": { "type": "string" } } }))?;
/// let mut out = Vec::new();
/// let dropped = user.write_value_telling(&json!({ "name": "Ada", "password": "x" }), &mut out)?;
/// assert_eq!(out, br#"{"name":"Ada"}"#);
/// assert_eq!(dropped.pointers(), ["/password"]);
/// assert_eq!(dropped.to_string(), "/password");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    pointers: Vec<String>,
    more: usize,
}

impl Dropped {
    /// Whether all properties left.
    pub fn is_empty(&self) -> bool {
        self.pointers.is_empty()
    }

    /// The first 32 of them, as JSON pointers (RFC 6901) into the value.
    pub fn pointers(&self) -> &[String] {
        &self.pointers
    }

    /// How many there are beside [`pointers`](Self::pointers).
    pub fn more(&self) -> usize {
        self.more
    }
}

/// One line for a log.
impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pointers.join(", "))?;
        if self.more > 0 {
            write!(f, " and {} more", self.more)?;
        }
        Ok(())
    }
}
