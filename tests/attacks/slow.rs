//! Clients that send as slowly as they can. Others do not notice, and each slow one is closed when its time is over.

use std::time::Duration;

use crate::child::{Child, requests_for};
use crate::support::socket::Client;

/// Of each kind.
const SLOW: usize = 150;

#[test]
fn heads_and_bodies_that_do_not_end() {
    let server = Child::start("head_timeout=2000 body_timeout=2000");
    let mut normal = server.client();
    let quiet = requests_for(&mut normal, Duration::from_millis(500));
    let head = "GET /hello HTTP/1.1\r\nHost: x\r\nX-Slow: ";
    let stuck = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx";
    let dribbling = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    let open = |start: &str| -> Vec<Client> {
        (0..SLOW)
            .map(|_| {
                let mut client = server.client();
                client.send(start);
                client
            })
            .collect()
    };
    let (mut heads, mut bodies, mut dribblers) = (open(head), open(stuck), open(dribbling));
    let attacked = std::thread::scope(|scope| {
        let attack = scope.spawn(|| {
            // A byte of a head and a chunk of a byte, now and then: no pause is too long.
            for _ in 0..30 {
                for client in &mut heads {
                    client.try_send(b"x");
                }
                for client in &mut dribblers {
                    client.try_send(b"1\r\nx\r\n");
                }
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        let attacked = requests_for(&mut normal, Duration::from_secs(6));
        attack.join().expect("no panic");
        attacked
    });
    println!(
        "slow: p99 {:?} of {} quiet, {:?} of {} beside {} slow clients",
        quiet.1,
        quiet.0,
        attacked.1,
        attacked.0,
        3 * SLOW
    );
    for client in heads.iter_mut().chain(&mut bodies).chain(&mut dribblers) {
        assert_eq!(client.answer().summary(), "408 close FW_ERR_REQUEST_TIMEOUT");
    }
    let counts = server.counts(&mut normal);
    for kind in ["head_timeouts", "body_timeouts", "bodies_too_slow"] {
        assert_eq!(counts[kind], SLOW as u64, "{kind}");
    }
    drop((heads, bodies, dribblers));
    server.wait_until_alone(&mut normal);
}
