//! Where a client goes on.

use fastweb_core::{BindCx, Extract, Query, Request, Result, RouteDoc};

/// The id of the last event that a client has got before its connection ended: what it sends as `last-event-id` when it comes back. None at its first
/// visit.
///
/// A page that was loaded anew can say it in the query, as `lastEventId`: scripts cannot set headers of an `EventSource`. The header goes before.
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::sse::LastEventId;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let from = |last: LastEventId| last.id().unwrap_or("the beginning").to_owned();
/// let server = App::new().get("/", from).build().await?;
/// server.inject(Inject::get("/")).await.assert_text("the beginning");
/// server.inject(Inject::get("/").header("last-event-id", "7")).await.assert_text("7");
/// server.inject(Inject::get("/?lastEventId=8")).await.assert_text("8");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastEventId(pub Option<String>);

impl LastEventId {
    /// The id, where there is one.
    pub fn id(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// The query, as far as it is looked at.
#[derive(Debug, serde::Deserialize)]
#[allow(unreachable_pub)] // Named by what `LastEventId` is bound to, and by no path.
pub struct Asked {
    #[serde(rename = "lastEventId")]
    last_event_id: Option<String>,
}

impl Extract for LastEventId {
    type Bound = <Query<Asked> as Extract>::Bound;

    fn bind(cx: &mut BindCx<'_>) -> Option<Self::Bound> {
        Query::<Asked>::bind(cx)
    }

    fn extract(bound: &Self::Bound, req: &mut Request) -> Result<Self> {
        let header = req.header_bytes("last-event-id").and_then(|id| std::str::from_utf8(id).ok());
        let id = match header {
            Some(id) => Some(id.to_owned()),
            // Of a query that cannot be read there is none: whoever asks for it says so.
            None if req.query().is_some_and(|query| query.contains("lastEventId")) => {
                Query::<Asked>::extract(bound, req).ok().and_then(|Query(asked)| asked.last_event_id)
            }
            None => None,
        };
        Ok(Self(id.filter(|id| !id.is_empty())))
    }

    fn describe(doc: &mut RouteDoc) {
        #[cfg(feature = "schema")]
        {
            let text = |name: &str, description: &str| {
                serde_json::json!({
                    "type": "object",
                    "properties": { name: { "type": "string", "description": description } },
                })
            };
            doc.headers.add(text("last-event-id", "The id of the last event that the client has got."));
            doc.query.add(text("lastEventId", "The same, for who cannot set the header."));
        }
        let _ = doc;
    }
}
