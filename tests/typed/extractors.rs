//! Asynchronous arguments of plain functions.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use fastweb::prelude::*;
use fastweb::{BindCx, BodyUse};

thread_local! {
    static TRAIL: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Reads the body itself.
struct Lines(Vec<String>);

impl FromRequest for Lines {
    type Bound = Rc<str>;
    const BODY: BodyUse = BodyUse::Stream;

    fn bind(cx: &mut BindCx<'_>) -> Option<Rc<str>> {
        cx.state::<String>().map(|separator| Rc::from(&**separator))
    }

    async fn from_request(separator: &Rc<str>, req: &mut Request) -> Result<Self> {
        let mut text = Vec::new();
        while let Some(chunk) = req.body_mut().chunk().await? {
            text.extend_from_slice(&chunk);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        TRAIL.with_borrow_mut(|trail| trail.push("lines"));
        let text = String::from_utf8(text)?;
        Ok(Self(text.split(&**separator).map(str::to_owned).collect()))
    }
}

fn app() -> App {
    App::new().state(String::from(";"))
}

#[tokio::test]
async fn beside_synchronous_ones_in_functions_of_both_colours() {
    let app = app()
        .post("/sync", |lines: Lines, method: Method| format!("{} {method}", lines.0.len()))
        .post("/async/{id}", async |Path(id): Path<u8>, lines: Lines| format!("{} {id}", lines.0.join("+")))
        .post("/request", async |req: &mut Request, lines: Lines| format!("{} {}", lines.0.len(), req.path()));
    let server = app.build().await.unwrap();
    assert_eq!(server.inject(Inject::post("/sync").body("a;b;c")).await.text(), "3 POST");
    assert_eq!(server.inject(Inject::post("/async/7").body("a;b")).await.text(), "a+b 7");
    assert_eq!(server.inject(Inject::post("/request").body("a;b")).await.text(), "2 /request");
    assert_eq!(server.inject(Inject::post("/async/x").body("a;b")).await.status(), 400);
    assert_eq!(server.inject(Inject::post("/sync").body(vec![0xff])).await.status(), 500);
}

#[tokio::test]
async fn made_before_pre_handler_hooks() {
    let mark = |_: &mut Request| TRAIL.with_borrow_mut(|trail| trail.push("pre_handler"));
    let app = app().pre_handler(mark).post("/", |lines: Lines| {
        let trail = TRAIL.take();
        format!("{} {}", lines.0.len(), trail.join(" "))
    });
    let server = app.build().await.unwrap();
    assert_eq!(server.inject(Inject::post("/").body("a;b")).await.text(), "2 lines pre_handler");
}

#[tokio::test]
async fn the_body_is_taken_once() {
    let error = app().post("/", |_: Lines, _: String| ()).build().await.unwrap_err().to_string();
    assert!(error.contains("POST / ") && error.contains("has 2 arguments that take the body"), "{error}");
    let error = App::new().post("/", |_: Lines| ()).build().await.unwrap_err().to_string();
    assert!(error.contains("wants State<alloc::string::String>, which nobody gave"), "{error}");
}
