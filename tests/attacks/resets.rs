//! Resets at any moment: what a connection had is given back.

use std::time::Duration;

use crate::child::{Child, HELLO};
use crate::support::eventually;

#[test]
fn at_any_moment() {
    let server = Child::start("");
    let mut normal = server.client();
    // When it answers, all workers have what they need.
    assert_eq!(normal.ask(HELLO).summary(), "200 - hello");
    let files = server.files();
    let talks = [
        HELLO.to_owned(),
        HELLO.repeat(50),
        "GET /payload HTTP/1.1\r\nHost: x\r\n\r\n".repeat(50),
        "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        "GET /he".to_owned(),
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhello".to_owned(),
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel".to_owned(),
        "nonsense\r\n\r\n".to_owned(),
        "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
    ];
    for round in 0..40_u64 {
        for talk in &talks {
            let mut client = server.client();
            client.try_send(talk.as_bytes());
            // Sometimes at once, sometimes in the middle, sometimes behind the answer.
            std::thread::sleep(Duration::from_micros(round % 8 * 150));
            client.reset();
        }
        assert_eq!(normal.ask(HELLO).summary(), "200 - hello");
    }
    server.wait_until_alone(&mut normal);
    eventually("all files are closed", || server.files() == files);
    println!("resets: {:?}", server.counts(&mut normal));
}
