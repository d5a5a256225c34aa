//! What a route may answer with, by the type that its handler returns.

use std::borrow::Cow;
use std::marker::PhantomData;

use http::StatusCode;

use super::RouteDoc;

/// One of the answers that a route may give, in its documentation: [`RouteDoc::replies`].
///
/// ```
/// # use fastweb_core::ReplyDoc;
/// let reply = ReplyDoc::new(404, "nobody has this number").with_code("USER_NOT_FOUND");
/// assert_eq!(reply.status, 404);
/// assert_eq!(reply.code.as_deref(), Some("USER_NOT_FOUND"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplyDoc {
    /// Its status.
    pub status: StatusCode,
    /// Of an error, its `code`.
    pub code: Option<Cow<'static, str>>,
    /// When it is given, in one line. Of an error, its message, where fields stand in braces.
    pub description: Cow<'static, str>,
}

impl ReplyDoc {
    /// An answer of this status, which is a [`StatusCode`] or a number; what is no status is 500.
    pub fn new(status: impl TryInto<StatusCode>, description: impl Into<Cow<'static, str>>) -> Self {
        let status = status.try_into().unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, code: None, description: description.into() }
    }

    /// The same with the `code` of an error.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.code = Some(code.into());
        self
    }
}

/// A type that says which answers it stands for, in the documentation of routes whose functions return it, alone or in a `Result`.
///
/// `#[derive(ApiError)]` implements it. Types that do not implement it are answers and errors all the same. Only functions with a route macro are
/// asked: of others the type that they return is not known by name.
///
/// ```
/// # use fastweb_core::{DescribeReply, ReplyDoc, RouteDoc};
/// struct OutOfStock;
///
/// impl DescribeReply for OutOfStock {
///     fn describe_reply(doc: &mut RouteDoc) {
///         doc.replies.push(ReplyDoc::new(409, "nothing left"));
///     }
/// }
/// ```
pub trait DescribeReply {
    /// Adds what it stands for to [`RouteDoc::replies`].
    fn describe_reply(doc: &mut RouteDoc);
}

/// Models, alone or in lists and maps.
#[cfg(feature = "schema")]
impl<T: serde::de::DeserializeOwned + 'static> DescribeReply for crate::Json<T> {
    fn describe_reply(doc: &mut RouteDoc) {
        crate::schema::JsonPlan::describe_answer::<T>(doc);
    }
}

impl DescribeReply for crate::NoContent {
    fn describe_reply(doc: &mut RouteDoc) {
        doc.status.get_or_insert(StatusCode::NO_CONTENT);
    }
}

impl<T: DescribeReply> DescribeReply for Option<T> {
    fn describe_reply(doc: &mut RouteDoc) {
        T::describe_reply(doc);
        doc.replies.push(ReplyDoc::new(StatusCode::NOT_FOUND, "Not Found"));
    }
}

/// With a status or headers of its own, which only the answer knows.
impl<H, T: DescribeReply> DescribeReply for (H, T) {
    fn describe_reply(doc: &mut RouteDoc) {
        T::describe_reply(doc);
    }
}

impl<H, T: DescribeReply> DescribeReply for (StatusCode, H, T) {
    fn describe_reply(doc: &mut RouteDoc) {
        T::describe_reply(doc);
    }
}

/// Asks a type that is known where this is written whether it describes itself. Of two methods of one name the compiler takes the one that needs
/// no further reference: [`Described`] where that is implemented, otherwise [`Undescribed`].
#[doc(hidden)]
#[derive(Debug)]
pub struct Probe<T: ?Sized>(PhantomData<T>);

/// What a return type is made of: of a `Result` answer and error, of others the answer alone.
#[doc(hidden)]
#[derive(Debug)]
pub struct Nothing;

impl<T: ?Sized> Probe<T> {
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

// Methods of the type itself go before those of traits.
impl<T, E> Probe<Result<T, E>> {
    pub const fn answer(&self) -> Probe<T> {
        Probe::new()
    }

    pub const fn error(&self) -> Probe<E> {
        Probe::new()
    }
}

/// Of types that are no `Result`.
#[doc(hidden)]
pub trait Whole<T> {
    fn answer(&self) -> Probe<T>;

    fn error(&self) -> Probe<Nothing> {
        Probe::new()
    }
}

impl<T> Whole<T> for Probe<T> {
    fn answer(&self) -> Probe<T> {
        Probe::new()
    }
}

#[doc(hidden)]
pub trait Described {
    fn describe(&self, doc: &mut RouteDoc);
}

impl<T: DescribeReply> Described for Probe<T> {
    fn describe(&self, doc: &mut RouteDoc) {
        T::describe_reply(doc);
    }
}

#[doc(hidden)]
pub trait Undescribed {
    fn describe(&self, doc: &mut RouteDoc);
}

impl<T: ?Sized> Undescribed for &Probe<T> {
    fn describe(&self, _: &mut RouteDoc) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Teapot;

    impl DescribeReply for Teapot {
        fn describe_reply(doc: &mut RouteDoc) {
            doc.replies.push(ReplyDoc::new(418, "short and stout"));
        }
    }

    macro_rules! replies {
        ($ty:ty) => {{
            let mut doc = RouteDoc::default();
            let probe = Probe::<$ty>::new();
            (&probe.answer()).describe(&mut doc);
            (&probe.error()).describe(&mut doc);
            doc.replies.len()
        }};
    }

    #[test]
    #[allow(clippy::needless_borrow)]
    fn types_are_asked_that_describe_themselves_and_no_others() {
        assert_eq!(replies!(String), 0);
        assert_eq!(replies!(Teapot), 1);
        assert_eq!(replies!(Result<String, std::fmt::Error>), 0);
        assert_eq!(replies!(Result<String, Teapot>), 1);
        assert_eq!(replies!(crate::Result<Teapot>), 1);
        assert_eq!(replies!(Result<Teapot, Teapot>), 2);
    }

    #[test]
    fn what_is_no_status_is_500() {
        assert_eq!(ReplyDoc::new(99, "").status, 500);
    }
}
