//! Which plugin is set up when, and in which scope.

use fastweb::prelude::*;
use fastweb::{FnPlugin, Plugin, Scope, plugin};

use crate::support::probe::Probe;

/// A plugin that notes when it is set up, and takes some time over it.
fn noting(probe: &Probe, name: &'static str) -> FnPlugin<impl AsyncFnOnce(Scope) -> Result<Scope> + Send + use<>> {
    let probe = probe.clone();
    plugin(name, async move |scope: Scope| {
        probe.note(format!("{name} begins"));
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        probe.note(name);
        Ok(scope)
    })
}

/// The plugins in the order in which their set-up ended.
fn ended(probe: &Probe) -> Vec<String> {
    let events = probe.events();
    for pair in events.chunks(2) {
        assert_eq!(pair[0], format!("{} begins", pair[1]), "one after the other");
    }
    events.into_iter().filter(|event| !event.ends_with(" begins")).collect()
}

#[tokio::test]
async fn dependencies_first_and_otherwise_as_they_were_registered() {
    let probe = Probe::default();
    let app = App::new()
        .plugin(noting(&probe, "users").depends_on("auth").depends_on("database"))
        .plugin(noting(&probe, "metrics"))
        .plugin(noting(&probe, "auth").depends_on("database"))
        .plugin(noting(&probe, "database"))
        .plugin(noting(&probe, "mail"));
    app.build().await.unwrap();
    assert_eq!(ended(&probe), ["metrics", "database", "auth", "users", "mail"]);
}

#[tokio::test]
async fn a_scopes_plugins_before_the_scopes_within_it() {
    let probe = Probe::default();
    let app = App::new()
        .scope("/a", |a| {
            let a = a.scope("/b", |b| b.plugin(noting(&probe, "in /a/b").depends_on("in /a").depends_on("app")));
            a.plugin(noting(&probe, "in /a").depends_on("app"))
        })
        .scope("/c", |c| c.plugin(noting(&probe, "in /c")))
        .plugin(noting(&probe, "app"));
    app.build().await.unwrap();
    assert_eq!(ended(&probe), ["app", "in /a", "in /a/b", "in /c"]);
}

/// As in Fastify: what a plugin registers is loaded before what was registered behind it, whether it shares its scope or not.
#[tokio::test]
async fn what_a_plugin_registers_comes_before_what_comes_behind_it() {
    for shared in [false, true] {
        let probe = Probe::default();
        let inner = [noting(&probe, "first within"), noting(&probe, "second within")];
        let note = probe.clone();
        let outer = plugin("outer", async move |scope: Scope| {
            note.note("outer begins");
            note.note("outer");
            Ok(inner.into_iter().fold(scope, Scope::plugin))
        });
        let app = App::new().plugin(noting(&probe, "before"));
        let app = if shared { app.plugin(outer.shared()) } else { app.plugin(outer) };
        app.plugin(noting(&probe, "behind")).build().await.unwrap();
        assert_eq!(ended(&probe), ["before", "outer", "first within", "second within", "behind"], "shared: {shared}");
    }
}

