//! A part of a list, by the query.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{BindCx, Extract, Query};
use crate::error::{Detail, Error, Result};
use crate::request::Request;
#[cfg(feature = "schema")]
use crate::route::RouteDoc;

/// Which part of a list a client wants: `?page=3&limit=50`, or `?offset=100&limit=50`.
///
/// At most `MAX` items are asked for, 100 if the type does not say; without `limit` it is `DEFAULT`, 20, or `MAX` where that is less. Pages are counted from
/// 1. What is no whole number, a `page` or `limit` of 0, a `limit` above `MAX`, and `page` beside `offset` are 400, as from a schema.
///
/// ```
/// # use fastweb_core::{App, Inject, Page};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// // At most 50, and 10 where the client does not say.
/// let users = async |page: Page<50, 10>| format!("{} from {}", page.limit(), page.offset());
/// let server = App::new().get("/users", users).build().await?;
/// server.inject(Inject::get("/users")).await.assert_text("10 from 0");
/// server.inject(Inject::get("/users?page=3&limit=50")).await.assert_text("50 from 100");
/// server.inject(Inject::get("/users?offset=7")).await.assert_text("10 from 7");
/// let reply = server.inject(Inject::get("/users?limit=51")).await;
/// assert_eq!(reply.json::<serde_json::Value>()["message"], "querystring/limit must be <= 50");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page<const MAX: u32 = 100, const DEFAULT: u32 = 20> {
    limit: u32,
    offset: u64,
}

impl<const MAX: u32, const DEFAULT: u32> Page<MAX, DEFAULT> {
    /// The limit of a request that names none.
    const USUAL: u32 = {
        assert!(MAX > 0, "a page of at most 0 items has none");
        assert!(DEFAULT > 0, "a page of 0 items has none");
        if DEFAULT < MAX { DEFAULT } else { MAX }
    };

    /// How many items are wanted: from 1 to `MAX`.
    pub const fn limit(&self) -> u32 {
        self.limit
    }

    /// How many items are before those that are wanted.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// The number of the page, counted from 1: of an offset between two, the one that it lies in.
    pub const fn number(&self) -> u64 {
        self.offset / self.limit as u64 + 1
    }

    /// The items of this page, where all are in memory.
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, Page};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let letters = async |page: Page<2>| page.of(&["a", "b", "c"]).concat();
    /// let server = App::new().get("/letters", letters).build().await?;
    /// server.inject(Inject::get("/letters?page=2")).await.assert_text("c");
    /// server.inject(Inject::get("/letters?page=9")).await.assert_text("");
    /// # Ok(())
    /// # }
    /// ```
    pub fn of<'a, T>(&self, items: &'a [T]) -> &'a [T] {
        let start = usize::try_from(self.offset).unwrap_or(usize::MAX).min(items.len());
        let rest = &items[start..];
        &rest[..rest.len().min(self.limit as usize)]
    }

    fn read(words: &Words) -> Result<Self> {
        let limit = words.limit.unwrap_or(u64::from(Self::USUAL));
        if limit < 1 {
            return Err(out_of_range("/limit", "minimum", "must be >= 1"));
        }
        let Some(limit) = u32::try_from(limit).ok().filter(|limit| *limit <= MAX) else {
            return Err(out_of_range("/limit", "maximum", &format!("must be <= {MAX}")));
        };
        let offset = match (words.page, words.offset) {
            (Some(_), Some(_)) => return Err(out_of_range("", "not", "must have one of 'page' and 'offset'")),
            (Some(0), None) => return Err(out_of_range("/page", "minimum", "must be >= 1")),
            (Some(page), None) => u64::from(page - 1) * u64::from(limit),
            (None, offset) => offset.unwrap_or(0),
        };
        Ok(Self { limit, offset })
    }
}

/// As they stand in the query. Read by hand: nothing else in the kernel needs serde's macros, which take longer to build than most crates.
#[doc(hidden)]
#[derive(Debug, Default)]
#[allow(unreachable_pub)]
pub struct Words {
    page: Option<u32>,
    offset: Option<u64>,
    limit: Option<u64>,
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Words", &["page", "offset", "limit"], WordsVisitor)
    }
}

struct WordsVisitor;

