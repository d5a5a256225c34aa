//! Dependencies: provided once per request, at the same time, cleaned up, replaced.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastweb::prelude::*;
use fastweb::{Limits, Outcome};
use tokio::sync::Barrier;
use tokio::time::sleep;

/// What happens, in order.
#[derive(Clone, Default)]
struct Trail(Arc<Mutex<Vec<String>>>);

impl Trail {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

async fn text(server: &Server, request: Inject) -> String {
    server.inject(request).await.text().to_owned()
}

struct Session(String);

static SESSIONS: AtomicUsize = AtomicUsize::new(0);

#[dependency]
async fn session(headers: Headers) -> Result<Session> {
    SESSIONS.fetch_add(1, Ordering::Relaxed);
    tokio::task::yield_now().await;
    headers
        .get("x-session")
        .map(|name| Session(name.to_owned()))
        .ok_or_else(|| Error::unauthorized("no session").with_header("www-authenticate", "Session"))
}

struct User(String);

#[dependency]
fn user(session: Dep<Session>) -> User {
    User(session.0.to_uppercase())
}

struct Admin;

#[dependency]
fn admin(user: Dep<User>, _session: Dep<Session>) -> Result<Admin, Error> {
    if user.0 == "ROOT" { Ok(Admin) } else { Err(Error::forbidden("not you")) }
}

#[get("/me/{n}")]
async fn me(user: Dep<User>, n: u8, session: Dep<Session>) -> String {
    format!("{} {n} {}", user.0, session.0)
}

#[tokio::test]
async fn provided_once_from_extractors_and_from_each_other() {
    let app = App::new()
        .route(me)
        .get("/admin", |_: Dep<Admin>| "admin")
        .get("/maybe", |user: Option<Dep<User>>| user.map_or("nobody".into(), |user| user.0.clone()))
        .get("/why", async |session: Result<Dep<Session>>, user: Option<Dep<User>>| {
            format!("{} {}", session.err().unwrap().message(), user.is_none())
        })
        .post("/body", |_: Dep<Session>, Json(n): Json<u8>| n.to_string());
    let server = app.build().await.unwrap();
    let get = |path| Inject::get(path).header("x-session", "ada");
    let before = SESSIONS.load(Ordering::Relaxed);
    assert_eq!(text(&server, get("/me/3")).await, "ADA 3 ada");
    assert_eq!(SESSIONS.load(Ordering::Relaxed), before + 1);
    let reply = server.inject(Inject::get("/me/x")).await;
    assert_eq!((reply.status(), reply.header("www-authenticate")), (StatusCode::UNAUTHORIZED, Some("Session")));
    assert_eq!(server.inject(get("/admin")).await.status(), 403);
    assert_eq!(text(&server, Inject::get("/admin").header("x-session", "root")).await, "admin");
    assert_eq!(text(&server, get("/maybe")).await, "ADA");
    assert_eq!(text(&server, Inject::get("/maybe")).await, "nobody");
    assert_eq!(text(&server, Inject::get("/why")).await, "no session true");
    // Who may not ask is not told what is wrong with the question.
    assert_eq!(server.inject(Inject::post("/body").body("x")).await.status(), 401);
    assert_eq!(me::call(user_of("x"), 1, session_of("y")).await, "x 1 y");
}

fn user_of(name: &str) -> Dep<User> {
    Dep::new(User(name.into()))
}

fn session_of(name: &str) -> Dep<Session> {
    Dep::new(Session(name.into()))
}

/// Is there when as many wait as the barrier wants, and never if they come one after the other.
struct Together<const N: u64>;

impl<const N: u64> Dependency for Together<N> {
    type Needs = (State<Barrier>,);

    async fn provide((barrier,): Self::Needs) -> Result<Self> {
        barrier.wait().await;
        Ok(Together)
    }
}

/// Holds up the request while it is made.
struct Page(String);

impl FromRequest for Page {
    type Bound = Arc<Barrier>;

