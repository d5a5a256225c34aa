//! A web site with an API beside it: files of a folder, compressed answers, articles with versions, a signed cookie, limits.
//!
//! ```text
//! cargo run --release --all-features --example site [ADDRESS] [FOLDER]
//!
//! curl -i --compressed http://127.0.0.1:3000/
//! curl -i http://127.0.0.1:3000/api/articles/1
//! curl -i http://127.0.0.1:3000/api/articles/1 -H 'if-none-match: "1"'
//! curl -i http://127.0.0.1:3000/api/articles/1 -X PUT -H 'if-match: "1"' --json '{"title":"New","text":"What came after."}'
//! ```

mod articles;

use std::time::Duration;

use articles::{Article, Articles};
use fastweb::cookies::{CookieKeys, SetCookie, SignedCookies};
use fastweb::etag::{CacheControl, EntityTag, Preconditions, Validators};
use fastweb::prelude::*;
use fastweb::rate_limit::{Rate, RouteRate};

const MINUTE: Duration = Duration::from_secs(60);
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The version is known before the article is written as JSON: who has it already costs nothing more.
fn read(Path(id): Path<u32>, articles: State<Articles>, conditions: Preconditions) -> Result<Reply> {
    let (version, article) = articles.get(id).ok_or_else(|| Error::not_found("there is no such article"))?;
    if let Some(known) = conditions.check(EntityTag::from_version(version))? {
        return Ok(known);
    }
    Ok(Reply::json(&*article)?.etag_from(version))
}

/// `if-match` is for who changes what it has read, `if-none-match: *` for who makes a new one. Without either the last one wins.
fn write(
    Path(id): Path<u32>,
    articles: State<Articles>,
    conditions: Preconditions,
    Json(article): Json<Article>,
) -> Result<Reply> {
    let version = articles.put(id, article, |version| {
        let current = version.map_or_else(Validators::absent, |version| EntityTag::from_version(version).into());
        conditions.check(current).map(drop)
    })?;
    Ok(Reply::new().with_status(204).etag_from(version))
}

/// Counts the visits of one browser. Nobody can make up a number.
fn visit(cookies: SignedCookies) -> impl fastweb::IntoReply {
    let count = cookies.get("visits").and_then(|count| count.parse::<u32>().ok()).unwrap_or(0).saturating_add(1);
    // This server has no TLS.
    let cookie = SetCookie::new("visits", count.to_string()).max_age(YEAR).insecure();
    (cookies.make(cookie), (CacheControl::new().no_store(), Json(count)))
}

fn app(folder: String) -> App {
    let api = |api: Scope| {
        api.plugin(Cors::new().any_origin().expose(["etag"]))
            .cache_control(CacheControl::new().no_cache())
            .get("/articles/{id}", read)
            .route(put("/articles/{id}", write).config(RouteRate(Rate::new(20, MINUTE))))
            .post("/visits", visit)
    };
    App::new()
        .state(Articles::new())
        // Another secret with each start: visits begin anew.
        .state(CookieKeys::generate())
        .plugin(RateLimit::new(600, MINUTE))
        .plugin(SecurityHeaders::new().without("strict-transport-security"))
        .plugin(ETag::new())
        .plugin(Compression::new().requests())
        .scope("/api", api)
        .plugin(StaticFiles::new("/", folder).precompressed().cache_control(CacheControl::new().no_cache()))
        .on_listen(|address| println!("http://{address}"))
}

fn main() -> Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:3000".into());
    let folder =
        arguments.next().unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/examples/site/public").into());
    app(folder).run(address)
}
