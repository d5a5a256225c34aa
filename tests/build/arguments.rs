//! What handlers want and nobody gave.

use fastweb::prelude::*;
use fastweb::{BindCx, RequestState, WorkerState};

use crate::{assert_told, problems};

struct Db;
struct Cache;
struct User;

#[tokio::test]
async fn state_of_each_kind_is_told_with_what_is_there_and_how_to_give_it() {
    let app = App::new().state(1_u8).worker_state(async || Ok(2_u8)).request_state(|_| 3_u8);
    let (app, line) = (
        app.scope("/a", |a| a.state("text").get("/x", |_: State<Db>, _: WorkerState<Cache>, _: RequestState<User>| ())),
        line!() - 2,
    );
    let problems = problems(app).await;
    for words in [
        // The nearest first.
        [
            "wants State<build::arguments::Db>, which nobody gave (there is &str, u8)",
            "add `.state(…)` to the application",
        ],
        ["wants WorkerState<build::arguments::Cache>, which nobody gave (there is u8)", "`.worker_state(async || …)`"],
        ["wants RequestState<build::arguments::User>, which nobody gave (there is u8)", "`.request_state(|_| …)`"],
    ] {
        assert_told(&problems, "GET /a/x ", file!(), line + 1, &words);
    }
    assert_eq!(problems.len(), 3, "{problems:#?}");
}

/// What may be absent from a request may not be absent from the application.
#[tokio::test]
async fn optional_arguments_want_it_too() {
    let (app, line) = (App::new().get("/", |_: Option<State<Db>>, _: Result<WorkerState<Cache>>| ()), line!());
    let problems = problems(app).await;
    assert_told(&problems, "GET / ", file!(), line, &["wants State<build::arguments::Db>"]);
    assert_told(&problems, "GET / ", file!(), line, &["wants WorkerState<build::arguments::Cache>"]);
    assert_eq!(problems.len(), 2);
}

#[tokio::test]
async fn parameters_of_prefixes_count() {
    let (app, line) =
        (App::new().scope("/{team}", |team| team.get("/{id}", |_: Path<u64>| ()).get("/", |_: Path<u64>| ())), line!());
    let problems = problems(app).await;
    assert_told(&problems, "GET /{team}/{id} ", file!(), line, &["reads 1 parameter,", "the path has 2"]);
    assert_eq!(problems.len(), 1, "{problems:#?}");
}

#[tokio::test]
async fn two_that_take_the_body() {
    let (app, line) = (App::new().scope("/a", |a| a.post("/x", |_: Bytes, _: String| ())), line!());
    assert_told(&problems(app).await, "POST /a/x ", file!(), line, &["2 arguments that take the body", "keep one of"]);
}

struct Picky;

impl Extract for Picky {
    type Bound = ();

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        panic!("no picky")
    }

    fn extract((): &(), _: &mut Request) -> Result<Self> {
        Ok(Self)
    }
}

#[tokio::test]
async fn an_argument_that_panics_hides_no_other() {
    let (app, line) = (App::new().get("/a", |_: Picky| ()).get("/b", |_: State<Db>| ()), line!());
    let problems = problems(app).await;
    assert_told(&problems, "GET /a ", file!(), line, &["panicked: no picky"]);
    assert_told(&problems, "GET /b ", file!(), line, &["wants State<build::arguments::Db>"]);
}
