//! What is carried through the writing of one answer beside the buffer.

use std::fmt;

use super::error::{Failure, Reason, Segment, pointer};

/// How deep answers may be nested. Writing is recursive, as serde is: this keeps it off the end of the stack.
pub(super) const MOST_LEVELS: u32 = 512;

/// How many properties are told of that were dropped.
const MOST_DROPPED: usize = 32;

/// Depth, and what was dropped.
#[derive(Debug)]
pub(super) struct State {
    levels: u32,
    /// Whether anybody wants to know what was dropped.
    telling: bool,
    dropped: Vec<Vec<Segment>>,
    more: usize,
}

impl State {
    pub(super) fn new(telling: bool) -> Self {
        Self { levels: 0, telling, dropped: Vec::new(), more: 0 }
    }

    #[inline(always)]
    pub(super) fn enter(&mut self) -> Result<(), Failure> {
        if self.levels == MOST_LEVELS {
            return Err(Failure::new(Reason::Depth(MOST_LEVELS)));
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
            self.dropped.push(vec![Segment::Property(name.into())]);
        } else {
            self.more += 1;
        }
    }

    /// How much was noted so far.
    #[inline(always)]
    pub(super) fn mark(&self) -> usize {
        self.dropped.len()
    }

    /// Says that all that was noted since `mark` is in the part of a value that `segment` leads to.
    #[inline(always)]
    pub(super) fn lead(&mut self, mark: usize, segment: impl FnOnce() -> Segment) {
        if self.dropped.len() != mark {
            self.lead_cold(mark, segment());
        }
    }

    #[cold]
    fn lead_cold(&mut self, mark: usize, segment: Segment) {
        for path in &mut self.dropped[mark..] {
            path.push(segment.clone());
        }
    }

    pub(super) fn into_dropped(self) -> Dropped {
        Dropped { pointers: self.dropped.iter().map(|path| pointer(path)).collect(), more: self.more }
    }
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