    fn bind(cx: &mut fastweb::BindCx<'_>) -> Option<Arc<Barrier>> {
        cx.state()
    }

    async fn from_request(barrier: &Arc<Barrier>, req: &mut Request) -> Result<Self> {
        barrier.wait().await;
        Ok(Self(req.path().to_owned()))
    }
}

struct Paged(String);

#[dependency]
async fn paged(page: Page) -> Paged {
    Paged(page.0)
}

#[tokio::test]
async fn independent_ones_are_provided_at_the_same_time() {
    let app = App::new()
        .limits(Limits::default().with_handler_timeout(Duration::from_secs(5)))
        .state(Barrier::new(3))
        .get("/", |_: Dep<Together<1>>, _: Dep<Together<2>>, _: Dep<Together<3>>| "x")
        .get("/paged", |page: Dep<Paged>, _: Dep<Together<1>>, _: Dep<Together<2>>| page.0.clone());
    let server = app.build().await.unwrap();
    assert_eq!(text(&server, Inject::get("/")).await, "x");
    assert_eq!(text(&server, Inject::get("/paged")).await, "/paged");
}

struct Resource<const N: usize>(Trail, RefCell<String>);

impl Dependency for Resource<1> {
    type Needs = (State<Trail>,);

    async fn provide((trail,): Self::Needs) -> Result<Self> {
        trail.note("provide 1");
        Ok(Resource((*trail).clone(), RefCell::default()))
    }

    async fn before_response(&self, outcome: &Outcome<'_>) -> Result<()> {
        tokio::task::yield_now().await;
        self.0.note(format!("before 1 {} {}", outcome.status().as_u16(), outcome.is_success()));
        match &**self.1.borrow() {
            "fail" => Err(Error::conflict("not committed")),
            "panic" => panic!("in before_response"),
            _ => Ok(()),
        }
    }

    async fn after_response(&self) {
        tokio::task::yield_now().await;
        self.0.note("after 1");
    }
}

impl<const N: usize> Drop for Resource<N> {
    fn drop(&mut self) {
        self.0.note(format!("drop {N}"));
    }
}

#[dependency(before_response = before, after_response = after)]
async fn second(first: Dep<Resource<1>>) -> Resource<2> {
    first.0.note("provide 2");
    Resource(first.0.clone(), RefCell::default())
}

async fn before(second: &Resource<2>, outcome: &Outcome<'_>) -> Result<()> {
    second.0.note(format!("before 2 {}", outcome.error().map_or("ok", |error| error.message())));
    Ok(())
}

async fn after(second: &Resource<2>) {
    second.0.note("after 2");
    if &**second.1.borrow() == "panic after" {
        panic!("in after_response");
    }
}

async fn use_them(text: String, first: Dep<Resource<1>>, second: Dep<Resource<2>>) -> Result<&'static str> {
    match &*text {
        "error" => return Err(Error::bad_request("no")),
        "panic!" => panic!("in the handler"),
        "late" => sleep(Duration::from_secs(3600)).await,
        text => {
            *first.1.borrow_mut() = text.to_owned();
            *second.1.borrow_mut() = text.to_owned();
        }
    }
    Ok("done")
}

#[tokio::test]
async fn cleaned_up_before_and_after_the_response() {
    let trail = Trail::default();
    let app = App::new()
        .state(trail.clone())
        .limits(Limits::default().with_handler_timeout(Duration::from_millis(300)))
        .on_send({
            let trail = trail.clone();
            move |_: &mut Request, reply: &mut Reply| trail.note(format!("send {}", reply.status().as_u16()))
        })
        .post("/", use_them);
    let server = app.build().await.unwrap();
    let one = |first: &str, status: u16, message: &str| {
        vec![
            "provide 1".to_owned(),
            "provide 2".to_owned(),
            format!("before 2 {message}"),
            format!("before 1 {first}"),
            format!("send {status}"),
            "after 2".to_owned(),
            "after 1".to_owned(),
            "drop 2".to_owned(),
            "drop 1".to_owned(),
        ]
    };
    for (body, status, first, message) in [
        ("well", 200, "200 true", "ok"),
        ("error", 400, "400 false", "no"),
        ("fail", 409, "200 true", "ok"),
        ("panic", 500, "200 true", "ok"),
        ("panic!", 500, "500 false", "panicked: in the handler"),
        ("panic after", 200, "200 true", "ok"),
        ("late", 503, "503 false", "The request took too long"),
    ] {
        let reply = server.inject(Inject::post("/").body(body)).await;
        assert_eq!(reply.status(), status, "{body}");
        let mut expected = one(first, status, message);
        let mut got = trail.take();
        if body == "late" {
            // Its text is not this test's.
            got.remove(2);
            expected.remove(2);
        }
        assert_eq!(got, expected, "{body}");
    }
}

