//! Bodies that come piece by piece.

use std::sync::Arc;

use fastweb::prelude::*;
use tokio::sync::Notify;

use crate::decoders::{ALL, decode, decode_begun};
use crate::support::server::TestServer;
use crate::text;

fn typed(body: Body) -> Reply {
    Reply::new().with_body(body).with_content_type("text/plain")
}

/// Pieces of these lengths, each after it was waited for.
fn pieces(lengths: &'static [usize]) -> Reply {
    typed(Body::from_fn(async move |out| {
        for &len in lengths {
            tokio::task::yield_now().await;
            out.send(text(len)).await;
        }
        Ok(())
    }))
}

#[tokio::test]
async fn streams_come_back_as_they_were() {
    const SMALL: &[usize] = &[1, 0, 10, 5000, 3];
    const LARGE: &[usize] = &[100_000, 1, 20_000, 16_384, 16_383];
    let app = App::new()
        .plugin(Compression::new())
        .get("/small", || pieces(SMALL))
        .get("/large", || pieces(LARGE))
        .get("/empty", || pieces(&[]))
        .get("/at-once", || typed(Body::from_poll_fn(at_once())));
    let server = app.build().await.unwrap();
    for coding in ALL {
        for (path, expected) in [
            ("/small", SMALL.iter().map(|&len| text(len)).collect::<String>()),
            ("/large", LARGE.iter().map(|&len| text(len)).collect()),
            ("/empty", String::new()),
            ("/at-once", text(7).repeat(30_000)),
        ] {
            let reply = server.inject(Inject::get(path).header("accept-encoding", coding)).await;
            reply.assert_status(200).assert_header("content-encoding", coding).assert_header("vary", "accept-encoding");
            assert_eq!(reply.header("content-length"), None, "{coding} {path}");
            assert!(decode(coding, reply.body()) == expected.as_bytes(), "{coding} {path}");
        }
    }
    // What is there without waiting is not sent in little pieces.
    let reply = server.inject(Inject::get("/at-once").header("accept-encoding", "gzip")).await;
    assert!(reply.body().len() < 2000, "{}", reply.body().len());
}

/// Many short pieces, none of which is waited for.
fn at_once() -> impl FnMut(&mut std::task::Context<'_>) -> std::task::Poll<Option<Result<fastweb::Bytes>>> {
    let mut left = 30_000;
    move |_| {
        left -= 1;
        std::task::Poll::Ready((left >= 0).then(|| Ok(text(7).into())))
    }
}

#[tokio::test]
async fn a_short_stream_of_a_known_length_stays_as_it_is() {
    let short = || typed(Body::from_reader(&b"ten bytes!"[..], 10));
    let server = App::new().plugin(Compression::new()).get("/", short).build().await.unwrap();
    let reply = server.inject(Inject::get("/").header("accept-encoding", "gzip")).await;
    reply.assert_header("content-length", "10").assert_text("ten bytes!");
    assert_eq!(reply.header("content-encoding"), None);
}

#[test]
fn what_was_sent_can_be_read_before_the_stream_goes_on() {
    for coding in ALL {
        let (go_on, waits) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (notified, told) = (go_on.clone(), waits.clone());
        let body = move || {
            let notified = notified.clone();
            typed(Body::from_fn(async move |out| {
                for n in 0..3 {
                    out.send(format!("piece {n}. ")).await;
                    notified.notified().await;
                }
                Ok(())
            }))
        };
        let server = TestServer::start(App::new().plugin(Compression::new()).get("/", body));
        let mut client = crate::support::client::Client::connect(server.address);
        client.send(format!("GET / HTTP/1.1\r\nhost: a\r\naccept-encoding: {coding}\r\n\r\n").as_bytes());
        client.read_head();
        let mut come = Vec::new();
        let mut expected = String::new();
        for n in 0..3 {
            expected.push_str(&format!("piece {n}. "));
            while decode_begun(coding, &come) != expected.as_bytes() {
                come.extend(client.read_chunk().expect("the stream goes on"));
            }
            go_on.notify_one();
        }
        while let Some(chunk) = client.read_chunk() {
            come.extend(chunk);
        }
        assert_eq!(decode(coding, &come), expected.as_bytes());
        told.notify_one();
        drop(waits);
    }
}

#[tokio::test]
async fn what_breaks_off_stays_broken_and_trailers_follow() {
    let broken = || {
        typed(Body::from_fn(async |out| {
            out.send(text(5000)).await;
            Err(Error::internal("no more"))
        }))
    };
    let summed = || {
        typed(Body::from_fn(async |out| {
            out.send(text(5000)).await;
            out.set_trailer("x-sum", "7")
        }))
    };
    let server =
        App::new().plugin(Compression::new()).get("/broken", broken).get("/sum", summed).build().await.unwrap();
    let reply = server.inject(Inject::get("/broken").header("accept-encoding", "gzip")).await;
    assert!(reply.is_broken());
    let reply = server.inject(Inject::get("/sum").header("accept-encoding", "gzip").header("te", "trailers")).await;
    assert!(decode("gzip", reply.body()) == text(5000).as_bytes());
    assert_eq!(reply.trailer("x-sum"), Some("7"));
}
