//! Answers that are larger than memory, or have no end: a table of any number of readings as a JSON array, as lines and as CSV, and a clock.
//!
//! ```text
//! cargo run --release --example stream [ADDRESS]
//!
//! curl 'http://127.0.0.1:3000/readings?count=3'
//! curl 'http://127.0.0.1:3000/readings.ndjson?count=100000000' | head
//! curl 'http://127.0.0.1:3000/readings.csv?count=3'
//! curl http://127.0.0.1:3000/readings/mean --data-binary $'{"sensor":1,"celsius":20.5}\n{"sensor":2,"celsius":21.5}\n'
//! curl -N http://127.0.0.1:3000/clock
//! ```

mod readings;

use std::time::Duration;

use fastweb::prelude::*;
use fastweb::{BodyClosed, JsonStream, JsonWriter, Stopping};
use readings::{Reading, Table};
use tokio::io::AsyncBufReadExt;

#[derive(serde::Deserialize)]
struct Range {
    count: u64,
}

/// A page at a time is asked of the table, and the next one when the client has read most of the one before. An error of the table breaks the
/// transfer: the client never takes a part for the whole.
async fn array(Query(Range { count }): Query<Range>) -> JsonStream<Reading> {
    JsonStream::from_fn(async move |out: &mut JsonWriter<Reading>| {
        let mut table = Table::open(count);
        while let Some(page) = table.next_page().await? {
            for reading in &page {
                out.send(reading).await?;
            }
        }
        Ok(())
    })
}

/// The same, a line each: clients need not wait for the end to use the first.
async fn lines(range: Query<Range>) -> JsonStream<Reading> {
    array(range).await.lines()
}

/// From a thread of its own, as a driver that blocks needs it: the channel holds 64 KiB, and a client that reads slowly holds up the thread.
fn csv(Query(Range { count }): Query<Range>) -> Reply {
    let (mut sender, body) = Body::channel(64 * 1024);
    std::thread::spawn(move || -> Result<(), BodyClosed> {
        sender.blocking_send("sensor,celsius\n")?;
        for Reading { sensor, celsius } in Table::open(count).rows() {
            // Fails when the client is gone.
            sender.blocking_send(format!("{sensor},{celsius}\n"))?;
        }
        sender.finish();
        Ok(())
    });
    Reply::new().with_body(body).with_content_type("text/csv")
}

/// What comes in is read by the line and forgotten.
async fn mean(body: Body) -> Result<String> {
    let (mut sum, mut count) = (0.0, 0_u32);
    let mut lines = body.lines();
    while let Some(line) = lines.next_line().await? {
        let Reading { celsius, .. } =
            serde_json::from_str(&line).map_err(|error| Error::bad_request(format!("line {}: {error}", count + 1)))?;
        sum += celsius;
        count += 1;
    }
    Ok(format!("{:.2}\n", sum / f64::from(count.max(1))))
}

/// Ends well when the server stops. Without that it would be broken off when the server's patience is over.
fn clock(stopping: Stopping) -> Body {
    Body::from_fn(async move |out| {
        for second in 0.. {
            out.send(format!("{second}\n")).await;
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
                () = stopping.cancelled() => break,
            }
        }
        Ok(())
    })
}

fn main() -> Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    App::new()
        .get("/readings", array)
        .get("/readings.ndjson", lines)
        .get("/readings.csv", csv)
        .route(post("/readings/mean", mean).body_limit(u64::MAX))
        .get("/clock", clock)
        .on_listen(|address| println!("http://{address}"))
        .run(address)
}
