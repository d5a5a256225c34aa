//! `examples/stream`.

use super::*;

fn start() -> Example {
    Example::start("stream", &[ANY_PORT])
}

#[test]
fn readings_in_every_form() {
    let stream = start();
    let mut client = stream.connect();
    assert_eq!(client.get("/readings?count=0").expect(200).json(), json!([]));
    let array = client.get("/readings?count=1234").expect(200);
    assert_eq!(array.header("transfer-encoding"), Some("chunked"));
    let array = array.json();
    assert_eq!(array.as_array().map(Vec::len), Some(1234));
    assert_eq!(array[7], json!({ "sensor": 7, "celsius": 15.7 }));
    let lines = client.get("/readings.ndjson?count=1234").expect(200);
    assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
    let read: Vec<Value> = lines.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(Value::from(read), array);
    let csv = client.get("/readings.csv?count=3").expect(200);
    assert_eq!(csv.text(), "sensor,celsius\n0,15\n1,15.1\n2,15.2\n");
    let mean = client.call("POST", "/readings/mean", &[], lines.text().as_bytes()).expect(200);
    assert_eq!(mean.text(), "19.86\n");
    client.call("POST", "/readings/mean", &[], b"{\"sensor\":1}\n").expect(400);
}

#[test]
fn nobody_waits_for_a_client_that_has_enough() {
    let stream = start();
    for target in
        ["/readings?count=100000000000", "/readings.ndjson?count=100000000000", "/readings.csv?count=100000000000"]
    {
        let mut client = stream.connect();
        client.send(&request("GET", target, &[], b""));
        client.read_head().expect(200);
        for _ in 0..5 {
            assert!(client.read_chunk().is_some());
        }
    }
    stream.terminate();
    let ended = stream.ended();
    assert!(ended.status.success(), "{}", ended.stderr);
}

#[test]
fn the_clock_stops_with_the_server() {
    let stream = start();
    let mut client = stream.connect();
    client.send(&request("GET", "/clock", &[], b""));
    client.read_head().expect(200);
    assert_eq!(client.read_chunk().as_deref(), Some(&b"0\n"[..]));
    let asked = Instant::now();
    stream.terminate();
    while client.read_chunk().is_some() {}
    assert!(stream.ended().status.success());
    assert!(asked.elapsed() < Duration::from_secs(15), "half of the time that shutdown waits for those that go on");
}
