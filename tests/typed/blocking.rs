//! `blocking` in route macros: the function runs on the pool beside the workers.

use std::sync::Arc;
use std::thread;

use fastweb::Bearer;
use fastweb::prelude::*;

fn thread_name() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

/// Runs on the pool.
#[get("/pool", blocking)]
fn on_the_pool() -> String {
    thread_name()
}

#[get("/worker")]
fn on_the_worker() -> String {
    thread_name()
}

struct Prices(Vec<u32>);

/// The thread that makes an argument.
struct Maker(String);

impl FromRequest for Maker {
    type Bound = ();

    fn bind(_: &mut fastweb::BindCx<'_>) -> Option<()> {
        Some(())
    }

    async fn from_request((): &(), _: &mut Request) -> Result<Self> {
        tokio::task::yield_now().await;
        Ok(Self(thread_name()))
    }
}

#[post("/all/{name}/{n}/{page?}", blocking, status = 201, tag = "work", pre_handler = hook)]
#[allow(clippy::too_many_arguments)]
fn everything(
    page: Option<&str>,
    Json(added): Json<Vec<u32>>,
    prices: Arc<Prices>,
    name: &str,
    Query(query): Query<Vec<(String, String)>>,
    maker: Maker,
    n: usize,
    method: Method,
) -> Result<String> {
    let price = prices.0.get(n).copied().ok_or_else(|| Error::not_found("no such price"))?;
    let (sum, words) = (price + added.iter().sum::<u32>(), query.len());
    let apart = !maker.0.starts_with("fastweb-blocking-") && thread_name().starts_with("fastweb-blocking-");
    Ok(format!("{name} {sum} {page:?} {words} {method} {apart}"))
}

fn hook(_: &mut Request) {}

#[tokio::test]
async fn arguments_are_made_by_the_worker_and_the_function_runs_beside_it() {
    let app = App::new().state(Prices(vec![7, 9])).route(on_the_pool).route(on_the_worker).route(everything);
    let server = app.build().await.unwrap();
    let name = server.inject(Inject::get("/pool")).await.text().to_owned();
    assert!(name.starts_with("fastweb-blocking-"), "{name}");
    let name = server.inject(Inject::get("/worker")).await.text().to_owned();
    assert!(!name.starts_with("fastweb-blocking-"), "{name}");
    let reply = server.inject(Inject::post("/all/a%20b/1/p?x=1&y=2").json(&[1, 2])).await;
    reply.assert_status(201).assert_text("a b 12 Some(\"p\") 2 POST true");
    server.inject(Inject::post("/all/a/0").json(&[0])).await.assert_text("a 7 None 0 POST true");
    server.inject(Inject::post("/all/a/2").json(&[0])).await.assert_status(404);
    let reply = server.inject(Inject::post("/all/a/x").json(&[0])).await;
    assert_eq!(reply.assert_status(400).json::<serde_json::Value>()["message"], "params/n must be integer");
    server.inject_local(Inject::post("/all/a/0").json(&[1])).await.assert_text("a 8 None 0 POST true");
}

#[get("/panic", blocking)]
fn panics() -> &'static str {
    panic!("no")
}

#[tokio::test]
async fn a_panic_is_the_error_of_its_request() {
    let server = App::new().route(panics).route(on_the_pool).build().await.unwrap();
    let reply = server.inject(Inject::get("/panic")).await;
    assert_eq!(reply.assert_status(500).json::<serde_json::Value>()["code"], "FW_ERR_PANIC");
    server.inject(Inject::get("/pool")).await.assert_status(200);
}

#[tokio::test]
async fn documentation_and_start_up_are_those_of_any_route() {
    let route = on_the_pool();
    assert_eq!(route.doc().summary.as_deref(), Some("Runs on the pool."));
    assert_eq!(route.handler_name(), "typed::blocking::on_the_pool");
    let names: Vec<_> = everything().doc().arguments.iter().map(|argument| argument.name).collect();
    let named = ["page", "prices", "name", "maker", "n", "method"].map(Some);
    assert_eq!(names.into_iter().filter(Option::is_some).collect::<Vec<_>>(), named);
    let error = App::new().route(everything).build().await.unwrap_err().to_string();
    assert!(error.contains("POST /all/{name}/{n}/{page?} (handler typed::blocking::everything"), "{error}");
    assert!(error.contains("Prices>, which nobody gave"), "{error}");
    // The function itself is an ordinary one.
    assert_eq!(on_the_pool::call(), thread_name());
}

#[get("/guarded", blocking, security = Bearer)]
fn guarded() -> &'static str {
    "in"
}

#[tokio::test]
async fn what_a_request_has_to_get_past_stays_on_the_worker() {
    let server = App::new().route(guarded).build().await.unwrap();
    server.inject(Inject::get("/guarded")).await.assert_status(401);
    server.inject(Inject::get("/guarded").header("authorization", "Bearer t")).await.assert_text("in");
}