#[tokio::test]
async fn replaced_for_tests() {
    let app = || App::new().route(me).scope("/inner", |scope| scope.get("/", |user: Dep<User>| user.0.clone()));
    let replaced = app().override_dependency(async || Ok(Session("fake".into())));
    let server = replaced.build().await.unwrap();
    assert_eq!(text(&server, Inject::get("/me/1")).await, "FAKE 1 fake");
    assert_eq!(text(&server, Inject::get("/inner")).await, "FAKE");
    let failing = app().override_dependency::<Session, _>(async || Err(Error::conflict("replaced")));
    assert_eq!(failing.build().await.unwrap().inject(Inject::get("/me/1")).await.status(), 409);
    // What a replaced one needs is not asked for.
    let wants = |_: Dep<Resource<1>>| "x";
    let server = App::new()
        .override_dependency(async || Ok(Resource::<1>(Trail::default(), RefCell::default())))
        .get("/", wants)
        .build()
        .await
        .unwrap();
    assert_eq!(text(&server, Inject::get("/")).await, "x");
}

struct Hen;
struct Egg;

impl Dependency for Hen {
    type Needs = (Dep<Egg>,);

    async fn provide(_: Self::Needs) -> Result<Self> {
        Ok(Hen)
    }
}

impl Dependency for Egg {
    type Needs = (Dep<Hen>,);

    async fn provide(_: Self::Needs) -> Result<Self> {
        Ok(Egg)
    }
}

struct Form(#[allow(dead_code)] String);

#[dependency]
fn form(text: String) -> Form {
    Form(text)
}

#[tokio::test]
async fn circles_and_what_is_missing_are_told_with_route_and_type() {
    let app = App::new()
        .get("/hen", |_: Dep<Hen>| ())
        .get("/second", |_: Dep<Resource<2>>, _: Dep<Resource<1>>| ())
        .post("/form", |_: Dep<Form>, _: Bytes| ());
    let error = app.build().await.unwrap_err().to_string();
    let lines: Vec<_> = error.lines().skip(1).collect();
    assert_eq!(lines.len(), 3, "{error}");
    let told = |words: &[&str]| lines.iter().any(|line| words.iter().all(|word| line.contains(word)));
    let (hen, egg) = ("Dep<typed::dependencies::Hen>", "Dep<typed::dependencies::Egg>");
    assert!(told(&["GET /hen ", &format!("needs itself: {hen} needs {egg} needs {hen}")]), "{error}");
    assert!(told(&["GET /second ", "Dep<typed::dependencies::Resource<1>>", "wants State<", "Trail>"]), "{error}");
    assert!(told(&["POST /form ", "has 2 arguments that take the body"]), "{error}");
}

#[tokio::test]
async fn a_dependency_may_take_the_body() {
    let server = App::new().post("/", |form: Dep<Form>| form.0.len().to_string()).build().await.unwrap();
    assert_eq!(text(&server, Inject::post("/").body("abc")).await, "3");
    let route = post("/", |_: Dep<Admin>| ());
    let names: Vec<_> = route.doc().dependencies.iter().map(|name| name.rsplit("::").next().unwrap()).collect();
    assert_eq!(names, ["Admin", "User", "Session"]);
}