impl<'de> Visitor<'de> for WordsVisitor {
    type Value = Words;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Words, A::Error> {
        let mut words = Words::default();
        while let Some(word) = map.next_key()? {
            match word {
                Word::Page => words.page = map.next_value()?,
                Word::Offset => words.offset = map.next_value()?,
                Word::Limit => words.limit = map.next_value()?,
                Word::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(words)
    }
}

enum Word {
    Page,
    Offset,
    Limit,
    Other,
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(WordVisitor)
    }
}

struct WordVisitor;

impl Visitor<'_> for WordVisitor {
    type Value = Word;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Word, E> {
        Ok(match name {
            "page" => Word::Page,
            "offset" => Word::Offset,
            "limit" => Word::Limit,
            _ => Word::Other,
        })
    }
}

fn out_of_range(pointer: &str, keyword: &'static str, message: &str) -> Error {
    Error::invalid(Detail { part: "querystring", pointer: pointer.to_owned(), keyword, message: message.to_owned() })
}

impl<const MAX: u32, const DEFAULT: u32> Extract for Page<MAX, DEFAULT> {
    type Bound = <Query<Words> as Extract>::Bound;

    fn bind(cx: &mut BindCx<'_>) -> Option<Self::Bound> {
        Query::<Words>::bind(cx)
    }

    fn extract(bound: &Self::Bound, req: &mut Request) -> Result<Self> {
        let Query(words) = Query::<Words>::extract(bound, req)?;
        Self::read(&words)
    }

    #[cfg(feature = "schema")]
    fn describe(doc: &mut RouteDoc) {
        doc.query.add(serde_json::json!({
            "type": "object",
            "properties": {
                "limit": {
                    "type": "integer", "minimum": 1, "maximum": MAX, "default": Self::USUAL,
                    "description": "How many items are wanted.",
                },
                "page": {
                    "type": "integer", "minimum": 1, "maximum": u32::MAX,
                    "description": "Which page of so many items, counted from 1.",
                },
                "offset": {
                    "type": "integer", "minimum": 0,
                    "description": "How many items are before the first that is wanted: instead of `page`.",
                },
            },
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<const MAX: u32, const DEFAULT: u32>(
        page: Option<u32>,
        offset: Option<u64>,
        limit: Option<u64>,
    ) -> Result<(u32, u64, u64), String> {
        let page = Page::<MAX, DEFAULT>::read(&Words { page, offset, limit });
        page.map(|page| (page.limit(), page.offset(), page.number())).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn limits_are_bounded() {
        assert_eq!(read::<100, 20>(None, None, None), Ok((20, 0, 1)));
        assert_eq!(read::<10, 20>(None, None, None), Ok((10, 0, 1)));
        assert_eq!(read::<10, 20>(None, None, Some(10)), Ok((10, 0, 1)));
        assert_eq!(read::<10, 20>(None, None, Some(11)), Err("querystring/limit must be <= 10".into()));
        assert_eq!(read::<10, 20>(None, None, Some(u64::MAX)), Err("querystring/limit must be <= 10".into()));
        assert_eq!(read::<10, 20>(None, None, Some(0)), Err("querystring/limit must be >= 1".into()));
        assert_eq!(read::<{ u32::MAX }, 20>(None, None, Some(u64::from(u32::MAX))), Ok((u32::MAX, 0, 1)));
    }

    #[test]
    fn places_are_pages_or_offsets() {
        assert_eq!(read::<100, 20>(Some(3), None, Some(7)), Ok((7, 14, 3)));
        assert_eq!(read::<100, 20>(None, Some(15), Some(7)), Ok((7, 15, 3)));
        assert_eq!(read::<100, 20>(Some(0), None, None), Err("querystring/page must be >= 1".into()));
        let both = "querystring must have one of 'page' and 'offset'";
        assert_eq!(read::<100, 20>(Some(1), Some(0), None), Err(both.into()));
        let last = u64::from(u32::MAX - 1) * u64::from(u32::MAX);
        assert_eq!(
            read::<{ u32::MAX }, 20>(Some(u32::MAX), None, Some(u64::from(u32::MAX))),
            Ok((u32::MAX, last, u64::from(u32::MAX)))
        );
        assert_eq!(read::<100, 20>(None, Some(u64::MAX), None).map(|page| page.1), Ok(u64::MAX));
    }

    #[test]
    fn parts_of_lists_are_never_beyond_them() {
        let items = [1, 2, 3];
        let page = |offset| Page::<2> { limit: 2, offset };
        assert_eq!(page(0).of(&items), [1, 2]);
        assert_eq!(page(2).of(&items), [3]);
        assert_eq!(page(3).of(&items), [0; 0]);
        assert_eq!(page(u64::MAX).of(&items), [0; 0]);
    }
}
