//! The endpoints of HttpArena's HTTP/1.1 profiles (`baseline`, `pipelined`, `limited-conn`, `json`, `json-comp`, `static`, `upload`), through the ordinary public API.
//!
//! ```text
//! cargo run --profile measure --features compression,static-files --example httparena -- ADDRESS DATASET [WORKERS]
//!
//! curl 'http://127.0.0.1:8080/baseline11?a=13&b=42'
//! curl 'http://127.0.0.1:8080/baseline11?a=13&b=42' -d 20 -H 'transfer-encoding: chunked'
//! curl 'http://127.0.0.1:8080/json/5?m=3'
//! curl 'http://127.0.0.1:8080/json/50?m=1' --compressed -i
//! curl http://127.0.0.1:8080/static/app.js -H 'accept-encoding: br;q=1, gzip;q=0.8' -o app.js.br
//! curl http://127.0.0.1:8080/upload --data-binary @dataset.json
//! ```
//!
//! DATASET is HttpArena's `dataset.json`; the files are those of the folder `static` beside it, if there is one. Without WORKERS there is one per core. What is asked for is written in
//! <https://github.com/MDA2AV/HttpArena>, below `site/content/docs/test-profiles/h1`.

use std::num::NonZero;
use std::path::{Path as FilePath, PathBuf};
use std::process::ExitCode;

use fastweb::prelude::*;
use serde::{Deserialize, Serialize, Serializer};

/// As in the other servers of the field: the figure is about the framework, not about the allocator.
#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "usage: httparena ADDRESS DATASET [WORKERS]";

/// A body of an upload is never kept, so this is no memory: it is what the largest profile sends, and room.
const LARGEST_UPLOAD: u64 = 64 * 1024 * 1024;

#[derive(Deserialize)]
struct Terms {
    a: i64,
    b: i64,
}

impl Terms {
    fn sum(&self) -> Result<i64> {
        self.a.checked_add(self.b).ok_or_else(too_large)
    }
}

#[derive(Deserialize)]
struct Multiplier {
    #[serde(default = "one")]
    m: i64,
}

fn one() -> i64 {
    1
}

#[derive(Deserialize)]
struct Item {
    id: u64,
    name: String,
    category: String,
    price: i64,
    quantity: i64,
    active: bool,
    tags: Vec<String>,
    rating: Rating,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
struct Rating {
    score: u64,
    count: u64,
}

/// An item as it is answered: with a total, which depends on the request.
#[derive(Serialize)]
struct Priced<'a> {
    id: u64,
    name: &'a str,
    category: &'a str,
    price: i64,
    quantity: i64,
    active: bool,
    tags: &'a [String],
    rating: Rating,
    total: i64,
}

impl<'a> Priced<'a> {
    fn new(item: &'a Item, m: i64) -> Self {
        let Item { id, ref name, ref category, price, quantity, active, ref tags, rating } = *item;
        let total = price.saturating_mul(quantity).saturating_mul(m);
        Self { id, name, category, price, quantity, active, tags, rating, total }
    }
}

#[derive(Serialize)]
struct Listing {
    items: Selection,
    count: usize,
}

/// The first items, multiplied as they are written: they are lent by the state, and nothing is collected before.
struct Selection {
    dataset: State<Vec<Item>>,
    count: usize,
    m: i64,
}

impl Serialize for Selection {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_seq(self.dataset.iter().take(self.count).map(|item| Priced::new(item, self.m)))
    }
}

async fn sum(Query(terms): Query<Terms>) -> Result<String> {
    Ok(terms.sum()?.to_string())
}

/// The body is one more term, whether its length was told or it came in chunks.
async fn sum_with_body(Query(terms): Query<Terms>, body: Text) -> Result<String> {
    let third: i64 = body.trim().parse().map_err(|_| Error::bad_request("the body is a whole number"))?;
    Ok(terms.sum()?.checked_add(third).ok_or_else(too_large)?.to_string())
}

fn too_large() -> Error {
    Error::bad_request("the sum is beyond 64 bits")
}

async fn items(
    Path(count): Path<usize>,
    Query(Multiplier { m }): Query<Multiplier>,
    dataset: State<Vec<Item>>,
) -> Json<Listing> {
    let count = count.min(dataset.len());
    Json(Listing { items: Selection { dataset, count, m }, count })
}

async fn upload(mut body: Body) -> Result<String> {
    let mut bytes: u64 = 0;
    while let Some(chunk) = body.chunk().await? {
        bytes += chunk.len() as u64;
    }
    Ok(bytes.to_string())
}

/// With `files`, they are read for every request, or their compressed siblings are, as the rules for production servers ask.
fn app(dataset: Vec<Item>, files: Option<PathBuf>) -> App {
    // Written and compressed for every request whose client takes it, however short.
    let compressed = |json: Scope| json.plugin(Compression::new().threshold(1)).get("/{count}", items);
    let app = App::new()
        .server_header("fastweb")
        .state(dataset)
        .get("/baseline11", sum)
        .post("/baseline11", sum_with_body)
        .get("/pipeline", async || "ok")
        .scope("/json", compressed)
        .route(post("/upload", upload).body_limit(LARGEST_UPLOAD));
    match files {
        Some(folder) => app.plugin(StaticFiles::new("/static", folder).precompressed().without_index()),
        None => app,
    }
}

fn read(path: &str) -> std::result::Result<Vec<Item>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path} cannot be read: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("{path} is not HttpArena's dataset: {error}"))
}

fn serve() -> std::result::Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (address, dataset, workers) = match arguments.as_slice() {
        [address, dataset] => (address, dataset, None),
        [address, dataset, workers] => (address, dataset, Some(workers)),
        _ => return Err(USAGE.into()),
    };
    let files = FilePath::new(dataset).with_file_name("static");
    let mut app = app(read(dataset)?, Some(files).filter(|files| files.is_dir()));
    if let Some(workers) = workers {
        let number: NonZero<usize> =
            workers.parse().map_err(|_| format!("WORKERS is a number from 1, not {workers:?}\n{USAGE}"))?;
        app = app.workers(number.get());
    }
    app.on_listen(|address| println!("http://{address}")).run(address.as_str()).map_err(|error| error.to_string())
}

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
