//! Prefixes: how the paths of scopes are joined.

use fastweb::prelude::*;

use crate::fault;

async fn pattern(req: &mut Request) -> String {
    req.route_pattern().unwrap_or("none").to_owned()
}

#[tokio::test]
async fn prefixes_are_joined() {
    let app = App::new()
        .scope("/a", |a| {
            a.get("/", pattern)
                .get("/x", pattern)
                .scope("/b", |b| b.get("/y", pattern).scope("/c/d", |c| c.get("/z", pattern)))
                .scope("", |same| same.get("/same", pattern))
                .scope("/", |same| same.get("/slash", pattern))
        })
        .scope("/trailing/", |trailing| trailing.get("/x", pattern).get("/", pattern))
        .scope("", |root| root.get("/", pattern))
        .scope("/exact", |exact| exact.get("", pattern));
    let server = app.build().await.unwrap();
    for (path, expected) in [
        ("/", "/"),
        ("/a", "/a"),
        ("/a/", "/a"),
        ("/a/x", "/a/x"),
        ("/a/b/y", "/a/b/y"),
        ("/a/b/c/d/z", "/a/b/c/d/z"),
        ("/a/same", "/a/same"),
        ("/a/slash", "/a/slash"),
        ("/trailing/x", "/trailing/x"),
        ("/trailing", "/trailing"),
        ("/trailing/", "/trailing"),
        ("/exact", "/exact"),
    ] {
        server.inject(Inject::get(path)).await.assert_status(200).assert_text(expected);
    }
    for path in ["/a/x/", "/a//x", "/ax", "/x", "/b/y", "/trailing//x", "/exact/", "//", "/a/b", "/a/b/"] {
        server.inject(Inject::get(path)).await.assert_status(404);
    }
}

#[tokio::test]
async fn parameters_of_prefixes_come_first() {
    let app = App::new().scope("/teams/{team}", |team| {
        team.get("/", |Path(team): Path<String>| team).scope("/users/{user}", |user| {
            user.get("/{post}", |Path(all): Path<(String, u32, String)>| format!("{all:?}"))
                .get("/", |req: &mut Request| format!("{:?} {:?}", req.param("team"), req.param("user")))
        })
    });
    let server = app.build().await.unwrap();
    for (path, expected) in [
        ("/teams/blue", "blue"),
        ("/teams/blue/", "blue"),
        ("/teams/a%2Fb", "a/b"),
        ("/teams/blue/users/7/x%20y", r#"("blue", 7, "x y")"#),
        ("/teams/blue/users/7", r#"Some("blue") Some("7")"#),
        ("/teams/blue/users/7/", r#"Some("blue") Some("7")"#),
    ] {
        server.inject(Inject::get(path)).await.assert_status(200).assert_text(expected);
    }
    for path in ["/teams", "/teams/", "/teams//"] {
        server.inject(Inject::get(path)).await.assert_status(404);
    }
}

/// One problem per scope, with the place where it is opened.
#[tokio::test]
async fn prefixes_that_are_none_are_told() {
    let (app, slash) = (App::new().scope("v1", |v1| v1.get("/x", "x")), line!());
    let (app, rest) = (app.scope("/files/{*path}", |files| files.scope("/in", |inner| inner)), line!());
    let (app, nested) = (app.scope("/ok", |ok| ok.scope("inner", |inner| inner)), line!());
    let message = fault(app).await;
    for (line, words) in [
        (slash, r#"the scope "v1""#),
        (slash, r#"begin with a slash; write "/v1""#),
        (rest, r#"the scope "/files/{*path}""#),
        (rest, "takes all that follows"),
        (nested, r#"the scope "inner""#),
    ] {
        let place = format!("tests/scopes/prefixes.rs:{line}");
        let told = message.lines().any(|problem| problem.contains(&place) && problem.contains(words));
        assert!(told, "{place} {words}: {message}");
    }
}

/// `/v1users` is not what anybody means.
#[tokio::test]
async fn a_path_below_a_prefix_begins_with_a_slash_too() {
    let (app, line) = (App::new().scope("/v1", |v1| v1.get("users", "x").get("{id}", "x")), line!());
    let message = fault(app).await;
    for words in [r#"write "/users""#, r#"write "/{id}""#] {
        let told =
            message.lines().any(|problem| problem.contains(&format!("prefixes.rs:{line}")) && problem.contains(words));
        assert!(told, "{words}: {message}");
    }
    assert!(message.contains("2 problems"), "{message}");
}

#[tokio::test]
async fn a_route_that_is_there_twice_through_prefixes_is_told_with_its_whole_path() {
    let (app, first) = (App::new().get("/v1/users/{id}", "1"), line!());
    let (app, second) = (app.scope("/v1", |v1| v1.scope("/users", |users| users.get("/{name}", "2"))), line!());
    let (app, third) = (app.get("/v1/", "3").scope("/v1", |v1| v1.get("/", "4")), line!());
    let message = fault(app).await;
    assert!(message.contains("2 problems"), "{message}");
    let one = message.lines().find(|problem| problem.contains("/v1/users/{name}")).unwrap_or_default();
    for place in [first, second] {
        assert!(one.contains(&format!("prefixes.rs:{place}")), "{place}: {message}");
    }
    let two = message.lines().find(|problem| problem.contains("GET /v1/ ")).unwrap_or_default();
    assert!(two.contains(&format!("prefixes.rs:{third}")), "{message}");
}

/// The second path of `/` is the same one then, and no duplicate.
#[tokio::test]
async fn the_slash_below_a_prefix_where_slashes_at_the_end_are_passed_over() {
    let options = fastweb::RouterOptions::default().ignore_trailing_slash(true);
    let app = App::new().router(options).scope("/a", |a| {
        a.get("/", pattern).get("/x", pattern).scope("/{id}/b", |b| b.get("/", pattern).post("/", pattern))
    });
    let server = app.build().await.unwrap();
    for (path, expected) in [
        ("/a", "/a"),
        ("/a/", "/a"),
        ("/a/x", "/a/x"),
        ("/a/x/", "/a/x"),
        ("/a/7/b", "/a/{id}/b"),
        ("/a/7/b/", "/a/{id}/b"),
    ] {
        server.inject(Inject::get(path)).await.assert_status(200).assert_text(expected);
    }
    server.inject(Inject::put("/a/7/b/")).await.assert_status(405).assert_header("allow", "GET, HEAD, POST, OPTIONS");
}

#[tokio::test]
async fn every_form_of_path_stands_below_a_prefix() {
    let app = App::new().scope("/{team:u64}", |team| {
        team.get("/{from}-{to}", |Path(p): Path<(u64, String, String)>| format!("{p:?}"))
            .get("/{file}.png", |Path((_, file)): Path<(u64, String)>| file)
            .get("/files/{*rest?}", |Path((_, rest)): Path<(u64, Option<String>)>| format!("{rest:?}"))
            .get("/maybe/{id?}", |req: &mut Request| format!("{:?}", req.param("id")))
    });
    let server = app.build().await.unwrap();
    for (path, expected) in [
        ("/7/a-b", r#"(7, "a", "b")"#),
        ("/7/logo.png", "logo"),
        ("/7/files/a/b", r#"Some("a/b")"#),
        ("/7/maybe/1", r#"Some("1")"#),
        ("/7/maybe", "None"),
    ] {
        server.inject(Inject::get(path)).await.assert_status(200).assert_text(expected);
    }
    for path in ["/x/a-b", "/x/maybe"] {
        server.inject(Inject::get(path)).await.assert_status(404);
    }
}
