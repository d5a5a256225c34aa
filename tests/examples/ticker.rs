//! `examples/ticker`.

use super::*;

/// One whose prices change only when they are told to.
fn start() -> Example {
    Example::start("ticker", &[ANY_PORT, "0"])
}

fn change(example: &Example, cents: u64) {
    let price = json!({ "symbol": "FWB", "cents": cents }).to_string();
    example.connect().json("PUT", "/prices", &[], &price).expect(204);
}

/// Opens the stream, and gives the client behind its head.
fn listen(example: &Example, last: &str) -> support::client::Client {
    let mut client = example.connect();
    let headers = [("last-event-id", last)];
    client.send(&request("GET", "/events", if last.is_empty() { &[] } else { &headers }, b""));
    assert_eq!(client.read_head().expect(200).header("content-type"), Some("text/event-stream"));
    client
}

/// What comes until `end` is in it.
fn read(client: &mut support::client::Client, end: &str) -> String {
    let mut text = String::new();
    while !text.contains(end) || !text.ends_with("\n\n") {
        text.push_str(std::str::from_utf8(&client.read_chunk().expect("it goes on")).expect("UTF-8"));
    }
    text
}

#[test]
fn a_client_that_comes_back_gets_the_prices_that_it_has_missed() {
    let ticker = start();
    assert!(ticker.connect().get("/").expect(200).text().contains("<h1>Ticker</h1>"));
    change(&ticker, 100);
    let mut client = listen(&ticker, "");
    let text = read(&mut client, "\"cents\":100}");
    assert!(text.starts_with("retry: 1000\n\nid: "), "{text:?}");
    let (_, last) = text.trim_end().rsplit_once("id: ").expect("it has an id");
    drop(client);
    change(&ticker, 200);
    change(&ticker, 300);
    let mut client = listen(&ticker, last);
    let text = read(&mut client, "\"cents\":300}");
    assert!(text.contains("\"cents\":200}") && !text.contains("\"cents\":100}"), "{text:?}");
    ticker.terminate();
    let mut rest = Vec::new();
    while let Some(chunk) = client.read_chunk() {
        rest.extend(chunk);
    }
    assert_eq!(String::from_utf8_lossy(&rest), "retry: 5000\n\n");
    assert!(ticker.ended().status.success());
}

#[test]
fn prices_change_by_themselves() {
    let ticker = Example::start("ticker", &[ANY_PORT, "1"]);
    let mut client = listen(&ticker, "");
    let mut prices = 0;
    while prices < 5 {
        prices += read(&mut client, "event: price").matches("event: price").count();
    }
}
