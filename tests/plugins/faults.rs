//! What is wrong with plugins: each message names the plugin and the line of its registration, and all are told at once.

use std::time::Duration;

use fastweb::prelude::*;
use fastweb::{FnPlugin, Scope, State, plugin};

use crate::{assert_told, problems};

struct Missing;

fn empty(name: &'static str) -> FnPlugin<impl AsyncFnOnce(Scope) -> Result<Scope> + Send> {
    plugin(name, async |scope: Scope| Ok(scope))
}

fn place(line: u32) -> String {
    format!("tests/plugins/faults.rs:{line})")
}

#[tokio::test]
async fn all_at_once() {
    let app = App::new().plugin_timeout(Duration::from_millis(50));
    let (app, failed) =
        (app.plugin(plugin("fails", async |_: Scope| Err(Error::internal("no database at db://x")))), line!());
    let (app, panicked) =
        (app.plugin(plugin("panics", async |_: Scope| -> Result<Scope> { panic!("no such file") })), line!());
    let (app, late) = (app.plugin(plugin("hangs", async |_: Scope| std::future::pending().await)), line!());
    let (app, missing) = (app.plugin(empty("lonely").depends_on("nobody").depends_on("nobody else")), line!());
    let (app, first) = (app.plugin(empty("one").depends_on("two")), line!());
    let (app, second) = (app.plugin(empty("two").depends_on("three").depends_on("one more")), line!());
    let (app, third) = (app.plugin(empty("three").depends_on("one")).plugin(empty("one more")), line!());
    let (app, itself) = (app.plugin(empty("itself").depends_on("itself")), line!());
    let (app, behind) = (app.plugin(empty("behind").depends_on("fails")), line!());
    let (app, nameless) = (app.plugin(empty("")), line!());
    let (app, route) = (app.get("/a", |_: State<Missing>| ()), line!());
    let problems = problems(app).await;
    assert_told(&problems, &["plugin `fails` (", &place(failed), "no database at db://x"]);
    assert_told(&problems, &["plugin `panics` (", &place(panicked), "panicked: no such file"]);
    assert_told(&problems, &["plugin `hangs` (", &place(late), "within 50ms", "App::plugin_timeout"]);
    assert_told(&problems, &["plugin `lonely` (", &place(missing), "depends on `nobody`, which is registered neither"]);
    assert_told(&problems, &["plugin `lonely` (", &place(missing), "depends on `nobody else`, which is registered"]);
    assert_told(&problems, &["plugin `one` (", &place(first), "depends on itself: `one` → `two` → `three` → `one`"]);
    assert_told(&problems, &["plugin `itself` (", &place(itself), "depends on itself: `itself` → `itself`"]);
    assert_told(&problems, &["plugin `behind` (", &place(behind), "was not set up", "`fails`, which could not be"]);
    assert_told(&problems, &["plugin `` (", &place(nameless), "has no name"]);
    assert_told(&problems, &["GET /a ", &place(route), "wants State<plugins::faults::Missing>"]);
    assert_eq!(problems.len(), 10, "{problems:#?}");
    // A circle is told once, however many are in it.
    for line in [second, third] {
        assert!(!problems.iter().any(|problem| problem.contains(&place(line))), "{problems:#?}");
    }
}

#[tokio::test]
async fn a_name_is_taken_in_its_scope_and_those_within() {
    let app = App::new();
    let (app, first) = (app.plugin(empty("db")), line!());
    let (app, again) = (app.plugin(empty("db")), line!());
    let (app, within) = (app.scope("/a", |a| a.plugin(empty("db"))), line!());
    let nested = line!() + 1;
    let app = app.plugin(plugin("outer", async |scope: Scope| Ok(scope.plugin(empty("outer")).plugin(empty("x")))));
    // Beside each other they do not meet.
    let app = app.scope("/b", |b| b.plugin(empty("x"))).scope("/c", |c| c.plugin(empty("x")));
    let problems = problems(app).await;
    assert_told(
        &problems,
        &["plugin `db` (", &place(again), "is registered already, at", &format!("faults.rs:{first}")],
    );
    assert_told(&problems, &["plugin `db` (", &place(within), "is registered already, in this scope or around it"]);
    assert_told(&problems, &["plugin `outer` (", &place(nested), "is registered already"]);
    assert_eq!(problems.len(), 3, "{problems:#?}");
}

