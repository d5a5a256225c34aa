//! What a client asks to hold before its request is served (RFC 9110, 13).

use std::fmt;
use std::time::SystemTime;

use fastweb_core::{BindCx, Body, Code, Error, Extract, Reply, Request, Result};

use super::date;
use super::tag::{EntityTag, Listed, Tags};

/// What a resource has now for clients to compare with what they have: a tag, the time of its last change, both or neither.
///
/// ```
/// use std::time::SystemTime;
/// use fastweb::etag::{EntityTag, Validators};
///
/// let both = Validators::from(EntityTag::from_version(7)).last_modified(SystemTime::now());
/// let none = Validators::absent();
/// # drop((both, none));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validators {
    pub(crate) etag: Option<EntityTag>,
    pub(crate) last_modified: Option<SystemTime>,
    exists: bool,
}

impl Validators {
    /// Those of a resource that there is, and of which nothing more is known.
    pub fn present() -> Self {
        Self { etag: None, last_modified: None, exists: true }
    }

    /// Those of a resource that there is not: `if-none-match: *` holds, and so a `PUT` with it never overwrites; `if-match` does not hold.
    pub fn absent() -> Self {
        Self { exists: false, ..Self::present() }
    }

    /// With the time of the last change. Clients read whole seconds of it.
    #[must_use]
    pub fn last_modified(mut self, time: SystemTime) -> Self {
        self.last_modified = Some(time);
        self
    }

    /// Sets `etag` and `last-modified`, as far as they are known.
    pub(crate) fn set(&self, reply: &mut Reply) {
        if let Some(tag) = &self.etag {
            reply.set_header("etag", tag.to_string());
        }
        if let Some(time) = self.last_modified {
            reply.set_header("last-modified", date::write(time));
        }
    }
}

impl From<EntityTag> for Validators {
    fn from(tag: EntityTag) -> Self {
        Self { etag: Some(tag), ..Self::present() }
    }
}

impl From<SystemTime> for Validators {
    fn from(last_modified: SystemTime) -> Self {
        Self::present().last_modified(last_modified)
    }
}

/// What is to be done with a request, by its preconditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They hold, or there are none.
    Proceed,
    /// 304: the client has what it asks for.
    NotModified,
    /// 412: the client asks for another state than there is.
    Failed,
}

/// `if-match`, `if-none-match`, `if-modified-since`, `if-unmodified-since` and `if-range` of a request, as an argument.
///
/// A handler that knows the version before it makes the content saves the work; one that changes something has to ask before it does:
///
/// ```
/// use std::sync::Mutex;
/// use fastweb::prelude::*;
/// use fastweb::etag::{EntityTag, Preconditions};
///
/// /// A text, and how often it was changed.
/// type Note = Mutex<(u32, String)>;
///
/// async fn read(note: State<Note>, conditions: Preconditions) -> Result<Reply> {
///     let note = note.lock().unwrap();
///     let tag = EntityTag::from_version(note.0);
///     if let Some(reply) = conditions.check(tag.clone())? {
///         return Ok(reply);
///     }
///     // From here on it costs something.
///     Reply::from((tag, note.1.clone()))
/// }
///
/// async fn write(note: State<Note>, conditions: Preconditions, text: String) -> Result<EntityTagged> {
///     let mut note = note.lock().unwrap();
///     conditions.check(EntityTag::from_version(note.0))?;
///     *note = (note.0 + 1, text);
///     Ok((EntityTag::from_version(note.0), NoContent))
/// }
/// type EntityTagged = (EntityTag, NoContent);
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = App::new().state(Note::default()).get("/note", read).put("/note", write).build().await?;
/// let changed = Inject::put("/note").header("if-match", "\"0\"").body("milk");
/// server.inject(changed.clone()).await.assert_status(204).assert_header("etag", "\"1\"");
/// // Somebody else was faster.
/// server.inject(changed).await.assert_status(412);
/// server.inject(Inject::get("/note").header("if-none-match", "\"1\"")).await.assert_status(304).assert_text("");
/// server.inject(Inject::get("/note").header("if-none-match", "\"0\"")).await.assert_status(200).assert_text("milk");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Preconditions {
    /// `GET` or `HEAD`.
    is_read: bool,
    if_match: Option<List>,
    if_none_match: Option<List>,
    if_modified_since: Option<SystemTime>,
    if_unmodified_since: Option<SystemTime>,
    if_range: Option<Vec<u8>>,
}

/// A list of tags as it came, several lines of it together.
#[derive(Clone, Default)]
struct List(Vec<u8>);

impl List {
    fn add(&mut self, line: &[u8]) {
        if !self.0.is_empty() {
            self.0.push(b',');
        }
        self.0.extend_from_slice(line);
    }

    fn is_any(&self) -> bool {
        self.0.trim_ascii() == b"*"
    }