struct Db(&'static str);

/// A plugin that is a type.
struct Database {
    url: &'static str,
    shares: bool,
}

impl Plugin for Database {
    fn name(&self) -> &str {
        "database"
    }

    fn shares_scope(&self) -> bool {
        self.shares
    }

    async fn set_up(self, scope: Scope) -> Result<Scope> {
        Ok(scope
            .state(Db(self.url))
            .on_request(|_: &mut Request, reply: &mut Reply| {
                reply.set_header("x-db", "1");
            })
            .error_handler(|_: &mut Request, error: Error| format!("database: {error}"))
            .get("/db", |db: State<Db>| db.0))
    }
}

#[tokio::test]
async fn an_encapsulated_plugin_keeps_what_it_adds() {
    let fails = || -> Result<()> { Err(Error::conflict("no")) };
    let app = App::new().plugin(Database { url: "db://1", shares: false }).get("/fails", fails).scope("/in", |inner| {
        // The same plugin may be registered by scopes that are beside each other.
        inner.plugin(plugin("in", async |scope: Scope| {
            assert!(scope.get_state::<Db>().is_none(), "it is the other plugin's own");
            Ok(scope)
        }))
    });
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/db")).await.assert_text("db://1").assert_header("x-db", "1");
    let reply = server.inject(Inject::get("/fails")).await;
    assert_eq!(reply.assert_status(409).header("x-db"), None);
    assert!(reply.text().starts_with('{'), "{}", reply.text());
    server.inject(Inject::get("/nowhere")).await.assert_status(404);

    let problems =
        crate::problems(App::new().plugin(Database { url: "db://1", shares: false }).get("/app", |_: State<Db>| ()));
    crate::assert_told(&problems.await, &["GET /app ", "State<plugins::order::Db>, which nobody gave"]);
}

#[tokio::test]
async fn a_plugin_that_shares_its_scope_gives_it_all() {
    let fails = || -> Result<()> { Err(Error::conflict("no")) };
    let app = App::new()
        // Registered before the plugin, and part of the same scope.
        .get("/fails", fails)
        .scope("/a", |a| {
            a.plugin(Database { url: "db://a", shares: true })
                .get("/fails", fails)
                .scope("/in", |inner| inner.get("/", |db: State<Db>| db.0))
        })
        .scope("/b", |b| b.plugin(Database { url: "db://b", shares: true }).get("/fails", fails));
    let server = app.build().await.unwrap();
    for scope in ["a", "b"] {
        server.inject(Inject::get(format!("/{scope}/db"))).await.assert_text(&format!("db://{scope}"));
        let reply = server.inject(Inject::get(format!("/{scope}/fails"))).await;
        reply.assert_text("database: no").assert_header("x-db", "1");
    }
    server.inject(Inject::get("/a/in")).await.assert_text("db://a").assert_header("x-db", "1");
    let reply = server.inject(Inject::get("/fails")).await;
    assert!(reply.header("x-db").is_none() && reply.text().starts_with('{'), "what scopes share goes no further");
}

#[tokio::test]
async fn hooks_of_a_shared_plugin_come_behind_those_of_its_scope() {
    let probe = Probe::default();
    let note = |name: &'static str| {
        let probe = probe.clone();
        move |_: &mut Request| probe.note(name)
    };
    let (one, two) = (note("one"), note("two"));
    let app = App::new()
        .plugin(plugin("one", async move |scope: Scope| Ok(scope.on_request(one))).shared())
        .on_request(note("app"))
        .plugin(plugin("two", async move |scope: Scope| Ok(scope.on_request(two))).shared())
        .route(get("/", "x").on_request(note("route")));
    app.build().await.unwrap().inject(Inject::get("/")).await.assert_status(200);
    assert_eq!(probe.events(), ["app", "one", "two", "route"]);
}

#[tokio::test]
async fn a_set_up_sees_the_state_that_is_there_already() {
    let sees = |name: &'static str, depth: Option<&'static str>| {
        plugin(name, async move |scope: Scope| {
            let seen = scope.get_state::<Db>().map(|db| db.0);
            assert_eq!(seen, depth, "{name}");
            let scope = scope.state(Db("own"));
            assert_eq!(scope.get_state::<Db>().map(|db| db.0), Some("own"));
            Ok(scope)
        })
    };
    let app = App::new()
        .plugin(sees("before", None))
        .plugin(Database { url: "shared", shares: true })
        .plugin(sees("behind", Some("shared")))
        .plugin(sees("again", Some("shared")))
        .scope("/a", |a| a.plugin(sees("a", Some("shared"))))
        .scope("/b", |b| b.state(Db("b")).plugin(sees("b", Some("b"))))
        .plugin(plugin("nests", async move |scope: Scope| {
            Ok(scope.state(Db("nests")).plugin(sees("nested", Some("nests"))))
        }));
    app.build().await.unwrap();
}

/// A plugin takes a prefix from the scope that it is registered in.
#[tokio::test]
async fn a_plugin_below_a_prefix() {
    let health = || plugin("health", async |scope: Scope| Ok(scope.get("/health", "ok").get("/", "root")));
    let app = App::new().scope("/v1", |v1| v1.plugin(health())).scope("/v2/{x}", |v2| v2.plugin(health().shared()));
    let server = app.build().await.unwrap();
    for path in ["/v1/health", "/v2/7/health"] {
        server.inject(Inject::get(path)).await.assert_text("ok");
    }
    for path in ["/v1", "/v1/", "/v2/7"] {
        server.inject(Inject::get(path)).await.assert_text("root");
    }
    server.inject(Inject::get("/health")).await.assert_status(404);
}
