//! The request's body as an argument.

use bytes::Bytes;

use super::{BindCx, BodyUse, Extract};
use crate::body::Body;
use crate::error::{Code, Error, Result};
use crate::request::{Request, Text};
#[cfg(feature = "schema")]
use crate::route::RouteDoc;

/// The body while it comes in.
impl Extract for Body {
    type Bound = ();
    const BODY: BodyUse = BodyUse::Stream;

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        Ok(req.take_body())
    }

    #[cfg(feature = "schema")]
    fn describe(doc: &mut RouteDoc) {
        doc.add_body("*/*", None);
    }
}

/// The whole body, of any media type.
impl Extract for Bytes {
    type Bound = ();
    const BODY: BodyUse = BodyUse::Whole;

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        whole(req).map(Bytes::copy_from_slice)
    }

    #[cfg(feature = "schema")]
    fn describe(doc: &mut RouteDoc) {
        doc.add_body("*/*", None);
    }
}

/// As `String`, for who has a [`Text`](crate::Text) elsewhere.
impl Extract for Text {
    type Bound = ();
    const BODY: BodyUse = BodyUse::Whole;

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        String::extract(&(), req).map(Text::from)
    }

    #[cfg(feature = "schema")]
    fn describe(doc: &mut RouteDoc) {
        doc.add_body("text/plain", None);
    }
}

/// The whole body as text, of any media type. What is no UTF-8 is 400.
impl Extract for String {
    type Bound = ();
    const BODY: BodyUse = BodyUse::Whole;

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        let text = std::str::from_utf8(whole(req)?);
        text.map(str::to_owned).map_err(|error| {
            Error::from_code(Code::InvalidBody).with_message(format!("The body is no UTF-8 text: {error}"))
        })
    }

    #[cfg(feature = "schema")]
    fn describe(doc: &mut RouteDoc) {
        doc.add_body("text/plain", None);
    }
}

/// The body that the lifecycle has read because an argument wants it whole.
pub(crate) fn whole(req: &Request) -> Result<&[u8]> {
    req.body.as_slice().ok_or_else(|| {
        Error::internal("a body was wanted whole and had not been read: an extractor's `BODY` must be `BodyUse::Whole`")
    })
}