    fn find(&self, wanted: impl Fn(&Listed<'_>) -> bool) -> Option<Listed<'_>> {
        Tags(&self.0).find(wanted)
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

impl Preconditions {
    /// Those of a request.
    pub fn of(req: &Request) -> Self {
        let mut found = Self { is_read: matches!(req.method().as_str(), "GET" | "HEAD"), ..Self::default() };
        for (name, value) in req.headers() {
            if name.len() < 8 || !name.as_bytes()[..3].eq_ignore_ascii_case(b"if-") {
                continue;
            }
            match name.to_ascii_lowercase().as_str() {
                "if-match" => found.if_match.get_or_insert_default().add(value),
                "if-none-match" => found.if_none_match.get_or_insert_default().add(value),
                // What is no date is passed over (RFC 9110, 13.1.3 and 13.1.4).
                "if-modified-since" => found.if_modified_since = date::read(value),
                "if-unmodified-since" => found.if_unmodified_since = date::read(value),
                "if-range" => found.if_range = Some(value.to_vec()),
                _ => {}
            }
        }
        found
    }

    /// Whether there are none but perhaps `if-range`.
    pub(crate) fn is_empty(&self) -> bool {
        self.if_match.is_none()
            && self.if_none_match.is_none()
            && self.if_modified_since.is_none()
            && self.if_unmodified_since.is_none()
    }

    /// Compares them with what there is, in the order of RFC 9110, 13.2.2.
    pub fn evaluate(&self, current: &Validators) -> Verdict {
        if let Some(list) = &self.if_match {
            let holds = if list.is_any() { current.exists } else { self.matches_strongly(list, current) };
            if !holds {
                return Verdict::Failed;
            }
        } else if let (Some(since), Some(changed)) = (self.if_unmodified_since, current.last_modified)
            && date::seconds(changed) > date::seconds(since)
        {
            return Verdict::Failed;
        }
        if let Some(list) = &self.if_none_match {
            let holds = if list.is_any() { !current.exists } else { self.known(current).is_none() };
            return match (holds, self.is_read) {
                (true, _) => Verdict::Proceed,
                (false, true) => Verdict::NotModified,
                (false, false) => Verdict::Failed,
            };
        }
        match (self.is_read, self.if_modified_since, current.last_modified) {
            (true, Some(since), Some(changed)) if date::seconds(changed) <= date::seconds(since) => {
                Verdict::NotModified
            }
            _ => Verdict::Proceed,
        }
    }

    fn matches_strongly(&self, list: &List, current: &Validators) -> bool {
        let Some(tag) = current.etag.as_ref().filter(|tag| current.exists && !tag.is_weak()) else { return false };
        list.find(|listed| !listed.is_weak && listed.opaque == tag.opaque()).is_some()
    }

    /// The tag of the client's `if-none-match` that is the current one, by the weak comparison.
    fn known(&self, current: &Validators) -> Option<Listed<'_>> {
        let tag = current.etag.as_ref().filter(|_| current.exists)?;
        self.if_none_match.as_ref()?.find(|listed| listed.opaque == tag.opaque())
    }

    /// Compares them with what there is. `None` where the request is to be served; a reply where the client has what it asks for: 304, with what stands in `current`.
    ///
    /// # Errors
    /// They do not hold (412).
    pub fn check(&self, current: impl Into<Validators>) -> Result<Option<Reply>> {
        let current = current.into();
        match self.evaluate(&current) {
            Verdict::Proceed => Ok(None),
            Verdict::NotModified => {
                let mut reply = Reply::new();
                current.set(&mut reply);
                self.make_not_modified(&current, &mut reply);
                Ok(Some(reply))
            }
            Verdict::Failed => Err(Error::from_code(Code::PreconditionFailed)),
        }
    }

    /// Makes of a reply the 304 in its place.
    pub(crate) fn make_not_modified(&self, current: &Validators, reply: &mut Reply) {
        reply.set_status(304).set_body(Body::empty());
        // RFC 9110, 15.4.5: what describes the content is of no use to whoever has it.
        for name in ["content-type", "content-encoding", "content-language", "content-range"] {
            reply.remove_header(name);
        }
        // The client has the content under a weak tag where that was sent compressed. RFC 9111, 4.3.4: a strong one would speak of another.
        if let (Some(known), Some(tag)) = (self.known(current), &current.etag)
            && known.is_weak
            && !tag.is_weak()
        {
            reply.set_header("etag", tag.clone().weak().to_string());
        }
    }

    /// Whether a part may be sent, as the request wants it: it has no `if-range`, or that names what there is (RFC 9110, 13.1.5). Else it is to get the whole.
    ///
    /// ```
    /// use fastweb::prelude::*;
    /// use fastweb::etag::{EntityTag, Preconditions};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let show = |conditions: Preconditions| conditions.allow_range(&EntityTag::from_version(7).into()).to_string();
    /// let server = App::new().get("/", show).build().await?;
    /// server.inject(Inject::get("/")).await.assert_text("true");
    /// server.inject(Inject::get("/").header("if-range", "\"6\"")).await.assert_text("false");
    /// # Ok(())
    /// # }
    /// ```
    pub fn allow_range(&self, current: &Validators) -> bool {
        let Some(value) = &self.if_range else { return true };
        if value.starts_with(b"\"") || value.starts_with(b"W/") {
            // The strong comparison: parts of what is only as good do not fit together.
            let mut tags = Tags(value);
            let listed = tags.next().filter(|_| tags.0.is_empty());
            return match (listed, &current.etag) {
                (Some(listed), Some(tag)) => !listed.is_weak && !tag.is_weak() && listed.opaque == tag.opaque(),
                _ => false,
            };
        }
        match (date::read(value), current.last_modified) {
            (Some(since), Some(changed)) => date::seconds(since) == date::seconds(changed),
            _ => false,
        }
    }
}

impl Extract for Preconditions {
    type Bound = ();

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        Ok(Self::of(req))
    }
}
