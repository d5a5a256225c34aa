//! The guide: a page per subject. There is no code in these modules.

#[doc = include_str!("lifecycle.md")]
///
/// See also: [`Hook`](crate::Hook), [`Flow`](crate::Flow), [`Completed`](crate::Completed), [`App`](crate::App).
pub mod lifecycle {}

#[doc = include_str!("routing.md")]
///
/// See also: [`App`](crate::App), [`Route`](crate::Route), [`RouterOptions`](crate::RouterOptions), [`Path`](crate::Path).
pub mod routing {}

#[doc = include_str!("typed.md")]
///
/// See also: [`macro@crate::get`], [`macro@crate::dependency`], [`Dependency`](crate::Dependency), [`Dep`](crate::Dep),
/// [`FromRequest`](crate::FromRequest), [`RouteDoc`](crate::RouteDoc).
#[cfg(feature = "macros")]
pub mod typed {}

#[doc = include_str!("openapi.md")]
///
/// See also: [`OpenApi`](crate::OpenApi), [`RouteDoc`](crate::RouteDoc), [`schema::openapi`](crate::schema::openapi).
#[cfg(feature = "openapi")]
pub mod openapi {}

#[doc = include_str!("mcp.md")]
///
/// See also: [`Mcp`](crate::Mcp), [`mcp::Tool`](crate::mcp::Tool), [`Inject::dispatch`](crate::Inject::dispatch).
#[cfg(all(feature = "macros", feature = "mcp"))]
pub mod mcp {}

#[doc = include_str!("models.md")]
///
/// See also: [`model`](macro@crate::model), [`Model`](crate::Model), [`Json`](crate::Json), [`Unvalidated`](crate::Unvalidated),
/// [`schema::model`](crate::schema::model).
#[cfg(all(feature = "macros", feature = "schema"))]
pub mod models {}

#[doc = include_str!("encapsulation.md")]
///
/// See also: [`Scope`](crate::Scope), [`Plugin`](crate::Plugin), [`State`](crate::State), [`WorkerState`](crate::WorkerState),
/// [`RequestState`](crate::RequestState).
pub mod encapsulation {}

#[doc = include_str!("requests.md")]
///
/// See also: [`Request`](crate::Request), [`Reply`](crate::Reply), [`RequestIds`](crate::RequestIds), [`TrustProxy`](crate::TrustProxy),
/// [`access_log`](crate::access_log).
pub mod requests {}

#[doc = include_str!("work.md")]
///
/// See also: [`blocking`](crate::blocking), [`Timeout`](crate::Timeout), [`CancellationToken`](crate::CancellationToken),
/// [`Background`](crate::Background).
pub mod work {}

#[doc = include_str!("schemas.md")]
///
/// See also: [`Route`](crate::Route), [`RouteSchemas`](crate::RouteSchemas), [`App::add_schema`](crate::App::add_schema), [`schema`](crate::schema).
#[cfg(feature = "schema")]
pub mod schemas {}
#[doc = include_str!("sse.md")]
///
/// See also: [`Sse`](crate::sse::Sse), [`Event`](crate::sse::Event), [`Topic`](crate::sse::Topic), [`LastEventId`](crate::sse::LastEventId).
#[cfg(feature = "sse")]
pub mod sse {}

#[doc = include_str!("upgrade.md")]
///
/// See also: [`Upgrade`](crate::Upgrade), [`UpgradedIo`](crate::UpgradedIo), [`Reply::hijack`](crate::Reply::hijack).
pub mod upgrade {}

#[doc = include_str!("websockets.md")]
///
/// See also: [`WebSocket`](crate::websocket::WebSocket), [`WebSocketOptions`](crate::websocket::WebSocketOptions), [`Topics`](crate::websocket::Topics),
/// [`InjectWebSocket`](crate::websocket::InjectWebSocket).
#[cfg(feature = "websocket")]
pub mod websockets {}

#[doc = include_str!("streams.md")]
///
/// See also: [`Body`](crate::Body), [`BodyWriter`](crate::BodyWriter), [`BodySender`](crate::BodySender), [`EarlyHints`](crate::EarlyHints),
/// [`Stopping`](crate::Stopping).
#[cfg(feature = "json")]
pub mod streams {}

#[doc = include_str!("caching.md")]
///
/// See also: [`ETag`](crate::ETag), [`etag::Preconditions`](crate::etag::Preconditions), [`etag::CacheControl`](crate::etag::CacheControl).
#[cfg(feature = "etag")]
pub mod caching {}

#[doc = include_str!("response_cache.md")]
///
/// See also: [`ResponseCache`](crate::ResponseCache), [`response_cache`](mod@crate::response_cache), [`Cache`](crate::Cache),
/// [`caching`] for what clients keep.
#[cfg(feature = "response-cache")]
pub mod response_cache {}

#[doc = include_str!("compression.md")]
///
/// See also: [`Compression`](crate::Compression), [`compression`](mod@crate::compression).
#[cfg(feature = "compression")]
pub mod compression {}

#[doc = include_str!("files.md")]
///
/// See also: [`StaticFiles`](crate::StaticFiles), [`static_files`](crate::static_files).
#[cfg(feature = "static-files")]
pub mod files {}

#[doc = include_str!("multipart.md")]
///
/// See also: [`Multipart`](crate::Multipart), [`multipart`](crate::multipart), [`Form`](crate::Form).
#[cfg(all(feature = "multipart", feature = "macros", feature = "schema"))]
pub mod multipart {}

#[doc = include_str!("browsers.md")]
///
/// See also: [`Cors`](crate::Cors), [`SecurityHeaders`](crate::SecurityHeaders).
#[cfg(all(feature = "cors", feature = "security-headers"))]
pub mod browsers {}

#[doc = include_str!("cookies.md")]
///
/// See also: [`Cookies`](crate::Cookies), [`cookies`](mod@crate::cookies).
#[cfg(feature = "cookies")]
pub mod cookies {}

#[doc = include_str!("rates.md")]
///
/// See also: [`RateLimit`](crate::RateLimit), [`rate_limit`](mod@crate::rate_limit).
#[cfg(feature = "rate-limit")]
pub mod rates {}

#[doc = include_str!("tower.md")]
///
/// See also: [`App::mount_service`](crate::App::mount_service), [`App::layer`](crate::App::layer), [`MountBody`](crate::MountBody).
#[cfg(feature = "tower")]
pub mod tower {}

#[doc = include_str!("errors.md")]
///
/// See also: [`Error`](crate::Error), [`HttpError`](crate::HttpError), [`Code`](crate::Code), [`ErrorHandler`](crate::ErrorHandler).
pub mod errors {}

#[doc = include_str!("testing.md")]
///
/// See also: [`Inject`](crate::Inject), [`InjectReply`](crate::InjectReply), [`Server`](crate::Server).
pub mod testing {}

#[doc = include_str!("limits.md")]
///
/// See also: [`Limits`](crate::Limits), [`Route`](crate::Route), [`ShutdownHandle`](crate::ShutdownHandle).
pub mod limits {}

#[doc = include_str!("from_axum.md")]
pub mod from_axum {}

#[doc = include_str!("from_fastify.md")]
pub mod from_fastify {}