/// What a plugin keeps to itself nobody beside it can depend on.
#[tokio::test]
async fn a_plugin_of_another_scope_is_none() {
    let app = App::new()
        .scope("/a", |a| a.plugin(empty("db")))
        .scope("/b", |b| b.plugin(empty("users").depends_on("db")))
        .plugin(empty("app").depends_on("db"))
        .plugin(plugin("outer", async |scope: Scope| Ok(scope.plugin(empty("inner")))))
        .plugin(empty("wants inner").depends_on("inner"));
    let problems = problems(app).await;
    for name in ["users", "app", "wants inner"] {
        assert_told(
            &problems,
            &[&format!("plugin `{name}` ("), "which is registered neither in this scope nor around it"],
        );
    }
    assert_eq!(problems.len(), 3, "{problems:#?}");
}

#[tokio::test]
async fn a_shared_plugin_lends_its_own_plugins() {
    let shares = plugin("outer", async |scope: Scope| Ok(scope.plugin(empty("inner")))).shared();
    let app = App::new().plugin(empty("wants inner").depends_on("inner")).plugin(shares);
    app.build().await.expect("`inner` is part of the same scope");
}

/// Neither are those that depend on what failed set up, nor does their missing work become a problem of its own.
#[tokio::test]
async fn what_depends_on_a_fault_is_not_tried() {
    let never = |name: &'static str| {
        plugin(name, async |_: Scope| -> Result<Scope> { panic!("it is set up without what it needs") })
    };
    let app = App::new()
        .plugin(plugin("db", async |_: Scope| Err(Error::internal("no database"))))
        .plugin(never("users").depends_on("db"))
        .plugin(never("posts").depends_on("users"))
        .scope("/in", |inner| inner.plugin(never("inner").depends_on("posts")));
    let problems = problems(app).await;
    assert_told(&problems, &["plugin `db` (", "no database"]);
    assert_told(&problems, &["plugin `users` (", "depends on `db`, which could not be"]);
    assert_told(&problems, &["plugin `inner` (", "depends on `posts`, which could not be"]);
    assert_eq!(problems.len(), 3, "{problems:#?}");
}

/// A fault hides nothing of what is wrong within other plugins, and nothing of a plugin that failed is left behind.
#[tokio::test]
async fn faults_within_plugins_are_told_with_their_routes() {
    let bad_route = plugin("routes", async |scope: Scope| {
        Ok(scope
            .get("/x", |_: State<Missing>| ())
            .plugin(plugin("deep", async |_: Scope| Err(Error::internal("deep down")))))
    });
    let app = App::new().scope("/v1", |v1| v1.plugin(bad_route)).plugin(plugin("early", async |scope: Scope| {
        let _lost = scope.get("/lost", |_: State<Missing>| ());
        Err(Error::conflict("early"))
    }));
    let problems = problems(app).await;
    assert_told(&problems, &["GET /v1/x (handler", "wants State<plugins::faults::Missing>"]);
    assert_told(&problems, &["plugin `deep` (", "deep down"]);
    assert_told(&problems, &["plugin `early` (", "early"]);
    assert_eq!(problems.len(), 3, "{problems:#?}");
}

#[tokio::test]
async fn the_time_is_for_each_plugin_alone() {
    let slow = |name: &'static str| {
        plugin(name, async |scope: Scope| {
            tokio::time::sleep(Duration::from_millis(120)).await;
            Ok(scope)
        })
    };
    let app = App::new().plugin_timeout(Duration::from_millis(1000));
    let app =
        (["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]).into_iter().fold(app, |app, name| app.plugin(slow(name)));
    app.build().await.expect("together they take longer than one may");
}
