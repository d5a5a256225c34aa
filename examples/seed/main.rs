//! One resource, a catalogue of 10 KB of JSON, in two forms: what is written first, and what it becomes by two lines and one state.
//!
//! ```text
//! cargo run --release --features response-cache --example seed [ADDRESS]
//!
//! curl -i http://127.0.0.1:3000/naive
//! curl -i http://127.0.0.1:3000/good
//! curl -i http://127.0.0.1:3000/good -H 'if-none-match: "1"'
//! curl -i http://127.0.0.1:3000/products/7 -X PUT -d 12.50
//! ```
//!
//! `examples/seed/load.sh` loads both and prints the factor between them.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use fastweb::prelude::*;
use fastweb::response_cache::CacheHandle;
use serde::Serialize;

#[derive(Clone, Serialize)]
struct Product {
    id: u32,
    name: String,
    description: String,
    price: f64,
    tags: Vec<String>,
}

/// What a database would have, with a number that counts its changes.
struct Catalogue(RwLock<(u64, Vec<Product>)>);

impl Catalogue {
    fn new() -> Self {
        let product = |id| Product {
            id,
            name: format!("Product number {id}"),
            description: format!("What there is to say about number {id}, and it is said in a few words more."),
            price: 9.90 + f64::from(id),
            tags: vec!["new".into(), format!("group {}", id % 7)],
        };
        Self(RwLock::new((1, (1..=62).map(product).collect())))
    }

    fn version(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).0
    }

    /// As a database gives it: values of one's own.
    fn products(&self) -> Vec<Product> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    fn set_price(&self, id: u32, price: f64) -> Result<()> {
        let mut catalogue = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let product = catalogue.1.iter_mut().find(|product| product.id == id);
        product.ok_or_else(|| Error::not_found("there is no such product"))?.price = price;
        catalogue.0 += 1;
        Ok(())
    }
}

/// The whole is read and written for every request, and then hashed to find out that the client has it.
async fn naive(catalogue: State<Catalogue>) -> Json<Vec<Product>> {
    Json(catalogue.products())
}

/// The tag is a number that is known anyway. Called once, until something changes: the cache answers, with 304 to those who have it.
async fn good(catalogue: State<Catalogue>) -> Result<Reply> {
    // Before the products: what is read behind it is at least as new.
    let version = catalogue.version();
    Ok(Reply::json(&catalogue.products())?.etag_from(version))
}

async fn set_price(
    Path(id): Path<u32>,
    price: String,
    catalogue: State<Catalogue>,
    cache: State<CacheHandle>,
) -> Result<NoContent> {
    let price = price.trim().parse().map_err(|_| Error::bad_request("the body is a price, like 12.50"))?;
    catalogue.set_price(id, price)?;
    cache.remove("/good").await?;
    Ok(NoContent)
}

fn app() -> App {
    let cache = ResponseCache::new().ttl(Duration::from_secs(60));
    App::new()
        .state(Catalogue::new())
        .state(cache.handle())
        .scope("", |scope| scope.plugin(ETag::new().computed()).get("/naive", naive))
        .scope("", |scope| scope.plugin(cache).get("/good", good))
        .put("/products/{id}", set_price)
        .on_listen(|address| println!("http://{address}"))
}

fn main() -> Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    app().run(address)
}
