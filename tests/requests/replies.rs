//! Redirects, headers, `http::Response` and `Either` as answers.

use fastweb::prelude::*;
use fastweb::{Completed, Either};

#[tokio::test]
async fn redirects_are_302_unless_another_is_asked_for() {
    let app = App::new()
        .get("/default", || Reply::redirect("/there"))
        .get("/relative", || Reply::redirect("../there?a=b#c"))
        .get("/absolute", async || Reply::redirect("https://example.com/a b"))
        .get("/permanent", || Reply::redirect("/there").with_status(308))
        .get("/early", |_: &mut Request, reply: &mut Reply| {
            reply.set_status(303).set_redirect("/there");
        })
        .get("/late", |_: &mut Request, reply: &mut Reply| {
            reply.set_status(201).send("a body").unwrap();
            reply.set_redirect("/there");
        })
        .get("/hooked", "never reached")
        .on_request(|req: &mut Request| match req.path() {
            "/hooked" => Flow::reply(Reply::redirect("/login")),
            _ => Ok(Flow::Continue),
        });
    let server = app.build().await.unwrap();
    for (path, status, location) in [
        ("/default", 302, "/there"),
        ("/relative", 302, "../there?a=b#c"),
        ("/absolute", 302, "https://example.com/a%20b"),
        ("/permanent", 308, "/there"),
        ("/early", 303, "/there"),
        ("/late", 302, "/there"),
        ("/hooked", 302, "/login"),
    ] {
        let reply = server.inject(Inject::get(path)).await;
        reply.assert_status(status).assert_header("location", location).assert_header("content-length", "0");
        assert_eq!(reply.header("content-type"), None, "{path}");
    }
}

#[tokio::test]
async fn a_location_from_outside_cannot_add_a_header() {
    let go = |Query(pairs): Query<Vec<(String, String)>>| Reply::redirect(&pairs[0].1);
    let server = App::new().get("/go", go).build().await.unwrap();
    let reply = server.inject(Inject::get("/go?to=/a%0d%0aset-cookie:%20a=b")).await;
    reply.assert_status(302).assert_header("location", "/a%0D%0Aset-cookie:%20a=b");
    assert_eq!(reply.header("set-cookie"), None);
}

#[tokio::test]
async fn headers_are_set_added_looked_at_and_taken_away() {
    let handler = |_: &mut Request, reply: &mut Reply| {
        reply.set_header("x-a", "1").set_header("X-A", "2").append_header("x-a", "3").set_header("x-gone", "1");
        reply.set_header("set-cookie", "a=1").set_header("set-cookie", "b=2");
        assert!(reply.has_header("x-gone") && !reply.has_header("x-never") && !reply.has_header("content-type"));
        reply.remove_header("X-Gone").set_content_type(format!("text/{}", "csv"));
        assert!(!reply.has_header("x-gone") && reply.has_header("Content-Type"));
        reply.send("a,b")
    };
    let server = App::new().get("/", handler).build().await.unwrap();
    let reply = server.inject(Inject::get("/")).await;
    let of = |name: &str| -> Vec<String> {
        reply.headers().filter(|(n, _)| *n == name).map(|(_, value)| value.to_owned()).collect()
    };
    assert_eq!((of("x-a"), of("set-cookie")), (vec!["2".into(), "3".into()], vec!["a=1".into(), "b=2".into()]));
    assert_eq!((of("x-gone"), of("content-type")), (vec![], vec!["text/csv".to_owned()]));
}

#[tokio::test]
async fn headers_that_cannot_be_sent_fail_the_request() {
    for (name, value) in [("x-a", "b\r\nc: d"), ("x a", "b"), ("x-a", " b"), ("content-type", "a\nb")] {
        let app = App::new().get("/", move || Reply::text("x").with_header(name, value));
        let reply = app.build().await.unwrap().inject(Inject::get("/")).await;
        reply.assert_status(500);
        assert_eq!(reply.json::<serde_json::Value>()["code"], "FW_ERR_INVALID_HEADER", "{name:?} {value:?}");
    }
    let typed = || Reply::text("x").with_content_type(String::from("a\r\nb"));
    let server = App::new().get("/", typed).build().await.unwrap();
    server.inject(Inject::get("/")).await.assert_status(500);
}

#[tokio::test]
async fn responses_of_the_http_crate_are_answers() {
    fn respond<B>(body: B) -> http::Response<B> {
        let response = http::Response::builder().status(201).header("x-a", "1").header("x-a", "2");
        response.header("content-type", "text/x-thing").body(body).unwrap()
    }
    let app = App::new()
        .get("/bytes", || respond(Bytes::from_static(b"body")))
        .get("/string", async || respond(String::from("body")))
        .get("/str", || respond("body"))
        .get("/body", || respond(Body::from_reader(&b"body"[..], None)))
        .get("/result", || -> Result<http::Response<Vec<u8>>> { Ok(respond(b"body".to_vec())) })
        .get("/unit", || http::Response::new(()))
        .get("/constant", respond("body"))
        .get("/interim", || http::Response::builder().status(103).body("").unwrap());
    let server = app.build().await.unwrap();
    for path in ["/bytes", "/string", "/str", "/body", "/result", "/constant"] {
        let reply = server.inject(Inject::get(path)).await;
        reply.assert_status(201).assert_text("body").assert_header("content-type", "text/x-thing");
        assert_eq!(reply.headers().filter(|(name, _)| *name == "x-a").count(), 2, "{path}");
    }
    server.inject(Inject::get("/unit")).await.assert_status(200).assert_text("").assert_header("content-length", "0");
    server.inject(Inject::get("/interim")).await.assert_status(500);
}

#[tokio::test]
async fn either_answer_is_sent() {
    let which =
        |Path(left): Path<bool>| if left { Either::Left(Json(1)) } else { Either::Right(Error::conflict("no")) };
    let server = App::new().get("/{left}", which).build().await.unwrap();
    server.inject(Inject::get("/true")).await.assert_text("1");
    server.inject(Inject::get("/false")).await.assert_status(409);
}

#[tokio::test]
async fn the_elapsed_time_is_known_where_the_request_is_timed() {
    let elapsed = async |req: &mut Request| {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        req.elapsed().map_or("unknown".to_owned(), |time| (time.as_millis() >= 2).to_string())
    };
    let timed = get("/timed", elapsed).on_response(|_: &mut Request, _: &Completed| ());
    let server = App::new().route(timed).get("/", elapsed).build().await.unwrap();
    server.inject(Inject::get("/timed")).await.assert_text("true");
    server.inject(Inject::get("/")).await.assert_text("unknown");
}
